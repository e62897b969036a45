"""Keys that an application keeps on the device under a name: shared preferences, user defaults, secure storage.

What users stored there before a move is OpenRouter's key. Where the application has a key of its own as well (a variable), the entry gets
a new name wherever the tree reads, writes or removes it, so that the stored key is not read any more: a stored setting is no variable, but
it has the same contract. https://pub.dev/packages/shared_preferences,
https://developer.apple.com/documentation/foundation/userdefaults, https://developer.android.com/training/data-storage/shared-preferences
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.catalog.variables import says_openrouter
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Arg, Assign, Call, Item, Node, Param, Str, children
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.origins import origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_READS = frozenset(("getString", "read", "string", "object", "getItem"))
_USES = _READS | {
    "setString", "putString", "write", "set", "setValue", "setItem", "remove", "removeObject", "removeItem", "delete", "contains",
    "containsKey", "getStringList",
}  # fmt: skip
_ENTRY = frozenset((None, "key", "forKey"))
"""How the argument that names the entry is called."""
_CAMEL = regex(r"[a-z][A-Z]")


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry by its name, and every text in the tree that is its name."""

    name: str
    places: tuple[tuple[str, Str], ...]
    """Path and literal."""


def stored_entry(repository: Repository, node: Node, scope: Scope) -> StoredEntry | None:
    """The entry that an expression reads, where it can be given another name; None for anything else.

    Each text of the tree that is the entry's name has to name it in a call to a store, or to be the value of a constant.
    """
    if scope.module().language not in LANGUAGES or not isinstance(node, Call) or last_name(node.func) not in _READS:
        return None
    name = next((arg.value for arg in node.args if arg.name in _ENTRY), None)
    texts = {origin.node.value for origin in origins(repository, name, scope) if isinstance(origin.node, Str)} if name else set()
    if len(texts) != 1 or not says_openrouter(entry := texts.pop()):
        return None
    places: list[tuple[str, Str]] = []
    for path in sorted(repository.paths):
        file = repository.files.get(path)
        if file is None or entry not in file.source.text:
            continue
        for literal, around in _literals(file.module.body, entry):
            if not _names_entry(literal, around):
                return None
            places.append((path, literal))
    return StoredEntry(entry, tuple(places)) if places else None


def renamed_entry(name: str, key_env: str) -> str:
    """The new name of an entry, spelled like the old one: `mg_key`, `mg-key`, `mgKey`."""
    words = key_env.lower().split("_")
    if _CAMEL.search(name):
        return words[0] + "".join(word.capitalize() for word in words[1:])
    return ("-" if "-" in name else "_").join(words)


def _literals(body: tuple[Node, ...], text: str) -> Iterator[tuple[Str, Node | Arg | Item | Param | None]]:
    """The literals that are this text, each with the node around it; the call for an argument."""
    stack: list[tuple[Node | Arg | Item | Param, Node | Arg | Item | Param | None]] = [(node, None) for node in body]
    while stack:
        node, around = stack.pop()
        if isinstance(node, Str) and node.value == text:
            yield node, around
        inside = around if isinstance(node, Arg) else node
        stack += [(child, inside) for child in children(node)]


def _names_entry(literal: Str, around: Node | Arg | Item | Param | None) -> bool:
    match around:
        case Call(func=func, args=args):
            return last_name(func) in _USES and any(arg.value is literal and arg.name in _ENTRY for arg in args)
        case Assign(value=value):
            return value is literal
        case _:
            return False

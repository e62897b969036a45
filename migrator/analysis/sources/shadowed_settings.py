"""Settings of Spring that the environment gives by themselves: `openrouter.api-key` is read from `OPENROUTER_API_KEY` before any file is asked.

An entry `openrouter.api-key: ${MG_KEY}` would lose to the old variable for as long as that is set anywhere. So the setting gets another last
word, `openrouter.mg-api-key`, in the files and wherever a program of the tree asks for it by its name; no variable from before fits that.
https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.catalog.variables import says_openrouter, target_stem
from migrator.discover import path_kinds
from migrator.formats.config.env_entries import SPRING_FILE
from migrator.formats.tree import Arg, Item, Node, Obj, Param, Str, children
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile, Repository

_READERS = (".java", ".kt", ".kts", ".groovy")
_BOUND = regex(r"@ConfigurationProperties\s*\(\s*(?:(?:prefix|value)\s*=\s*)?\"([\w.\-]*)\"")


@dataclass(frozen=True, slots=True)
class RenamedSetting:
    """A setting with its new name, and the last word of the old one at every place that names it."""

    name: str
    new: str
    places: tuple[tuple[str, Span], ...]


def renamed_setting(repository: Repository, name: str, key_env: str) -> RenamedSetting | None:
    """The setting under another name; None where something may ask for it that cannot be changed with it."""
    if not says_openrouter(name.upper()):
        return None  # what reads it need not be among the files that were read
    above, _, last = name.rpartition(".")
    new = f"{above}.{_word(last, target_stem(key_env).lower())}".lstrip(".")
    letters = r"[.\-_]?".join(re.escape(letter) for letter in re.sub(r"[.\-_]", "", name))
    asked = re.compile(rf"(?:\$\{{|getProperty\(\s*\")({letters})(?![\w.\-])", re.IGNORECASE)
    places: list[tuple[str, Span]] = []
    for path in sorted(repository.files):
        file = repository.files[path]
        text = file.source.text
        if SPRING_FILE.fullmatch(posixpath.basename(path)):
            places += [(path, span) for span in _entries(file, name)]
        if path.endswith(_READERS):
            if any(_binds(match[1], name) for match in _BOUND.finditer(text)):
                return None
            spans = [Span(match.start(), match.end()) for match in _named(name).finditer(text)]
            if any(match[1] != name and not match[1].isupper() for match in asked.finditer(text)):
                return None
            places += [(path, Span(span.end - len(name.rpartition(".")[2]), span.end)) for span in spans]
        elif not path_kinds.is_document(path) and _named(name).search(text) and not _is_flat_entry(path, text, name):
            return None
    return RenamedSetting(name, new, tuple(dict.fromkeys(places)))


def _word(last: str, stem: str) -> str:
    """`mg-api-key` for `api-key`, `mgApiKey` for `apiKey`."""
    camel = last != last.lower() and "-" not in last
    return f"{stem}{last[0].upper()}{last[1:]}" if camel else f"{stem}-{last}"


def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.\-]){re.escape(name)}(?![\w.\-])")


def _binds(prefix: str, name: str) -> bool:
    """Does a class take everything under a prefix, the setting among it, by the names of its fields?"""
    return not prefix or name == prefix or name.startswith(f"{prefix}.")


def _is_flat_entry(path: str, text: str, name: str) -> bool:
    """Is every mention in a file of Spring's the entry itself, and no reference to it?"""
    if not SPRING_FILE.fullmatch(posixpath.basename(path)):
        return False
    return not any(text[max(0, match.start() - 2) : match.start()] == "${" for match in _named(name).finditer(text))


def _entries(file: ParsedFile, name: str) -> Iterator[Span]:
    """The last word of the entry's own name, in a flat file or a nested one."""
    stack: list[tuple[Node | Arg | Item | Param, str]] = [(node, "") for node in file.module.body]
    while stack:
        node, before = stack.pop()
        if isinstance(node, Obj):
            for item in node.items:
                if isinstance(item.key, Str):
                    full = f"{before}{item.key.value}"
                    if full == name:
                        inner = item.key.inner
                        yield Span(inner.end - len(name.rpartition(".")[2]), inner.end)
                    stack.append((item.value, f"{full}."))
        elif not isinstance(node, (Arg, Item, Param, Str)):
            stack += [(child, before) for child in children(node) if isinstance(child, Obj)]

"""Files that name OpenRouter nowhere and take part all the same: found by what the first reading brought up."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from migrator.catalog import model_variants
from migrator.discover import path_kinds
from migrator.discover.needles import DIALECT
from migrator.discover.prefilter import sift_for
from migrator.facts.model import Facts, UrlFact
from migrator.facts.read import read
from migrator.formats.detect import LANGUAGE_ENDINGS
from migrator.formats.tree import Assign, Call, Class, Func, Item, Name, Str
from migrator.integrations.exchange import Method
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole, last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.settings_files import is_overridden

MAX_FETCHED = 400
"""Files that may be read in this way; a constant that more use is no longer followed."""
MAX_BYTES = 1 << 20

_DATA = (".yaml", ".yml", ".toml", ".json")
_ENDINGS = (
    ".py", ".ipynb", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte",
    ".sh", ".bash", ".zsh", ".env", *_DATA, *LANGUAGE_ENDINGS,
)  # fmt: skip
_TELLING = regex(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z]+(?:[A-Z][a-z0-9]+)+Url|[a-z]+_[a-z_]*(?:url|base)")
"""Names of constants that say enough to be looked for anywhere; others count only next to an import of their module."""
_PLAIN = regex(r"[A-Za-z_]\w{2,}")
_UNIVERSAL = frozenset({"index", "main", "src", "lib", "app", "__main__"})
"""Modules of these names are imported by their folder's name, or everywhere."""
_DIALECT = frozenset((*DIALECT, b"extra_body", b"extraBody", b"providerOptions"))
"""Words of files that may put options into the requests of a module that talks to OpenRouter."""
_BUILDING = frozenset(
    {b"}_API_KEY", b"}_KEY", b'"_API_KEY"', b"'_API_KEY'", b'+ "_KEY"', b"+ '_KEY'", b'"%s_API_KEY"', b"'%s_API_KEY'"}
)
"""How programs spell a variable's name that they put together."""


def related_facts(
    root: Path,
    repository: Repository,
    facts: Collection[Facts],
    known: frozenset[str],
    lowered: Callable[[str, bytes], ParsedFile | None],
) -> list[Facts]:
    """Facts of files that do not name OpenRouter and take part all the same.

    Programs that build names of variables at run time (`f"{vendor.upper()}_API_KEY"`), that use a constant which holds an address, and
    files with model ids that only OpenRouter has.
    """
    addresses = [fact for each in facts if not path_kinds.is_test(each.path) for fact in each.urls if _held(fact)]
    names = [(fact.path, name) for fact in addresses for name in _names(fact)]
    telling = frozenset(name.encode() for _, name in names if _TELLING.fullmatch(name))
    named = [(path, name) for path, name in names if not _TELLING.fullmatch(name)]
    named += [(each.path, name) for each in facts if not path_kinds.is_test(each.path) for name in _clients(each)]
    exchanged = [(each.path, name) for each in facts if not path_kinds.is_test(each.path) for name in _makers_of_exchanged(each)]
    plain = _by_module(named) | _by_module(exchanged, skip=frozenset())
    anywhere = _BUILDING | _special() | _DIALECT | telling | _spelled(addresses) | _methods(facts)
    imports = {needle: module for module in plain for needle in _imports(module)}
    beside = _by_folder(fact for fact in addresses if fact.path.endswith(LANGUAGE_ENDINGS))
    read_already = {each.path for each in facts}  # a file that was only fetched, to follow a name into it, has no facts yet
    others = sorted(
        path
        for path in known
        if path not in read_already and (path.endswith(_ENDINGS) or path_kinds.is_page(path)) and not path_kinds.is_test(path)
    )
    further: list[Facts] = []
    certain = anywhere - _DIALECT
    sifted = sift_for(root, others, anywhere | frozenset(imports) | _words(beside))
    for path, data in sorted(
        sifted.items(), key=lambda pair: pair[0].endswith(_DATA)
    ):  # programs first: they say which data they load
        if len(further) >= MAX_FETCHED or len(data) >= MAX_BYTES:
            continue
        if path.endswith(_DATA) and not any(needle in data for needle in certain) and not _is_named(path, repository):
            continue
        if path_kinds.is_page(path) and not any(needle in data for needle in _special()):
            continue
        if not any(needle in data for needle in anywhere):
            modules = {module for needle, module in imports.items() if needle in data}
            near = beside.get(posixpath.dirname(path), frozenset()) if path.endswith(LANGUAGE_ENDINGS) else ()
            if not any(plain[module].search(data) for module in modules) and not any(name in data for name in near):
                continue
        file = repository.files.get(path) or lowered(path, data)
        if file is not None:
            if path not in repository.files:
                repository.add(file)
            further.append(read(file, repository))
    return further


def _is_named(path: str, repository: Repository) -> bool:
    """Does a program that was read name this file? Options in data that nobody loads are nobody's: schemas of databases say `provider` too."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return any(stem in file.source.text for file in repository.files.values() if not file.path.endswith(_DATA))


def _by_folder(facts: Iterable[UrlFact]) -> dict[str, frozenset[bytes]]:
    """Folder -> names of constants in it that hold an address: the other files of a package see them without an import."""
    names: dict[str, frozenset[bytes]] = {}
    for fact in facts:
        if _PLAIN.fullmatch(_name(fact)):
            folder = posixpath.dirname(fact.path)
            names[folder] = names.get(folder, frozenset()) | {_name(fact).encode()}
    return names


def _spelled(addresses: Iterable[UrlFact]) -> frozenset[bytes]:
    """How programs name an address that another file holds: `Urls.BASE`, `Urls::BASE`, `openrouter.base-url`, `OpenRouter:BaseUrl`."""
    spelled: set[str] = set()
    for fact in addresses:
        if fact.path.endswith(LANGUAGE_ENDINGS):
            folder, file = posixpath.split(fact.path)
            owners = [step.node.name for step in fact.node_path.ancestors() if isinstance(step.node, Class) and step.node.name][:1]
            owners += [posixpath.splitext(file)[0], posixpath.basename(folder)] if fact.path.endswith((".rs", ".go")) else []
            names = [_name(fact), *_targets(fact)]
            spelled |= {f"{owner}{sign}{name}" for owner in owners for name in names for sign in (".", "::") if owner and name}
        elif is_overridden(fact.path):
            steps = [item.key.value for item in _entries(fact) if isinstance(item.key, Str)]
            spelled |= {sign.join(steps) for sign in (".", ":") if len(steps) > 1 or "." in "".join(steps)}
    return frozenset(text.encode() for text in spelled)


def _targets(fact: UrlFact) -> list[str]:
    """Names of what is given a value that an address is a part of."""
    assigned = [step.node for step in fact.node_path.ancestors() if isinstance(step.node, Assign)]
    return [target.id for node in assigned for target in node.targets if isinstance(target, Name)]


def _entries(fact: UrlFact) -> list[Item]:
    """The entries around a value in a file of settings, outermost first."""
    return [step.node for step in fact.node_path.ancestors() if isinstance(step.node, Item)][::-1]


def _words(names: dict[str, frozenset[bytes]]) -> frozenset[bytes]:
    return frozenset().union(*names.values())


def _special() -> frozenset[bytes]:
    """Ends of model ids that only OpenRouter has."""
    return frozenset(f":{variant}{quote}".encode() for variant in model_variants() for quote in ('"', "'", "`"))


def _held(fact: UrlFact) -> bool:
    return fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT)


def _name(fact: UrlFact) -> str:
    return fact.key.rpartition(".")[2]


def _names(fact: UrlFact) -> list[str]:
    """What others may call an address by: its constant, and the function or class that it stands in."""
    around = [step.node.name for step in fact.node_path.ancestors() if isinstance(step.node, (Func, Class)) and step.node.name]
    return [_name(fact), *around]


def _clients(facts: Facts) -> Iterator[str]:
    """Names of the clients that a module makes for others, and of functions that call a method of one whose class is exchanged."""
    for client in facts.clients:
        for step in client.node_path.ancestors():
            if isinstance(step.node, Assign) and step.scope.parent is None:
                yield from (target.id for target in step.node.targets if isinstance(target, Name))
    words = {method.rpartition(".")[2] for method in _methods_with_a_request((facts,))}
    for call in facts.calls if words else ():
        if isinstance(call.node, Call) and last_name(call.node.func) in words:
            yield from (step.node.name for step in call.ancestors() if isinstance(step.node, Func) and step.node.name)


def _methods(facts: Iterable[Facts]) -> frozenset[bytes]:
    """Calls of clients whose class is exchanged, wherever the client comes from: `.chat.send(`, `.with_structured_output(`."""
    with_more = frozenset(method.old for method in _methods_of_exchanged(facts) if method.extra)
    return frozenset(f".{method}(".encode() for method in with_more | _methods_with_a_request(facts))


def _methods_with_a_request(facts: Iterable[Facts]) -> frozenset[str]:
    """Methods of the clients whose class is exchanged, where keys of the request and of the reply change with it."""
    return frozenset(method.old for method in _methods_of_exchanged(facts) if method.request is not None)


def _methods_of_exchanged(facts: Iterable[Facts]) -> Iterator[Method]:
    for each in facts:
        for client in each.clients:
            if client.integration is not None and client.integration.exchange is not None:
                yield from client.integration.exchange.methods


def _makers_of_exchanged(facts: Facts) -> Iterator[str]:
    """Names under which other files may use a client of a class that is exchanged: whoever calls it has to change with it."""
    for client in facts.clients:
        if client.integration is not None and client.integration.exchange is not None:
            for step in client.node_path.ancestors():
                if isinstance(step.node, Assign) and step.scope.parent is None:
                    yield from (target.id for target in step.node.targets if isinstance(target, Name))
                elif isinstance(step.node, (Func, Class)) and step.node.name:
                    yield step.node.name


def _by_module(constants: Iterable[tuple[str, str]], *, skip: frozenset[str] = _UNIVERSAL) -> dict[str, re.Pattern[bytes]]:
    """Name of a module -> a pattern of the plainly named constants in it (path, name) that hold an address or a client."""
    names: dict[str, set[str]] = {}
    for path, name in constants:
        folder, _, file = f"/{path}".rpartition("/")
        module = file.partition(".")[0]
        if module in ("__init__", "index"):
            module = folder.rpartition("/")[2]
        if len(module) > 1 and module not in skip and _PLAIN.fullmatch(name):
            names.setdefault(module, set()).add(name)
    return {
        module: re.compile(rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in sorted(held)) + rb")\b")
        for module, held in names.items()
    }


def _imports(module: str) -> list[bytes]:
    """How Python and JavaScript spell an import of a module of this name."""
    spelled = [f"{module} import ", f"import {module}"]
    spelled += [f"/{module}{end}" for end in ("'", '"', ".js'", '.js"', ".ts'", '.ts"')]
    return [spelling.encode() for spelling in spelled]

"""Files that name neither OpenRouter nor its variable and take both from modules that do: found by what they import from these."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from migrator.discover import path_kinds
from migrator.discover.prefilter import sift_for
from migrator.facts.model import Facts
from migrator.facts.read import read
from migrator.formats.tree import Alt, Assign, Attr, Call, Class, EnvDef, Func, Import, Index, Name, Node, Obj, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.environment import VariableRole
from migrator.resolve.follow.shell import read_by
from migrator.resolve.modules import local_module, submodule
from migrator.resolve.repository import ParsedFile, Repository

MOST_FILES = 400
"""Importing files that may be read; a value that more use is followed no longer."""
MOST_BYTES = 1 << 20
MOST_ROUNDS = 3
"""A module that hands on what another one hands on, and its importers, are as far as programs go."""
_LANGUAGES = ("python", "ecma", "shell")
_ENDINGS = (".sh", ".bash", ".zsh", ".py", ".ipynb", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte")
_ROLES = (VariableRole.READ, VariableRole.FIELD, VariableRole.SCHEMA)
_HEAD = regex(rb"/[^'\"./]+|.+")
"""What the spellings of one import begin with; `./settings.js"` and `./settings"` are searched for once."""
_COMMON = 3
"""Letters; the shortest name that is looked for."""


def importers(
    root: Path,
    repository: Repository,
    facts: Collection[Facts],
    known: frozenset[str],
    lowered: Callable[[str, bytes], ParsedFile | None],
    names: frozenset[str] = frozenset(),
) -> list[Facts]:
    """Facts of programs that import an address, a key or a client from a module of this tree and name nothing themselves.

    `names`: further variables that are of interest, whatever they are called.
    """
    given = {each.path: offered for each in facts if (offered := _given(repository, each))}
    fresh = dict(given)
    known_facts = {each.path for each in facts}
    read_now: list[Facts] = []
    for _ in range(MOST_ROUNDS):
        if not fresh:
            break
        more: dict[str, frozenset[str]] = {}
        for file in _candidates(root, repository, fresh, known, lowered):
            used = _used(repository, file, given)
            if used and len(read_now) < MOST_FILES:
                if file.path not in known_facts:
                    known_facts.add(file.path)
                    repository.add(file)
                    read_now.append(read(file, repository, names))
                handed = _closure(file, used)
                if new := handed - given.get(file.path, frozenset()):
                    more[file.path] = new
                    given[file.path] = given.get(file.path, frozenset()) | handed
        fresh = more
    return read_now


def _given(repository: Repository, facts: Facts) -> frozenset[str]:
    """Names of a module's top level that stand for an address, a key or a client."""
    file = repository.files.get(facts.path)
    if file is None or file.module.language not in _LANGUAGES or path_kinds.is_test(facts.path):
        return frozenset()
    starts = [fact.span.start for fact in facts.envs if fact.role in _ROLES]
    starts += [fact.span.start for fact in facts.urls if fact.url.kind.movable]
    starts += [client.call.span.start for client in facts.clients]
    if not starts:
        return frozenset()
    starts.sort()
    seeds = {
        name
        for node in file.module.body
        if bisect_left(starts, node.span.start) < bisect_left(starts, node.span.end)
        for name in _defined(node)
    }
    return _closure(file, seeds)


def _closure(file: ParsedFile, seeds: Iterable[str]) -> frozenset[str]:
    """The names and those of the same module that are made from them."""
    tainted = set(seeds)
    text = file.source.text
    statements = [(defined, node.span) for node in (file.module.body if tainted else ()) if (defined := set(_defined(node)))]
    changed = bool(tainted)
    while changed:
        more = {name for defined, span in statements if defined - tainted and _names_one(text, span, tainted) for name in defined}
        changed = bool(more - tainted)
        tainted |= more
    return frozenset(name for name in tainted if len(name) >= _COMMON or name == "*")


def _names_one(text: str, span: Span, names: Iterable[str]) -> bool:
    """Does one of the names stand in a part of a text as a word of its own?"""
    return any(
        text.find(name, span.start, span.end) >= 0 and _word(name).search(text, span.start, span.end) is not None for name in names
    )


@lru_cache(1 << 12)
def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(name)}\b")


def _defined(node: Node) -> Iterator[str]:
    match node:
        case Assign(targets=targets, value=value):
            for target in targets:
                yield from _names(target)
                if isinstance(target, Attr) and target.name == "exports" and isinstance(value, Obj):
                    yield from (item.key.value for item in value.items if isinstance(item.key, Str))
                yield from _filled(target)
        case Func(name=str(name)) | Class(name=str(name)) | EnvDef(name=name):
            yield name
        case Call(func=func):
            yield from _filled(func)
        case _:
            pass


def _filled(node: Node) -> Iterator[str]:
    """The session that a statement gives headers: `session.headers["X"] = …`, `session.headers.update(…)`, `http.defaults.headers.common.X = …`."""
    inside: list[str] = []
    while isinstance(node, Attr | Index):
        inside.append(node.name if isinstance(node, Attr) else "")
        node = node.base
    if isinstance(node, Name) and "headers" in inside:
        yield node.id


def _names(target: Node) -> Iterator[str]:
    """The names that a target of an assignment binds, or hands out as a property of `exports`."""
    match target:
        case Name(id=name) | Attr(base=Name(id="exports") | Attr(name="exports"), name=name):
            yield name
        case Seq(items=parts):
            for part in parts:
                yield from _names(part)
        case Obj(items=items):
            for item in items:
                yield from _names(item.value)
        case Alt(parts=parts):
            yield from _names(parts[0])
        case _:
            pass


def _candidates(
    root: Path,
    repository: Repository,
    fresh: dict[str, frozenset[str]],
    known: frozenset[str],
    lowered: Callable[[str, bytes], ParsedFile | None],
) -> Iterator[ParsedFile]:
    """Programs whose text imports a module of such a name and says one of the names that it offers."""
    by_needle: dict[bytes, set[bytes]] = {}
    for path, offered in fresh.items():
        for needle in _imports(path):
            by_needle.setdefault(needle, set()).update(name.encode() for name in offered)
    patterns = {
        needle: re.compile(rb"\b(?:" + b"|".join(map(re.escape, sorted(names))) + rb")\b") for needle, names in by_needle.items()
    }
    yield from (file for file in list(repository.files.values()) if file.module.language in _LANGUAGES)
    others = sorted(
        path for path in known if path not in repository.files and path.endswith(_ENDINGS) and not path_kinds.is_test(path)
    )
    for path, data in sift_for(root, others, frozenset(match[0] for needle in patterns if (match := _HEAD.match(needle)))).items():
        if len(data) < MOST_BYTES and any(
            needle in data and (pattern.search(data) or _hands_on_all(data)) for needle, pattern in patterns.items()
        ):
            file = lowered(path, data)
            if file is not None:
                yield file


def _hands_on_all(data: bytes) -> bool:
    return b"import *" in data or b"export *" in data


_FROM_INSIDE = [b"/index'", b'/index"', b"/index.", b"'.'", b'"."', b"'..'", b'".."', b"'./'", b'"./"', b"'../'", b'"../"']
"""How the files of a folder, and of those in it, import its `index`."""


def _imports(path: str) -> list[bytes]:
    """How Python and JavaScript spell the import of a file."""
    folder, _, name = f"/{path}".rpartition("/")
    stem = name.partition(".")[0]
    inside = []
    if stem in ("__init__", "index"):
        inside = [b"from . import"] if stem == "__init__" else _FROM_INSIDE
        stem = posixpath.basename(folder)
        if not stem:
            return [b"./index", *inside]
    if path.endswith((".sh", ".bash", ".zsh")):
        return [name.encode()]
    if path.endswith((".py", ".ipynb")):
        return [f"{stem} import ".encode(), f"import {stem}".encode(), *inside]
    return [*inside, *(f"/{stem}{end}".encode() for end in ("'", '"', ".js'", '.js"', ".ts'", '.ts"', ".mjs'", '.mjs"', "/index"))]


def _used(repository: Repository, file: ParsedFile, given: dict[str, frozenset[str]]) -> set[str]:
    """The local names under which a file has what such modules offer."""
    used: set[str] = set()
    for script in read_by(repository, file) if file.module.language == "shell" else ():
        used |= given.get(script, frozenset())
    for node in file.module.body:
        if not isinstance(node, Import) or node.type_only:
            continue
        path = local_module(repository, file.path, node.module)
        if path in given:
            if node.name is None:
                used.add(node.local)
            elif node.name == "*":
                used |= given[path]
            elif node.name in given[path] or node.name == "default":
                used.add(node.local)
        elif node.name is not None and local_module(repository, file.path, submodule(node.module, node.name)) in given:
            used.add(node.local)
    return used

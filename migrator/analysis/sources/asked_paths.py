"""What is asked for through a request whose path is a parameter: `get("/credits")` of `def get(path): requests.get(BASE + path)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection
from migrator.formats.tree import Attr, Call, Join, Name, Node, Other, Param, Str
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope

DEEPEST = 4
_VERSION = regex(r"^/?(?:api/)?v1(?=/|\Z)")


def asked_paths(callers: Callers, connection: Connection) -> Iterator[tuple[str, str, int]]:
    """Each path that a caller writes, below the API's prefix, with the file and the offset of the call's argument."""
    fact = connection.fact
    if fact.url is None:
        return
    if callers.repository.files[fact.path].module.language == "shell":
        yield from _by_functions(callers.repository, connection)
        return
    for param in _params(fact.url, fact.url_scope or fact.node_path.scope, 0):
        for value, scope in callers.given(param).values:
            head = value.parts[0] if isinstance(value, Join) and value.parts else value
            if isinstance(head, Str) and head.value:
                yield _VERSION.sub("", head.value).strip("/"), scope.path, value.span.start


def _params(node: Node, scope: Scope, depth: int) -> Iterator[Param]:
    """The parameters that stand behind the first part of an address."""
    if depth > DEEPEST:
        return
    match node:
        case Join(parts=(_, *rest)) | Other(kind="+", children=(_, *rest)):
            for part in rest:
                yield from _named(part, scope)
        case Call(args=(_, *others)) if last_name(node.func) in ("urljoin", "URL"):
            for arg in others if last_name(node.func) == "urljoin" else node.args[:1]:
                yield from _named(arg.value, scope)
        case Name(id=name):
            for binding in scope.lookup(name):
                if binding.value is not None and binding.param is None:
                    yield from _params(binding.value, binding.scope, depth + 1)
        case _:
            pass


def _named(node: Node, scope: Scope) -> Iterator[Param]:
    """The parameters that a name stands for, also where something is cut off: `path.lstrip("/")`."""
    if isinstance(node, Call) and isinstance(node.func, Attr):
        node = node.func.base
    for binding in scope.lookup(node.id) if isinstance(node, Name) else ():
        if binding.param is not None:
            yield binding.param


_FUNCTION = regex(r"(?m)^[ \t]*(?:function[ \t]+)?([A-Za-z_][\w-]*)[ \t]*\(\)[ \t]*\{?")


def _by_functions(repository: Repository, connection: Connection) -> Iterator[tuple[str, str, int]]:
    """`api credits` where `api() { curl "$BASE/$1"; }`: the first words that the scripts of the tree give a function which adds a path."""
    path, url = connection.fact.path, connection.fact.url
    text = repository.files[path].source.text
    if url is None or not _ADDED.search(text, url.span.start, url.span.end):
        return
    before = [match for match in _FUNCTION.finditer(text) if match.start() < connection.offset]
    if not before:
        return
    called = re.compile(
        rf"(?m)(?:^|[|&;(`]|\b(?:then|do|else)\b)[ \t]*{re.escape(before[-1][1])}[ \t]+(?:[A-Z]+[ \t]+)?[\"']?/?([\w/-]+)"
    )
    for other, file in repository.files.items():
        if file.module.language == "shell":
            for match in called.finditer(file.source.text):
                yield _VERSION.sub("", match[1]).strip("/"), other, match.start(1)


def behind_variable(repository: Repository, name: str) -> Iterator[tuple[str, str, int]]:
    """What scripts and makefiles of the tree put behind a variable: `credits`, the file and the offset of `"$BASE/credits"`."""
    word = re.escape(name)
    patterns = {"shell": re.compile(rf"\$\{{?{word}\}}?/?([\w/-]+)"), "make": re.compile(rf"\$[({{]{word}[)}}]/?([\w/-]+)")}
    for path, file in repository.files.items():
        pattern = patterns.get(file.module.language)
        for match in pattern.finditer(file.source.text) if pattern is not None else ():
            yield _VERSION.sub("", match[1]).strip("/"), path, match.start()
        if file.module.language == "make":
            yield from _by_make_calls(repository, file, word)


_MAKE_NAME = regex(r"(?m)^(?:define[ \t]+([\w.-]+)|(?:(?:export|override)[ \t]+)*([\w.-]+)[ \t]*[:?]{0,3}=)")


def _by_make_calls(repository: Repository, file: ParsedFile, word: str) -> Iterator[tuple[str, str, int]]:
    """`$(call ask,credits)` where `ask = curl $(BASE)/$(1)`: what the makefiles of the tree give a variable that adds a path."""
    text = file.source.text
    for added in re.finditer(rf"\$[({{]{word}[)}}]/?\$[({{](\d)[)}}]", text):
        names = [match[1] or match[2] for match in _MAKE_NAME.finditer(text, 0, added.start())]
        others = r"[^,()]*," * (int(added[1]) - 1)
        for other, calling in repository.files.items() if names else ():
            called = rf"\$[({{]call[ \t]+{re.escape(names[-1])}[ \t]*,{others}[ \t]*/?([\w/-]+)"
            for match in re.finditer(called, calling.source.text) if calling.module.language == "make" else ():
                yield _VERSION.sub("", match[1]).strip("/"), other, match.start(1)


_ADDED = regex(r"(?<=[\w}/])\$\{?\w+\}?[\"']?$")
"""A variable is the last part of the address."""

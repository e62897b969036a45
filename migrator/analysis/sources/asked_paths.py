"""What is asked for through a request whose path is a parameter: `get("/credits")` of `def get(path): requests.get(BASE + path)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection
from migrator.formats.tree import Attr, Call, Join, Name, Node, Other, Param, Str
from migrator.resolve.context import last_name
from migrator.resolve.scopes import Scope

DEEPEST = 4
_VERSION = re.compile(r"^/?(?:api/)?v1(?=/|\Z)")


def asked_paths(callers: Callers, connection: Connection) -> Iterator[tuple[str, str, int]]:
    """Each path that a caller writes, below the API's prefix, with the file and the offset of the call's argument."""
    fact = connection.fact
    if fact.url is None:
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

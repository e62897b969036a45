"""Requests of Retrofit: the methods of the interface that a builder is asked for, each with the path and the header of its annotations.

`Retrofit.Builder().baseUrl(x).build().create(Api::class.java)` sends nothing itself. Each method of `Api` is a request to the address with
its own path behind it, and its key is what callers give the parameter with `@Header("Authorization")`, or what an interceptor adds.
https://square.github.io/retrofit/declarations/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.formats.languages.statements import REQUESTS
from migrator.formats.tree import Arg, Attr, Call, Class, Func, Item, Join, Name, Node, Param, Str, children
from migrator.records import dataclass
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.definitions import class_of
from migrator.resolve.scopes import Scope

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

BUILDER = "Retrofit.Builder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One method of such an interface."""

    call: Call
    """Its annotation, `@POST("chat/completions")`."""
    node_path: NodePath
    url: Node
    func: Func
    scope: Scope
    """What the names of its parameters mean."""


def requests(walk: Walk, url: Node, given: Node | None, node_path: NodePath) -> Iterator[Request]:
    """The requests through a builder with this address. `given`: what its `create` is given, where that is seen."""
    for literal in [given] if given is not None else _created(walk):
        name = _class_named(literal)
        interface = class_of(walk.repository, name, node_path.scope) if name is not None else None
        if interface is None or not isinstance(interface.node, Class) or interface.node.kind != "interface":
            continue
        file = walk.repository.files.get(interface.path)
        for func in interface.node.body if file is not None else ():
            scope = file.scopes.opened_by(func) if file is not None else None
            if not isinstance(func, Func) or scope is None:
                continue
            for call in func.decorators:
                if isinstance(call, Call) and last_name(call.func) in REQUESTS:
                    way = NodePath(func, NodePath(interface.node, None, interface.parent or interface), interface)
                    yield Request(call=call, node_path=NodePath(call, way, scope), url=_address(url, call), func=func, scope=scope)


def _address(url: Node, call: Call) -> Node:
    """The address with the path of an annotation behind it; one that begins at the host's root is left out, as the host alone is known."""
    path = call.args[0].value if call.args else None
    if not isinstance(path, Str) or not path.value or path.value.startswith(("/", "http")):
        return url
    return Join(url.span, (url, Str(url.span, path.value, url.span, False)))


def _created(walk: Walk) -> list[Node]:
    """Every interface that a file asks its only builder for."""
    made: list[Node] = []
    builders = 0
    stack: list[Node | Arg | Item | Param] = list(walk.file.module.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            builders += source_name(node.func) == BUILDER
            if isinstance(node.func, Attr) and node.func.name == "create" and len(node.args) == 1:
                made.append(node.args[0].value)
        stack += children(node)
    return made if builders == 1 else []


def _class_named(node: Node) -> Name | None:
    """`Api::class.java`, `Api.class`"""
    while isinstance(node, Attr) and node.name in ("java", "class"):
        node = node.base
    return node if isinstance(node, Name) else None

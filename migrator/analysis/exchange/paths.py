"""Every node of a file with the way that leads to it and the scope that it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Class, Func, Item, Node, Param, children
from migrator.resolve.context import NodePath
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Scope


def node_paths(file: ParsedFile) -> Iterator[NodePath]:
    """All nodes of a file, in reading order."""
    for node in file.module.body:
        yield from _below(file, node, None, file.scopes.root)


def _below(file: ParsedFile, node: Node | Arg | Item | Param, up: NodePath | None, scope: Scope) -> Iterator[NodePath]:
    stack: list[tuple[Node | Arg | Item | Param, NodePath | None, Scope]] = [(node, up, scope)]
    while stack:
        current, above, around = stack.pop()
        node_path = NodePath(current, above, around)
        yield node_path
        inner = file.scopes.opened_by(current, around) if isinstance(current, (Func, Class)) else around
        stack += [(child, node_path, inner) for child in reversed(children(current))]

"""The variables that a value of configuration is made of."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, EnvRef, Item, Node, Param, children


def references(node: Node | Arg | Item | Param | None) -> Iterator[EnvRef]:
    """Every reference inside a value, in order; none for no value."""
    if node is None:
        return
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        yield from references(child)

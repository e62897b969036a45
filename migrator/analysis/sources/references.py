"""The variables that a value of configuration is made of."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Const, EnvRef, Item, Node, Param, Str, children


def references(node: Node | Arg | Item | Param | None) -> Iterator[EnvRef]:
    """Every reference inside a value, in order; none for no value."""
    if node is None:
        return
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        yield from references(child)


def has_command(node: Node | Arg | Item | Param | None) -> bool:
    """Is a part of a value the output of a command: `$(cat key.txt)`?"""
    if node is None or isinstance(node, Str):
        return False
    parts = children(node)
    if not parts:
        return not isinstance(node, (EnvRef, Const))
    return any(has_command(part) for part in parts)

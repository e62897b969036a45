"""The variables that a value of configuration is made of."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Call, Const, EnvRef, Item, Node, Other, Param, Str, children


def references(node: Node | Arg | Item | Param | None) -> Iterator[EnvRef]:
    """Every reference inside a value, in order; none for no value."""
    if node is None:
        return
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        yield from references(child)


def leaves(node: Node | Arg | Item | Param) -> Iterator[Node | Arg | Item | Param]:
    """The parts of a value that have no parts themselves."""
    parts = children(node)
    if not parts:
        yield node
    for part in parts:
        yield from leaves(part)


def has_command(node: Node | None) -> bool:
    """Is a part of a value the output of a command: `$(cat key.txt)`?"""
    return node is not None and any(not isinstance(leaf, (Str, EnvRef, Const)) for leaf in leaves(node))


def commands(node: Node | Arg | Item | Param) -> Iterator[Node]:
    """The commands whose output is a part of a value, in order."""
    if isinstance(node, Other) and node.kind == "substitution":
        yield next((part for part in node.children if isinstance(part, Call)), node)
        return
    for child in children(node):
        yield from commands(child)

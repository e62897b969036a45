"""What else a value may be where a variable is read: `store.key || ENV["X"]`, a second assignment, another `return` of the function.

A key that nobody was seen to use is taken to be what its variable holds only as far as the whole expression says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.facts.model import EnvFact
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Func, If, Item, Name, Node, Param, Return, Str, children
from migrator.resolve.context import NodePath
from migrator.resolve.environment import access
from migrator.resolve.passing import handed_on
from migrator.resolve.scopes import Scope


def alternatives(fact: EnvFact) -> list[tuple[Node, Scope]]:
    """The expressions that together say what the value may be that a read takes part in, with the scopes to read them in."""
    node_path = fact.node_path
    if node_path is None or isinstance(node_path.node, (Arg, Item, Param)):
        return []
    whole: NodePath = node_path
    for step in node_path.ancestors():
        if isinstance(step.node, Alt) or (isinstance(step.node, Call) and _hands_on(step.node, step.scope)):
            whole = step
        elif not _passes(step, whole):
            break
    read = whole.node
    assert not isinstance(read, (Arg, Item, Param))
    up = whole.up.node if whole.up is not None else None
    if isinstance(up, Assign) and up.value is read and len(up.targets) == 1 and isinstance(up.targets[0], Name):
        return [(up.targets[0], whole.scope)] if whole.scope.lookup(up.targets[0].id) else [(read, whole.scope)]
    if isinstance(up, Return):
        return [(value, whole.scope) for value in _returned(whole)] or [(read, whole.scope)]
    return [(read, whole.scope)]


def _hands_on(call: Call, scope: Scope) -> bool:
    """Does a call give its argument back, or give it where another variable is not set: `os.getenv("X", os.getenv("Y"))`?"""
    if handed_on(call) is not None:
        return True
    variable = access(call, scope)
    return variable is not None and variable.default is not None


def _passes(step: NodePath, whole: NodePath) -> bool:
    """Does a step stand between a value and the call or choice that it is a part of?"""
    return isinstance(step.node, Arg) or (isinstance(step.node, Attr) and step.node.base is whole.node)


def _returned(whole: NodePath) -> Iterator[Node]:
    """Everything that the function around a place returns."""
    owner = next((step.node for step in whole.ancestors() if isinstance(step.node, Func)), None)
    stack: list[Node | Arg | Item | Param] = list(reversed(owner.body)) if isinstance(owner, Func) else []
    while stack:
        node = stack.pop()
        if isinstance(node, Return):
            if node.value is not None:
                yield node.value
        elif isinstance(node, (If, Alt)) or not isinstance(node, (Func, Str)):
            stack += reversed(children(node))

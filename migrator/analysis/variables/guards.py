"""Whether a program stops where a key is missing, before it makes a client with it."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import Connection
from migrator.formats.tree import Alt, Arg, Attr, Call, Func, If, Index, Item, Name, Node, Param, Raise, Return, children
from migrator.resolve.context import last_name, source_name
from migrator.resolve.environment import access
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_ENDINGS = ("exit", "abort", "fail", "panic", "die")


def is_guarded(analysis: Analysis, connection: Connection) -> bool:
    """`if (!apiKey) throw …` in front of the client, or `if (apiKey) { … }` around it."""
    fact = connection.fact
    key = source_name(fact.key) if isinstance(fact.key, (Name, Attr, Index)) else ""
    variables = frozenset(connection.key_variables)
    child: object = fact.node_path.node
    for step in fact.node_path.ancestors():
        match step.node:
            case If(test=test, body=body) if any(part is child for part in body) and _asks(test, key, variables, step.scope):
                return True
            case Alt(test=test) if test is not None and test is not child and _asks(test, key, variables, step.scope):
                return True
            case Func(body=body) if _stops(analysis, body, fact.call, key, variables, step.scope):
                return True
            case _:
                pass
        child = step.node
    module = analysis.repository.files[fact.path].module
    return _stops(analysis, module.body, fact.call, key, variables, fact.node_path.scope.module())


def _stops(analysis: Analysis, body: tuple[Node, ...], call: Call, key: str, variables: frozenset[str], scope: Scope) -> bool:
    return any(
        part.span.end <= call.span.start and _asks(part.test, key, variables, scope) for part in _leaving(analysis.repository, body)
    )


def _leaving(repository: Repository, body: tuple[Node, ...]) -> tuple[If, ...]:
    """The conditions of a body behind which the program goes no further; looked for once, for a file may make thousands of clients."""
    # by `id`, and the body is kept beside the answer, so that no other one can get its number
    known: tuple[tuple[Node, ...], tuple[If, ...]] | None = repository.known.get(("leaving", id(body)))
    if known is None:
        known = body, tuple(part for part in body if isinstance(part, If) and part.body and _leaves(part.body[-1]))
        repository.known["leaving", id(body)] = known
    return known[1]


def _leaves(node: Node) -> bool:
    return isinstance(node, (Raise, Return)) or (isinstance(node, Call) and last_name(node.func) in _ENDINGS)


def _asks(test: Node, key: str, variables: frozenset[str], scope: Scope) -> bool:
    """Does a condition ask for the key, by the name it has here or by its variable?"""
    for part in _parts(test):
        if isinstance(part, (Name, Attr, Index)) and key and source_name(part) == key:
            return True
        variable = access(part, scope)
        if variable is not None and variable.name in variables:
            return True
    return False


def _parts(node: Node | Arg | Item | Param) -> Iterator[Node]:
    if not isinstance(node, (Arg, Item, Param)):
        yield node
    for child in children(node):
        yield from _parts(child)

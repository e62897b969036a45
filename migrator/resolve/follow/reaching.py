"""Which of the values that a name is given can be the one that is read at a place.

`v = getenv("A"); use(v); v = getenv("B"); use(v)`: the first use sees A alone, the second B alone, although one name is bound twice in
one scope. Without the order a variable of a database would count as a source of OpenRouter's key, and be renamed with it.

A value is left out only where it is certain: another one was given on every way to the place, after it and before the place. What is
given in a branch, a loop or a `try` is certain inside of that same part alone, and a function inside may run later, so it sees
everything that is given afterwards too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from migrator.formats.tree import Alt, Arg, Func, If, Item, Name, Node, Other, Param, children
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Binding, Scope, ScopeKind

_Part: TypeAlias = Node | Arg | Item | Param
_Way: TypeAlias = tuple[tuple[str, int], ...]
"""The parts around a place that may not run, or run again, from the outside in: what kind, and whose."""
_LOOPS = frozenset(("for", "while", "until", "loop", "do", "comprehension"))
_ALWAYS = frozenset(("await", "not", "with", "paren", "each", "spread", "star", "expression"))
"""Kinds of `Other` whose parts all run where they do."""
_OF_A_TEST = frozenset(("and", "let"))
"""Kinds of `Other` in a test whose parts have all run where the body does."""
_MOST = 300
"""Values of one name whose order is looked at: a list of more is made by a program, and each is compared at each place."""
_AS_THEY_COME = frozenset(("notebook", "shell"))
"""Cells run in any order, and what a shell's commands are given is not an assignment alone."""


def reaching(repository: Repository, bindings: list[Binding], use: Name, scope: Scope) -> list[Binding]:
    """The bindings of a name, without those that another one has replaced before it is read at `use`."""
    holder = _holder(bindings, use.id, scope)
    if not 1 < len(bindings) <= _MOST or holder is None or holder.kind is ScopeKind.CLASS:
        return bindings
    file = repository.files.get(holder.path)
    if file is None or file.module.language in _AS_THEY_COME:
        return bindings
    body = holder.node.body if isinstance(holder.node, Func) else file.module.body
    here = use.span.start
    way = _way(body, here)
    if any(kind == "named" for kind, _ in way):
        return bindings  # a function that may be called at any time
    known = ("ways", id(bindings), len(bindings))
    if known not in repository.known:  # once for all places that the name is read at, with the list: identities are used again
        repository.known[known] = bindings, {binding.at: _way(body, binding.at - 1) for binding in bindings if binding.at >= 0}
    ways: dict[int, _Way] = repository.known[known][1]
    certain = [at for at, there in ways.items() if at <= here and way[: len(there)] == there]
    last = max(certain, default=-1)
    later = any(kind == "function" for kind, _ in way)
    again = {part for part in way if part[0] == "loop"} - set(ways.get(last, ()))
    kept = []
    for binding in bindings:
        if binding.at < 0:
            reaches = binding.param is None or last < 0
        elif binding.at <= here:
            reaches = binding.at >= last
        else:
            reaches = later or not again.isdisjoint(ways[binding.at])
        if reaches:
            kept.append(binding)
    return kept or bindings


def _holder(bindings: list[Binding], name: str, scope: Scope) -> Scope | None:
    step: Scope | None = scope
    while step is not None and step.names.get(name) is not bindings:
        step = step.parent
    return step


def _way(body: tuple[Node, ...], offset: int) -> _Way:
    """The parts around an offset that may not run, or run again."""
    way: list[tuple[str, int]] = []
    inside: Iterable[_Part] = body
    tested = False
    while (node := next((part for part in inside if part.span.start <= offset < part.span.end), None)) is not None:
        inside = children(node)
        match node:
            case Func(name=name):
                way.append(("named" if name else "function", id(node)))
            case If(test=test):
                tested = test.span.start <= offset < test.span.end
                inside = (test,) if tested else inside
                # `if let v = a`, `if (v := a) and b`: what a test gives is certain in the body, and seen nowhere else in some languages
                way.append(("body" if tested or _is_in(node.body, offset) else "else", id(node)))
            case Alt():
                way.append(("alternative", _part_at(node, offset)))
            case Other(kind="init"):
                way.append(("block", id(node)))
            case Other(kind=kind) if kind in _LOOPS:
                way.append(("loop", id(node)))
            case Other(kind=kind) if kind not in _ALWAYS and not (tested and kind in _OF_A_TEST):
                way.append((kind, _part_at(node, offset)))
            case _:
                pass
    return tuple(way)


def _is_in(nodes: tuple[Node, ...], offset: int) -> bool:
    return any(node.span.start <= offset < node.span.end for node in nodes)


def _part_at(node: Node, offset: int) -> int:
    """The part of a node that an offset is in: each may run without the others."""
    return next((id(part) for part in children(node) if part.span.start <= offset < part.span.end), id(node))

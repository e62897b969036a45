"""Which object displays (dicts, object literals) an expression may be, and their entries with those of their spreads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.tree import Call, Item, Node, Obj
from migrator.resolve.follow import ask
from migrator.resolve.follow.classes import is_record
from migrator.resolve.follow.functions import keyword_items, results
from migrator.resolve.follow.question import Question
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_MAX_SPREADS = 4
"""Objects spread into objects that are opened."""


def objects(repository: Repository, node: Node, scope: Scope) -> tuple[tuple[Obj, Scope], ...]:
    """The object displays an expression may be: `headers` → the dict it was given."""
    if isinstance(node, Obj):
        return ((node, scope),)
    question = ask(repository)
    return tuple(_objects(question, question.follow(node, scope)))


def _objects(question: Question, values: Iterable[Value], *, called: bool = False) -> Iterator[tuple[Obj, Scope]]:
    for value in values:
        if value.kind is Kind.OBJECT and isinstance(value.node, Obj):
            yield value.node, value.scope
        elif value.kind is Kind.FUNCTION and not called:  # given to be called
            yield from _objects(question, results(question, value, ()), called=True)
        elif value.kind is Kind.INSTANCE and isinstance(value.node, Call) and value.inner is not None:
            call = value.node
            if any(arg.name for arg in call.args) and is_record(question, value.inner):
                yield question.made(call, lambda: Obj(call.span, tuple(keyword_items(call.args))), "record"), value.scope  # noqa: B023


def entries(repository: Repository, obj: Obj, scope: Scope, depth: int = 0) -> Iterator[tuple[Item, Scope]]:
    """Entries of an object, those of its spreads included."""
    for item in obj.items:
        if item.key is None and depth < _MAX_SPREADS:
            for inner, inner_scope in objects(repository, item.value, scope):
                yield from entries(repository, inner, inner_scope, depth + 1)
        else:
            yield item, scope

"""What is under a key of a value: attributes of classes, instances and modules, entries of objects and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migrator.formats.tree import Attr, Func, Node, Obj, Other, Seq, Str
from migrator.resolve.environment import env_mapping, maybe_variable
from migrator.resolve.exports import exported
from migrator.resolve.follow.classes import annotated, attribute, declared, is_getter
from migrator.resolve.follow.functions import results
from migrator.resolve.follow.names import binding_values
from migrator.resolve.follow.question import Question, unknown, written
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.modules import local_module, submodule
from migrator.resolve.scopes import Scope

_SCALARS = frozenset((Kind.TEXT, Kind.JOIN, Kind.VARIABLE, Kind.PARAMETER))
HANDED_OVER = frozenset(("Value", "CurrentValue"))
"""What .NET's `IOptions<T>` and `IOptionsMonitor<T>` hand the class over by."""
_OWN_TEXT = frozenset(("value", "href", "_value_"))
"""Properties of a text, an enum's member or a URL that are its text again."""


def member(question: Question, owner: Value, key: str, node: Node, scope: Scope) -> Iterable[Value]:
    """What `owner` has under `key`, for the expression `node` of `scope`; nothing where all of it is known and it has no such key."""
    match owner.kind:
        case Kind.OBJECT if isinstance(owner.node, Obj):
            return _entry(question, owner.node, key, owner.scope)
        case Kind.SEQUENCE if isinstance(owner.node, Seq):
            return _element(question, owner.node, key, owner.scope, node)
        case Kind.CLASS | Kind.INSTANCE:
            return attribute(question, owner, key, node)
        case Kind.MODULE:
            return _offered(question, owner, key, node, scope)
        case Kind.OUTSIDE:
            return _outside(owner, key, node, scope)
        case Kind.PARAMETER | Kind.DECLARED:
            if (values := declared(question, owner, key, node)) is not None:
                # what callers make and hand over may be asked for under the key by `node`, and not by the field that they fill
                return [unknown(node, scope, value.name) if owner.param and _is_filled(value) else value for value in values]
            if key in HANDED_OVER and scope.module().language == "csharp" and annotated(question, owner.node, owner.scope):
                return (owner,)
        case _:
            pass
    if owner.kind in _SCALARS and key in _OWN_TEXT:
        return (owner,)
    return (unknown(node, scope, written(node)),)


def _is_filled(value: Value) -> bool:
    """Is it a field of a struct that whoever makes one gives a value?"""
    return value.kind is Kind.UNKNOWN and isinstance(value.node, Other) and value.node.kind == "field"


def _outside(owner: Value, key: str, node: Node, scope: Scope) -> tuple[Value, ...]:
    if maybe_variable(key) and owner.node is not None:
        mapping = env_mapping(owner.node, owner.scope)
        if mapping and mapping != "os.environ":
            return (Value(kind=Kind.VARIABLE, node=node, scope=scope, name=key),)
    return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=f"{owner.name}.{key}"),)


# -- objects and lists -----------------------------------------------------------------------------------------------------------------


def _entry(question: Question, obj: Obj, key: str, scope: Scope) -> Iterator[Value]:
    """Entries under a key, the last one that certainly counts and what may be put over it."""
    for item in reversed(obj.items):
        if item.key is None:
            yield from _spread_in(question, item.value, key, scope)
        elif isinstance(item.key, Str):
            if item.key.value == key:
                yield from _value_of(question, item.value, scope)
                return
        elif any(isinstance(word.node, Str) and word.node.value == key for word in question.follow(item.key, scope)):
            yield from question.follow(item.value, scope)
            return


def _spread_in(question: Question, spread: Node, key: str, scope: Scope) -> Sequence[Value]:
    """What is under a key of an object that is put into another one.

    Asked as the attribute that it is, so that it is found out once, and not again on the way to itself: `a = {**a}`.
    """
    taken = question.made(spread, lambda: Attr(spread.span, spread, key, spread.span), key)
    return [value for value in question.follow(taken, scope) if value.kind is not Kind.ABSENT]


def _value_of(question: Question, node: Node, scope: Scope) -> Iterable[Value]:
    """The value of an entry; a getter's results where it is one."""
    if isinstance(node, Func) and is_getter(question, node, scope):
        for value in question.follow(node, scope):
            return results(question, value, ())
    return question.follow(node, scope)


def _element(question: Question, seq: Seq, key: str, scope: Scope, node: Node) -> Iterable[Value]:
    """The element of a list at an index that is written as a number."""
    if not re.fullmatch(r"-?\d{1,4}", key):
        return (unknown(node, scope, written(node)),)
    items, index = seq.items, int(key)
    if any(isinstance(item, Other) and item.kind in ("star", "spread") for item in items):
        return (unknown(node, scope, written(node)),)
    return question.follow(items[index], scope) if -len(items) <= index < len(items) else ()


# -- modules ---------------------------------------------------------------------------------------------------------------------------


def _offered(question: Question, owner: Value, key: str, node: Node, scope: Scope) -> Iterable[Value]:
    repository = question.repository
    if owner.inner is not None and (bindings := exported(repository, owner.inner.path, key)):
        return binding_values(question, bindings, key)
    module = submodule(owner.name, key)
    path = local_module(repository, owner.scope.path, module) if owner.scope.path.endswith((".py", ".ipynb")) else None
    file = repository.file(path) if path else None
    if path is not None:
        inner = file.scopes.root if file is not None else None
        return (Value(kind=Kind.MODULE, node=node, scope=owner.scope, name=module, inner=inner),)
    if key == "default" and owner.inner is not None:
        return (owner,)
    return (unknown(node, scope, written(node)),)

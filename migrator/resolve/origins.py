"""Where a text comes from: the literals, variables and parameters that it may hold, with what is put before and behind them.

A reader of `follow` that takes joined texts apart. What cannot be followed becomes an origin of kind `UNKNOWN` that says in words where
the way ends; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from migrator.formats.tree import Join, Node, Param, Seq, Str
from migrator.records import dataclass, replace
from migrator.resolve.env_schemas import checked_values
from migrator.resolve.follow import ask
from migrator.resolve.follow.names import binding_values
from migrator.resolve.follow.question import Question, written
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Binding, Scope

MAX_ORIGINS = 24
"""Most places that one value is said to come from."""
_MAX_JOINS = 8
"""Texts inside texts that are taken apart."""


class From(StrEnum):
    """What kind of end a way has."""

    LITERAL = "literal"
    ENV = "env"
    PARAM = "param"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """One place a value may come from."""

    kind: From
    path: str
    node: Node | None = None
    name: str = ""
    """Variable or parameter name, or in words what could not be followed."""
    suffix: str = ""
    """What is appended to it before use, placeholders as `{}`."""
    prefix: str = ""
    default_of: str = ""
    """The variable it stands in for when that is not set."""
    through: tuple[str, ...] = ()
    """Names of the constants it passed through, innermost last: `config.py:BASE_URL`."""
    param: Param | None = None
    """The parameter, where the kind is PARAM: what callers give it can be looked up."""
    scope: Scope | None = None
    """Where `node` stands, for an UNKNOWN origin: what kind of thing it is can be asked there."""


def origins(repository: Repository, node: Node | None, scope: Scope) -> tuple[Origin, ...]:
    """Where a value may come from; an unfollowable one gives one UNKNOWN. Empty for nothing and for numbers."""
    if node is None:
        return ()
    return _Reader(ask(repository)).origins(node, scope, at=node)


def binding_origins(repository: Repository, binding: Binding, name: str) -> tuple[Origin, ...]:
    """Where the value that one binding gives a name may come from."""
    question = ask(repository)
    return _Reader(question).of_values(binding_values(question, [binding], name))


class _Reader:
    """One question about a text; texts that are being taken apart are not taken apart again inside themselves."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.open: set[tuple[int, int]] = set()

    def origins(self, node: Node, scope: Scope, at: Node | None = None) -> tuple[Origin, ...]:
        values = self.question.follow(node, scope)
        if not values and at is not None:
            return (Origin(kind=From.UNKNOWN, path=scope.path, node=at, name="a value that depends on itself alone", scope=scope),)
        return self.of_values(values)

    def of_values(self, values: Iterable[Value]) -> tuple[Origin, ...]:
        return _merge([origin for value in values for origin in self._of_value(value)])

    def _of_value(self, value: Value) -> Iterable[Origin]:
        path, node = value.path, value.node
        if not self.question.step():
            return (Origin(kind=From.UNKNOWN, path=path, node=node, name="too many steps", scope=value.scope),)
        match value.kind:
            case Kind.TEXT:
                return (Origin(kind=From.LITERAL, path=path, node=node, through=value.via, default_of=value.default_of),)
            case Kind.VARIABLE:
                return (
                    Origin(kind=From.ENV, path=path, node=node, name=value.name, through=value.via, default_of=value.default_of),
                )
            case Kind.PARAMETER:
                origin = Origin(kind=From.PARAM, path=path, name=value.name, through=value.via, default_of=value.default_of)
                return (replace(origin, param=value.param),)
            case Kind.JOIN if isinstance(node, Join):
                return [_passed(origin, value) for origin in self._opened(value, lambda: self._parts(node.parts, value.scope))]
            case Kind.SEQUENCE if isinstance(node, Seq):
                return [_passed(origin, value) for origin in self._opened(value, lambda: self._items(node, value.scope))]
            case Kind.CONSTANT | Kind.DECLARED:
                return ()
            case _:
                checked = [_passed(origin, value) for origin in self._opened(value, lambda: self._checked(value))]
                return checked or (
                    Origin(
                        kind=From.UNKNOWN,
                        path=path,
                        node=node,
                        name=written(node) if value.kind is Kind.OUTSIDE and node is not None else value.name,
                        default_of=value.default_of,
                        scope=value.scope,
                    ),
                )

    def _opened(self, value: Value, read: Callable[[], Iterable[Origin]]) -> Iterable[Origin]:
        """What is read inside of a value; nothing on the way out of the same one."""
        key = (id(value.node), id(value.scope))
        if key in self.open or len(self.open) >= _MAX_JOINS:
            return ()
        self.open.add(key)
        try:
            return tuple(read())
        finally:
            self.open.discard(key)

    def _items(self, node: Seq, scope: Scope) -> Iterator[Origin]:
        for item in node.items:
            yield from self.origins(item, scope)

    def _checked(self, value: Value) -> Iterator[Origin]:
        """Where a property of a checked environment comes from."""
        for inner in checked_values(self.question, value):
            yield from self._of_value(inner)

    def _parts(self, parts: tuple[Node, ...], scope: Scope) -> Iterable[Origin]:
        if not parts:
            return ()
        rest = "".join(part.value if isinstance(part, Str) else "{}" for part in parts[1:])
        head = parts[0]
        if isinstance(head, Str) and "://" not in head.value and "openrouter" not in head.value.lower() and len(parts) > 1:
            # "Bearer " + key: the value is what follows
            tail = _merge([origin for part in parts[1:] if not isinstance(part, Str) for origin in self.origins(part, scope)])
            texts = [part for part in parts if isinstance(part, Str)]
            longest = max(texts, key=lambda part: len(part.value))  # "Bearer " + "sk-or-…": the key and not the word before it
            return [replace(origin, prefix=head.value + origin.prefix) for origin in tail] or self.origins(longest, scope)
        if isinstance(head, Str) and head.value.rstrip().endswith("://") and len(parts) > 1:
            return [replace(o, prefix=head.value, suffix=o.suffix + rest[2:]) for o in self.origins(parts[1], scope)]
        return [replace(origin, suffix=origin.suffix + rest) for origin in self.origins(head, scope)]


def _passed(origin: Origin, value: Value) -> Origin:
    """An origin with the way that the value around it has taken."""
    if not value.via and not value.default_of:
        return origin
    return replace(origin, through=(*origin.through, *value.via), default_of=origin.default_of or value.default_of)


def _merge(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """Each place once, in order, and not too many: a long list of them says no more than a short one."""
    merged: dict[tuple[object, ...], Origin] = {}
    for origin in origins:
        mark = (
            origin.kind,
            origin.path,
            origin.name if origin.kind is From.ENV else "",
            id(origin.node),
            origin.suffix,
            origin.prefix,
        )
        if mark not in merged and len(merged) < MAX_ORIGINS:
            merged[mark] = origin
    return tuple(merged.values())

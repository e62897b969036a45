"""One question about a value, with what keeps its answer finite: a budget of steps, a depth, and the list of what is being answered.

Everything that follows a value takes its `Question` along, so that code in which everything calls everything ends as surely as
`models = models or more`: a node that is asked about again on the way to its answer, and a function that is entered again on the way
out of it, add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from migrator.formats.tree import Attr, Call, Index, Name, Node, Other, Str
from migrator.records import replace
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_T = TypeVar("_T")
MAX_DEPTH = 40
"""Steps in one line."""
MAX_STEPS = 3000
"""Steps in all, for one question from outside."""
MAX_STEPS_AFTER = 200
"""Steps that are still made once a line was too long: what is that deep is hardly written by people."""
MAX_VALUES = 24
"""Most values that one expression is said to have."""


class Question:
    """What one call of `follow` may still do, and what it is busy with."""

    def __init__(self, repository: Repository, answer: Callable[[Question, Node, Scope], Iterable[Value]]) -> None:
        self.repository = repository
        self.steps = MAX_STEPS
        self.depth = 0
        self.entered: set[int] = set()
        """Identities of the functions whose results are being followed, and of the bindings that are."""
        self.exhausted = False
        self._answer = answer
        self._open: set[tuple[int, int]] = set()
        self._partial: dict[tuple[int, int], tuple[int, Node, tuple[Value, ...]]] = {}
        """Answers that depend on where they were asked for, with the depth of that place: good for this question alone."""
        self._called: dict[tuple[int, int], tuple[Node, Scope, tuple[Value, ...]]] = {}
        """Whole answers inside of one call of a function; the scope that the call opens is gone with the question."""
        self.calls: dict[tuple[object, ...], tuple[object, ...]] = {}
        """Scopes that calls open."""
        self._cut = 0

    def follow(self, node: Node, scope: Scope) -> tuple[Value, ...]:
        """What `node` may stand for where it is read in `scope`; nothing where it depends on its own answer alone."""
        if type(node) is Str:
            return (Value(kind=Kind.TEXT, node=node, scope=scope),)
        key = (id(node), id(scope))
        whole = self._called if scope.of_call else self.repository.followed
        known = whole.get(key)
        if known is not None:
            return known[2]
        self.steps -= 1
        if key in self._open:
            self._cut += 1
            return ()
        if self.steps < 0 or self.depth >= MAX_DEPTH:
            self._cut += 1
            self.exhausted = True
            self.steps = min(self.steps, MAX_STEPS_AFTER)
            return (Value(kind=Kind.UNKNOWN, node=None, scope=scope, name="too many steps"),)
        if (partial := self._partial.get(key)) is not None and partial[0] <= self.depth:
            self._cut += 1
            return partial[2]
        before = self._cut
        self._open.add(key)
        self.depth += 1
        try:
            values = merge(self._answer(self, node, scope))
        finally:
            self.depth -= 1
            self._open.discard(key)
        if self._cut == before:
            # the nodes are kept with their answer: identities of what is gone are used again
            whole[key] = (node, scope, values)
        else:
            self._partial[key] = (self.depth, node, values)
        return values

    def made(self, source: object, build: Callable[[], _T], *more: Hashable) -> _T:
        """A node that stands for something written otherwise, the same one each time: what it means is then found out once."""
        key = ("made", id(source), *more)
        if key not in self.repository.known:
            self.repository.known[key] = (source, build())
        return self.repository.known[key][1]  # type: ignore[no-any-return]

    def enter(self, identity: int) -> bool:
        """May a function's results or a binding be followed? Not on the way out of the same one."""
        if identity in self.entered:
            self._cut += 1
            return False
        self.entered.add(identity)
        return True

    def leave(self, identity: int) -> None:
        """What was entered is known."""
        self.entered.discard(identity)

    def step(self) -> bool:
        """Count a step that a reader makes on its own; False once there were too many."""
        self.steps -= 1
        return self.steps >= 0


def merge(values: Iterable[Value]) -> tuple[Value, ...]:
    """Each value once, in order, and not too many: a long list of them says no more than a short one."""
    merged: dict[tuple[object, ...], Value] = {}
    for value in values:
        subject = (
            (value.name, id(value.node))  # two reads of one variable, perhaps in two stores
            if value.kind is Kind.VARIABLE
            else value.name
            if value.kind is Kind.PARAMETER
            else id(value.node)
            if value.node is not None
            else value.name
        )
        mark = (value.kind, subject, id(value.scope), id(value.inner), value.exact)
        if mark not in merged:
            merged[mark] = value
            if len(merged) == MAX_VALUES:
                break
    return tuple(merged.values())


def unknown(node: Node | None, scope: Scope, name: str) -> Value:
    """A value that cannot be said; `name` says in words what could not be followed."""
    return Value(kind=Kind.UNKNOWN, node=node, scope=scope, name=name)


def absent(node: Node, scope: Scope) -> Value:
    """The value of an expression that asks for a key or attribute that is not there."""
    return Value(kind=Kind.ABSENT, node=node, scope=scope, name=written(node))


def written(node: Node) -> str:
    """An expression in words, for people: `settings.api_key`, `os.environ[name]`, `load().key`."""
    match node:
        case Name(id=name):
            return name
        case Attr(base=base, name=name):
            return f"{written(base)}.{name}"
        case Index(base=base, key=Str(value=key)):
            return f"{written(base)}[{key}]"
        case Index(base=base, key=key):
            return f"{written(base)}[{written(key)}]"
        case Call(func=func):
            return f"{written(func)}()"
        case Other(kind="await" | "paren", children=(inner,)):
            return written(inner)
        case _:
            return "…"


def changed(values: Iterable[Value], *, default_of: str = "", via: str = "", exact: bool = True) -> Iterable[Value]:
    """The same values with one more step on their way."""
    for value in values:
        yield replace(
            value,
            default_of=value.default_of or default_of,
            via=(*value.via, via) if via else value.via,
            exact=value.exact and exact,
        )

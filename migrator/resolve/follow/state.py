"""What a component's state may hold beside the value that it begins with: what its setter is called with (`const [key, setKey] = useState("")`)."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Call, Class, Const, Func, Index, Item, Name, Node, Param, Str, children
from migrator.resolve.context import last_name
from migrator.resolve.follow.question import Question
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Binding, Scope

_MAKERS = ("useState", "createSignal")
"""Of React and of Solid."""


def set_values(question: Question, binding: Binding) -> tuple[tuple[Node, Scope], ...]:
    """The arguments of every call of the setter that belongs to this state, each with its scope; nothing where it is no state."""
    taken = binding.value
    if not isinstance(taken, Index) or not isinstance(taken.base, Call) or last_name(taken.base.func) not in _MAKERS:
        return ()
    call = taken.base
    return question.made(call, lambda: tuple(_calls(question, call, binding.scope)), "state") if _number(taken) == "0" else ()


def _number(taken: Node | None) -> str:
    return taken.key.text if isinstance(taken, Index) and isinstance(taken.key, Const) else ""


def _calls(question: Question, made: Call, scope: Scope) -> Iterator[tuple[Node, Scope]]:
    setter = next(
        (
            name
            for name, bindings in scope.names.items()
            for bound in bindings
            if _base(bound.value) is made and _number(bound.value) == "1"
        ),
        None,
    )
    file = question.repository.files.get(scope.path)
    if setter is None or file is None or not isinstance(scope.node, Func):
        return
    for call, inner in _within(file, scope.node.body, scope):
        if isinstance(call.func, Name) and call.func.id == setter and call.args and not isinstance(call.args[0].value, Func):
            yield call.args[0].value, inner


def _base(taken: Node | None) -> Node | None:
    return taken.base if isinstance(taken, Index) else None


def _within(file: ParsedFile, nodes: tuple[Node, ...], scope: Scope) -> Iterator[tuple[Call, Scope]]:
    """Every call below some nodes, with the scope in which it stands."""
    pending: list[tuple[Node | Arg | Item | Param, Scope]] = [(node, scope) for node in reversed(nodes)]
    while pending:
        node, around = pending.pop()
        if isinstance(node, Call):
            yield node, around
        inner = file.scopes.opened_by(node, around) if isinstance(node, Func | Class) else around
        pending += [(child, inner) for child in reversed(children(node)) if not isinstance(child, Str | Name)]

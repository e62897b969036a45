"""Python's statements, simple and compound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from migrator.formats.python.context import Places, Statement, lower_expression, lower_statements
from migrator.formats.python.expressions import lower_argument, lower_parameters
from migrator.formats.python.imports import import_from, lower_import
from migrator.formats.python.patterns import lower_pattern
from migrator.formats.python.strings import strings_of
from migrator.formats.tree import Assign, Class, Compare, Const, Func, If, Name, Node, Other, Raise, RegionKind, Return, Seq
from migrator.model import Span

if TYPE_CHECKING:
    import libcst


def _bare(at: Places, node: libcst.Expr) -> tuple[Node, ...]:
    before = len(at.regions)
    value = lower_expression(at, node.value)
    if type(node.value).__name__ in ("SimpleString", "ConcatenatedString") and strings_of(value) is not None:
        for region in at.regions[before:]:
            region.kind = RegionKind.DOCSTRING
    return (value,)


def _assign(at: Places, node: libcst.Assign) -> tuple[Node, ...]:
    return (
        Assign(
            at.of(node), tuple([lower_expression(at, target.target) for target in node.targets]), lower_expression(at, node.value)
        ),
    )


def _annotated(at: Places, node: libcst.AnnAssign) -> tuple[Node, ...]:
    annotation = lower_expression(at, node.annotation.annotation)
    value = None if node.value is None else lower_expression(at, node.value)
    return (Assign(at.of(node), (lower_expression(at, node.target),), value, annotation),)


def _augmented(at: Places, node: libcst.AugAssign) -> tuple[Node, ...]:
    return (Assign(at.of(node), (lower_expression(at, node.target),), lower_expression(at, node.value), augmented=True),)


def _type_alias(at: Places, node: libcst.TypeAlias) -> tuple[Node, ...]:
    bounds = _type_parameters(at, node.type_parameters)
    value = lower_expression(at, node.value)
    return (*bounds, Assign(at.of(node), (lower_expression(at, node.name),), value))


def _return(at: Places, node: libcst.Return) -> tuple[Node, ...]:
    return (Return(at.of(node), None if node.value is None else lower_expression(at, node.value)),)


def _raise(at: Places, node: libcst.Raise) -> tuple[Node, ...]:
    if node.exc is None:
        return (Raise(at.of(node), None),)
    value = lower_expression(at, node.exc)
    cause = None if node.cause is None else lower_expression(at, node.cause.item)
    if cause is not None and not isinstance(cause, Name | Const):
        value = Other(Span(value.span.start, cause.span.end), "from", (value, cause))
    return (Raise(at.of(node), value),)


def _assert(at: Places, node: libcst.Assert) -> tuple[Node, ...]:
    parts = [lower_expression(at, part) for part in (node.test, node.msg) if part is not None]
    return (Other(at.of(node), "assert", tuple(parts)),)


def _del(at: Places, node: libcst.Del) -> tuple[Node, ...]:
    target = lower_expression(at, node.target)
    return (Other(at.of(node), "del", target.items if isinstance(target, Seq) else (target,)),)


def _scope(at: Places, node: Any) -> tuple[Node, ...]:
    names = tuple(Name(at.of(item.name), item.name.value) for item in node.names)
    return (Other(at.of(node), type(node).__name__.lower(), names),)


def _word(at: Places, node: Any) -> tuple[Node, ...]:
    return (Other(at.of(node), type(node).__name__.lower(), ()),)


def _block(at: Places, node: Any) -> list[Node]:
    """The statements of a suite, of an `else:` or `finally:`; none where there is none."""
    if node is None:
        return []
    body = node.body
    return lower_statements(at, body) if isinstance(body, Sequence) else _block(at, body)


def _if(at: Places, node: libcst.If) -> tuple[Node, ...]:
    test, body = lower_expression(at, node.test), _block(at, node.body)
    otherwise: Iterable[Node] = _if(at, node.orelse) if type(node.orelse).__name__ == "If" else _block(at, node.orelse)  # type: ignore[arg-type]
    return (If(at.of(node), test, tuple(body), tuple(otherwise)),)


def _for(at: Places, node: libcst.For) -> tuple[Node, ...]:
    target, source = lower_expression(at, node.target), lower_expression(at, node.iter)
    header = Assign(Span(target.span.start, source.span.end), (target,), source)
    return (Other(at.of(node), "for", (header, *_block(at, node.body), *_block(at, node.orelse))),)


def _while(at: Places, node: libcst.While) -> tuple[Node, ...]:
    return (Other(at.of(node), "while", (lower_expression(at, node.test), *_block(at, node.body), *_block(at, node.orelse))),)


def _bound(at: Places, value: Any, asname: Any, span: Span) -> Node:
    """`value as name`."""
    node = lower_expression(at, value)
    return node if asname is None else Assign(span, (lower_expression(at, asname.name),), node)


def _with(at: Places, node: libcst.With) -> tuple[Node, ...]:
    header = [_bound(at, item.item, item.asname, at.of(item)) for item in node.items]
    return (Other(at.of(node), "with", (*header, *_block(at, node.body))),)


def _try(at: Places, node: Any) -> tuple[Node, ...]:
    parts = _block(at, node.body)
    for handler in node.handlers:
        header: list[Node] = []
        if handler.type is not None:
            value = lower_expression(at, handler.type)
            if handler.name is not None:
                name = lower_expression(at, handler.name.name)
                value = Assign(Span(value.span.start, name.span.end), (name,), value)
            header.append(value)
        parts.append(Other(at.of(handler), "except", (*header, *_block(at, handler.body))))
    parts += _block(at, node.orelse)
    if node.finalbody is not None:
        parts.append(Other(at.of(node.finalbody), "finally", tuple(_block(at, node.finalbody))))
    return (Other(at.of(node), "try", tuple(parts)),)


def _type_parameters(at: Places, node: Any) -> list[Node]:
    """Bounds and defaults of `[T: bound = default]`; names alone say nothing."""
    if node is None:
        return []
    nodes: list[Node] = []
    for parameter in node.params:
        for part in (getattr(parameter.param, "bound", None), parameter.default):
            if part is not None:
                value = lower_expression(at, part)
                nodes.append(Other(value.span, "type", (value,)))
    return nodes


def _decorated(at: Places, node: Any) -> tuple[Span, tuple[Node, ...]]:
    """Span of a definition from its first decorator on, and the decorators."""
    span = at.of(node)
    if not node.decorators:
        return span, ()
    decorators = tuple(lower_expression(at, decorator.decorator) for decorator in node.decorators)
    return Span(at.of(node.decorators[0]).start, span.end), decorators


def _function(at: Places, node: libcst.FunctionDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    types = _type_parameters(at, node.type_parameters)
    params = lower_parameters(at, node.params)
    if node.returns is not None:
        value = lower_expression(at, node.returns.annotation)
        types.append(Other(value.span, "type", (value,)))
    return (Func(span, node.name.value, params, (*types, *_block(at, node.body)), decorators),)


def _class(at: Places, node: libcst.ClassDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    types = _type_parameters(at, node.type_parameters)
    bases = tuple(lower_argument(at, base) for base in (*node.bases, *node.keywords))
    return (Class(span, node.name.value, "class", bases, (*types, *_block(at, node.body)), decorators),)


def _match(at: Places, node: libcst.Match) -> tuple[Node, ...]:
    subject = lower_expression(at, node.subject)
    end = at.of(node).end
    chain: tuple[Node, ...] = ()
    lowered: list[tuple[int, Node, list[Node]]] = []
    for case in node.cases:
        pattern = lower_pattern(at, case.pattern)
        test: Node = Compare(pattern.span, "==", (subject, pattern))
        if case.guard is not None:
            guard = lower_expression(at, case.guard)
            test = Other(Span(pattern.span.start, guard.span.end), "and", (test, guard))
        lowered.append((at.of(case).start, test, _block(at, case.body)))
    for index in range(len(lowered) - 1, -1, -1):
        start, test, body = lowered[index]
        chain = (If(Span(start if index else at.of(node).start, end), test, tuple(body), chain),)
    return chain


STATEMENTS: dict[str, Statement] = {
    "AnnAssign": _annotated,
    "Assert": _assert,
    "Assign": _assign,
    "AugAssign": _augmented,
    "Break": _word,
    "ClassDef": _class,
    "Continue": _word,
    "Del": _del,
    "Expr": _bare,
    "For": _for,
    "FunctionDef": _function,
    "Global": _scope,
    "If": _if,
    "Import": lower_import,
    "ImportFrom": import_from,
    "LazyImport": lower_import,
    "LazyImportFrom": import_from,
    "Match": _match,
    "Nonlocal": _scope,
    "Pass": _word,
    "Raise": _raise,
    "Return": _return,
    "Try": _try,
    "TryStar": _try,
    "TypeAlias": _type_alias,
    "While": _while,
    "With": _with,
}

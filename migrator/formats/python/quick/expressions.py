"""Python's expressions as `ast` gives them: the same nodes, to the letter, that `formats.python.expressions` makes of libcst's."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from migrator.formats.python.quick.places import (
    LONGEST,
    Lowering,
    Places,
    Table,
    Unfamiliar,
    blank_comments,
    closed,
    lower,
    widened,
)
from migrator.formats.python.quick.strings import formatted, string
from migrator.formats.python.strings import is_textual, lower_format, lower_percent
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Compare,
    Const,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Return,
    Seq,
    Str,
)
from migrator.model import Span
from migrator.patterns import regex


def _constant(at: Places, node: ast.Constant) -> Node:
    if isinstance(node.value, str | bytes):
        return string(at, node)
    span = at.of(node)
    return Const(span, at.text[span.start : span.end])


def _name(at: Places, node: ast.Name) -> Name:
    span = at.of(node)
    return Name(span, at.text[span.start : span.end] if at.wide else node.id)


def _attribute(at: Places, node: ast.Attribute) -> Attr:
    span = at.of(node)
    return Attr(span, lower(at, node.value), node.attr, at.name(span.end, node.attr))


def _subscript(at: Places, node: ast.Subscript) -> Index:
    base, key = lower(at, node.value), node.slice
    if not isinstance(key, ast.Tuple) or _is_bracketed(at, key):
        return Index(at.of(node), base, _key(at, key))
    keys = tuple([_key(at, part) for part in key.elts])
    if len(keys) == 1:
        return Index(at.of(node), base, keys[0])
    spans = _spread(at, at.of(key).start, key.elts)
    return Index(at.of(node), base, Seq(Span(spans[0].start, spans[-1].end), keys))


def _key(at: Places, node: ast.expr) -> Node:
    if not isinstance(node, ast.Slice):
        value = lower(at, node)
        if isinstance(node, ast.Starred):
            raise Unfamiliar
        return value
    span = at.of(node)
    if at.text[span.end - 1] == ":" and at.text[span.end : span.end + 1] not in ("]", ","):
        raise Unfamiliar
    return Other(span, "slice", tuple([lower(at, part) for part in (node.lower, node.upper, node.step) if part is not None]))


def _is_bracketed(at: Places, node: ast.Tuple) -> bool:
    """Does a tuple stand in parentheses of its own?"""
    start, end = at.of(node)
    text = at.text
    if not text.startswith("(", start) or text[end - 1] != ")":
        return False
    if not node.elts:
        return True
    first = at.of(node.elts[0])
    count = blank_comments(text[start : first.start]).count("(")
    if not count:
        return False
    try:
        closed(text, first.end, count)
    except Unfamiliar:
        return True
    return False


def _spread(at: Places, start: int, nodes: Sequence[Any]) -> list[Span]:
    """The spans of nodes behind one another, each with the parentheses around it."""
    spans: list[Span] = []
    for node in nodes:
        span = at.of(node)
        spans.append(widened(at, start, span))
        start = span.end
    return spans


_OPEN = regex(r"(?:[ \t\f\r\n\\)]|#[^\r\n]*)*\(")


def open_bracket(text: str, end: int) -> int:
    """Where what stands in the parentheses of a call begins; `end` is that of the callee."""
    if text.startswith("(", end):
        return end + 1
    match = _OPEN.match(text, end)
    if match is None:
        raise Unfamiliar
    return match.end()


_WITH_ITS_SPAN = frozenset((ast.Name, ast.Attribute, ast.Call, ast.Subscript))
"""Kinds of nodes that are lowered to a node with the span that `ast` gives them."""
_POSITION = attrgetter("lineno", "col_offset")


def lower_arguments(at: Places, start: int, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> list[Arg]:
    """The arguments of a call, or the bases of a class, in the order in which they are written."""
    every: Sequence[Any] = args
    if keywords:
        every = [*args, *keywords]
        if args and _POSITION(args[-1]) > _POSITION(keywords[0]):
            every.sort(key=_POSITION)
    lowered: list[Arg] = []
    for node in every:
        kind = type(node)
        if kind in _WITH_ITS_SPAN:  # most arguments: the span need not be found out twice
            value = lower(at, node)
            span = value.span
            lowered.append(Arg(widened(at, start, span), value))
            start = span.end
            continue
        span = at.of(node)
        if kind is ast.keyword:
            value = lower(at, node.value)
            if node.arg is None:
                lowered.append(Arg(span, value, star=True))
            else:
                lowered.append(Arg(span, value, node.arg, at.name(span.start + len(node.arg), node.arg)))
        elif kind is ast.Starred:
            lowered.append(Arg(span, lower(at, node.value), star=True))
        elif kind is ast.GeneratorExp and span.start == start - 1:
            value = lower(at, node)
            lowered.append(Arg(value.span, value))
        else:
            lowered.append(Arg(widened(at, start, span), lower(at, node)))
        start = span.end
    return lowered


def _call(at: Places, node: ast.Call) -> Node:
    span = at.of(node)
    func: Any = node.func
    if type(func) is ast.Attribute and func.attr == "format":
        if type(func.value) is ast.JoinedStr:
            raise Unfamiliar
        if type(func.value) is ast.Constant and isinstance(func.value.value, str | bytes):
            template = lower(at, func.value)
            start = open_bracket(at.text, at.end(func))
            return lower_format(span, template, lower_arguments(at, start, node.args, node.keywords))
    callee = lower(at, func)
    start = open_bracket(at.text, callee.span.end if type(func) in _WITH_ITS_SPAN else at.end(func))
    return Call(span, callee, tuple(lower_arguments(at, start, node.args, node.keywords)), span.end - 1)


def _binary(at: Places, node: ast.BinOp) -> Node:
    span = at.of(node)
    kind = type(node.op)
    if kind is ast.Add:
        operands = [lower(at, part) for part in _added(at, node)]
        return Join(span, tuple(operands)) if any(map(is_textual, operands)) else Other(span, "+", tuple(operands))
    left, right = lower(at, node.left), lower(at, node.right)
    if kind is ast.Mod and isinstance(left, Str | Join):
        return lower_percent(span, left, right, type(node.right) is ast.Tuple)
    return Other(span, _BINARY[kind], (left, right))


def _added(at: Places, node: ast.BinOp) -> list[ast.expr]:
    """The operands of `a + b + c`, which `ast` nests to the left as well."""
    start = at.start(node)
    operands = [node.right]
    left = node.left
    while type(left) is ast.BinOp and type(left.op) is ast.Add and at.start(left) == start:
        operands.append(left.right)
        left = left.left
        if len(operands) > LONGEST:
            raise Unfamiliar
    operands.append(left)
    operands.reverse()
    return operands


_BINARY: dict[type, str] = {
    ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.MatMult: "@",
}  # fmt: skip
_UNARY: dict[type, str] = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
_COMPARE: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


def _boolean(at: Places, node: ast.BoolOp) -> Node:
    if len(node.values) > LONGEST:
        raise Unfamiliar
    parts = tuple([lower(at, value) for value in node.values])
    return Alt(at.of(node), parts) if type(node.op) is ast.Or else Other(at.of(node), "and", parts)


def _unary(at: Places, node: ast.UnaryOp) -> Node:
    span = at.of(node)
    kind = _UNARY[type(node.op)]
    value = lower(at, node.operand)
    if kind != "not" and isinstance(value, Const):
        return Const(span, at.text[span.start : span.end])
    return Other(span, kind, (value,))


def _comparison(at: Places, node: ast.Compare) -> Compare:
    operators = [_COMPARE[type(operator)] for operator in node.ops]
    operator = operators[0] if len(set(operators)) == 1 else " ".join(operators)
    return Compare(at.of(node), operator, (lower(at, node.left), *[lower(at, part) for part in node.comparators]))


def _ternary(at: Places, node: ast.IfExp) -> Alt:
    body, otherwise = lower(at, node.body), lower(at, node.orelse)
    return Alt(at.of(node), (body, otherwise), lower(at, node.test))


def _sequence(at: Places, node: Any) -> Seq:
    return Seq(at.of(node), tuple([lower(at, element) for element in node.elts]))


def _tuple(at: Places, node: ast.Tuple) -> Seq:
    return Seq(at.of(node), tuple([lower(at, element) for element in node.elts]))


def _starred(at: Places, node: ast.Starred) -> Other:
    return Other(at.of(node), "star", (lower(at, node.value),))


def _dict(at: Places, node: ast.Dict) -> Obj:
    span = at.of(node)
    items: list[Item] = []
    before = span.start + 1
    for key, value in zip(node.keys, node.values, strict=True):
        inner = at.of(value)
        if key is None:
            start = at.text.rfind("**", before, inner.start)
            if start < 0 or "#" in at.text[start : inner.start]:
                raise Unfamiliar
            end = widened(at, start + 2, inner).end
            items.append(Item(Span(start, end), None, lower(at, value)))
        else:
            named = at.of(key)
            start = widened(at, before, named).start
            lowered = lower(at, key)
            items.append(Item(Span(start, widened(at, named.end, inner).end), lowered, lower(at, value)))
        before = inner.end
    return Obj(span, tuple(items))


def _comprehension(at: Places, node: Any) -> Other:
    results = (node.key, node.value) if type(node) is ast.DictComp else (node.elt,)
    parts: list[Node] = [lower(at, part) for part in results]
    if len(node.generators) > LONGEST:
        raise Unfamiliar
    for loop in node.generators:
        target, source = lower(at, loop.target), lower(at, loop.iter)
        parts.append(Assign(Span(target.span.start, source.span.end), (target,), source))
        parts += [lower(at, test) for test in loop.ifs]
    span = at.of(node)
    if type(node) is ast.GeneratorExp:
        span = _within_brackets(at, span, node)
    return Other(span, "comprehension", tuple(parts))


def _within_brackets(at: Places, span: Span, node: ast.GeneratorExp) -> Span:
    """The span of a generator without the parentheses that `ast` counts in."""
    start = widened(at, span.start + 1, at.of(node.elt)).start
    loop = node.generators[-1]
    end = at.end((loop.ifs or [loop.iter])[-1])
    return Span(start, end + len(blank_comments(at.text[end : span.end - 1]).rstrip(" \t\f\r\n\\")))


def _lambda(at: Places, node: ast.Lambda) -> Func:
    params = lower_parameters(at, node.args)
    body = lower(at, node.body)
    return Func(at.of(node), "", params, (Return(body.span, body),))


def lower_parameters(at: Places, node: ast.arguments) -> tuple[Param, ...]:
    """Parameters in the order in which they are written; a starred one has its stars in its name."""
    plain = [*node.posonlyargs, *node.args]
    defaults: list[ast.expr | None] = [*([None] * (len(plain) - len(node.defaults))), *node.defaults]
    params = [_param(at, param, default, "") for param, default in zip(plain, defaults, strict=True)]
    if node.vararg is not None:
        params.append(_param(at, node.vararg, None, "*"))
    params += [_param(at, param, default, "") for param, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    if node.kwarg is not None:
        params.append(_param(at, node.kwarg, None, "**"))
    return tuple(params)


def _param(at: Places, node: ast.arg, default: ast.expr | None, star: str) -> Param:
    start, end = at.of(node)
    at.name(start + len(node.arg), node.arg)
    if star:
        before = at.text.rfind(star, 0, start)
        if before < 0 or at.text[before + len(star) : start].strip(" \t"):
            raise Unfamiliar
        start = before
    annotation = None
    if node.annotation is not None:
        if type(node.annotation) is ast.Starred:
            raise Unfamiliar
        annotation = lower(at, node.annotation)
    value = None
    if default is not None:
        value = lower(at, default)
        end = widened(at, end, at.of(default)).end
    return Param(Span(start, end), star + node.arg, value, annotation)


def _await(at: Places, node: ast.Await) -> Other:
    return Other(at.of(node), "await", (lower(at, node.value),))


def _yield(at: Places, node: ast.Yield) -> Return:
    return Return(at.of(node), None if node.value is None else lower(at, node.value))


def _yield_from(at: Places, node: ast.YieldFrom) -> Return:
    span = at.of(node)
    inner = Span(at.text.index("from", span.start), span.end)
    return Return(span, Other(inner, "yield from", (lower(at, node.value),)))


def _walrus(at: Places, node: ast.NamedExpr) -> Assign:
    return Assign(at.of(node), (lower(at, node.target),), lower(at, node.value))


def lower_targets(at: Places, nodes: Iterable[ast.expr]) -> tuple[Node, ...]:
    """What is assigned to."""
    return tuple([lower(at, node) for node in nodes])


EXPRESSIONS: Table[Lowering] = Table(
    {
        ast.Attribute: _attribute,
        ast.Await: _await,
        ast.BinOp: _binary,
        ast.BoolOp: _boolean,
        ast.Call: _call,
        ast.Compare: _comparison,
        ast.Constant: _constant,
        ast.Dict: _dict,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.IfExp: _ternary,
        ast.JoinedStr: formatted,
        ast.Lambda: _lambda,
        ast.List: _sequence,
        ast.ListComp: _comprehension,
        ast.Name: _name,
        ast.NamedExpr: _walrus,
        ast.Set: _sequence,
        ast.SetComp: _comprehension,
        ast.Starred: _starred,
        ast.Subscript: _subscript,
        ast.Tuple: _tuple,
        ast.UnaryOp: _unary,
        ast.Yield: _yield,
        ast.YieldFrom: _yield_from,
    }
)

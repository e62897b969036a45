"""Python's expressions: names, calls, operators, displays, and what becomes of each node type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.formats.python.context import Lowering, Places, lower_expression
from migrator.formats.python.operators import BINARY, COMPARE, UNARY
from migrator.formats.python.strings import adjacent, formatted, is_textual, lower_format, lower_percent, lower_string
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

if TYPE_CHECKING:
    import libcst


def _number(at: Places, node: Any) -> Const:
    return Const(at.of(node), node.value)


def _ellipsis(at: Places, node: Any) -> Const:
    return Const(at.of(node), "...")


def _name(at: Places, node: libcst.Name) -> Name | Const:
    if node.value in ("None", "True", "False"):
        return Const(at.of(node), node.value)
    return Name(at.of(node), node.value)


def _attribute(at: Places, node: libcst.Attribute) -> Attr:
    return Attr(at.of(node), lower_expression(at, node.value), node.attr.value, at.of(node.attr))


def _subscript(at: Places, node: libcst.Subscript) -> Index:
    base = lower_expression(at, node.value)
    keys = [_key(at, element) for element in node.slice]
    if len(keys) == 1:
        return Index(at.of(node), base, keys[0])
    return Index(at.of(node), base, Seq(Span(at.of(node.slice[0]).start, at.of(node.slice[-1]).end), tuple(keys)))


def _key(at: Places, element: libcst.SubscriptElement) -> Node:
    node: Any = element.slice
    if type(node).__name__ == "Index":
        key = lower_expression(at, node.value)
        return Other(key.span, "star", (key,)) if node.star else key
    parts = tuple(lower_expression(at, part) for part in (node.lower, node.upper, node.step) if part is not None)
    return Other(at.of(element), "slice", parts)


def lower_argument(at: Places, node: libcst.Arg) -> Arg:
    """One argument of a call, or one base of a class."""
    value = lower_expression(at, node.value)
    keyword = node.keyword
    if keyword is None:
        return Arg(at.of(node), value, star=bool(node.star))
    return Arg(at.of(node), value, keyword.value, at.of(keyword))


def _call(at: Places, node: libcst.Call) -> Node:
    span = at.of(node)
    func: Any = node.func
    if (
        type(func).__name__ == "Attribute"
        and func.attr.value == "format"
        and type(func.value).__name__ in ("SimpleString", "ConcatenatedString")
    ):
        return lower_format(span, lower_expression(at, func.value), [lower_argument(at, arg) for arg in node.args])
    return Call(span, lower_expression(at, func), tuple([lower_argument(at, arg) for arg in node.args]), span.end - 1)


def _chain(at: Places, node: Any) -> list[Node]:
    """The operands of `a op b op c`, which libcst nests to the left."""
    kind, operator = type(node), type(node.operator)
    operands: list[Node] = []
    while True:
        operands.append(lower_expression(at, node.right))
        node = node.left
        if type(node) is not kind or type(node.operator) is not operator or node.lpar:
            break
    operands.append(lower_expression(at, node))
    operands.reverse()
    return operands


def _binary(at: Places, node: libcst.BinaryOperation) -> Node:
    span = at.of(node)
    operator = BINARY.get(type(node.operator).__name__, "operator")
    if operator == "+":
        operands = _chain(at, node)
        return Join(span, tuple(operands)) if any(map(is_textual, operands)) else Other(span, "+", tuple(operands))
    left, right = lower_expression(at, node.left), lower_expression(at, node.right)
    if operator == "%" and isinstance(left, Str | Join):
        return lower_percent(span, left, right, type(node.right).__name__ == "Tuple")
    return Other(span, operator, (left, right))


def _boolean(at: Places, node: libcst.BooleanOperation) -> Node:
    parts = tuple(_chain(at, node))
    return Alt(at.of(node), parts) if type(node.operator).__name__ == "Or" else Other(at.of(node), "and", parts)


def _unary(at: Places, node: libcst.UnaryOperation) -> Node:
    span = at.of(node)
    kind = UNARY.get(type(node.operator).__name__, "operator")
    value = lower_expression(at, node.expression)
    if kind != "not" and isinstance(value, Const):
        return Const(span, at.text[span.start : span.end])
    return Other(span, kind, (value,))


def _comparison(at: Places, node: libcst.Comparison) -> Compare:
    operators: list[str] = []
    parts = [lower_expression(at, node.left)]
    for target in node.comparisons:
        operators.append(COMPARE.get(type(target.operator).__name__, "operator"))
        parts.append(lower_expression(at, target.comparator))
    operator = operators[0] if len(set(operators)) == 1 else " ".join(operators)
    return Compare(at.of(node), operator, tuple(parts))


def _ternary(at: Places, node: libcst.IfExp) -> Alt:
    return Alt(at.of(node), (lower_expression(at, node.body), lower_expression(at, node.orelse)), lower_expression(at, node.test))


def _sequence(at: Places, node: Any) -> Seq:
    return Seq(at.of(node), tuple([_element(at, element) for element in node.elements]))


def _tuple(at: Places, node: libcst.Tuple) -> Seq:
    start, end = at.of(node)
    if node.lpar:
        start = at.starts[id(node.lpar[-1])]
        end = _closed(at.text, end, 1)
    return Seq(Span(start, end), tuple([_element(at, element) for element in node.elements]))


_SPACE = regex(r"(?:[ \t\f\r\n\\]|#[^\r\n]*)*")


def _closed(text: str, end: int, parentheses: int) -> int:
    """Where so many closing parentheses behind `end` end; comments may stand between."""
    for _ in range(parentheses):
        if (match := _SPACE.match(text, end)) is not None:
            end = match.end() + 1
    return end


def _element(at: Places, node: Any) -> Node:
    value = lower_expression(at, node.value)
    return Other(at.of(node), "star", (value,)) if type(node).__name__ == "StarredElement" else value


def _starred(at: Places, node: Any) -> Other:
    return Other(at.of(node), "star", (lower_expression(at, node.value),))


def _dict(at: Places, node: libcst.Dict) -> Obj:
    items: list[Item] = []
    for element in node.elements:
        key = getattr(element, "key", None)
        items.append(Item(at.of(element), None if key is None else lower_expression(at, key), lower_expression(at, element.value)))
    return Obj(at.of(node), tuple(items))


def _comprehension(at: Places, node: Any) -> Other:
    parts = [lower_expression(at, part) for name in ("elt", "key", "value") if (part := getattr(node, name, None)) is not None]
    loop = node.for_in
    while loop is not None:
        target, source = lower_expression(at, loop.target), lower_expression(at, loop.iter)
        parts.append(Assign(Span(target.span.start, source.span.end), (target,), source))
        parts.extend(lower_expression(at, clause.test) for clause in loop.ifs)
        loop = loop.inner_for_in
    return Other(at.of(node), "comprehension", tuple(parts))


def _lambda(at: Places, node: libcst.Lambda) -> Func:
    body = lower_expression(at, node.body)
    return Func(at.of(node), "", lower_parameters(at, node.params), (Return(body.span, body),))


def lower_parameters(at: Places, node: libcst.Parameters) -> tuple[Param, ...]:
    """Parameters in the order in which they are written; a starred one has its stars in its name."""
    every: list[Any] = [*node.posonly_params, *node.params]
    if type(node.star_arg).__name__ == "Param":
        every.append(node.star_arg)
    every += node.kwonly_params
    if node.star_kwarg is not None:
        every.append(node.star_kwarg)
    params: list[Param] = []
    for param in every:
        star = param.star if isinstance(param.star, str) else ""
        annotation = None if param.annotation is None else lower_expression(at, param.annotation.annotation)
        default = None if param.default is None else lower_expression(at, param.default)
        # libcst records the name alone
        start, end = at.spans[id(param)]
        last = param.default or (param.annotation and param.annotation.annotation)
        if last is not None:
            end = _closed(at.text, at.spans[id(last)][1], len(last.rpar))
        params.append(Param(Span(start, end), star + param.name.value, default, annotation))
    return tuple(params)


def _await(at: Places, node: libcst.Await) -> Other:
    return Other(at.of(node), "await", (lower_expression(at, node.expression),))


def _yield(at: Places, node: libcst.Yield) -> Return:
    value: Any = node.value
    if value is None:
        return Return(at.of(node), None)
    if type(value).__name__ == "From":
        return Return(at.of(node), Other(at.of(value), "yield from", (lower_expression(at, value.item),)))
    return Return(at.of(node), lower_expression(at, value))


def _walrus(at: Places, node: libcst.NamedExpr) -> Assign:
    return Assign(at.of(node), (lower_expression(at, node.target),), lower_expression(at, node.value))


EXPRESSIONS: dict[str, Lowering] = {
    "Attribute": _attribute,
    "Await": _await,
    "BinaryOperation": _binary,
    "BooleanOperation": _boolean,
    "Call": _call,
    "Comparison": _comparison,
    "ConcatenatedString": adjacent,
    "Dict": _dict,
    "DictComp": _comprehension,
    "Ellipsis": _ellipsis,
    "Float": _number,
    "FormattedString": formatted,
    "GeneratorExp": _comprehension,
    "IfExp": _ternary,
    "Imaginary": _number,
    "Integer": _number,
    "Lambda": _lambda,
    "List": _sequence,
    "ListComp": _comprehension,
    "Name": _name,
    "NamedExpr": _walrus,
    "Set": _sequence,
    "SetComp": _comprehension,
    "SimpleString": lower_string,
    "StarredDictComp": _comprehension,
    "StarredElement": _starred,
    "Subscript": _subscript,
    "TemplatedString": formatted,
    "Tuple": _tuple,
    "UnaryOperation": _unary,
    "Yield": _yield,
}

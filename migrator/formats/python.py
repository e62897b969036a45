"""Python: libcst's tree, lowered in one hand-written pass.

libcst reads the grammars of every supported Python alike, whichever one runs this tool. The pass is a table from node type to
function, keyed by name, so that libcst is imported only where a file is parsed and a node type that an older one lacks is no error.

Spans leave out parentheses around an expression (so that replacing an expression keeps them), except for tuples. Spans of parts lie
inside the span of the whole, with one exception: the subject of a `match` stands in the test of each of its cases.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from migrator.formats import python_guard
from migrator.formats.python_spans import Inexact, Spans, locate
from migrator.model import Source, Span
from migrator.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Compare,
    Const,
    Func,
    If,
    Import,
    Index,
    Item,
    Join,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Raise,
    Region,
    RegionKind,
    Return,
    Seq,
    Str,
    Unreadable,
)

if TYPE_CHECKING:
    import libcst

_FRAMES = 12_000
"""Python frames allowed when the usual thousand are not enough: what the guard lets through needs at most this many."""


def lower(source: Source) -> Module:
    """The tree of a Python file. Raises `Unreadable`."""
    return lower_text(source.path, source.text)


def lower_text(path: str, text: str) -> Module:
    """As `lower`, for text that has no file of its own."""
    python_guard.check(text)
    try:
        return _lower(path, text)
    except RecursionError:
        pass
    # five hundred adjacent strings are a long prompt, not an attack; the guard has bounded how deep this can go
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _FRAMES))
    try:
        return _lower(path, text)
    except RecursionError:
        raise Unreadable(0, python_guard.TOO_DEEP) from None
    finally:
        sys.setrecursionlimit(usual)


def _lower(path: str, text: str) -> Module:
    module = _parse(text)
    try:
        found = locate(module, text)
    except Inexact:
        raise Unreadable(0, "the parser does not give this text back unchanged, so no place in it can be trusted") from None
    at = _Places(text, found)
    body = _statements(at, module.body)
    return Module(path=path, language="python", body=tuple(body), regions=_sorted(at.regions, found.comments))


def _parse(text: str) -> libcst.Module:
    import libcst

    try:
        return libcst.parse_module(text)
    except libcst.ParserSyntaxError as error:
        raise _complaint(text, error.raw_line) from None
    except UnicodeEncodeError as error:
        raise Unreadable(text.count("\n", 0, error.start) + 1, "the file contains bytes that are not text") from None
    except RecursionError:
        raise
    except BaseException as error:
        # a panic of the native parser derives from BaseException
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(0, "the parser cannot read this file") from None


def _complaint(text: str, line: int) -> Unreadable:
    """What is wrong, in CPython's words: it names the mistake and the right line where libcst names neither."""
    import ast

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as error:
            return Unreadable(error.lineno or line, f"not valid Python: {error.msg}")
        except (ValueError, MemoryError, RecursionError):
            pass
    return Unreadable(line, "not valid Python: invalid syntax")


def _sorted(regions: list[Region], comments: list[tuple[int, int]]) -> tuple[Region, ...]:
    """In text order without overlap: a comment or string inside a string is part of it."""
    regions.extend(Region(Span(*span), RegionKind.COMMENT) for span in comments)
    regions.sort(key=lambda region: (region.span.start, -region.span.end))
    kept: list[Region] = []
    end = 0
    for region in regions:
        if region.span.start >= end:
            kept.append(region)
            end = region.span.end
    return tuple(kept)


class _Places:
    """What every function of the pass needs: the text, where nodes stand, and the regions found so far."""

    __slots__ = ("regions", "spans", "starts", "text")

    def __init__(self, text: str, found: Spans) -> None:
        self.text = text
        self.spans = found.spans
        self.starts = found.starts
        self.regions: list[Region] = []

    def of(self, node: Any) -> Span:
        """Span of a node without its parentheses."""
        return Span(*self.spans[id(node)])


# --- literals -------------------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(
    r"\\(?:(\r\n|[\r\n])|N\{([^}]{1,100})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_SIMPLE_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


def _escaped(found: re.Match[str]) -> str:
    newline, name, two, four, eight, octal, other = found.groups()
    if newline is not None:
        return ""
    if name is not None:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            return found[0]
    if (digits := two or four or eight) is not None:
        code = int(digits, 16)
        return chr(code) if code <= sys.maxunicode else found[0]
    if octal is not None:
        return chr(int(octal, 8))
    return _SIMPLE_ESCAPES.get(other, found[0])


def _value(raw: str, *, verbatim: bool) -> str:
    """What the program sees of the text between quotes."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    return raw if verbatim or "\\" not in raw else _ESCAPE.sub(_escaped, raw)


def _literal(at: _Places, span: Span) -> Str:
    """The `Str` of a literal without replacement fields."""
    text = at.text
    start, end = span
    quote = start
    while text[quote] not in "\"'":
        quote += 1
    width = 3 if end - quote >= 6 and text[quote : quote + 3] == text[quote] * 3 else 1
    inner = Span(quote + width, end - width)
    raw = text[inner.start : inner.end]
    prefix = text[start:quote].lower() if quote > start else ""
    value = _value(raw, verbatim="r" in prefix)
    if "b" in prefix and not raw.isascii():
        value = raw
    return Str(span, value, inner, value == raw)


def _string(at: _Places, node: libcst.SimpleString) -> Str:
    span = at.of(node)
    at.regions.append(Region(span, RegionKind.STRING))
    return _literal(at, span)


def _formatted(at: _Places, node: libcst.FormattedString) -> Node:
    span = at.of(node)
    outer = len(at.regions)
    verbatim = "r" in node.start.lower()
    parts = tuple(_pieces(at, node.parts, span.end - len(node.end), verbatim))
    del at.regions[outer:]
    at.regions.append(Region(span, RegionKind.STRING))
    if not parts or (len(parts) == 1 and isinstance(parts[0], Str) and parts[0].span == parts[0].inner and _is_text(node.parts[0])):
        inner = Span(span.start + len(node.start), span.end - len(node.end))
        value = parts[0].value if parts and isinstance(parts[0], Str) else ""
        return Str(span, value, inner, value == at.text[inner.start : inner.end])
    return Join(span, parts)


def _is_text(part: Any) -> bool:
    return type(part).__name__ in ("FormattedStringText", "TemplatedStringText")


_BRACES = re.compile(r"(\{\{|\}\})")


def _pieces(at: _Places, parts: Sequence[Any], end: int, verbatim: bool) -> Iterator[Node]:
    """The parts of an f-string; `end` is where the last one ends."""
    for index, part in enumerate(parts):
        start = at.starts[id(part)]
        stop = at.starts[id(parts[index + 1])] if index + 1 < len(parts) else end
        if _is_text(part):
            inner = Span(start, stop)
            raw = at.text[start:stop]
            # doubled braces are halved only outside of `\N{…}`
            value = "".join(
                piece[0] if piece in ("{{", "}}") else _value(piece, verbatim=verbatim)
                for piece in (_BRACES.split(raw) if "{" in raw or "}" in raw else (raw,))
            )
            yield Str(inner, value, inner, value == raw)
            continue
        value_node = _expression(at, part.expression)
        spec = part.format_spec or ()
        if spec or part.equal is not None or part.conversion not in (None, "s"):
            inside = [_expression(at, piece.expression) for piece in spec if not _is_text(piece)]
            yield Other(Span(start, stop), "format", (value_node, *inside))
        else:
            yield value_node


def _adjacent(at: _Places, node: libcst.ConcatenatedString) -> Join:
    """`"a" "b"`: a chain that leans to the right."""
    span = at.of(node)
    parts: list[Node] = []
    rest: Any = node
    while type(rest).__name__ == "ConcatenatedString":
        parts.append(_expression(at, rest.left))
        rest = rest.right
    parts.append(_expression(at, rest))
    return Join(span, tuple(parts))


def _number(at: _Places, node: Any) -> Const:
    return Const(at.of(node), node.value)


def _ellipsis(at: _Places, node: Any) -> Const:
    return Const(at.of(node), "...")


# --- names and access -----------------------------------------------------------------------------------------------------


def _name(at: _Places, node: libcst.Name) -> Name | Const:
    if node.value in ("None", "True", "False"):
        return Const(at.of(node), node.value)
    return Name(at.of(node), node.value)


def _attribute(at: _Places, node: libcst.Attribute) -> Attr:
    return Attr(at.of(node), _expression(at, node.value), node.attr.value, at.of(node.attr))


def _subscript(at: _Places, node: libcst.Subscript) -> Index:
    base = _expression(at, node.value)
    keys = [_key(at, element) for element in node.slice]
    if len(keys) == 1:
        return Index(at.of(node), base, keys[0])
    return Index(at.of(node), base, Seq(Span(at.of(node.slice[0]).start, at.of(node.slice[-1]).end), tuple(keys)))


def _key(at: _Places, element: libcst.SubscriptElement) -> Node:
    node: Any = element.slice
    if type(node).__name__ == "Index":
        key = _expression(at, node.value)
        return Other(key.span, "star", (key,)) if node.star else key
    parts = tuple(_expression(at, part) for part in (node.lower, node.upper, node.step) if part is not None)
    return Other(at.of(element), "slice", parts)


def _argument(at: _Places, node: libcst.Arg) -> Arg:
    value = _expression(at, node.value)
    keyword = node.keyword
    if keyword is None:
        return Arg(at.of(node), value, star=bool(node.star))
    return Arg(at.of(node), value, keyword.value, at.of(keyword))


def _call(at: _Places, node: libcst.Call) -> Node:
    span = at.of(node)
    func: Any = node.func
    if (
        type(func).__name__ == "Attribute"
        and func.attr.value == "format"
        and type(func.value).__name__ in ("SimpleString", "ConcatenatedString")
    ):
        return _format(span, _expression(at, func.value), [_argument(at, arg) for arg in node.args])
    return Call(span, _expression(at, func), tuple([_argument(at, arg) for arg in node.args]), span.end - 1)


# --- templates: "…".format(…) and "…" % … ----------------------------------------------------------------------------------

_CURLY = re.compile(r"(?P<literal>\{\{|\}\})|\{(?P<name>[^{}!:.\[]*+)(?P<rest>[^{}]*+)\}|(?P<odd>[{}])")
_PERCENT = re.compile(
    r"(?P<literal>%%)|%(?:\((?P<name>[^()]*)\))?[-#0 +]*+(?:\d++|(?P<odd>\*))?(?:\.(?:\d++|\*))?[hlL]?[a-zA-Z]|(?P<bad>%)",
)


def _strings(template: Node) -> tuple[Str, ...] | None:
    """The literals that a template is written with, or None where it is not made of literals alone."""
    match template:
        case Str():
            return (template,)
        case Join(parts=parts):
            literals = tuple(part for part in parts if isinstance(part, Str))
            return literals if len(literals) == len(parts) else None
        case _:
            return None


def _cut(literal: Str, start: int, end: int, value: str | None = None) -> Str:
    """A piece of a literal's value as a literal without quotes; inexact pieces stand where the whole one does."""
    piece = literal.value[start:end] if value is None else value
    if not literal.exact:
        return Str(literal.inner, piece, literal.inner, False)
    span = Span(literal.inner.start + start, literal.inner.start + end)
    return Str(span, piece, span, value is None)


def _fill(literals: Iterable[Str], pattern: re.Pattern[str], argument: Callable[[re.Match[str]], Node | None]) -> list[Node] | None:
    """Literal pieces and arguments in the order of the placeholders; None where one cannot be told."""
    parts: list[Node] = []
    for literal in literals:
        done = 0
        for found in pattern.finditer(literal.value):
            if found.start() > done:
                parts.append(_cut(literal, done, found.start()))
            done = found.end()
            if found["literal"]:
                parts.append(_cut(literal, found.start(), done, found["literal"][0]))
            elif (value := argument(found)) is not None:
                parts.append(value)
            else:
                return None
        if done < len(literal.value):
            parts.append(_cut(literal, done, len(literal.value)))
    return parts


def _format(span: Span, template: Node, args: list[Arg]) -> Join:
    """`"{}/{path}".format(base, path=p)`."""
    positional = [arg.value for arg in args if arg.name is None and not arg.star]
    named = {arg.name: arg.value for arg in args if arg.name is not None}
    count = 0

    def argument(found: re.Match[str]) -> Node | None:
        nonlocal count
        name = found["name"]
        if name is None:
            return None
        value: Node | None
        if name == "" or name.isdecimal():
            index = int(name) if name else count
            count += not name
            value = positional[index] if index < len(positional) else None
        else:
            value = named.get(name)
        rest = found["rest"]
        return value if value is None or not rest or rest == "!s" else Other(value.span, "format", (value,))

    literals = _strings(template)
    starred = any(arg.star for arg in args)
    parts = None if literals is None or starred else _fill(literals, _CURLY, argument)
    return _whole(span, template, parts, [arg.value for arg in args])


def _percent(span: Span, template: Node, right: Node, tuple_: bool) -> Join:
    """`"%s/%s" % (base, path)`, `"%(base)s" % {"base": base}`, `"%s" % base`."""
    arguments: list[Node] = list(right.items) if tuple_ and isinstance(right, Seq) else [right]
    named: dict[str, Node] = {}
    if isinstance(right, Obj):
        named = {item.key.value: item.value for item in right.items if isinstance(item.key, Str)}
    queue = iter(arguments)

    def argument(found: re.Match[str]) -> Node | None:
        if found["bad"] or found["odd"]:
            return None
        return named.get(found["name"]) if found["name"] is not None else next(queue, None)

    literals = _strings(template)
    parts = None if literals is None else _fill(literals, _PERCENT, argument)
    # a mapping's keys say nothing once its values stand in their places
    return _whole(span, template, parts, list(named.values()) if named and parts is not None else arguments)


def _whole(span: Span, template: Node, parts: list[Node] | None, arguments: list[Node]) -> Join:
    """The join, and behind it what no placeholder took; where the template is beyond us, its literals and all arguments."""
    if parts is None:
        parts = list(template.parts) if isinstance(template, Join) else [template]
    used = {id(inside) for part in parts for inside in (part, *(part.children if isinstance(part, Other) else ()))}
    return Join(span, (*parts, *(argument for argument in arguments if id(argument) not in used)))


# --- operators ------------------------------------------------------------------------------------------------------------

_COMPARE = {
    "Equal": "==",
    "NotEqual": "!=",
    "LessThan": "<",
    "LessThanEqual": "<=",
    "GreaterThan": ">",
    "GreaterThanEqual": ">=",
    "In": "in",
    "NotIn": "not in",
    "Is": "is",
    "IsNot": "is not",
}
_BINARY = {
    "Add": "+",
    "Subtract": "-",
    "Multiply": "*",
    "Divide": "/",
    "FloorDivide": "//",
    "Modulo": "%",
    "Power": "**",
    "LeftShift": "<<",
    "RightShift": ">>",
    "BitOr": "|",
    "BitAnd": "&",
    "BitXor": "^",
    "MatrixMultiply": "@",
}
_UNARY = {"Not": "not", "Minus": "-", "Plus": "+", "BitInvert": "~"}


def _chain(at: _Places, node: Any) -> list[Node]:
    """The operands of `a op b op c`, which libcst nests to the left."""
    kind, operator = type(node), type(node.operator)
    operands: list[Node] = []
    while True:
        operands.append(_expression(at, node.right))
        node = node.left
        if type(node) is not kind or type(node.operator) is not operator or node.lpar:
            break
    operands.append(_expression(at, node))
    operands.reverse()
    return operands


def _textual(node: Node) -> bool:
    """Whether an operand shows that `+` joins strings."""
    match node:
        case Str() | Join():
            return True
        case Alt(parts=parts):
            return any(map(_textual, parts))
        case Call(func=Name(id="str")):
            return True
        case _:
            return False


def _binary(at: _Places, node: libcst.BinaryOperation) -> Node:
    span = at.of(node)
    operator = _BINARY.get(type(node.operator).__name__, "operator")
    if operator == "+":
        operands = _chain(at, node)
        return Join(span, tuple(operands)) if any(map(_textual, operands)) else Other(span, "+", tuple(operands))
    left, right = _expression(at, node.left), _expression(at, node.right)
    if operator == "%" and isinstance(left, Str | Join):
        return _percent(span, left, right, type(node.right).__name__ == "Tuple")
    return Other(span, operator, (left, right))


def _boolean(at: _Places, node: libcst.BooleanOperation) -> Node:
    parts = tuple(_chain(at, node))
    return Alt(at.of(node), parts) if type(node.operator).__name__ == "Or" else Other(at.of(node), "and", parts)


def _unary(at: _Places, node: libcst.UnaryOperation) -> Node:
    span = at.of(node)
    kind = _UNARY.get(type(node.operator).__name__, "operator")
    value = _expression(at, node.expression)
    if kind != "not" and isinstance(value, Const):
        return Const(span, at.text[span.start : span.end])
    return Other(span, kind, (value,))


def _comparison(at: _Places, node: libcst.Comparison) -> Compare:
    operators: list[str] = []
    parts = [_expression(at, node.left)]
    for target in node.comparisons:
        operators.append(_COMPARE.get(type(target.operator).__name__, "operator"))
        parts.append(_expression(at, target.comparator))
    operator = operators[0] if len(set(operators)) == 1 else " ".join(operators)
    return Compare(at.of(node), operator, tuple(parts))


def _ternary(at: _Places, node: libcst.IfExp) -> Alt:
    return Alt(at.of(node), (_expression(at, node.body), _expression(at, node.orelse)), _expression(at, node.test))


# --- displays and comprehensions ------------------------------------------------------------------------------------------


def _sequence(at: _Places, node: Any) -> Seq:
    return Seq(at.of(node), tuple([_element(at, element) for element in node.elements]))


def _tuple(at: _Places, node: libcst.Tuple) -> Seq:
    start, end = at.of(node)
    if node.lpar:
        start = at.starts[id(node.lpar[-1])]
        end = _closed(at.text, end, 1)
    return Seq(Span(start, end), tuple([_element(at, element) for element in node.elements]))


_SPACE = re.compile(r"(?:[ \t\f\r\n\\]|#[^\r\n]*)*")


def _closed(text: str, end: int, parentheses: int) -> int:
    """Where so many closing parentheses behind `end` end; comments may stand between."""
    for _ in range(parentheses):
        if (found := _SPACE.match(text, end)) is not None:
            end = found.end() + 1
    return end


def _element(at: _Places, node: Any) -> Node:
    value = _expression(at, node.value)
    return Other(at.of(node), "star", (value,)) if type(node).__name__ == "StarredElement" else value


def _starred(at: _Places, node: Any) -> Other:
    return Other(at.of(node), "star", (_expression(at, node.value),))


def _dict(at: _Places, node: libcst.Dict) -> Obj:
    items: list[Item] = []
    for element in node.elements:
        key = getattr(element, "key", None)
        items.append(Item(at.of(element), None if key is None else _expression(at, key), _expression(at, element.value)))
    return Obj(at.of(node), tuple(items))


def _comprehension(at: _Places, node: Any) -> Other:
    parts = [_expression(at, part) for name in ("elt", "key", "value") if (part := getattr(node, name, None)) is not None]
    loop = node.for_in
    while loop is not None:
        target, source = _expression(at, loop.target), _expression(at, loop.iter)
        parts.append(Assign(Span(target.span.start, source.span.end), (target,), source))
        parts.extend(_expression(at, clause.test) for clause in loop.ifs)
        loop = loop.inner_for_in
    return Other(at.of(node), "comprehension", tuple(parts))


# --- expressions that are functions, waits, bindings -------------------------------------------------------------------------


def _lambda(at: _Places, node: libcst.Lambda) -> Func:
    body = _expression(at, node.body)
    return Func(at.of(node), "", _parameters(at, node.params), (Return(body.span, body),))


def _parameters(at: _Places, node: libcst.Parameters) -> tuple[Param, ...]:
    every: list[Any] = [*node.posonly_params, *node.params]
    if type(node.star_arg).__name__ == "Param":
        every.append(node.star_arg)
    every += node.kwonly_params
    if node.star_kwarg is not None:
        every.append(node.star_kwarg)
    params: list[Param] = []
    for param in every:
        star = param.star if isinstance(param.star, str) else ""
        annotation = None if param.annotation is None else _expression(at, param.annotation.annotation)
        default = None if param.default is None else _expression(at, param.default)
        # libcst records the name alone
        start, end = at.spans[id(param)]
        last = param.default or (param.annotation and param.annotation.annotation)
        if last is not None:
            end = _closed(at.text, at.spans[id(last)][1], len(last.rpar))
        params.append(Param(Span(start, end), star + param.name.value, default, annotation))
    return tuple(params)


def _await(at: _Places, node: libcst.Await) -> Other:
    return Other(at.of(node), "await", (_expression(at, node.expression),))


def _yield(at: _Places, node: libcst.Yield) -> Return:
    value: Any = node.value
    if value is None:
        return Return(at.of(node), None)
    if type(value).__name__ == "From":
        return Return(at.of(node), Other(at.of(value), "yield from", (_expression(at, value.item),)))
    return Return(at.of(node), _expression(at, value))


def _walrus(at: _Places, node: libcst.NamedExpr) -> Assign:
    return Assign(at.of(node), (_expression(at, node.target),), _expression(at, node.value))


_EXPRESSIONS: dict[str, Callable[[_Places, Any], Node]] = {
    "Attribute": _attribute,
    "Await": _await,
    "BinaryOperation": _binary,
    "BooleanOperation": _boolean,
    "Call": _call,
    "Comparison": _comparison,
    "ConcatenatedString": _adjacent,
    "Dict": _dict,
    "DictComp": _comprehension,
    "Ellipsis": _ellipsis,
    "Float": _number,
    "FormattedString": _formatted,
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
    "SimpleString": _string,
    "StarredDictComp": _comprehension,
    "StarredElement": _starred,
    "Subscript": _subscript,
    "TemplatedString": _formatted,
    "Tuple": _tuple,
    "UnaryOperation": _unary,
    "Yield": _yield,
}


def _expression(at: _Places, node: Any) -> Node:
    kind = type(node).__name__
    lowering = _EXPRESSIONS.get(kind)
    return _unknown(at, node, kind) if lowering is None else lowering(at, node)


def _unknown(at: _Places, node: Any, kind: str) -> Other:
    """A node type younger than this file: its kind, and whatever inside of it is known."""
    parts: list[Node] = []
    for child in node.children:
        name = type(child).__name__
        if name in _EXPRESSIONS:
            parts.append(_expression(at, child))
        elif name in _STATEMENTS:
            parts.extend(_STATEMENTS[name](at, child))
        elif id(child) in at.spans:
            parts.append(_unknown(at, child, name))
    start, end = at.spans.get(id(node)) or ((parts[0].span.start, parts[-1].span.end) if parts else (0, 0))
    return Other(Span(start, end), kind.lower(), tuple(parts))


# --- simple statements: each gives zero or more nodes ------------------------------------------------------------------------


def _bare(at: _Places, node: libcst.Expr) -> tuple[Node, ...]:
    before = len(at.regions)
    value = _expression(at, node.value)
    if type(node.value).__name__ in ("SimpleString", "ConcatenatedString") and _strings(value) is not None:
        for region in at.regions[before:]:
            region.kind = RegionKind.DOCSTRING
    return (value,)


def _assign(at: _Places, node: libcst.Assign) -> tuple[Node, ...]:
    return (Assign(at.of(node), tuple([_expression(at, target.target) for target in node.targets]), _expression(at, node.value)),)


def _annotated(at: _Places, node: libcst.AnnAssign) -> tuple[Node, ...]:
    annotation = _expression(at, node.annotation.annotation)
    value = None if node.value is None else _expression(at, node.value)
    return (Assign(at.of(node), (_expression(at, node.target),), value, annotation),)


def _augmented(at: _Places, node: libcst.AugAssign) -> tuple[Node, ...]:
    return (Assign(at.of(node), (_expression(at, node.target),), _expression(at, node.value), augmented=True),)


def _type_alias(at: _Places, node: libcst.TypeAlias) -> tuple[Node, ...]:
    bounds = _type_parameters(at, node.type_parameters)
    value = _expression(at, node.value)
    return (*bounds, Assign(at.of(node), (_expression(at, node.name),), value))


def _return(at: _Places, node: libcst.Return) -> tuple[Node, ...]:
    return (Return(at.of(node), None if node.value is None else _expression(at, node.value)),)


def _raise(at: _Places, node: libcst.Raise) -> tuple[Node, ...]:
    if node.exc is None:
        return (Raise(at.of(node), None),)
    value = _expression(at, node.exc)
    cause = None if node.cause is None else _expression(at, node.cause.item)
    if cause is not None and not isinstance(cause, Name | Const):
        value = Other(Span(value.span.start, cause.span.end), "from", (value, cause))
    return (Raise(at.of(node), value),)


def _assert(at: _Places, node: libcst.Assert) -> tuple[Node, ...]:
    parts = [_expression(at, part) for part in (node.test, node.msg) if part is not None]
    return (Other(at.of(node), "assert", tuple(parts)),)


def _del(at: _Places, node: libcst.Del) -> tuple[Node, ...]:
    target = _expression(at, node.target)
    return (Other(at.of(node), "del", target.items if isinstance(target, Seq) else (target,)),)


def _scope(at: _Places, node: Any) -> tuple[Node, ...]:
    names = tuple(Name(at.of(item.name), item.name.value) for item in node.names)
    return (Other(at.of(node), type(node).__name__.lower(), names),)


def _word(at: _Places, node: Any) -> tuple[Node, ...]:
    return (Other(at.of(node), type(node).__name__.lower(), ()),)


def _dotted(node: Any) -> str:
    names: list[str] = []
    while type(node).__name__ == "Attribute":
        names.append(node.attr.value)
        node = node.value
    names.append(node.value)
    return ".".join(reversed(names))


def _alias(at: _Places, alias: Any) -> tuple[str, Span] | None:
    return None if alias.asname is None else (alias.asname.name.value, at.of(alias.asname.name))


def _import(at: _Places, node: Any) -> tuple[Node, ...]:
    span = at.of(node)
    imports: list[Node] = []
    for alias in node.names:
        module = _dotted(alias.name)
        local, local_span = _alias(at, alias) or (module.split(".", 1)[0], None)
        imports.append(Import(span, module, at.of(alias.name), None, None, local, local_span))
    return tuple(imports)


_FROM = re.compile(r"(?:lazy\b)?(?:[ \t\f]|\\\r?\n)*from(?:[ \t\f]|\\\r?\n)*")


def _import_from(at: _Places, node: Any) -> tuple[Node, ...]:
    span = at.of(node)
    found = _FROM.match(at.text, span.start)
    start = span.start if found is None else found.end()
    dots = "." * len(node.relative)
    if node.module is not None:
        module, module_span = dots + _dotted(node.module), Span(start, at.of(node.module).end)
    else:
        end = start
        for _ in dots:
            end = at.text.index(".", end) + 1
        module, module_span = dots, Span(start, end)
    if type(node.names).__name__ == "ImportStar":
        star = Span(span.end - 1, span.end)
        return (Import(span, module, module_span, "*", star, "*", None),)
    imports: list[Node] = []
    for alias in node.names:
        name = _dotted(alias.name)
        local, local_span = _alias(at, alias) or (name, None)
        imports.append(Import(span, module, module_span, name, at.of(alias.name), local, local_span))
    return tuple(imports)


# --- compound statements ---------------------------------------------------------------------------------------------------


def _block(at: _Places, node: Any) -> list[Node]:
    """The statements of a suite, of an `else:` or `finally:`; none where there is none."""
    if node is None:
        return []
    body = node.body
    return _statements(at, body) if isinstance(body, Sequence) else _block(at, body)


def _if(at: _Places, node: libcst.If) -> tuple[Node, ...]:
    test, body = _expression(at, node.test), _block(at, node.body)
    otherwise: Iterable[Node] = _if(at, node.orelse) if type(node.orelse).__name__ == "If" else _block(at, node.orelse)  # type: ignore[arg-type]
    return (If(at.of(node), test, tuple(body), tuple(otherwise)),)


def _for(at: _Places, node: libcst.For) -> tuple[Node, ...]:
    target, source = _expression(at, node.target), _expression(at, node.iter)
    header = Assign(Span(target.span.start, source.span.end), (target,), source)
    return (Other(at.of(node), "for", (header, *_block(at, node.body), *_block(at, node.orelse))),)


def _while(at: _Places, node: libcst.While) -> tuple[Node, ...]:
    return (Other(at.of(node), "while", (_expression(at, node.test), *_block(at, node.body), *_block(at, node.orelse))),)


def _bound(at: _Places, value: Any, asname: Any, span: Span) -> Node:
    """`value as name`."""
    node = _expression(at, value)
    return node if asname is None else Assign(span, (_expression(at, asname.name),), node)


def _with(at: _Places, node: libcst.With) -> tuple[Node, ...]:
    header = [_bound(at, item.item, item.asname, at.of(item)) for item in node.items]
    return (Other(at.of(node), "with", (*header, *_block(at, node.body))),)


def _try(at: _Places, node: Any) -> tuple[Node, ...]:
    parts = _block(at, node.body)
    for handler in node.handlers:
        header: list[Node] = []
        if handler.type is not None:
            value = _expression(at, handler.type)
            if handler.name is not None:
                name = _expression(at, handler.name.name)
                value = Assign(Span(value.span.start, name.span.end), (name,), value)
            header.append(value)
        parts.append(Other(at.of(handler), "except", (*header, *_block(at, handler.body))))
    parts += _block(at, node.orelse)
    if node.finalbody is not None:
        parts.append(Other(at.of(node.finalbody), "finally", tuple(_block(at, node.finalbody))))
    return (Other(at.of(node), "try", tuple(parts)),)


def _type_parameters(at: _Places, node: Any) -> list[Node]:
    """Bounds and defaults of `[T: bound = default]`; names alone say nothing."""
    if node is None:
        return []
    found: list[Node] = []
    for parameter in node.params:
        for part in (getattr(parameter.param, "bound", None), parameter.default):
            if part is not None:
                value = _expression(at, part)
                found.append(Other(value.span, "type", (value,)))
    return found


def _decorated(at: _Places, node: Any) -> tuple[Span, tuple[Node, ...]]:
    """Span of a definition from its first decorator on, and the decorators."""
    span = at.of(node)
    if not node.decorators:
        return span, ()
    decorators = tuple(_expression(at, decorator.decorator) for decorator in node.decorators)
    return Span(at.of(node.decorators[0]).start, span.end), decorators


def _function(at: _Places, node: libcst.FunctionDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    types = _type_parameters(at, node.type_parameters)
    params = _parameters(at, node.params)
    if node.returns is not None:
        value = _expression(at, node.returns.annotation)
        types.append(Other(value.span, "type", (value,)))
    return (Func(span, node.name.value, params, (*types, *_block(at, node.body)), decorators),)


def _class(at: _Places, node: libcst.ClassDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    types = _type_parameters(at, node.type_parameters)
    bases = tuple(_argument(at, base) for base in (*node.bases, *node.keywords))
    return (Class(span, node.name.value, "class", bases, (*types, *_block(at, node.body)), decorators),)


def _match(at: _Places, node: libcst.Match) -> tuple[Node, ...]:
    subject = _expression(at, node.subject)
    end = at.of(node).end
    chain: tuple[Node, ...] = ()
    lowered: list[tuple[int, Node, list[Node]]] = []
    for case in node.cases:
        pattern = _pattern(at, case.pattern)
        test: Node = Compare(pattern.span, "==", (subject, pattern))
        if case.guard is not None:
            guard = _expression(at, case.guard)
            test = Other(Span(pattern.span.start, guard.span.end), "and", (test, guard))
        lowered.append((at.of(case).start, test, _block(at, case.body)))
    for index in range(len(lowered) - 1, -1, -1):
        start, test, body = lowered[index]
        chain = (If(Span(start if index else at.of(node).start, end), test, tuple(body), chain),)
    return chain


def _pattern(at: _Places, node: Any) -> Node:
    """A pattern as the value it accepts; a class pattern is no call, and a captured name is bound, not read."""
    span = at.spans.get(id(node))
    match type(node).__name__:
        case "MatchValue" | "MatchSingleton":
            return _expression(at, node.value)
        case "MatchList" | "MatchTuple":
            parts = [_pattern(at, part) for part in node.patterns]
            return Seq(Span(*span) if span else _hull(parts), tuple(parts))
        case "MatchSequenceElement" | "MatchOrElement":
            return _pattern(at, node.value if hasattr(node, "value") else node.pattern)
        case "MatchMapping":
            items = [Item(at.of(part), _expression(at, part.key), _pattern(at, part.pattern)) for part in node.elements]
            if node.rest is not None:
                rest = at.of(node.rest)
                items.append(Item(rest, None, Assign(rest, (Name(rest, node.rest.value),), None)))
            return Obj(at.of(node), tuple(items))
        case "MatchClass":
            parts = [_expression(at, node.cls), *(_pattern(at, part.value) for part in node.patterns)]
            parts += [_pattern(at, part.pattern) for part in node.kwds]
            return Other(at.of(node), "pattern", tuple(parts))
        case "MatchOr":
            parts = [_pattern(at, part.pattern) for part in node.patterns]
            return Alt(_hull(parts), tuple(parts))
        case "MatchStar" if node.name is not None:
            name = Name(at.of(node.name), node.name.value)
            return Other(at.of(node), "star", (Assign(name.span, (name,), None),))
        case "MatchAs" if node.name is not None:
            name = Name(at.of(node.name), node.name.value)
            if node.pattern is None:
                return Assign(name.span, (name,), None)
            inside = _pattern(at, node.pattern)
            return Assign(Span(inside.span.start, name.span.end), (name,), inside)
        case _:
            return Const(Span(*span) if span else Span(0, 0), "_")


def _hull(parts: Sequence[Node]) -> Span:
    return Span(parts[0].span.start, parts[-1].span.end) if parts else Span(0, 0)


_STATEMENTS: dict[str, Callable[[_Places, Any], tuple[Node, ...]]] = {
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
    "Import": _import,
    "ImportFrom": _import_from,
    "LazyImport": _import,
    "LazyImportFrom": _import_from,
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


def _statements(at: _Places, nodes: Iterable[Any]) -> list[Node]:
    lowered: list[Node] = []
    for node in nodes:
        kind = type(node).__name__
        if kind == "SimpleStatementLine":
            lowered += _statements(at, node.body)
        elif (lowering := _STATEMENTS.get(kind)) is not None:
            lowered += lowering(at, node)
        else:
            lowered.append(_unknown(at, node, kind))
    return lowered

"""Python's strings: literals, f-strings, adjacent pieces, and the templates of `format` and `%`."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from migrator.formats.python.context import Places, lower_expression
from migrator.formats.tree import Alt, Arg, Call, Join, Name, Node, Obj, Other, Region, RegionKind, Seq, Str
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    import libcst

_ESCAPE = regex(
    r"\\(?:(\r\n|[\r\n])|N\{([^}]{1,100})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_SIMPLE_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


def _escaped(match: re.Match[str]) -> str:
    newline, name, two, four, eight, octal, other = match.groups()
    if newline is not None:
        return ""
    if name is not None:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            return match[0]
    if (digits := two or four or eight) is not None:
        code = int(digits, 16)
        return chr(code) if code <= sys.maxunicode else match[0]
    if octal is not None:
        return chr(int(octal, 8))
    return _SIMPLE_ESCAPES.get(other, match[0])


def _value(raw: str, *, verbatim: bool) -> str:
    """What the program sees of the text between quotes."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    return raw if verbatim or "\\" not in raw else _ESCAPE.sub(_escaped, raw)


def literal(text: str, span: Span) -> Str:
    """The `Str` of a literal without replacement fields."""
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


def lower_string(at: Places, node: libcst.SimpleString) -> Str:
    """A literal without replacement fields."""
    span = at.of(node)
    at.regions.append(Region(span, RegionKind.STRING))
    return literal(at.text, span)


def formatted(at: Places, node: libcst.FormattedString) -> Node:
    """An f-string or t-string: a `Str` where nothing in it is replaced, else a `Join`."""
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


_BRACES = regex(r"(\{\{|\}\})")


def text_piece(text: str, start: int, stop: int, *, verbatim: bool) -> Str:
    """The text between two replacement fields."""
    inner = Span(start, stop)
    raw = text[start:stop]
    # doubled braces are halved only outside of `\N{…}`
    value = "".join(
        piece[0] if piece in ("{{", "}}") else _value(piece, verbatim=verbatim)
        for piece in (_BRACES.split(raw) if "{" in raw or "}" in raw else (raw,))
    )
    return Str(inner, value, inner, value == raw)


def _pieces(at: Places, parts: Sequence[Any], end: int, verbatim: bool) -> Iterator[Node]:
    """The parts of an f-string; `end` is where the last one ends."""
    for index, part in enumerate(parts):
        start = at.starts[id(part)]
        stop = at.starts[id(parts[index + 1])] if index + 1 < len(parts) else end
        if _is_text(part):
            yield text_piece(at.text, start, stop, verbatim=verbatim)
            continue
        value_node = lower_expression(at, part.expression)
        spec = part.format_spec or ()
        if spec or part.equal is not None or part.conversion not in (None, "s"):
            inside = [lower_expression(at, piece.expression) for piece in spec if not _is_text(piece)]
            yield Other(Span(start, stop), "format", (value_node, *inside))
        else:
            yield value_node


def adjacent(at: Places, node: libcst.ConcatenatedString) -> Join:
    """`"a" "b"`: a chain that leans to the right."""
    span = at.of(node)
    parts: list[Node] = []
    rest: Any = node
    while type(rest).__name__ == "ConcatenatedString":
        parts.append(lower_expression(at, rest.left))
        rest = rest.right
    parts.append(lower_expression(at, rest))
    return Join(span, tuple(parts))


_CURLY = regex(r"(?P<literal>\{\{|\}\})|\{(?P<name>[^{}!:.\[]*+)(?P<rest>[^{}]*+)\}|(?P<odd>[{}])")
_PERCENT = regex(
    r"(?P<literal>%%)|%(?:\((?P<name>[^()]*)\))?[-#0 +]*+(?:\d++|(?P<odd>\*))?(?:\.(?:\d++|\*))?[hlL]?[a-zA-Z]|(?P<bad>%)",
)


def strings_of(template: Node) -> tuple[Str, ...] | None:
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
        for match in pattern.finditer(literal.value):
            if match.start() > done:
                parts.append(_cut(literal, done, match.start()))
            done = match.end()
            if match["literal"]:
                parts.append(_cut(literal, match.start(), done, match["literal"][0]))
            elif (value := argument(match)) is not None:
                parts.append(value)
            else:
                return None
        if done < len(literal.value):
            parts.append(_cut(literal, done, len(literal.value)))
    return parts


def lower_format(span: Span, template: Node, args: list[Arg]) -> Join:
    """`"{}/{path}".format(base, path=p)`."""
    positional = [arg.value for arg in args if arg.name is None and not arg.star]
    named = {arg.name: arg.value for arg in args if arg.name is not None}
    count = 0

    def argument(match: re.Match[str]) -> Node | None:
        nonlocal count
        name = match["name"]
        if name is None:
            return None
        value: Node | None
        if name == "" or name.isdecimal():
            index = int(name) if name else count
            count += not name
            value = positional[index] if index < len(positional) else None
        else:
            value = named.get(name)
        rest = match["rest"]
        return value if value is None or not rest or rest == "!s" else Other(value.span, "format", (value,))

    literals = strings_of(template)
    starred = any(arg.star for arg in args)
    parts = None if literals is None or starred else _fill(literals, _CURLY, argument)
    return _whole(span, template, parts, [arg.value for arg in args])


def lower_percent(span: Span, template: Node, right: Node, tuple_: bool) -> Join:
    """`"%s/%s" % (base, path)`, `"%(base)s" % {"base": base}`, `"%s" % base`."""
    arguments: list[Node] = list(right.items) if tuple_ and isinstance(right, Seq) else [right]
    named: dict[str, Node] = {}
    if isinstance(right, Obj):
        named = {item.key.value: item.value for item in right.items if isinstance(item.key, Str)}
    queue = iter(arguments)

    def argument(match: re.Match[str]) -> Node | None:
        if match["bad"] or match["odd"]:
            return None
        return named.get(match["name"]) if match["name"] is not None else next(queue, None)

    literals = strings_of(template)
    parts = None if literals is None else _fill(literals, _PERCENT, argument)
    # a mapping's keys say nothing once its values stand in their places
    return _whole(span, template, parts, list(named.values()) if named and parts is not None else arguments)


def _whole(span: Span, template: Node, parts: list[Node] | None, arguments: list[Node]) -> Join:
    """The join, and behind it what no placeholder took; where the template is beyond us, its literals and all arguments."""
    if parts is None:
        parts = list(template.parts) if isinstance(template, Join) else [template]
    used = {id(inside) for part in parts for inside in (part, *(part.children if isinstance(part, Other) else ()))}
    return Join(span, (*parts, *(argument for argument in arguments if id(argument) not in used)))


def is_textual(node: Node) -> bool:
    """Whether an operand shows that `+` joins strings."""
    match node:
        case Str() | Join():
            return True
        case Alt(parts=parts):
            return any(map(is_textual, parts))
        case Call(func=Name(id="str")):
            return True
        case _:
            return False

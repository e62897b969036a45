"""Names, constants and string literals of any language, by factories that a language's table calls with its own kinds of syntax."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.languages.lowering import lower_node, other_node
from migrator.formats.languages.reading import Handler, Reading, parts_of, span_of, word_of
from migrator.formats.tree import Const, Join, Name, Node, Other, Str
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def lower_name(c: Reading, n: Syntax) -> Node:
    """An identifier; one of no width is what the parser had to suppose. A sign before it (`$x`) is no part of its name."""
    span, word = word_of(c, n)
    return Name(span, word.lstrip("$") if word[0] == "$" else word) if word else Other(span, "missing", ())


def lower_const(c: Reading, n: Syntax) -> Node:
    """A number, `true`, `nil` and the like, as written."""
    return Const(*word_of(c, n))


_QUOTES = ('"', "'")
_QUOTED = regex(r"""[A-Za-z@$#]*(\"\"\"|'''|"|'|`)""")
_ESCAPE = regex(
    r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x\{?([0-9a-fA-F]{2})\}?|([0-7]{1,3})|(\r\n|[\s\S]))"
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f", "a": "\a", "e": "\x1b", "0": "\0"}


def _decoded(match: re.Match[str]) -> str:
    *codes, octal, letter = match.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(next(code for code in codes if code), 16)
    return chr(code) if code < 0x110000 else match[0]


def piece(c: Reading, span: Span, inner: Span, *, raw: bool = False) -> Str:
    """A literal, or a stretch of one, whose text stands at `inner`."""
    text = c.text[inner.start : inner.end]
    if raw or "\\" not in text:
        return Str(span, text, inner, True)
    value = _ESCAPE.sub(_decoded, text)
    return Str(span, value, inner, value == text)


def string(*, raw: bool = False, holes: tuple[str, ...] = (), symbol: str = "") -> Handler:
    """A string literal without (or with) pieces of code in it: `holes` are the kinds that hold such code.

    `raw`: a backslash is a character like others. `symbol`: the sign before a bare word (`:name` in Ruby).
    """

    def lower(c: Reading, n: Syntax) -> Node:
        span, text = word_of(c, n)
        if text[:1] in _QUOTES and text[0] == text[-1] and text[1:3] != text[:1] * 2 and not (holes and n.named_child_count):
            start, end = span  # most are `"word"`
            return piece(c, span, Span(start + 1, max(start + 1, end - 1)), raw=raw)
        if symbol and text.startswith(symbol) and not text.startswith((f'{symbol}"', f"{symbol}'")):
            inner = Span(span.start + len(symbol), span.end)
            return Str(span, text[len(symbol) :], inner, True)
        opening = _QUOTED.match(text)
        start, end = span
        literally = raw
        if opening:
            start += opening.end()
            if len(text) >= opening.end() + len(opening[1]) and text.endswith(opening[1]):
                end -= len(opening[1])
            literally = raw or opening[0][:1] in "rR`" or opening[0].startswith("@")
        code = [child for child in n.named_children if child.type in holes]
        if not code:
            return piece(c, span, Span(start, max(start, end)), raw=literally)
        return Join(span, _pieces(c, code, start, end, raw=literally))

    return lower


def _pieces(c: Reading, code: list[Syntax], start: int, end: int, *, raw: bool) -> tuple[Node, ...]:
    parts: list[Node] = []
    for hole in code:
        place = span_of(c, hole)
        if place.start > start:
            stretch = Span(start, place.start)
            parts.append(piece(c, stretch, stretch, raw=raw))
        inside = parts_of(c, hole)
        if hole.type in c.language.nodes and hole.type not in _WRAPPERS:
            parts.append(lower_node(c, hole))
        elif len(inside) == 1:
            parts.append(lower_node(c, inside[0]))
        else:
            parts.append(other_node(c, hole))
        start = place.end
    if end > start:
        stretch = Span(start, end)
        parts.append(piece(c, stretch, stretch, raw=raw))
    return tuple(parts)


_WRAPPERS = ("interpolation", "template_substitution", "interpolated_expression", "string_interpolation")


def formatted(span: Span, form: str, pattern: Node, values: list[Node]) -> Node | None:
    """What `Sprintf("%s/x", a)` puts together, as a `Join`; None where its pattern is no literal or names its values otherwise."""
    if form == "first":
        return pattern
    if form == "plain":
        return Join(span, (pattern, *values))
    if not (isinstance(pattern, Str) and pattern.exact):
        return None
    holes = _PRINTF if form == "printf" else _BRACES
    parts: list[Node] = []
    at, used = 0, 0
    for match in holes.finditer(pattern.value):
        if match[0] in ("%%", "{{", "}}"):
            return None
        if match.start() > at:
            parts.append(_cut(pattern, at, match.start()))
        name = match.groupdict().get("name") or ""
        if name.isdigit():
            index = int(name)
        elif name:
            place = Span(pattern.inner.start + match.start("name"), pattern.inner.start + match.end("name"))
            parts.append(Name(place, name))
            at = match.end()
            continue
        else:
            index, used = used, used + 1
        parts.append(values[index] if index < len(values) else Other(span, "missing", ()))
        at = match.end()
    if at < len(pattern.value):
        parts.append(_cut(pattern, at, len(pattern.value)))
    return Join(span, tuple(parts)) if parts else None


def with_default(node: Node) -> tuple[Node, ...]:
    """`${name:default}` as two texts, the first standing where the name does; any other text as it is."""
    match = _PLACEHOLDER.fullmatch(node.value) if isinstance(node, Str) else None
    if match is None or not isinstance(node, Str):
        return (node,)
    escaped = not node.exact  # Kotlin writes `\\${name}`
    if escaped and node.inner.end - node.inner.start != len(node.value) + node.value.count("$"):
        return (node,)

    def place(group: int) -> Span:
        start, end = match.span(group)
        signs = (node.value.count("$", 0, start), node.value.count("$", 0, end)) if escaped else (0, 0)
        return Span(node.inner.start + start + signs[0], node.inner.start + end + signs[1])

    name = Str(node.span, f"${{{match[1]}}}", place(1), False)
    if match[2] is None:
        return (name,)
    at = place(2)
    return (name, Str(at, match[2], at, not escaped))


_PLACEHOLDER = regex(r"\$\{([\w.\-\[\]]+)(?::(.*))?\}")
_PRINTF = regex(r"%%|%[-+ #0]*[\d.*]*[A-Za-z@]")
_BRACES = regex(r"\{\{|\}\}|\{(?P<name>\w*)(?:[:,][^}]*)?\}")


def _cut(pattern: Str, start: int, end: int) -> Str:
    span = Span(pattern.inner.start + start, pattern.inner.start + end)
    return Str(span, pattern.value[start:end], span, True)

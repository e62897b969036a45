"""Python's strings as `ast` has read them: adjacent pieces are taken apart again, and f-strings are read from the text.

Before Python 3.12 `ast` does not say where the parts of an f-string stand, and it never says where its pieces of text do.
"""

from __future__ import annotations

import ast
import re

from migrator.formats.python.quick.places import LONGEST, SPACE, Places, Unfamiliar, lower
from migrator.formats.python.strings import literal, text_piece
from migrator.formats.tree import Attr, Join, Name, Node, Other, Region, RegionKind, Str
from migrator.model import Span
from migrator.patterns import regex

_PLAIN = regex(
    r"""[rRbBuU]{0,2}(?:
        "{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3}
      | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}
      | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"
      | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*' )""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = regex(r"""([fF][rR]?|[rR][fF])("{3}|'{3}|["'])""")
_SIGN = {
    quotes: regex(rf"\\N\{{[^{{}}]*\}}|\\(?:\r\n|[^{{}}])|\{{\{{|\}}\}}|(\{{)|({quotes})", re.DOTALL)
    for quotes in ('"""', "'''", '"', "'")
}
"""What ends a piece of text in an f-string: a replacement field, or the quotes."""
_RAW_SIGN = {quotes: regex(rf"\\(?:\r\n|[^{{}}])|\{{\{{|\}}\}}|(\{{)|({quotes})", re.DOTALL) for quotes in ('"""', "'''", '"', "'")}
_NAMES = regex(r"\{((?!(?:None|True|False)\b)[A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)*)(?=[}:!])")
_CODE = regex(r"""[^\[\](){}!:=<>"'\#\\\r\n]+""")


def string(at: Places, node: ast.Constant) -> Node:
    """A text or bytes without replacement fields: a `Str`, or a `Join` of adjacent ones."""
    span = at.of(node)
    match = _PLAIN.match(at.text, span.start)
    if match is not None and match.end() == span.end:
        at.regions.append(Region(span, RegionKind.STRING))
        return literal(at.text, span)
    return _pieces(at, span)


def formatted(at: Places, node: ast.JoinedStr) -> Node:
    """An f-string, or adjacent strings with one among them."""
    return _pieces(at, at.of(node))


def _pieces(at: Places, span: Span) -> Node:
    """The string in a span: a `Join` where it is written in several pieces."""
    parts: list[Node] = []
    pos, end = span
    while True:
        if (opening := _OPENING.match(at.text, pos)) is not None:
            part, stop = _formatted(at, opening)
        elif (plain := _PLAIN.match(at.text, pos)) is not None:
            stop = plain.end()
            piece = Span(pos, stop)
            at.regions.append(Region(piece, RegionKind.STRING))
            part = literal(at.text, piece)
        else:
            raise Unfamiliar
        parts.append(part)
        if stop == end:
            break
        space = SPACE.match(at.text, stop)
        pos = space.end() if space is not None else stop
        if pos >= end or len(parts) >= LONGEST:
            raise Unfamiliar
    return parts[0] if len(parts) == 1 else Join(span, tuple(parts))


def _formatted(at: Places, opening: re.Match[str]) -> tuple[Node, int]:
    """An f-string, and where it ends: a `Str` where nothing in it is replaced, else a `Join`."""
    text, outer = at.text, len(at.regions)
    verbatim = "r" in opening[1].lower()
    sign = (_RAW_SIGN if verbatim else _SIGN)[opening[2]]
    body = start = pos = opening.end()
    parts: list[Node] = []
    plain = True
    while True:
        match = sign.search(text, pos)
        if match is None:
            raise Unfamiliar
        if match.lastindex is None:
            pos = match.end()
            continue
        if match.start() > start:
            parts.append(text_piece(text, start, match.start(), verbatim=verbatim))
        if match.lastindex == 2:
            break
        part, pos = _field(at, match.start())
        start = pos
        parts.append(part)
        plain = False
    del at.regions[outer:]
    span = Span(opening.start(), match.end())
    at.regions.append(Region(span, RegionKind.STRING))
    if plain and len(parts) <= 1:
        inner = Span(body, match.start())
        value = parts[0].value if parts and isinstance(parts[0], Str) else ""
        return Str(span, value, inner, value == text[body : match.start()]), match.end()
    return Join(span, tuple(parts)), match.end()


def _field(at: Places, start: int) -> tuple[Node, int]:
    """The replacement field that begins with the brace at `start`, and where it ends."""
    value, pos, odd = _value(at, start)
    text = at.text
    inside: list[Node] = []
    if text.startswith("!", pos):
        odd = odd or text[pos + 1 : pos + 2] != "s"
        pos += 2
    if text.startswith(":", pos):
        first = pos + 1
        pos, inside = _specification(at, first)
        odd = odd or pos > first
    if not text.startswith("}", pos):
        raise Unfamiliar
    pos += 1
    return (Other(Span(start, pos), "format", (value, *inside)) if odd else value), pos


def _specification(at: Places, pos: int) -> tuple[int, list[Node]]:
    """Where a format specification ends, and what is replaced in it."""
    inside: list[Node] = []
    text = at.text
    while (letter := text[pos : pos + 1]) != "}":
        if letter == "{":
            value, pos, _ = _value(at, pos)
            inside.append(value)
            if not text.startswith("}", pos):
                raise Unfamiliar
        elif letter in "\\\r\n":
            raise Unfamiliar
        pos += 1
    return pos, inside


def _value(at: Places, start: int) -> tuple[Node, int, bool]:
    """The expression of a replacement field, where it ends, and whether its own text is shown too (`{x=}`)."""
    names = _NAMES.match(at.text, start)
    if names is not None:
        node: Node = Name(Span(*names.span(1)), names[1])
        end = names.end(1)
        for word in names[2].split(".")[1:]:
            name = Span(end + 1, end + 1 + len(word))
            end = name.end
            node = Attr(Span(start + 1, end), node, word, name)
        return node, end, False
    stop, shown = _expression_end(at, start + 1)
    code = at.text[start + 1 : stop]
    bare = code.lstrip(" \t")
    try:
        parsed = ast.parse(bare.rstrip(" \t"), mode="eval").body
    except (SyntaxError, ValueError, MemoryError):
        raise Unfamiliar from None
    node = lower(at.inside(start + 1 + len(code) - len(bare), bare), parsed)
    if shown:
        stop = at.text.index("=", stop) + 1
        space = SPACE.match(at.text, stop)
        stop = space.end() if space is not None else stop
    return node, stop, shown


def _expression_end(at: Places, pos: int) -> tuple[int, bool]:
    """Where the expression of a replacement field ends, and whether an `=` follows it."""
    text, depth = at.text, 0
    while True:
        if (plain := _CODE.match(text, pos)) is not None:
            pos = plain.end()
        letter = text[pos : pos + 1]
        following = text[pos + 1 : pos + 2]
        if letter in ("[", "(", "{"):
            depth += 1
        elif letter in ("]", ")", "}"):
            if not depth:
                return pos, False
            depth -= 1
        elif letter in ("'", '"'):
            pos = _string_end(at, pos)
            continue
        elif (letter in ("!", "=", "<", ">") and following == "=") or letter in ("<", ">"):
            pos += following == "="
        elif letter in ("!", ":") and not depth:
            return pos, False
        elif letter == "=" and not depth:
            return pos, True
        elif letter not in ("!", ":", "="):
            raise Unfamiliar
        pos += 1


def _string_end(at: Places, quote: int) -> int:
    """Where the string ends whose quotes begin there."""
    text, start = at.text, quote
    while text[start - 1].isalpha() and quote - start < 2:
        start -= 1
    if (opening := _OPENING.match(text, start)) is not None and opening.start(2) == quote:
        return _formatted(at, opening)[1]
    plain = _PLAIN.match(text, quote if text[start : start + 1] not in "rR" else start)
    if plain is None:
        raise Unfamiliar
    return plain.end()

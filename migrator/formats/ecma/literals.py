"""Names, constants and string literals of JavaScript and TypeScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.ecma.context import Handler, Reading, text_of, word_of
from migrator.formats.tree import Const, Name, Node, Other, Str
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def key_of(c: Reading, n: Syntax) -> tuple[Span, str]:
    """A name that may be written as a string: where it stands without quotes, and what it is."""
    if n.type == "string":
        literal = lower_string(c, n)
        return literal.inner, literal.value
    return word_of(c, n)


def lower_name(c: Reading, n: Syntax) -> Node:
    """An identifier; one of no width is what the parser had to suppose."""
    span, word = word_of(c, n)
    return Name(span, word) if word else Other(span, "missing", ())


def lower_const(c: Reading, n: Syntax) -> Node:
    """A number, `true`, `null` and the like, as written."""
    return Const(*word_of(c, n))


def lower_string(c: Reading, n: Syntax) -> Str:
    """A string literal, without its quotes in `inner`."""
    span, raw = word_of(c, n)
    start, end = span
    if raw[:1] in ("'", '"', "`"):
        start += 1
        if len(raw) > 1 and raw[-1] == raw[0]:
            end -= 1
    inner = Span(start, end)
    return _literal(span, inner, text_of(c, inner))


def _literal(span: Span, inner: Span, raw: str) -> Str:
    if "\\" not in raw:
        return Str(span, raw, inner, True)
    value = _unescape(raw)
    return Str(span, value, inner, value == raw)


def template_piece(c: Reading, span: Span) -> Str:
    """A literal stretch of a template, whose line ends a program sees as LF."""
    raw = text_of(c, span)
    if "\r" not in raw:
        return _literal(span, span, raw)
    value = _unescape(raw.replace("\r\n", "\n").replace("\r", "\n"))
    return Str(span, value, span, False)


_ESCAPE = regex(r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\s\S]))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f"} | dict.fromkeys(
    ("\n", "\r", "\r\n", "\u2028", "\u2029"), ""
)


def _unescape(raw: str) -> str:
    value = _ESCAPE.sub(_escaped, raw)
    if any("\ud800" <= letter <= "\udfff" for letter in value):  # a pair of \u escapes is one character
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return value


def _escaped(match: re.Match[str]) -> str:
    long, short, byte, octal, letter = match.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(long or short or byte, 16)
    return chr(code) if code < 0x110000 else match[0]


EXPRESSIONS: dict[str, Handler] = {
    **dict.fromkeys(
        (
            "identifier", "this", "super", "import", "property_identifier", "private_property_identifier", "type_identifier",
            "shorthand_property_identifier", "shorthand_property_identifier_pattern", "statement_identifier",
        ),
        lower_name,
    ),
    **dict.fromkeys(("number", "true", "false", "null", "undefined", "regex"), lower_const),
    "string": lower_string,
}  # fmt: skip

"""Lowering of `.env` files.

What is an entry is decided by python-dotenv's own parser, the one most readers use; this module only finds out where each part
of an entry stands. A value may be a secret: it is held by the nodes and named in no message.
"""

from __future__ import annotations

import re
from io import StringIO

from migrator.formats.interpolation import Dialect, scalar, unescaped, verbatim
from migrator.formats.tree import EnvDef, Join, Module, Node, Region, RegionKind, Str, Unreadable
from migrator.model import Source, Span
from migrator.patterns import regex

_LARGEST = 1_000_000
_KEY = regex(r"\s*(?:export[^\S\r\n]+)?(?:'(?P<quoted>[^']+)'|(?P<bare>[^=#\s]+))[^\S\r\n]*(?P<equals>=[^\S\r\n]*)?")
# python-dotenv changed how a backslash before a quote reads; the form that gives its own answer is the right one
_DOUBLE = (regex(r'"((?:\\.|[^"\\])*)"', re.DOTALL), regex(r'"((?:\\"|[^"])*)"'))
_SINGLE = (regex(r"'((?:\\.|[^'\\])*)'", re.DOTALL), regex(r"'((?:\\'|[^'])*)'"))
_DOUBLE_ESCAPE = regex(r"\\[\\'\"abfnrtv]")
_SINGLE_ESCAPE = regex(r"\\[\\']")
_DECODED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REST = regex(r"[^\r\n]*")
_INLINE = regex(r"\s+#.*")
_TRAILING = regex(r"[^\S\r\n]*(#[^\r\n]*)")
_SWITCHED_OFF = regex(r"#+[ \t]*(?P<entry>(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?P<value>[^\r\n]*))")
_UPPER_LIKE = regex(r"[A-Z][A-Z0-9_]+\Z")


def lower(source: Source) -> Module:
    """The assignments of an env file in text order, with those that are commented out. Lines that are none are noted as errors."""
    from dotenv.parser import parse_stream

    text = source.text
    if len(text) > _LARGEST:
        raise Unreadable(0, f"too large: an env file of more than {_LARGEST // 1_000_000} MB is not read")
    body: list[Node] = []
    regions: list[Region] = []
    errors: list[tuple[int, str]] = []
    at = 0
    line = 1
    for binding in parse_stream(StringIO(text, newline="")):
        start, at = at, at + len(binding.original.string)
        whole = text[start:at]
        lead = len(whole) - len(whole.lstrip())
        if binding.error:
            errors.append((line + len(re.findall(r"\r\n|\n|\r", whole[:lead])), "this line is not NAME=value"))
        elif binding.key is not None:
            _entry(text, start, at, binding.value, body, regions)
        elif whole[lead : lead + 1] == "#":
            span = Span(start + lead, start + len(whole.rstrip("\r\n")))
            regions.append(Region(span, RegionKind.COMMENT))
            if entry := _commented(text, span):
                body.append(entry)
        line += len(re.findall(r"\r\n|\n|\r", whole))
    return Module(source.path, "dotenv", tuple(body), tuple(regions), tuple(errors))


def _entry(text: str, start: int, end: int, expected: str | None, body: list[Node], regions: list[Region]) -> None:
    match = _KEY.match(text, start, end)
    if match is None:  # the parser and this module disagree: better to miss a line than to misplace it
        return
    begin = start + len(match[0]) - len(match[0].lstrip())
    group = "quoted" if match["quoted"] is not None else "bare"
    name_span = Span(*match.span(group))
    if match["equals"] is None:
        body.append(EnvDef(Span(begin, _stripped(text, begin, match.end())), match[group], name_span, None, "dotenv"))
        return
    value, stop = _value(text, match.end(), end, expected)
    sealed = isinstance(value, Str) and value.value.startswith("encrypted:")
    body.append(EnvDef(Span(begin, stop), match[group], name_span, value, "dotenv", owner="sealed:dotenvx" if sealed else ""))
    if stop > value.span.start:
        regions.append(Region(value.span, RegionKind.STRING))
    if comment := _TRAILING.match(text, stop, end):
        regions.append(Region(Span(*comment.span(1)), RegionKind.COMMENT))


def _value(text: str, start: int, end: int, expected: str | None) -> tuple[Str | Join, int]:
    """The value that begins at `start`, and where it ends, closing quote included. `expected`: what the parser read, if it did."""
    quote = text[start : start + 1]
    for pattern in _SINGLE if quote == "'" else _DOUBLE if quote == '"' else ():
        if match := pattern.match(text, start, end):
            inner = Span(*match.span(1))
            view = unescaped(text, *inner, _SINGLE_ESCAPE if quote == "'" else _DOUBLE_ESCAPE, _decode)
            if expected is None or view.text == expected:
                if quote == '"':
                    return scalar(view, Span(*match.span()), inner, Dialect.DOTENV), match.end()
                return Str(Span(*match.span()), view.text, inner, exact=view.exact(0, len(view.text))), match.end()
    rest = _REST.match(text, start, end)
    span = Span(start, start + len(_INLINE.sub("", rest[0] if rest else "").rstrip()))
    return scalar(verbatim(text, *span), span, span, Dialect.DOTENV), span.end


def _decode(escape: re.Match[str]) -> str:
    return _DECODED.get(escape[0][1], escape[0][1])


def _commented(text: str, comment: Span) -> EnvDef | None:
    match = _SWITCHED_OFF.match(text, *comment)
    if match is None or not _UPPER_LIKE.match(match["name"]):
        return None
    value, stop = _value(text, match.start("value"), comment.end, None)
    if "_" not in match["name"] and isinstance(value, Str) and re.search(r"\s", value.value):
        return None  # prose: "NOTE = this is how it works"
    return EnvDef(Span(match.start("entry"), stop), match["name"], Span(*match.span("name")), value, "dotenv", commented=True)


def _stripped(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())

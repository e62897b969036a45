"""Xcode's build settings: `NAME = value` a line, `//` before a comment, `$(NAME)` for another setting.

https://developer.apple.com/documentation/xcode/adding-a-build-configuration-file-to-your-project
"""

from __future__ import annotations

import re

from migrator.formats.spans import joined
from migrator.formats.tree import EnvDef, EnvRef, Module, Node, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_LINE = regex(
    r"^[ \t]*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\r\n]*\])*[ \t]*=[ \t]*(?P<value>(?:(?!//)[^\r\n])*))?(?P<comment>//[^\r\n]*)?",
    re.MULTILINE,
)
_REFERENCE = regex(r"\$[({]([A-Za-z_][A-Za-z0-9_]*)(?::[^)}\r\n]*)?[)}]")


def lower(source: Source) -> Module:
    """The settings in text order. Never raises."""
    body: list[Node] = []
    regions: list[Region] = []
    for match in _LINE.finditer(source.text):
        if match["comment"]:
            regions.append(Region(Span(*match.span("comment")), RegionKind.COMMENT))
        if match["name"]:
            start, end = match.span("value")
            end = start + len(source.text[start:end].rstrip())
            value = value_of(source.text, start, end)
            body.append(EnvDef(Span(match.start("name"), end), match["name"], Span(*match.span("name")), value, "xcconfig"))
    return Module(source.path, "xcconfig", tuple(body), tuple(regions))


def value_of(text: str, start: int, end: int) -> Node | None:
    """A text with the settings that it refers to; None where nothing is written."""
    if not text[start:end].strip():
        return None
    parts: list[Node] = []
    at = start
    for match in _REFERENCE.finditer(text, start, end):
        if match.start() > at:
            parts.append(Str(Span(at, match.start()), text[at : match.start()], Span(at, match.start()), True))
        if match[1] != "inherited":
            parts.append(EnvRef(Span(*match.span()), match[1], Span(*match.span(1)), "xcode"))
        at = match.end()
    if end > at:
        parts.append(Str(Span(at, end), text[at:end], Span(at, end), True))
    return parts[0] if len(parts) == 1 else joined(Span(start, end), Span(start, end), parts)

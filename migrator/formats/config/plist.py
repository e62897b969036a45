"""Property lists of Apple's platforms, as far as they give an application values under a name: `Info.plist`.

A program reads an entry with `Bundle.main.object(forInfoDictionaryKey:)`; its value is a text, or a build setting `$(NAME)` that an
`.xcconfig` file or the project defines.
https://developer.apple.com/documentation/bundleresources/information-property-list
"""

from __future__ import annotations

import re

from migrator.formats.config.env_entries import CAPITALS, IDENTIFIER
from migrator.formats.config.xcconfig import value_of
from migrator.formats.tree import EnvDef, Module, Node, Region, RegionKind
from migrator.model import Source, Span
from migrator.patterns import regex

_ENTRY = regex(r"<key>\s*([^<>]*?)\s*</key>\s*<string>([^<>]*)</string>")
_COMMENT = regex(r"<!--.*?-->", re.DOTALL)
_SAYS = regex(r"open_?router", re.IGNORECASE)


def lower(source: Source) -> Module:
    """The entries whose names may be variables of the program. Never raises."""
    comments = [Span(*match.span()) for match in _COMMENT.finditer(source.text)]
    body: list[Node] = []
    for match in _ENTRY.finditer(source.text):
        name = match[1]
        inside = any(comment.start <= match.start() < comment.end for comment in comments)
        if not inside and IDENTIFIER.match(name) and (CAPITALS.match(name) or _SAYS.search(name)):
            value = value_of(source.text, *match.span(2))
            body.append(EnvDef(Span(*match.span()), name, Span(*match.span(1)), value, "plist"))
    return Module(source.path, "plist", tuple(body), tuple(Region(comment, RegionKind.COMMENT) for comment in comments))

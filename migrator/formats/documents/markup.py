"""Pages with scripts in them: Vue, Svelte, Astro, HTML. The scripts are lowered as `ecma` does, in place; the rest is markup.

Expressions inside templates (`{{ x }}`, `{x}`, `:href="x"`) are not parsed: they stay markup, where a mention is still seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from migrator.formats import ecma
from migrator.formats.tree import Arg, Call, Module, Name, Node, Region, RegionKind, Str, Unreadable
from migrator.model import Source, Span
from migrator.patterns import regex
from migrator.text.source import Lines

ENDINGS = (".vue", ".svelte", ".astro", ".html", ".htm")
"""File name endings that this module reads."""


def lower(source: Source) -> Module:
    """The script blocks of a page (and the code between the fences of an Astro component), one after the other.

    A block that cannot be read at all is listed in `errors`; the others are lowered all the same.
    """
    text = source.text
    ending = source.path.lower().rpartition(".")[2]
    body: list[Node] = []
    regions: list[Region] = []
    errors: list[tuple[int, str]] = []
    lines: Lines | None = None
    reached = 0
    for block in _blocks(text, ending):
        _markup(text, Span(reached, block.span.start), regions)
        reached = block.span.end
        if block.dialect is None:
            regions.append(Region(block.span, RegionKind.COMMENT))
            continue
        try:
            module = ecma.lower_text(
                source.path, text[block.span.start : block.span.end], dialect=block.dialect, offset=block.span.start
            )
        except Unreadable as error:
            lines = lines or Lines(text)
            errors.append((lines.line(block.span.start), error.message))
            continue
        body += module.body
        regions += module.regions
        if module.errors:
            lines = lines or Lines(text)
            before = lines.line(block.span.start) - 1
            errors += [(before + line, message) for line, message in module.errors]
    _markup(text, Span(reached, len(text)), regions)
    body += _policies(text)
    body.sort(key=lambda node: node.span.start)
    return Module(path=source.path, language="ecma", body=tuple(body), regions=tuple(regions), errors=tuple(errors))


def _markup(text: str, span: Span, regions: list[Region]) -> None:
    if text[span.start : span.end].strip():
        regions.append(Region(span, RegionKind.MARKUP))


_META = regex(r"<meta\s[^>]{0,200}?http-equiv\s*=\s*[\"']?content-security-policy\b", re.IGNORECASE)
_CONTENT = regex(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def _policies(text: str) -> Iterator[Call]:
    """The content security policies of a page, as calls of `meta`: the browser obeys them as it does a header."""
    for meta in _META.finditer(text):
        end = text.find(">", meta.end())
        content = _CONTENT.search(text, meta.start(), end) or _CONTENT.search(text, meta.start())
        if end < 0 or content is None:
            continue
        inner = Span(*content.span(1 if content[1] is not None else 2))
        value = Str(Span(inner.start - 1, inner.end + 1), text[inner.start : inner.end], inner, True)
        name = Name(Span(meta.start() + 1, meta.start() + 5), "meta")
        yield Call(Span(meta.start(), content.end()), name, (Arg(value.span, value, "content"),), content.end())


class _Block(NamedTuple):
    """A stretch that is not markup."""

    span: Span
    dialect: str | None
    """What the script is written in; None for a comment."""


_FRONT = regex(r"\s*---(?=\s)")
_FENCE = regex(r"^[ \t]*---", re.MULTILINE)
_TAG = regex(r"<(?:!--|([a-zA-Z][^\s/>]*))")


def _blocks(text: str, ending: str) -> Iterator[_Block]:
    """Comments and scripts in text order, in one pass; what stands in attributes, comments and styles opens nothing."""
    position = 0
    if ending == "astro" and (front := _FRONT.match(text)) and (fence := _FENCE.search(text, front.end())):
        yield _Block(Span(front.end(), fence.start()), "ts")
        position = fence.end()
    while tag := _TAG.search(text, position):
        if tag[1] is None:
            end = text.find("-->", tag.end())
            position = len(text) if end < 0 else end + 3
            yield _Block(Span(tag.start(), position), None)
            continue
        name = tag[1].lower()
        position, attributes = _attributes(text, tag.end(), braces=ending in ("astro", "svelte"))
        if name not in ("script", "style"):
            continue
        if ending not in ("html", "htm") and text[position - 2 : position] == "/>":
            continue  # a component may close itself; in HTML the slash means nothing
        closing = _CLOSING[name].search(text, position)
        end = closing.start() if closing else len(text)
        if name == "script" and (dialect := _dialect(attributes, ending)) is not None and end > position:
            yield _Block(Span(position, end), dialect)
        position = closing.end() if closing else end


_CLOSING = {name: regex(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
_ATTRIBUTE = regex(
    r"""\s* (?: (?P<close>/?>) | (?P<name>[^\s=>"'{/]+) (?: \s*=\s* (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)'"""
    r""" | (?P<bare>[^\s"'>{]+) )? )? | (?P<brace>\{) | (?P<other>[\s\S]) )""",
    re.VERBOSE,
)


def _attributes(text: str, position: int, *, braces: bool) -> tuple[int, dict[str, str]]:
    """Where a tag that began before `position` ends, and its attributes by lower-case name. Braces hold code where they may."""
    attributes: dict[str, str] = {}
    depth, start = 0, position
    while part := _ATTRIBUTE.match(text, position):
        position = part.end()
        if depth:
            # Code in braces: only their balance counts here; where it never comes (a quoted brace), the braces are plain text.
            depth += part[0].count("{") - part[0].count("}")
            if position - start > _FAR:
                break
            continue
        if part["close"]:
            return position, attributes
        if part["brace"] and braces:
            depth = 1
        elif part["name"]:
            value = part["double"] or part["single"] or part["bare"] or ""
            attributes[part["name"].lower()] = value
    return _attributes(text, start, braces=False) if depth else (len(text), attributes)


_FAR = 20_000
"""Longest tag with code in it, in code points."""

_SCRIPTS = {
    "": None, "module": None, "text/javascript": None, "application/javascript": None, "text/ecmascript": None,
    "application/ecmascript": None, "application/x-javascript": None, "text/babel": "js", "text/jsx": "js", "text/typescript": "ts",
    "application/typescript": "ts", "ts": "ts", "text/partytown": None,
}  # fmt: skip
"""Values of `type` that mean a script (JSON, import maps and templates are none), and the dialect where the value says it."""
_LANGUAGES = {"ts": "ts", "typescript": "ts", "tsx": "tsx", "js": "js", "javascript": "js", "jsx": "js"}


def _dialect(attributes: dict[str, str], ending: str) -> str | None:
    """What a script block is written in; None where it is none."""
    kind = attributes.get("type", "").strip().lower()
    if kind not in _SCRIPTS:
        return None
    if language := attributes.get("lang", "").strip().lower():
        return _LANGUAGES.get(language)
    if said := _SCRIPTS[kind]:
        return said
    # Astro compiles its scripts as TypeScript unless they are to be left alone.
    return "ts" if ending == "astro" and "is:inline" not in attributes else "js"

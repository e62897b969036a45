"""Entries of a TOML table: whole lines, and the header of the provider's table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from migrator.formats.tree import Item, Obj, RegionKind, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.repository import ParsedFile
from migrator.routing.find.site import RoutingSite
from migrator.routing.model import Value
from migrator.routing.write.cutting import with_lines

_HEADER = regex(r"^[ \t]*\[", re.MULTILINE)
_BARE = regex(r"[A-Za-z0-9_-]+")


def lines_of_toml(
    site: RoutingSite,
    holder: Obj,
    gone: set[Span],
    partly: list[tuple[tuple[Item, ...], set[Span]]],
    fresh: Mapping[str, Value],
    file: ParsedFile,
) -> list[Edit]:
    """The edits of a table that is written as lines; none where an entry does not stand alone on its lines.

    `partly`: fields of the provider's table that go while others stay. The gateway's object takes the place of the provider's table where
    that has a header of its own, else it is written in one line.
    """
    text = file.source.text
    siblings = [item.span for item in holder.items]
    newline = "\r\n" if "\r\n" in text else "\n"
    table = next((entry for entry in site.entries if entry.name == "provider" and _has_header(entry.value, text)), None)
    options = fresh.get("providerOptions")
    gateway = options.get("gateway") if isinstance(options, dict) else None
    others = {name: value for name, value in fresh.items() if name != "providerOptions"}
    edits: list[Edit | None] = []
    if table is None or not isinstance(gateway, dict):
        others = dict(fresh)
    elif isinstance(table.value, Obj) and table.key is not None:
        lines = [f"{key(name)} = {toml(value)}" for name, value in gateway.items()]
        if table.span in gone:
            edits.append(Edit(path=site.path, span=table.key, old=_at(text, table.key), new="providerOptions.gateway"))
            spans = [item.span for item in sorted(table.value.items, key=lambda item: item.span)]
            edits += _replaced(site.path, spans, lines, file, newline, siblings)
        else:
            start = table.value.span.start
            header = _at(text, Span(start, table.key.start)) + "providerOptions.gateway]"
            block = newline.join([header, *lines, "", ""])
            edits.append(Edit(path=site.path, span=Span(start, start), old="", new=block))
    elif table.span in gone:
        return []
    plain = sorted(span for span in gone if table is None or span != table.span or gateway is None)
    if table is not None and table.span in plain:
        return []  # a table of which nothing stays: its header and its comments would have to go too
    edits += _replaced(
        site.path, plain, [f"{key(name)} = {toml(value)}" for name, value in others.items()], file, newline, siblings
    )
    for _, inner in partly:
        edits += _replaced(site.path, sorted(inner), [], file, newline, siblings)
    return [edit for edit in edits if edit is not None] if all(edits) else []


def _has_header(node: object, text: str) -> bool:
    """Is it a table that begins with a header, and holds nothing but lines?"""
    return (
        isinstance(node, Obj)
        and text.startswith("[", node.span.start)
        and all(isinstance(item.key, Str) and item.span.start == item.key.span.start for item in node.items)
    )


def _holds_another(span: Span, siblings: list[Span]) -> bool:
    """Do other entries stand among the lines of one: `provider.only`, `title`, `provider.sort`?"""
    return any(span.start < other.start < span.end for other in siblings)


def _replaced(
    path: str, spans: list[Span], lines: list[str], file: ParsedFile, newline: str, siblings: list[Span]
) -> list[Edit | None]:
    """Entries that go, with new lines in the place of the first; None for one that does not stand alone on its lines or holds a comment."""
    text = file.source.text
    edits: list[Edit | None] = []
    for at, span in enumerate(spans):
        whole = with_lines(text, span)
        inside = any(
            region.kind is RegionKind.COMMENT and span.start <= region.span.start < span.end for region in file.module.regions
        )
        if whole is None or inside or _HEADER.search(_at(text, span)) or _holds_another(span, siblings):
            return [None]
        if at == 0 and lines:
            indent = re.match(r"[ \t]*", text[text.rfind("\n", 0, span.start) + 1 :])
            edits.append(Edit(path=path, span=span, old=_at(text, span), new=f"{newline}{indent[0] if indent else ''}".join(lines)))
        else:
            edits.append(Edit(path=path, span=whole, old=_at(text, whole), new=""))
    return [None] if lines and not spans else edits


def _at(text: str, span: Span) -> str:
    return text[span.start : span.end]


def key(name: str) -> str:
    """A key of a table."""
    return name if _BARE.fullmatch(name) else json.dumps(name)


def toml(value: Value) -> str:
    """A value on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key(name)} = {toml(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(toml(part) for part in value) + "]"
        case _:
            return json.dumps(value)

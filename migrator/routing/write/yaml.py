"""Entries of a YAML block mapping: whole lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from migrator.formats.tree import Item, Obj
from migrator.model import Edit, Span
from migrator.resolve.repository import ParsedFile
from migrator.routing.find.site import RoutingSite
from migrator.routing.model import Value
from migrator.routing.write.cutting import with_lines


def lines_of_yaml(
    site: RoutingSite,
    holder: Obj,
    gone: set[Span],
    partly: list[tuple[tuple[Item, ...], set[Span]]],
    fresh: Mapping[str, Value],
    file: ParsedFile,
) -> list[Edit]:
    """Entries of a block mapping: whole lines. `partly`: entries of a mapping inside it that go too."""
    text = file.source.text
    edits: list[Edit] = []
    written = False
    for items, spans in partly:
        inner = [
            with_lines(text, Span(item.span.start, item.span.start + len(text[item.span.start : item.span.end].rstrip())))
            for item in items
            if item.span in spans
        ]
        if any(span is None for span in inner):
            return []
        edits += [Edit(path=site.path, span=span, old=text[span.start : span.end], new="") for span in inner if span is not None]
    if fresh and not gone:
        first = min(holder.items, key=lambda item: item.span).span.start
        before = text[text.rfind("\n", 0, first) + 1 : first]
        if before.strip():
            return []
        block = "\n".join(_block(fresh, before)).lstrip(" ")
        return [*edits, Edit(path=site.path, span=Span(first, first), old="", new=f"{block}\n{before}")]
    for item in sorted(holder.items, key=lambda item: item.span):
        if item.span not in gone:
            continue
        end = item.span.start + len(text[item.span.start : item.span.end].rstrip())
        if fresh and not written:
            written = True
            indent = re.match(r"[ ]*", text[text.rfind("\n", 0, item.span.start) + 1 :])
            lines = _block(fresh, indent[0] if indent else "")
            edits.append(
                Edit(
                    path=site.path,
                    span=Span(item.span.start, end),
                    old=text[item.span.start : end],
                    new="\n".join(lines).lstrip(" "),
                )
            )
            continue
        whole = with_lines(text, Span(item.span.start, end))
        if whole is None:
            return []
        edits.append(Edit(path=site.path, span=whole, old=text[whole.start : whole.end], new=""))
    return edits


def _block(value: Mapping[str, Value], indent: str) -> list[str]:
    """A mapping in block style, its lists in flow style."""
    lines: list[str] = []
    for key, part in value.items():
        if isinstance(part, dict) and part:
            lines += [f"{indent}{key}:", *_block(part, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {_yaml(part)}")
    return lines


def _yaml(value: Value) -> str:
    match value:
        case list():
            return "[" + ", ".join(_yaml(part) for part in value) + "]"
        case str() if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", value) and value.lower() not in (
            "true",
            "false",
            "yes",
            "no",
            "on",
            "off",
            "null",
        ):
            return value
        case _:
            return json.dumps(value)

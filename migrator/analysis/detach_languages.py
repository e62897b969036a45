"""How a call that stays is given its own address and key in the languages of `formats.languages`.

A value inside a text (`"${BASE}/credits"`, `$"{Base}/credits"`, `format!("{BASE}/credits")`) is replaced together with the signs
that put it there; a read of a variable is put beside a text, because not every language lets quotes stand inside quotes.
"""

from __future__ import annotations

import re

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Func, Join, Node, RegionKind, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath
from migrator.resolve.origins import Origin
from migrator.resolve.repository import ParsedFile

_OPENED = regex(r"(\$\{|#\{|\\\(|\{)[ \t]*\Z")
_CLOSED = regex(r"[ \t]*[})]")
_READ = {
    "go": regex(r"os\.Getenv\("),
    "java": regex(r"System\.getenv\("),
    "kotlin": regex(r"System\.getenv\("),
    "csharp": regex(r"(System\.)?Environment\.GetEnvironmentVariable\("),
    "ruby": regex(r"ENV(\[|\.fetch\()"),
    "php": regex(r"\\?getenv\(|\$_(ENV|SERVER)\["),
}
"""Reads that give a text, or nothing, wherever they stand."""
_WITH_IMPORT = ("go", "csharp")
"""Languages in which a file that has no such read may lack the import for it."""


def applies(file: ParsedFile) -> bool:
    """Is a file in one of these languages?"""
    return file.module.language in LANGUAGES


def address_edit(file: ParsedFile, node: Node, base: str) -> Edit | None:
    """A shared base replaced by an address, as a text of its own or as part of the text it stands in."""
    text, span = file.source.text, node.span
    if not _in_text(file, node):
        return _edit(file, span, f'"{base}"')
    placed = _placed(text, span)
    return None if placed is None else _edit(file, placed, base)


def key_edit(file: ParsedFile, given: Node, shared: Node, read: str) -> Edit | None:
    """The read of the old variable in the place of a shared key."""
    if not _in_text(file, shared):
        return _edit(file, shared.span, read)
    if not isinstance(given, Join) or len(given.parts) != 2 or not isinstance(head := given.parts[0], Str):
        return None
    if not re.fullmatch(r"[\w: ]*", head.value):
        return None
    sign = "." if file.module.language == "php" else "+"
    return _edit(file, given.span, f'"{head.value}" {sign} {read}')


def plain_read(file: ParsedFile, origin: Origin, origin_file: ParsedFile) -> str | None:
    """The read of a variable as it is spelled, where it can stand in `file` too."""
    language = file.module.language
    pattern = _READ.get(language)
    if pattern is None or origin.node is None or origin_file.module.language != language:
        return None
    if language in _WITH_IMPORT and origin.path != file.path:
        return None
    read = origin_file.source.text[origin.node.span.start : origin.node.span.end]
    return read if pattern.match(read) and "\n" not in read and origin.name in read else None


def owner(node_path: NodePath) -> Func | None:
    """The function, with a name, around a place."""
    return next((step.node for step in node_path.ancestors() if isinstance(step.node, Func) and step.node.name), None)


def _in_text(file: ParsedFile, node: Node) -> bool:
    return any(
        region.kind is RegionKind.STRING and region.span.start < node.span.start and node.span.end < region.span.end
        for region in file.module.regions
    )


def _placed(text: str, span: Span) -> Span | None:
    """A value inside a text, with the signs that put it there."""
    before, after = _OPENED.search(text[max(0, span.start - 20) : span.start]), _CLOSED.match(text, span.end)
    if before is not None and after is not None:
        return Span(span.start - len(before[0]), after.end())
    if text[span.start - 1] == "$" and text[span.start].isidentifier():
        return Span(span.start - 1, span.end)
    return span if text[span.start] == "$" else None


def _edit(file: ParsedFile, span: Span, new: str) -> Edit:
    return Edit(path=file.path, span=span, old=file.source.text[span.start : span.end], new=new)

"""JavaScript and TypeScript to the one tree, with tree-sitter: exact spans, and a syntax error costs only what it touches.

Choices that a reader of the tree needs to know:

* wrappers that mean nothing at run time (`x!`, `x as T`, `x satisfies T`, `<T>x`, parentheses) are not in the tree: the node is
  the inner one, with the inner span;
* a declaration is one `Assign` for each declarator; its span is the statement's where it stands alone, else the declarator's;
* `export default value` is an `Assign` to the name `default`; `export { a as b }` without a source is `Other("export", (Obj,))`
  whose items have the outside name as key and the local name as value;
* a shorthand in a pattern with a default, `{ A = "" }`, is an `Item` with `shorthand` whose value is `Alt(Name, default)`;
* `switch` repeats its subject in each test, so that this one node lies outside the span of the later `If`s;
* `Other("type", …)` holds, flat and in reading order, what a type says: names, string literals and object types (`Class`). One of
  several words that are all names of types (`Record<string, Env>`) holds nothing: its text says it, and few ask. Types
  in places where a node has no slot (type arguments, return types, casts) follow their statement at the end of the module's
  top-level statement, and only where they hold a string literal or an object type;
* chains and nestings too long for those who walk a tree by recursion are flattened: `Other("chain", …)`, `Other("else", …)`,
  `Other("deep", …)`; the last keeps string literals only and is listed in `Module.errors`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from migrator.discover.needles import mentions
from migrator.formats.ecma.context import DEPTHS, Reading
from migrator.formats.ecma.grammar import mistakes, parse, query
from migrator.formats.ecma.syntax import EXPRESSIONS, STATEMENTS, program
from migrator.formats.tree import Later, Module, Node, Region, RegionKind, Unreadable, region_kind
from migrator.model import Source, Span
from migrator.text.source import Lines

DIALECTS = {
    ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "js",
}  # fmt: skip
"""File name endings and the grammar that reads them."""


def lower(source: Source) -> Module:
    """A script file by its ending (`DIALECTS`; anything else is read as JavaScript). Raises `Unreadable`.

    The syntax tree is not kept, at twice the memory of all the rest: what stands at the places that name OpenRouter is looked up at
    once, and whoever wants all regions has the file parsed again.
    """
    text = source.text
    dialect = DIALECTS.get("." + source.path.rpartition("/")[2].rpartition(".")[2].lower(), "js")
    parsed = _Parsed(text, 0, dialect)
    known = {start: region_kind(_regions(parsed, start), start) for start, _ in mentions(text)}
    body, errors = _lowered(parsed)
    marked_up = parsed.grammar != "ts" and ("</" in text or "/>" in text)
    without = frozenset() if marked_up else frozenset((RegionKind.MARKUP,))
    regions = Later(lambda: _regions(_Parsed(text, 0, dialect)), known, without)
    return Module(path=source.path, language="ecma", body=body, regions=regions, errors=errors)


def lower_text(path: str, text: str, *, dialect: str, offset: int = 0) -> Module:
    """A script (`dialect`: `ts`, `tsx` or `js`, JSX included) that starts `offset` code points into its file.

    Spans count from the start of the file; lines of `errors` from the start of `text`. Raises `Unreadable`.
    """
    parsed = _Parsed(text, offset, dialect)
    body, errors = _lowered(parsed)
    return Module(path=path, language="ecma", body=body, regions=_regions(parsed), errors=errors)


class _Parsed:
    """A text and its syntax tree, with the way from its bytes to positions in the file."""

    __slots__ = ("at", "data", "grammar", "offset", "plain", "root", "text")

    def __init__(self, text: str, offset: int, dialect: str) -> None:
        self.text, self.offset = text, offset
        # A lone surrogate (a byte that was no UTF-8) has no encoding; the parser sees one "?", values are cut from `text` itself.
        self.data = text.encode("utf-8", "replace")
        self.plain = offset == 0 and text.isascii()
        self.at: Sequence[int] = range(offset, offset + len(self.data) + 1) if text.isascii() else _positions(self.data, offset)
        self.grammar, self.root = parse(dialect if dialect in ("ts", "tsx") else "js", self.data)


def _lowered(parsed: _Parsed) -> tuple[tuple[Node, ...], tuple[tuple[int, str], ...]]:
    """The body of a module and what could not be read of it."""
    text, offset, at, root = parsed.text, parsed.offset, parsed.at, parsed.root
    whole, decorated = not root.has_error, "@" in text
    for depth in DEPTHS:
        reading = Reading(text, offset, at, depth, EXPRESSIONS, STATEMENTS, parsed.plain, whole, decorated)
        try:
            body = program(reading, root)
            break
        except RecursionError:
            continue
    else:
        raise Unreadable(0, "the code is nested too deeply to be read; split it, or migrate this file by hand")
    if whole and not reading.deep:
        return body, ()
    lines = Lines(text)
    places = {(lines.line(place - offset), _DEEP) for place in reading.deep}
    if not whole:
        places |= {(lines.line(at[place] - offset), _ERROR) for place in mistakes(root, parsed.data)}
    return body, tuple(sorted(places))


_ERROR = "The syntax here could not be read; what stands before and after it was."
_DEEP = "The code here is nested too deeply to be read; only its text literals were looked at."

_LEADS = bytes(0 if 0x80 <= byte < 0xC0 else 1 for byte in range(256))


def _positions(data: bytes, offset: int) -> list[int]:
    """For each byte of UTF-8 text, and its end, how many code points stand before it, plus `offset`."""
    return list(accumulate(data.translate(_LEADS), initial=offset))


_KINDS = {"comment": RegionKind.COMMENT, "string": RegionKind.STRING, "markup": RegionKind.MARKUP, "type": RegionKind.TYPE}


def _regions(parsed: _Parsed, around: int | None = None) -> tuple[Region, ...]:
    """Comments, strings, markup and types; only those around an offset where one is given.

    The outer one wins, except that a comment inside a type stays a comment.
    """
    from tree_sitter import QueryCursor

    text, offset, at = parsed.text, parsed.offset, parsed.at
    cursor = QueryCursor(query(parsed.grammar))
    if around is not None:
        byte = around - offset if isinstance(at, range) else bisect_left(at, around)
        cursor.set_byte_range(byte, byte + 1)
    regions: list[tuple[int, int, RegionKind]] = []
    for name, nodes in cursor.captures(parsed.root).items():
        if kind := _KINDS.get(name):
            regions += [(at[n.start_byte], -at[n.end_byte], kind) for n in nodes]
    regions.sort()
    out: list[Region] = []
    reached = 0
    for start, negative, kind in regions:
        end = -negative
        if start < reached:
            last = out[-1]
            if kind is RegionKind.COMMENT and last.kind is RegionKind.TYPE and end <= last.span.end:
                tail = last.span.end
                out[-1:] = [Region(Span(last.span.start, start), RegionKind.TYPE), Region(Span(start, end), kind)]
                out.append(Region(Span(end, tail), RegionKind.TYPE))
            continue
        if end == start or (kind is RegionKind.MARKUP and not text[start - offset : end - offset].strip()):
            continue
        reached = end
        if kind is RegionKind.MARKUP and out and out[-1].kind is kind and out[-1].span.end == start:
            out[-1].span = Span(out[-1].span.start, end)
        else:
            out.append(Region(Span(start, end), kind))
    return tuple(region for region in out if region.span.end > region.span.start)

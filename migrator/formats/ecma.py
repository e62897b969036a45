"""JavaScript and TypeScript to the one tree, with tree-sitter: exact spans, and a syntax error costs only what it touches.

Choices that a reader of the tree needs to know:

* wrappers that mean nothing at run time (`x!`, `x as T`, `x satisfies T`, `<T>x`, parentheses) are not in the tree: the node is
  the inner one, with the inner span;
* a declaration is one `Assign` for each declarator; its span is the statement's where it stands alone, else the declarator's;
* `export default value` is an `Assign` to the name `default`; `export { a as b }` without a source is `Other("export", (Obj,))`
  whose items have the outside name as key and the local name as value;
* a shorthand in a pattern with a default, `{ A = "" }`, is an `Item` with `shorthand` whose value is `Alt(Name, default)`;
* `switch` repeats its subject in each test, so that this one node lies outside the span of the later `If`s;
* `Other("type", …)` holds, flat and in reading order, what a type says: names, string literals and object types (`Class`). Types
  in places where a node has no slot (type arguments, return types, casts) follow their statement at the end of the module's
  top-level statement, and only where they hold a string literal or an object type;
* chains and nestings too long for those who walk a tree by recursion are flattened: `Other("chain", …)`, `Other("else", …)`,
  `Other("deep", …)`; the last keeps string literals only and is listed in `Module.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from migrator.formats.ecma_grammar import mistakes, parse, query
from migrator.formats.ecma_places import DEPTHS, Reading
from migrator.formats.ecma_syntax import EXPRESSIONS, STATEMENTS, program
from migrator.model import Source, Span
from migrator.source import Lines
from migrator.tree import Later, Module, Region, RegionKind, Unreadable

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

DIALECTS = {
    ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "js",
}  # fmt: skip
"""File name endings and the grammar that reads them."""


def lower(source: Source) -> Module:
    """A script file by its ending (`DIALECTS`; anything else is read as JavaScript). Raises `Unreadable`."""
    name = source.path.rpartition("/")[2]
    return lower_text(source.path, source.text, dialect=DIALECTS.get("." + name.rpartition(".")[2].lower(), "js"))


def lower_text(path: str, text: str, *, dialect: str, offset: int = 0) -> Module:
    """A script (`dialect`: `ts`, `tsx` or `js`, JSX included) that starts `offset` code points into its file.

    Spans count from the start of the file; lines of `errors` from the start of `text`. Raises `Unreadable`.
    """
    # A lone surrogate (a byte that was no UTF-8) has no encoding; the parser sees one "?", values are cut from `text` itself.
    data = text.encode("utf-8", "replace")
    ascii_ = text.isascii()
    plain = ascii_ and offset == 0
    at: Sequence[int] = range(offset, offset + len(data) + 1) if ascii_ else _positions(data, offset)
    grammar = dialect if dialect in ("ts", "tsx") else "js"
    grammar, root = parse(grammar, data)
    for depth in DEPTHS:
        reading = Reading(text, offset, at, depth, EXPRESSIONS, STATEMENTS, plain)
        try:
            body = program(reading, root)
            break
        except RecursionError:
            continue
    else:
        raise Unreadable(0, "the code is nested too deeply to be read; split it, or migrate this file by hand")
    errors: tuple[tuple[int, str], ...] = ()
    if root.has_error or reading.deep:
        lines = Lines(text)
        found = {(lines.line(place - offset), _DEEP) for place in reading.deep}
        if root.has_error:
            found |= {(lines.line(at[place] - offset), _ERROR) for place in mistakes(root, data)}
        errors = tuple(sorted(found))
    regions = Later(lambda: _regions(text, offset, at, grammar, root))
    return Module(path=path, language="ecma", body=body, regions=regions, errors=errors)


_ERROR = "The syntax here could not be read; what stands before and after it was."
_DEEP = "The code here is nested too deeply to be read; only its text literals were looked at."

_LEADS = bytes(0 if 0x80 <= byte < 0xC0 else 1 for byte in range(256))


def _positions(data: bytes, offset: int) -> list[int]:
    """For each byte of UTF-8 text, and its end, how many code points stand before it, plus `offset`."""
    return list(accumulate(data.translate(_LEADS), initial=offset))


_KINDS = {"comment": RegionKind.COMMENT, "string": RegionKind.STRING, "markup": RegionKind.MARKUP, "type": RegionKind.TYPE}


def _regions(text: str, offset: int, at: Sequence[int], grammar: str, root: Syntax) -> tuple[Region, ...]:
    """Comments, strings, markup and types. The outer one wins, except that a comment inside a type stays a comment."""
    from tree_sitter import QueryCursor

    found: list[tuple[int, int, RegionKind]] = []
    for name, nodes in QueryCursor(query(grammar)).captures(root).items():
        if kind := _KINDS.get(name):
            found += [(at[n.start_byte], -at[n.end_byte], kind) for n in nodes]
    found.sort()
    out: list[Region] = []
    reached = 0
    for start, negative, kind in found:
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

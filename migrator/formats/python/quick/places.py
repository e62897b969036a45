"""Where the nodes of CPython's `ast` stand in the text, and what its functions share.

`ast` counts lines and bytes of UTF-8; the tree counts code points. Where a line is all ASCII the two differ by the start of the line.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeVar

from migrator.formats.tree import Node, Region
from migrator.model import Span, span_of_pair
from migrator.patterns import regex

Lowering = Callable[["Places", Any], Node]
Statement = Callable[["Places", Any], tuple[Node, ...]]


class Unfamiliar(Exception):  # noqa: N818 - a verdict, not a failure
    """Something here is read by libcst alone."""


_T = TypeVar("_T")


class Table(dict[type, _T]):
    """The functions for the kinds of nodes that are read here."""

    def __missing__(self, kind: type) -> _T:
        raise Unfamiliar


class Places:
    """One text that `ast` has read: the way from its positions to the text's, the regions found, and the tables of functions."""

    __slots__ = ("expressions", "lines", "of", "regions", "statements", "text", "wide")

    def __init__(
        self,
        text: str,
        lines: Sequence[int],
        wide: Mapping[int, bytes],
        regions: list[Region],
        expressions: Mapping[type, Lowering],
        statements: Mapping[type, Statement],
    ) -> None:
        self.text = text
        self.lines = lines
        """Line, from 1, to the offset of its start."""
        self.wide = wide
        """The lines in which a byte is no code point, in UTF-8."""
        self.regions = regions
        self.expressions = expressions
        self.statements = statements

        self.of: Callable[[Any], Span] = self._of if wide else _of_narrow(lines)
        """Span of a node, without its parentheses unless it is a tuple."""

    def _of(self, node: Any) -> Span:
        return Span(self.start(node), self.end(node))

    def of_block(self, node: Any) -> Span:
        """Span of a compound statement; `ast` counts a semicolon at its end in, libcst does not."""
        span = self.of(node)
        if self.text[span.end - 1] == ";":
            raise Unfamiliar
        return span

    def start(self, node: Any) -> int:
        """Where a node begins."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: Any) -> int:
        """Where a node ends."""
        return self.at(node.end_lineno, node.end_col_offset)

    def at(self, line: int, column: int) -> int:
        """The offset of a line and a column of `ast`."""
        data = self.wide.get(line)
        return self.lines[line] + (column if data is None else len(data[:column].decode("utf-8")))

    def name(self, end: int, name: str) -> Span:
        """Span of an identifier that ends somewhere; `ast` gives some in another spelling than the text."""
        start = end - len(name)
        if not self.text.startswith(name, start):
            raise Unfamiliar
        return span_of_pair((start, end))

    def inside(self, start: int, code: str) -> Places:
        """The places of an expression on one line that was parsed by itself."""
        wide = {} if code.isascii() else {1: code.encode("utf-8")}
        return Places(self.text, (0, start), wide, self.regions, self.expressions, self.statements)


def _of_narrow(lines: Sequence[int]) -> Callable[[Any], Span]:
    """`Places.of` where every byte is a code point: half of what a node costs is this."""

    def of(node: Any) -> Span:
        start, end = lines[node.lineno] + node.col_offset, lines[node.end_lineno] + node.end_col_offset
        return span_of_pair((_NUMBERS[start], _NUMBERS[end]) if end < _MANY else (start, end))

    return of


_MANY = 1 << 15
_NUMBERS = list(range(_MANY))
"""One object for each number that an offset in most files is: the spans of a tree would otherwise hold 50 kB of them for 150 lines."""
_LINE_END = regex(r"\r\n?|\n")


def places(text: str, expressions: Mapping[type, Lowering], statements: Mapping[type, Statement]) -> Places:
    """The places of a whole file. Raises `UnicodeEncodeError` where a character has no encoding."""
    if "\r" in text:
        starts = [0, 0, *(match.end() for match in _LINE_END.finditer(text))]
    else:
        starts = [0, *accumulate((len(line) + 1 for line in text.split("\n")), initial=0)]
    wide: dict[int, bytes] = {}
    if not text.isascii():
        for line, (start, end) in enumerate(zip(starts[1:], [*starts[2:], len(text)], strict=True), 1):
            if not text[start:end].isascii():
                wide[line] = text[start:end].encode("utf-8")
    return Places(text, starts, wide, [], expressions, statements)


def lower(at: Places, node: ast.AST) -> Node:
    """What an expression becomes; parts of it come through here again."""
    return at.expressions[type(node)](at, node)


def lower_all(at: Places, nodes: Sequence[ast.stmt]) -> list[Node]:
    """What statements become, in order; one may be several nodes."""
    lowered: list[Node] = []
    for node in nodes:
        lowered += at.statements[type(node)](at, node)
    return lowered


LONGEST = 100
"""Links of one chain; a longer one may be beyond those who walk the tree, and is for the guard to judge."""
COMMENT = regex(r"#[^\r\n]*")
SPACE = regex(r"(?:[ \t\f\r\n\\]|#[^\r\n]*)*+")
"""What may stand between two tokens inside brackets."""


def blank_comments(gap: str) -> str:
    """The text between two nodes with blanks for its comments."""
    return COMMENT.sub(lambda match: " " * len(match[0]), gap) if "#" in gap else gap


def widened(at: Places, before: int, span: Span) -> Span:
    """A span with the parentheses around it; `before` is where the node before it, or the bracket around both, ends."""
    start, end = span
    text = at.text
    if start == before or "(" not in text[before:start]:
        return span
    gap = blank_comments(text[before:start])
    count = gap.count("(")
    if not count:
        return span
    return Span(before + gap.index("("), closed(text, end, count))


def closed(text: str, end: int, parentheses: int) -> int:
    """Where so many closing parentheses behind `end` end; comments may stand between."""
    for _ in range(parentheses):
        match = SPACE.match(text, end)
        end = match.end() + 1 if match is not None else end
        if not text.startswith(")", end - 1):
            raise Unfamiliar
    return end

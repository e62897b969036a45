"""What the functions that read JavaScript and TypeScript share, and where a piece of syntax stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from migrator.formats.tree import Node
from migrator.model import Span, span_of_pair
from migrator.records import dataclass, field

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

DEPTHS = (100, 60, 30)
"""How many levels are lowered before the rest is flattened; the later ones only when the caller has used up most of the stack."""
LONGEST = 100
"""Links of one `a.b().c()` chain that become nested nodes."""
CASES = 50
"""Branches of one `if`/`else if` or `switch` that become nested nodes."""


@dataclass(slots=True)
class Reading:
    """What the functions that lower share while one text is read (`c`; a node of the syntax tree is `n`)."""

    text: str
    offset: int
    at: Sequence[int]
    """Byte of the encoded text to position in the file."""
    deepest: int
    expressions: Mapping[str, Handler]
    statements: Mapping[str, Statement]
    """What a kind of syntax becomes, for files that need each other and cannot import each other."""
    plain: bool = False
    """Are bytes positions? So it is in most files, and nothing is asked as often."""
    whole: bool = False
    """Is the text free of syntax errors? Then the parts of some syntax are told by their number, which is quicker than by name."""
    decorated: bool = True
    """May there be decorators?"""
    depth: int = 0
    hoisted: list[Node] = field(default_factory=list)
    """Types without a slot, waiting for the end of their top-level statement."""
    deep: list[int] = field(default_factory=list)
    """Positions of what was nested too deeply."""


Handler = Callable[[Reading, "Syntax"], Node]
Statement = Callable[[Reading, "Syntax", list[Node]], None]
SILENT = frozenset(
    ("comment", "html_comment", "hash_bang_line", "empty_statement", "jsx_text", "html_character_reference", "debugger_statement")
)
"""Syntax that says nothing a node could hold; comments and markup are regions."""


def span_of(c: Reading, n: Syntax) -> Span:
    """Where a piece of syntax stands in the file."""
    if c.plain:
        return span_of_pair(n.byte_range)
    at = c.at
    return span_of_pair((at[n.start_byte], at[n.end_byte]))


def text_of(c: Reading, span: Span) -> str:
    """The text of a span."""
    return c.text[span[0] - c.offset : span[1] - c.offset]


def word_of(c: Reading, n: Syntax) -> tuple[Span, str]:
    """Where a piece of syntax stands, and its text."""
    if c.plain:
        start, end = place = n.byte_range
        return span_of_pair(place), c.text[start:end]
    span = span_of(c, n)
    return span, text_of(c, span)


def real_children(n: Syntax) -> list[Syntax]:
    """Named children that are not comments."""
    return [child for child in n.named_children if child.type not in SILENT]

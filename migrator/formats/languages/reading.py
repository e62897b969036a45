"""What the functions that lower a language share: its table, and the text that is being read with the places in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from migrator.formats.tree import Arg, Node, Param, Visibility
from migrator.model import Span, span_of_pair
from migrator.records import dataclass, field

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: its grammar, and what each kind of syntax becomes."""

    grammar: str
    """Module of the grammar's package."""
    function: str = "language"
    """Function of that module that gives the grammar."""
    nodes: Mapping[str, Handler]
    """What a kind of syntax becomes. A kind that stands in no table becomes `Other` with its children."""
    arguments: Mapping[str, ArgumentHandler] = field(default_factory=dict)
    """Arguments that are more than their value: those with a name, spreads."""
    parameters: Mapping[str, ParameterHandler] = field(default_factory=dict)
    """What a kind of syntax in a list of parameters declares."""
    blocks: frozenset[str]
    """Kinds that only hold statements: they become these."""
    functions: frozenset[str]
    """Kinds of functions, methods and classes: how far an error in the syntax reaches."""
    comments: frozenset[str] = frozenset(("comment",))
    strings: frozenset[str]
    silent: frozenset[str] = frozenset()
    """Kinds that say nothing a node could hold, beside the comments."""
    joins: Mapping[str, str] = field(default_factory=dict)
    """Functions that put a text together, as written, and the form of their first argument: `printf`, `braces`;
    `plain`: all arguments in their order; `first`: the first one, trimmed or the like."""
    same: frozenset[str] = frozenset()
    """Methods that, called without arguments, give the text they are called on: `freeze`, `trim`."""
    visibility: Visibility


@dataclass(slots=True)
class Reading:
    """One text while it is lowered (`c`; a node of the syntax tree is `n`)."""

    text: str
    at: Sequence[int]
    """Byte of the encoded text to position in the file."""
    language: Language
    deepest: int
    plain: bool
    """Are bytes positions? So it is in most files."""
    depth: int = 0
    deep: list[int] = field(default_factory=list)
    """Positions of what was nested too deeply."""
    silent: frozenset[str] = frozenset()
    ways: Mapping[str, Handler | None] = field(default_factory=dict)
    """What a kind of syntax becomes; None for one that only holds statements."""


Lowered = Node | tuple[Node, ...]
Handler = Callable[[Reading, "Syntax"], Lowered]
ArgumentHandler = Callable[[Reading, "Syntax"], Arg]
ParameterHandler = Callable[[Reading, "Syntax"], "Param | tuple[Param, ...]"]

_LEADS = bytes(0 if 0x80 <= byte < 0xC0 else 1 for byte in range(256))


def positions(data: bytes) -> list[int]:
    """For each byte of UTF-8 text, and its end, how many code points stand before it."""
    return list(accumulate(data.translate(_LEADS), initial=0))


def span_of(c: Reading, n: Syntax) -> Span:
    """Where a piece of syntax stands in the file."""
    if c.plain:
        return span_of_pair(n.byte_range)
    return span_of_pair((c.at[n.start_byte], c.at[n.end_byte]))


def word_of(c: Reading, n: Syntax) -> tuple[Span, str]:
    """Where a piece of syntax stands, and its text."""
    if c.plain:
        start, end = place = n.byte_range
        return span_of_pair(place), c.text[start:end]
    span = span_of(c, n)
    return span, c.text[span[0] : span[1]]


def parts_of(c: Reading, n: Syntax) -> list[Syntax]:
    """Named children that are not comments."""
    silent = c.silent
    return [child for child in n.named_children if child.type not in silent]


def pick(c: Reading, n: Syntax, which: str) -> Syntax | None:
    """A part of a piece of syntax: a field by its name, `#1` the second named child (`#-1` the last), `.kind` the first of a kind."""
    sign = which[0]
    if sign == "#":
        parts = parts_of(c, n)
        index = int(which[1:])
        return parts[index] if -len(parts) <= index < len(parts) else None
    if sign == ".":
        kinds = _kinds(which)
        for child in n.named_children:
            if child.type in kinds:
                return child
        return None
    return n.child_by_field_name(which)


@cache
def _kinds(which: str) -> tuple[str, ...]:
    return tuple(which[1:].split("|"))

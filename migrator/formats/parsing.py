"""A parser of tree-sitter that comes to an end: some grammars never leave the recovery from an error, and take more memory all the while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.tree import Unreadable

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

_PIECE = 1 << 12
_PATIENCE = 2_000
"""How often the parser may report without having come further, each time after a hundred steps. Real files stay below 100."""
_AT_END = 200
"""Bytes for each further report at the end of the text, where the tree is balanced: real files take one in four hundred."""


def parse_bounded(parser: Parser, data: bytes) -> Syntax:
    """The syntax tree of a text in UTF-8. Raises `Unreadable` where the parser makes no headway.

    Counted in steps, not in seconds: the same text is read alike on every machine. The parser asks nobody whether to go on where it is given
    the bytes themselves, so it is given a function.
    """
    furthest, still = -1, 0

    def is_lost(place: int, _has_error: bool) -> bool:
        nonlocal furthest, still
        still = 0 if place > furthest else still + 1
        furthest = max(furthest, place)
        return still > _PATIENCE + (len(data) // _AT_END if furthest >= len(data) - 1 else 0)

    try:
        return parser.parse(lambda at, _point: data[at : at + _PIECE], progress_callback=is_lost).root_node
    except ValueError:
        parser.reset()  # it would go on where it was stopped
        line = data.count(b"\n", 0, max(furthest, 0)) + 1
        raise Unreadable(line, "the parser does not get past the syntax here; repair it, or migrate this file by hand") from None

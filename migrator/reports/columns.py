"""Rows as aligned text: the one table of commands whose output is also read by `grep` and `less`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Cells that a text takes in a terminal."""
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def align(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Columns two spaces apart, `head` above; columns in `right` flush right; the last column is never padded."""
    lines = [head, *rows]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]

    def cell(column: int, text: str) -> str:
        gap = " " * (widths[column] - width(text))
        return gap + text if column in right else text + gap

    return "\n".join("  ".join(cell(column, text) for column, text in enumerate(line)).rstrip() for line in lines)

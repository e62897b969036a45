"""Rows as aligned text: the one table of commands whose output is also read by `grep` and `less`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from migrator.reports.text import wrap


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


def fit(head: Sequence[str], rows: Sequence[Sequence[str]], most: int, right: Sequence[int] = ()) -> str:
    """`align` where that takes no more than `most` columns. Elsewhere the first column on a line of its own, and below it what the others
    hold, each with its head: nothing is cut."""
    table = align(head, rows, right)
    if all(width(line) <= most for line in table.splitlines()):
        return table
    column = max(map(width, head[1:]), default=0)
    lines = [head[0]]
    for first, *others in rows:
        lines += wrap(first, most, rest="  ")
        for name, cell in zip(head[1:], others, strict=True):
            if cell and cell != "-":
                lead = f"  {name}{' ' * (column - width(name))}  "
                lines += wrap(cell, most, first=lead, rest=" " * width(lead))
    return "\n".join(lines)

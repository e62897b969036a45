"""A unified diff read back: which lines it takes away and puts in, and what it makes of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HEADER = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk: the number of its first old line, counted from 1, and its lines with their marks and line ends."""

    start: int
    lines: Sequence[tuple[bytes, bytes]]

    @property
    def touched(self) -> frozenset[int]:
        """The numbers of old lines that are taken away, and of those next to which something is put in."""
        numbers: set[int] = set()
        at = self.start
        for mark, _ in self.lines:
            if mark == b"+":
                numbers |= {at, at - 1}
            elif mark == b"-":
                numbers.add(at)
            at += mark != b"+"
        return frozenset(numbers)

    @property
    def added(self) -> bytes:
        """The lines that are put in."""
        return b"".join(line for mark, line in self.lines if mark == b"+")


def hunks(patch: bytes) -> Mapping[str, list[Hunk]]:
    """The hunks of a patch by the path of the file. A path with letters that Git quotes is left out."""
    by_path: dict[str, list[Hunk]] = {}
    current: list[Hunk] = []
    start: int | None = None
    body: list[tuple[bytes, bytes]] = []

    for line in _lines(patch):
        if match := _HEADER.match(line):
            start, body = int(match[1]), []
            start += match[2] == b"0"  # a hunk that takes no line away names the line before it
            current.append(Hunk(start, body))
        elif line.startswith(b"+++ b/"):
            current = by_path.setdefault(line[6:].rstrip(b"\r\n").decode(), [])
            start = None
        elif start is not None and line[:1] in (b" ", b"-", b"+"):
            body.append((line[:1], line[1:]))
        elif start is not None and line.startswith(b"\\"):
            mark, text = body[-1]
            body[-1] = (mark, text.removesuffix(b"\n"))
        else:
            start = None
    return by_path


def applied(text: bytes, parts: Sequence[Hunk]) -> bytes:
    """What a patch makes of a file. Raises ValueError where a line is not what the patch says it is."""
    lines = _lines(text)
    made: list[bytes] = []
    at = 0
    for hunk in parts:
        made += lines[at : hunk.start - 1]
        at = hunk.start - 1
        for mark, line in hunk.lines:
            if mark != b"+":
                if lines[at] != line:
                    raise ValueError(f"line {at + 1} is {lines[at]!r} and not {line!r}")
                at += 1
            if mark != b"-":
                made.append(line)
    return b"".join([*made, *lines[at:]])


def _lines(text: bytes) -> list[bytes]:
    """Lines that end with a line feed and with nothing else."""
    return re.findall(rb"[^\n]*\n|[^\n]+$", text)

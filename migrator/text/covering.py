"""Which of many spans a place stands in, without a look at each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

from migrator.model import Span

Held = TypeVar("Held")


class Covering(Generic[Held]):
    """Spans with what each of them stands for, in the order in which they were given."""

    def __init__(self, pairs: Iterable[tuple[Span, Held]]) -> None:
        self._pairs = sorted(((span, order, held) for order, (span, held) in enumerate(pairs)), key=lambda pair: pair[:2])
        self._starts = [span.start for span, _, _ in self._pairs]
        self._reach = list(accumulate((span.end for span, _, _ in self._pairs), max))
        """How far the spans up to each one reach."""

    def first(self, start: int, end: int) -> Held | None:
        """What the first given span that holds all of a stretch stands for."""
        found: tuple[int, Held] | None = None
        index = bisect_right(self._starts, start) - 1
        while index >= 0 and self._reach[index] >= end:
            span, order, held = self._pairs[index]
            if span.end >= end and (found is None or order < found[0]):
                found = (order, held)
            index -= 1
        return None if found is None else found[1]

"""Union-find: what is joined belongs together."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Union-find over any hashable marks."""

    def __init__(self) -> None:
        self._up: dict[object, object] = {}

    def find(self, mark: object) -> object:
        """The representative of a mark's group."""
        self._up.setdefault(mark, mark)
        while self._up[mark] != mark:
            self._up[mark] = self._up[self._up[mark]]
            mark = self._up[mark]
        return mark

    def join(self, marks: Iterable[object]) -> None:
        """Put marks into one group."""
        marks = list(marks)
        for other in marks[1:]:
            self._up[self.find(other)] = self.find(marks[0])
        if marks:
            self.find(marks[0])

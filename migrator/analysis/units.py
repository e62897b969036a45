"""What stands or falls together: addresses and variables that one application uses, and the reasons to hold them back.

A unit is a connected component of addresses and key variables: those that meet in a connection, in a file or in a mapping. A unit moves
whole or not at all. Each reason to hold it back is a sentence that the report shows; one is enough.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.facts.model import EnvFact, Fact, UrlFact

if TYPE_CHECKING:
    from migrator.analysis.hidden_clients import Addition


@dataclass(slots=True, eq=False, kw_only=True)
class Hold:
    """A reason why a unit does not move."""

    reason: str
    path: str
    offset: int | None = None
    registry: bool = False
    unsafe: bool = False
    """True: the unit may still move with `--unsafe`."""
    naming: str = ""
    """The variable whose new name is the whole trouble: a run that keeps the name is free of it."""
    pin: EnvFact | None = None
    """The place where somebody else's program goes on reading the variable: a second definition would leave it in peace."""


@dataclass(slots=True, eq=False, kw_only=True)
class Unit:
    """One application's addresses and key variables."""

    names: set[str] = field(default_factory=set)
    envs: list[EnvFact] = field(default_factory=list)
    urls: list[UrlFact] = field(default_factory=list)
    marks: list[Fact] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Names that stay while the value behind them becomes a key of the target."""
    pinned: dict[int, str] = field(default_factory=dict)
    """Additive: places (by `id`) that stay with the old variable, with the reason; the new one is defined beside it."""
    additions: list[Addition] = field(default_factory=list)
    """Clients with a built-in address that get one of their own."""
    apart: set[str] = field(default_factory=set)
    """Files that the user leaves where they are, with both ends of what they call."""
    idle: set[str] = field(default_factory=set)
    """Names that are set and never read here, beside others that are: they stay."""
    scope: str = ""
    """Folder of the sub-project whose contract this is; "": the tree's."""

    @property
    def facts(self) -> tuple[EnvFact | UrlFact, ...]:
        """Everything that moves or stays with it."""
        return (*self.envs, *self.urls)

    @property
    def first(self) -> str:
        """The first path that has part in it."""
        return min([*(fact.path for fact in self.facts), *(addition.path for addition in self.additions)], default="")

    @property
    def held(self) -> bool:
        """Does anything hold it back for good?"""
        return any(not hold.unsafe for hold in self.holds)

    @property
    def unsafe(self) -> bool:
        """May it move only with `--unsafe`?"""
        return bool(self.holds) and not self.held

    @property
    def because(self) -> str:
        """The strongest reason, as a sentence."""
        ordered = sorted(self.holds, key=lambda hold: hold.unsafe)
        return ordered[0].reason if ordered else ""


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


def nearest(path: str, candidates: Iterable[str]) -> str | None:
    """The candidate path that shares the longest run of folders with `path`."""
    best, score = None, -1
    for candidate in sorted(candidates):
        common = len(
            posixpath.commonpath([posixpath.dirname(path) or ".", posixpath.dirname(candidate) or "."])
            if _related(path, candidate)
            else ""
        )
        if common > score:
            best, score = candidate, common
    return best


def _related(left: str, right: str) -> bool:
    return bool(posixpath.dirname(left)) and bool(posixpath.dirname(right)) and left.split("/")[0] == right.split("/")[0]

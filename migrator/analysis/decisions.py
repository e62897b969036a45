"""What becomes of a connection: it moves, it stays on OpenRouter, or a person decides. Every decision names its cause and the way out."""

from __future__ import annotations

from enum import StrEnum

from migrator.options import Options
from migrator.records import dataclass


class Verdict(StrEnum):
    """The three answers, in the words of the report contract."""

    MOVES = "rewrite"
    STAYS = "keep"
    """It goes on calling OpenRouter with its own key; nothing changes for it."""
    ASKS = "flag"
    """A person decides: with `--unsafe`, or by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one connection."""

    verdict: Verdict
    because: str
    path: str = ""
    """Where the cause stands; "" where there is none to show."""
    offset: int | None = None
    way_out: str = ""
    """What to do there, and what will move then; "" where nothing has to be done."""
    unsafe: bool = False
    """`--unsafe` answers it."""
    registry: bool = False
    """The cause is a table of several providers."""

    def applies(self, options: Options) -> bool:
        """Does this run move the connection?"""
        return self.verdict is Verdict.MOVES or (self.unsafe and options.unsafe)

    @property
    def may_move(self) -> bool:
        """Could some run move it as the tree stands?"""
        return self.verdict is Verdict.MOVES or self.unsafe


def moves(because: str = "address and key move together") -> Decision:
    """Nothing stands in the way."""
    return Decision(verdict=Verdict.MOVES, because=because)


def stays(because: str, path: str, offset: int | None = None, way_out: str = "", *, registry: bool = False) -> Decision:
    """It keeps its address and its key."""
    return Decision(verdict=Verdict.STAYS, because=because, path=path, offset=offset, way_out=way_out, registry=registry)


def asks(because: str, path: str, offset: int | None = None, way_out: str = "", *, unsafe: bool = False) -> Decision:
    """A person decides."""
    return Decision(verdict=Verdict.ASKS, because=because, path=path, offset=offset, way_out=way_out, unsafe=unsafe)

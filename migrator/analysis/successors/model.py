"""The nouns of an exchange: a place that names the package, and what is found out about one client."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.facts.model import ClientFact, Fact
from migrator.formats.tree import Call
from migrator.integrations.schema import Client
from migrator.integrations.successor import Successor
from migrator.model import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A call into a package that has to go, or an import of it."""

    mark: Fact
    row: Client
    client: ClientFact | None
    """What the call is given, where it makes a client."""

    @property
    def successor(self) -> Successor:
        """What takes its place."""
        assert self.row.successor is not None
        return self.row.successor


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is found out so far about the exchange of one file: edits, or why it is left."""

    edits: list[Edit] = field(default_factory=list)
    refused: str = ""
    """The first reason why it is left, with its place."""
    unsure: str = ""
    """The first reason why only `--unsafe` may do it."""
    requests: list[Call] = field(default_factory=list)
    """The calls whose arguments it writes."""
    reads: list[tuple[str, str, object]] = field(default_factory=list)
    """Key variables with the path and the node of their reads."""
    statements: list[str] = field(default_factory=list)
    """Import statements that the code needs besides those that take the place of others."""
    awaited: dict[int, bool] = field(default_factory=dict)
    """By the `id` of the call that makes a client: are its calls awaited?"""
    snippet: list[str] = field(default_factory=list)
    """What a person can paste, line by line."""

    def refuse(self, reason: str) -> None:
        """Note why it is left; the first reason counts."""
        self.refused = self.refused or reason

    def doubt(self, reason: str) -> None:
        """Note why a word is needed; the first reason counts."""
        self.unsure = self.unsure or reason

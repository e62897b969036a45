"""The nouns of an exchange: a place that names the package, one piece of text that changes, and what is found out about all of it."""

from __future__ import annotations

from migrator.analysis.sources.key_sources import KeySource
from migrator.facts.model import ClientFact, Fact
from migrator.formats.tree import Call
from migrator.integrations.exchange import Exchange
from migrator.integrations.schema import Client
from migrator.model import Edit, Span
from migrator.records import dataclass, field
from migrator.resolve.context import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A call into a package that has to go, or an import of it."""

    mark: Fact
    row: Client
    client: ClientFact | None
    """What the call is given, where it makes a client."""

    @property
    def exchange(self) -> Exchange:
        """What takes its place."""
        assert self.row.exchange is not None
        return self.row.exchange


@dataclass(slots=True, kw_only=True)
class Reasons:
    """Why something is left, or is not done without a word; the first reason counts."""

    refused: str = ""
    """Why it cannot be exchanged, with its place."""
    unsure: str = ""
    """Why only `--unsafe` may exchange it."""

    def refuse(self, reason: str) -> None:
        """Note why it is left."""
        self.refused = self.refused or reason

    def doubt(self, reason: str) -> None:
        """Note why a word is needed."""
        self.unsure = self.unsure or reason


@dataclass(slots=True, eq=False, kw_only=True)
class Part(Reasons):
    """One piece of an exchange that the report shows as one: a constructor, a call, the imports of a file."""

    path: str
    span: Span
    message: str = ""
    edits: list[Edit] = field(default_factory=list)
    call: Call | None = None
    """The call that makes a client."""

    def edit(self, start: int, end: int, text: str, new: str) -> None:
        """Replace what stands between two offsets of `text`."""
        self.edits.append(Edit(path=self.path, span=Span(start, end), old=text[start:end], new=new))


@dataclass(slots=True, eq=False, kw_only=True)
class Draft(Reasons):
    """What is exchanged together or not at all: the clients of one file or of several, with their imports, calls and replies."""

    row: Client
    marks: tuple[Fact, ...]
    parts: list[Part] = field(default_factory=list)
    gone: tuple[tuple[str, Span], ...] = ()
    """Paths and spans of the imports that go."""
    names: frozenset[str] = frozenset()
    """Key variables that its clients read, by the names they have now."""
    sources: tuple[KeySource, ...] = ()
    reads: list[tuple[str, str, object]] = field(default_factory=list)
    """Those variables with the path and the node of their reads, where they are known."""
    requests: list[Identity] = field(default_factory=list)
    """The calls whose arguments it writes."""
    snippets: list[tuple[str, Span, str]] = field(default_factory=list)
    """What a person can paste instead, with the place that it is for."""

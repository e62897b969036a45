"""The nouns of the analysis: evidence of other vendors, clients made explicit, readers that stay, variables, and what moves together."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.catalog.rules import RuleId
from migrator.facts.model import EnvFact, Fact, UrlFact
from migrator.model import Edit, Span
from migrator.records import dataclass, field
from migrator.resolve.context import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the repository says of other vendors."""

    registries: tuple[Fact, ...] = ()
    """Tables with addresses, key variables or constructors of other vendors beside OpenRouter's, in code that runs."""
    presence: Mapping[str, str] = field(default_factory=dict)
    """Manifest path to the reason why the key variable has a reader outside the code."""
    vendors: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    """Files that hold such a table, use it or are used by it."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files with such tables, the one with most vendors first."""
        counted: dict[str, int] = {}
        for mark in self.registries:
            counted[mark.path] = counted.get(mark.path, 0) + len(mark.text.split(","))
        return tuple(sorted(counted, key=lambda path: (-counted[path], path)))

    def covers(self, path: str) -> bool:
        """Does a file belong to a program that chooses between several providers?"""
        return path in self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class StayingReader:
    """Something that goes on reading a variable by its old name."""

    name: str
    path: str
    offset: int | None
    because: str
    readings: tuple[EnvFact, ...] = ()
    """The mentions that its value is read through, where they can be seen."""
    own: Detachment | None = None
    """The edits by which it reads the variable for itself, where it takes the value of a read that others share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detachment:
    """The edits that give one call its own address or key."""

    path: str
    span: Span
    message: str
    edits: tuple[Edit, ...]
    reads: frozenset[str] = frozenset()
    """The variables that it goes on reading by their old names."""
    because: str = "what it calls exists only at OpenRouter"
    rule: RuleId = RuleId.OWN_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """The decision about one environment variable in one part of the tree."""

    name: str
    folder: str
    """The sub-project whose variable it is; "" for the tree's."""
    new_name: str | None
    decision: str
    """`rename`, `additive`, `keep` or `manual`, as in the report."""
    because: str
    is_address: bool = False
    reasons: tuple[tuple[str, str, int | None], ...] = ()
    """Everything that still needs the old variable: reason, path, offset."""
    path: str = ""
    """Where the reason for `additive` or `manual` stands."""
    offset: int | None = None

    @property
    def moves(self) -> bool:
        """Is the new name read somewhere after the run?"""
        return self.decision in ("rename", "additive")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Move:
    """Connections that share addresses or renamed variables: applied whole or not at all."""

    connections: tuple[Connection | LooseAddress, ...] = ()
    variables: tuple[Variable, ...] = ()
    envs: tuple[EnvFact, ...] = ()
    """Every mention of its variables that may be edited, in code and in tests."""
    urls: tuple[UrlFact, ...] = ()
    additions: tuple[Addition, ...] = ()
    """Clients with a built-in address that get one of their own."""
    detached: tuple[Detachment, ...] = ()
    """Calls that stay and get an address or a key of their own, because they shared one with what moves."""
    staying: Mapping[Identity, str] = field(default_factory=dict)
    """Mentions (by identity) that keep the old name, with the reason."""
    unsafe: bool = False
    because: str = ""

    @property
    def names(self) -> set[str]:
        """The old names of its variables."""
        return {variable.name for variable in self.variables}

    @property
    def facts(self) -> tuple[EnvFact | UrlFact, ...]:
        """Everything that is edited or stays with it."""
        return (*self.envs, *self.urls)

    @property
    def first(self) -> str:
        """The first path that has part in it."""
        return min([*(fact.path for fact in self.facts), *(addition.path for addition in self.additions)], default="")

    @property
    def start(self) -> tuple[str, int]:
        """The first path and offset: no other move has the same, also not one in the same file."""
        places = [
            *((fact.path, fact.span.start) for fact in self.facts),
            *((addition.path, addition.span.start) for addition in self.additions),
        ]
        return min(places, default=("", 0))

    def variable(self, name: str) -> Variable | None:
        """The decision about a variable of this name."""
        return next((variable for variable in self.variables if variable.name == name), None)

"""What becomes of clients with OpenRouter built in: additions that make them clients of the target, and reasons where that is not exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import KeySource
from migrator.facts.model import ClientFact, EnvFact, Fact, Facts
from migrator.formats.tree import Call
from migrator.integrations.exchange import Packages
from migrator.model import Edit, Span, Target
from migrator.records import dataclass, field
from migrator.resolve.context import Identity
from migrator.resolve.environment import VariableRole
from migrator.resolve.repository import Repository


class Analysed(Protocol):
    """What is asked of the analysis around these clients."""

    @property
    def repository(self) -> Repository:
        """All files."""
        ...

    @property
    def facts(self) -> Mapping[str, Facts]:
        """What each file says, by its path."""
        ...

    @property
    def target(self) -> Target:
        """Where the code goes."""
        ...

    @property
    def connections(self) -> Sequence[Connection]:
        """Clients and requests with an address of OpenRouter."""
        ...

    @property
    def callers(self) -> Callers:
        """What callers give a parameter."""
        ...

    @property
    def manifests(self) -> Sequence[tuple[str, str]]:
        """Dependency lists as path and text."""
        ...

    @property
    def editable(self) -> frozenset[str] | None:
        """Paths that may be edited; None: all."""
        ...

    def code(self, path: str, /) -> bool:
        """Is this a file that runs, not a test, document or recording?"""
        ...

    def language(self, path: str, /) -> str:
        """The format a file was lowered as."""
        ...

    def kept(self, name: str, /) -> bool:
        """Did the user say that this variable stays?"""
        ...

    def naming_in_code(self, name: str, /, *roles: VariableRole, program: bool) -> list[EnvFact]:
        """What programs, or else what configuration, say of a variable in some roles."""
        ...

    def explicit(self, mark: Fact, /) -> bool:
        """Does a client of such a library have its own address and key here?"""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Addition:
    """Edits that give one client its own address and key, in one change, so that the new key is never sent to the old host."""

    path: str
    span: Span
    message: str
    edits: tuple[Edit, ...]
    names: frozenset[str]
    """Key variables that it reads, by the names they have now."""
    sources: tuple[KeySource, ...] = ()
    """Where the program reads them for it."""
    marks: tuple[Fact, ...]
    """The places that it speaks for."""
    call: Call | None = None
    """The call that is given them; None for a ready-made client."""
    unsure: str = ""
    """Why only `--unsafe` may do it."""
    reads: tuple[tuple[str, str, object], ...] = ()
    """The reads of `names`, with path and node, where they are known; else those inside `span` are meant."""
    requests: tuple[Identity, ...] = ()
    """Calls (by identity) of other places that it rewrites too."""
    bond: str = ""
    """Additions with the same bond are made all or none."""
    packages: Packages | None = None
    """What has to be installed for it."""
    gone: tuple[tuple[str, Span], ...] = ()
    """Paths and spans that name the package which it does without from then on."""

    @property
    def identity(self) -> Identity:
        """What tells it from all others."""
        return self.path, self.span, self.message


def unbroken(before: Iterable[Addition], kept: Iterable[Addition]) -> tuple[Addition, ...]:
    """Those of `kept` whose bond has lost none of the additions before: a class is not exchanged where the client that it makes is left."""
    left = tuple(kept)
    there = {addition.identity for addition in left}
    broken = {addition.bond for addition in before if addition.bond and addition.identity not in there}
    return tuple(addition for addition in left if addition.bond not in broken)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Explicits:
    """What became of all hidden clients of the tree."""

    additions: tuple[Addition, ...] = ()
    refused: Mapping[Identity, str] = field(default_factory=dict)
    """By the identity of the mark."""
    snippets: tuple[tuple[str, Span, str, str], ...] = ()
    """Calls that stay as they are: path, span, the call in the words of the class that would take over, and why it is left."""
    staying: frozenset[Identity] = frozenset()
    """Calls (by identity) on clients that are left: their options stay as they are."""
    prefixes: Mapping[tuple[str, Span], bool] = field(default_factory=dict)
    direct: frozenset[tuple[str, Span]] = frozenset()
    """Those that stand in a call itself, so that no other call gets them."""
    """Literals with a prefix that chooses OpenRouter (path and inner span), and whether every call that they reach has an address."""
    open: tuple[ClientFact, ...] = ()
    """Calls whose library chooses the gateway by the model's prefix, and whose model is only known at run time: they may go to OpenRouter,
    with the key that the library finds by itself."""
    covered: frozenset[int] = field(init=False, repr=False, default=frozenset())
    """The marks, by `id`, that an addition speaks for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "covered", frozenset(id(mark) for addition in self.additions for mark in addition.marks))

    def covers(self, mark: Fact) -> bool:
        """Does an addition speak for this place?"""
        return id(mark) in self.covered

    def answers(self, mark: Fact) -> bool:
        """Is this name of a model with such a prefix only given to calls that have, or get, an address of their own?"""
        key = (mark.path, mark.span)
        return self.prefixes.get(key, False) and (key in self.direct or not self.open)


@dataclass(slots=True)
class Outcomes:
    """The fields of `Explicits` while they are collected."""

    additions: list[Addition] = field(default_factory=list)
    refused: dict[Identity, str] = field(default_factory=dict)
    snippets: list[tuple[str, Span, str, str]] = field(default_factory=list)
    staying: set[Identity] = field(default_factory=set)
    prefixes: dict[tuple[str, Span], bool] = field(default_factory=dict)
    direct: set[tuple[str, Span]] = field(default_factory=set)
    open: list[ClientFact] = field(default_factory=list)

    def beside(self, earlier: Explicits) -> Explicits:
        """What became of all clients: of those collected earlier, and of these."""
        return Explicits(
            additions=(*earlier.additions, *self.additions),
            refused={**earlier.refused, **self.refused},
            snippets=(*earlier.snippets, *self.snippets),
            staying=earlier.staying | self.staying,
            prefixes={**earlier.prefixes, **self.prefixes},
            direct=earlier.direct | self.direct,
            open=(*earlier.open, *self.open),
        )

"""What is known of a repository once all its files are read: connections, decisions, variables and what moves together.

Facts go up into this module, findings come down. The order is fixed: connections, their key sources, decisions, coupling by shared
addresses, variables, moves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from migrator.analysis.decisions import Decision
from migrator.analysis.hidden_clients.model import Addition, Explicits
from migrator.analysis.model import Detachment, Evidence, Move, StayingReader, Variable
from migrator.analysis.product import published_for_openrouter
from migrator.analysis.questions.keys import KeyEnds
from migrator.analysis.sources.action_inputs import with_owners
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection, LooseAddress, connections
from migrator.analysis.sources.given.connections import given_connections
from migrator.analysis.sources.given.requests import Asked, asked_through_parameters
from migrator.analysis.sources.split_hosts import movable_hosts
from migrator.analysis.sources.url_context import env_owner, fetched, key_of_users, told_to_command
from migrator.analysis.variables.ownership import sort_out
from migrator.analysis.variables.variable_scopes import spaces
from migrator.catalog.urls import UrlKind
from migrator.catalog.variables import says_openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import FOLLOWED, PROGRAMS
from migrator.facts.model import Fact, FactKind, Facts, UrlFact
from migrator.formats.tree import Call
from migrator.model import Location, Span
from migrator.options import Options
from migrator.patterns import regex
from migrator.records import dataclass, field, replace
from migrator.resolve.context import Identity, LiteralRole
from migrator.resolve.repository import Repository
from migrator.routing.find.site import RoutingSite
from migrator.text.covering import Covering

_URL_KEY = regex(r"(url|uri|base|endpoint|host|api|server|address|gateway|proxy|target|site)", re.IGNORECASE)

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis(KeyEnds):
    """One run's facts and decisions, and the questions that later stages ask of them. `build.analyse` makes it, step by step."""

    defined: Mapping[str, Sequence[UrlFact]]
    """Variables that some file gives an OpenRouter address, with the addresses."""
    connections: tuple[Connection, ...]
    hosts: frozenset[Identity]
    """Bare hosts that may be swapped on their own."""
    files_calling_openrouter: frozenset[str]
    """Files that call OpenRouter or hold an address of it."""
    published_for_openrouter: tuple[str, str] | None
    """Manifest and name of the package, where the project is made for OpenRouter."""
    evidence: Evidence = field(default_factory=Evidence)
    chosen_makers: frozenset[Identity] = frozenset()
    """The functions and classes (by identity) that a table of constructors has under OpenRouter's name."""
    vendor_siblings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Files of OpenRouter's with the files of other vendors beside them."""
    tables: tuple[str, ...] = ()
    """Files with a table of constructors of several vendors, OpenRouter's among them."""
    loose: tuple[LooseAddress, ...] = ()
    explicits: Explicits = field(default_factory=Explicits)
    decisions: Mapping[Identity, Decision] = field(default_factory=dict)
    """By the identity of a connection or a loose address."""
    staying_readers: tuple[StayingReader, ...] = ()
    routing_sites: tuple[RoutingSite, ...] = ()
    own_requests: tuple[Detachment, ...] = ()
    """Calls of a shared client that get OpenRouter's address and key."""
    moves: tuple[Move, ...] = ()
    variables: tuple[Variable, ...] = ()

    _once: dict[str, tuple[tuple[object, ...], Any]] = field(default_factory=dict, repr=False)
    """What was made of the connections or the moves, with what it was made of: most steps change something else."""

    def _made(self, name: str, make: Callable[[], Made], *source: object) -> Made:
        source = source or (self.connections, self.loose)
        held = self._once.get(name)
        if held is None or any(one is not other for one, other in zip(held[0], source, strict=True)):
            held = self._once[name] = (source, make())
        made: Made = held[1]
        return made

    @property
    def connected(self) -> frozenset[Identity]:
        """The clients and calls that are connections."""
        return self._made("connected", lambda: frozenset(connection.fact.identity for connection in self.connections))

    @property
    def by_call(self) -> dict[str, Covering[Identity]]:
        """By file, the connections that are made in a place."""
        return self._made("by call", self._by_call)

    def _by_call(self) -> dict[str, Covering[Identity]]:
        calls: dict[str, list[tuple[Span, Identity]]] = {}
        for connection in self.connections:
            calls.setdefault(connection.fact.path, []).append((connection.fact.call.span, connection.identity))
        return {path: Covering(pairs) for path, pairs in calls.items()}

    @property
    def in_file(self) -> Mapping[str, Sequence[Connection]]:
        """By file, the connections that are made in it."""
        return self._made("by file", self._in_file)

    def _in_file(self) -> dict[str, list[Connection]]:
        files: dict[str, list[Connection]] = {}
        for connection in self.connections:
            files.setdefault(connection.fact.path, []).append(connection)
        return files

    @property
    def moves_of(self) -> Mapping[Identity, Sequence[int]]:
        """The numbers of the moves that take a connection along, by its identity."""
        return self._made(
            "moved connections",
            lambda: _numbered([party.identity for party in move.connections] for move in self.moves),
            self.moves,
        )

    @property
    def moves_rewriting(self) -> Mapping[Identity, Sequence[int]]:
        """The numbers of the moves that give a client its own address and key and rewrite a call elsewhere for it, by the call's identity."""
        return self._made(
            "moved requests",
            lambda: _numbered([call for addition in move.additions for call in addition.requests] for move in self.moves),
            self.moves,
        )

    @property
    def asking(self) -> frozenset[str]:
        """Files of code that talk to OpenRouter."""
        return self._made("asking", self._asking)

    def _asking(self) -> frozenset[str]:
        paths = {connection.fact.path for connection in self.connections if self.code(connection.fact.path)}
        return frozenset(paths | {loose.site.path for loose in self.loose})

    @property
    def asked_through_parameters(self) -> Asked:
        """What requests whose address is a parameter ask for, by the literals that callers give them."""
        facts = (each for path, each in self.facts.items() if self.code(path) and self.language(path) in FOLLOWED)
        return self._made(
            "parameter requests",
            lambda: asked_through_parameters(self.repository, self.callers, facts, self.connections, frozenset(self.defined)),
        )

    def has_several_providers(self, path: str) -> bool:
        """Is OpenRouter one of several providers of the program that a file belongs to?"""
        return self.evidence.covers(path)

    def files_of(self, move: Move) -> set[str]:
        """Files that run and take part in a move."""
        return {fact.path for fact in move.facts if self.code(fact.path)} | {addition.path for addition in move.additions}

    def is_site(self, fact: UrlFact) -> bool:
        """Is this address used for requests, as far as it can be seen from where it stands?"""
        if not self.code(fact.path):
            return False
        if fact.url.kind is UrlKind.HOST:
            return fact.identity in self.hosts
        if not fact.url.kind.movable or fact.place not in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST):
            return False
        if allows(fact) or key_of_users(fact, self.repository.files[fact.path].source.text):
            return False
        return (
            self.language(fact.path) in PROGRAMS
            or bool(_URL_KEY.search(fact.key))
            or fetched(fact)
            or told_to_command(fact)
            or self.language(fact.path) == "http"
        )

    def explicit(self, mark: Fact) -> bool:
        """Does a client of such a library have its own address and key here?"""
        return any(
            isinstance(mark.node, Call)
            and connection.answers(mark.node)
            and (connection.fact.key is not None or connection.through)
            for connection in self.connections
        )

    def with_decisions(self, decisions: Mapping[Identity, Decision]) -> Analysis:
        """The same with further decisions, or others, by the identity of a connection or a loose address."""
        return replace(self, decisions={**self.decisions, **decisions}) if decisions else self

    def decision(self, party: Connection | LooseAddress) -> Decision:
        """What becomes of a connection."""
        return self.decisions[party.identity]

    def applies(self, party: Connection | LooseAddress) -> bool:
        """Does this run move it?"""
        return self.decisions[party.identity].applies(self.options)

    def adds(self, addition: Addition) -> bool:
        """Does this run give a client with OpenRouter built in its own address and key?"""
        return not self.adds_not(addition)

    def adds_not(self, addition: Addition) -> str:
        """Why it does not: by itself, or because the connection that the same call makes stays; "" where it does."""
        if addition.unsure and not self.options.unsafe:
            return addition.unsure
        staying = (
            c for c in self.connections if addition.call is not None and c.fact.call is addition.call and not self.applies(c)
        )
        return next((self.decision(connection).because for connection in staying), "")


def _numbered(lists: Iterable[Sequence[Identity]]) -> dict[Identity, list[int]]:
    """The numbers of the lists that an identity stands in."""
    numbers: dict[Identity, list[int]] = {}
    for number, identities in enumerate(lists):
        for identity in dict.fromkeys(identities):
            numbers.setdefault(identity, []).append(number)
    return numbers


def gather(
    repository: Repository,
    facts: Iterable[Facts],
    options: Options,
    manifests: Sequence[tuple[str, str]],
    editable: frozenset[str] | None,
    suppression_for: Callable[[str, str, Span], str | None],
    keys: frozenset[str] = frozenset(),
) -> Analysis:
    """The facts of all files with the connections that they tell of; nothing is decided yet. `keys`: further variables that hold its keys."""
    by_path = with_owners(sort_out(facts))
    every = list(by_path.values())
    given = _defined_addresses(every)
    defined = {name: [fact for fact in facts if fact.url.kind.movable] for name, facts in given.items()}
    defined = {name: facts for name, facts in defined.items() if facts}
    callers = Callers(repository, by_path)
    clients = connections(repository, every, given, callers, keys)
    clients += given_connections(repository, every, callers, given, clients, keys)
    clients.sort(key=lambda client: (client.fact.path, client.fact.call.span))
    analysis = Analysis(
        repository=repository,
        facts=by_path,
        options=options,
        manifests=manifests,
        editable=editable,
        suppression_for=suppression_for,
        defined=defined,
        callers=callers,
        connections=tuple(clients),
        hosts=movable_hosts(repository, (fact for each in every for fact in each.urls), clients, options.target),
        files_calling_openrouter=frozenset(each.path for each in every if each.urls) | {client.fact.path for client in clients},
        published_for_openrouter=published_for_openrouter(manifests),
        own_keys=frozenset(
            mark.text for each in every if not path_kinds.is_test(each.path) for mark in each.marked(FactKind.OWN_KEY)
        ),
    )
    return replace(analysis, connections=tuple(analysis.with_later_key(client) for client in analysis.connections))


def _defined_addresses(facts: Iterable[Facts]) -> dict[str, list[UrlFact]]:
    """Variables that some file gives an OpenRouter address, with the addresses, those of its own endpoints among them."""
    addresses: dict[str, list[UrlFact]] = {}
    for each in facts:
        for fact in each.urls:
            owner = env_owner(fact)
            if owner is not None and (fact.url.kind.movable or fact.url.kind is UrlKind.OWN):
                addresses.setdefault(owner, []).append(fact)
    return addresses


def find_spaces(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Tell apart variables of one name that sub-projects have each for themselves."""
    envs = [fact for facts in analysis.facts.values() for fact in facts.envs if says_openrouter(fact.name)]
    shared = (fact for fact in envs if analysis.code(fact.path) or path_kinds.is_test(fact.path))
    return spaces(analysis.repository.paths, shared)


def location(analysis: Analysis, path: str, span: Span) -> Location:
    """A span as a line somebody can click on."""
    return Location(path=path, line=analysis.repository.files[path].lines.line(span.start))

"""What is known of a repository once all its files are read: connections, decisions, variables and what moves together.

Facts go up into this module, findings come down. The order is fixed: connections, their key sources, decisions, coupling by shared
addresses, variables, moves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.analysis.decisions import Decision
from migrator.analysis.hidden_clients.model import Addition, Explicits
from migrator.analysis.model import Detachment, Evidence, Move, StayingReader, Variable
from migrator.analysis.product import published_for_openrouter
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.alternatives import alternatives
from migrator.analysis.sources.authorizations import Authorization, authorizations, nearest
from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection, LooseAddress, connections
from migrator.analysis.sources.key_sources import KeySource, SourceKind, key_sources
from migrator.analysis.sources.references import has_command, references
from migrator.analysis.sources.split_hosts import movable_hosts
from migrator.analysis.sources.url_context import env_owner, fetched, key_of_users
from migrator.analysis.variables.ownership import sort_out
from migrator.analysis.variables.variable_scopes import space_of, spaces
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind
from migrator.catalog.variables import says_openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, Fact, FactKind, Facts, Identity, UrlFact
from migrator.facts.variables import form_of
from migrator.formats.tree import Arg, Assign, EnvDef, Import, Item, Node, Obj, Param, descendants
from migrator.model import Location, Span, Target
from migrator.options import EnvStrategy, Options
from migrator.resolve.context import LiteralRole
from migrator.resolve.environment import READING, VariableRole
from migrator.resolve.modules import local_module
from migrator.resolve.objects import objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.routing.find.site import RoutingSite

_URL_KEY = re.compile(r"(url|uri|base|endpoint|host|api|server|address|gateway|proxy|target|site)", re.IGNORECASE)
_ASKED = re.compile(r"(^|\.)(input|getpass|prompt|ask|text_input|question|password|argv)\b", re.IGNORECASE)
"""Calls and names through which a person gives a value when the program runs."""
_NAMES_IT = re.compile(r"OPEN_?ROUTER")
_KEY_LIST = re.compile(r"OPEN_?ROUTER\w*_(KEYS|TOKENS)$")


def _never(_rule: str, _path: str, _span: Span) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """One run's facts and decisions, and the questions that later stages ask of them. `build.analyse` makes it, step by step."""

    repository: Repository
    facts: Mapping[str, Facts]
    """What each file says, by its path."""
    options: Options
    manifests: Sequence[tuple[str, str]]
    """Dependency lists as path and text."""
    editable: frozenset[str] | None = None
    """Paths that may be edited; None: all."""
    suppression_for: Callable[[str, str, Span], str | None] = _never
    """Why the user wants a rule to leave a place alone."""
    defined: Mapping[str, Sequence[UrlFact]]
    """Variables that some file gives an OpenRouter address, with the addresses."""
    callers: Callers
    connections: tuple[Connection, ...]
    hosts: frozenset[Identity]
    """Bare hosts that may be swapped on their own."""
    files_calling_openrouter: frozenset[str]
    """Files that call OpenRouter or hold an address of it."""
    published_for_openrouter: tuple[str, str] | None
    """Manifest and name of the package, where the project is made for OpenRouter."""
    own_keys: frozenset[str]
    """Keys of the program's own objects that are spelled like variables."""
    evidence: Evidence = field(default_factory=Evidence)
    chosen_makers: frozenset[int] = frozenset()
    """The functions and classes (nodes, by `id`) that a table of constructors has under OpenRouter's name."""
    vendor_siblings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Files of OpenRouter's with the files of other vendors beside them."""
    spaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variables that sub-projects have each for themselves, with the folders of these."""
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
    _sources: dict[Identity, tuple[KeySource, ...]] = field(default_factory=dict, repr=False)
    _headers: dict[str, list[Authorization]] = field(default_factory=dict, repr=False)
    # answers that were worked out before; they depend on the facts alone

    @property
    def target(self) -> Target:
        """Where the code goes."""
        return self.options.target

    # -- files -------------------------------------------------------------------------------------------------------------------

    def code(self, path: str) -> bool:
        """Is this a file that runs, not a test, document or recording?"""
        return not (
            path_kinds.is_test(path)
            or (path_kinds.is_document(path) and not self.scripted(path))
            or path_kinds.is_recorded(path)
            or path_kinds.is_locale(path)
            or path_kinds.is_migration(path)
        )

    def scripted(self, path: str) -> bool:
        """Is this a page with scripts of its own? What runs in it is code, whatever stands around it."""
        file = self.repository.files.get(path) if path.endswith((".html", ".htm")) else None
        return file is not None and bool(file.module.body)

    def language(self, path: str) -> str:
        """The format a file was lowered as."""
        return self.repository.files[path].module.language

    def imported(self, path: str) -> set[str]:
        """Files of this tree that a program imports; none for other files."""
        file = self.repository.files.get(path)
        if file is None or file.module.language not in PROGRAMS:
            return set()
        modules = [node.module for node in file.module.body if isinstance(node, Import)]
        return {found for module in modules if (found := local_module(self.repository, path, module)) is not None}

    def has_several_providers(self, path: str) -> bool:
        """Is OpenRouter one of several providers of the program that a file belongs to?"""
        return self.evidence.covers(path)

    def files_of(self, move: Move) -> set[str]:
        """Files that run and take part in a move."""
        return {fact.path for fact in move.facts if self.code(fact.path)} | {addition.path for addition in move.additions}

    # -- addresses ---------------------------------------------------------------------------------------------------------------

    def is_site(self, fact: UrlFact) -> bool:
        """Is this address used for requests, as far as it can be seen from where it stands?"""
        if not self.code(fact.path):
            return False
        if fact.url.kind is UrlKind.HOST:
            return fact.identity in self.hosts
        if not fact.url.kind.movable or fact.place not in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST):
            return False
        if allows(fact) or key_of_users(fact):
            return False
        return (
            self.language(fact.path) in PROGRAMS
            or bool(_URL_KEY.search(fact.key))
            or fetched(fact)
            or self.language(fact.path) == "http"
        )

    # -- keys --------------------------------------------------------------------------------------------------------------------

    def sources_of(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """Every end of a connection's key; where it is put together out of sight, the key variables that are read nearby."""
        if party.identity not in self._sources:
            implicit = party.fact.implicit_key if isinstance(party, Connection) and party.fact.key is None else None
            foreign = frozenset(party.given.foreign) if isinstance(party, Connection) else frozenset()
            sources = key_sources(self.repository, self.callers, party.keys, implicit=implicit, foreign=foreign)
            given = isinstance(party, Connection) and party.fact.key is not None
            hidden = all(source.kind is SourceKind.OUT_OF_SIGHT and source.node is None for source in sources) and bool(
                sources or not given
            )
            if hidden and (not isinstance(party, Connection) or party.keyed):
                sources = self._written_apart(party) or self._nearby(party) or sources
            sources = (*sources, *self._set_by_program(sources))
            by_library = isinstance(party, LooseAddress) and not self._read_here(env_owner(party.site))
            self._sources[party.identity] = tuple(self._defined_from(sources, by_library))
        return self._sources[party.identity]

    def _set_by_program(self, sources: Iterable[KeySource]) -> Iterator[KeySource]:
        """What a program gives a variable itself, `os.environ["X"] = load()`.

        A key that is typed there is no source, because its line keeps the old name; what a person enters is the new key from then on.
        """
        for name in dict.fromkeys(source.name for source in sources if source.kind is SourceKind.VARIABLE):
            for path, facts in sorted(self.facts.items()):
                if self.language(path) not in PROGRAMS or not self.code(path):
                    continue
                for fact in facts.envs:
                    if fact.name != name or fact.role is not VariableRole.DEFINE or fact.value is None or fact.node_path is None:
                        continue
                    for end in key_sources(
                        self.repository, self.callers, origins(self.repository, fact.value, fact.node_path.scope)
                    ):
                        if end.kind is SourceKind.VARIABLE and end.name != name:
                            yield end
                        elif end.kind in (SourceKind.STORE, SourceKind.OUT_OF_SIGHT, SourceKind.PARAMETER) and not _ASKED.search(
                            end.name
                        ):
                            yield replace(end, kind=SourceKind.STORE)

    def _read_here(self, name: str | None) -> bool:
        """Do programs of this tree read a variable by its name?"""
        return name is not None and any(
            fact.name == name and fact.role in READING
            for path, facts in self.facts.items()
            if self.language(path) in PROGRAMS and self.code(path)
            for fact in facts.envs
        )

    def _defined_from(self, sources: Iterable[KeySource], by_library: bool) -> Iterator[KeySource]:
        """A variable that configuration makes from another one stands for that other one.

        `by_library`: an entry of configuration that no program here reads, so that a library reads the key beside it by itself.
        """
        for source in sources:
            definitions = self._definitions(source.name) if source.kind is SourceKind.VARIABLE else []
            refs = [
                (fact, ref)
                for fact in definitions
                for ref in references(fact.value)
                if fact.value is not None and ref.name != source.name and ref.how != "actions-input-ref"  # an input is no variable
            ]
            if refs and len({fact.identity for fact, _ in refs}) == len(definitions) and not says_openrouter(source.name):
                commands = [fact for fact in definitions if has_command(fact.value)]
                yield from (KeySource(SourceKind.STORE, "a command", fact.path, fact.value) for fact in commands)
                yield from (KeySource(SourceKind.VARIABLE, ref.name, fact.path, ref) for fact, ref in refs)
            elif by_library and isinstance(source.node, EnvDef) and has_command(source.node.value):
                yield KeySource(SourceKind.STORE, "a command", source.path, source.node.value)
            elif (
                source.kind is SourceKind.VARIABLE
                and isinstance(source.node, EnvDef)
                and not says_openrouter(source.name)
                and (by_library or not self._read_here(source.name))
            ):
                yield replace(source, implicit=True)
            else:
                yield source

    def made_from(self, name: str, path: str, node: Node | None) -> Iterator[tuple[str, str, Node | None]]:
        """The variables that configuration makes a variable from, with where; the variable itself where it is not made from others."""
        definitions = self._definitions(name)
        refs = [
            (fact, ref)
            for fact in definitions
            for ref in references(fact.value)
            if ref.name != name and ref.how != "actions-input-ref"  # an input is no variable
        ]
        if refs and len({fact.identity for fact, _ in refs}) == len(definitions):
            yield from ((ref.name, fact.path, ref) for fact, ref in refs)
        else:
            yield name, path, node

    def _definitions(self, name: str) -> list[EnvFact]:
        return [
            fact
            for path, facts in self.facts.items()
            if self.code(path) and self.language(path) not in PROGRAMS
            for fact in facts.envs
            if fact.name == name and fact.role in (VariableRole.DEFINE, VariableRole.FORWARD) and not fact.commented
        ]

    def with_later_key(self, connection: Connection) -> Connection:
        """Headers without a key may be given one later: `headers = {}`, then `headers["Authorization"] = …`."""
        fact = connection.fact
        if connection.keyed or fact.headers is None or isinstance(fact.headers, Obj):
            return connection
        reached = {
            fact.node_path.scope.path,
            *(scope.path for _, scope in objects(self.repository, fact.headers, fact.node_path.scope)),
        }
        if not any(header.filled for path in reached for header in self._authorizations(path)):
            return connection
        return replace(connection, keyed=True, keys=(Origin(kind=From.UNKNOWN, path=fact.path, name="headers built elsewhere"),))

    def _written_apart(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """The keys of the headers that are written apart from every call, those closest to a connection first."""
        path = party.path if isinstance(party, LooseAddress) else party.fact.path
        node_path = party.site.node_path if isinstance(party, LooseAddress) else party.fact.node_path
        written, shared = nearest(self._authorizations(path), node_path)
        keys = [origin for one in written for origin in origins(self.repository, one.value, one.scope)]
        sources = key_sources(self.repository, self.callers, keys)
        # elsewhere in the file, a variable of another name may be the key of something else
        return tuple(one for one in sources if shared or one.kind is not SourceKind.VARIABLE or is_key_variable(one.name))

    def _authorizations(self, path: str) -> list[Authorization]:
        if path not in self._headers:
            program = path in self.facts and self.language(path) in PROGRAMS
            self._headers[path] = list(authorizations(self.repository, self.facts[path])) if program else []
        return self._headers[path]

    def _nearby(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """OpenRouter's key variables that are read in the same file, else in what it imports, else the only one that any program reads."""
        path = party.site.path if isinstance(party, LooseAddress) else party.fact.path
        program = self.language(path) in PROGRAMS
        own = self._key_reads(path, definitions=not program)
        if not own:
            own = [fact for other in sorted(self.imported(path)) for fact in self._key_reads(other)]
        if any(self._holds_other_keys(other) for other in (path, *self.imported(path))):
            return ()
        if not own:
            reads = [fact for other in sorted(self.facts) if self.language(other) in PROGRAMS for fact in self._key_reads(other)]
            own = reads if len({fact.name for fact in reads}) == 1 else []
        programs = [other for other in self.facts if self.language(other) in PROGRAMS]
        known = {fact.name for other in programs for fact in self._key_reads(other)} or {fact.name for fact in own}
        if len(known) > 1:
            return ()  # which of them it is cannot be told
        own = [fact for fact in own if fact.name in known]
        keys: list[Origin] = []
        for fact in own:
            node = _node_of(fact)
            read = [origin for value, scope in alternatives(fact) for origin in origins(self.repository, value, scope)]
            keys += (
                [*read]
                if any(origin.name == fact.name for origin in read)
                else [Origin(kind=From.ENV, path=fact.path, name=fact.name, node=node)]
            )
        return key_sources(self.repository, self.callers, keys)

    def _holds_other_keys(self, path: str) -> bool:
        """Does a file read lists of OpenRouter's keys, or variables whose names it puts together?"""
        facts = self.facts.get(path)
        return facts is not None and (
            any(_KEY_LIST.search(fact.name) and fact.role in READING for fact in facts.envs)
            or any(_NAMES_IT.search(mark.text) for mark in facts.marked(FactKind.DYNAMIC_NAME))
        )

    def keys_in_sight(self, path: str) -> dict[str, list[EnvFact]]:
        """Reads of key variables that a value which cannot be followed may come from: those of the file, else of what it imports, at
        its top or later, else of all programs."""
        reads = self._key_reads(path)
        if not reads:
            file = self.repository.files[path]
            modules = {node.module for node in descendants(file.module) if isinstance(node, Import)}
            near = {local_module(self.repository, path, module) for module in modules}
            reads = [fact for other in sorted(filter(None, near)) for fact in self._key_reads(other)]
        if not reads:
            reads = [fact for other in sorted(self.facts) if self.language(other) in PROGRAMS for fact in self._key_reads(other)]
        names: dict[str, list[EnvFact]] = {}
        for fact in reads:
            names.setdefault(fact.name, []).append(fact)
        return names

    def _key_reads(self, path: str, *, definitions: bool = False) -> list[EnvFact]:
        facts = self.facts.get(path)
        if facts is None or not self.code(path):
            return []
        roles = (*READING, VariableRole.DEFINE, VariableRole.FORWARD) if definitions else READING
        return [fact for fact in facts.envs if is_key_variable(fact.name) and fact.role in roles]

    def readings(self, name: str, path: str, node: object) -> list[EnvFact]:
        """The mentions of a variable that a value was read through."""
        facts = self.facts.get(path)
        if facts is None:
            return []
        named = [fact for fact in facts.envs if fact.name == name]
        span = getattr(node, "span", None)
        if span is None:
            by_name = [fact for fact in named if fact.role in (*READING, VariableRole.SCHEMA)]
            return by_name or [fact for fact in named if fact.role is VariableRole.LIST]  # read in a loop over a list of names
        inside = [fact for fact in named if span.start <= fact.span.start and fact.span.end <= span.end]
        return (
            inside
            or [fact for fact in named if fact.role in READING]
            or self._named_by_constant(name)
            or [
                fact
                for other, one in self.facts.items()
                if self.code(other) and self.language(other) in PROGRAMS
                for fact in one.envs
                if fact.name == name and fact.role in (*READING, VariableRole.SCHEMA, VariableRole.LIST)
            ]
        )

    def _named_by_constant(self, name: str) -> list[EnvFact]:
        """Literals of constants that name a variable which is read through them."""
        return [
            fact
            for facts in self.facts.values()
            for fact in facts.envs
            if fact.name == name and (fact.how == "named" or (fact.how == "literal" and _is_constant(fact)))
        ]

    def in_schema(self, name: str) -> bool:
        """Is a name the key of an environment schema of this tree?"""
        return any(
            fact.name == name and fact.how in ("schema-key", "schema-use") for facts in self.facts.values() for fact in facts.envs
        )

    def is_own_key(self, name: str, path: str) -> bool:
        """Has an object that a file may be given a key of the program's own, spelled like the variable?"""
        near = {path, *self.imported(path), *(other for other in self.facts if path in self.imported(other))}
        folder = path.rpartition("/")[0]
        return any(
            mark.text == name
            for other, facts in self.facts.items()
            if not path_kinds.is_test(other) and (other in near or other.rpartition("/")[0] == folder)
            for mark in facts.marked(FactKind.OWN_KEY)
        )

    def kept(self, name: str) -> bool:
        """Did the user say that this variable stays?"""
        return self.options.env_strategy is EnvStrategy.KEEP or name in self.options.keep_variables

    # -- variables ---------------------------------------------------------------------------------------------------------------

    def mentions(self, name: str, folder: str) -> list[EnvFact]:
        """Every mention of a variable in the part of the tree that shares it, in code and in tests."""
        return [
            fact
            for path in sorted(self.facts)
            for fact in self.facts[path].envs
            if fact.name == name and self.folder_of(name, path) == folder and (self.code(path) or path_kinds.is_test(path))
        ]

    def folder_of(self, name: str, path: str) -> str:
        """The sub-project whose variable a name is at a path; "" for the tree's."""
        return space_of(path, self.spaces.get(name, ()))

    def defines_env(self, mark: Fact) -> bool:
        """Is the key the value of a line that can be switched off? Elsewhere a rename would bring the old key under the new name."""
        node_path = mark.node_path
        text = self.repository.files[mark.path].source.text
        return node_path is not None and any(
            isinstance(step.node, EnvDef) and form_of(mark.path, step.node, text) in ("dotenv", "envrc")
            for step in node_path.ancestors()
        )

    def explicit(self, mark: Fact) -> bool:
        """Does a client of such a library have its own address and key here?"""
        return any(
            connection.fact.call is mark.node and (connection.sites or connection.variables) and connection.fact.key is not None
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
    by_path = sort_out(facts)
    every = list(by_path.values())
    defined = _defined_addresses(every)
    callers = Callers(repository, by_path)
    clients = connections(repository, every, defined, callers, keys)
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
    """Variables that some file gives an OpenRouter address, with the addresses."""
    addresses: dict[str, list[UrlFact]] = {}
    for each in facts:
        for fact in each.urls:
            owner = env_owner(fact)
            if owner is not None and fact.url.kind.movable:
                addresses.setdefault(owner, []).append(fact)
    return addresses


def find_spaces(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Tell apart variables of one name that sub-projects have each for themselves."""
    envs = [fact for facts in analysis.facts.values() for fact in facts.envs if says_openrouter(fact.name)]
    shared = (fact for fact in envs if analysis.code(fact.path) or path_kinds.is_test(fact.path))
    return spaces(analysis.repository.paths, shared)


def _node_of(fact: EnvFact) -> Node | None:
    node = fact.node_path.node if fact.node_path is not None else None
    return None if isinstance(node, (Arg, Item, Param)) else node


def _is_constant(fact: EnvFact) -> bool:
    return fact.node_path is not None and fact.node_path.up is not None and isinstance(fact.node_path.up.node, Assign)


def location(analysis: Analysis, path: str, span: Span) -> Location:
    """A span as a line somebody can click on."""
    return Location(path=path, line=analysis.repository.files[path].lines.line(span.start))

"""Where the keys of connections come from: every end, also where a key is put together out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.analysis.questions.mentions import Mentions
from migrator.analysis.sources.alternatives import alternatives
from migrator.analysis.sources.authorizations import Authorization, authorizations, nearest
from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection, LooseAddress, may_get_key_later, passed_on
from migrator.analysis.sources.key_sources import KeySource, SourceKind, key_sources
from migrator.analysis.sources.program_values import set_by_program
from migrator.analysis.sources.references import has_command, references
from migrator.analysis.sources.url_context import env_owner
from migrator.catalog import is_key_variable, openrouter
from migrator.catalog.variables import says_openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, FactKind
from migrator.formats.tree import Arg, EnvDef, Item, Node, Param
from migrator.patterns import regex
from migrator.records import dataclass, field, replace
from migrator.resolve.context import Identity, last_name, source_name
from migrator.resolve.environment import READING
from migrator.resolve.follow.shell import made_of
from migrator.resolve.objects import objects
from migrator.resolve.origins import From, Origin, origins

_FOR_ALL = regex(r"\baxios\.(?:defaults\.headers|interceptors\.request)\b")
_OPENER = regex(r"\binstall_opener\(|\.addheaders\b")
"""urllib sends the headers of an opener that was installed with every request."""
_NAMES_IT = regex(r"OPEN_?ROUTER")
_KEY_LIST = regex(r"OPEN_?ROUTER\w*_(KEYS|TOKENS)$")


@dataclass(frozen=True, kw_only=True, eq=False)
class KeyEnds(Mentions):
    """The ends of each connection's key."""

    callers: Callers
    _sources: dict[Identity, tuple[KeySource, ...]] = field(default_factory=dict, repr=False)
    _headers: dict[str, list[Authorization]] = field(default_factory=dict, repr=False)
    _near: dict[tuple[str, bool], tuple[KeySource, ...]] = field(default_factory=dict, repr=False)
    # answers that were worked out before; they depend on the facts alone

    def sources_of(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """Every end of a connection's key; where it is put together out of sight, the key variables that are read nearby."""
        if party.identity not in self._sources:
            implicit = party.fact.implicit_key if isinstance(party, Connection) and party.fact.key is None else None
            foreign = frozenset(party.given.foreign) if isinstance(party, Connection) else frozenset()
            sources = key_sources(self.repository, self.callers, party.keys, implicit=implicit, foreign=foreign)
            if isinstance(party, Connection) and party.rides:
                sources = (KeySource(SourceKind.OUT_OF_SIGHT, party.keys[0].name, party.fact.path, party.fact.call),)
            given = isinstance(party, Connection) and party.fact.key is not None
            hidden = all(source.kind is SourceKind.OUT_OF_SIGHT and source.node is None for source in sources) and bool(
                sources or not given
            )
            if hidden and (not isinstance(party, Connection) or party.keyed):
                sources = self._written_apart(party) or self._nearby(party) or sources
            named = (source.name for source in sources if source.kind is SourceKind.VARIABLE)
            sources = (*sources, *set_by_program(self, named))
            by_library = isinstance(party, LooseAddress) and not self.is_read(env_owner(party.site))
            self._sources[party.identity] = tuple(self._defined_from(sources, by_library))
        return self._sources[party.identity]

    def _defined_from(self, sources: Iterable[KeySource], by_library: bool) -> Iterator[KeySource]:
        """A variable that configuration makes from another one stands for that other one.

        `by_library`: an entry of configuration that no program here reads, so that a library reads the key beside it by itself.
        """
        vendors = openrouter()["vendors"]["key_variables"]
        for source in sources:
            definitions = self.definitions(source.name) if source.kind is SourceKind.VARIABLE else []
            refs = [
                (fact, ref)
                for fact in definitions
                for ref in references(fact.value)
                if ref.name != source.name
                and ref.how != "actions-input-ref"  # an input is no variable
                and not (ref.how.startswith("k8s-") and source.name not in vendors)  # a renamed one asks for an entry of its own
                and not made_of(self.repository, ref.name, fact.path)  # nor is what a script calls its own
            ]
            if refs and len({fact.identity for fact, _ in refs}) == len(definitions) and not says_openrouter(source.name):
                commands = [fact for fact in definitions if has_command(fact.value)]
                yield from (KeySource(SourceKind.STORE, "a command", fact.path, fact.value) for fact in commands)
                yield from (KeySource(SourceKind.VARIABLE, ref.name, fact.path, ref) for fact, ref in refs)
            elif refs and not by_library:  # `OPENROUTER_KEY=${OPENROUTER_API_KEY}`: both names get the new key
                yield source
                yield from (KeySource(SourceKind.VARIABLE, ref.name, fact.path, ref) for fact, ref in refs)
            elif by_library and isinstance(source.node, EnvDef) and has_command(source.node.value):
                yield KeySource(SourceKind.STORE, "a command", source.path, source.node.value)
            elif (
                source.kind is SourceKind.VARIABLE
                and isinstance(source.node, EnvDef)
                and not says_openrouter(source.name)
                and (by_library or not self.is_read(source.name))
            ):
                yield replace(source, implicit=True)
            else:
                yield source

    def with_later_key(self, connection: Connection) -> Connection:
        """A request may be given its key later: `headers = {}`, then `headers["Authorization"] = …`; `Request(url)`, then `add_header`."""
        fact = connection.fact
        if connection.keyed:
            return connection
        if source_name(fact.call.func).partition(".")[0] == "axios" and self._sends_key_with_all():
            return replace(
                connection, keyed=True, keys=(Origin(kind=From.UNKNOWN, path=fact.path, name="headers of axios itself"),)
            )
        opened = last_name(fact.call.func) == "urlopen" and _OPENER.search(self.repository.files[fact.path].source.text)
        if opened:
            return replace(connection, keyed=True, keys=(Origin(kind=From.UNKNOWN, path=fact.path, name="headers of an opener"),))
        if not may_get_key_later(fact):
            return connection
        made = objects(self.repository, fact.headers, fact.node_path.scope) if fact.headers is not None else ()
        reached = {fact.node_path.scope.path, *(scope.path for _, scope in made)}
        if not any(header.filled for path in reached for header in self._authorizations(path)):
            return connection
        return replace(connection, keyed=True, keys=(Origin(kind=From.UNKNOWN, path=fact.path, name="headers built elsewhere"),))

    def _sends_key_with_all(self) -> bool:
        """`axios.defaults.headers.common.Authorization = …`, `axios.interceptors.request.use(…)`: a key for every request of the library."""
        return any(
            _FOR_ALL.search(self.repository.files[path].source.text) and self._authorizations(path)
            for path in sorted(self.facts)
            if self.language(path) in PROGRAMS and self.code(path)
        )

    def _written_apart(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """The keys of the headers that are written apart from every call, those closest to a connection first."""
        path = party.path if isinstance(party, LooseAddress) else party.fact.path
        node_path = party.site.node_path if isinstance(party, LooseAddress) else party.fact.node_path
        written, shared = nearest(self._authorizations(path), node_path)
        keys = [origin for each in written for origin in origins(self.repository, each.value, each.scope)]
        sources = key_sources(self.repository, self.callers, keys)
        # elsewhere in the file, a variable of another name may be the key of something else
        return tuple(each for each in sources if shared or each.kind is not SourceKind.VARIABLE or is_key_variable(each.name))

    def _authorizations(self, path: str) -> list[Authorization]:
        if path not in self._headers:
            program = path in self.facts and self.language(path) in PROGRAMS
            self._headers[path] = list(authorizations(self.repository, self.facts[path])) if program else []
        return self._headers[path]

    def _nearby(self, party: Connection | LooseAddress) -> tuple[KeySource, ...]:
        """OpenRouter's key variables that are read in the same file, else in what it imports, else the only one that any program reads."""
        loose = isinstance(party, LooseAddress)
        path = party.site.path if isinstance(party, LooseAddress) else party.fact.path
        if (path, loose) not in self._near:
            self._near[path, loose] = self._read_nearby(path, loose=loose)
        return self._near[path, loose]

    def _read_nearby(self, path: str, *, loose: bool) -> tuple[KeySource, ...]:
        program = self.language(path) in PROGRAMS
        if program and loose and passed_on(self.repository.files[path].source.text):
            return ()
        reads_nearby = self.key_reads(path, definitions=not program)
        if not reads_nearby:
            reads_nearby = [fact for other in sorted(self.imported(path)) for fact in self.key_reads(other)]
        if any(self._holds_other_keys(other) for other in (path, *self.imported(path))):
            return ()
        if not reads_nearby:
            reads = [fact for other in sorted(self.facts) if self.language(other) in PROGRAMS for fact in self.key_reads(other)]
            reads_nearby = reads if len({fact.name for fact in reads}) == 1 else []
        programs = [other for other in self.facts if self.language(other) in PROGRAMS]
        known = {fact.name for other in programs for fact in self.key_reads(other)} or {fact.name for fact in reads_nearby}
        if len(known) > 1:
            return ()  # which of them it is cannot be told
        reads_nearby = [fact for fact in reads_nearby if fact.name in known]
        keys: list[Origin] = []
        for fact in reads_nearby:
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


def _node_of(fact: EnvFact) -> Node | None:
    node = fact.node_path.node if fact.node_path is not None else None
    return None if isinstance(node, (Arg, Item, Param)) else node

"""From facts to moves: every connection is decided by its own sources, then what shares an address, then the variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, address_marks, couple, parties, path_of
from migrator.analysis.credentials import entries_of, new_reads
from migrator.analysis.decide import decide, decide_loose
from migrator.analysis.decisions import Decision, Verdict, asks, stays
from migrator.analysis.detach import own_key, own_request, read_again
from migrator.analysis.groups import Groups
from migrator.analysis.hidden_clients import explicits
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.model import Detachment, Move, Variable
from migrator.analysis.providers import count_providers
from migrator.analysis.registries import chosen_makers, constructor_tables, is_chosen, sibling_folders
from migrator.analysis.responses_default import weigh_bare_calls
from migrator.analysis.routing_losses import routing_sites, weigh_losses
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.loose_addresses import loose_addresses
from migrator.analysis.sources.url_context import default_of, env_owner
from migrator.analysis.successors import successors
from migrator.analysis.variables.decide import (
    Space,
    Uses,
    built_names,
    decide_variable,
    follows,
    keeps_old,
    loose_readers,
    may_stand_beside,
)
from migrator.analysis.variables.sent_keys import sent_keys
from migrator.analysis.variables.staying import staying_readers
from migrator.catalog import is_key_variable, openrouter
from migrator.catalog.urls import UrlKind
from migrator.catalog.variables import says_openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS, is_address_variable
from migrator.facts.model import EnvFact, FactKind, Facts, Identity
from migrator.facts.variables import speaks_of
from migrator.formats.tree import Attr, Class, Func, Name
from migrator.model import Span
from migrator.options import Options
from migrator.resolve.context import NodePath
from migrator.resolve.environment import DEFINING, VariableRole
from migrator.resolve.origins import From, origins
from migrator.resolve.repository import Repository

MOST_ROUNDS = 8
"""Each round holds at least one more connection back; more of them than this share keys with each other in ways nobody writes."""
MOST_READINGS = 3
"""A variable that is made from another one, which is made from a third, is as far as programs go."""


def analyse(
    repository: Repository,
    facts: Sequence[Facts],
    options: Options,
    manifests: Sequence[tuple[str, str]],
    *,
    editable: frozenset[str] | None = None,
    suppression_for: Callable[[str, str, Span], str | None] = lambda _rule, _path, _span: None,
    reread: Callable[[frozenset[str]], Sequence[Facts]] | None = None,
) -> Analysis:
    """All decisions of a run. `reread` reads the files again for variables whose names do not say that they are OpenRouter's."""
    analysis = Analysis(repository, facts, options, manifests, editable, suppression_for)
    names: frozenset[str] = frozenset()
    for _ in range(MOST_READINGS):
        more = _plain_names(analysis) - names
        if not more or reread is None:
            break
        names |= more
        analysis = Analysis(repository, reread(names), options, manifests, editable, suppression_for, _keys_among(analysis, names))
    analysis.evidence = count_providers(analysis, analysis.facts.values())
    analysis.chosen_makers = chosen_makers(analysis)
    analysis.vendor_siblings = sibling_folders(repository)
    analysis.tables = constructor_tables(analysis)
    analysis.find_spaces()
    analysis.loose = loose_addresses(analysis)
    _adopt(analysis)
    analysis.explicits = explicits(analysis)
    analysis.routing_sites = routing_sites(analysis)
    successors(analysis, analysis.explicits, analysis.routing_sites)
    _leave_registries(analysis)
    for connection in analysis.connections:
        analysis.decisions[connection.identity] = decide(analysis, connection)
    _relative(analysis)
    for loose in analysis.loose:
        analysis.decisions[loose.identity] = decide_loose(analysis, loose)
    weigh_losses(analysis, analysis.routing_sites)
    weigh_bare_calls(analysis)
    analysis.staying_readers = list(staying_readers(analysis))
    _one_store_for_both(analysis)
    _stray_addresses(analysis)
    _settle(analysis)
    return analysis


def _one_store_for_both(analysis: Analysis) -> None:
    """A stored key that what stays sends too: with the new key in the store, that would go to OpenRouter. Not even `--unsafe` moves it."""
    staying: dict[tuple[str, str], Party] = {}
    for party in parties(analysis):
        if analysis.decision(party).verdict is Verdict.STAYS:
            staying |= {
                (source.name, source.path): party for source in analysis.sources_of(party) if source.kind is SourceKind.STORE
            }
    for party in parties(analysis):
        if not analysis.decision(party).unsafe:
            continue
        for source in analysis.sources_of(party):
            other = staying.get((source.name, source.path)) if source.kind is SourceKind.STORE else None
            if other is not None:
                path = path_of(other)
                line = analysis.repository.files[path].lines.line(other.offset)
                reason = f"its key comes from {source.name}, which {path}:{line} sends to OpenRouter too"
                way_out = f"give {path}:{line} a stored key of its own; then run with --unsafe"
                analysis.decisions[party.identity] = asks(reason, path, other.offset, way_out)
                break


_PAGE_OF_THE_PROGRAM = re.compile(r"(?:^|_)(?:SITE|APP|APPLICATION|REFERR?ER|HOMEPAGE)(?:_|$)", re.IGNORECASE)
"""Names of variables with the program's own page, which goes into the attribution headers (`OPENROUTER_SITE_URL`)."""


def _stray_addresses(analysis: Analysis) -> None:
    """A variable that is an address of OpenRouter's by its name and was followed to no request: stale, it would get the new key."""
    used = {origin.name for connection in analysis.connections for origin in connection.urls}
    used |= {name for facts in analysis.facts.values() for site in facts.urls for name, _ in default_of(site)}
    used |= set(analysis.defined)
    for path, facts in sorted(analysis.facts.items()):
        strays = [
            fact
            for fact in facts.envs
            if fact.role is VariableRole.READ
            and fact.name not in used
            and is_address_variable(fact.name)
            and fact.value is None
            and not _PAGE_OF_THE_PROGRAM.search(fact.name)
        ]
        if not strays or not analysis.code(path) or analysis.language(path) not in PROGRAMS:
            continue
        for party in parties(analysis):
            where = path_of(party)
            near = where == path or path in analysis.imported(where) or where in analysis.imported(path)
            if near and analysis.decision(party).may_move and (isinstance(party, LooseAddress) or party.keyed):
                reason = f"{strays[0].name} is read here, and what gets this address cannot be seen"
                way_out = "give it to the client where it is made, or take the read out; then this moves"
                analysis.decisions[party.identity] = asks(reason, path, strays[0].span.start, way_out, unsafe=True)


def _leave_registries(analysis: Analysis) -> None:
    """A client that a table or a branch chooses among other vendors' stays, although it could be given an address."""
    kept = []
    for addition in analysis.explicits.additions:
        paths = [mark.node_path for mark in addition.marks if mark.node_path is not None]
        if analysis.has_several_providers(addition.path) or any(
            is_chosen(analysis, addition.path, node_path) for node_path in paths
        ):
            reason = "the program chooses between OpenRouter and other vendors here"
            analysis.explicits.refused |= {mark.identity: reason for mark in addition.marks}
            analysis.explicits.staying |= {id(call) for call in addition.requests}
        else:
            kept.append(addition)
    bonds = {addition.bond for addition in analysis.explicits.additions if addition not in kept and addition.bond}
    analysis.explicits.additions = [addition for addition in kept if addition.bond not in bonds]


def _relative(analysis: Analysis) -> None:
    """`client.get("/credits")` on a client that has its address from elsewhere: the call gets OpenRouter's address and key, or the client stays."""
    for path, facts in sorted(analysis.facts.items()):
        for mark in facts.marked(FactKind.OWN_ENDPOINT) if analysis.code(path) else ():
            clients = [
                c
                for c in analysis.connections
                if c.fact.client == "http-client" and c.fact.path in {path, *analysis.imported(path)}
            ]
            for connection in clients:
                if analysis.decision(connection).may_move:
                    own = own_request(analysis, connection, mark)
                    if own is None:
                        reason = f"/{mark.text} exists only at OpenRouter, and this client asks for it too"
                        way_out = f"give {path}:{analysis.repository.files[path].lines.line(mark.span.start)} a client of its own; then this moves"
                        analysis.decisions[connection.identity] = asks(reason, path, mark.span.start, way_out)
                    else:
                        analysis.own_requests.append(own)


def _plain_names(analysis: Analysis) -> frozenset[str]:
    """Variables that a key or an address comes from and that no reader of files has been told of."""
    names: set[str] = set()
    for connection in analysis.connections:
        if analysis.code(connection.fact.path):
            names |= {source.name for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE}
            names |= {
                name
                for origin in connection.urls
                if origin.kind is From.ENV
                for name, _, _ in analysis.made_from(origin.name, origin.path, origin.node)
            }
    for addition in explicits(analysis).additions:
        names |= addition.names
    for loose in loose_addresses(analysis):
        names |= {source.name for source in analysis.sources_of(loose) if source.kind is SourceKind.VARIABLE}
        names |= {name for name, _ in default_of(loose.site)}
    # a name that is not in capitals is no word that is looked for in texts, whatever it says
    return frozenset(
        name for name in names if (not speaks_of(name) or name != name.upper()) and name.replace(".", "_").isidentifier()
    )


def _keys_among(analysis: Analysis, names: frozenset[str]) -> frozenset[str]:
    """Those of some variables that a connection takes its key from."""
    parties: list[Party] = [*analysis.connections, *loose_addresses(analysis)]
    return names & {source.name for party in parties for source in analysis.sources_of(party) if source.kind is SourceKind.VARIABLE}


def _adopt(analysis: Analysis) -> None:
    """A client whose address cannot be followed takes the addresses that no client was followed to.

    Those of its own file first: a request that is sent in two steps has its address in one and its key in the other. Else those of
    configuration, which the program reads by a way that is not seen.
    """
    placed = {c.fact.path for c in analysis.connections if not c.unplaced} | {loose.path for loose in analysis.loose}
    analysis.connections = [c for c in analysis.connections if not c.unplaced or c.fact.path not in placed]
    unplaced = [c for c in analysis.connections if c.unplaced and analysis.code(c.fact.path)]
    entries = [
        loose
        for loose in analysis.loose
        if analysis.language(loose.path) not in PROGRAMS and not loose.keys and loose.typed is None
    ]
    if not unplaced or not entries:
        return
    sites = tuple(loose.site for loose in entries)
    analysis.connections = [
        replace(connection, sites=(*connection.sites, *sites)) if connection in unplaced else connection
        for connection in analysis.connections
    ]
    analysis.loose = [loose for loose in analysis.loose if loose not in entries]


@dataclass(slots=True)
class _Round:
    """One attempt to fit variables to the decisions so far."""

    uses: dict[Space, Uses] = field(default_factory=dict)
    staying: dict[Identity, str] = field(default_factory=dict)
    detached: list[Detachment] = field(default_factory=list)
    handed: list[Detachment] = field(default_factory=list)
    """Reads of the old key where it is handed to another program."""
    readers: dict[Identity, set[Space]] = field(default_factory=dict)
    """By the identity of a connection that moves: the variables it reads."""


def _settle(analysis: Analysis) -> None:
    """Variables and moves, once no decision changes any more."""
    for _ in range(MOST_ROUNDS):
        before, additions = dict(analysis.decisions), len(analysis.explicits.additions)
        addresses = couple(analysis)
        _bind_additions(analysis)
        attempt = _variables(analysis)
        _follow_keyed(analysis)
        if len(analysis.explicits.additions) < additions:
            analysis.staying_readers = list(staying_readers(analysis))
        elif before == analysis.decisions:
            break
    _form(analysis, attempt, addresses)


def _follow_keyed(analysis: Analysis) -> None:
    """A list of models that is asked for without a key belongs to the requests that use them: alone it does not move."""
    lists = [c for c in analysis.connections if not c.keyed and c.endpoint is UrlKind.REPORTS and analysis.applies(c)]
    others = [party for party in parties(analysis) if not (isinstance(party, Connection) and not party.keyed)]
    if not lists or not others or any(analysis.applies(party) for party in others):
        return
    first = analysis.decision(others[0])
    for connection in lists:
        reason = "it lists the models for requests that stay on OpenRouter"
        analysis.decisions[connection.identity] = asks(
            reason, path_of(others[0]), others[0].offset, "move those requests first", unsafe=first.unsafe
        )


def _bind_additions(analysis: Analysis) -> None:
    """What is added to a call that has an address already follows its connection: the new key is never given beside the old address."""
    connections = {
        (one.fact.path, one.fact.call.span): one
        for one in analysis.connections
        if one.sites and one.fact.call is not None and analysis.code(one.fact.path)
    }
    kept = []
    for addition in analysis.explicits.additions:
        connection = connections.get((addition.path, addition.call.span)) if addition.call is not None else None
        if connection is not None and not analysis.applies(connection):
            decision = analysis.decision(connection)
            if not decision.unsafe:
                continue
            addition = replace(addition, unsure=addition.unsure or decision.because)
        kept.append(addition)
    analysis.explicits.additions = kept


def _variables(analysis: Analysis) -> _Round:
    attempt = _Round()
    for party in parties(analysis):
        _use(analysis, attempt, party)
    for connection in analysis.connections:
        if path_kinds.is_test(connection.fact.path) and (reason := _test_stays(connection)):
            analysis.decisions[connection.identity] = stays(reason, connection.fact.path, connection.offset)
            _use(analysis, attempt, connection)
    for addition in analysis.explicits.additions:
        _use_addition(analysis, attempt, addition)
    for own in analysis.own_requests:
        for (name, _), uses in attempt.uses.items():
            if name in own.reads:
                line = analysis.repository.files[own.path].lines.line(own.span.start)
                uses.reasons.append((f"{own.path}:{line} stays on OpenRouter with it", own.path, own.span.start))
    for reader in analysis.staying_readers:
        for (name, folder), uses in attempt.uses.items():
            if name == reader.name and analysis.folder_of(name, reader.path) == folder:
                uses.reasons.append((f"{reader.path} goes on reading it: {reader.because}", reader.path, reader.offset))
                uses.staying |= {fact.identity for fact in reader.readings}
                uses.staying_files |= {fact.path for fact in reader.readings}
    for party in parties(analysis):
        if not analysis.applies(party):
            _beside(analysis, attempt, party)
    read = {space for spaces in attempt.readers.values() for space in spaces}
    for space, uses in attempt.uses.items():
        if uses.moving or uses.implicit or space in read:
            _mentions(analysis, attempt, space, uses)
    _send_old(analysis, attempt)
    _split_keys(analysis, attempt)
    _split_credentials(analysis)
    return attempt


def _test_stays(connection: Connection) -> str:
    """Why a request of a test goes on with OpenRouter's key; "" where it follows the program."""
    if connection.endpoint in (UrlKind.OWN, UrlKind.PAGE):
        return "a test of what exists only at OpenRouter"
    return "this test takes its address from something that cannot be seen here" if connection.unplaced else ""


def _beside(analysis: Analysis, attempt: _Round, party: Party) -> None:
    """A key that is read where an address stays, by a client that was not recognised: that read keeps the old name."""
    path = path_of(party)
    node_path = party.site.node_path if isinstance(party, LooseAddress) else party.fact.node_path
    around = _statement(node_path)
    for (name, folder), uses in attempt.uses.items():
        if uses.is_address or not uses.moving or folder != analysis.folder_of(name, path):
            continue
        reads = [
            fact
            for fact in analysis.facts[path].envs
            if fact.name == name
            and fact.role is VariableRole.READ
            and around.start <= fact.span.start < around.end
            and fact.identity not in uses.moving
        ]
        if reads and not {fact.identity for fact in reads} <= uses.staying:
            line = analysis.repository.files[path].lines.line(party.offset)
            uses.staying |= {fact.identity for fact in reads}
            uses.staying_files.add(path)
            uses.reasons.append((f"{path}:{line} stays on OpenRouter beside it", path, party.offset))


def _statement(node_path: NodePath) -> Span:
    """The function around a place; outside of one, the member of a class or the statement."""
    step = node_path
    while step.up is not None and not isinstance(step.node, Func) and not isinstance(step.up.node, Class):
        step = step.up
    return step.node.span


def _use(analysis: Analysis, attempt: _Round, party: Party) -> None:
    """Which variables a connection reads, for its key and for its address."""
    moving = analysis.applies(party)
    path = path_of(party)
    sources = analysis.sources_of(party)
    named = any(source.kind is SourceKind.VARIABLE and says_openrouter(source.name) for source in sources)
    vendors = openrouter()["vendors"]["key_variables"]
    for source in sources:
        if source.kind is SourceKind.VARIABLE and not (named and moving and source.name in vendors):
            _record(
                analysis,
                attempt,
                party,
                moving,
                source.name,
                source.path or path,
                source.node,
                is_address=False,
                implicit=source.implicit,
            )
    if isinstance(party, LooseAddress):
        if owner := env_owner(party.site):
            _record_definition(analysis, attempt, party, moving, owner)
            if moving and any(source.implicit for source in sources) and not says_openrouter(owner):
                _record(analysis, attempt, party, moving, owner, path, None, is_address=True, implicit=True)
        for name, node in default_of(party.site):
            _record(analysis, attempt, party, moving, name, path, node, is_address=True, implicit=False)
    if isinstance(party, Connection):
        for origin in party.urls:
            if origin.kind is From.ENV and origin.name in party.variables:
                implicit = origin.node is None and origin.name == party.fact.implicit_url
                for name, where, read in analysis.made_from(origin.name, origin.path, origin.node):
                    _record(analysis, attempt, party, moving, name, where, read, is_address=True, implicit=implicit)


def _record_definition(analysis: Analysis, attempt: _Round, party: LooseAddress, moving: bool, name: str) -> None:
    """An address that a variable is given: whoever reads the variable by its name reads the new one from then on."""
    readers = [fact for fact in analysis.mentions(name, analysis.folder_of(name, party.path)) if fact.role not in DEFINING]
    if readers:
        _record(analysis, attempt, party, moving, name, party.path, None, is_address=True, implicit=False, readers=readers)
        uses = attempt.uses[name, analysis.folder_of(name, party.path)]
        ids = {fact.identity for fact in readers if fact.role in (VariableRole.READ, VariableRole.FIELD)}
        if moving:
            uses.moving |= ids
            uses.moving_files |= {fact.path for fact in readers}


def _record(
    analysis: Analysis,
    attempt: _Round,
    party: Party,
    moving: bool,
    name: str,
    path: str,
    node: object,
    *,
    is_address: bool,
    implicit: bool,
    readers: Sequence[EnvFact] = (),
) -> None:
    """A connection depends on a variable. `readers`: the mentions it is read through, where they do not follow from `node`."""
    space = (name, analysis.folder_of(name, path))
    uses = attempt.uses.setdefault(space, Uses())
    uses.is_address = uses.is_address or is_address
    facts = analysis.readings(name, path, node) or readers
    ids = {fact.identity for fact in facts}
    files = {path_of(party), *(fact.path for fact in facts)}
    if moving and not facts and not implicit and not analysis.kept(name):
        reason = f"{name} is read where it cannot be renamed"
        at = getattr(getattr(node, "span", None), "start", None)
        analysis.decisions[party.identity] = asks(
            reason, path, at, f"read {analysis.target.key_env} there by its name; then this moves"
        )
        moving = False
    if moving:
        uses.implicit = uses.implicit or implicit
        uses.moving |= ids
        uses.moving_files |= files
        attempt.readers.setdefault(party.identity, set()).add(space)
    else:
        decision = analysis.decision(party)
        where = path_of(party)
        line = analysis.repository.files[where].lines.line(party.offset)
        uses.staying |= ids
        uses.staying_files |= files
        # an address variable is given up by what stays: it gets its own literal address
        if not is_address or not ids & uses.moving:
            uses.reasons.append((f"{where}:{line} stays on OpenRouter with it: {decision.because}", where, party.offset))


def _use_addition(analysis: Analysis, attempt: _Round, addition: Addition) -> None:
    moving = analysis.adds(addition)
    for name in sorted(addition.names):
        space = (name, analysis.folder_of(name, addition.path))
        uses = attempt.uses.setdefault(space, Uses())
        readings = _readings_of(analysis, addition, name)
        ids, files = {fact.identity for fact in readings}, {addition.path, *(fact.path for fact in readings)}
        if moving:
            uses.moving |= ids
            uses.moving_files |= files
            attempt.readers.setdefault(addition.identity, set()).add(space)
        else:
            uses.staying |= ids
            uses.staying_files |= files
            why = analysis.adds_not(addition)
            uses.reasons.append((f"{addition.path} goes on reading it: {why}", addition.path, addition.span.start))


def _readings_of(analysis: Analysis, addition: Addition, name: str) -> list[EnvFact]:
    """The mentions of a variable that a client with OpenRouter built in takes its key through."""
    places = [*((source.name, source.path, source.node) for source in addition.sources), *addition.reads]
    readings = [
        fact for other, path, node in places if other == name and node is not None for fact in analysis.readings(name, path, node)
    ]
    facts = analysis.facts[addition.path].envs if addition.path in analysis.facts else []
    inside = [fact for fact in facts if fact.name == name and addition.span.start <= fact.span.start < addition.span.end]
    return [*readings, *(fact for fact in inside if fact not in readings)]


def _mentions(analysis: Analysis, attempt: _Round, space: Space, uses: Uses) -> None:
    """What keeps the old name, and what that means for the connections that read through it."""
    name, folder = space
    for fact in analysis.mentions(name, folder):
        reason = keeps_old(analysis, fact, uses)
        if reason:
            attempt.staying[fact.identity] = reason
            uses.reasons.append((reason, fact.path, fact.span.start))
            attempt.handed += _hands_on(analysis, fact, uses)
            if fact.identity in uses.moving and fact.role not in DEFINING:
                _hold(
                    analysis,
                    attempt,
                    space,
                    asks(reason, fact.path, fact.span.start, "read the new variable there, then this moves"),
                )
        elif analysis.editable is not None and fact.path not in analysis.editable:
            _hold(
                analysis, attempt, space,
                asks(f"{fact.path} belongs to it and is not among the given files", fact.path, None, "run on the whole repository"),
            )  # fmt: skip
    uses.reasons += built_names(analysis, name)
    uses.reasons += loose_readers(analysis, name)
    if not says_openrouter(name) and not uses.is_address and name in openrouter()["vendors"]["key_variables"] and not uses.implicit:
        uses.reasons.append((f"libraries of that vendor may read {name} by themselves", "", None))
    if blocked := may_stand_beside(analysis, space, uses):
        _hold(analysis, attempt, space, blocked)


def _hands_on(analysis: Analysis, fact: EnvFact, uses: Uses) -> list[Detachment]:
    """The old key read anew where a constant that moves is handed to another program under the old name."""
    value, node_path = fact.value, fact.node_path
    if fact.role is not VariableRole.FORWARD or node_path is None or not isinstance(value, (Name, Attr)):
        return []
    shared = [
        origin
        for origin in origins(analysis.repository, value, node_path.scope)
        if origin.kind is From.ENV
        and {one.identity for one in analysis.readings(origin.name, origin.path, origin.node)} & uses.moving
    ]
    edits = [read_again(analysis, fact.path, node_path.scope, value.span, origin) for origin in shared[:1]]
    return [edit for edit in edits if edit is not None]


def _send_old(analysis: Analysis, attempt: _Round) -> None:
    """The old key read anew where a key that moves is also sent to another service, which goes on calling OpenRouter with it."""
    for sent in sent_keys(analysis):
        origin = sent.origin
        space = (origin.name, analysis.folder_of(origin.name, origin.path))
        uses = attempt.uses.get(space)
        readings = {fact.identity for fact in analysis.readings(origin.name, origin.path, origin.node)}
        if uses is None or uses.is_address or not readings & uses.moving:
            continue
        at = sent.value.span.start
        line = analysis.repository.files[sent.path].lines.line(at)
        reason = f"{sent.path}:{line} sends it to another service"
        again = None if sent.shorthand else read_again(analysis, sent.path, sent.scope, sent.value.span, origin)
        if again is not None and not analysis.kept(origin.name):
            attempt.handed.append(again)
            uses.reasons.append((reason, sent.path, at))
        else:
            way_out = f"read {origin.name} there by its name; then this moves"
            _hold(analysis, attempt, space, asks(reason, sent.path, at, way_out))


def _hold(analysis: Analysis, attempt: _Round, space: Space, decision: Decision) -> None:
    """No connection that reads a variable moves, and no client with OpenRouter built in."""
    for addition in list(analysis.explicits.additions):
        if space in attempt.readers.get(addition.identity, ()) and analysis.adds(addition):
            analysis.explicits.additions.remove(addition)
            analysis.explicits.refused |= {mark.identity: decision.because for mark in addition.marks}
    for party in parties(analysis):
        if space in attempt.readers.get(party.identity, ()) and analysis.applies(party):
            analysis.decisions[party.identity] = decision


def _split_keys(analysis: Analysis, attempt: _Round) -> None:
    """A read that serves what moves and what stays: what stays gets the old key where it is used, or nothing moves."""
    for space, uses in attempt.uses.items():
        shared = uses.moving & uses.staying
        if not shared:
            continue
        name, _ = space
        for reader in analysis.staying_readers:
            if reader.name == name and shared & {fact.identity for fact in reader.readings}:
                reason = f"it shares the read of {name} with {reader.path}, which stays: {reader.because}"
                _hold(
                    analysis,
                    attempt,
                    space,
                    asks(reason, reader.path, reader.offset, f"read {name} a second time there; then this moves"),
                )
        for addition in list(analysis.explicits.additions):
            if not analysis.adds(addition) and shared & {fact.identity for fact in _readings_of(analysis, addition, name)}:
                why = analysis.adds_not(addition)
                reason = f"it shares the read of {name} with {addition.path}, which stays: {why}"
                way_out = f"read {name} a second time there; then this moves"
                _hold(
                    analysis,
                    attempt,
                    space,
                    asks(reason, addition.path, addition.span.start, way_out, unsafe=bool(addition.unsure)),
                )
        for party in parties(analysis):
            if analysis.applies(party) or not _reads(analysis, party, name, shared):
                continue
            own = own_key(analysis, party) if isinstance(party, Connection) and not uses.is_address else None
            decision = analysis.decision(party)
            if own is not None and not decision.may_move:
                attempt.detached.append(own)
            elif not (uses.is_address and isinstance(party, Connection) and not decision.may_move):
                where = path_of(party)
                line = analysis.repository.files[where].lines.line(party.offset)
                reason = f"it shares the read of {name} with {where}:{line}, which stays: {decision.because}"
                way_out = f"read {name} a second time for {where}:{line}; then this moves"
                _hold(analysis, attempt, space, asks(reason, where, party.offset, way_out, unsafe=decision.unsafe))
        uses.staying -= shared


def _split_credentials(analysis: Analysis) -> None:
    """A read of Rails' credentials that serves what moves and what stays: nothing moves that shares it."""
    staying = {
        id(source.node): party
        for party in parties(analysis)
        if not analysis.applies(party)
        for source in entries_of(analysis, party)
    }
    for party in parties(analysis):
        other = next((staying[id(s.node)] for s in entries_of(analysis, party) if id(s.node) in staying), None)
        if other is not None and analysis.applies(party):
            where = path_of(other)
            line = analysis.repository.files[where].lines.line(other.offset)
            reason = f"it shares the read of its key with {where}:{line}, which stays: {analysis.decision(other).because}"
            analysis.decisions[party.identity] = asks(
                reason, where, other.offset, "read the key a second time there; then this moves"
            )


def _reads(analysis: Analysis, party: Party, name: str, shared: set[Identity]) -> bool:
    sources = [
        (source.name, source.path, source.node) for source in analysis.sources_of(party) if source.kind is SourceKind.VARIABLE
    ]
    if isinstance(party, Connection):
        sources += [(origin.name, origin.path, origin.node) for origin in party.urls if origin.kind is From.ENV]
    return any(
        other == name and any(fact.identity in shared for fact in analysis.readings(other, path, node))
        for other, path, node in sources
    )


def _form(analysis: Analysis, attempt: _Round, addresses: list[Detachment]) -> None:
    """The variables' decisions, and the moves that they and the shared addresses tie together."""
    decided: dict[Space, Variable] = {}
    taken: dict[str, Space] = {}
    for space, uses in sorted(attempt.uses.items(), key=lambda pair: (not says_openrouter(pair[0][0]), pair[0])):
        if uses.moving or uses.implicit or any(space in spaces for spaces in attempt.readers.values()):
            variable = decide_variable(analysis, space, uses, taken)
            if variable.new_name is not None:
                taken.setdefault(variable.new_name, space)
        else:
            variable = _untouched(space, uses)
        decided[space] = variable
    for space in _unread(analysis, decided):
        decided[space] = _untouched(space, _nobody(analysis, space))
    analysis.variables = [decided[space] for space in sorted(decided)]
    groups = Groups()
    moving: list[Party | Addition] = [party for party in parties(analysis) if analysis.applies(party)]
    moving += [addition for addition in analysis.explicits.additions if analysis.adds(addition)]
    for party in moving:
        groups.join(_marks(analysis, attempt, party))
    by_root: dict[object, Move] = {}
    for party in moving:
        move = by_root.setdefault(groups.find(("party", party.identity)), Move())
        _join(analysis, attempt, move, party, decided)
    for move in by_root.values():
        _complete(analysis, attempt, move)
    waiting = _waiting(analysis)
    analysis.moves = sorted([*by_root.values(), *waiting], key=lambda move: (move.unsafe, move.first, sorted(move.names)))
    _place_detached(analysis, [*addresses, *attempt.detached, *attempt.handed, *analysis.own_requests])


def _unread(analysis: Analysis, decided: Mapping[Space, Variable]) -> set[Space]:
    """Variables that say OpenRouter, are used in code, and are no source of any connection."""
    return {
        (fact.name, analysis.folder_of(fact.name, path))
        for path, facts in analysis.facts.items()
        if analysis.code(path)
        for fact in facts.envs
        if is_key_variable(fact.name) and fact.role not in (VariableRole.MESSAGE, VariableRole.TYPE)
    } - decided.keys()


def _nobody(analysis: Analysis, space: Space) -> Uses:
    """Why a variable stays that no connection was followed to."""
    name, folder = space
    uses = Uses()
    for reader in analysis.staying_readers:
        if reader.name == name:
            uses.reasons.append((reader.because, reader.path, reader.offset))
    read = any(
        fact.role in (VariableRole.READ, VariableRole.FIELD) and analysis.code(fact.path)
        for fact in analysis.mentions(name, folder)
    )
    reason = "no request that goes to OpenRouter was seen to use it" if read else f"nothing here reads {name} by its name"
    uses.reasons += built_names(analysis, name)
    uses.reasons.append((reason, "", None))
    return uses


def _untouched(space: Space, uses: Uses) -> Variable:
    because, path, offset = next(iter(uses.reasons), ("nothing that moves reads it", "", None))
    name, folder = space
    return Variable(
        name=name,
        folder=folder,
        new_name=None,
        decision="manual",
        because=because,
        is_address=uses.is_address,
        path=path,
        offset=offset,
    )


def _marks(analysis: Analysis, attempt: _Round, party: Party | Addition) -> list[object]:
    marks: list[object] = [("party", party.identity)]
    if isinstance(party, Addition):
        marks += [("bond", party.bond)] if party.bond else []
    else:
        marks += address_marks(party)
        marks += [("credential", id(source.node)) for source in entries_of(analysis, party)]
    return [*marks, *(("variable", space) for space in sorted(attempt.readers.get(party.identity, ())))]


def _join(analysis: Analysis, attempt: _Round, move: Move, party: Party | Addition, decided: dict[Space, Variable]) -> None:
    if isinstance(party, Addition):
        move.additions.append(party)
        unsafe, because = bool(party.unsure), party.unsure
    else:
        move.connections.append(party)
        sites = [party.site] if isinstance(party, LooseAddress) else party.sites
        move.urls += [site for site in sites if site not in move.urls and analysis.code(site.path)]
        move.detached += [read for read in new_reads(analysis, party) if read not in move.detached]
        decision = analysis.decision(party)
        unsafe, because = decision.unsafe, decision.because
    if unsafe and not move.unsafe:
        move.unsafe, move.because = True, because
    for space in sorted(attempt.readers.get(party.identity, ())):
        if decided[space] not in move.variables:
            move.variables.append(decided[space])


def _complete(analysis: Analysis, attempt: _Round, move: Move) -> None:
    """Every mention of the move's variables, with those that keep the old name."""
    for variable in move.variables:
        uses = attempt.uses[variable.name, variable.folder]
        additive = variable.decision == "additive"
        for fact in analysis.mentions(variable.name, variable.folder):
            if fact.identity in attempt.staying:
                move.staying[fact.identity] = attempt.staying[fact.identity]
            elif fact.role not in DEFINING and not follows(fact, uses, additive=additive):
                move.staying[fact.identity] = "what reads it here stays on OpenRouter"
            move.envs.append(fact)
        if additive:
            _keep_values(analysis, move, variable)


def _keep_values(analysis: Analysis, move: Move, variable: Variable) -> None:
    """What a definition or an entry that keeps the old name takes its value from stays with it."""
    own = [fact for fact in move.envs if fact.name == variable.name]
    kept = {
        id(fact.node_path.node)
        for fact in own
        if fact.node_path is not None
        and (fact.identity in move.staying or fact.role in DEFINING)
        and fact.role is not VariableRole.READ
    }
    lines = {
        (fact.path, _line(analysis, fact))
        for fact in own
        if analysis.language(fact.path) not in PROGRAMS and (fact.identity in move.staying or fact.role in DEFINING)
    }
    for fact in own:
        if fact.role not in (VariableRole.READ, VariableRole.MESSAGE) or fact.identity in move.staying:
            continue
        around = fact.node_path.ancestors() if fact.node_path is not None else ()
        if (fact.path, _line(analysis, fact)) in lines or any(id(step.node) in kept for step in around):
            move.staying[fact.identity] = VALUE_OF_OLD


def _line(analysis: Analysis, fact: EnvFact) -> int:
    return analysis.repository.files[fact.path].lines.line(fact.span.start)


VALUE_OF_OLD = "it is the value of the old variable"


def _waiting(analysis: Analysis) -> list[Move]:
    """Connections that `--unsafe` would move, each with its address and the reads of its key, for the report."""
    if analysis.options.unsafe:
        return []
    waiting: list[Move] = []
    for party in parties(analysis):
        decision = analysis.decision(party)
        if not decision.unsafe:
            continue
        sites = [party.site] if isinstance(party, LooseAddress) else party.sites
        move = Move(
            connections=[party], urls=[site for site in sites if analysis.code(site.path)], unsafe=True, because=decision.because
        )
        waiting.append(move)
    unsure = [addition for addition in analysis.explicits.additions if addition.unsure]
    return waiting + [Move(additions=[addition], unsafe=True, because=addition.unsure) for addition in unsure]


def _place_detached(analysis: Analysis, detached: Iterable[Detachment]) -> None:
    """Each call with an address or key of its own belongs to the first move that made it necessary."""
    sure = [move for move in analysis.moves if not move.unsafe] or analysis.moves
    for one in dict.fromkeys(detached):
        home = next((move for move in sure if one.path in {path_of(party) for party in move.connections}), None)
        home = home or (sure[0] if sure else None)
        if home is not None:
            home.detached.append(one)

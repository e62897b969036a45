"""What moves together: connections that share addresses or renamed variables, with every mention of these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, address_marks, moving_sites, parties, path_of
from migrator.analysis.credentials import entries_of, new_reads
from migrator.analysis.groups import Groups
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.model import Detachment, Move, Variable
from migrator.analysis.outside_addresses import address_given
from migrator.analysis.settle.mentions import VALUE_OF_OLD
from migrator.analysis.settle.round import Round
from migrator.analysis.sources.connections import Connection
from migrator.analysis.variables.decide import (
    Space,
    Uses,
    built_names,
    decide_variable,
    follows,
    reads_in_order,
)
from migrator.analysis.variables.followed_tests import TESTS_WHAT_STAYS, tests_of_what_stays
from migrator.analysis.variables.typed_reads import typed_reads
from migrator.catalog import is_key_variable
from migrator.catalog.variables import says_openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, UrlFact
from migrator.model import Span
from migrator.records import replace
from migrator.resolve.context import Identity
from migrator.resolve.environment import DEFINING, VariableRole


def with_moves(analysis: Analysis, attempt: Round, addresses: Iterable[Detachment]) -> Analysis:
    """The variables' decisions, and the moves that they and the shared addresses tie together."""
    decided = _decided_variables(analysis, attempt)
    groups = Groups()
    moving: list[Party | Addition] = [party for party in parties(analysis) if analysis.applies(party)]
    moving += [addition for addition in analysis.explicits.additions if analysis.adds(addition)]
    for party in moving:
        groups.join(_marks(analysis, attempt, party))
    members: dict[object, list[Party | Addition]] = {}
    for party in moving:
        members.setdefault(groups.find(("party", party.identity)), []).append(party)
    moves = [_move(analysis, attempt, group, decided) for group in members.values()] + _waiting(analysis)
    moves.sort(key=lambda move: (move.unsafe, move.first, sorted(move.names)))
    detached = [*addresses, *attempt.detached, *attempt.handed, *analysis.own_requests]
    variables = tuple(decided[space] for space in sorted(decided))
    return replace(analysis, variables=variables, moves=_with_detached(moves, detached))


def _decided_variables(analysis: Analysis, attempt: Round) -> dict[Space, Variable]:
    """The decision about each variable of OpenRouter's; its own variables first, so that they get the plain new name."""
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
    return decided


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
    reason = "no request to OpenRouter was seen to use this variable: rename it by hand if one does" if read else UNREAD
    uses.reasons += built_names(analysis, name)
    uses.reasons.append((reason, "", None))
    return uses


def _untouched(space: Space, uses: Uses) -> Variable:
    """A variable that nothing reads which moves. Whatever stays with it has said why."""
    because, path, offset = uses.reasons[0]
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


def _marks(analysis: Analysis, attempt: Round, party: Party | Addition) -> list[object]:
    """What ties a connection or a client to others: addresses, variables, entries of credentials, bonds."""
    marks: list[object] = [("party", party.identity)]
    if isinstance(party, Addition):
        marks += [("bond", party.bond)] if party.bond else []
    else:
        marks += address_marks(analysis, party)
        marks += [("credential", source.identity) for source in entries_of(analysis, party)]
    return [*marks, *(("variable", space) for space in sorted(attempt.readers.get(party.identity, ())))]


def _move(analysis: Analysis, attempt: Round, group: Iterable[Party | Addition], decided: Mapping[Space, Variable]) -> Move:
    """The move of connections and clients that belong together."""
    connections: list[Party] = []
    additions: list[Addition] = []
    urls: list[UrlFact] = []
    detached: list[Detachment] = []
    variables: dict[Space, Variable] = {}
    reasons: list[str] = []
    for party in group:
        if isinstance(party, Addition):
            additions.append(party)
            unsafe, because = bool(party.unsure), party.unsure
        else:
            connections.append(party)
            urls += [site for site in party.sites if site not in urls and analysis.code(site.path)]
            reads = [*new_reads(analysis, party), *typed_reads(analysis, party)]
            detached += [read for read in reads if read not in detached]
            given = address_given(analysis, party) if isinstance(party, Connection) and party.outside else None
            detached += [given] if given is not None else []
            decision = analysis.decision(party)
            unsafe, because = decision.unsafe, decision.because
        if unsafe:
            reasons.append(because)
        variables |= {space: decided[space] for space in sorted(attempt.readers.get(party.identity, ()))}
    envs: list[EnvFact] = []
    staying: dict[Identity, str] = {}
    for variable in variables.values():
        every = analysis.mentions(variable.name, variable.folder)
        mentions = [fact for fact in every if not attempt.gives_up(fact)]
        stays = _staying(analysis, attempt, variable, mentions)
        envs += mentions
        staying |= stays
    return Move(
        connections=tuple(connections),
        additions=tuple(additions),
        urls=tuple(urls),
        detached=tuple(detached),
        variables=tuple(variables.values()),
        envs=tuple(envs),
        staying=staying,
        unsafe=bool(reasons),
        because="; ".join(dict.fromkeys(reasons)),
    )


def _staying(analysis: Analysis, attempt: Round, variable: Variable, mentions: Collection[EnvFact]) -> dict[Identity, str]:
    """The mentions of a move's variable that keep the old name, with the reason."""
    uses = attempt.uses[variable.name, variable.folder]
    additive = variable.decision == "additive"
    order = reads_in_order(uses) if additive else {}
    staying = {}
    for fact in mentions:
        if fact.identity in attempt.staying:
            staying[fact.identity] = attempt.staying[fact.identity]
        elif fact.role not in DEFINING and not follows(fact, uses, order, additive=additive):
            staying[fact.identity] = STAYS_TOO
    tests = tests_of_what_stays(analysis, uses, mentions) if additive else frozenset()
    staying |= {fact.identity: TESTS_WHAT_STAYS for fact in mentions if fact.path in tests}
    staying |= _messages_of_staying_reads(mentions, staying, _files_that_stay(analysis, mentions))
    return staying | _kept_values(analysis, mentions, staying) if additive else staying


def _files_that_stay(analysis: Analysis, mentions: Iterable[EnvFact]) -> set[str]:
    """Files with a message that have an address of OpenRouter's API which does not move: the text may be part of what is sent there."""
    paths = {fact.path for fact in mentions if fact.role is VariableRole.MESSAGE}
    sites = {site.identity for path in paths for site in analysis.facts[path].urls if site.url.kind.movable}
    if not sites:
        return set()
    return {path for path, *_ in sites - moving_sites(analysis)}


def _messages_of_staying_reads(
    mentions: Collection[EnvFact], staying: Mapping[Identity, str], held: Collection[str]
) -> dict[Identity, str]:
    """The messages of files whose every use of the variable keeps the old name, or that have none and are `held`: they tell people
    which one is missing."""
    reads = [fact for fact in mentions if fact.role not in (VariableRole.MESSAGE, VariableRole.TYPE, *DEFINING)]
    moving = {fact.path for fact in reads if fact.identity not in staying}
    kept = {*held, *(fact.path for fact in reads)} - moving
    return {fact.identity: STAYS_TOO for fact in mentions if fact.role is VariableRole.MESSAGE and fact.path in kept}


def _kept_values(analysis: Analysis, mentions: Iterable[EnvFact], staying: Mapping[Identity, str]) -> dict[Identity, str]:
    """What a definition or an entry that keeps the old name takes its value from stays with it."""
    keeping = [fact for fact in mentions if fact.identity in staying or fact.role in DEFINING]
    nodes = {fact.node_path.identity for fact in keeping if fact.node_path is not None and fact.role is not VariableRole.READ}
    lines = {(fact.path, _line(analysis, fact)) for fact in keeping if analysis.language(fact.path) not in PROGRAMS}
    values: dict[str, list[Span]] = {}
    for fact in keeping:
        if fact.value is not None and fact.role in DEFINING:
            values.setdefault(fact.path, []).append(Span(*fact.value.span))
    for spans in values.values():
        spans.sort()
    kept = {}
    for fact in mentions:
        if fact.role not in (VariableRole.READ, VariableRole.MESSAGE) or fact.identity in staying:
            continue
        around = fact.node_path.ancestors() if fact.node_path is not None else ()
        spans = values.get(fact.path, [])
        before = bisect_right(spans, fact.span.start, key=_start)
        if (
            (before and fact.span.start < spans[before - 1].end)
            or (fact.path, _line(analysis, fact)) in lines
            or any(step.identity in nodes for step in around)
        ):
            kept[fact.identity] = VALUE_OF_OLD
    return kept


def _start(span: Span) -> int:
    return span.start


def _line(analysis: Analysis, fact: EnvFact) -> int:
    return analysis.repository.files[fact.path].lines.line(fact.span.start)


STAYS_TOO = "what reads it here stays on OpenRouter"
UNREAD = "no request here was seen to use it"


def _waiting(analysis: Analysis) -> list[Move]:
    """Connections that `--unsafe` would move, each with its address and the reads of its key, for the report."""
    if analysis.options.unsafe:
        return []
    waiting: list[Move] = []
    for party in parties(analysis):
        decision = analysis.decision(party)
        if not decision.unsafe:
            continue
        urls = tuple(site for site in party.sites if analysis.code(site.path))
        waiting.append(Move(connections=(party,), urls=urls, unsafe=True, because=decision.because))
    unsure = [addition for addition in analysis.explicits.additions if addition.unsure]
    return waiting + [Move(additions=(addition,), unsafe=True, because=addition.unsure) for addition in unsure]


def _with_detached(moves: Sequence[Move], detached: Iterable[Detachment]) -> tuple[Move, ...]:
    """Each call with an address or key of its own belongs to the first move that made it necessary."""
    sure = [move for move in moves if not move.unsafe] or list(moves)
    homes: dict[int, list[Detachment]] = {}
    for call in dict.fromkeys(detached):
        home = next((move for move in sure if call.path in {path_of(party) for party in move.connections}), None)
        home = home or (sure[0] if sure else None)
        if home is not None:
            homes.setdefault(moves.index(home), []).append(call)
    return tuple(replace(move, detached=(*move.detached, *homes.get(number, ()))) for number, move in enumerate(moves))

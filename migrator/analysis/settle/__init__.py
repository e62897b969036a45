"""Variables and decisions fitted to each other: what a variable holds back, and what then stays, round by round until nothing changes."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, couple, parties, path_of
from migrator.analysis.decisions import asks, stays
from migrator.analysis.hidden_clients.model import unbroken
from migrator.analysis.model import Detachment
from migrator.analysis.settle.handed_on import hold_handed_on
from migrator.analysis.settle.mentions import keep_values, read_mentions
from migrator.analysis.settle.round import Round
from migrator.analysis.settle.shared_reads import send_old, split_credentials, split_keys
from migrator.analysis.settle.uses import read_beside, use, use_addition
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import SourceKind, own_key_of_test
from migrator.analysis.variables.staying import staying_readers
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.records import replace
from migrator.resolve.context import Identity

MOST_ROUNDS = 8
"""Each round holds at least one more connection back; more of them than this share keys with each other in ways nobody writes."""


def settle(analysis: Analysis) -> tuple[Analysis, Round, list[Detachment]]:
    """The decisions once none changes any more, with the round that fits them and the addresses given to what stays.

    A round holds connections back, which lets others stay in the next.
    """
    for _ in range(MOST_ROUNDS):
        before = analysis
        coupled, addresses = couple(analysis)
        attempt = _fitted(_bind_additions(coupled), addresses)
        analysis = _follow_keyed(attempt.analysis)
        if len(analysis.explicits.additions) < len(before.explicits.additions):
            analysis = replace(analysis, staying_readers=tuple(staying_readers(analysis)))
        elif before.decisions == analysis.decisions:
            break
    return analysis, attempt, list(addresses.values())


def _follow_keyed(analysis: Analysis) -> Analysis:
    """A list of models that is asked for without a key belongs to the requests that use them: alone it does not move."""
    lists = [c for c in analysis.connections if not c.keyed and c.endpoint is UrlKind.REPORTS and analysis.applies(c)]
    others = [party for party in parties(analysis) if not (isinstance(party, Connection) and not party.keyed)]
    if not lists or not others or any(analysis.applies(party) for party in others):
        return analysis
    first = analysis.decision(others[0])
    reason = "it lists the models for requests that stay on OpenRouter"
    waiting = asks(reason, path_of(others[0]), others[0].offset, "move those requests first", unsafe=first.unsafe)
    return analysis.with_decisions({connection.identity: waiting for connection in lists})


def _bind_additions(analysis: Analysis) -> Analysis:
    """What is added to a call that has an address already follows its connection: the new key is never given beside the old address."""
    connections = {
        (connection.fact.path, connection.fact.call.span): connection
        for connection in analysis.connections
        if connection.sites and connection.fact.call is not None and analysis.code(connection.fact.path)
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
    return replace(analysis, explicits=replace(analysis.explicits, additions=unbroken(analysis.explicits.additions, kept)))


def _fitted(analysis: Analysis, addresses: Mapping[Identity, Detachment]) -> Round:
    """Which variables everything reads, and what the reads that are shared hold back."""
    attempt = Round(analysis, addresses)
    for party in attempt.parties():
        use(attempt, party)
    for connection in analysis.connections:
        if path_kinds.is_test(connection.fact.path) and (reason := _test_stays(analysis, connection)):
            attempt.decide(connection, stays(reason, connection.fact.path, connection.offset))
            use(attempt, connection)
    for addition in analysis.explicits.additions:
        use_addition(attempt, addition)
    _note_staying(attempt)
    for party in attempt.parties():
        if not attempt.analysis.applies(party):
            read_beside(attempt, party)
    if any(_gets_unseen_key(attempt, party) for party in attempt.parties()):
        for uses in attempt.uses.values():
            uses.unseen = not uses.is_address
    read = {space for spaces in attempt.readers.values() for space in spaces}
    moving = {space: uses for space, uses in attempt.uses.items() if uses.moving or uses.implicit or space in read}
    names = frozenset(name for name, _ in moving)
    for space, uses in moving.items():
        read_mentions(attempt, space, uses, names)
    keep_values(attempt)
    send_old(attempt)
    split_keys(attempt)
    split_credentials(attempt)
    hold_handed_on(attempt)
    return attempt


def _gets_unseen_key(attempt: Round, party: Party) -> bool:
    """Does a connection stay that may be given a key by an expression which cannot be followed?"""
    analysis = attempt.analysis
    return not analysis.applies(party) and any(
        source.kind is SourceKind.OUT_OF_SIGHT and source.node is not None for source in analysis.sources_of(party)
    )


def _note_staying(attempt: Round) -> None:
    """Requests and readers that stay and go on reading a variable."""
    analysis = attempt.analysis
    for request in analysis.own_requests:
        for (name, _), uses in attempt.uses.items():
            if name in request.reads:
                line = analysis.repository.files[request.path].lines.line(request.span.start)
                uses.reasons.append((f"{request.path}:{line} stays on OpenRouter with it", request.path, request.span.start))
    for reader in analysis.staying_readers:
        for (name, folder), uses in attempt.uses.items():
            if name == reader.name and analysis.folder_of(name, reader.path) == folder:
                uses.reasons.append((f"{reader.path} goes on reading it: {reader.because}", reader.path, reader.offset))
                uses.staying |= {fact.identity for fact in reader.readings}
                uses.staying_files |= {fact.path for fact in reader.readings}


def _test_stays(analysis: Analysis, connection: Connection) -> str:
    """Why a request of a test goes on with OpenRouter's key; "" where it follows the program."""
    key = own_key_of_test(analysis.sources_of(connection))
    if key is not None and key.kind is SourceKind.TYPED:
        return "a key of OpenRouter's stands in this test"
    if key is not None:
        return f"this test takes its key from {key.name}, which may hold OpenRouter's key"
    if connection.endpoint in (UrlKind.OWN, UrlKind.PAGE):
        return "a test of what exists only at OpenRouter"
    return "this test takes its address from something that cannot be seen here" if connection.unplaced else ""

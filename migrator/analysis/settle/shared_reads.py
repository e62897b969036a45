"""Reads of a key that serve what moves and what stays: what stays reads the old key anew, or nothing moves that shares it."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, path_of
from migrator.analysis.credentials import entries_of, stored_entries
from migrator.analysis.decisions import asks
from migrator.analysis.detach import own_key, read_again
from migrator.analysis.settle.round import Round
from migrator.analysis.settle.uses import readings_of
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.variables.decide import Space, Uses
from migrator.analysis.variables.sent_keys import sent_keys
from migrator.resolve.context import Identity
from migrator.resolve.origins import From


def send_old(attempt: Round) -> None:
    """The old key read anew where a key that moves is also sent to another service, which goes on calling OpenRouter with it."""
    analysis = attempt.analysis
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
            attempt.hold(space, asks(reason, sent.path, at, way_out))


def split_keys(attempt: Round) -> None:
    """A read that serves what moves and what stays: what stays gets the old key where it is used, or nothing moves."""
    for space, uses in attempt.uses.items():
        shared = uses.moving & uses.staying
        if shared:
            _split_from_readers(attempt, space, shared)
            _split_from_additions(attempt, space, shared)
            _split_from_parties(attempt, space, uses, shared)
            uses.staying -= shared


def _split_from_readers(attempt: Round, space: Space, shared: set[Identity]) -> None:
    name, _ = space
    for reader in attempt.analysis.staying_readers:
        if reader.name == name and shared & {fact.identity for fact in reader.readings}:
            if reader.own is not None and not attempt.analysis.kept(name):
                attempt.handed.append(reader.own)
                continue
            reason = f"it shares the read of {name} with {reader.path}, which stays: {reader.because}"
            way_out = f"read {name} a second time there; then this moves"
            attempt.hold(space, asks(reason, reader.path, reader.offset, way_out), _apart(attempt, name, shared))


def _split_from_additions(attempt: Round, space: Space, shared: set[Identity]) -> None:
    name, _ = space
    for addition in attempt.analysis.explicits.additions:
        analysis = attempt.analysis
        readings = () if analysis.adds(addition) else readings_of(analysis, addition, name)
        if shared & {fact.identity for fact in readings}:
            reason = f"it shares the read of {name} with {addition.path}, which stays: {analysis.adds_not(addition)}"
            way_out = f"read {name} a second time there; then this moves"
            attempt.hold(
                space,
                asks(reason, addition.path, addition.span.start, way_out, unsafe=bool(addition.unsure)),
                _apart(attempt, name, shared),
            )


def _split_from_parties(attempt: Round, space: Space, uses: Uses, shared: set[Identity]) -> None:
    name, _ = space
    for party in attempt.parties():
        analysis = attempt.analysis
        if analysis.applies(party) or not _reads(analysis, party, name, shared):
            continue
        given = own_key(analysis, party) if isinstance(party, Connection) and not uses.is_address else None
        decision = analysis.decision(party)
        if given is not None and not decision.may_move:
            attempt.detached.append(given)
        elif not (uses.is_address and isinstance(party, Connection) and not decision.may_move):
            where = path_of(party)
            line = analysis.repository.files[where].lines.line(party.offset)
            reason = f"it shares the read of {name} with {where}:{line}, which stays: {decision.because}"
            way_out = f"read {name} a second time for {where}:{line}; then this moves"
            apart = _apart(attempt, name, shared)
            attempt.hold(space, asks(reason, where, party.offset, way_out, unsafe=decision.unsafe), apart)


def _apart(attempt: Round, name: str, shared: set[Identity]) -> set[Identity]:
    """The connections that read a variable at places of their own: every source of their keys is known, and none is one of the shared."""
    analysis = attempt.analysis
    return {
        party.identity
        for party in attempt.parties()
        if not _reads(analysis, party, name, shared)
        and analysis.sources_of(party)
        and all(source.kind is SourceKind.VARIABLE and source.node is not None for source in analysis.sources_of(party))
    }


def split_credentials(attempt: Round) -> None:
    """A read of Rails' credentials, a stored entry or a typed key that serves what moves and what stays: nothing moves that shares it."""
    staying = {
        entry: party
        for party in attempt.parties()
        if not attempt.analysis.applies(party)
        for entry in _entries(attempt.analysis, party)
    }
    for party in attempt.parties():
        analysis = attempt.analysis
        other = next((staying[entry] for entry in _entries(analysis, party) if entry in staying), None)
        if other is not None and analysis.applies(party):
            where = path_of(other)
            line = analysis.repository.files[where].lines.line(other.offset)
            reason = f"it shares the read of its key with {where}:{line}, which stays: {analysis.decision(other).because}"
            attempt.decide(party, asks(reason, where, other.offset, "read the key a second time there; then this moves"))


def _entries(analysis: Analysis, party: Party) -> list[object]:
    """What identifies the stored keys of a connection: the read of credentials itself, the name of an entry on the device, a typed key."""
    return [
        *(source.identity for source in entries_of(analysis, party)),
        *(entry.name for entry in stored_entries(analysis, party)),
        *(source.identity for source in analysis.sources_of(party) if source.kind is SourceKind.TYPED),
    ]


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

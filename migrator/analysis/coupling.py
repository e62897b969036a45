"""Connections that share an address: they move together, or the one that stays gets an address of its own."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, Verdict, asks
from migrator.analysis.detach import own_address
from migrator.analysis.groups import Groups
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.url_context import default_of, env_owner
from migrator.resolve.context import Identity

Party = Connection | LooseAddress


def parties(analysis: Analysis) -> Iterator[Party]:
    """Everything in code that talks to OpenRouter, in the order of the files."""
    yield from (connection for connection in analysis.connections if analysis.code(connection.fact.path))
    yield from analysis.loose


def moving_sites(analysis: Analysis) -> set[Identity]:
    """By their identities, the addresses that move with a connection."""
    return {site.identity for party in parties(analysis) if analysis.applies(party) for site in party.sites}


def path_of(party: Party) -> str:
    """The file a connection is made in."""
    return party.site.path if isinstance(party, LooseAddress) else party.fact.path


def address_marks(analysis: Analysis, party: Party) -> list[object]:
    """What an address is shared by: literals and variables."""
    if isinstance(party, LooseAddress):
        owner = env_owner(party.site)
        names = [*([owner] if owner else []), *(name for name, _ in default_of(party.site, analysis.facts))]
        return [("site", party.site.identity), *(("address", name) for name in names)]
    marks: list[object] = [("site", site.identity) for site in party.sites]
    return [*marks, *(("address", name) for name in party.variables)]


def couple(analysis: Analysis) -> tuple[Analysis, dict[Identity, Detachment]]:
    """Hold back what shares an address with a connection that stays and cannot be given its own; also returns the addresses given, by connection."""
    groups = Groups()
    members: dict[object, list[Party]] = {}
    for party in parties(analysis):
        marks = address_marks(analysis, party)
        if marks:
            groups.join(marks)
    for party in parties(analysis):
        marks = address_marks(analysis, party)
        if marks:
            members.setdefault(groups.find(marks[0]), []).append(party)
    held: dict[Identity, Decision] = {}
    detached: dict[Identity, Detachment] = {}
    for group in members.values():
        waiting, given = _couple(analysis, group)
        held |= waiting
        detached |= given
    return analysis.with_decisions(held), detached


def _couple(analysis: Analysis, group: list[Party]) -> tuple[dict[Identity, Decision], dict[Identity, Detachment]]:
    """The decisions of those in a group that have to wait, and the addresses given to those that stay."""
    moving = [party for party in group if analysis.applies(party)]
    others = [party for party in group if not analysis.applies(party)]
    if not moving or not others:
        return {}, {}
    detached: dict[Identity, Detachment] = {}
    for party in others:
        decision = analysis.decision(party)
        given = own_address(analysis, party) if isinstance(party, Connection) and decision.verdict is Verdict.STAYS else None
        if given is None:
            return dict.fromkeys((waiting.identity for waiting in moving), _shared(analysis, party, decision)), {}
        detached[party.identity] = given
    return {}, detached


def _shared(analysis: Analysis, party: Party, decision: Decision) -> Decision:
    path = path_of(party)
    line = analysis.repository.files[path].lines.line(party.offset)
    reason = f"it shares its address with {path}:{line}, which stays: {decision.because}"
    way_out = decision.way_out or f"give {path}:{line} an address of its own; then this moves"
    return asks(reason, path, party.offset, way_out, unsafe=decision.unsafe)

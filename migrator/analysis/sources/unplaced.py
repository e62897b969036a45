"""Clients whose address cannot be followed, and the addresses of configuration that they take."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.facts.collector import PROGRAMS
from migrator.records import replace


def with_addresses_of_configuration(analysis: Analysis) -> Analysis:
    """A client whose address cannot be followed takes the addresses that no client was followed to.

    Those of its own file first: a request that is sent in two steps has its address in one and its key in the other. Else those of
    configuration, which the program reads by a way that is not seen.
    """
    placed = {client.fact.path for client in analysis.connections if not client.unplaced} | {loose.path for loose in analysis.loose}
    clients = tuple(client for client in analysis.connections if not client.unplaced or client.fact.path not in placed)
    unplaced = {client.identity for client in clients if client.unplaced and analysis.code(client.fact.path)}
    entries = [
        loose
        for loose in analysis.loose
        if analysis.language(loose.path) not in PROGRAMS and not loose.keys and loose.typed is None
    ]
    if not unplaced or not entries:
        return replace(analysis, connections=clients)
    sites = tuple(loose.site for loose in entries)
    return replace(
        analysis,
        connections=tuple(
            replace(client, sites=(*client.sites, *sites)) if client.identity in unplaced else client for client in clients
        ),
        loose=tuple(loose for loose in analysis.loose if loose not in entries),
    )

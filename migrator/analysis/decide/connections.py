"""One connection, decided by its own sources: what it calls, where its address comes from, where every one of its keys comes from."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.decide.addresses import (
    asked_by_functions,
    asked_through_parameter,
    by_address,
    prefixed_beside,
    requests_passed_on,
    shadowed,
    variables_around,
    wants_responses,
    written,
)
from migrator.analysis.decide.keys import by_keys
from migrator.analysis.decide.surroundings import by_library, chosen, in_library, passengers, silenced, suppressed, whole_tree
from migrator.analysis.decisions import Decision, asks, moves, stays
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource
from migrator.catalog.rules import RuleId
from migrator.records import replace
from migrator.resolve.settings_files import is_overridden
from migrator.text.secrets import is_placeholder


def decide(analysis: Analysis, connection: Connection) -> Decision:
    """The answer for a client or a raw call."""
    path, offset = connection.fact.path, connection.offset
    return (
        whole_tree(analysis, path)
        or suppressed(analysis, path, connection)
        or chosen(analysis, path, connection.fact.node_path, connection.sites)
        or by_library(analysis, connection)
        or by_address(analysis, connection)
        or passengers(analysis, path)
        or shadowed(analysis, ((origin.path, origin.node) for origin in (*connection.urls, *connection.keys)))
        or by_keys(
            analysis, _sources(analysis, connection), path, offset, keyed=connection.keyed, paired=bool(connection.variables)
        )
    )


def _sources(analysis: Analysis, connection: Connection) -> tuple[KeySource, ...]:
    """Every end of its key; a variable that its library reads by itself is one that the call reads, where this run gives it the read."""
    sources = analysis.sources_of(connection)
    if any(addition.call is connection.fact.call for addition in analysis.explicits.additions):
        return tuple(replace(source, implicit=False) for source in sources)
    return sources


def decide_loose(analysis: Analysis, loose: LooseAddress) -> Decision:
    """The answer for an address without a known client."""
    site = loose.site
    first = (
        whole_tree(analysis, site.path)
        or silenced(analysis, RuleId.BASE_URL, site)
        or chosen(analysis, site.path, site.node_path, [site])
        or in_library(analysis, site)
        or (
            stays("this table's tool calls /responses, which the target does not serve yet", site.path, loose.offset)
            if wants_responses(site)
            else None
        )
        or written(analysis, site)
        or passengers(analysis, site.path)
        or shadowed(analysis, variables_around(loose))
        or requests_passed_on(analysis, loose)
        or asked_by_functions(analysis, loose)
        or asked_through_parameter(analysis, [site])
        or prefixed_beside(analysis, loose)
    )
    if first is not None:
        return first
    if loose.typed is not None:
        if loose.typed.value and not is_placeholder(loose.typed.value):
            return asks(
                "a key stands beside this address", site.path, loose.typed.span.start,
                f"revoke it and read the new one from {analysis.target.key_env}; then the address moves",
            )  # fmt: skip
        if is_overridden(site.path):
            return asks(
                "the key for this address is set outside of this file, which only shows where it goes", site.path, loose.typed.span.start,
                "set the new key there first, then run again with --unsafe", unsafe=True,
            )  # fmt: skip
        return moves()
    return by_keys(analysis, analysis.sources_of(loose), site.path, loose.offset, keyed=True, paired=True)

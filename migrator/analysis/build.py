"""From facts to moves: every connection is decided by its own sources, then what shares an address, then the variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from migrator.analysis.analysis import Analysis, find_spaces, gather
from migrator.analysis.decide.connections import decide, decide_loose
from migrator.analysis.exchange import exchanges
from migrator.analysis.held_back import (
    derived_requests,
    shared_stores,
    stray_addresses,
    switched_by_presence,
    without_registries,
)
from migrator.analysis.hidden_clients import explicits
from migrator.analysis.moves import with_moves
from migrator.analysis.providers import count_providers
from migrator.analysis.registries import chosen_makers, constructor_tables, sibling_folders
from migrator.analysis.responses_default import weigh_bare_calls
from migrator.analysis.routing_losses import routing_sites, weigh_losses
from migrator.analysis.settle import settle
from migrator.analysis.sources.loose_addresses import loose_addresses
from migrator.analysis.sources.unplaced import with_addresses_of_configuration
from migrator.analysis.uncalled import with_uncalled
from migrator.analysis.unserved.kept_classes import wait_for_classes, weigh_classes
from migrator.analysis.unserved.methods import weigh_methods
from migrator.analysis.unserved.relative_requests import relative_requests
from migrator.analysis.variables.own_images import without_own_images
from migrator.analysis.variables.plain_names import keys_among, plain_names
from migrator.analysis.variables.staying import staying_readers
from migrator.facts.model import Facts
from migrator.model import Span
from migrator.options import Options
from migrator.records import replace
from migrator.resolve.repository import Repository

MOST_READINGS = 5
"""A key tells of a client, the client of an address, that of a variable which an action fills: further than that no program goes."""


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
    analysis = gather(repository, without_own_images(repository, facts), options, manifests, editable, suppression_for)
    names, keys = frozenset[str](), frozenset[str]()
    for _ in range(MOST_READINGS):
        known = names | plain_names(analysis)
        found = keys | keys_among(analysis, known)
        if (known, found) == (names, keys) or reread is None:
            break
        facts = without_own_images(repository, reread(known)) if known != names else facts
        names, keys = known, found
        analysis = gather(repository, facts, options, manifests, editable, suppression_for, keys)
    analysis = replace(analysis, evidence=count_providers(analysis, analysis.facts.values()))
    analysis = replace(
        analysis,
        chosen_makers=chosen_makers(analysis),
        vendor_siblings=sibling_folders(repository),
        tables=tuple(constructor_tables(analysis)),
        spaces=find_spaces(analysis),
    )
    analysis = with_addresses_of_configuration(replace(analysis, loose=tuple(loose_addresses(analysis))))
    analysis = replace(analysis, explicits=explicits(analysis))
    analysis = replace(analysis, routing_sites=tuple(routing_sites(analysis)))
    analysis = replace(analysis, explicits=exchanges(analysis, analysis.explicits, analysis.routing_sites))
    analysis = _decided(wait_for_classes(without_registries(analysis)))
    analysis = replace(analysis, staying_readers=tuple(staying_readers(analysis)))
    analysis = stray_addresses(shared_stores(switched_by_presence(analysis)))
    return with_moves(*settle(analysis))


def _decided(analysis: Analysis) -> Analysis:
    """Each connection by its own sources, then by the rules of its requests that the target would not keep."""
    analysis = analysis.with_decisions({connection.identity: decide(analysis, connection) for connection in analysis.connections})
    analysis = relative_requests(analysis)
    analysis = analysis.with_decisions({loose.identity: decide_loose(analysis, loose) for loose in analysis.loose})
    analysis = derived_requests(analysis)
    return weigh_classes(weigh_methods(weigh_bare_calls(weigh_losses(with_uncalled(analysis)))))

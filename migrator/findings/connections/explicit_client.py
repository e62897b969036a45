"""explicit-client, own-address: clients that are given an address and a key of their own."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.findings.terms import changed, terms_of
from migrator.model import Category, Finding


def explicit_clients(analysis: Analysis) -> Iterator[Finding]:
    """Clients with OpenRouter built in that are told the target's address and key."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for new in move.additions:
            yield changed(terms, RuleId.EXPLICIT_CLIENT, new.path, new.span, Category.CLIENT, new.message, new.edits)


def own_addresses(analysis: Analysis) -> Iterator[Finding]:
    """Calls that stay on OpenRouter and no longer share the address or key of what moves."""
    because = "what it calls exists only at OpenRouter"
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for call in move.detached:
            yield changed(
                terms, RuleId.OWN_ADDRESS, call.path, call.span, Category.ENDPOINT, call.message, call.edits, because=because
            )

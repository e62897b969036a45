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
    """Calls that stay on OpenRouter and no longer share what moves; keys that are read from a new entry of a store."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for call in move.detached:
            category = Category.ENDPOINT if call.rule is RuleId.OWN_ADDRESS else Category.API_KEY_ENV
            yield changed(terms, call.rule, call.path, call.span, category, call.message, call.edits, because=call.because)

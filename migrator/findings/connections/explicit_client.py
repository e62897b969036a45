"""explicit-client, exchanged-class, own-address: clients that are given an address and a key of their own."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients.model import Addition
from migrator.catalog.rules import RuleId
from migrator.findings.terms import Terms, changed, terms_of
from migrator.model import Category, Finding, Span
from migrator.records import replace


def explicit_clients(analysis: Analysis) -> Iterator[Finding]:
    """Clients with OpenRouter built in that are told the target's address and key."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for new in move.additions:
            yield from _addition(terms, new)


def _addition(terms: Terms, new: Addition) -> Iterator[Finding]:
    """A finding for each file that one client's change touches."""
    for path in sorted({edit.path for edit in new.edits} | {new.path}, key=lambda path: (path != new.path, path)):
        edits = tuple(edit for edit in new.edits if edit.path == path)
        home = path == new.path
        span = new.span if home else Span(edits[0].span.start, edits[-1].span.end)
        message = new.message if home else f"calls on the client of {new.path}"
        rule = RuleId.EXCHANGED_CLASS if new.bond else RuleId.EXPLICIT_CLIENT
        finding = changed(terms, rule, path, span, Category.CLIENT, message, edits)
        # parts of one exchange are one change, also where each would be a move of its own because none is made in this run
        yield replace(finding, keys=finding.keys | {f"exchange:{new.bond}"}) if new.bond else finding


def own_addresses(analysis: Analysis) -> Iterator[Finding]:
    """Calls that stay on OpenRouter and no longer share what moves; keys that are read from a new entry of a store."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for call in move.detached:
            category = Category.ENDPOINT if call.rule is RuleId.OWN_ADDRESS else Category.API_KEY_ENV
            because = "" if move.unsafe else call.because  # the reason of an unsafe change is what makes it unsafe
            yield changed(terms, call.rule, call.path, call.span, category, call.message, call.edits, because=because)

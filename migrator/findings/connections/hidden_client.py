"""hidden-client, sdk, unlisted-client: libraries with OpenRouter built in."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients import package_of, settled
from migrator.catalog.rules import RuleId
from migrator.facts.model import Fact, FactKind
from migrator.findings.flags import flagged
from migrator.findings.marks import facts_of
from migrator.model import Category, Finding, Span
from migrator.resolve.context import Identity


def hidden_clients(analysis: Analysis) -> Iterator[Finding]:
    """Clients and imports of such libraries, unless the clients are given an address and a key."""
    moving = _moving(analysis)
    for mark in facts_of(analysis, FactKind.SDK_IMPORT, FactKind.HIDDEN_CLIENT):
        if settled(analysis, mark, moving):
            continue
        if mark.kind is FactKind.SDK_IMPORT:
            message = f"`{package_of(analysis, mark)}` has OpenRouter's host built in"
            yield flagged(RuleId.SDK, mark.path, mark.span, Category.SDK, message, mark.note)
        else:
            message = f"this client of `{package_of(analysis, mark)}` goes to OpenRouter, whose host is built in"
            refused = analysis.explicits.refused.get(mark.identity, "")
            because = f"{refused}. {mark.note}" if refused not in ("", mark.note) else mark.note
            yield flagged(RuleId.HIDDEN_CLIENT, mark.path, _first_line(analysis, mark), Category.SDK, message, because)


def unlisted_clients(analysis: Analysis) -> Iterator[Finding]:
    """Clients of libraries that no integration describes and whose name says OpenRouter."""
    for mark in facts_of(analysis, FactKind.UNLISTED_CLIENT):
        message = f"{mark.text} is a library that is not known here, and named after OpenRouter"
        yield flagged(RuleId.UNLISTED_CLIENT, mark.path, _first_line(analysis, mark), Category.SDK, message, mark.note)


def _moving(analysis: Analysis) -> set[Identity]:
    """Marks, by identity, that the additions of this run speak for."""
    moves = [move for move in analysis.moves if analysis.options.unsafe or not move.unsafe]
    return {mark.identity for move in moves for addition in move.additions for mark in addition.marks}


def _first_line(analysis: Analysis, mark: Fact) -> Span:
    """The first line of a construct."""
    text = analysis.repository.files[mark.path].source.text
    end = text.find("\n", mark.span.start, mark.span.end)
    return Span(mark.span.start, end if end > 0 else mark.span.end)

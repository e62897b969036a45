"""allow-list: lists of hosts that a program may call."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.model import Category, Finding
from migrator.resolve.context import LiteralRole


def allow_lists(analysis: Analysis) -> Iterator[Finding]:
    """Lists of hosts that a program may call."""
    host = analysis.target.openai_base.split("://", 1)[1].split("/", 1)[0]
    for path, facts in sorted(analysis.facts.items()) if analysis.decisions else ():
        for fact in facts.urls if analysis.code(path) else ():
            if fact.place not in (LiteralRole.COMPARE, LiteralRole.ASSERTION, LiteralRole.MESSAGE) and allows(fact):
                message = "OpenRouter's host is in a list of hosts that may be called"
                because = f"the list must be extended by {host}, or calls are blocked after the move"
                yield flagged(RuleId.ALLOW_LIST, path, fact.span, Category.CHECK, message, because)

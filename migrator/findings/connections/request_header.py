"""request-header: headers that only OpenRouter acts on."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.facts.model import FactKind
from migrator.facts.request_headers import OFF, headers
from migrator.findings.flags import flagged
from migrator.findings.marks import facts_of
from migrator.model import Action, Category, Finding


def request_headers(analysis: Analysis) -> Iterator[Finding]:
    """Each header; one whose name others use too only where OpenRouter is called."""
    known = headers()
    for mark in facts_of(analysis, FactKind.REQUEST_HEADER):
        if mark.text in known["common"] and mark.path not in analysis.files_calling_openrouter:
            continue
        action = Action.FLAG
        if mark.text in known["secret"]:
            because = "it hands other vendors' keys to whoever answers: take it out before the move"
        elif mark.text in known["lost"] and mark.note != OFF:
            because = known["lost"][mark.text]
        else:
            action = Action.KEEP
            because = (
                "it switches something off: ignored elsewhere"
                if mark.note == OFF
                else "attribution: ignored elsewhere, safe to keep"
            )
        written = analysis.repository.files[mark.path].source.text[slice(*mark.span)]
        message = f"{written} is a request header of OpenRouter"
        yield flagged(RuleId.REQUEST_HEADER, mark.path, mark.span, Category.HEADER, message, because, action=action)

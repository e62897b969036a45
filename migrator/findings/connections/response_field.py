"""response-field: fields of replies that only OpenRouter sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.facts.model import Fact, FactKind
from migrator.findings.flags import flagged
from migrator.findings.marks import facts_of
from migrator.model import Category, Finding

_COMMON_FIELDS = frozenset({"pricing", "context_length", "total_cost", "supported_parameters"})
"""Reply fields whose names other data has too: they count only where OpenRouter is called."""


def response_fields(analysis: Analysis) -> Iterator[Finding]:
    """Reads of such fields."""
    for mark in facts_of(analysis, FactKind.RESPONSE_FIELD):
        if _belongs_to_openrouter(analysis, mark):
            fields = openrouter()["response_fields_of" if "." in mark.text else "response_fields"]
            message = f"{mark.text} is a reply field of OpenRouter"
            because = f"after the move: {fields.get(mark.text, 'absent')}"
            yield flagged(RuleId.RESPONSE_FIELD, mark.path, mark.span, Category.RESPONSE_FIELD, message, because)


def _belongs_to_openrouter(analysis: Analysis, mark: Fact) -> bool:
    """Does the file with the field have to do with OpenRouter?"""
    if mark.text in _COMMON_FIELDS:
        return "openrouter" in mark.path.lower() or mark.path in analysis.files_calling_openrouter
    text = analysis.repository.files[mark.path].source.text
    return bool(re.search(r"open[_-]?router", text, re.IGNORECASE))

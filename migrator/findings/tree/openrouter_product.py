"""openrouter-product: packages that are made for OpenRouter, in which nothing moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.model import Action, Category, Finding
from migrator.records import replace


def openrouter_product(analysis: Analysis) -> Iterator[Finding]:
    """A package that is made for OpenRouter."""
    if analysis.published_for_openrouter is not None:
        manifest, name = analysis.published_for_openrouter
        message = f"{name} is made for OpenRouter: there is nothing to move"
        because = "a client, tool or plugin for one gateway is written anew for another, not repointed"
        yield flagged(RuleId.OPENROUTER_PRODUCT, manifest, None, Category.OTHER, message, because)


def quieted(analysis: Analysis, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Nothing moves in a package that is made for OpenRouter: what was found there is told, and nobody is asked to look. Keys still are."""
    for finding in findings:
        if (
            analysis.published_for_openrouter is None
            or finding.action is Action.KEEP
            or finding.category is Category.API_KEY_LITERAL
            or finding.rule == RuleId.OPENROUTER_PRODUCT
        ):
            yield finding
        else:
            yield replace(
                finding,
                action=Action.KEEP,
                because=f"the project is made for OpenRouter: see {analysis.published_for_openrouter[0]}",
            )

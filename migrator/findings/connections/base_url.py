"""base-url, endpoint-report: addresses that move, and endpoints with other contents at the target."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.url_context import env_owner
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind
from migrator.facts.model import UrlFact
from migrator.findings.edits import url_edit
from migrator.findings.flags import flagged
from migrator.findings.terms import Terms, changed, terms_of
from migrator.model import Category, Finding


def base_urls(analysis: Analysis) -> Iterator[Finding]:
    """The addresses of all moves, without those that stay in an address variable beside the new one."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        stay = {variable.name for variable in move.variables if variable.decision == "additive" and variable.is_address}
        for site in move.urls:
            if env_owner(site) not in stay:
                yield from _address(analysis, terms, site)


def _address(analysis: Analysis, terms: Terms, site: UrlFact) -> Iterator[Finding]:
    source = analysis.repository.files[site.path].source
    change = url_edit(site, source, analysis.target, host=site.url.kind is UrlKind.HOST)
    if change is None:
        return
    odd = f" ({site.url.odd})" if site.url.odd else ""
    yield changed(terms, RuleId.BASE_URL, site.path, site.span, Category.BASE_URL, f"OpenRouter's address{odd}", (change,))
    if site.url.kind is UrlKind.REPORTS:
        message = f"/{site.url.path} exists at the target with other contents"
        because = "its catalogue and reply fields differ from OpenRouter's"
        yield flagged(RuleId.ENDPOINT_REPORT, site.path, site.span, Category.ENDPOINT, message, because)

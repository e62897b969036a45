"""base-url-held, holds-back: connections that stay and wait for a person, and the causes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, parties, path_of
from migrator.analysis.decisions import Decision, Verdict
from migrator.analysis.sources.connections import LooseAddress
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind
from migrator.facts.collector import PROGRAMS
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, Span
from migrator.patterns import regex
from migrator.resolve.context import Identity


def base_urls_held(analysis: Analysis) -> Iterator[Finding]:
    """A flag for each address and client that stays, and for the line that is the cause."""
    moving = {site.identity for move in analysis.moves for site in move.urls}
    for party in parties(analysis):
        decision = analysis.decision(party)
        if not decision.may_move and not decision.registry and not _is_own_endpoint(party):
            yield from _party(analysis, party, decision, moving)


_HOST_ENTRY = regex(
    r"\s*(?:-\s+)?[\"']?(?:external_?name|host_?name|host|upstream|fqdn|domain)[\"']?\s*[:=]\s*[\"']?(?:https?://)?openrouter\.ai[\"']?,?\s*",
    re.IGNORECASE,
)
"""A line of configuration that sends requests to the host alone, as in a Kubernetes service of type ExternalName or a rewriting route."""


def hosts_of_configuration(analysis: Analysis) -> Iterator[Finding]:
    """A flag where configuration, or a file that a script writes, gives the host as the end of a route."""
    moving = {site.identity for move in analysis.moves for site in move.urls}
    for path, facts in sorted(analysis.facts.items()):
        if not analysis.code(path) or analysis.language(path) in PROGRAMS:
            continue
        file = analysis.repository.files[path]
        for fact in facts.urls:
            start, end = file.lines.span(file.lines.line(fact.span.start))
            if fact.url.kind is UrlKind.HOST and fact.identity not in moving and _HOST_ENTRY.fullmatch(file.source.text[start:end]):
                because = "what goes through it has its path and its key elsewhere: change host, path and key together"
                message = "requests are sent to OpenRouter's host here"
                yield flagged(RuleId.BASE_URL_HELD, path, fact.span, Category.BASE_URL, message, because)
                yield from _keys_beside(analysis, path, fact.span.start)


_HEADER = regex(r"(?:bearer\s+|api-key[^\n$]{0,20})\$\{?(\w*OPEN_?ROUTER\w*)", re.IGNORECASE)
"""A header with OpenRouter's key, as a route writes it."""
_FAR = 1000
"""How many characters of a file belong to one route."""


def _keys_beside(analysis: Analysis, path: str, offset: int) -> Iterator[Finding]:
    """Headers of the same route with a variable of which nothing else is told, as in a file that a script writes and does not fill in."""
    text = analysis.repository.files[path].source.text
    told = {variable.name for variable in analysis.variables}
    for header in _HEADER.finditer(text, max(0, offset - _FAR), offset + _FAR):
        if header[1] not in told:
            message = f"{header[1]} goes with this route"
            because = "it is sent to the host beside it: change host and key together"
            yield flagged(RuleId.BASE_URL_HELD, path, Span(*header.span(1)), Category.ENV_REF, message, because)


def _is_own_endpoint(party: Party) -> bool:
    """Does it call what only OpenRouter has? The finding for that says all there is to say."""
    return not isinstance(party, LooseAddress) and party.endpoint in (UrlKind.OWN, UrlKind.PAGE)


def _party(analysis: Analysis, party: Party, decision: Decision, moving: set[Identity]) -> Iterator[Finding]:
    sites = party.sites
    because = decision.because + (f": {decision.way_out}" if decision.way_out else "")
    for site in sites:
        if site.identity not in moving and analysis.code(site.path):
            message = "OpenRouter's address stays for now"
            yield flagged(RuleId.BASE_URL_HELD, site.path, site.span, Category.BASE_URL, message, because)
    if decision.verdict is Verdict.ASKS and not sites:
        path = path_of(party)
        span = _rest_of_line(analysis, path, party.offset)
        yield flagged(RuleId.BASE_URL_HELD, path, span, Category.CLIENT, "this client stays for now", because)
    editable = analysis.editable is None or decision.path in analysis.editable
    if decision.path in analysis.repository.files and editable and decision.offset is not None:
        span = _rest_of_line(analysis, decision.path, decision.offset)
        yield flagged(RuleId.HOLDS_BACK, decision.path, span, Category.OTHER, "this holds the migration back", because)


def _rest_of_line(analysis: Analysis, path: str, offset: int) -> Span:
    file = analysis.repository.files[path]
    start, end = file.lines.span(file.lines.line(offset))
    return Span(offset, start + len(file.source.text[start:end].rstrip("\r\n")))

"""Addresses that exist only at OpenRouter: its own endpoints and pages, and hosts that promise something of their own."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.connections import Connection
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, own_reason
from migrator.facts.model import FactKind, UrlFact
from migrator.findings.flags import flag
from migrator.model import Category, Span
from migrator.resolve.context import LiteralRole, last_name


def own_endpoints(s: Analysis) -> None:
    """Addresses first, then the calls that put such an address together where nothing was said of it yet."""
    asking = {connection.fact.path for connection in s.connections if connection.fact.client == "http-client"}
    for path, one in sorted(s.facts.items()):
        if not s.code(path):
            continue
        for fact in one.urls:
            if fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST) and not allows(fact):
                _address(s, fact)
        if path in asking:
            for mark in one.marked(FactKind.OWN_ENDPOINT):
                _own(s, path, mark.span, mark.text)
    for connection in s.connections:
        if s.code(connection.fact.path) and last_name(connection.fact.call.func) != "open":
            _pages(s, connection)
    for connection in s.connections:
        if connection.endpoint is UrlKind.OWN and s.code(connection.fact.path):
            _called(s, connection)


def _address(s: Analysis, fact: UrlFact) -> None:
    if fact.url.kind is UrlKind.OWN:
        _own(s, fact.path, fact.span, fact.url.path)
    elif fact.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
        message = f"{fact.url.host} is not OpenRouter's usual host"
        because = "a regional host or another party's relay promises something that no other address keeps"
        flag(s, RuleId.OTHER_HOST, fact.path, fact.span, Category.BASE_URL, message, because)


def _pages(s: Analysis, connection: Connection) -> None:
    """A program that reads what is meant for people."""
    for site in connection.sites:
        if site.url.kind is UrlKind.PAGE:
            message = f"the program reads a page of OpenRouter's site (/{site.url.path})"
            because = "pages for people are no API and exist nowhere else"
            flag(s, RuleId.OWN_ENDPOINT, site.path, site.span, Category.ENDPOINT, message, because)


def _called(s: Analysis, connection: Connection) -> None:
    """A call whose address was put together."""
    path, node = connection.fact.path, connection.fact.url or connection.fact.call
    said = any(
        finding.path == path
        and finding.rule == RuleId.OWN_ENDPOINT
        and finding.span
        and finding.span.start <= node.span.start < finding.span.end + 1
        for finding in s.out.findings
    )
    if not said:
        _own(s, path, Span(*node.span), connection.path)


def _own(s: Analysis, path: str, span: Span, endpoint: str) -> None:
    flag(s, RuleId.OWN_ENDPOINT, path, span, Category.ENDPOINT, f"/{endpoint} exists only at OpenRouter", own_reason(endpoint))

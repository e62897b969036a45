"""own-endpoint, other-host: addresses that exist only at OpenRouter: its own endpoints and pages, and hosts that promise something of their own."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.unfollowed import unfollowed
from migrator.analysis.unserved.relative_requests import asked_for
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, own_reason
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import UrlFact
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, Span
from migrator.resolve.context import Identity, LiteralRole, last_name


def own_endpoints(analysis: Analysis) -> Iterator[Finding]:
    """Addresses first, then the calls that put such an address together."""
    for path, facts in sorted(analysis.facts.items()):
        for fact in facts.urls if analysis.code(path) else ():
            if fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST) and not allows(fact):
                yield from _address(fact)
    for mark in dict.fromkeys(mark for mark, _ in asked_for(analysis)):
        yield _own(mark.path, mark.span, mark.text)
    for address in unfollowed(analysis):
        if address.site is None:
            yield _own(address.path, Span(*address.node.span), address.endpoint)
    for connection in analysis.connections:
        if analysis.code(connection.fact.path) and last_name(connection.fact.call.func) != "open":
            yield from _pages(connection)
    for connection in analysis.connections:
        if connection.endpoint is UrlKind.OWN and analysis.code(connection.fact.path):
            node = connection.fact.url or connection.fact.call
            yield _own(connection.fact.path, Span(*node.span), connection.path)
    yield from _bases(analysis)


def _bases(analysis: Analysis) -> Iterator[Finding]:
    """Addresses in programs that are used for nothing but such endpoints: they stay, and whoever looks for the address finds it told."""
    asked: dict[Identity, tuple[UrlFact, list[Connection]]] = {}
    loose = {address.identity for address in analysis.loose}
    for connection in analysis.connections:
        for site in connection.sites:
            asked.setdefault(site.identity, (site, []))[1].append(connection)
    for site, users in asked.values():
        if (
            site.url.kind is UrlKind.BASE
            and site.identity not in loose
            and analysis.language(site.path) in PROGRAMS
            and analysis.code(site.path)
            and all(connection.endpoint is UrlKind.OWN for connection in users)
        ):
            names = list(dict.fromkeys(f"/{connection.path.partition('?')[0]}" for connection in users))
            message = f"this address is used for {', '.join(names)} alone"
            because = "what exists only at OpenRouter cannot move: leave it there with OpenRouter's key, or take it out"
            yield flagged(RuleId.OWN_ENDPOINT, site.path, site.span, Category.ENDPOINT, message, because)


def _address(fact: UrlFact) -> Iterator[Finding]:
    if fact.url.kind is UrlKind.OWN:
        yield _own(fact.path, fact.span, fact.url.path)
    elif fact.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
        message = f"{fact.url.host} is not OpenRouter's usual host"
        because = "a regional host or another party's relay promises something that no other address keeps"
        yield flagged(RuleId.OTHER_HOST, fact.path, fact.span, Category.BASE_URL, message, because)


def _pages(connection: Connection) -> Iterator[Finding]:
    """A program that reads what is meant for people."""
    for site in connection.sites:
        if site.url.kind is UrlKind.PAGE:
            message = f"the program reads a page of OpenRouter's site (/{site.url.path})"
            because = "pages for people are no API and exist nowhere else"
            yield flagged(RuleId.OWN_ENDPOINT, site.path, site.span, Category.ENDPOINT, message, because)


def _own(path: str, span: Span, endpoint: str) -> Finding:
    message = f"/{endpoint} exists only at OpenRouter"
    return flagged(RuleId.OWN_ENDPOINT, path, span, Category.ENDPOINT, message, own_reason(endpoint))

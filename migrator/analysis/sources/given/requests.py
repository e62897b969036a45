"""Requests whose address is a parameter: `self.base_url` of a class that callers give `https://openrouter.ai/api/v1`.

Where the call that gives it is no connection either (`given.connections`), what they ask for says whether the address can move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.given.addresses import given_addresses
from migrator.catalog.urls import UrlKind, endpoint_kind, without_version
from migrator.facts.model import ClientFact, Facts
from migrator.model import Span
from migrator.records import dataclass
from migrator.resolve.origins import From, origins
from migrator.resolve.repository import Repository


@dataclass(frozen=True, slots=True)
class AskedThroughParameter:
    """What is asked for at an address that a call gives."""

    endpoint: str
    own: bool
    """Does it exist only at OpenRouter?"""
    path: str
    offset: int


Asked = Mapping[tuple[str, Span], list[AskedThroughParameter]]
"""By the path and span of the literal that is given."""


def asked_through_parameters(
    repository: Repository,
    callers: Callers,
    facts: Iterable[Facts],
    connected: Iterable[Connection],
    defined: frozenset[str],
) -> Asked:
    """Every request through a parameter, by the literals that reach it; not where the call that gives one is a connection of its own."""
    taken = {connection.identity for connection in connected}
    decided = {
        (fact.identity, site.path, site.literal.span)
        for connection in connected
        for fact in connection.through
        for site in connection.sites
    }
    asked: dict[tuple[str, Span], list[AskedThroughParameter]] = {}
    for fact in (fact for each in facts for fact in each.clients if fact.client == "raw-http" and fact.identity not in taken):
        urls = origins(repository, fact.url, fact.url_scope or fact.node_path.scope) if fact.url is not None else ()
        ends = [_asked(fact, origin.suffix) for origin in urls if origin.kind in (From.PARAM, From.UNKNOWN) and origin.suffix]
        for given in given_addresses(repository, callers, urls, defined).sources if ends else ():
            if given.kind is not From.LITERAL or given.node is None:
                continue
            if (fact.identity, given.path, given.node.span) not in decided:
                asked.setdefault((given.path, given.node.span), []).extend(ends)
    return asked


def _asked(fact: ClientFact, behind: str) -> AskedThroughParameter:
    """What a request puts behind the parameter that its address starts with."""
    endpoint = without_version(behind).strip("/")
    return AskedThroughParameter(endpoint, endpoint_kind(endpoint) is UrlKind.OWN, fact.path, fact.call.span.start)

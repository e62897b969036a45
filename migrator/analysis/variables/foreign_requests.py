"""Requests to another service's written address that carry a variable which OpenRouter's key is in elsewhere.

`OPENAI_API_KEY` may be OpenRouter's key for one client and the vendor's own for the next, and a program may have called a variable
after OpenRouter that holds another service's key by now. Either way the target's key must not be sent there: such a request goes on
with the old variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from migrator.analysis.analysis import Analysis
from migrator.analysis.detach import own_key
from migrator.analysis.model import StayingReader
from migrator.analysis.sources.connections import Connection, key_origins
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.catalog.urls import find_urls
from migrator.facts.model import ClientFact, Facts
from migrator.formats.tree import Str
from migrator.patterns import regex
from migrator.resolve.origins import From, Origin, origins

_HOST = regex(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.IGNORECASE)
"""A public name; numbers and single words are hosts of the program's own network."""
_OWN_ENDINGS = ("localhost", ".local", ".internal", ".localhost", ".docker.internal")


def foreign_requests(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """The variables that such requests of one file carry, with where they are read for them."""
    for client in facts.clients:
        if client.identity in analysis.connected or client.url is None:
            continue
        urls = origins(analysis.repository, client.url, client.url_scope or client.node_path.scope)
        host = next(filter(None, map(_foreign_host, urls)), "")
        if not host or host in analysis.target.openai_base:
            continue
        yield from _readers(analysis, client, urls, host)


def _readers(analysis: Analysis, client: ClientFact, urls: tuple[Origin, ...], host: str) -> Iterator[StayingReader]:
    keys, keyed = key_origins(analysis.repository, client)
    connection = Connection(fact=client, urls=urls, keys=keys, keyed=keyed)
    own = own_key(analysis, connection)
    if own is not None:
        own = replace(own, message=f"this call keeps the key that {host} gets", because="it goes to another service")
    for source in key_sources(analysis.repository, analysis.callers, keys):
        if source.kind is SourceKind.VARIABLE and source.node is not None:
            yield StayingReader(
                name=source.name,
                path=client.path,
                offset=client.call.span.start,
                because=f"it is sent to {host}",
                readings=tuple(analysis.readings(source.name, source.path, source.node)),
                own=own,
            )


def _foreign_host(origin: Origin) -> str:
    """The host of a written address that belongs to somebody else; "" for any other origin."""
    text = origin.node.value if origin.kind is From.LITERAL and isinstance(origin.node, Str) else ""
    if "://" not in text or find_urls(text) or "openrouter" in text.lower():
        return ""
    try:
        host = (urlsplit(text).hostname or "").lower()
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) and not host.endswith(_OWN_ENDINGS) else ""

"""Requests for what only OpenRouter has that name no host: `client.get("/credits")` on a client that has its address from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks
from migrator.analysis.detach import called, own_request
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection
from migrator.analysis.unserved.methods import makers
from migrator.facts.language_clients import kept_as
from migrator.facts.model import Fact, FactKind
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Attr, Name, Str, nodes
from migrator.records import replace
from migrator.resolve.context import Identity, last_name

_REQUESTS = "http-client"
_LIBRARIES = ("openai", "anthropic")
"""Clients of vendors' libraries that also send a request to a path they are given: `client.get("/credits", cast_to=object)`."""


def relative_requests(analysis: Analysis) -> Analysis:
    """Each such call gets OpenRouter's address and key, or the client that it is sent through stays."""
    held: dict[Identity, Decision] = {}
    requests: list[Detachment] = []
    for mark, connection in asked_for(analysis):
        if connection.identity in held or not analysis.decision(connection).may_move:
            continue
        request = own_request(analysis, connection, mark) if analysis.language(mark.path) not in LANGUAGES else None
        if request is None:
            line = analysis.repository.files[mark.path].lines.line(mark.span.start)
            reason = f"/{mark.text} exists only at OpenRouter, and this client asks for it too"
            way_out = f"give {mark.path}:{line} a client of its own; then this moves"
            held[connection.identity] = asks(reason, mark.path, mark.span.start, way_out)
        else:
            requests.append(request)
    return replace(analysis.with_decisions(held), own_requests=tuple(requests))


def asked_for(analysis: Analysis) -> Iterator[tuple[Fact, Connection]]:
    """The paths of such requests, each with every client that it may be sent through."""
    clients = [
        each for each in analysis.connections if each.fact.client in (_REQUESTS, *_LIBRARIES) or _is_asked_for_paths(analysis, each)
    ]
    for path, facts in sorted(analysis.facts.items()) if clients else ():
        for mark in facts.marked(FactKind.OWN_ENDPOINT) if analysis.code(path) else ():
            near = {path, *analysis.imported(path)}
            made, receivers = _makers(analysis, mark), _receivers(mark)
            for connection in clients:
                if analysis.language(path) in LANGUAGES:
                    in_sight = not made and connection.fact.path == path and kept_as(connection.fact.node_path) in receivers
                else:
                    in_sight = not made and connection.fact.path in near and not _is_word(mark)
                if not made.isdisjoint(connection.calls) or in_sight:
                    yield mark, connection


def _is_asked_for_paths(analysis: Analysis, connection: Connection) -> bool:
    """Is this an HTTP client that is made with the base address, so that its requests name paths alone: dio, Guzzle, Faraday, `WebClient`?"""
    row = connection.fact.integration
    http = row is None or (not row.built_in and row.key.env is None and not row.key.names)
    return http and not connection.path and analysis.language(connection.fact.path) in LANGUAGES


def _makers(analysis: Analysis, mark: Fact) -> set[Identity]:
    """The calls that make what the request is sent through."""
    call = called(mark)
    if call is None or not isinstance(call.func, Attr) or mark.node_path is None:
        return set()
    return set(makers(analysis, call.func.base, mark.node_path.scope, 0))


def _receivers(mark: Fact) -> set[str]:
    """The names that the request is sent through: `client` of `client.get().uri("/credits")`."""
    call = called(mark)
    return {last_name(node) for node in nodes(call.func) if isinstance(node, Name | Attr)} if call is not None else set()


def _is_word(mark: Fact) -> bool:
    """`client.get("credits")` may as well be the entry of a mapping: only a client that is followed is asked for it."""
    return isinstance(mark.node, Str) and "/" not in mark.node.value

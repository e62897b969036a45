"""Requests to another service's written address that carry a variable which OpenRouter's key is in elsewhere.

`OPENAI_API_KEY` may be OpenRouter's key for one client and the vendor's own for the next, and a program may have called a variable
after OpenRouter that holds another service's key by now. Either way the target's key must not be sent there: such a request goes on
with the old variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.detach import own_key, read_again
from migrator.analysis.model import Detachment, StayingReader
from migrator.analysis.sources.callers import given_in, picked_by
from migrator.analysis.sources.connections import Connection, key_origins
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.analysis.sources.session_keys import keys_of_session
from migrator.analysis.variables.sent_keys import inside
from migrator.catalog.urls import foreign_host
from migrator.discover import path_kinds
from migrator.facts.model import ClientFact, EnvFact, Facts
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Attr, Call, Func, Index, Join, Name, Node, Obj, Seq, Str
from migrator.records import replace
from migrator.resolve.context import NodePath
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import From, Origin, origins


def foreign_requests(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """The variables that such requests of one file carry, with where they are read for them."""
    for client in facts.clients:
        if client.identity in analysis.connected or client.url is None:
            continue
        scope = client.url_scope or client.node_path.scope
        begins = (client.url, *client.url.parts[:1]) if isinstance(client.url, Join) else (client.url,)
        urls = tuple(origin for node in begins for origin in origins(analysis.repository, node, scope))
        host = next(filter(None, map(_foreign_host, urls)), "")
        if host and host not in analysis.target.openai_base:
            yield from _readers(analysis, client, urls, host)
        elif not host:
            yield from _of_callers(analysis, client, urls)


def _readers(analysis: Analysis, client: ClientFact, urls: tuple[Origin, ...], host: str) -> Iterator[StayingReader]:
    keys, keyed = key_origins(analysis.repository, client)
    replaceable = True
    if client.node_path.scope.module().language in LANGUAGES:
        yield from _read_for_it(analysis, client, host)
        keys = () if _is_of_another(analysis, client) else keys
    elif all(key.kind is From.UNKNOWN and key.node is None for key in keys):
        keys, replaceable = keys_of_session(analysis.repository, analysis.facts, client)
        keyed = keyed or bool(keys)
    own = None if not replaceable else own_key(analysis, Connection(fact=client, urls=urls, keys=keys, keyed=keyed))
    for source in key_sources(analysis.repository, analysis.callers, keys):
        if source.kind is SourceKind.VARIABLE:
            yield _reader(client, host, source.name, analysis.readings(source.name, source.path, source.node), own)
    for sent in inside(analysis, client.body, client.node_path.scope) if client.body is not None else ():
        node = sent.origin.node
        # a read that others share is given to the body anew (`sent_keys`)
        if node is not None and sent.path == sent.origin.path and sent.value.span.start <= node.span.start < sent.value.span.end:
            yield _reader(client, host, sent.origin.name, analysis.readings(sent.origin.name, sent.origin.path, node))
    for node, whole in _other_values(client):
        scope = client.node_path.scope
        for origin in origins(analysis.repository, node, scope):
            if origin.kind is From.ENV:
                own = read_again(analysis, client.path, scope, node.span, origin) if whole else None
                yield _reader(client, host, origin.name, analysis.readings(origin.name, origin.path, origin.node), own)


def _of_callers(analysis: Analysis, client: ClientFact, urls: tuple[Origin, ...]) -> Iterator[StayingReader]:
    """A function that sends what it is given: the keys of the calls that give it another service's address."""
    given = [
        (call, host)
        for url in urls
        if url.kind is From.PARAM and url.param is not None
        for call, argument in analysis.callers.calls(url.param)
        if argument is not None and not path_kinds.is_test(call.scope.path)
        for host in map(_foreign_host, origins(analysis.repository, argument, call.scope))
        if host and host not in analysis.target.openai_base
    ]
    keys = key_origins(analysis.repository, client)[0] if given else ()
    for call, host in given:
        for key in keys:
            for origin in _given_key(analysis, key, call):
                if origin.kind is From.ENV:
                    yield _reader(client, host, origin.name, analysis.readings(origin.name, origin.path, origin.node))


def _given_key(analysis: Analysis, key: Origin, call: NodePath) -> Iterable[Origin]:
    """What a key is where a function is called in one place: the argument, the default, or what every call has."""
    if key.kind is not From.PARAM or key.param is None:
        return (key,)
    return given_in(analysis.repository, analysis.callers, key.param, picked_by(key.param, key.name), call)[1]


def _function_around(client: ClientFact) -> Func | None:
    """The function (with a name) that a request is made in."""
    return next((step.node for step in client.node_path.ancestors() if isinstance(step.node, Func) and step.node.name), None)


def _is_of_another(analysis: Analysis, client: ClientFact) -> bool:
    """Does the header with the key stand in another request, or in a function beside that one's own, being only the nearest one here?"""
    around, key = _function_around(client), client.key
    span = around.span if around is not None else client.call.span
    if key is None or span.start <= key.span.start < span.end:
        return False
    others = [other.fact for other in analysis.in_file.get(client.path, ())]
    places = [*(other.call for other in others), *map(_function_around, others)]
    return any(place is not None and place.span.start <= key.span.start < place.span.end for place in places)


def _read_for_it(analysis: Analysis, client: ClientFact, host: str) -> Iterator[StayingReader]:
    """The variables that are read in the request, or in a function that makes no other one: they go into its body or its headers."""
    around = _function_around(client)
    alone = around is not None and not any(
        around.span.start <= other.offset < around.span.end for other in analysis.in_file.get(client.path, ())
    )
    span = around.span if around is not None and alone else client.call.span
    for fact in analysis.facts[client.path].envs:
        if fact.role is VariableRole.READ and span.start <= fact.span.start < span.end:
            yield _reader(client, host, fact.name, (fact,))


def _reader(client: ClientFact, host: str, name: str, readings: Iterable[EnvFact], own: Detachment | None = None) -> StayingReader:
    if own is not None:
        own = replace(own, message=f"this call keeps the key that {host} gets", because="it goes to another service")
    return StayingReader(
        name=name,
        path=client.path,
        offset=client.call.span.start,
        because=f"it is sent to {host}",
        readings=tuple(readings),
        own=own,
    )


def _other_values(client: ClientFact) -> Iterator[tuple[Node, bool]]:
    """What a request is given beside its headers and its body: in the address, `params`, `auth`. False: a piece of a longer text."""
    given = (client.key, client.headers, client.body)
    waiting = [(arg.value, True) for arg in client.call.args if not any(arg.value is node for node in given)]
    while waiting:
        node, whole = waiting.pop()
        match node:
            case Join(parts=parts):
                waiting += [(part, False) for part in parts]
            case Obj(items=items):
                waiting += [(item.value, whole) for item in items if not any(item.value is other for other in given)]
            case Seq(items=nodes):
                waiting += [(part, whole) for part in nodes]
            case Name() | Attr() | Index() | Call():
                yield node, whole
            case _:
                pass


def _foreign_host(origin: Origin) -> str:
    """The host of a written address that belongs to somebody else; "" for any other origin."""
    return foreign_host(origin.node.value) if origin.kind is From.LITERAL and isinstance(origin.node, Str) else ""

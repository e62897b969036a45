"""Connections that a call makes by giving an address: `Assistant(base_url=BASE, api_key=KEY)` of a class that sends requests there.

The request in the class belongs to no gateway by itself: each call decides with the address and the key that it gives. So every such call
is a connection of its own, also where two of them give one class different addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from migrator.analysis.sources.authorizations import authorizations, nearest
from migrator.analysis.sources.callers import Callers, entries_of, given_in, picked_by
from migrator.analysis.sources.connections import Connection, key_origins, may_get_key_later
from migrator.analysis.sources.key_sources import of_parameter
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind, endpoint_kind, find_urls, without_version
from migrator.discover import path_kinds
from migrator.facts.collector import FOLLOWED
from migrator.facts.model import ClientFact, Facts, UrlFact
from migrator.formats.tree import Call, Node, Param, Str
from migrator.model import Span
from migrator.records import dataclass, replace
from migrator.resolve.context import Identity, NodePath
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository

DEEPEST = 3
"""Functions that hand an address on before it is used."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is needed to follow the values of a call."""

    repository: Repository
    callers: Callers
    defined: Mapping[str, list[UrlFact]]
    by_literal: Mapping[tuple[str, Span], UrlFact]
    names: frozenset[str]
    """Further variables that hold OpenRouter's key."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A call that gives an address, with the values of what it gives."""

    call: NodePath
    argument: Node
    ways: tuple[Origin, ...]
    key: Node | None
    keys: tuple[Origin, ...]


def given_connections(
    repository: Repository,
    facts: Iterable[Facts],
    callers: Callers,
    defined: Mapping[str, list[UrlFact]],
    known: Iterable[Connection],
    names: frozenset[str],
) -> list[Connection]:
    """One connection for each call that gives OpenRouter's address to a class or function of the tree, and the key with it.

    `known`: the connections whose address is seen where the request stands. `names`: further variables that hold its key.
    """
    facts = list(facts)
    by_literal = {(fact.path, fact.literal.span): fact for each in facts for fact in each.urls}
    reader = _Reader(repository, callers, defined, by_literal, names)
    taken = {connection.fact.identity for connection in known}
    calls = {connection.fact.call_identity for connection in known}
    made: dict[Identity, Connection] = {}
    for each in facts:
        for fact in each.clients:
            if fact.url is None or isinstance(fact.url, Str) or fact.identity in taken:
                continue
            if fact.node_path.scope.module().language in FOLLOWED and not path_kinds.is_test(fact.path):
                for connection in _of_request(reader, fact):
                    identity = connection.fact.call_identity
                    if identity not in calls:
                        made[identity] = _joined(made[identity], connection) if identity in made else connection
    return list(made.values())


def _of_request(reader: _Reader, fact: ClientFact) -> Iterator[Connection]:
    """The calls that give one request its address."""
    urls = origins(reader.repository, fact.url, fact.url_scope or fact.node_path.scope)
    params = [(param, entry, origin) for origin in urls for param, entry in _parameters(reader.repository, origin)]
    if not params:
        return
    keys = _sent_keys(reader, fact)
    if not keys or not all(_is_followed(reader.repository, key) for key in keys):
        return  # what is sent beside the address is not seen
    for param, entry, origin in params:
        found = list(_calls(reader, param, entry, keys, 0))
        for given in found:
            if given is not None:
                yield _connection(reader, fact, origin, given, complete=None not in found)


def _sent_keys(reader: _Reader, fact: ClientFact) -> tuple[Origin, ...]:
    """The keys of a request; those of the headers that are written next to it where it is given none itself."""
    keys, keyed = key_origins(reader.repository, fact)
    if keyed and not all(key.kind is From.UNKNOWN and key.node is None for key in keys):
        return keys
    if not keyed and not may_get_key_later(fact):
        return ()
    written, shared = nearest(list(authorizations(reader.repository, reader.callers.facts[fact.path])), fact.node_path)
    return tuple(origin for each in written if shared for origin in origins(reader.repository, each.value, each.scope))


def _parameters(repository: Repository, origin: Origin) -> list[tuple[Param, str]]:
    """The parameter that a value comes from, with the entry of it where it is an options object."""
    if origin.kind is From.PARAM and origin.param is not None:
        return [(origin.param, picked_by(origin.param, origin.name))]
    if origin.kind is From.UNKNOWN and origin.node is not None and origin.scope is not None:
        return list(of_parameter(repository, origin.node, origin.scope))
    return []


def _is_followed(repository: Repository, key: Origin) -> bool:
    return key.kind is not From.UNKNOWN or bool(_parameters(repository, key))


def _calls(reader: _Reader, param: Param, entry: str, keys: tuple[Origin, ...], depth: int) -> Iterator[_Given | None]:
    """Every call that gives a parameter an address of OpenRouter's, also through functions that hand it on.

    None for one whose address is not seen; a call that gives another service's address is left out.
    """
    for call, argument in reader.callers.calls(param) if depth < DEEPEST else ():
        if path_kinds.is_test(call.scope.path):
            continue
        if argument is None:
            yield None
            continue
        key, given_keys = _keys(reader, keys, call)
        for part, scope in entries_of(reader.repository, argument, call.scope, entry) or ():
            ways = origins(reader.repository, part, scope)
            if _is_openrouters(reader, ways, given_keys):
                yield _Given(call, part, ways, key, given_keys)
                continue
            handed = [pair for way in ways for pair in _parameters(reader.repository, way) if pair[0] is not param]
            for outer, inner in handed:
                yield from _calls(reader, outer, inner, given_keys, depth + 1)
            if not handed and not all(way.kind is From.LITERAL for way in ways):
                yield None


def _is_openrouters(reader: _Reader, ways: Iterable[Origin], keys: Iterable[Origin]) -> bool:
    """Is a value OpenRouter's address, a variable that holds one, or any variable that OpenRouter's key goes with?"""
    for way in ways:
        if way.kind is From.LITERAL and isinstance(way.node, Str) and find_urls(way.node.value):
            return True
        if (
            way.kind is From.ENV
            and (way.name in reader.defined or "OPENROUTER" in way.name.upper())
            and not is_key_variable(way.name)
        ):
            return True
    if not all(way.kind is From.ENV for way in ways):
        return False
    names = {key.name for key in keys if key.kind is From.ENV}
    return any(is_key_variable(name.upper()) or name in reader.names for name in names)


def _keys(reader: _Reader, keys: tuple[Origin, ...], call: NodePath) -> tuple[Node | None, tuple[Origin, ...]]:
    """What the keys of a request are where a call gives them, and the argument that holds the only one of them."""
    nodes: list[Node] = []
    values: list[Origin] = []
    for key in keys:
        params = _parameters(reader.repository, key)
        if not params:
            values.append(key)
        for param, entry in params:
            node, given = given_in(reader.repository, reader.callers, param, entry, call)
            nodes += [node] if node is not None else []
            values += given
    return nodes[0] if len(nodes) == 1 and len(keys) == 1 else None, tuple(dict.fromkeys(values))


def _connection(reader: _Reader, fact: ClientFact, url: Origin, given: _Given, *, complete: bool) -> Connection:
    call = given.call.node
    assert isinstance(call, Call)
    endpoint = without_version(url.suffix).strip("/")
    sites = [
        site
        for way in given.ways
        if way.kind is From.LITERAL and way.node is not None and (site := reader.by_literal.get((way.path, way.node.span)))
    ]
    variables = tuple(dict.fromkeys(way.name for way in given.ways if way.kind is From.ENV and not is_key_variable(way.name)))
    sites += [site for name in variables for site in reader.defined.get(name, ())]
    made = ClientFact(
        path=given.call.scope.path,
        client=fact.client,
        call=call,
        node_path=given.call,
        url=given.argument,
        key=given.key,
        implicit_key=fact.implicit_key,
        integration=fact.integration,
    )
    own = endpoint_kind(endpoint) is UrlKind.OWN
    return Connection(
        fact=made,
        urls=tuple(replace(way, suffix=way.suffix + url.suffix) for way in given.ways),
        keys=given.keys,
        sites=tuple(sites),
        variables=variables,
        endpoint=UrlKind.OWN if own else UrlKind.BASE,
        path=endpoint if own else "",
        through=(fact,),
        complete=complete,
    )


def _joined(one: Connection, other: Connection) -> Connection:
    """Two requests that one call gives an address to."""
    own = one.endpoint is UrlKind.OWN and other.endpoint is UrlKind.OWN
    alone = next((each for each in (one, other) if each.endpoint is UrlKind.OWN), None) if not own else None
    return replace(
        one,
        urls=tuple(dict.fromkeys((*one.urls, *other.urls))),
        keys=tuple(dict.fromkeys((*one.keys, *other.keys))),
        sites=tuple(dict.fromkeys((*one.sites, *other.sites))),
        variables=tuple(dict.fromkeys((*one.variables, *other.variables))),
        endpoint=UrlKind.OWN if own else UrlKind.BASE,
        path=one.path if own else "",
        through=(*one.through, *other.through),
        complete=one.complete and other.complete,
        also=one.also or other.also or ((alone.through[0], alone.path) if alone is not None else None),
    )

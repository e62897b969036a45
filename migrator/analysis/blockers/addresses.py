"""Addresses that cannot move with the key: other hosts, endpoints that only OpenRouter has, addresses from outside the tree."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.connections import Connection
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.facts.model import UrlFact
from migrator.formats.tree import Str
from migrator.resolve.context import LiteralRole
from migrator.resolve.origins import From

_REGIONAL = "a regional host keeps requests in one region; no other gateway makes that promise"


def hold_addresses(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """A key is renamed only together with every address that it is sent to."""
    if not any(site.url.kind.movable or id(site) in s.hosts for site in unit.urls) and not unit.additions:
        first = min((fact.path for fact in unit.facts), default="")
        yield Hold(reason="no address of OpenRouter's API stands in this tree that would move with the key", path=first)
    for site in unit.urls:
        if site.url.kind is UrlKind.ANTHROPIC_BASE and s.target.anthropic_base is None:
            reason = f"{s.target.title} has no address for Anthropic's clients, and the key would be theirs too"
            yield Hold(reason=reason, path=site.path, offset=site.span.start)
    for connection in s.connections:
        path = connection.fact.path
        if s.code(path) and s.near(unit, path) and path not in unit.apart and _touches(s, connection, unit):
            yield from _connected(s, connection)
    for connection in s.connections:
        yield from _tested(s, unit, connection)
    for path in sorted(s.files_of(unit)):
        for fact in s.facts[path].urls if path in s.facts else ():
            if fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT):
                yield from _written(s, fact)


def _connected(s: Settlement, connection: Connection) -> Iterator[Hold]:
    """What a client's address comes from, where that is not an address that moves."""
    path, offset = connection.fact.path, connection.fact.call.span.start
    if not connection.sites and connection.variables:
        reason = f"the address comes from {connection.variables[0]}, which no file here defines"
        yield Hold(reason=reason, path=path, offset=offset)
    for origin in connection.urls:
        if origin.kind is not From.LITERAL or not isinstance(origin.node, Str):
            continue
        fact = _url_fact(s, origin.path, origin.node)
        if fact is None:
            continue
        if fact.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
            yield Hold(reason=_REGIONAL, path=path, offset=offset)
        elif fact.url.kind is UrlKind.OWN and connection.keyed:
            yield Hold(reason=f"the key also goes to {_endpoint(fact)}", path=path, offset=offset)


def _written(s: Settlement, fact: UrlFact) -> Iterator[Hold]:
    """What an address in a file of the unit says by itself, whoever uses it."""
    if fact.url.kind is UrlKind.OWN and not _unkeyed(s, fact):
        yield Hold(reason=f"the key also goes to {_endpoint(fact)}", path=fact.path, offset=fact.span.start)
    elif fact.url.kind is UrlKind.REGIONAL:
        yield Hold(reason=_REGIONAL, path=fact.path, offset=fact.span.start)


def _tested(s: Settlement, unit: Unit, connection: Connection) -> Iterator[Hold]:
    """A test that calls such an endpoint needs the old key, whatever the program does."""
    path = connection.fact.path
    own = [site for site in connection.sites if site.url.kind is UrlKind.OWN]
    keyed = any(name in unit.names for name in connection.key_variables)
    if own and keyed and path_kinds.is_test(path) and s.near(unit, path):
        yield Hold(reason=f"a test sends the key to {_endpoint(own[0])}", path=own[0].path, offset=own[0].span.start)


def _endpoint(fact: UrlFact) -> str:
    return f"an endpoint that only OpenRouter has (/{fact.url.path.strip('/')})"


def _touches(s: Settlement, connection: Connection, unit: Unit) -> bool:
    """Does a connection use something of this unit?"""
    return (
        any(site in unit.urls for site in connection.sites)
        or any(name in unit.names for name in connection.key_variables)
        or connection.fact.path in s.files_of(unit)
    )


def _unkeyed(s: Settlement, fact: UrlFact) -> bool:
    """Is the address only called without a key?"""
    users = [connection for connection in s.connections if any(site is fact for site in connection.sites)]
    return bool(users) and all(not user.keyed for user in users)


def _url_fact(s: Settlement, path: str, node: Str) -> UrlFact | None:
    """The address in a literal."""
    one = s.facts.get(path)
    return next((fact for fact in one.urls if fact.literal is node or fact.literal.span == node.span), None) if one else None

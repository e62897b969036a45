"""Clients that get the new key with an address from their callers or from a person: nothing here shows whether it is OpenRouter's."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import key_origins, takes_address_from_outside
from migrator.analysis.sources.given.addresses import given_addresses
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.facts.model import ClientFact
from migrator.formats.tree import Node
from migrator.model import Todo
from migrator.resolve.context import Identity
from migrator.resolve.origins import From, origins


def given_address_todos(analysis: Analysis) -> Iterator[Todo]:
    """One chore with all places that are given an address, one for each variable that a library takes an address from."""
    renamed = {
        fact.identity
        for move in analysis.moves
        if not move.unsafe or analysis.options.unsafe
        for fact in move.envs
        if fact.identity not in move.staying
    }
    given: list[str] = []
    outside: dict[str, list[str]] = {}
    for fact in _unconnected(analysis) if renamed else ():
        place = f"{fact.path}:{analysis.repository.files[fact.path].lines.line(fact.call.span.start)}"
        if fact.implicit_url is not None and takes_address_from_outside(fact):
            if _gets_key(analysis, fact, renamed, inside=False):
                outside.setdefault(fact.implicit_url, []).append(place)
        elif _gets_key(analysis, fact, renamed) and _address_unseen(analysis, fact):
            given.append(place)
    base = analysis.target.openai_base
    if given:
        yield Todo(
            title=f"Give {', '.join(given)} the address {base}, wherever callers or people give one",
            detail="It gets the new key from now on; with OpenRouter's address the new key would go there.",
            command=None, because="the address is given when the program runs", kind="decide", where=tuple(given),
        )  # fmt: skip
    for name, places in sorted(outside.items()):
        yield Todo(
            title=f"Where {', '.join(places)} runs, {name} must not hold OpenRouter's address",
            detail=f"The client there may get the new key and is given no address: set {name} to {base}, or leave it unset.",
            command=None, because=f"the library reads {name} by itself, and no file here sets it", kind="decide", variable=name,
            where=tuple(places),
        )  # fmt: skip


def _unconnected(analysis: Analysis) -> Iterator[ClientFact]:
    """Clients and requests in code that are not known to go to OpenRouter."""
    connected = {connection.fact.identity for connection in analysis.connections}
    for path, facts in sorted(analysis.facts.items()):
        yield from (fact for fact in (facts.clients if analysis.code(path) else ()) if fact.identity not in connected)


def _gets_key(analysis: Analysis, fact: ClientFact, renamed: set[Identity], *, inside: bool = True) -> bool:
    """Is one of its keys read through a mention that gets the new name? `inside`: also by a read in the call itself."""
    sources = key_sources(analysis.repository, analysis.callers, key_origins(analysis.repository, fact)[0])
    read = [
        source
        for source in sources
        if source.kind is SourceKind.VARIABLE
        and renamed & {mention.identity for mention in analysis.readings(source.name, source.path, source.node)}
    ]
    return any(inside or source.node is None or source.path != fact.path or not _within(source.node, fact) for source in read)


def _within(node: Node, fact: ClientFact) -> bool:
    return fact.call.span.start <= node.span.start and node.span.end <= fact.call.span.end


def _address_unseen(analysis: Analysis, fact: ClientFact) -> bool:
    """Does its address come in as a parameter, without a caller in the tree that shows what it is?"""
    ways = origins(analysis.repository, fact.url, fact.url_scope or fact.node_path.scope) if fact.url is not None else ()
    if not any(way.kind is From.PARAM for way in ways) or any(way.kind in (From.LITERAL, From.ENV) for way in ways):
        return False
    given = given_addresses(analysis.repository, analysis.callers, ways, frozenset(analysis.defined))
    return given.unseen is not None or not (given.sources or given.foreign)

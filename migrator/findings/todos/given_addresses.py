"""Clients that get the new key with an address from their callers or from a person: nothing here shows whether it is OpenRouter's."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import key_origins
from migrator.analysis.sources.given_addresses import given_addresses
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.facts.model import ClientFact
from migrator.model import Todo
from migrator.resolve.origins import From, origins


def given_address_todos(analysis: Analysis) -> Iterator[Todo]:
    """One chore with all places; who types an address, or keeps one in a script of his own, changes it before the key."""
    renamed = {
        variable.name
        for move in analysis.moves
        if not move.unsafe or analysis.options.unsafe
        for variable in move.variables
        if not variable.is_address and variable.decision != "manual"
    }
    connected = {id(connection.fact) for connection in analysis.connections}
    places = [
        f"{fact.path}:{analysis.repository.files[fact.path].lines.line(fact.call.span.start)}"
        for path, facts in sorted(analysis.facts.items())
        for fact in (facts.clients if analysis.code(path) and renamed else ())
        if id(fact) not in connected and _gets_key(analysis, fact, renamed) and _address_unseen(analysis, fact)
    ]
    if places:
        base = analysis.target.openai_base
        yield Todo(
            title=f"Give {', '.join(places)} the address {base}, wherever callers or people give one",
            detail="It gets the new key from now on; with OpenRouter's address the new key would go there.",
            command=None, because="the address is given when the program runs", kind="decide", where=tuple(places),
        )  # fmt: skip


def _gets_key(analysis: Analysis, fact: ClientFact, renamed: set[str]) -> bool:
    """Is one of its keys read from a variable of the target?"""
    sources = key_sources(analysis.repository, analysis.callers, key_origins(analysis.repository, fact)[0])
    return any(source.kind is SourceKind.VARIABLE and source.name in renamed for source in sources)


def _address_unseen(analysis: Analysis, fact: ClientFact) -> bool:
    """Does its address come in as a parameter, without a caller in the tree that shows what it is?"""
    ways = origins(analysis.repository, fact.url, fact.url_scope or fact.node_path.scope) if fact.url is not None else ()
    if not any(way.kind is From.PARAM for way in ways) or any(way.kind in (From.LITERAL, From.ENV) for way in ways):
        return False
    given = given_addresses(analysis.repository, analysis.callers, ways, frozenset(analysis.defined))
    return given.unseen is not None or not (given.sources or given.foreign)

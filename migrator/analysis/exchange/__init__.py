"""A class that cannot be pointed elsewhere is exchanged for another library's: its imports, its clients, every call and every reply.

What takes the place of a class is data (`[client.exchange]` in `integrations/*.toml`), and only what was run stands there. What belongs
together is exchanged together or not at all; what is left says why, and what to write by hand. The writers of the languages draft an
exchange, and one decision is made for all of them here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from migrator.analysis.exchange.model import Draft, Place
from migrator.analysis.exchange.packages import too_old
from migrator.analysis.hidden_clients.model import Addition, Analysed, Explicits, Outcomes
from migrator.facts.model import ClientFact, Fact, FactKind
from migrator.formats.tree import Call
from migrator.integrations import lookup
from migrator.integrations.schema import Client
from migrator.model import Span
from migrator.resolve.context import Identity
from migrator.resolve.scopes import dotted
from migrator.routing.find.site import RoutingSite

__all__ = ["exchanges"]

Writer = Callable[[Analysed, Sequence[Place], Mapping[Identity, RoutingSite]], Iterable[Draft]]

_LANGUAGES = ("python", "ecma")
"""Languages with a writer; most programs need none of them, so that they are loaded when a place asks for one."""


def _writer(language: str) -> Writer:
    from migrator.analysis.exchange import ecma, python

    return {"python": python.drafts, "ecma": ecma.drafts}[language]


def exchanges(analysis: Analysed, earlier: Explicits, sites: Sequence[RoutingSite]) -> Explicits:
    """`earlier` with the exchanges that were proved, and the reasons why others are not made."""
    result = Outcomes()
    routing = {site.identity: site for site in sites}
    for language in _LANGUAGES:
        places = _places(analysis, language)
        for draft in _writer(language)(analysis, places, routing) if places else ():
            _decide(analysis, result, draft)
    return result.beside(earlier)


def _places(analysis: Analysed, language: str) -> list[Place]:
    """The places of a language that speak of a class with an exchange, file by file."""
    known = lookup.shipped()
    places = []
    for path in sorted(analysis.facts):
        if not analysis.code(path) or analysis.language(path) != language:
            continue
        clients = {client.call_identity: client for client in analysis.facts[path].clients}
        for mark in analysis.facts[path].marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
            client = clients.get(mark.node_identity) if mark.node_identity is not None else None
            row = client.integration if client is not None and client.integration is not None else known.named(mark.text)
            if row is not None and row.exchange is not None and language in row.languages:
                places.append(Place(mark=mark, row=row, client=client or _options(mark, row, language)))
    return places


def _options(mark: Fact, row: Client, language: str) -> ClientFact | None:
    """A call that makes no client but what one is given, its settings: it has neither address nor key."""
    node, step = mark.node, mark.node_path
    if not isinstance(node, Call) or step is None or dotted(node.func, step.scope) not in row.callees.get(language, ()):
        return None
    return ClientFact(path=mark.path, client=row.name, call=node, node_path=step, url=None, key=None, integration=row)


def _decide(analysis: Analysed, result: Outcomes, draft: Draft) -> None:
    """All of a draft, or the reason why it is left."""
    exchange = draft.row.exchange
    assert exchange is not None
    for path in sorted({edit.path for part in draft.parts for edit in part.edits}):
        if analysis.editable is not None and path not in analysis.editable:
            draft.refuse(f"{path} belongs to it and is not among the given files")
    if draft.refused:
        result.refused |= {mark.identity: draft.refused for mark in draft.marks}
        result.staying |= set(draft.requests)
        result.snippets += [(path, span, text, draft.refused) for path, span, text in draft.snippets]
        return
    draft.doubt(too_old(analysis, exchange.packages, {part.path for part in draft.parts}))
    parts = [part for part in draft.parts if part.edits]
    bond = f"{draft.row.name}:{min(part.path for part in parts)}" if len(parts) > 1 else ""
    marks = draft.marks
    for part in parts:
        makes = part.call is not None
        result.additions.append(
            Addition(
                path=part.path,
                span=Span(*part.span),
                message=part.message,
                edits=tuple(part.edits),
                names=draft.names if makes else frozenset(),
                marks=marks if makes else (),
                call=part.call,
                unsure=draft.unsure,
                packages=exchange.packages if makes else None,
                gone=draft.gone if makes else (),
                reads=tuple(draft.reads) if makes else (),
                requests=tuple(draft.requests) if makes else (),
                bond=bond,
            )
        )
        marks = () if makes else marks

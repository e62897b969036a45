"""One file: its imports of the package, the names they bring, and all its clients, exchanged together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from migrator.analysis.exchange.model import Part, Place
from migrator.analysis.exchange.python.clients import Routing, client
from migrator.analysis.exchange.python.imports import add_imports, imports
from migrator.analysis.exchange.python.model import FileDraft
from migrator.analysis.hidden_clients.model import Analysed
from migrator.integrations.exchange import Exchange
from migrator.model import Edit, Span
from migrator.text.splice import joined


def drafted(analysis: Analysed, path: str, places: Sequence[Place], routing: Routing) -> FileDraft:
    """The exchange of all clients of a package in a file, or the reason why it is left."""
    makers = [place for place in places if place.client is not None]
    first = next(iter(makers), places[0])
    marks = tuple(place.mark for place in places)
    draft = FileDraft(row=first.row, marks=marks)
    for place in makers:
        client(analysis, draft, place, routing)
    gone = imports(analysis, draft, path, places) if not _keeps_class(places) else ()
    if not draft.refused:
        add_imports(analysis, draft, path, places)
    edits = _together(analysis, draft)
    if not makers:
        draft.refuse(f"{path} imports the class and makes no client of it")
    draft.gone = tuple((path, span) for span in gone)
    draft.names = frozenset(name for name, _, _ in draft.reads)
    call = first.client.call if first.client is not None else None
    span = call.span if call is not None else first.mark.span
    draft.parts = [Part(path=path, span=Span(*span), message=_message(first.exchange), edits=list(edits), call=call)]
    if draft.snippet:
        draft.snippets = [(path, next((place.mark.span for place in makers), marks[0].span), "; ".join(draft.snippet))]
    return draft


def _together(analysis: Analysed, draft: FileDraft) -> tuple[Edit, ...]:
    """The edits by file, those that touch as one; two that claim the same text stop the exchange."""
    paths = sorted({edit.path for edit in draft.edits})
    for left, right in pairwise(sorted(set(draft.edits), key=lambda edit: (edit.path, edit.span, edit.new))):
        if left.path == right.path and (right.span.start < left.span.end or left.span == right.span):
            draft.refuse(f"two changes meet at {left.path}:{analysis.repository.files[left.path].lines.line(right.span.start)}")
    return tuple(
        edit
        for path in paths
        for edit in joined(
            path, analysis.repository.files[path].source.text, (change for change in draft.edits if change.path == path)
        )
    )


def _keeps_class(places: Sequence[Place]) -> bool:
    """Do only arguments change, and no import?"""
    return all(place.exchange.new == place.exchange.old for place in places)


def _message(exchange: Exchange) -> str:
    old, new = exchange.old.rpartition(".")[2], exchange.new.rpartition(".")[2]
    head = f"{old} becomes {new} with its own address and key" if old != new else f"{new} is given its own address and key"
    return f"{head}; {exchange.told}" if exchange.told else head

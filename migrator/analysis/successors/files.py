"""One file: its imports of the package, the names they bring, and all its clients, exchanged together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from migrator.analysis.hidden_clients.model import Addition, Analysed, Outcomes
from migrator.analysis.hidden_clients.packages import too_old
from migrator.analysis.successors.clients import Routing, client
from migrator.analysis.successors.imports import add_imports, imports
from migrator.analysis.successors.model import Draft, Place
from migrator.integrations.schema import Packages
from migrator.integrations.successor import Successor
from migrator.model import Edit, Span
from migrator.text.splice import joined


def exchanged(s: Analysed, result: Outcomes, path: str, places: Sequence[Place], routing: Routing) -> None:
    """The addition that exchanges all clients of a package in a file, or the reason why it is left."""
    makers = [place for place in places if place.client is not None]
    draft = Draft()
    for place in makers:
        client(s, draft, place, routing)
    gone = imports(s, draft, path, places) if not _keeps_class(places) else ()
    if not draft.refused:
        add_imports(s, draft, path, places)
    edits = _together(s, draft)
    for other in sorted({edit.path for edit in edits}):
        if s.editable is not None and other not in s.editable:
            draft.refuse(f"{other} belongs to it and is not among the given files")
    marks = tuple(place.mark for place in places)
    if not makers and not draft.refused:
        draft.refuse("it makes no client here")
    if draft.refused:
        result.refused |= {mark.identity: draft.refused for mark in marks}
        result.staying |= {id(call) for call in draft.requests}
        span = next((place.mark.span for place in makers), marks[0].span)
        result.snippets += [(path, span, "; ".join(draft.snippet), draft.refused)] if draft.snippet else []
        return
    first = next(place for place in places if place.client is not None)
    successor = first.successor
    assert first.client is not None
    packages = Packages(language="python", needs=successor.needs, drops=successor.drops) if successor.needs else None
    draft.doubt(too_old(s, packages, [path]))
    result.additions.append(
        Addition(
            path=path,
            span=Span(*first.client.call.span),
            message=_message(successor),
            edits=edits,
            names=frozenset(name for name, _, _ in draft.reads),
            marks=marks,
            call=first.client.call,
            unsure=draft.unsure,
            packages=packages,
            gone=tuple((path, span) for span in gone),
            reads=tuple(draft.reads),
            requests=tuple(draft.requests),
        )
    )


def _together(s: Analysed, draft: Draft) -> tuple[Edit, ...]:
    """The edits by file, those that touch as one; two that claim the same text stop the exchange."""
    paths = sorted({edit.path for edit in draft.edits})
    for left, right in pairwise(sorted(set(draft.edits), key=lambda edit: (edit.path, edit.span, edit.new))):
        if left.path == right.path and (right.span.start < left.span.end or left.span == right.span):
            draft.refuse(f"two changes meet at {left.path}:{s.repository.files[left.path].lines.line(right.span.start)}")
    return tuple(
        edit
        for path in paths
        for edit in joined(path, s.repository.files[path].source.text, (one for one in draft.edits if one.path == path))
    )


def _keeps_class(places: Sequence[Place]) -> bool:
    """Do only arguments change, and no import?"""
    return all(place.successor.to == place.successor.maker for place in places)


def _message(successor: Successor) -> str:
    old, new = successor.maker.rpartition(".")[2], successor.to.rpartition(".")[2]
    head = f"{old} becomes {new} with its own address and key" if old != new else f"{new} is given its own address and key"
    return f"{head}; {successor.told}" if successor.told else head

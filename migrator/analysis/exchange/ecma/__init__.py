"""Exchanges in JavaScript and TypeScript: the files of a program that make and use clients of a class change together.

All calls of a client are exchanged, or none: a file whose clients are used in a way that is not listed keeps its class, and the report has
each call in the new words for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from migrator.analysis.exchange.ecma.constructor import constructor, imports
from migrator.analysis.exchange.ecma.projects import Project, imported, projects
from migrator.analysis.exchange.ecma.reply import reply_fields, unread_keys
from migrator.analysis.exchange.ecma.request import rewritten
from migrator.analysis.exchange.ecma.uses import Use
from migrator.analysis.exchange.ecma.words import snake, written
from migrator.analysis.exchange.model import Draft, Part, Place
from migrator.analysis.exchange.paths import node_paths
from migrator.analysis.hidden_clients.keys import from_program
from migrator.analysis.hidden_clients.model import Analysed
from migrator.formats.tree import Call
from migrator.integrations.exchange import Exchange
from migrator.model import Span
from migrator.resolve.context import Identity, last_name
from migrator.routing.find.site import RoutingSite

__all__ = ["drafts"]


def drafts(analysis: Analysed, places: Sequence[Place], _routing: Mapping[Identity, RoutingSite]) -> Iterable[Draft]:
    """One draft for each program and class. Routing options are no part of what was tried."""
    by_name: dict[str, list[Place]] = {}
    for place in places:
        by_name.setdefault(place.row.name, []).append(place)
    for _, group in sorted(by_name.items()):
        for project in projects(analysis, group):
            draft = _drafted(analysis, project)
            if draft is not None:
                yield draft


def _drafted(analysis: Analysed, project: Project) -> Draft | None:
    """One group of files: all of it, or a reason; None where it makes and uses no client."""
    row, exchange = project.row, project.exchange
    clients = {client.call_identity: client for path in sorted(project.paths) for client in analysis.facts[path].clients}
    makers = [clients[call] for mark in project.marks if isinstance(mark.node, Call) and (call := mark.node_identity) in clients]
    calls = [(use, rewritten(analysis.repository.files[use.path], use)) for use in project.uses if use.method is not None]
    if not makers and not calls:
        return None
    made = [constructor(analysis, row, exchange, client) for client in makers]
    heads = [imports(analysis.repository.files[path], exchange) for path in sorted({mark.path for mark in project.marks})]
    replies = _replies(analysis, project)
    parts = [*(part for part, _ in made), *(part for part, _ in heads), *(part for _, part in calls), *replies]
    draft = Draft(row=row, marks=tuple(project.marks), parts=parts)
    draft.refuse(_reason(analysis, project, parts, makers_known=bool(makers)))
    draft.doubt(next((f"{part.path}: {part.unsure}" for part in parts if part.unsure), "") or _stubbed(analysis, exchange))
    draft.names = frozenset(name for _, key in made for name in key.names)
    if any(client.key is None for client in makers) and row.key.env is not None:
        draft.names |= {row.key.env}
        set_here = from_program(analysis, (row.key.env,))
        draft.refuse(set_here.refused)
        draft.doubt(set_here.unsure)
        draft.names |= set_here.names
        draft.reads += [(source.name, source.path, source.node) for source in set_here.sources]
    draft.reads += [(source.name, source.path, source.node) for _, key in made for source in key.sources]
    draft.gone = tuple((part.path, Span(*node.span)) for part, nodes in heads for node in nodes)
    draft.snippets = [
        (part.path, Span(*part.span), written(analysis.repository.files[part.path].source.text, part)) for _, part in calls
    ]
    for part in parts:
        part.edits.sort(key=lambda edit: edit.span)
    _say(exchange, made, heads, calls, replies)
    for (part, _), client in zip(made, makers, strict=True):
        part.call = client.call
    return draft


def _say(
    exchange: Exchange,
    made: Iterable[tuple[Part, object]],
    heads: Iterable[tuple[Part, object]],
    calls: Iterable[tuple[Use, Part]],
    replies: Iterable[Part],
) -> None:
    """What each part is, in the words of the report."""
    (old_package, _, old), (package, _, new) = exchange.old.rpartition("."), exchange.new.rpartition(".")
    for part, _ in made:
        part.message = f"{new} with the target's address takes the place of {old} of {old_package}"
    for part, _ in heads:
        part.message = f"{new} of {package} is imported"
    for use, part in calls:
        assert use.method is not None
        part.message = f"{use.method.old} becomes {use.method.new}"
    for part in replies:
        part.message = "fields of replies are spelled as the API sends them"


def _replies(analysis: Analysed, project: Project) -> list[Part]:
    """Fields of replies where they are read: in the files of the calls, and in those that are given a reply by a function of these."""
    fields, wider = frozenset(project.exchange.reply), frozenset(project.exchange.wider)
    by_path: dict[str, list[Call]] = {}
    for use in project.uses:
        if use.method is not None:
            by_path.setdefault(use.path, []).append(use.call)
    places: list[Part] = []
    given: dict[str, set[str]] = {}
    for path, calls in sorted(by_path.items()):
        place = reply_fields(analysis.repository.files[path], calls, fields, wider)
        places.append(place)
        given |= {path: place.returned} if place.returned else {}
    for path in sorted(analysis.facts) if given else ():
        file = analysis.repository.files[path]
        if file.module.language != "ecma" or not analysis.code(path):
            continue
        names = {name for other in imported(analysis, file) & given.keys() - {path} for name in given[other]}
        names |= given.get(path, set())
        calls = [step.node for step in node_paths(file) if isinstance(step.node, Call) and last_name(step.node.func) in names]
        if calls:
            places.append(reply_fields(file, calls, fields, wider))
    return places


def _reason(analysis: Analysed, project: Project, places: Sequence[Part], *, makers_known: bool) -> str:
    """Why a group is left as it is; "" where all of it is exchanged."""
    for use in project.uses:
        if use.problem:
            line = analysis.repository.files[use.path].lines.line(use.node_path.node.span.start)
            return f"{use.problem} ({use.path}:{line})"
    for place in places:
        if place.refused:
            line = analysis.repository.files[place.path].lines.line(place.span.start)
            return f"{place.refused} ({place.path}:{line})"
    if not makers_known:
        return "where its clients are made cannot be seen"
    words = frozenset(
        name
        for method in project.exchange.methods
        for name in (method.request.keys if method.request is not None else ())
        if name in _NESTED and snake(name) != name
    )
    edited = {(edit.path, edit.span.start) for place in places for edit in place.edits}
    done = [(use.path, use.call.span) for use in project.uses if use.method is not None]
    return unread_keys([analysis.repository.files[path] for path in sorted(project.paths)], words, edited, done)


_NESTED = frozenset(("imageUrl", "toolCallId", "jsonSchema", "includeUsage"))
"""Keys below the top of a request that no other library of the language spells so."""


def _stubbed(analysis: Analysed, exchange: Exchange) -> str:
    """A test that replaces the package by a stub: it would no longer stub what is called."""
    package = exchange.old.rpartition(".")[0]
    for path in sorted(analysis.facts):
        text = analysis.repository.files[path].source.text if not analysis.code(path) else ""
        if analysis.repository.files[path].module.language == "ecma" and (f'"{package}"' in text or f"'{package}'" in text):
            return f"{path} replaces {package} by a stub, and would no longer stub what is called"
    return ""

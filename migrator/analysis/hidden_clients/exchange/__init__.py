"""A class that cannot be pointed elsewhere is exchanged for another library's: its import, its clients, every call and every reply.

What is proved to mean the same is data (`[client.exchange]` in `integrations/*.toml`). All calls of a client are exchanged, or none: a
file whose clients are used in a way that is not listed keeps its class, and the report has each call in the new words for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from migrator.analysis.hidden_clients.exchange.constructor import constructor, imports
from migrator.analysis.hidden_clients.exchange.model import Rewritten, snake, written
from migrator.analysis.hidden_clients.exchange.paths import node_paths
from migrator.analysis.hidden_clients.exchange.reply import reply_fields, unread_keys
from migrator.analysis.hidden_clients.exchange.request import rewritten
from migrator.analysis.hidden_clients.exchange.uses import Use, uses
from migrator.analysis.hidden_clients.model import Addition, Analysed, Outcomes
from migrator.analysis.hidden_clients.packages import too_old
from migrator.facts.model import Fact, FactKind
from migrator.formats.tree import Call, Import
from migrator.integrations import lookup
from migrator.integrations.schema import Client, Exchange
from migrator.model import Span
from migrator.resolve.context import last_name
from migrator.resolve.modules import local_module
from migrator.resolve.repository import ParsedFile

__all__ = ["exchanges"]


@dataclass(slots=True)
class _Project:
    """The files of one program that have to do with a class's clients: they are exchanged together."""

    row: Client
    exchange: Exchange
    paths: set[str] = field(default_factory=set)
    marks: list[Fact] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def exchanges(s: Analysed, result: Outcomes) -> None:
    """The additions of all exchanges, and the reasons why others are left."""
    for row, exchange, marks in _rows(s):
        for project in _projects(s, row, exchange, marks):
            _exchange(s, result, project)


def _rows(s: Analysed) -> Iterator[tuple[Client, Exchange, list[Fact]]]:
    """The libraries whose classes are exchanged, with the places that speak of them."""
    by_name: dict[str, list[Fact]] = {}
    for path in sorted(s.facts):
        if s.code(path):
            for mark in s.facts[path].marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
                by_name.setdefault(mark.text, []).append(mark)
    for name, marks in sorted(by_name.items()):
        row = lookup.shipped().named(name)
        if row is not None and row.exchange is not None and row.exchange.packages.language == "ecma":
            yield row, row.exchange, marks


def _projects(s: Analysed, row: Client, exchange: Exchange, marks: Sequence[Fact]) -> list[_Project]:
    """Files with clients of the class, each with those that use them."""
    groups: dict[str, _Project] = {}
    for mark in marks:
        project = groups.setdefault(mark.path, _Project(row, exchange, {mark.path}))
        project.marks.append(mark)
    for path in sorted(s.facts):
        file = s.repository.files[path]
        if file.module.language != "ecma" or not s.code(path):
            continue
        makers = sorted(other for other in groups if other != path and other in _imported(s, file))
        if path not in groups and not makers:
            continue
        used = list(uses(s.repository, file, exchange))
        if not used and path not in groups:
            continue
        homes = {id(groups[other]): groups[other] for other in (makers if used and path not in groups else [path])}
        for project in homes.values():
            project.paths.add(path)
            project.uses += used
            groups[path] = project
        if path in groups and used:
            for other in makers:
                _join(groups, path, other)
    return list({id(project): project for project in groups.values()}.values())


def _join(groups: dict[str, _Project], path: str, other: str) -> None:
    into, gone = groups[path], groups[other]
    if into is gone:
        return
    into.paths |= gone.paths
    into.marks += gone.marks
    into.uses += [use for use in gone.uses if use not in into.uses]
    for key in [key for key, project in groups.items() if project is gone]:
        groups[key] = into


def _imported(s: Analysed, file: ParsedFile) -> set[str]:
    """Files of this tree that a file imports, those included that the imported ones hand on."""
    seen: set[str] = set()
    ahead = [file.path]
    while ahead and len(seen) < 64:
        current = s.repository.files.get(ahead.pop())
        for node in current.module.body if current is not None else ():
            target = local_module(s.repository, current.path, node.module) if isinstance(node, Import) and current else None
            if target is not None and target not in seen:
                seen.add(target)
                if current is not None and isinstance(node, Import) and (node.reexport or current.path == file.path):
                    ahead.append(target)
    return seen


def _exchange(s: Analysed, result: Outcomes, project: _Project) -> None:
    """One group of files: all of it, or a reason."""
    row, exchange = project.row, project.exchange
    clients = {id(client.call): client for path in sorted(project.paths) for client in s.facts[path].clients}
    makers = [clients[id(mark.node)] for mark in project.marks if isinstance(mark.node, Call) and id(mark.node) in clients]
    calls = [(use, rewritten(s.repository.files[use.path], use)) for use in project.uses if use.method is not None]
    if not makers and not calls:
        return
    made = [constructor(s, row, exchange, client) for client in makers]
    heads = [imports(s.repository.files[path], exchange) for path in sorted({mark.path for mark in project.marks})]
    replies = _replies(s, project)
    places = [*(place for place, _ in made), *(place for place, _ in heads), *(place for _, place in calls), *replies]
    refused = _reason(s, project, places, makers_known=bool(makers))
    if refused:
        _tell(s, result, project, calls, refused)
        return
    unsure = next((f"{place.path}: {place.unsure}" for place in places if place.unsure), "") or _stubbed(s, exchange)
    unsure = unsure or too_old(s, exchange.packages, project.paths)
    bond = f"{row.name}:{min(project.paths)}"
    names = frozenset(name for _, key in made for name in key.names)
    if any(client.key is None for client in makers) and row.key.env is not None:
        names |= {row.key.env}
    gone = tuple((place.path, Span(*node.span)) for place, nodes in heads for node in nodes)
    marks = tuple(project.marks)
    old, new = exchange.old.rpartition(".")[2], exchange.new.rpartition(".")[2]
    for place, client in zip((place for place, _ in made), makers, strict=True):
        message = f"{new} with the target's address takes the place of {old} of {exchange.packages.drops}"
        addition = _addition(place, message, marks, unsure, bond)
        result.additions.append(replace(addition, names=names, call=client.call, packages=exchange.packages, gone=gone))
        marks = ()
    for place, _ in heads:
        if place.edits:
            result.additions.append(_addition(place, f"{new} of {exchange.new.rpartition('.')[0]} is imported", (), unsure, bond))
    for use, place in calls:
        assert use.method is not None
        result.additions.append(_addition(place, f"{use.method.old} becomes {use.method.new}", (), unsure, bond))
    for place in replies:
        if place.edits:
            message = "fields of replies are spelled as the API sends them"
            result.additions.append(_addition(place, message, (), unsure, bond))


def _addition(place: Rewritten, message: str, marks: tuple[Fact, ...], unsure: str, bond: str) -> Addition:
    return Addition(
        path=place.path,
        span=Span(*place.span),
        message=message,
        edits=tuple(sorted(place.edits, key=lambda edit: edit.span)),
        names=frozenset(),
        marks=marks,
        unsure=unsure,
        bond=bond,
    )


def _replies(s: Analysed, project: _Project) -> list[Rewritten]:
    """Fields of replies where they are read: in the files of the calls, and in those that are given a reply by a function of these."""
    fields = frozenset(name for method in project.exchange.methods for name in method.reply)
    wider = frozenset(name for method in project.exchange.methods for name in method.wider)
    by_path: dict[str, list[Call]] = {}
    for use in project.uses:
        if use.method is not None:
            by_path.setdefault(use.path, []).append(use.call)
    places: list[Rewritten] = []
    given: dict[str, set[str]] = {}
    for path, calls in sorted(by_path.items()):
        place = reply_fields(s.repository.files[path], calls, fields, wider)
        places.append(place)
        given |= {path: place.returned} if place.returned else {}
    for path in sorted(s.facts) if given else ():
        file = s.repository.files[path]
        if file.module.language != "ecma" or not s.code(path):
            continue
        names = {name for other in _imported(s, file) & given.keys() - {path} for name in given[other]}
        names |= given.get(path, set())
        calls = [step.node for step in node_paths(file) if isinstance(step.node, Call) and last_name(step.node.func) in names]
        if calls:
            places.append(reply_fields(file, calls, fields, wider))
    return places


def _reason(s: Analysed, project: _Project, places: Sequence[Rewritten], *, makers_known: bool) -> str:
    """Why a group is left as it is; "" where all of it is exchanged."""
    for use in project.uses:
        if use.problem:
            line = s.repository.files[use.path].lines.line(use.node_path.node.span.start)
            return f"{use.problem} ({use.path}:{line})"
    for place in places:
        if place.refused:
            line = s.repository.files[place.path].lines.line(place.span.start)
            return f"{place.refused} ({place.path}:{line})"
    if not makers_known:
        return "where its clients are made cannot be seen"
    words = frozenset(
        name for method in project.exchange.methods for name in method.keys if name in _NESTED and snake(name) != name
    )
    edited = {(edit.path, edit.span.start) for place in places for edit in place.edits}
    done = [(use.path, use.call.span) for use in project.uses if use.method is not None]
    return unread_keys([s.repository.files[path] for path in sorted(project.paths)], words, edited, done)


_NESTED = frozenset(("imageUrl", "toolCallId", "jsonSchema", "includeUsage"))
"""Keys below the top of a request that no other library of the language spells so."""


def _stubbed(s: Analysed, exchange: Exchange) -> str:
    """A test that replaces the package by a stub: it would no longer stub what is called."""
    package = exchange.old.rpartition(".")[0]
    for path in sorted(s.facts):
        text = s.repository.files[path].source.text if not s.code(path) else ""
        if s.repository.files[path].module.language == "ecma" and (f'"{package}"' in text or f"'{package}'" in text):
            return f"{path} replaces {package} by a stub, and would no longer stub what is called"
    return ""


def _tell(s: Analysed, result: Outcomes, project: _Project, calls: Sequence[tuple[Use, Rewritten]], refused: str) -> None:
    """The reason at every place, and each call in the new words."""
    for mark in project.marks:
        result.refused[mark.identity] = refused
    for use, place in calls:
        text = s.repository.files[use.path].source.text
        result.snippets.append((place.path, Span(*place.span), written(text, place), refused))

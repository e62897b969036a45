"""The files of one program whose clients are exchanged together: those that make them, and those that use them."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.analysis.exchange.ecma.uses import Use, uses
from migrator.analysis.exchange.model import Place
from migrator.analysis.hidden_clients.model import Analysed
from migrator.facts.model import Fact
from migrator.formats.tree import Import
from migrator.integrations.exchange import Exchange
from migrator.integrations.schema import Client
from migrator.records import dataclass, field
from migrator.resolve.modules import local_module
from migrator.resolve.repository import ParsedFile


@dataclass(slots=True)
class Project:
    """The files of one program that have to do with a class's clients: they are exchanged together."""

    row: Client
    exchange: Exchange
    paths: set[str] = field(default_factory=set)
    marks: list[Fact] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def projects(analysis: Analysed, places: Sequence[Place]) -> list[Project]:
    """Files with clients of the class, each with those that use them."""
    groups: dict[str, Project] = {}
    for place in places:
        path = place.mark.path
        groups.setdefault(path, Project(place.row, place.exchange, {path})).marks.append(place.mark)
    exchange = places[0].exchange
    for path in sorted(analysis.facts):
        file = analysis.repository.files[path]
        if file.module.language != "ecma" or not analysis.code(path):
            continue
        makers = sorted(other for other in groups if other != path and other in imported(analysis, file))
        if path not in groups and not makers:
            continue
        used = list(uses(analysis.repository, file, exchange))
        if not used and path not in groups:
            continue
        # projects grow while they are joined, so that the objects themselves are told apart
        homes = {id(groups[other]): groups[other] for other in (makers if used and path not in groups else [path])}
        for project in homes.values():
            project.paths.add(path)
            project.uses += used
            groups[path] = project
        if path in groups and used:
            for other in makers:
                _join(groups, path, other)
    return list({id(project): project for project in groups.values()}.values())


def _join(groups: dict[str, Project], path: str, other: str) -> None:
    into, gone = groups[path], groups[other]
    if into is gone:
        return
    into.paths |= gone.paths
    into.marks += gone.marks
    into.uses += [use for use in gone.uses if use not in into.uses]
    for key in [key for key, project in groups.items() if project is gone]:
        groups[key] = into


def imported(analysis: Analysed, file: ParsedFile) -> set[str]:
    """Files of this tree that a file imports, those included that the imported ones hand on."""
    seen: set[str] = set()
    ahead = [file.path]
    while ahead and len(seen) < 64:
        current = analysis.repository.files.get(ahead.pop())
        for node in current.module.body if current is not None else ():
            target = local_module(analysis.repository, current.path, node.module) if isinstance(node, Import) and current else None
            if target is not None and target not in seen:
                seen.add(target)
                if current is not None and isinstance(node, Import) and (node.reexport or current.path == file.path):
                    ahead.append(target)
    return seen

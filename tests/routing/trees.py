"""A small tree of files as the search for routing sees it, for tests."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.facts.read import read
from migrator.formats import lower
from migrator.model import Edit, Target
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find import find_all
from migrator.routing.find.site import RoutingSite
from migrator.routing.losses import losses
from migrator.routing.write import compose
from migrator.text.source import decode
from migrator.text.splice import splice

CONNECTED = re.compile(r"open_?router", re.IGNORECASE)


def world_of(tree: Mapping[str, str]) -> Repository:
    files: dict[str, ParsedFile] = {}
    for path, text in tree.items():
        source = decode(path, text.encode())
        files[path] = ParsedFile(source, lower(source))
    return Repository(files=files, paths=frozenset(tree))


def sites_of(tree: Mapping[str, str]) -> tuple[Repository, list[RoutingSite]]:
    """The sites of a tree; a file that names OpenRouter counts as one with a connection, any other as one near it."""
    repository = world_of(tree)
    connected = [path for path, text in tree.items() if CONNECTED.search(text)]
    facts = {path: read(file, repository) for path, file in repository.files.items()}
    return repository, find_all(repository, facts, connected, set(tree) - set(connected))


def site_of(tree: Mapping[str, str] | str, path: str = "app.py") -> tuple[Repository, RoutingSite]:
    """The only site of a tree."""
    repository, sites = sites_of({path: tree} if isinstance(tree, str) else tree)
    assert len(sites) == 1, [site.span for site in sites]
    return repository, sites[0]


def edited(tree: Mapping[str, str], target: Target, *, name: str | None = None, floor: int = 1) -> dict[str, str]:
    """The tree with the routing edits of all sites; with `floor` 2 (SAFE) as it stays where a rule about privacy or price would be lost."""
    repository, sites = sites_of(tree)
    edits: dict[str, list[Edit]] = {}
    for site in sites:
        written = compose(site, target, repository.files, name=name)
        if any(loss.applicability < floor for loss in losses(site, written)):
            return dict(tree)
        edits.setdefault(site.path, []).extend(written.edits)
    return {path: splice(text, edits.get(path, [])) for path, text in tree.items()}

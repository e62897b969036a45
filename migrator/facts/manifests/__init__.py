"""Which packages a project lists, in which file: the manifests of each language, and which of them speak for a source file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from migrator.facts.manifests.ecma import ECMA
from migrator.facts.manifests.model import Ecosystem, Form, Listed, Manifest, split
from migrator.facts.manifests.python import PYTHON
from migrator.integrations.exchange import Packages
from migrator.resolve.repository import Repository

__all__ = ["ECOSYSTEMS", "ancestors", "ecosystem_of", "excluded", "manifests_of", "project_of"]

ECOSYSTEMS: tuple[Ecosystem, ...] = (PYTHON, ECMA)
"""The languages whose manifests follow."""


def ecosystem_of(language: str) -> Ecosystem | None:
    """The manifests of a language, as integrations call it."""
    return next((known for known in ECOSYSTEMS if known.language == language), None)


def manifests_of(repository: Repository, ecosystem: Ecosystem, project: str) -> list[Manifest]:
    """The manifests of a project, which is a folder, or a script that lists its own packages."""
    file = repository.files.get(project)
    script = ecosystem.inline(file) if file is not None else None
    if script is not None:
        return [script]
    paths = sorted(path for path in repository.paths if ecosystem.matches(path) and _folder(path) == project)
    return [ecosystem.read(file) for path in paths if (file := repository.file(path)) is not None]


def project_of(repository: Repository, ecosystem: Ecosystem, path: str, old: str) -> str:
    """The project that a file belongs to: itself if it lists packages, else the folder that lists the old one, else the nearest."""
    file = repository.files.get(path)
    if file is not None and ecosystem.inline(file) is not None:
        return path
    folders = {_folder(other) for other in repository.paths if ecosystem.matches(other)}
    above = [folder for folder in ancestors(path) if folder in folders]
    for folder in above:
        if old and any(_lists(ecosystem, manifest, old) for manifest in manifests_of(repository, ecosystem, folder)):
            return folder
    return above[0] if above else ""


def ancestors(path: str) -> list[str]:
    """The folders above a path, the nearest first; "" is the root."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def excluded(repository: Repository, packages: Packages, paths: Iterable[str]) -> Listed | None:
    """The entry of a manifest that keeps a package older than the files at `paths` can do with; None where none does."""
    ecosystem = ecosystem_of(packages.language)
    if ecosystem is None:
        return None
    name, bound = split(packages.needs)
    least = _major(packages.oldest or bound)
    for project in sorted({project_of(repository, ecosystem, path, packages.drops) for path in paths}):
        for manifest in manifests_of(repository, ecosystem, project):
            for entry in manifest.listed:
                if ecosystem.normal(entry.package) == ecosystem.normal(name) and _below(entry.bound, least):
                    return entry
    return None


def _folder(path: str) -> str:
    """The project's folder that a manifest speaks for: `requirements/base.txt` is its parent's."""
    folder = posixpath.dirname(path)
    return posixpath.dirname(folder) if posixpath.basename(folder) == "requirements" else folder


def _lists(ecosystem: Ecosystem, manifest: Manifest, package: str) -> bool:
    return any(
        ecosystem.normal(entry.package) == ecosystem.normal(package) for entry in manifest.listed if entry.form is not Form.NAME
    )


def _major(bound: str) -> int:
    """The first number of a lower bound: 1 of `>=1`, 6 of `^6`."""
    match = re.search(r"\d+", bound)
    return int(match[0]) if match is not None else 0


def _below(bound: str, least: int) -> bool:
    """Do all versions that a bound allows have a lower major version? A bound that cannot be read says nothing."""
    for part in bound.replace("||", ",").split(",") if "||" not in bound else ():
        match = re.match(r"\s*(===?|~=|<=?|\^|~|=|)\s*v?(\d+)((?:\.\d+|\.[*x])*)\s*$", part)
        if match is None:
            continue
        major = int(match[2])
        if match[1] == "<" and not re.search(r"[1-9]", match[3]):
            major -= 1
        if major < least:
            return True
    return False

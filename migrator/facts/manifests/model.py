"""What a manifest lists, and the three things that can happen to an entry of it. Nothing here knows a format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from migrator.model import Span
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile


class Form(StrEnum):
    """How an entry is written, which decides how one more is put beside it and how it is taken out."""

    LINE = "line"
    """A requirement on a line of its own: `requirements.txt`, `setup.cfg`."""
    ELEMENT = "element"
    """A string of a list: PEP 621, dependency groups, `environment.yml`, `setup.py`."""
    ENTRY = "entry"
    """A name with its version in a table: Poetry, Pipfile, `package.json`."""
    TABLE = "table"
    """A table of its own: `[tool.poetry.dependencies.openrouter]`."""
    NAME = "name"
    """A name alone, of what is listed elsewhere: the extras of Poetry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One package that a manifest asks for."""

    path: str
    package: str
    """As the manifest spells it, without extras."""
    span: Span
    """The whole entry: the line without its end, the string with its quotes, key and value."""
    form: Form
    group: str = ""
    """Which list it stands in: `project.dependencies`, `dependency-groups.dev`; packages of one list replace each other."""
    bound: str = ""
    """The versions that it asks for, as they are written: `==0.2.9`, `^4.20.0`."""
    options: tuple[str, ...] = ()
    """What stands beside the version in a table and holds for any package: `optional = true`."""
    limit: bool = False
    """It only says which version may be installed, where another list asks for the package: a constraint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A file that lists dependencies."""

    path: str
    listed: tuple[Listed, ...]
    generated: str = ""
    """The command that makes the file from another one; it is told and not edited."""
    hashed: bool = False
    """Each version is pinned with the hashes of its files, which no edit can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecosystem:
    """How the manifests of one language are recognised, read and written."""

    language: str
    """As integrations call it: `python`, `ecma`."""
    matches: Callable[[str], bool]
    """Is a path a manifest of it?"""
    read: Callable[[ParsedFile], Manifest]
    inline: Callable[[ParsedFile], Manifest | None]
    """What a program lists in its own file, for itself alone."""
    normal: Callable[[str], str]
    """The form of a package's name in which two spellings of it are equal."""
    module: Callable[[str], str]
    """What the package is imported as."""
    install: str
    """The command for a tree without a manifest; `$requirement` stands for the requirement."""
    priority: tuple[str, ...]
    """Names of manifests, the first of which gets what none of them lists yet."""
    bounds: Mapping[Form, str]
    """How a requirement is written: `$name`, `$bound`, `$quote` around the element's or entry's text."""


def split(requirement: str) -> tuple[str, str]:
    """`langchain-openai>=1` as name and bound; `openai@^6` likewise."""
    match = re.match(r"(@?[A-Za-z0-9_.\-/]+(?:\[[^\]]*\])?)\s*@?(.*)$", requirement)
    assert match is not None, requirement
    return match[1], match[2].strip()

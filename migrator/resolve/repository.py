"""The repository as one: its lowered files, its paths, and a bounded way to one more file.

What an expression means across files is asked of `follow` and its readers; a `Repository` only keeps what they have found out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.formats.tree import Module
from migrator.model import Source
from migrator.records import dataclass, field
from migrator.resolve import sibling_files, struct_fields
from migrator.resolve.scopes import Binding, Scopes
from migrator.text.source import Lines


@dataclass(slots=True, eq=False)
class ParsedFile:
    """One file that was read and lowered."""

    source: Source
    module: Module

    @property
    def path(self) -> str:
        """Repo-relative path."""
        return self.source.path

    beyond: Callable[[str], list[Binding]] | None = None
    """Names of other files that are seen in it without an import."""
    _scopes: Scopes | None = None
    _lines: Lines | None = None
    offered: dict[str, list[Binding]] | None = None
    """What the module gives to the outside apart from declarations, once somebody asked."""

    def renewed(self) -> ParsedFile:
        """The same file without what was found out about it: for another attempt at the stages that come after lowering."""
        return ParsedFile(self.source, self.module)

    @property
    def scopes(self) -> Scopes:
        """Scopes of the module, built when first asked for."""
        if self._scopes is None:
            self._scopes = Scopes(self.module)
            if self.module.visibility is not None:
                struct_fields.fill(self._scopes, self.module.body)
                self._scopes.root.beyond = self.beyond
        return self._scopes

    @property
    def lines(self) -> Lines:
        """Line index of the text."""
        if self._lines is None:
            self._lines = Lines(self.source.text)
        return self._lines


@dataclass(slots=True, eq=False)
class Repository:
    """All files that matter, and a way to fetch one more."""

    files: dict[str, ParsedFile]
    paths: frozenset[str]
    """Every path of the tree, looked into or not."""
    fetch: Callable[[str], ParsedFile | None] = lambda _path: None
    """Reads and lowers a file that was not among `files`; None where that fails. Bounded by the caller."""
    packages: dict[str, str] | None = None
    """Folder of each workspace package by its name, once somebody asked."""
    known_modules: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Files by the folder of the importing file and the module as it is written there."""
    known_beyond: dict[tuple[str, str], list[Binding]] = field(default_factory=dict)
    """What names mean by the files that they stand in, where they mean something of another file."""
    known_folders: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Files by folder and ending."""
    followed: dict[tuple[int, int], Any] = field(default_factory=dict)
    """Answers of `follow` by the identities of node and scope, with both: an identity is used again once its owner is gone."""
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """What readers of one node have found out, by the reader's name and the identities of what it read, with those."""

    def file(self, path: str) -> ParsedFile | None:
        """A lowered file, fetched if need be."""
        parsed = self.files.get(path)
        if parsed is None and (parsed := self.fetch(path)) is not None:
            self._see_beyond(parsed)
        return parsed

    def add(self, file: ParsedFile) -> None:
        """One more file, found by what others say."""
        self.files[file.path] = file
        self._see_beyond(file)

    def __post_init__(self) -> None:
        for file in self.files.values():
            self._see_beyond(file)

    def _see_beyond(self, file: ParsedFile) -> None:
        if file.module.visibility is not None and file.beyond is None:
            file.beyond = lambda name: sibling_files.names(self, file, name)

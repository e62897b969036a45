"""The repository as one: its lowered files, the modules they import from each other, and what an expression means across them.

The answers themselves are in `values`, `objects` and `definitions`; a `Repository` keeps what they have found and how far they may go.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from migrator.formats.tree import Func, Item, Module, Node, Obj
from migrator.model import Source
from migrator.resolve import definitions, modules_ecma, modules_languages, modules_python, objects, sibling_files, struct_fields
from migrator.resolve import origins as values
from migrator.resolve.following import Following
from migrator.resolve.scopes import Binding, Scope, Scopes
from migrator.text.source import Lines

_PYTHON = (".py", ".pyi", ".ipynb", ".pyw")


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
    following: Following = field(default_factory=Following)
    known_modules: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Files by the folder of the importing file and the module as it is written there."""
    known_beyond: dict[tuple[str, str], list[Binding]] = field(default_factory=dict)
    """What names mean by the files that they stand in, where they mean something of another file."""
    known_folders: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Files by folder and ending."""
    known_classes: dict[tuple[str, int, int], Scope | None] = field(default_factory=dict)
    known_functions: dict[tuple[int, int], list[tuple[Func, Scope]]] = field(default_factory=dict)

    def file(self, path: str) -> ParsedFile | None:
        """A lowered file, fetched if need be."""
        found = self.files.get(path)
        if found is None and (found := self.fetch(path)) is not None:
            self._see_beyond(found)
        return found

    def __post_init__(self) -> None:
        for file in self.files.values():
            self._see_beyond(file)

    def _see_beyond(self, file: ParsedFile) -> None:
        if file.module.visibility is not None and file.beyond is None:
            file.beyond = lambda name: sibling_files.names(self, file, name)

    def local_module(self, importer: str, module: str) -> str | None:
        """The file of this tree that an import means; None for a package from elsewhere."""
        key = (posixpath.dirname(importer), module)
        if key not in self.known_modules:
            if importer.endswith(_PYTHON):
                self.known_modules[key] = modules_python.find(self, importer, module)
            elif importer.endswith(modules_languages.ENDINGS):
                self.known_modules[key] = modules_languages.find(self, importer, module)
            else:
                self.known_modules[key] = modules_ecma.find(self, importer, module)
        return self.known_modules[key]

    def is_local(self, name: str | None, importer: str) -> bool:
        """Does a dotted name start in this tree rather than in an installed package?"""
        if name is None or ":" in name.split(".")[0]:
            return name is not None
        module = name.replace("()", "")
        while module:
            if self.local_module(importer, module):
                return True
            head, _, _ = module.rpartition(".")
            if head == module:
                break
            module = head
        return False

    def origins(self, node: Node | None, scope: Scope) -> tuple[values.Origin, ...]:
        """Where a value may come from; an unfollowable one gives one UNKNOWN. Empty for nothing and for numbers."""
        return values.origins(self, node, scope)

    def class_of(self, node: Node, scope: Scope) -> Scope | None:
        """The scope of the class that an expression is an instance of, or is itself, in this tree."""
        return definitions.class_of(self, node, scope)

    def functions(self, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
        """The functions of this tree that a callee may be, with the scopes they open."""
        return definitions.functions(self, func, scope)

    def objects(self, node: Node, scope: Scope) -> tuple[tuple[Obj, Scope], ...]:
        """The object displays an expression may be: `headers` → the dict it was given."""
        return objects.objects(self, node, scope)

    def entries(self, obj: Obj, scope: Scope) -> Iterator[tuple[Item, Scope]]:
        """Entries of an object, those of its spreads included."""
        return objects.entries(self, obj, scope)

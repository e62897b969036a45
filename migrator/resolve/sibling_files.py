"""Names that a file sees without an import: those of the other files of a Go package, of a Ruby or Swift program.

A file of such a language is looked into when a name has no meaning where it stands. In a program whose files all see each other
only those are opened that are called like the name (`api_client.rb` for `ApiClient`), and those that were read anyway.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Protocol

from migrator.discover import path_kinds
from migrator.formats.tree import Module
from migrator.resolve.scopes import Binding, Scopes

MAX_FILES = 40
"""Files of one folder that are opened for a name."""


class _File(Protocol):
    """What is asked of a file, which knows of this module itself."""

    module: Module

    @property
    def path(self) -> str: ...
    @property
    def scopes(self) -> Scopes: ...


class _Files(Protocol):
    """What is asked of a repository, which knows of this module itself."""

    paths: frozenset[str]
    known_beyond: dict[tuple[str, str], list[Binding]]
    known_folders: dict[tuple[str, str], list[str]]

    @property
    def files(self) -> Mapping[str, _File]: ...
    def file(self, path: str) -> _File | None: ...


def names(repository: _Files, file: _File, name: str) -> list[Binding]:
    """What a name means in a file where neither a scope nor an import says it; empty where nothing in the tree does."""
    visibility = file.module.visibility
    if visibility is None or not visibility.files or name in visibility.words:
        return []
    key = (file.path, name)
    if key not in repository.known_beyond:
        repository.known_beyond[key] = []  # asked again on the way to the answer: nothing
        candidates = _folder(repository, file) if visibility.files == "folder" else _tree(repository, file, name)
        repository.known_beyond[key] = _declared(repository, candidates, name)
    return repository.known_beyond[key]


def _declared(repository: _Files, candidates: list[str], name: str) -> list[Binding]:
    bindings: list[Binding] = []
    for path in candidates:
        other = repository.file(path)
        if other is not None and other.module.visibility is not None:
            declared = other.scopes.root.names.get(name, [])
            bindings += [binding for binding in declared if binding.imported is None]
    return bindings


def _folder(repository: _Files, file: _File) -> list[str]:
    """The other files of the folder in the same language; tests see all, others no tests."""
    folder, suffix = posixpath.dirname(file.path), posixpath.splitext(file.path)[1]
    test = path_kinds.is_test(file.path)
    key = (folder, suffix)
    if key not in repository.known_folders:
        repository.known_folders[key] = sorted(
            path for path in repository.paths if path.endswith(suffix) and posixpath.dirname(path) == folder
        )
    files = [path for path in repository.known_folders[key] if path != file.path and (test or not path_kinds.is_test(path))]
    return files[:MAX_FILES]


def _tree(repository: _Files, file: _File, name: str) -> list[str]:
    """Files of the tree that are called like the name, nearest first, and those that were read anyway."""
    if not name[:1].isupper():
        return []
    suffix = posixpath.splitext(file.path)[1]
    key = ("", suffix)
    if key not in repository.known_folders:
        repository.known_folders[key] = sorted(path for path in repository.paths if path.endswith(suffix))
    wanted = {f"{name.lower()}{suffix}", f"{_snake(name)}{suffix}"}
    called = [path for path in repository.known_folders[key] if posixpath.basename(path).lower() in wanted]
    read = [path for path in repository.known_folders[key] if path in repository.files and path not in called]
    near = sorted(called, key=lambda path: -len(posixpath.commonprefix((path, file.path))))
    return [path for path in (*near[:4], *read) if path != file.path and not path_kinds.is_test(path)]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()

"""Variables that a shell script makes of others: `API_BASE="${OPENROUTER_BASE_URL:-https://…}"` stands for what it is made of.

A variable that the environment may also set keeps standing for itself: one that is exported, given a value only where it has none, or
called after OpenRouter.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TypeGuard

from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Item, Node, Other, Param, Str, children
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope

_OWN_NAME = regex(r"open_?router", re.IGNORECASE)
_GIVING = ("shell-assign", "shell-for", "shell-read")
_POSITIONAL = regex(r"\$\{?[1-9*@]")
"""What a script or a function is given: `local key="$1"`."""
_MOST_FILES = 8
"""Files that one script reads with `.`, and those with others."""


def made_of(repository: Repository, name: str, path: str) -> list[tuple[Node, Scope]]:
    """The values that a script, or a file that it reads with `.`, gives one of its own variables; empty for variables of the environment."""
    if _OWN_NAME.search(name):
        return []
    values: list[tuple[Node, Scope]] = []
    for file in _files(repository, path):
        given = [node for node in file.module.body if _gives(node, name)]
        emptied = bool(given) and isinstance(given[0].value, Str) and not given[0].value.value
        text = file.source.text
        if re.search(rf"export\s+{name}\b", text) or (
            not emptied and re.search(rf"(?:\$\{{{name}:?[-=]|-[zn]\s+\"?\$\{{?{name}\b)", text)
        ):
            return []
        for node in given[1:] if emptied else given:
            if node.value is None and emptied:
                values.append((Other(node.span, "input", ()), file.scopes.root))
            elif node.value is None or any(ref.name == name for ref in _references(node.value)):
                return []
            else:
                values.append((node.value, file.scopes.root))
    return values if all(_is_made(value) for value, _ in values) else []


def _gives(node: Node, name: str) -> TypeGuard[EnvDef]:
    """Does a statement give a variable a value? `NAME=""` before all others takes away whatever the environment has."""
    return isinstance(node, EnvDef) and node.name == name and node.how in _GIVING and not node.commented


def _is_made(value: Node) -> bool:
    """Is a value an address, or made of other variables and commands? A text that is neither may be a key that stands in the script."""
    given = isinstance(value, Str) and ("://" in value.value or _POSITIONAL.search(value.value) is not None)
    typed = isinstance(value, Other) and value.kind == "input"
    return given or typed or any(True for _ in _references(value)) or _has_command(value)


def _references(node: Node | Arg | Item | Param) -> Iterator[EnvRef]:
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        yield from _references(child)


def _has_command(node: Node | Arg | Item | Param) -> bool:
    return (isinstance(node, Other) and node.kind == "substitution") or any(_has_command(child) for child in children(node))


def _files(repository: Repository, path: str) -> list[ParsedFile]:
    """A script and those that it reads, each once; empty for other files."""
    pending, known = [path], dict[str, ParsedFile]()
    while pending and len(known) < _MOST_FILES:
        file = repository.file(pending.pop())
        if file is None or file.module.language != "shell" or file.path in known:
            continue
        known[file.path] = file
        pending += read_by(repository, file)
    return list(known.values())


def read_by(repository: Repository, file: ParsedFile) -> list[str]:
    """The files of the tree that a script reads with `.` or `source`."""
    paths: list[str] = []
    for word in _read_files(file):
        near = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), word.lstrip("/")))
        paths += [candidate for candidate in (near, word.lstrip("/")) if candidate in repository.paths][:1]
    return paths


def _read_files(file: ParsedFile) -> Iterator[str]:
    """The last text in what `.` or `source` is given: `lib.sh` of `"$(dirname "$0")/lib.sh"`."""
    for node in file.module.body:
        if isinstance(node, Call) and last_name(node.func) in (".", "source") and node.args:
            value = node.args[0].value
            parts = [value, *children(value)]
            texts = [part.value for part in parts if isinstance(part, Str)]
            if texts:
                yield texts[-1]

"""Data files of the tree that a program loads: JSON, YAML, TOML."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.formats.tree import Arg, Attr, Call, Func, Index, Item, Name, Node, Obj, Str, children
from migrator.patterns import regex
from migrator.resolve import follow as resolve
from migrator.resolve.context import last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope

_LOADERS = frozenset(("load", "loads", "safe_load", "full_load", "parse", "readFileSync", "read_text", "read_json", "readJSON"))
_CONTAINERS = frozenset(("to_container", "to_object", "deepcopy", "copy", "dict", "structuredClone"))
"""Callees that hand on what they are given as plain objects."""
_DATA_FILE = regex(r"^[^\0\n]{1,200}\.(?:json|jsonc|json5|ya?ml|toml)$")


def loaded(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> tuple[Obj, ParsedFile] | None:
    """The object of a JSON or YAML file of the tree that an expression loads, or a part of it."""
    match node:
        case Call(func=Attr(base=base, name="get"), args=(first, *_)) if isinstance(first.value, Str):
            return _part(loaded(repository, base, scope, depth + 1), first.value.value)
        case Index(base=base, key=Str(value=key)) | Attr(base=base, name=key) if depth < 8:
            return _part(loaded(repository, base, scope, depth + 1), key)
        case Call(args=(first, *_)) if last_name(node.func) in _CONTAINERS and depth < 8:
            return loaded(repository, first.value, scope, depth + 1)
        case Call() if last_name(node.func) in _LOADERS:
            for name in _file_names(node, scope):
                folder = posixpath.dirname(scope.path)
                for path in (posixpath.normpath(posixpath.join(folder, name)), posixpath.normpath(name).lstrip("/")):
                    file = repository.file(path)
                    body = next((part for part in file.module.body if isinstance(part, Obj)), None) if file is not None else None
                    if file is not None and body is not None:
                        return body, file
            return None
        case Name() if depth < 8:
            values = resolve.follow(repository, node, scope)
            inner = values[0] if len(values) == 1 else None
            if inner is None or inner.node is None or inner.node is node:
                return None
            return loaded(repository, inner.node, inner.scope, depth + 1)
        case _:
            return None


def _part(held: tuple[Obj, ParsedFile] | None, key: str) -> tuple[Obj, ParsedFile] | None:
    for item in held[0].items if held is not None else ():
        if isinstance(item.key, Str) and item.key.value == key and isinstance(item.value, Obj) and held is not None:
            return item.value, held[1]
    return None


def _file_names(node: Node | Arg | Item, scope: Scope, depth: int = 0) -> Iterator[str]:
    """Names of data files in an expression, and in what its names are bound to (`with open("x.json") as file`)."""
    if isinstance(node, Str):
        if _DATA_FILE.match(node.value):
            yield node.value
        return
    if isinstance(node, Name) and depth < 3:
        for binding in scope.lookup(node.id)[-2:]:
            if binding.value is not None:
                yield from _file_names(binding.value, binding.scope, depth + 1)
    for part in children(node):
        if not isinstance(part, Func):
            yield from _file_names(part, scope, depth)  # type: ignore[arg-type]

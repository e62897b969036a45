"""Manifests of JavaScript and TypeScript: which packages a `package.json` lists, and where.

https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies
"""

from __future__ import annotations

import posixpath

from migrator.facts.manifests.model import Ecosystem, Form, Listed, Manifest
from migrator.formats.tree import Item, Obj, Str
from migrator.resolve.repository import ParsedFile

_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def _read(file: ParsedFile) -> Manifest:
    """The packages that a manifest lists, in text order."""
    root = next((node for node in file.module.body if isinstance(node, Obj)), None)
    listed = [
        Listed(
            path=file.path,
            package=entry.key.value,
            span=entry.span,
            form=Form.ENTRY,
            group=item.key.value,
            bound=entry.value.value if isinstance(entry.value, Str) else "",
        )
        for item in (root.items if root is not None else ())
        if isinstance(item.key, Str) and item.key.value in _TABLES and isinstance(item.value, Obj)
        for entry in item.value.items
        if _is_package(entry) and isinstance(entry.key, Str)
    ]
    return Manifest(path=file.path, listed=tuple(sorted(listed, key=lambda entry: entry.span)))


def _is_package(entry: Item) -> bool:
    return isinstance(entry.key, Str) and isinstance(entry.value, Str)


ECMA = Ecosystem(
    language="ecma",
    matches=lambda path: posixpath.basename(path) == "package.json",
    read=_read,
    inline=lambda _file: None,
    normal=lambda name: name,
    module=lambda package: package,
    install='npm install "$requirement"',
    priority=("package.json",),
    bounds={Form.ENTRY: '"$name": "$bound"'},
)

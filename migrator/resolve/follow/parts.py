"""Members of one type that are written in several files: Rust's `impl`, Swift's `extension`, C#'s `partial class`.

A part sees the fields of the type and what they are given, whichever file they stand in. `client.rs` with `impl Client { … self.base_url … }`
would otherwise send requests to an address that nobody finds.
"""

from __future__ import annotations

from migrator.formats.tree import Class
from migrator.resolve.modules import local_module
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Binding, Scope, ScopeKind

_IN_PARTS = frozenset(("rust", "swift", "csharp"))


def share(repository: Repository, file: ParsedFile) -> None:
    """Let each part of a type in this file see the members that its other parts have in other files."""
    if file.module.language not in _IN_PARTS:
        return
    for scope in list(file.scopes.opened.values()):
        if scope.kind is not ScopeKind.CLASS or not scope.name or not isinstance(scope.node, Class) or scope.node.kind != "class":
            continue
        for other in _elsewhere(repository, file, scope):
            for name, bindings in other.names.items():
                scope.names.setdefault(name, bindings)


def _elsewhere(repository: Repository, file: ParsedFile, part: Scope) -> list[Scope]:
    """The scopes of the same type in other files."""
    root = file.scopes.root
    bindings: list[Binding] = list(root.beyond(part.name)) if root.beyond is not None else []
    for binding in root.names.get(part.name, ()):
        imported = binding.imported
        if imported is not None and imported.name is not None:
            path = local_module(repository, file.path, imported.module)
            other = repository.file(path) if path is not None else None
            bindings += other.scopes.root.names.get(imported.name, []) if other is not None else []
    found = []
    for binding in bindings:
        other = repository.files.get(binding.scope.path)
        inner = other.scopes.opened_by(binding.cls) if other is not None and binding.cls is not None else None
        if inner is not None and inner is not part:
            found.append(inner)
    return found

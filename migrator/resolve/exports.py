"""What a module offers under a name: its own bindings, `export { a as b }`, `export *`, and CommonJS's `module.exports`."""

from __future__ import annotations

from migrator.formats.tree import Assign, Attr, Name, Node, Obj, Other, Str
from migrator.resolve.modules import local_module
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Binding, Scope

_MOST_MODULES = 60
"""Modules that are asked for a name, where each only hands on what others define."""


def exported(repository: Repository, path: str, name: str) -> list[Binding]:
    """The bindings behind `name` for those who import it from the file at `path`; empty where it cannot be said."""
    return _exported(repository, path, name, set())


def _exported(repository: Repository, path: str, name: str, visited: set[str]) -> list[Binding]:
    file = repository.file(path)
    if file is None or path in visited or len(visited) >= _MOST_MODULES:
        return []
    visited.add(path)
    root = file.scopes.root
    if file.module.language != "ecma":
        if exported := root.names.get(name, []):
            return exported
        if root.beyond is not None and (exported := root.beyond(name)):
            return exported
        static = file.scopes.classes.values() if root.visibility is not None and root.visibility.members else ()
        if members := [binding for owner in static for binding in owner.names.get(name, [])]:  # a static import of a member
            return members
    else:
        table = offered(file)
        if exported := table.get(name) or root.names.get(name, []):
            return exported
    for star in file.scopes.star_imports:
        other = local_module(repository, path, star.module)
        if other is not None and (exported := _exported(repository, other, name, visited)):
            return exported
    return []


def offered(file: ParsedFile) -> dict[str, list[Binding]]:
    """Names that a module of JavaScript gives to the outside apart from their declaration."""
    if file.offered is None:
        file.offered = _table(file.module.body, file.scopes.root)
    return file.offered


def _table(body: tuple[Node, ...], root: Scope) -> dict[str, list[Binding]]:
    exports: dict[str, list[Binding]] = {}
    for node in body:
        match node:
            case Other(kind="export", children=(Obj(items=items),)):
                for item in items:
                    if isinstance(item.key, Str) and isinstance(item.value, Name):
                        exports[item.key.value] = root.names.get(item.value.id, [])
            case Assign(targets=(Attr(base=Name(id="module"), name="exports"),), value=value) if value is not None:
                exports.setdefault("default", []).append(Binding(root, value=value))
                for item in value.items if isinstance(value, Obj) else ():
                    if isinstance(item.key, Str):
                        exports.setdefault(item.key.value, []).append(Binding(root, value=item.value))
            case Assign(targets=(Attr(base=base, name=name),), value=value) if value is not None and _is_exports(base):
                exports.setdefault(name, []).append(Binding(root, value=value))
            case _:
                pass
    return exports


def _is_exports(node: Node) -> bool:
    match node:
        case Name(id="exports") | Attr(base=Name(id="module"), name="exports"):
            return True
        case _:
            return False

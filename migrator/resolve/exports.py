"""What a module offers under a name: its own bindings, `export { a as b }`, `export *`, and CommonJS's `module.exports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.tree import Assign, Attr, Call, Name, Node, Obj, Other, Str
from migrator.resolve.scopes import Binding, Scope, dotted

if TYPE_CHECKING:
    from migrator.resolve.repository import Repository

_FAR = 8
"""Longest way through modules that only hand on what others define."""


def exported(repository: Repository, path: str, name: str, depth: int = 0) -> list[Binding]:
    """The bindings behind `name` for those who import it from the file at `path`; empty where it cannot be said."""
    file = repository.file(path)
    if file is None or depth > _FAR:
        return []
    root = file.scopes.root
    if file.module.language != "ecma":
        if found := root.names.get(name, []):
            return found
        if root.beyond is not None and (found := root.beyond(name)):
            return found
    else:
        table = _table(file.module.body, root)
        if found := table.get(name) or root.names.get(name, []):
            return found
    for star in file.scopes.star_imports:
        other = repository.local_module(path, star.module)
        if other is not None and other != path and (found := exported(repository, other, name, depth + 1)):
            return found
    return []


def _table(body: tuple[Node, ...], root: Scope) -> dict[str, list[Binding]]:
    """Names that are given to the outside apart from their declaration."""
    found: dict[str, list[Binding]] = {}
    for node in body:
        match node:
            case Other(kind="export", children=(Obj(items=items),)):
                for item in items:
                    if isinstance(item.key, Str) and isinstance(item.value, Name):
                        found[item.key.value] = root.names.get(item.value.id, [])
            case Assign(targets=(Attr(base=Name(id="module"), name="exports"),), value=value) if value is not None:
                found.setdefault("default", []).append(Binding(root, value=value))
                for item in value.items if isinstance(value, Obj) else ():
                    if isinstance(item.key, Str):
                        found.setdefault(item.key.value, []).append(Binding(root, value=item.value))
            case Assign(targets=(Attr(base=base, name=name),), value=value) if value is not None and _is_exports(base):
                found.setdefault(name, []).append(Binding(root, value=value))
            case _:
                pass
    return found


def _is_exports(node: Node) -> bool:
    match node:
        case Name(id="exports") | Attr(base=Name(id="module"), name="exports"):
            return True
        case _:
            return False


def qualified(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> str | None:
    """As `scope.dotted`, but a name that comes from a module of this tree is followed to what it was given there."""
    if depth > _FAR:
        return None
    match node:
        case Name(id=name):
            for binding in scope.lookup(name)[-1:]:
                for far in [binding] if binding.imported is None else _behind(repository, binding):
                    if far.value is not None and far.key is None:
                        return qualified(repository, far.value, far.scope, depth + 1)
                    if far.imported is not None and far is not binding:
                        return dotted(Name(node.span, name), _one(far, name))
        case Attr(base=base, name=name):
            head = qualified(repository, base, scope, depth + 1)
            return None if head is None else f"{head}.{name}"
        case Call(func=func):
            head = qualified(repository, func, scope, depth + 1)
            return None if head is None else f"{head}()"
        case _:
            pass
    return dotted(node, scope)


def _behind(repository: Repository, binding: Binding) -> list[Binding]:
    """The bindings in the module that an imported name comes from; itself where that is no file of this tree."""
    found = binding.imported
    if found is None or not found.name:
        return [binding]
    path = repository.local_module(binding.scope.path, found.module)
    return (exported(repository, path, found.name)[-1:] or [binding]) if path else [binding]


def _one(binding: Binding, name: str) -> Scope:
    """A scope in which `name` is bound as `binding` says."""
    inner = Scope(kind=binding.scope.kind, node=None, parent=None, path=binding.scope.path)
    inner.bind(name, binding)
    return inner

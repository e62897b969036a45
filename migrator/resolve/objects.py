"""Which object displays (dicts, object literals) an expression may be, and their entries with those of their spreads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.formats.tree import Alt, Attr, Call, Index, Item, Name, Node, Obj, Other, Str
from migrator.resolve.context import last_name
from migrator.resolve.definitions import class_of, functions, module_of
from migrator.resolve.exports import exported
from migrator.resolve.following import MAX_DEPTH
from migrator.resolve.scopes import Binding, Scope, returns

if TYPE_CHECKING:
    from migrator.resolve.repository import Repository


def objects(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> tuple[tuple[Obj, Scope], ...]:
    """The object displays an expression may be: `headers` → the dict it was given."""
    if isinstance(node, Obj):
        return ((node, scope),)
    question = ("objects", id(node), id(scope))
    if not repository.following.enter(question, depth):
        return ()
    try:
        return _objects(repository, node, scope, depth)
    finally:
        repository.following.leave(question)


def _objects(repository: Repository, node: Node, scope: Scope, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    match node:
        case Name(id=name):
            found: list[tuple[Obj, Scope]] = []
            for binding in scope.lookup(name)[-4:]:
                found += _binding_objects(repository, binding, depth + 1)
            return tuple(found)
        case Attr(base=base, name=name):
            owner = class_of(repository, base, scope, depth)
            if owner is not None and name in owner.names:
                return tuple(pair for b in owner.names[name][-4:] for pair in _binding_objects(repository, b, depth + 1))
            module = module_of(repository, base, scope)
            if module is not None and (offered := exported(repository, module.path, name)):
                return tuple(pair for b in offered[-4:] for pair in _binding_objects(repository, b, depth + 1))
            return _under(repository, base, name, scope, depth)
        case Index(base=base, key=Str(value=key)):
            return _under(repository, base, key, scope, depth)
        case Alt(parts=parts):
            return tuple(pair for part in parts for pair in objects(repository, part, scope, depth + 1))
        case Call(func=func, args=args):
            if last_name(func) in ("dict", "copy", "deepcopy", "stringify", "dumps", "freeze", "Headers", "assign") and args:
                if any(arg.name for arg in args) and last_name(func) == "dict":
                    items = tuple(
                        Item(
                            span=arg.span,
                            key=Str(arg.name_span or arg.span, arg.name, arg.name_span or arg.span, True),
                            value=arg.value,
                        )
                        for arg in args
                        if arg.name
                    )
                    return ((Obj(span=node.span, items=items), scope),)
                return tuple(pair for arg in args for pair in objects(repository, arg.value, scope, depth + 1))
            if isinstance(func, Attr) and func.name == "copy":
                return objects(repository, func.base, scope, depth + 1)
            return tuple(
                pair
                for found_func, inner in functions(repository, func, scope)
                for value in returns(found_func)
                for pair in objects(repository, value, inner, depth + 1)
            )
        case Other(kind="await" | "and" | "paren", children=kids) if kids:
            return objects(repository, kids[-1], scope, depth + 1)
        case _:
            return ()


def _under(repository: Repository, base: Node, key: str, scope: Scope, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    """The objects under a key of an object."""
    return tuple(
        pair
        for obj, inner in objects(repository, base, scope, depth + 1)
        for item, item_scope in entries(repository, obj, inner)
        if isinstance(item.key, Str) and item.key.value == key
        for pair in objects(repository, item.value, item_scope, depth + 1)
    )


def _binding_objects(repository: Repository, binding: Binding, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    if depth > MAX_DEPTH:
        return ()
    if binding.imported is not None and binding.imported.name:
        path = repository.local_module(binding.scope.path, binding.imported.module)
        other = repository.file(path) if path else None
        if other is None:
            return ()
        return tuple(
            pair
            for b in exported(repository, other.path, binding.imported.name)[-4:]
            for pair in _binding_objects(repository, b, depth + 1)
        )
    if binding.func is not None and (file := repository.files.get(binding.scope.path)):
        inner = file.scopes.scope_of(binding.func)
        return tuple(pair for value in returns(binding.func) for pair in objects(repository, value, inner, depth + 1))
    if binding.value is None or binding.key is not None:
        return ()
    return objects(repository, binding.value, binding.scope, depth + 1)


def entries(repository: Repository, obj: Obj, scope: Scope, depth: int = 0) -> Iterator[tuple[Item, Scope]]:
    """Entries of an object, those of its spreads included."""
    for item in obj.items:
        if item.key is None and depth < 4:
            for inner, inner_scope in objects(repository, item.value, scope):
                yield from entries(repository, inner, inner_scope, depth + 1)
        else:
            yield item, scope

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
    from migrator.resolve.repository import World


def objects(world: World, node: Node, scope: Scope, depth: int = 0) -> tuple[tuple[Obj, Scope], ...]:
    """The object displays an expression may be: `headers` → the dict it was given."""
    if isinstance(node, Obj):
        return ((node, scope),)
    question = ("objects", id(node), id(scope))
    if not world.following.enter(question, depth):
        return ()
    try:
        return _objects(world, node, scope, depth)
    finally:
        world.following.leave(question)


def _objects(world: World, node: Node, scope: Scope, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    match node:
        case Name(id=name):
            found: list[tuple[Obj, Scope]] = []
            for binding in scope.lookup(name)[-4:]:
                found += _binding_objects(world, binding, depth + 1)
            return tuple(found)
        case Attr(base=base, name=name):
            owner = class_of(world, base, scope, depth)
            if owner is not None and name in owner.names:
                return tuple(pair for b in owner.names[name][-4:] for pair in _binding_objects(world, b, depth + 1))
            module = module_of(world, base, scope)
            if module is not None and (offered := exported(world, module.path, name)):
                return tuple(pair for b in offered[-4:] for pair in _binding_objects(world, b, depth + 1))
            return _under(world, base, name, scope, depth)
        case Index(base=base, key=Str(value=key)):
            return _under(world, base, key, scope, depth)
        case Alt(parts=parts):
            return tuple(pair for part in parts for pair in objects(world, part, scope, depth + 1))
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
                return tuple(pair for arg in args for pair in objects(world, arg.value, scope, depth + 1))
            if isinstance(func, Attr) and func.name == "copy":
                return objects(world, func.base, scope, depth + 1)
            return tuple(
                pair
                for found_func, inner in functions(world, func, scope)
                for value in returns(found_func)
                for pair in objects(world, value, inner, depth + 1)
            )
        case Other(kind="await" | "and" | "paren", children=kids) if kids:
            return objects(world, kids[-1], scope, depth + 1)
        case _:
            return ()


def _under(world: World, base: Node, key: str, scope: Scope, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    """The objects under a key of an object."""
    return tuple(
        pair
        for obj, inner in objects(world, base, scope, depth + 1)
        for item, item_scope in entries(world, obj, inner)
        if isinstance(item.key, Str) and item.key.value == key
        for pair in objects(world, item.value, item_scope, depth + 1)
    )


def _binding_objects(world: World, binding: Binding, depth: int) -> tuple[tuple[Obj, Scope], ...]:
    if depth > MAX_DEPTH:
        return ()
    if binding.imported is not None and binding.imported.name:
        path = world.local_module(binding.scope.path, binding.imported.module)
        other = world.file(path) if path else None
        if other is None:
            return ()
        return tuple(
            pair for b in exported(world, other.path, binding.imported.name)[-4:] for pair in _binding_objects(world, b, depth + 1)
        )
    if binding.func is not None and (file := world.files.get(binding.scope.path)):
        inner = file.scopes.scope_of(binding.func)
        return tuple(pair for value in returns(binding.func) for pair in objects(world, value, inner, depth + 1))
    if binding.value is None or binding.key is not None:
        return ()
    return objects(world, binding.value, binding.scope, depth + 1)


def entries(world: World, obj: Obj, scope: Scope, depth: int = 0) -> Iterator[tuple[Item, Scope]]:
    """Entries of an object, those of its spreads included."""
    for item in obj.items:
        if item.key is None and depth < 4:
            for inner, inner_scope in objects(world, item.value, scope):
                yield from entries(world, inner, inner_scope, depth + 1)
        else:
            yield item, scope

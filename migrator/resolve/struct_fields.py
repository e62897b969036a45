"""Values of the fields of a struct or class that are given where one is made: `Client{baseURL: x}`, `c.key = x`, `Client(key: x)`.

In Go, Rust, Dart, Swift and Kotlin a type lists its fields without values. Whoever makes one names them; that is where a field's value comes from.
Only what stands in the type's own file is seen; a field that nobody there gives a value has one that is not known.
"""

from __future__ import annotations

from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Func, Item, Name, Node, Other, Param, Str, children
from migrator.records import replace
from migrator.resolve.scopes import Binding, Scope, ScopeKind, Scopes


def fill(scopes: Scopes, body: tuple[Node, ...]) -> None:
    """Bind the fields of the classes of a file to the values that the file gives them."""
    if not scopes.classes:
        return
    stack: list[tuple[Node | Arg | Item | Param, Scope]] = [(node, scopes.root) for node in reversed(body)]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, Call):
            _made(scopes, node, scope)
            _writable(node, scope)
        elif isinstance(node, Assign):
            for target in node.targets:
                if isinstance(target, Attr) and isinstance(target.base, Name):
                    _stored(scopes, target, node, scope)
                elif isinstance(target, Name) and node.annotation is None:
                    _kept(target.id, node, scope)
        if isinstance(node, Func | Class):
            scope = scopes.opened_by(node, scope)
        stack += [(child, scope) for child in reversed(children(node)) if not isinstance(child, Str)]
    _share(scopes)
    for owner in scopes.classes.values():
        for bindings in owner.names.values():
            _declare(bindings)
            if all(b.value is None and b.func is None and b.cls is None and b.annotation is not None for b in bindings):
                first = bindings[0]
                span = first.annotation.span if first.annotation is not None else owner.node.span  # type: ignore[union-attr]
                bindings.append(Binding(first.scope, value=Other(span, "field", ()), annotation=first.annotation))


def _declare(bindings: list[Binding]) -> None:
    """Give what a constructor stores (Dart's `Chat(this.settings)`) the type that the field is declared with."""
    kind = next((binding.annotation for binding in bindings if binding.value is None and binding.annotation is not None), None)
    for index, binding in enumerate(bindings):
        if kind is not None and binding.annotation is None and isinstance(binding.value, Name | Call):
            bindings[index] = replace(binding, annotation=kind)


def _share(scopes: Scopes) -> None:
    """A Rust struct and its `impl` blocks are one class in several places: each sees the members of all."""
    parts: dict[str, list[Scope]] = {}
    for scope in scopes.opened.values():
        if scope.kind is ScopeKind.CLASS and scope.name:
            parts.setdefault(scope.name, []).append(scope)
    for same in parts.values():
        names = {name: bindings for scope in reversed(same) for name, bindings in scope.names.items()}
        for scope in same if len(same) > 1 else ():
            for name, bindings in names.items():
                scope.names.setdefault(name, bindings)


def _made(scopes: Scopes, node: Call, scope: Scope) -> None:
    named = [arg for arg in node.args if arg.name is not None]
    owner = scopes.classes.get(node.func.id) if named and isinstance(node.func, Name) else None
    if named and isinstance(node.func, Name) and node.func.id == "Self" and (around := scope.enclosing_class()) is not None:
        owner = scopes.classes.get(around.name)
    for arg in named if owner is not None else ():
        assert owner is not None
        assert arg.name is not None
        if any(b.annotation is not None or b.value is None for b in owner.names.get(arg.name, [])):
            owner.bind(arg.name, Binding(scope, value=arg.value))


def _writable(node: Call, scope: Scope) -> None:
    """`attr_accessor :key` in a Ruby class: whoever has an instance may set it."""
    if scope.kind is ScopeKind.CLASS and isinstance(node.func, Name) and node.func.id in ("attr_accessor", "attr_writer"):
        for arg in node.args:
            if isinstance(arg.value, Str):
                scope.bind(arg.value.value, Binding(scope, value=Other(arg.span, "field", ())))


def _kept(name: str, node: Assign, scope: Scope) -> None:
    """`key = x` in a method, where `key` is a member of the class and no local."""
    owner = scope.enclosing_class()
    if owner is None or owner is scope or not owner.members or node.value is None:
        return
    if any(binding.annotation is not None for binding in owner.names.get(name, [])):
        owner.bind(name, Binding(scope, value=node.value))


def _stored(scopes: Scopes, target: Attr, node: Assign, scope: Scope) -> None:
    assert isinstance(target.base, Name)
    for binding in scope.lookup(target.base.id):
        kind = binding.annotation
        if kind is None and isinstance(binding.value, Call):
            kind = binding.value.func
        owner = scopes.classes.get(kind.id) if isinstance(kind, Name) else None
        if owner is not None and node.value is not None:
            made = binding.value if isinstance(binding.value, Call) else None
            owner.bind(target.name, Binding(scope, value=node.value, made=made))
            return

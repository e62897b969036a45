"""Which class, function or module of this tree an expression stands for, followed through names, attributes, calls and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.tree import Attr, Call, Func, Name, Node, Other
from migrator.resolve.exports import exported
from migrator.resolve.following import MAX_DEPTH
from migrator.resolve.scopes import Binding, Scope, returns

if TYPE_CHECKING:
    from migrator.resolve.repository import Repository


def class_of(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> Scope | None:
    """The scope of the class that an expression is an instance of, or is itself, in this tree."""
    question = ("class", id(node), id(scope))
    if question in repository.known_classes:
        return repository.known_classes[question]
    if not repository.following.enter(question, depth):
        return None
    try:
        found = _class_of(repository, node, scope, depth)
    finally:
        repository.following.leave(question)
    repository.known_classes[question] = found
    return found


def _class_of(repository: Repository, node: Node, scope: Scope, depth: int) -> Scope | None:
    match node:
        case Name(id="self" | "this" | "cls"):
            return scope.enclosing_class()
        case Name(id=name):
            for binding in reversed(scope.lookup(name)):
                found = _class_of_binding(repository, binding, depth + 1)
                if found is not None:
                    return found
        case Attr(base=base, name=name):
            owner = class_of(repository, base, scope, depth + 1)
            for binding in reversed(owner.names.get(name, []) if owner else []):
                found = _class_of_binding(repository, binding, depth + 1)
                if found is not None:
                    return found
            module = module_of(repository, base, scope)
            for binding in reversed(exported(repository, module.path, name) if module else []):
                found = _class_of_binding(repository, binding, depth + 1)
                if found is not None:
                    return found
        case Call(func=func):
            found = class_of(repository, func, scope, depth + 1)
            if found is not None:
                return found
            return _returned_class(repository, func, scope, depth)
        case Other(kind="await", children=(inner,)):
            return class_of(repository, inner, scope, depth + 1)
    return None


def _class_of_binding(repository: Repository, binding: Binding, depth: int) -> Scope | None:
    if depth > MAX_DEPTH:
        return None
    file = repository.files.get(binding.scope.path)
    if binding.cls is not None and file is not None:
        return file.scopes.scope_of(binding.cls)
    if binding.imported is not None and binding.imported.name:
        path = repository.local_module(binding.scope.path, binding.imported.module)
        other = repository.file(path) if path else None
        for inner in reversed(exported(repository, other.path, binding.imported.name) if other else []):
            found = _class_of_binding(repository, inner, depth + 1) if depth < MAX_DEPTH else None
            if found is not None:
                return found
    if binding.value is not None and binding.key is None:
        return class_of(repository, binding.value, binding.scope, depth + 1)
    if isinstance(binding.annotation, Name):
        return class_of(repository, binding.annotation, binding.scope, depth + 1)
    return None


def _returned_class(repository: Repository, func: Node, scope: Scope, depth: int) -> Scope | None:
    for found, inner in functions(repository, func, scope):
        for value in returns(found):
            owner = class_of(repository, value, inner, depth + 1)
            if owner is not None:
                return owner
    return None


def base_class(repository: Repository, owner: Scope, depth: int) -> Scope | None:
    """The first class of this tree that a class inherits from: where a field is looked for that it lacks itself."""
    for base in owner.bases:
        if base.name is None and owner.parent is not None:
            found = class_of(repository, base.value, owner.parent, depth + 1)
            if found is not None:
                return found
    return None


def module_of(repository: Repository, node: Node, scope: Scope) -> Scope | None:
    """The scope of the module of this tree that a name stands for, as after `import config`; None for any other name."""
    if not isinstance(node, Name):
        return None
    for binding in scope.lookup(node.id):
        found = binding.imported
        if found is None:
            continue
        separator = "" if found.module.endswith(".") else "."
        module = found.module if found.name is None else f"{found.module}{separator}{found.name}"
        path = repository.local_module(binding.scope.path, module)
        other = repository.file(path) if path else None
        if other is not None:
            return other.scopes.root
    return None


def functions(repository: Repository, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
    """The functions of this tree that a callee may be, with the scopes they open."""
    known = repository.known_functions.get((id(func), id(scope)))
    if known is None:
        known = repository.known_functions[id(func), id(scope)] = _find_functions(repository, func, scope)
    return known


def _find_functions(repository: Repository, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
    bindings: list[Binding] = []
    match func:
        case Name(id=name):
            bindings = scope.lookup(name)
        case Attr(base=base, name=name):
            owner = class_of(repository, base, scope, MAX_DEPTH - 3)
            module = None if owner else module_of(repository, base, scope)
            bindings = owner.names.get(name, []) if owner else exported(repository, module.path, name) if module else []
    found: list[tuple[Func, Scope]] = []
    for binding in bindings:
        if binding.imported is not None and binding.imported.name:
            path = repository.local_module(binding.scope.path, binding.imported.module)
            other = repository.file(path) if path else None
            for inner in exported(repository, other.path, binding.imported.name) if other else []:
                found += _opened(repository, inner)
        found += _opened(repository, binding)
    return found


def _opened(repository: Repository, binding: Binding) -> list[tuple[Func, Scope]]:
    file = repository.files.get(binding.scope.path)
    if file is None:
        return []
    func = binding.func
    if func is None and isinstance(binding.value, Func) and binding.key is None:
        func = binding.value
    return [(func, file.scopes.scope_of(func))] if func is not None and id(func) in file.scopes.opened else []

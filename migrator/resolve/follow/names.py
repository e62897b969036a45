"""What a name stands for: its bindings in the scopes around it, and what the modules it is imported from offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.tree import Attr, Class, Func, Name, Obj, Seq
from migrator.records import replace
from migrator.resolve.exports import exported, offered
from migrator.resolve.follow.question import Question, changed, unknown
from migrator.resolve.follow.reaching import reaching
from migrator.resolve.follow.state import set_values
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.modules import local_module, submodule
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Binding, Scope, package

MAX_BINDINGS = 6
"""The last so many values that a name is given are followed."""
_VARIABLES = ("$env/static/", "astro:env/", "react-native-dotenv")
"""Modules whose names are variables of the environment."""
_PYTHON = (".py", ".pyw", ".pyi", ".ipynb")


def definition_values(question: Question, node: Func | Class, scope: Scope) -> tuple[Value, ...]:
    """A function or class of this tree with the scope that it opens."""
    file = question.repository.files.get(scope.path)
    inner = file.scopes.opened_by(node) if file is not None else None
    if inner is None:
        return (unknown(node, scope, node.name),)
    return (Value(kind=Kind.CLASS if isinstance(node, Class) else Kind.FUNCTION, node=node, scope=scope, inner=inner),)


def name_values(question: Question, node: Name, name: str, scope: Scope) -> Iterable[Value]:
    """What a name stands for where it is read in `scope`."""
    bindings = scope.lookup(name)
    root = scope.module()
    if root.beyond is not None and bindings and all(binding.cls is not None for binding in bindings):
        # a Ruby module, a Swift type: opened again in other files
        bindings = [*(binding for binding in root.beyond(name) if binding not in bindings), *bindings]
    if name in ("self", "this", "cls", "super"):
        given = [binding for binding in bindings if binding.param is None]
        owner = scope.enclosing_class()
        if not given and owner is not None:
            if name == "cls":
                return (Value(kind=Kind.CLASS, node=owner.node, scope=owner.parent or owner, inner=owner),)
            return (Value(kind=Kind.INSTANCE, node=None, scope=scope, inner=owner),)
        bindings = given or bindings
    if name == "Self" and not bindings and (around := scope.enclosing_class()) is not None:  # Rust, Swift
        return (Value(kind=Kind.CLASS, node=around.node, scope=around.parent or around, inner=around),)
    if not bindings:
        file = question.repository.files.get(scope.path)
        if file is not None and file.module.language != "ecma" and file.scopes.star_imports:
            bindings = exported(question.repository, scope.path, name)
    if not bindings:
        return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=name),)
    return binding_values(question, reaching(question.repository, bindings, node, scope), name)


def binding_values(question: Question, bindings: list[Binding], name: str) -> Iterator[Value]:
    """What the last of several bindings give a name."""
    for binding in bindings[-MAX_BINDINGS:]:
        if question.enter(id(binding)):
            try:
                yield from _bound(question, binding, name)
            finally:
                question.leave(id(binding))


def _bound(question: Question, binding: Binding, name: str) -> Iterable[Value]:
    scope = binding.scope
    if binding.imported is not None:
        return _imported(question, binding, name)
    if binding.param is not None:
        return _parameter(question, binding, name)
    if binding.func is not None or binding.cls is not None:
        return definition_values(question, binding.func or binding.cls, scope)  # type: ignore[arg-type]
    if binding.value is None:
        kind = Kind.DECLARED if binding.annotation is not None else Kind.UNKNOWN
        return (Value(kind=kind, node=binding.annotation, scope=scope, name=name),)
    if binding.key is not None:
        return _destructured(question, binding, binding.key, name)
    ways = ((binding.value, scope), *set_values(question, binding))
    values = tuple(changed((value for node, inner in ways for value in question.follow(node, inner)), via=f"{scope.path}:{name}"))
    if binding.annotation is not None:
        values = tuple(
            replace(value, node=binding.annotation) if value.kind is Kind.PARAMETER and value.node is None else value
            for value in values
        )
    if binding.annotation is not None and all(value.kind in (Kind.OUTSIDE, Kind.UNKNOWN) for value in values):
        return (*values, Value(kind=Kind.DECLARED, node=binding.annotation, scope=scope, name=name))
    return values


def _parameter(question: Question, binding: Binding, name: str) -> Iterator[Value]:
    if binding.value is not None:
        yield from question.follow(binding.value, binding.scope)
    if binding.default is not None:
        yield from question.follow(binding.default, binding.default_scope or binding.scope)
    yield Value(kind=Kind.PARAMETER, node=binding.annotation, scope=binding.scope, name=name, param=binding.param)


def _destructured(question: Question, binding: Binding, key: str, name: str) -> Iterator[Value]:
    """`const { key: name = default } = value`."""
    value = binding.value
    assert value is not None
    taken = question.made(value, lambda: Attr(value.span, value, key, value.span), key)
    values = question.follow(taken, binding.scope)
    if binding.default is not None:
        values = tuple(match for match in values if match.kind is not Kind.ABSENT)
        default = question.follow(binding.default, binding.default_scope or binding.scope)
        variable = next((match.name for match in values if match.kind is Kind.VARIABLE), "")
        values = (*values, *changed(default, default_of=variable))
    yield from changed(values, via=f"{binding.scope.path}:{name}")


# -- imports ---------------------------------------------------------------------------------------------------------------------------


def _imported(question: Question, binding: Binding, name: str) -> Iterable[Value]:
    imported = binding.imported
    assert imported is not None
    local = imported.local or name
    node = question.made(imported, lambda: Name(imported.span, local))
    return imported_values(question, imported.module, imported.name, node, binding.scope)


def imported_values(question: Question, module: str, name: str | None, node: Name, scope: Scope) -> Iterable[Value]:
    """What the import of `name` from `module` gives; None for the whole module. `node` is its name in `scope`."""
    repository = question.repository
    python = scope.path.endswith(_PYTHON)
    path = local_module(repository, scope.path, module)
    file = repository.file(path) if path else None
    if name is None:
        head = module.partition(".")[0]
        if python and file is not None and head != module and node.id == head:  # `import a.b` binds `a`
            module, path = head, local_module(repository, scope.path, head)
            file = repository.file(path) if path else None
            return (_module(file, module, node, scope),)
        return _whole(question, file, module, node, scope)
    if file is not None:
        # `from . import config` in a package's own `__init__` binds what it asks for
        bindings = [binding for binding in exported(repository, file.path, name) if not _is_import_of(binding, module, name, scope)]
        if bindings:
            return binding_values(question, bindings, name)
    if python:
        inner = submodule(module, name)
        below = local_module(repository, scope.path, inner)
        if below is not None and (other := repository.file(below)) is not None:
            return (_module(other, inner, node, scope),)
    elif file is not None:
        return _default_member(question, file, name, node, scope)
    if module.startswith(_VARIABLES) or module == "@env":
        return (Value(kind=Kind.VARIABLE, node=None, scope=scope, name=name),)
    if path is not None or module.startswith("."):
        return (unknown(node, scope, node.id),)
    return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=f"{package(module)}.{name}"),)


def _is_import_of(binding: Binding, module: str, name: str, scope: Scope) -> bool:
    imported = binding.imported
    return imported is not None and binding.scope is scope and (imported.module, imported.name) == (module, name)


def _whole(question: Question, file: ParsedFile | None, module: str, node: Name, scope: Scope) -> Iterable[Value]:
    """A whole module: what CommonJS's `module.exports` is given, the object in a JSON file, else the module."""
    if file is None:
        return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=package(module)),)
    if file.module.language == "ecma":
        default = offered(file).get("default", [])
        if any(binding.value is not None for binding in default) and "default" not in file.scopes.root.names:
            return binding_values(question, default, node.id)
        return (_module(file, module, node, scope),)
    if data := [part for part in file.module.body if isinstance(part, Obj | Seq)]:
        return question.follow(data[0], file.scopes.root)
    return (_module(file, module, node, scope),)


def _default_member(question: Question, file: ParsedFile, name: str, node: Name, scope: Scope) -> Iterable[Value]:
    """A name out of a module that offers one value: `module.exports = create()`, a JSON file."""
    if file.module.language != "ecma":
        data = next((part for part in file.module.body if isinstance(part, Obj)), None)
        if data is None or name == "default":
            return question.follow(data, file.scopes.root) if data is not None else (unknown(node, scope, node.id),)
        return question.follow(question.made(data, lambda: Attr(data.span, data, name, data.span), name), file.scopes.root)
    for binding in offered(file).get("default", []):
        if (value := binding.value) is not None:
            taken = question.made(value, lambda: Attr(value.span, value, name, value.span), name)
            return question.follow(taken, binding.scope)
    return (unknown(node, scope, node.id),)


def _module(file: ParsedFile | None, module: str, node: Name, scope: Scope) -> Value:
    root = file.scopes.root if file is not None else None
    return Value(kind=Kind.MODULE, node=node, scope=scope, name=module, inner=root)

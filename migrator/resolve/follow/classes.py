"""What classes of this tree and their instances have: attributes, methods, getters, fields of settings and of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Assign, Attr, Call, Class, Func, Index, Name, Node, Other, Param, Seq
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.context import last_name
from migrator.resolve.environment import is_net_key
from migrator.resolve.follow.functions import Arguments, call_scope, results
from migrator.resolve.follow.names import binding_values
from migrator.resolve.follow.question import Question, unknown
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.net_options import registrations, settable
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Binding, Scope
from migrator.resolve.settings_classes import aliases_of, is_base, variables
from migrator.resolve.settings_files import given_by_files

_ENUMS = ("Enum", "StrEnum", "IntEnum", "TextChoices")
_RECORDS = ("NamedTuple", "TypedDict", "BaseModel", "BaseSettings", "Struct", "SQLModel")
_MAKERS = ("__init__", "constructor")
_GETTER = regex(r"(?:(?:public|private|protected|static|override|readonly|async)\s+)*get\s+[\w$#\[\"']")
_PROPERTY_OF_PARAMETER = regex(r"(?:@[\w.()]+\s+)*(?:public|private|protected|readonly|override)\s")
_TRANSPARENT_TYPES = ("Optional", "Annotated", "Union", "Final", "ClassVar")


def attribute(question: Question, owner: Value, key: str, node: Node) -> Iterable[Value]:
    """An attribute of a class or of an instance: where the class or one of its bases has it."""
    given = _given(question, owner, key) if owner.node is not None and owner.kind is Kind.INSTANCE else None
    if given is not None:
        return given
    outside = ""
    for scope, name in ancestry(question, owner.inner):
        if scope is None:
            outside = outside or name
        elif key in scope.names:
            return _class_member(question, owner, scope, key)
        elif owner.kind is Kind.INSTANCE and (properties := _parameter_properties(question, scope, key)):
            return binding_values(question, properties, key)
    if outside:
        suffix = "()" if owner.kind is Kind.INSTANCE else ""
        return (Value(kind=Kind.OUTSIDE, node=node, scope=owner.scope, name=f"{outside}{suffix}.{key}"),)
    return ()


def _class_member(question: Question, owner: Value, holder: Scope, key: str) -> Iterator[Value]:
    bindings = holder.names[key]
    methods = [binding for binding in bindings if binding.func is not None]
    if methods:
        for binding in methods:
            file = question.repository.files.get(holder.path)
            func = binding.func
            inner = file.scopes.opened_by(func) if file is not None else None
            if inner is None or func is None:
                continue
            method = Value(kind=Kind.FUNCTION, node=func, scope=binding.scope, inner=inner, receiver=owner)
            if is_getter(question, func, holder):
                yield from results(question, method, ())
            else:
                yield method
        bindings = [binding for binding in bindings if binding.func is None]
    declared = any(annotated(question, binding.annotation, holder) for binding in bindings)
    if isinstance(holder.node, Class) and not declared and reads_environment(question, holder):
        for read in variables(holder.node, key, aliases_of(question.repository, holder.path), question.repository):
            yield Value(kind=Kind.VARIABLE, node=None, scope=holder, name=read)
    if isinstance(holder.node, Class) and holder.module().language == "csharp":
        yield from _of_section(question, holder, key)
    if owner.kind is Kind.INSTANCE and isinstance(owner.node, Call):
        bindings = _with_arguments(question, owner, holder, bindings)
    yield from binding_values(question, bindings, key)


def _of_section(question: Question, holder: Scope, key: str) -> Iterator[Value]:
    """What a section of .NET's settings gives a property of the class that it fills."""
    repository = question.repository
    file = repository.files.get(holder.path)
    assert isinstance(holder.node, Class)
    for registration in registrations(repository):
        if registration.type_name == holder.name and file is not None:
            entry = f"{registration.section}:{key}"
            scope = registration.scope
            if not is_net_key(entry):
                for value, where in given_by_files(repository, scope, entry):
                    yield from question.follow(value, where)
            elif key in settable(file.source.text, holder.node):
                yield Value(kind=Kind.VARIABLE, node=registration.call, scope=scope, name=entry)
            else:
                yield unknown(registration.call, scope, f"the setting {entry}")


def _with_arguments(question: Question, owner: Value, holder: Scope, bindings: list[Binding]) -> list[Binding]:
    """What a constructor binds, read with the arguments that this instance is made with."""
    call = owner.node
    assert isinstance(call, Call)
    for name in _MAKERS:
        for maker in holder.names.get(name, ()):
            inner = _opened(question, maker.func, holder)
            if inner is None or not any(binding.scope is inner for binding in bindings):
                continue
            method = Value(kind=Kind.FUNCTION, node=maker.func, scope=holder, inner=inner)
            opened = call_scope(question, method, owner.given or tuple((arg, owner.scope) for arg in call.args))
            return [replace(binding, scope=opened) if binding.scope is inner else binding for binding in bindings]
    return bindings


def _opened(question: Question, func: Func | None, holder: Scope) -> Scope | None:
    file = question.repository.files.get(holder.path)
    return file.scopes.opened_by(func) if file is not None and func is not None else None


def _given(question: Question, owner: Value, key: str) -> Iterable[Value] | None:
    """The argument that a record (dataclass, named tuple, model) is made with for a field; None where it is none or not given."""
    call = owner.node
    if not isinstance(call, Call) or owner.inner is None:
        return None
    arguments = owner.given or tuple((arg, owner.scope) for arg in call.args)
    if not arguments:
        return None
    holders = [scope for scope, _ in ancestry(question, owner.inner) if scope is not None]
    maker = next((func for scope in holders for name in _MAKERS for func in _functions(scope, name)), None)
    if maker is not None:
        return _parameter_property(question, owner, maker, key, arguments)
    if not any(key in holder.names for holder in holders):
        return None
    for arg, scope in arguments:
        if arg.name == key:
            return (*question.follow(arg.value, scope), *_set_later(question, call, holders, key))
    fields = [field for holder in reversed(holders) for field in _fields(holder)]
    positional = [(arg, scope) for arg, scope in arguments if arg.name is None and not arg.star]
    if key in fields and fields.index(key) < len(positional) and is_record(question, owner.inner):
        arg, scope = positional[fields.index(key)]
        return (*question.follow(arg.value, scope), *_set_later(question, call, holders, key))
    return None


def _set_later(question: Question, call: Call, holders: list[Scope], key: str) -> Iterator[Value]:
    """What a field of this very instance is given after it was made: `cfg := Config{URL: x}; cfg.URL = y`."""
    for holder in holders:
        yield from binding_values(question, [binding for binding in holder.names.get(key, ()) if binding.made is call], key)


def _functions(scope: Scope, name: str) -> list[Func]:
    return [binding.func for binding in scope.names.get(name, ()) if binding.func is not None]


def _fields(holder: Scope) -> list[str]:
    body = holder.node.body if isinstance(holder.node, Class) else ()
    return [
        part.targets[0].id
        for part in body
        if isinstance(part, Assign) and part.annotation is not None and part.targets and isinstance(part.targets[0], Name)
    ]


def _parameter_property(question: Question, owner: Value, maker: Func, key: str, arguments: Arguments) -> Iterable[Value] | None:
    """TypeScript's `constructor(private url: string)`: a parameter that is a property as well."""
    file = question.repository.files.get(owner.inner.path) if owner.inner is not None else None
    for index, param in enumerate(maker.params):
        if param.name == key and file is not None and _is_property(file, param):
            if index < len(arguments):
                arg, scope = arguments[index]
                return question.follow(arg.value, scope)
            return question.follow(param.default, file.scopes.scope_of(maker)) if param.default is not None else None
    return None


def _is_property(file: ParsedFile, param: Param) -> bool:
    return file.module.language == "ecma" and _PROPERTY_OF_PARAMETER.match(file.source.text, param.span.start) is not None


def _parameter_properties(question: Question, holder: Scope, key: str) -> list[Binding]:
    """The same where the arguments are not known: what the constructor binds the parameter to, and its annotation."""
    file = question.repository.files.get(holder.path)
    if file is None:
        return []
    for maker in _functions(holder, "constructor"):
        inner = _opened(question, maker, holder)
        if inner is not None and any(param.name == key and _is_property(file, param) for param in maker.params):
            return inner.names.get(key, [])
    return []


_HEAD = regex(r"(?:[^{(]|@\w+\([^)]*\))*?\b(?:record|class|struct)\s+\w+\s*(?:<[^>]*>)?\s*(?:\w+\s+)*(?:constructor\s*)?\(")
"""A class whose head takes its fields: a record, Kotlin's and C#'s primary constructors."""


def is_record(question: Question, scope: Scope) -> bool:
    """Is this a class whose constructor takes its fields: a dataclass, a named tuple, a typed dict, a model?"""
    node = scope.node
    if not isinstance(node, Class):
        return False
    if scope.module().language in LANGUAGES:
        file = question.repository.files.get(scope.path)
        return file is not None and _HEAD.match(file.source.text, node.span.start, node.span.end) is not None
    marks = [last_name(mark) for mark in node.decorators]
    return any(mark in ("dataclass", "define", "frozen", "attrs", "s", "dataclass_json") for mark in marks) or any(
        name.rpartition(".")[2] in _RECORDS for holder, name in ancestry(question, scope) if holder is None
    )


def ancestry(question: Question, scope: Scope | None) -> list[tuple[Scope | None, str]]:
    """A class and what it inherits from, the nearest first: classes of this tree by their scope, others by their qualified name."""
    if scope is None:
        return []
    key = ("ancestry", id(scope))
    if (known := question.repository.known.get(key)) is not None:
        return known[1]  # type: ignore[no-any-return]
    lines: list[tuple[Scope | None, str]] = []
    waiting: list[Scope] = [scope]
    seen: set[int] = set()
    while waiting:
        holder = waiting.pop(0)
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        lines.append((holder, holder.name))
        for base in holder.bases:
            if base.name is not None or holder.parent is None:
                continue
            for value in question.follow(base.value, holder.parent):
                if value.kind is Kind.CLASS and value.inner is not None:
                    waiting.append(value.inner)
                elif value.kind is Kind.OUTSIDE:
                    lines.append((None, value.name))
    if not question.exhausted:
        question.repository.known[key] = (scope, lines)
    return lines


def reads_environment(question: Question, scope: Scope) -> bool:
    """Does this class read its fields from the environment by their names?"""
    return any(holder is None and is_base(name) for holder, name in ancestry(question, scope))


def is_enum(question: Question, scope: Scope) -> bool:
    """Is this a class whose instances are its own attributes?"""
    return any(holder is None and name.rpartition(".")[2] in _ENUMS for holder, name in ancestry(question, scope))


def is_getter(question: Question, func: Func, scope: Scope) -> bool:
    """Is a method read like an attribute?"""
    if func.decorators:
        return any(last_name(mark).lower().endswith(("property", "computed_field", "reify")) for mark in func.decorators)
    file = question.repository.files.get(scope.path)
    if file is None or file.module.language == "python":
        return False
    return _GETTER.match(file.source.text, func.span.start) is not None


def declared(question: Question, owner: Value, key: str, node: Node) -> Iterable[Value] | None:
    """An attribute of what is only known by its annotation; None where that names no class of this tree."""
    holders = annotated(question, owner.node, owner.scope)
    values = [
        value
        for holder in holders
        for value in attribute(question, replace(owner, kind=Kind.INSTANCE, node=None, inner=holder), key, node)
    ]
    return values or None


def annotated(question: Question, node: Node | None, scope: Scope) -> list[Scope]:
    """The classes of this tree that an annotation names: `Settings`, `Settings | None`, `Annotated[Settings, Depends(…)]`."""
    scopes: list[Scope] = []
    stack = [node] if node is not None else []
    while stack and len(scopes) < 4:
        part = stack.pop()
        if isinstance(part, Name | Attr):
            found = _classes(question, part, scope)
            if not found and scope.module().language in LANGUAGES:
                found = _classes(question, part, scope.module())  # `LLM LLM`: a field that is called like its type
            scopes += found
        elif isinstance(part, Other):
            stack += reversed(part.children)
        elif isinstance(part, Index) and last_name(part.base) in _TRANSPARENT_TYPES:
            stack += reversed(part.key.items) if isinstance(part.key, Seq) else [part.key]
    return scopes


def _classes(question: Question, node: Name | Attr, scope: Scope) -> list[Scope]:
    return [
        value.inner
        for value in question.follow(node, scope)
        if value.kind is Kind.CLASS and value.inner is not None and _kind(value.inner) == "class"
    ]


def _kind(scope: Scope) -> str:
    return scope.node.kind if isinstance(scope.node, Class) else ""

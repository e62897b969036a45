"""Environment schemas of JavaScript: which names are the environment's and which are the program's own.

`z.object({ X: … }).parse(process.env)` reads the variable X by the key of its schema, so that key and every `env.X` move together.
`createEnv({ server: { X: … }, runtimeEnv: { X: process.env.X } })` gives the variable a name of the program's own: only the right side moves.
https://env.t3.gg/docs/core, https://zod.dev, https://github.com/af/envalid
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Func,
    Index,
    Item,
    Module,
    Name,
    Node,
    Obj,
    Param,
    Seq,
    Str,
    children,
    nodes,
)
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.environment import env_mapping, maybe_variable
from migrator.resolve.follow import follow
from migrator.resolve.follow.question import Question
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.modules import local_module
from migrator.resolve.objects import objects
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_PARSING = ("parse", "safeParse", "parseAsync", "safeParseAsync", "validate", "validateSync", "attempt", "assert", "decode")
_SHAPES = ("object", "strictObject", "looseObject", "Object", "strict_object")
_CLEANING = ("cleanEnv", "customCleanEnv", "parseEnv")
_RUNTIME = ("runtimeEnv", "runtimeEnvStrict", "experimental__runtimeEnv")
_RESULTS = ("data", "value", "output")
_FAR = 8


class Meaning(StrEnum):
    """Whose name a key or property is."""

    VARIABLE = "variable"
    """The environment's: it is read by this name."""
    OWN = "own"
    """The program's: it stays whatever the variable is called."""


def key_meaning(repository: Repository, module: Module, key: str, node_path: NodePath) -> Meaning | None:
    """What a key of an object at the end of `node_path` is; None where it cannot be said."""
    names: list[str] = []
    for step in node_path.ancestors():
        match step.node:
            case Item(key=Str(value=name)):
                names.append(name)
            case Obj() | Arg() | Item():
                pass
            case Call() as call:
                if _stays(call):
                    continue
                return _in_call(repository, module, call, step.scope, key, names, node_path)
            case _:
                return None
    return None


def _stays(call: Call) -> bool:
    return last_name(call.func) in ("freeze", "seal")


def _in_call(
    repository: Repository, module: Module, call: Call, scope: Scope, key: str, names: list[str], node_path: NodePath
) -> Meaning | None:
    word = last_name(call.func)
    if word == "createEnv":
        return _t3(repository, call, scope, key, names[-1] if names else "")
    if word in _CLEANING and len(call.args) > 1:
        if any(step.node is call.args[0] for step in node_path.ancestors()):
            return Meaning.OWN
        return _given(repository, call.args[0].value, scope, key)
    if word in _PARSING:
        return Meaning.OWN
    if (
        isinstance(node_path.node, Item)
        and isinstance(node_path.node.value, Call)
        and source_name(node_path.node.value.func).startswith("envField.")
    ):
        return Meaning.VARIABLE
    if word in _SHAPES:
        meanings = {_given(repository, arg, inner, key) for arg, inner in _parses(repository, module, call, scope)}
        if not meanings and source_name(call.func).lower().startswith("joi.") and _nest(repository):
            return Meaning.VARIABLE
        return meanings.pop() if len(meanings) == 1 else None
    return None


def _nest(repository: Repository) -> bool:
    """Does NestJS's ConfigModule check the environment with a schema here? Its values are read by `configService.get("X")`."""
    return any(
        (file := repository.file(path)) is not None and '"@nestjs/config"' in file.source.text
        for path in sorted(repository.paths)
        if path.rpartition("/")[2] == "package.json" and path.count("/") < 3
    )


def _t3(repository: Repository, call: Call, scope: Scope, key: str, section: str) -> Meaning | None:
    if section in _RUNTIME:
        return Meaning.OWN
    options = {
        item.key.value: item.value
        for arg in call.args
        if isinstance(arg.value, Obj)
        for item in arg.value.items
        if isinstance(item.key, Str)
    }
    partial = options.get("experimental__runtimeEnv")
    if partial is not None:
        return Meaning.VARIABLE if section in ("server", "shared") else _given(repository, partial, scope, key)
    runtime = options.get("runtimeEnv") or options.get("runtimeEnvStrict")
    return _given(repository, runtime, scope, key) if runtime is not None else None


def _given(repository: Repository, node: Node, scope: Scope, key: str) -> Meaning | None:
    """What a schema's key means when the schema is given this."""
    if env_mapping(node, scope):
        return Meaning.VARIABLE
    for obj, inner in objects(repository, node, scope):
        if any(isinstance(item.key, Str) and item.key.value == key for item in obj.items):
            return Meaning.OWN
        if any(item.key is None and env_mapping(item.value, inner) for item in obj.items):
            return Meaning.VARIABLE
    return None


def _calls(node: Node | Arg | Item | Param) -> Iterator[Call]:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Call):
            yield current
        stack += [child for child in children(current) if not isinstance(child, (Str, Name))]


def _parses(repository: Repository, module: Module, shape: Call, scope: Scope) -> Iterator[tuple[Node, Scope]]:
    """What the schema made by the call `shape` is asked to check in this file."""
    root = scope.module()
    for node in module.body:
        for call in _calls(node):
            if last_name(call.func) in _PARSING and call.args:
                schema = call.func.base if isinstance(call.func, Attr) else None
                given = call.args[0].value
                if schema is not None and source_name(schema) in ("Joi", "v", "S") and len(call.args) > 1:
                    schema, given = call.args[0].value, call.args[1].value
                if schema is not None and any(each is shape for each, _ in _shapes(repository, schema, root)):
                    yield given, root


def _shapes(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> Iterator[tuple[Call, Scope]]:
    """The `z.object(…)` that an expression starts from."""
    if depth > _FAR:
        return
    for value, inner in values(repository, node, scope):
        if isinstance(value, Call):
            if last_name(value.func) in _SHAPES:
                yield value, inner
            elif isinstance(value.func, Attr):
                yield from _shapes(repository, value.func.base, inner, depth + 1)


def values(repository: Repository, node: Node, scope: Scope, depth: int = 0) -> Iterator[tuple[Node, Scope]]:
    """The expressions that a name stands for, followed through modules; anything else is itself."""
    for value in follow(repository, node, scope):
        match value.node:
            case None:
                pass
            case Attr(base=base, name=name) if name in _RESULTS and depth < _FAR and value.kind is not Kind.VARIABLE:
                yield from values(repository, base, value.scope, depth + 1)
            case reached if value.kind not in (Kind.PARAMETER, Kind.DECLARED, Kind.MODULE):
                yield reached, value.scope
            case _:
                pass


def checked_values(question: Question, value: Value) -> Iterator[Value]:
    """The values of a property of a checked environment; nothing for any other expression."""
    match value.node:
        case Attr(base=base, name=key) | Index(base=base, key=Str(value=key)) if maybe_variable(key):
            for node, scope in behind(question.repository, base, value.scope, key):
                if node is None:
                    yield Value(kind=Kind.VARIABLE, node=None, scope=value.scope, name=key)
                else:
                    yield from question.follow(node, scope)
        case _:
            pass


def use_meaning(repository: Repository, base: Node, scope: Scope, key: str) -> Meaning | None:
    """What the property `key` of an expression is, where the expression is a checked environment."""
    meanings: set[Meaning | None] = set()
    for value, inner in values(repository, base, scope):
        if value is not base and env_mapping(value, inner):
            meanings.add(Meaning.VARIABLE)  # an alias: `export const env = process.env`
        if isinstance(value, Obj):
            meanings |= {Meaning.OWN for item in value.items if isinstance(item.key, Str) and item.key.value == key}
            pairs = (item.value for item in value.items if item.key is None)
            if any(isinstance(pair, Call) and _read_by_name(repository, pair, inner, key) for pair in pairs):
                meanings.add(Meaning.VARIABLE)
        if not isinstance(value, Call):
            continue
        word = last_name(value.func)
        if word == "createEnv":
            sections = [
                item.key.value
                for arg in value.args
                if isinstance(arg.value, Obj)
                for item in arg.value.items
                if isinstance(item.key, Str)
                and isinstance(item.value, Obj)
                and item.key.value in ("server", "client", "shared")
                and any(isinstance(part.key, Str) and part.key.value == key for part in item.value.items)
            ]
            meanings |= {_t3(repository, value, inner, key, section) for section in sections}
        elif word in _CLEANING and value.args:
            meanings.add(_given(repository, value.args[0].value, inner, key))
        elif word in _PARSING and value.args and isinstance(value.func, Attr):
            known = any(_has(shape, key) for shape, _ in _shapes(repository, value.func.base, inner))
            meanings |= {_given(repository, value.args[0].value, inner, key)} if known else set()
        elif word == "map" and _read_by_name(repository, value, inner, key):
            meanings.add(Meaning.VARIABLE)
    return meanings.pop() if len(meanings) == 1 else None


def is_checked(repository: Repository, base: Node, scope: Scope) -> bool:
    """Is an expression what a checking call gives, and nothing else?"""
    found = [value for value, _ in values(repository, base, scope)]
    words = ("createEnv", *_CLEANING, *_PARSING)
    return bool(found) and all(isinstance(value, Call) and last_name(value.func) in words for value in found)


_MOCKING = ("mock", "doMock", "unstable_mockModule")


def mocked_module(repository: Repository, path: str, node_path: NodePath) -> str | None:
    """The file in whose place a test puts the object around a key: `vi.mock("./env", () => ({ env: { X: "x" } }))`."""
    for step in node_path.ancestors():
        match step.node:
            case Call(func=Attr(name=word), args=(Arg(value=Str(value=module)), *_)) if word in _MOCKING:
                return local_module(repository, path, module)
            case _:
                pass
    return None


def _read_by_name(repository: Repository, call: Call, scope: Scope, key: str) -> bool:
    """`Object.fromEntries(NAMES.map((name) => [name, process.env[name]]))`: is each name of a list read from the environment?"""
    match call:
        case Call(func=Attr(base=names, name="map"), args=(Arg(value=Func(params=(Param(name=name), *_)) as each), *_)):
            listed = any(
                isinstance(entry, Str) and entry.value == key
                for value, _ in values(repository, names, scope)
                if isinstance(value, Seq)
                for entry in value.items
            )
            return listed and any(
                isinstance(node, Index) and isinstance(node.key, Name) and node.key.id == name and env_mapping(node.base, scope)
                for node in nodes(each)
            )
        case _:
            return False


def behind(repository: Repository, base: Node, scope: Scope, key: str) -> Iterator[tuple[Node | None, Scope]]:
    """What a property of a checked environment is given: None for the variable of its own name, else the expression that fills it."""
    for value, inner in values(repository, base, scope):
        if env_mapping(value, inner):
            yield None, inner
        if not isinstance(value, Call):
            continue
        meaning = use_meaning(repository, value, inner, key)
        if meaning is Meaning.VARIABLE:
            yield None, inner
            for item, place in _items(repository, value, inner, key):
                yield from ((default, place) for default in _defaults(item.value))
        elif meaning is Meaning.OWN:
            for given in _givens(value):
                for obj, place in objects(repository, given, inner):
                    for item in obj.items:
                        if isinstance(item.key, Str) and item.key.value == key:
                            yield item.value, place


def _items(repository: Repository, call: Call, scope: Scope, key: str) -> Iterator[tuple[Item, Scope]]:
    """The entries of a schema for a key, where the schema is asked by `call`."""
    if last_name(call.func) in _PARSING and isinstance(call.func, Attr):
        shapes = list(_shapes(repository, call.func.base, scope))
    else:
        shapes = [(call, scope)]
    for shape, place in shapes:
        stack: list[Node] = [arg.value for arg in shape.args]
        while stack:
            node = stack.pop()
            for item in node.items if isinstance(node, Obj) else ():
                if isinstance(item.key, Str) and item.key.value == key:
                    yield item, place
                elif isinstance(item.value, Obj):
                    stack.append(item.value)


def _defaults(node: Node) -> Iterator[Node]:
    """Defaults of a schema's entry: `z.string().default("x")`, `str({ default: "x" })`."""
    while isinstance(node, Call):
        if last_name(node.func) in ("default", "prefault", "catch") and node.args:
            yield node.args[0].value
        for arg in node.args:
            if isinstance(arg.value, Obj):
                yield from (item.value for item in arg.value.items if isinstance(item.key, Str) and item.key.value == "default")
        if not isinstance(node.func, Attr):
            return
        node = node.func.base


def _givens(call: Call) -> Iterator[Node]:
    """What a checking call is given to read from."""
    if last_name(call.func) == "createEnv":
        for arg in call.args:
            for item in arg.value.items if isinstance(arg.value, Obj) else ():
                if isinstance(item.key, Str) and item.key.value in _RUNTIME:
                    yield item.value
    elif call.args:
        yield call.args[0].value


def _has(shape: Call, key: str) -> bool:
    return any(
        isinstance(item.key, Str) and item.key.value == key
        for arg in shape.args
        if isinstance(arg.value, Obj)
        for item in arg.value.items
    )


def pattern_source(node_path: NodePath) -> tuple[Node | None, Node | None] | None:
    """For a key of a pattern: the value that is taken apart and the annotation of a parameter; None where it is no pattern."""
    child: object = node_path.node
    nested = False
    for step in node_path.ancestors():
        match step.node:
            case Obj():
                pass
            case Item() | Alt():
                nested = True
            case Assign(targets=targets, value=value):
                if any(target is child for target in targets):
                    return (None if nested else value), None
                return None
            case Param(pattern=pattern, annotation=annotation):
                return (None, None if nested else annotation) if pattern is child else None
            case _:
                return None
        child = step.node
    return None

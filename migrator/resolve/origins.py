"""Where a value comes from: through names, attributes, defaults, f-strings and imports to the literals and variables it may hold.

What cannot be followed becomes an origin of kind `UNKNOWN` that says in words where the node_path ends; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from migrator.formats.tree import Alt, Attr, Call, Const, EnvRef, Func, Index, Join, Name, Node, Other, Param, Seq, Str
from migrator.resolve import env_schemas
from migrator.resolve.context import last_name, source_name
from migrator.resolve.definitions import base_class, class_of, functions, module_of
from migrator.resolve.environment import access, env_helper, is_variable
from migrator.resolve.exports import exported
from migrator.resolve.following import MAX_DEPTH
from migrator.resolve.objects import entries, objects
from migrator.resolve.scopes import Binding, Scope, returns
from migrator.resolve.settings_classes import variable

if TYPE_CHECKING:
    from migrator.resolve.repository import Repository

MAX_ORIGINS = 24
"""Most places that one value is said to come from."""
_PASS_THROUGH = {
    "str", "String", "SecretStr", "strip", "rstrip", "lstrip", "trim", "trimEnd", "cast", "HttpUrl", "AnyHttpUrl", "URL", "quote", "replace", "toString",
    "get_secret_value", "encode", "decode", "lower", "removesuffix", "unquote", "ensureTrailingSlash", "Url",
}  # fmt: skip
_FIELDS = {"Field", "field", "PrivateAttr", "attrib", "ib", "Option", "Argument", "mapped_column", "Query", "Header"}


class From(StrEnum):
    """What kind of end a node_path has."""

    LITERAL = "literal"
    ENV = "env"
    PARAM = "param"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """One place a value may come from."""

    kind: From
    path: str
    node: Node | None = None
    name: str = ""
    """Variable or parameter name, or in words what could not be followed."""
    suffix: str = ""
    """What is appended to it before use, placeholders as `{}`."""
    prefix: str = ""
    default_of: str = ""
    """The variable it stands in for when that is not set."""
    through: tuple[str, ...] = ()
    """Names of the constants it passed through, innermost last: `config.py:BASE_URL`."""
    param: Param | None = None
    """The parameter, where the kind is PARAM: what callers give it can be looked up."""
    scope: Scope | None = None
    """Where `node` stands, for an UNKNOWN origin: what kind of thing it is can be asked there."""


def origins(repository: Repository, node: Node | None, scope: Scope, depth: int = 0) -> tuple[Origin, ...]:
    """Where a value may come from; an unfollowable one gives one UNKNOWN. Empty for nothing and for numbers."""
    if node is None:
        return ()
    if isinstance(node, Str):
        return (Origin(kind=From.LITERAL, path=scope.path, node=node),)
    question = ("origins", id(node), id(scope))
    if not repository.following.enter(question, depth):
        return (Origin(kind=From.UNKNOWN, path=scope.path, name="too many steps"),)
    try:
        answer = _origins(repository, node, scope, depth)
        return tuple(
            replace(origin, node=origin.node or node, scope=scope)
            if origin.kind is From.UNKNOWN and origin.scope is None
            else origin
            for origin in answer
        )
    finally:
        repository.following.leave(question)


def _origins(repository: Repository, node: Node, scope: Scope, depth: int) -> tuple[Origin, ...]:
    match node:
        case Const():
            return ()
        case EnvRef(name=name):
            return (
                Origin(kind=From.ENV, path=scope.path, node=node, name=name),
                *origins(repository, node.default, scope, depth + 1),
            )
        case Join(parts=parts):
            return _joined(repository, parts, scope, depth)
        case Alt(parts=parts) | Seq(items=parts):
            return _merge(origins(repository, part, scope, depth + 1) for part in parts)
        case Other(kind="await" | "and" | "paren" | "type-assert", children=kids) if kids:
            return origins(repository, kids[-1], scope, depth + 1)
        case Name(id=name):
            return _bindings(repository, scope.lookup(name), name, scope, depth)
        case Index() | Attr() | Call():
            found = access(node, scope)
            if found is not None:
                env = Origin(kind=From.ENV, path=scope.path, node=node, name=found.name)
                spare = origins(repository, found.default, scope, depth + 1)
                return _merge(((env,), tuple(replace(one, default_of=one.default_of or found.name) for one in spare)))
    match node:
        case Attr(base=base, name=name):
            return _attribute(repository, base, name, scope, depth)
        case Index(base=base, key=Str(value=key)):
            return _entry(repository, base, key, scope, depth)
        case Call():
            return _call(repository, node, scope, depth)
        case _:
            words = "a field that others set" if isinstance(node, Other) and node.kind == "field" else type(node).__name__.lower()
            return (Origin(kind=From.UNKNOWN, path=scope.path, node=node, name=source_name(node) or words),)


def _merge(groups: Iterable[tuple[Origin, ...]]) -> tuple[Origin, ...]:
    """Each place once, in order, and not too many: a long list of them says no more than a short one."""
    merged: list[Origin] = []
    seen: set[tuple[object, ...]] = set()
    for group in groups:
        for origin in group:
            mark = (
                origin.kind,
                origin.path,
                id(origin.node) if origin.kind is not From.ENV else origin.name,
                origin.suffix,
                origin.prefix,
            )
            if mark not in seen and len(merged) < MAX_ORIGINS:
                seen.add(mark)
                merged.append(origin)
    return tuple(merged)


def _joined(repository: Repository, parts: tuple[Node, ...], scope: Scope, depth: int) -> tuple[Origin, ...]:
    if not parts:
        return ()
    rest = "".join(part.value if isinstance(part, Str) else "{}" for part in parts[1:])
    head = parts[0]
    if isinstance(head, Str) and "://" not in head.value and "openrouter" not in head.value.lower() and len(parts) > 1:
        # "Bearer " + key: the value is what follows
        tail = _merge(origins(repository, part, scope, depth + 1) for part in parts[1:] if not isinstance(part, Str))
        return tuple(replace(origin, prefix=head.value + origin.prefix) for origin in tail) or origins(
            repository, head, scope, depth + 1
        )
    if isinstance(head, Str) and head.value.rstrip().endswith("://") and len(parts) > 1:
        return tuple(
            replace(o, prefix=head.value, suffix=o.suffix + rest[2:]) for o in origins(repository, parts[1], scope, depth + 1)
        )
    return tuple(replace(origin, suffix=origin.suffix + rest) for origin in origins(repository, head, scope, depth + 1))


def _bindings(repository: Repository, bindings: list[Binding], name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
    if not bindings:
        star = _star(repository, name, scope, depth)
        return star or (Origin(kind=From.UNKNOWN, path=scope.path, name=name),)
    return _merge(tuple(binding_origins(repository, binding, name, depth) for binding in bindings[-6:]))


def _star(repository: Repository, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
    file = repository.files.get(scope.path)
    for found in file.scopes.star_imports if file else ():
        path = repository.local_module(scope.path, found.module)
        other = repository.file(path) if path else None
        if other and name in other.scopes.root.names:
            return _bindings(repository, other.scopes.root.names[name], name, other.scopes.root, depth + 1)
    return ()


def binding_origins(repository: Repository, binding: Binding, name: str, depth: int = 0) -> tuple[Origin, ...]:
    """Where the value that one binding gives a name may come from."""
    path = binding.scope.path
    if binding.imported is not None:
        return _imported(repository, binding, name, depth)
    if binding.param is not None:
        default = origins(repository, binding.value, binding.scope, depth + 1)
        return (*default, Origin(kind=From.PARAM, path=path, node=None, name=name, param=binding.param))
    if binding.value is None:
        if binding.func is not None or binding.cls is not None:
            return (Origin(kind=From.UNKNOWN, path=path, name=name),)
        return () if binding.annotation is not None else (Origin(kind=From.UNKNOWN, path=path, name=name),)
    if binding.key is not None:
        found = access(
            Attr(span=binding.value.span, base=binding.value, name=binding.key, name_span=binding.value.span), binding.scope
        )
        if found is not None:
            return (Origin(kind=From.ENV, path=path, node=binding.value, name=binding.key),)
        return _entry(repository, binding.value, binding.key, binding.scope, depth)
    step = f"{path}:{name}"
    return tuple(
        replace(origin, through=(*origin.through, step)) for origin in origins(repository, binding.value, binding.scope, depth + 1)
    )


def _imported(repository: Repository, binding: Binding, name: str, depth: int) -> tuple[Origin, ...]:
    found = binding.imported
    assert found is not None
    path = repository.local_module(binding.scope.path, found.module)
    if path is None and found.name not in (None, "*"):
        # from package import module
        separator = "" if found.module.endswith(".") else "."
        path = repository.local_module(binding.scope.path, f"{found.module}{separator}{found.name}")
    other = repository.file(path) if path else None
    if other is None or found.name is None:
        if found.module.startswith("$env/static/") or found.module == "@env":
            return (Origin(kind=From.ENV, path=binding.scope.path, name=found.name or name),)
        return (Origin(kind=From.UNKNOWN, path=binding.scope.path, name=name),)
    bindings = exported(repository, other.path, found.name)
    if depth > MAX_DEPTH or not bindings:
        return (Origin(kind=From.UNKNOWN, path=binding.scope.path, name=name),)
    return _merge(tuple(binding_origins(repository, b, found.name, depth + 1) for b in bindings[-6:]))


def _attribute(repository: Repository, base: Node, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
    owner = class_of(repository, base, scope, depth)
    seen: set[int] = set()
    while owner is not None and id(owner) not in seen:
        seen.add(id(owner))
        if name in owner.names:
            getter = next((b.func for b in owner.names[name] if b.func is not None), None)
            if getter is not None and (file := repository.files.get(owner.path)):
                inner = file.scopes.scope_of(getter)
                return _merge(tuple(origins(repository, value, inner, depth + 1) for value in returns(getter)))
            read = variable(repository, owner, name)
            known = _bindings(repository, owner.names[name], name, owner, depth + 1)
            return _merge(((Origin(kind=From.ENV, path=owner.path, name=read),), known)) if read else known
        owner = base_class(repository, owner, depth)
    module = module_of(repository, base, scope)
    if module is not None and (offered := exported(repository, module.path, name)):
        return _bindings(repository, offered, name, module, depth + 1)
    entry = _entry(repository, base, name, scope, depth)
    if any(origin.kind is not From.UNKNOWN for origin in entry):
        return entry
    checked = list(env_schemas.behind(repository, base, scope, name)) if is_variable(name) else []
    if checked:
        own = Origin(kind=From.ENV, path=scope.path, name=name)
        return _merge(tuple((own,) if value is None else origins(repository, value, inner, depth + 1) for value, inner in checked))
    return (Origin(kind=From.UNKNOWN, path=scope.path, name=f"{source_name(base)}.{name}"),)


def _entry(repository: Repository, base: Node, key: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
    found: list[tuple[Origin, ...]] = []
    for obj, inner in objects(repository, base, scope, depth + 1):
        for item, item_scope in entries(repository, obj, inner):
            if isinstance(item.key, Str) and item.key.value == key:
                found.append(origins(repository, item.value, item_scope, depth + 1))
    if found:
        return _merge(tuple(found))
    return (Origin(kind=From.UNKNOWN, path=scope.path, name=f"{source_name(base) or '…'}[{key}]"),)


def _call(repository: Repository, node: Call, scope: Scope, depth: int) -> tuple[Origin, ...]:
    word = last_name(node.func)
    if word == "urljoin" and len(node.args) >= 2:
        tail = _tail(repository, node.args[1].value, scope, depth)
        return tuple(replace(o, suffix=o.suffix + tail) for o in origins(repository, node.args[0].value, scope, depth + 1))
    if word == "URL" and len(node.args) == 2:
        tail = _tail(repository, node.args[0].value, scope, depth)
        return tuple(replace(o, suffix=tail) for o in origins(repository, node.args[1].value, scope, depth + 1))
    if word in _PASS_THROUGH:
        if isinstance(node.func, Attr) and not isinstance(node.func.base, Str) and word not in ("SecretStr", "cast", "URL"):
            return origins(repository, node.func.base, scope, depth + 1)
        if node.args:
            return origins(repository, node.args[-1 if word == "cast" else 0].value, scope, depth + 1)
    if word in _FIELDS:
        return _field_default(repository, node, scope, depth)
    if isinstance(node.func, Attr) and word in ("get", "getattr", "setdefault") and node.args:
        key = node.args[0].value
        known = _entry(repository, node.func.base, key.value, scope, depth) if isinstance(key, Str) else ()
        otherwise = origins(repository, node.args[1].value, scope, depth + 1) if len(node.args) > 1 else ()
        return _merge((known, otherwise)) or (Origin(kind=From.UNKNOWN, path=scope.path, name=source_name(node.func)),)
    found: list[tuple[Origin, ...]] = []
    for func, inner in functions(repository, node.func, scope):
        helper = env_helper(func, inner)
        if helper is not None and helper < len(node.args) and isinstance(key := node.args[helper].value, Str):
            found.append((Origin(kind=From.ENV, path=scope.path, node=node, name=key.value),))
        else:
            found += [origins(repository, value, inner, depth + 1) for value in returns(func)]
    if found:
        return _merge(tuple(found))
    return (Origin(kind=From.UNKNOWN, path=scope.path, node=node, name=f"{source_name(node.func) or 'call'}()"),)


def _tail(repository: Repository, node: Node, scope: Scope, depth: int) -> str:
    """What is joined to an address: the text of its literals, `{}` where there is none."""
    text = "".join(o.node.value for o in origins(repository, node, scope, depth + 1) if isinstance(o.node, Str)) or "{}"
    return f"/{text.lstrip('/')}"


def _field_default(repository: Repository, node: Call, scope: Scope, depth: int) -> tuple[Origin, ...]:
    """`Field("x")`, `field(default_factory=lambda: "x")`: what a field has that nothing is given."""
    default = next((arg.value for arg in node.args if arg.name in ("default", "default_factory")), None)
    if default is None and node.args and node.args[0].name is None and not isinstance(node.args[0].value, Const):
        default = node.args[0].value
    if isinstance(default, Func):
        return _merge(tuple(origins(repository, value, scope, depth + 1) for value in returns(default)))
    return origins(repository, default, scope, depth + 1)

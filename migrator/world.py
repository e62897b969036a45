"""The repository as one: its lowered files, and where a value comes from across them.

`World.origins` follows a value through names, attributes, defaults, f-strings and imports to the literals and variables it may hold.
What cannot be followed becomes an origin of kind `UNKNOWN` that says in words where the trail ends; nothing is guessed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from migrator import ecma_modules, env_schema
from migrator.access import access, helper_parameter, is_variable
from migrator.exports import exported
from migrator.model import Source
from migrator.place import last_name, source_name
from migrator.scope import Binding, Scope, Scopes, dotted, returns
from migrator.settings_fields import variable
from migrator.source import Lines
from migrator.tree import (
    Alt,
    Arg,
    Attr,
    Call,
    Const,
    EnvRef,
    Func,
    Index,
    Item,
    Join,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Seq,
    Str,
    children,
)

MAX_DEPTH = 14
MAX_STEPS = 3000
"""For one question from outside."""
MAX_ORIGINS = 24


class From(StrEnum):
    """What kind of end a trail has."""

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


@dataclass(slots=True, eq=False)
class File:
    """One file that was read and lowered."""

    source: Source
    module: Module

    @property
    def path(self) -> str:
        """Repo-relative path."""
        return self.source.path

    _scopes: Scopes | None = None
    _lines: Lines | None = None

    @property
    def scopes(self) -> Scopes:
        """Scopes of the module, built when first asked for."""
        if self._scopes is None:
            self._scopes = Scopes(self.module)
        return self._scopes

    @property
    def lines(self) -> Lines:
        """Line index of the text."""
        if self._lines is None:
            self._lines = Lines(self.source.text)
        return self._lines


_PASS_THROUGH = {
    "str", "String", "SecretStr", "strip", "rstrip", "lstrip", "trim", "trimEnd", "cast", "HttpUrl", "AnyHttpUrl", "URL", "quote", "replace", "toString",
    "get_secret_value", "encode", "decode", "lower", "removesuffix", "unquote", "ensureTrailingSlash", "Url",
}  # fmt: skip
_FIELDS = {"Field", "field", "PrivateAttr", "attrib", "ib", "Option", "Argument", "mapped_column", "Query", "Header"}


@dataclass(slots=True, eq=False)
class World:
    """All files that matter, and a way to fetch one more."""

    files: dict[str, File]
    paths: frozenset[str]
    """Every path of the tree, looked into or not."""
    fetch: Callable[[str], File | None] = lambda _path: None
    """Reads and lowers a file that was not among `files`; None where that fails. Bounded by the caller."""
    packages: dict[str, str] | None = None
    """Folder of each workspace package by its name, once somebody asked."""
    _modules: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _classes: dict[tuple[str, int, int], Scope | None] = field(default_factory=dict)
    _functions: dict[tuple[int, int], list[tuple[Func, Scope]]] = field(default_factory=dict)
    _steps: int = 0
    _busy: set[tuple[str, int, int]] = field(default_factory=set)
    """Questions that are being answered: asking one again on the way to its answer ends there."""

    def file(self, path: str) -> File | None:
        """A lowered file, fetched if need be."""
        found = self.files.get(path)
        return found if found is not None else self.fetch(path)

    # -- imports -----------------------------------------------------------------------------------------------------------------

    def local_module(self, importer: str, module: str) -> str | None:
        """The file of this tree that an import means; None for a package from elsewhere."""
        key = (posixpath.dirname(importer), module)
        if key not in self._modules:
            self._modules[key] = self._find_module(importer, module)
        return self._modules[key]

    def _find_module(self, importer: str, module: str) -> str | None:
        here = posixpath.dirname(importer)
        if importer.endswith((".py", ".pyi", ".ipynb", ".pyw")):
            return self._python_module(here, module)
        return ecma_modules.find(self, importer, module)

    @staticmethod
    def _ancestors(folder: str) -> Iterator[str]:
        while folder:
            yield folder
            folder = posixpath.dirname(folder)
        yield ""

    def _python_module(self, here: str, module: str) -> str | None:
        level = len(module) - len(module.lstrip("."))
        parts = module.lstrip(".").replace(".", "/")
        if level:
            base = here
            for _ in range(level - 1):
                base = posixpath.dirname(base)
            roots: list[str] = [base]
        else:
            roots = [*self._ancestors(here)]
            roots += [posixpath.join(root, "src") for root in list(roots)]
        for root in roots:
            stem = posixpath.join(root, parts) if parts else root
            for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
                if candidate.lstrip("/") in self.paths:
                    return candidate.lstrip("/")
        return None

    def is_local(self, name: str | None, importer: str) -> bool:
        """Does a dotted name start in this tree rather than in an installed package?"""
        if name is None or ":" in name.split(".")[0]:
            return name is not None
        module = name.replace("()", "")
        while module:
            if self.local_module(importer, module):
                return True
            head, _, _ = module.rpartition(".")
            if head == module:
                break
            module = head
        return False

    # -- values ------------------------------------------------------------------------------------------------------------------

    def _enter(self, question: tuple[str, int, int], depth: int) -> bool:
        """May this question be followed? Not twice on one way, not too deep, and not without end in code where all calls all."""
        if not self._busy:
            self._steps = 0
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS or question in self._busy:
            return False
        self._busy.add(question)
        return True

    def origins(self, node: Node | None, scope: Scope, depth: int = 0) -> tuple[Origin, ...]:
        """Where a value may come from; an unfollowable one gives one UNKNOWN. Empty for nothing and for numbers."""
        if node is None:
            return ()
        if isinstance(node, Str):
            return (Origin(kind=From.LITERAL, path=scope.path, node=node),)
        question = ("origins", id(node), id(scope))
        if not self._enter(question, depth):
            return (Origin(kind=From.UNKNOWN, path=scope.path, name="too many steps"),)
        try:
            return self._origins(node, scope, depth)
        finally:
            self._busy.discard(question)

    def _origins(self, node: Node, scope: Scope, depth: int) -> tuple[Origin, ...]:
        match node:
            case Const():
                return ()
            case EnvRef(name=name):
                return (Origin(kind=From.ENV, path=scope.path, node=node, name=name), *self.origins(node.default, scope, depth + 1))
            case Join(parts=parts):
                return self._joined(parts, scope, depth)
            case Alt(parts=parts) | Seq(items=parts):
                return self._merge(self.origins(part, scope, depth + 1) for part in parts)
            case Other(kind="await" | "and" | "paren" | "type-assert", children=kids) if kids:
                return self.origins(kids[-1], scope, depth + 1)
            case Name(id=name):
                return self._bindings(scope.lookup(name), name, scope, depth)
            case Index() | Attr() | Call():
                found = access(node, scope)
                if found is not None:
                    env = Origin(kind=From.ENV, path=scope.path, node=node, name=found.name)
                    spare = self.origins(found.default, scope, depth + 1)
                    return self._merge(((env,), tuple(replace(one, default_of=one.default_of or found.name) for one in spare)))
        match node:
            case Attr(base=base, name=name):
                return self._attribute(base, name, scope, depth)
            case Index(base=base, key=Str(value=key)):
                return self._entry(base, key, scope, depth)
            case Call():
                return self._call(node, scope, depth)
            case _:
                return (
                    Origin(kind=From.UNKNOWN, path=scope.path, node=node, name=source_name(node) or type(node).__name__.lower()),
                )

    @staticmethod
    def _merge(groups: Iterator[tuple[Origin, ...]] | tuple[tuple[Origin, ...], ...]) -> tuple[Origin, ...]:
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

    def _joined(self, parts: tuple[Node, ...], scope: Scope, depth: int) -> tuple[Origin, ...]:
        if not parts:
            return ()
        rest = "".join(part.value if isinstance(part, Str) else "{}" for part in parts[1:])
        head = parts[0]
        if isinstance(head, Str) and "://" not in head.value and "openrouter" not in head.value.lower() and len(parts) > 1:
            # "Bearer " + key: the value is what follows
            tail = self._merge(self.origins(part, scope, depth + 1) for part in parts[1:] if not isinstance(part, Str))
            return tuple(replace(origin, prefix=head.value + origin.prefix) for origin in tail) or self.origins(
                head, scope, depth + 1
            )
        if isinstance(head, Str) and head.value.rstrip().endswith("://") and len(parts) > 1:
            return tuple(
                replace(o, prefix=head.value, suffix=o.suffix + rest[2:]) for o in self.origins(parts[1], scope, depth + 1)
            )
        return tuple(replace(origin, suffix=origin.suffix + rest) for origin in self.origins(head, scope, depth + 1))

    def _bindings(self, bindings: list[Binding], name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        if not bindings:
            star = self._star(name, scope, depth)
            return star or (Origin(kind=From.UNKNOWN, path=scope.path, name=name),)
        return self._merge(tuple(self._binding(binding, name, depth) for binding in bindings[-6:]))

    def _star(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        file = self.files.get(scope.path)
        for found in file.scopes.star_imports if file else ():
            path = self.local_module(scope.path, found.module)
            other = self.file(path) if path else None
            if other and name in other.scopes.root.names:
                return self._bindings(other.scopes.root.names[name], name, other.scopes.root, depth + 1)
        return ()

    def _binding(self, binding: Binding, name: str, depth: int) -> tuple[Origin, ...]:
        path = binding.scope.path
        if binding.imported is not None:
            return self._imported(binding, name, depth)
        if binding.param is not None:
            default = self.origins(binding.value, binding.scope, depth + 1)
            return (*default, Origin(kind=From.PARAM, path=path, node=None, name=name))
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
            return self._entry(binding.value, binding.key, binding.scope, depth)
        step = f"{path}:{name}"
        return tuple(
            replace(origin, through=(*origin.through, step)) for origin in self.origins(binding.value, binding.scope, depth + 1)
        )

    def _imported(self, binding: Binding, name: str, depth: int) -> tuple[Origin, ...]:
        found = binding.imported
        assert found is not None
        path = self.local_module(binding.scope.path, found.module)
        if path is None and found.name not in (None, "*"):
            # from package import module
            separator = "" if found.module.endswith(".") else "."
            path = self.local_module(binding.scope.path, f"{found.module}{separator}{found.name}")
        other = self.file(path) if path else None
        if other is None or found.name is None:
            if found.module.startswith("$env/static/") or found.module == "@env":
                return (Origin(kind=From.ENV, path=binding.scope.path, name=found.name or name),)
            return (Origin(kind=From.UNKNOWN, path=binding.scope.path, name=name),)
        bindings = exported(self, other.path, found.name)
        if depth > MAX_DEPTH or not bindings:
            return (Origin(kind=From.UNKNOWN, path=binding.scope.path, name=name),)
        return self._merge(tuple(self._binding(b, found.name, depth + 1) for b in bindings[-6:]))

    def class_of(self, node: Node, scope: Scope, depth: int = 0) -> Scope | None:
        """The scope of the class that an expression is an instance of, or is itself, in this tree."""
        question = ("class", id(node), id(scope))
        if question in self._classes:
            return self._classes[question]
        if not self._enter(question, depth):
            return None
        try:
            found = self._class_of(node, scope, depth)
        finally:
            self._busy.discard(question)
        self._classes[question] = found
        return found

    def _class_of(self, node: Node, scope: Scope, depth: int) -> Scope | None:
        match node:
            case Name(id="self" | "this" | "cls"):
                return scope.enclosing_class()
            case Name(id=name):
                for binding in reversed(scope.lookup(name)):
                    found = self._class_of_binding(binding, depth + 1)
                    if found is not None:
                        return found
            case Attr(base=base, name=name):
                owner = self.class_of(base, scope, depth + 1)
                for binding in reversed(owner.names.get(name, []) if owner else []):
                    found = self._class_of_binding(binding, depth + 1)
                    if found is not None:
                        return found
                module = self._module_of(base, scope)
                for binding in reversed(exported(self, module.path, name) if module else []):
                    found = self._class_of_binding(binding, depth + 1)
                    if found is not None:
                        return found
            case Call(func=func):
                found = self.class_of(func, scope, depth + 1)
                if found is not None:
                    return found
                return self._returned_class(func, scope, depth)
            case Other(kind="await", children=(inner,)):
                return self.class_of(inner, scope, depth + 1)
        return None

    def _class_of_binding(self, binding: Binding, depth: int) -> Scope | None:
        if depth > MAX_DEPTH:
            return None
        file = self.files.get(binding.scope.path)
        if binding.cls is not None and file is not None:
            return file.scopes.scope_of(binding.cls)
        if binding.imported is not None and binding.imported.name:
            path = self.local_module(binding.scope.path, binding.imported.module)
            other = self.file(path) if path else None
            for inner in reversed(exported(self, other.path, binding.imported.name) if other else []):
                found = self._class_of_binding(inner, depth + 1) if depth < MAX_DEPTH else None
                if found is not None:
                    return found
        if binding.value is not None and binding.key is None:
            return self.class_of(binding.value, binding.scope, depth + 1)
        if isinstance(binding.annotation, Name):
            return self.class_of(binding.annotation, binding.scope, depth + 1)
        return None

    def _returned_class(self, func: Node, scope: Scope, depth: int) -> Scope | None:
        for found, inner in self.functions(func, scope):
            for value in returns(found):
                owner = self.class_of(value, inner, depth + 1)
                if owner is not None:
                    return owner
        return None

    def _module_of(self, node: Node, scope: Scope) -> Scope | None:
        if not isinstance(node, Name):
            return None
        for binding in scope.lookup(node.id):
            found = binding.imported
            if found is None:
                continue
            separator = "" if found.module.endswith(".") else "."
            module = found.module if found.name is None else f"{found.module}{separator}{found.name}"
            path = self.local_module(binding.scope.path, module)
            other = self.file(path) if path else None
            if other is not None:
                return other.scopes.root
        return None

    def _attribute(self, base: Node, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        owner = self.class_of(base, scope, depth)
        seen: set[int] = set()
        while owner is not None and id(owner) not in seen:
            seen.add(id(owner))
            if name in owner.names:
                getter = next((b.func for b in owner.names[name] if b.func is not None), None)
                if getter is not None and (file := self.files.get(owner.path)):
                    inner = file.scopes.scope_of(getter)
                    return self._merge(tuple(self.origins(value, inner, depth + 1) for value in returns(getter)))
                read = variable(self, owner, name)
                known = self._bindings(owner.names[name], name, owner, depth + 1)
                return self._merge(((Origin(kind=From.ENV, path=owner.path, name=read),), known)) if read else known
            owner = self._base_class(owner, depth)
        module = self._module_of(base, scope)
        if module is not None and (offered := exported(self, module.path, name)):
            return self._bindings(offered, name, module, depth + 1)
        entry = self._entry(base, name, scope, depth)
        if any(origin.kind is not From.UNKNOWN for origin in entry):
            return entry
        checked = list(env_schema.behind(self, base, scope, name)) if is_variable(name) else []
        if checked:
            own = Origin(kind=From.ENV, path=scope.path, name=name)
            return self._merge(
                tuple((own,) if value is None else self.origins(value, inner, depth + 1) for value, inner in checked)
            )
        return (Origin(kind=From.UNKNOWN, path=scope.path, name=f"{source_name(base)}.{name}"),)

    def _base_class(self, owner: Scope, depth: int) -> Scope | None:
        for base in owner.bases:
            if base.name is None and owner.parent is not None:
                found = self.class_of(base.value, owner.parent, depth + 1)
                if found is not None:
                    return found
        return None

    def objects(self, node: Node, scope: Scope, depth: int = 0) -> tuple[tuple[Obj, Scope], ...]:
        """The object displays an expression may be: `headers` → the dict it was given."""
        if isinstance(node, Obj):
            return ((node, scope),)
        question = ("objects", id(node), id(scope))
        if not self._enter(question, depth):
            return ()
        try:
            return self._objects(node, scope, depth)
        finally:
            self._busy.discard(question)

    def _objects(self, node: Node, scope: Scope, depth: int) -> tuple[tuple[Obj, Scope], ...]:
        match node:
            case Name(id=name):
                found: list[tuple[Obj, Scope]] = []
                for binding in scope.lookup(name)[-4:]:
                    found += self._binding_objects(binding, depth + 1)
                return tuple(found)
            case Attr(base=base, name=name):
                owner = self.class_of(base, scope, depth)
                if owner is not None and name in owner.names:
                    return tuple(pair for b in owner.names[name][-4:] for pair in self._binding_objects(b, depth + 1))
                module = self._module_of(base, scope)
                if module is not None and (offered := exported(self, module.path, name)):
                    return tuple(pair for b in offered[-4:] for pair in self._binding_objects(b, depth + 1))
                return tuple(
                    pair
                    for obj, inner in self.objects(base, scope, depth + 1)
                    for item, item_scope in self.entries(obj, inner)
                    if isinstance(item.key, Str) and item.key.value == name
                    for pair in self.objects(item.value, item_scope, depth + 1)
                )
            case Index(base=base, key=Str(value=key)):
                return tuple(
                    pair
                    for obj, inner in self.objects(base, scope, depth + 1)
                    for item, item_scope in self.entries(obj, inner)
                    if isinstance(item.key, Str) and item.key.value == key
                    for pair in self.objects(item.value, item_scope, depth + 1)
                )
            case Alt(parts=parts):
                return tuple(pair for part in parts for pair in self.objects(part, scope, depth + 1))
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
                    return tuple(pair for arg in args for pair in self.objects(arg.value, scope, depth + 1))
                if isinstance(func, Attr) and func.name == "copy":
                    return self.objects(func.base, scope, depth + 1)
                return tuple(
                    pair
                    for found_func, inner in self.functions(func, scope)
                    for value in returns(found_func)
                    for pair in self.objects(value, inner, depth + 1)
                )
            case Other(kind="await" | "and" | "paren", children=kids) if kids:
                return self.objects(kids[-1], scope, depth + 1)
            case _:
                return ()

    def _binding_objects(self, binding: Binding, depth: int) -> tuple[tuple[Obj, Scope], ...]:
        if depth > MAX_DEPTH:
            return ()
        if binding.imported is not None and binding.imported.name:
            path = self.local_module(binding.scope.path, binding.imported.module)
            other = self.file(path) if path else None
            if other is None:
                return ()
            return tuple(
                pair for b in exported(self, other.path, binding.imported.name)[-4:] for pair in self._binding_objects(b, depth + 1)
            )
        if binding.func is not None and (file := self.files.get(binding.scope.path)):
            inner = file.scopes.scope_of(binding.func)
            return tuple(pair for value in returns(binding.func) for pair in self.objects(value, inner, depth + 1))
        if binding.value is None or binding.key is not None:
            return ()
        return self.objects(binding.value, binding.scope, depth + 1)

    def entries(self, obj: Obj, scope: Scope, depth: int = 0) -> Iterator[tuple[Item, Scope]]:
        """Entries of an object, those of its spreads included."""
        for item in obj.items:
            if item.key is None and depth < 4:
                for inner, inner_scope in self.objects(item.value, scope):
                    yield from self.entries(inner, inner_scope, depth + 1)
            else:
                yield item, scope

    def _entry(self, base: Node, key: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        found: list[tuple[Origin, ...]] = []
        for obj, inner in self.objects(base, scope, depth + 1):
            for item, item_scope in self.entries(obj, inner):
                if isinstance(item.key, Str) and item.key.value == key:
                    found.append(self.origins(item.value, item_scope, depth + 1))
        if found:
            return self._merge(tuple(found))
        return (Origin(kind=From.UNKNOWN, path=scope.path, name=f"{source_name(base) or '…'}[{key}]"),)

    def functions(self, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
        """The functions of this tree that a callee may be, with the scopes they open."""
        known = self._functions.get((id(func), id(scope)))
        if known is None:
            known = self._functions[id(func), id(scope)] = self._find_functions(func, scope)
        return known

    def _find_functions(self, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
        bindings: list[Binding] = []
        match func:
            case Name(id=name):
                bindings = scope.lookup(name)
            case Attr(base=base, name=name):
                owner = self.class_of(base, scope, MAX_DEPTH - 3)
                module = None if owner else self._module_of(base, scope)
                bindings = owner.names.get(name, []) if owner else exported(self, module.path, name) if module else []
        found: list[tuple[Func, Scope]] = []
        for binding in bindings:
            if binding.imported is not None and binding.imported.name:
                path = self.local_module(binding.scope.path, binding.imported.module)
                other = self.file(path) if path else None
                for inner in exported(self, other.path, binding.imported.name) if other else []:
                    found += self._opened(inner)
            found += self._opened(binding)
        return found

    def _opened(self, binding: Binding) -> list[tuple[Func, Scope]]:
        file = self.files.get(binding.scope.path)
        if file is None:
            return []
        func = binding.func
        if func is None and isinstance(binding.value, Func) and binding.key is None:
            func = binding.value
        return [(func, file.scopes.scope_of(func))] if func is not None and id(func) in file.scopes.opened else []

    def _call(self, node: Call, scope: Scope, depth: int) -> tuple[Origin, ...]:
        word = last_name(node.func)
        if word in ("urljoin",) and len(node.args) >= 2:
            tail = (
                "".join(o.node.value for o in self.origins(node.args[1].value, scope, depth + 1) if isinstance(o.node, Str)) or "{}"
            )
            return tuple(
                replace(o, suffix=f"{o.suffix}/{tail.lstrip('/')}") for o in self.origins(node.args[0].value, scope, depth + 1)
            )
        if word == "URL" and len(node.args) == 2:
            tail = (
                "".join(o.node.value for o in self.origins(node.args[0].value, scope, depth + 1) if isinstance(o.node, Str)) or "{}"
            )
            return tuple(replace(o, suffix=f"/{tail.lstrip('/')}") for o in self.origins(node.args[1].value, scope, depth + 1))
        if word in _PASS_THROUGH:
            if isinstance(node.func, Attr) and not isinstance(node.func.base, Str) and word not in ("SecretStr", "cast", "URL"):
                return self.origins(node.func.base, scope, depth + 1)
            if node.args:
                return self.origins(node.args[-1 if word == "cast" else 0].value, scope, depth + 1)
        if word in _FIELDS:
            default = next((arg.value for arg in node.args if arg.name in ("default", "default_factory")), None)
            if default is None and node.args and node.args[0].name is None and not isinstance(node.args[0].value, Const):
                default = node.args[0].value
            if isinstance(default, Func):
                return self._merge(tuple(self.origins(value, scope, depth + 1) for value in returns(default)))
            if default is not None:
                return self.origins(default, scope, depth + 1)
            return ()
        if isinstance(node.func, Attr) and word in ("get", "getattr", "setdefault") and node.args:
            key = node.args[0].value
            known = self._entry(node.func.base, key.value, scope, depth) if isinstance(key, Str) else ()
            otherwise = self.origins(node.args[1].value, scope, depth + 1) if len(node.args) > 1 else ()
            return self._merge((known, otherwise)) or (Origin(kind=From.UNKNOWN, path=scope.path, name=source_name(node.func)),)
        found: list[tuple[Origin, ...]] = []
        for func, inner in self.functions(node.func, scope):
            helper = env_helper(func, inner)
            if helper is not None and helper < len(node.args) and isinstance(key := node.args[helper].value, Str):
                found.append((Origin(kind=From.ENV, path=scope.path, node=node, name=key.value),))
            else:
                found += [self.origins(value, inner, depth + 1) for value in returns(func)]
        if found:
            return self._merge(tuple(found))
        return (Origin(kind=From.UNKNOWN, path=scope.path, node=node, name=f"{source_name(node.func) or 'call'}()"),)


def env_helper(func: Func, scope: Scope) -> int | None:
    """Index of the parameter whose value names the variable that this function reads; None for other functions."""
    names = tuple(param.name for param in func.params)
    if names[:1] == ("self",):
        names = names[1:]
    if not names:
        return None
    stack: list[Node | Arg | Item] = list(func.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Index | Call):
            found = helper_parameter(names, node, scope)
            if found is not None:
                return found
        stack += [child for child in children(node) if not isinstance(child, (Str, Name))]  # type: ignore[misc]
    return None


def qualified(node: Node, scope: Scope) -> str:
    """`dotted`, with "" for what cannot be said."""
    return dotted(node, scope) or ""

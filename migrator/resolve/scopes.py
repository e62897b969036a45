"""Names and where they lead: scopes and bindings of one lowered file, the same for every language.

Only what a migration needs: who binds a name, what value it was given, which imported thing it stands for. A name bound twice
has two values; a value that cannot be known is `None` in its binding. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import overload

from migrator.formats.tree import (  # fmt: skip
    PARTS,
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Func,
    Import,
    Index,
    Item,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Return,
    Seq,
    Str,
    Visibility,
    children,
)
from migrator.patterns import regex
from migrator.records import dataclass, field, replace


class ScopeKind(StrEnum):
    """What opened a scope."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"


@dataclass(slots=True, eq=False)
class Binding:
    """One reason why a name has a value."""

    scope: Scope
    """Where `value` is to be read."""
    value: Node | None = None
    imported: Import | None = None
    param: Param | None = None
    func: Func | None = None
    cls: Class | None = None
    key: str | None = None
    """Destructured: the value is this key of `value`."""
    exported: bool = False
    annotation: Node | None = None
    default: Node | None = None
    """Destructured: what stands in where `value` has no such key."""
    default_scope: Scope | None = None
    """Where `default` is to be read."""
    at: int = -1
    """Where the assignment ends that gives the value; -1 for what is no assignment."""
    made: Node | None = None
    """A field of a class: the call that makes the instance whose field is given the value, where that is seen."""


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function with the names bound in it. A class scope also holds `self.x` of its methods."""

    kind: ScopeKind
    node: Node | None
    parent: Scope | None
    path: str
    name: str = ""
    names: dict[str, list[Binding]] = field(default_factory=dict)
    bases: tuple[Arg, ...] = ()
    of_call: bool = False
    """Function: are its parameters bound to the arguments of one call?"""
    outer: set[str] = field(default_factory=set)
    """Names that the scope gives values to in the module."""
    members: bool = False
    """Class: are its members seen in its methods without `self.`?"""
    beyond: Callable[[str], list[Binding]] | None = None
    """Module: names of other files that are seen without an import."""
    language: str = ""
    """Module: the language of the file."""
    visibility: Visibility | None = None
    """Module: what names mean in its language, where that differs from Python's and JavaScript's ways."""

    def bind(self, name: str, binding: Binding) -> None:
        """Add one more binding of a name, in the module where the scope says that it is `global`."""
        holder = self.module() if name in self.outer else self
        holder.names.setdefault(name, []).append(binding)

    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def enclosing_class(self) -> Scope | None:
        """The nearest class around this scope."""
        scope: Scope | None = self
        while scope is not None and scope.kind is not ScopeKind.CLASS:
            scope = scope.parent
        return scope

    def lookup(self, name: str) -> list[Binding]:
        """Bindings of a name as seen from here; class bodies are not seen from their methods."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if (first or scope.members or scope.kind is not ScopeKind.CLASS) and name in scope.names:
                return scope.names[name]
            if scope.beyond is not None:
                return scope.beyond(name)
            first = False
            scope = scope.parent
        return []


_LEAVES = frozenset((Name, Str, Const))
"""Most nodes are one of these, and bind nothing."""
_BINDING = frozenset((Assign, Func, Class, Import, Other))
"""The others that may bind something themselves."""


class Scopes:
    """All scopes of one module, with the scope that each function and class node opens."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.root = Scope(ScopeKind.MODULE, None, None, module.path, language=module.language, visibility=module.visibility)
        self.opened: dict[int, Scope] = {}
        """By the `id` of a function or class: nodes that a file's own tree is asked about with the very object, many times."""
        self.classes: dict[str, Scope] = {}
        self.star_imports: list[Import] = []
        self._members = module.visibility is not None and module.visibility.members
        self._body(module.body, self.root)

    def scope_of(self, node: Func | Class) -> Scope:
        """The scope that a function or class opens."""
        return self.opened[id(node)]

    @overload
    def opened_by(self, node: object) -> Scope | None: ...

    @overload
    def opened_by(self, node: object, default: Scope) -> Scope: ...

    def opened_by(self, node: object, default: Scope | None = None) -> Scope | None:
        """The scope that a node opens; else the other."""
        return self.opened.get(id(node), default)

    def _body(self, nodes: tuple[Node, ...], scope: Scope) -> None:
        for node in nodes:
            self._visit(node, scope)

    def _visit(self, node: Node | Arg | Item | Param, scope: Scope) -> None:
        kind = type(node)
        if kind not in _BINDING:
            parts = PARTS.get(kind)
            for child in parts(node) if parts is not None else ():
                if type(child) not in _LEAVES:
                    self._visit(child, scope)
        elif kind is Assign:
            self._assign(node, scope)  # type: ignore[arg-type]
        elif kind is Func:
            self._func(node, scope)  # type: ignore[arg-type]
        elif kind is Class:
            self._class(node, scope)  # type: ignore[arg-type]
        elif kind is Import:
            self._import(node, scope)  # type: ignore[arg-type]
        elif kind is Other and node.kind in ("for", "comprehension"):  # type: ignore[union-attr]
            self._loop(node, scope)  # type: ignore[arg-type]
        elif kind is Other and node.kind == "global":  # type: ignore[union-attr]
            scope.outer.update(name.id for name in node.children if isinstance(name, Name))  # type: ignore[union-attr]
        else:
            for child in children(node):
                if type(child) not in _LEAVES:
                    self._visit(child, scope)

    def _loop(self, node: Other, scope: Scope) -> None:
        """A loop whose variable is given each element of what it runs over."""
        for index, child in enumerate(node.children):
            if not isinstance(child, Assign) or child.value is None or (index and node.kind == "for") or _is_each(child.value):
                self._visit(child, scope)
            else:
                value = Other(child.value.span, "each", (child.value,))
                self._assign(Assign(child.span, child.targets, value, child.annotation, child.augmented, child.exported), scope)

    def _import(self, node: Import, scope: Scope) -> None:
        if node.name == "*" and node.local == "*":
            self.star_imports.append(node)
        elif node.local and not (node.reexport and scope is not self.root):
            scope.bind(node.local, Binding(scope, imported=node, exported=node.reexport))

    def _func(self, node: Func, scope: Scope) -> None:
        if node.name:
            scope.bind(node.name, Binding(scope, func=node))
        inner = Scope(ScopeKind.FUNCTION, node, scope, scope.path, node.name)
        self.opened[id(node)] = inner
        for decorator in node.decorators:
            self._visit(decorator, scope)
        for param in node.params:
            if param.name:
                inner.bind(param.name.lstrip("*"), Binding(scope, param=param, value=param.default, annotation=param.annotation))
            elif param.pattern is not None:
                bind_target(param.pattern, Binding(scope, param=param), inner)
            for part in (param.default, param.annotation):
                if part is not None:
                    self._visit(part, scope)
        self._body(node.body, inner)

    def _class(self, node: Class, scope: Scope) -> None:
        inner = Scope(ScopeKind.CLASS, node, scope, scope.path, node.name, bases=node.bases, members=self._members)
        self.opened[id(node)] = inner
        if node.name:
            scope.bind(node.name, Binding(scope, cls=node))
            self.classes.setdefault(node.name, inner)
        for part in (*node.decorators, *node.bases):
            self._visit(part, scope)
        self._body(node.body, inner)

    def _assign(self, node: Assign, scope: Scope) -> None:
        at = -1 if node.augmented else node.span.end
        for target in node.targets:
            bind_target(target, Binding(scope, value=node.value, exported=node.exported, annotation=node.annotation, at=at), scope)
            if isinstance(target, (Attr, Index)):
                for child in children(target):
                    self._visit(child, scope)
        if node.value is not None:
            self._visit(node.value, scope)


def bind_target(
    target: Node,
    binding: Binding,
    into: Scope,
) -> None:
    """Bind the names of an assignment's target in `into`; `binding` says what the whole target is given."""
    match target:
        case Name(id=name):
            into.bind(name, binding)
        case Attr(base=Name(id="self" | "this" | "cls"), name=name):
            owner = into.enclosing_class()
            if owner is not None:
                owner.bind(name, binding)
        case Seq(items=items):
            for index, part in enumerate(items):
                bind_target(part, _member(binding, part, index, len(items)), into)
        case Obj(items=items):
            for item in items:
                _bind_entry(item, binding, into)
        case Alt(parts=(local, default)):
            bind_target(local, replace(binding, default=default, default_scope=into), into)
        case _:
            pass


def _bind_entry(item: Item, binding: Binding, into: Scope) -> None:
    """One entry of a pattern: `{ a }`, `{ a: b }`, `{ a = 1 }`, `{ a: { b } }`, `{ ...rest }`."""
    if item.key is None:
        bind_target(item.value, replace(binding, key=None), into)
        return
    taken = item.key.value if isinstance(item.key, Str) else ""
    value = binding.value
    if value is not None and binding.key is not None:
        value = Attr(value.span, value, binding.key, value.span)
    entry = replace(binding, value=value, key=taken, default=None, default_scope=None)
    bind_target(item.value, entry, into)


def _member(binding: Binding, part: Node, index: int, count: int) -> Binding:
    """What the `index`-th name of a sequence of targets is given."""
    value = binding.value
    if value is not None and binding.key is not None:
        value = Attr(value.span, value, binding.key, value.span)
    if value is None or _is_star(part):
        given: Node | None = None
    elif isinstance(value, Seq):
        # a pattern of JavaScript may have holes: only where the numbers agree is it known what goes where
        given = value.items[index] if len(value.items) == count and not any(map(_is_star, value.items)) else None
    else:
        given = Index(value.span, value, Const(value.span, str(index)))
    return replace(binding, value=given, key=None, annotation=None)


def _is_each(node: Node) -> bool:
    return isinstance(node, Other) and node.kind == "each"


def _is_star(node: Node) -> bool:
    return isinstance(node, Other) and node.kind in ("star", "spread")


_ELSEWHERE = regex(
    r"^(?:npm:|jsr:|https?://(?:esm\.sh|esm\.run|cdn\.skypack\.dev|unpkg\.com|deno\.land/x|cdn\.jsdelivr\.net/npm)/(?:v\d+/|stable/)?)/?"
    r"(?P<name>(?:@[^/@]+/)?[^/@?]+)(?:@[^/?]*)?(?P<rest>/[^?]*)?"
)


def package(module: str) -> str:
    """A module's name without where it is fetched from and in which version: `npm:openai@6` → `openai`."""
    match = _ELSEWHERE.match(module) if ":" in module else None
    if match is None:
        return module
    rest = (match["rest"] or "").rstrip("/")
    return match["name"] + ("" if rest in ("/+esm", "/mod.ts", "/mod.js", "/index.ts", "/index.js") else rest)


def dotted(node: Node, scope: Scope, depth: int = 0) -> str | None:
    """The qualified name of an expression: `openai.OpenAI`, `os.environ`, `process.env`, `openai.OpenAI().chat`.

    Imported names are spelled `module.name`, an instance by its class and `()`. A name bound in this file to something else is
    spelled `<path>:name`, so that an own class called `OpenAI` is never taken for the SDK's. None: it cannot be said.
    """
    if depth > 12:
        return None
    # without patterns: every callee of every file comes through here
    if isinstance(node, Name):
        bindings = scope.lookup(node.id)
        return _bound(node.id, bindings[-1], depth) if bindings else node.id
    if isinstance(node, Attr):
        if isinstance(node.base, Name) and node.base.id in _OWNERS:
            owner = scope.enclosing_class()
            values = [b for b in owner.names.get(node.name, ()) if b.value is not None] if owner else []
            return _bound(node.name, values[-1], depth) if values else None
        head = dotted(node.base, scope, depth + 1)
        return None if head is None else f"{head}.{node.name}"
    if isinstance(node, Call):
        head = dotted(node.func, scope, depth + 1)
        return None if head is None else f"{head}()"
    if isinstance(node, Other) and node.kind == "await" and len(node.children) == 1:
        return dotted(node.children[0], scope, depth + 1)
    return None


_OWNERS = frozenset(("self", "this", "cls"))


def _bound(name: str, binding: Binding, depth: int) -> str | None:
    imported = binding.imported
    if imported is not None:
        module = package(imported.module)
        return module if imported.name is None else f"{module}.{imported.name}"
    if binding.func is not None or binding.cls is not None:
        return f"{binding.scope.path}:{name}"
    if binding.param is not None or binding.value is None or type(binding.value) is Other:
        return _declared(binding, depth)
    head = dotted(binding.value, binding.scope, depth + 1)
    if binding.annotation is not None and (head is None or ":" in head):  # what an own function makes
        head = _declared(binding, depth) or head
    if head is not None and binding.key:
        return f"{head}.{binding.key}"
    return head


def _declared(binding: Binding, depth: int) -> str | None:
    """`private final RestTemplate client`: an instance of its type."""
    kind = binding.annotation
    typed = isinstance(kind, Name | Attr) and binding.scope.module().visibility is not None
    head = dotted(kind, binding.scope, depth + 1) if typed and kind is not None else None
    return None if head is None else f"{head}()"


def returns(func: Func) -> tuple[Node, ...]:
    """The values that a function returns itself, not those of functions inside it."""
    nodes: list[Node] = []
    stack: list[Node | Arg | Item] = list(reversed(func.body))
    while stack:
        node = stack.pop()
        if isinstance(node, Return):
            if node.value is not None:
                nodes.append(node.value)
        elif not isinstance(node, Func | Class):
            stack += [child for child in reversed(children(node)) if not isinstance(child, (Str, Name))]  # type: ignore[misc]
    return tuple(nodes)

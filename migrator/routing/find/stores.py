"""Where a statement writes to: `body["provider"]["order"]`, `body.setdefault("provider", {})["only"]`, `body.provider.sort`."""

from __future__ import annotations

from enum import StrEnum

from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Index, Item, Name, Node, Obj, Other, Str
from migrator.model import Span
from migrator.records import dataclass, replace
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.scopes import Scope, ScopeKind


class Form(StrEnum):
    """How one key of a chain is written."""

    INDEX = "index"
    ATTRIBUTE = "attribute"
    SETDEFAULT = "setdefault"


@dataclass(frozen=True, slots=True)
class Step:
    """One key of a chain."""

    name: str
    span: Span
    """The key with its quotes; the property's name; both arguments of `setdefault`."""
    form: Form


@dataclass(frozen=True, slots=True)
class Chain:
    """An object and the keys that lead from it to what is written."""

    root: Node
    """A name, or `self.payload`."""
    steps: tuple[Step, ...]


class How(StrEnum):
    """What a write does with what the object held before."""

    MAKE = "make"
    """A new object takes its place."""
    MERGE = "merge"
    """Entries are added or replaced."""
    DEFAULT = "default"
    """Entries are added where there are none."""


_CONTAINERS = frozenset(("provider", "extra_body", "extraBody", "providerOptions", "openrouter"))


def chain_of(node: Node, *, ecma: bool) -> Chain | None:
    """The chain that an expression is; None for what is no chain of plain keys."""
    match node:
        case Name():
            return Chain(node, ())
        case Index(base=base, key=Str() as key):
            return _longer(base, Step(key.value, key.span, Form.INDEX), ecma=ecma)
        case Attr(base=base, name=name, name_span=span):
            if ecma and (name in _CONTAINERS or isinstance(base, Index | Call)):
                return _longer(base, Step(name, span, Form.ATTRIBUTE), ecma=ecma)
            inner = chain_of(base, ecma=ecma)
            return (
                None
                if inner is None
                else Chain(node, ())
                if not inner.steps
                else _longer(base, Step(name, span, Form.ATTRIBUTE), ecma=ecma)
            )
        case Call(func=Attr(base=base, name="setdefault"), args=(first, second)) if isinstance(first.value, Str):
            span = Span(first.span.start, second.span.end)
            return (
                _longer(base, Step(first.value.value, span, Form.SETDEFAULT), ecma=ecma) if isinstance(second.value, Obj) else None
            )
        case _:
            return None


def _longer(base: Node, step: Step, *, ecma: bool) -> Chain | None:
    inner = chain_of(base, ecma=ecma)
    return None if inner is None else Chain(inner.root, (*inner.steps, step))


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that an object display becomes a part of."""

    key: object
    """Equal for all displays and statements that write to the same object at the same keys."""
    how: How
    sometimes: bool = False
    """Does it depend on a condition whether it is put there?"""
    name: str = ""
    """The object's name, as it is written."""
    root: Obj | None = None
    """The outermost display that it stands in."""


def owner_of_chain(chain: Chain, node_path: NodePath, steps: int, how: How) -> Owner:
    """The object at the end of the first `steps` keys of a chain."""
    name = source_name(chain.root)
    return Owner(_key(name, node_path, tuple(step.name for step in chain.steps[:steps])), how, name=name)


def owner_of(node_path: NodePath, *, ecma: bool) -> Owner:
    """What an object display is a part of, with the outermost display around it."""
    root = node_path.node
    for step in node_path.ancestors():
        if isinstance(step.node, Obj):
            root = step.node
    owner = _owner_of(node_path, ecma=ecma)
    return replace(owner, root=root) if isinstance(root, Obj) else owner


def _owner_of(node_path: NodePath, *, ecma: bool) -> Owner:
    """What an object display is a part of: a variable's value, another display, an argument of `update`."""
    keys: list[str] = []
    how, sometimes = How.MAKE, False
    outermost: object = node_path.node
    for step, child in zip(node_path.ancestors(), (node_path.node, *(step.node for step in node_path.ancestors())), strict=False):
        match step.node:
            case Alt():
                sometimes = True
            case Other(kind="|", children=parts):
                how = How.MERGE if how is How.MERGE or not _begins(parts, child) else how
                outermost = step.node
            case Other(kind=kind):
                sometimes = sometimes or kind == "and"
            case Item(key=None):
                how = How.MERGE
            case Item(key=Str(value=key)):
                keys.insert(0, key)
            case Obj():
                outermost = step.node
            case Arg():
                pass
            case Call(func=func) if last_name(func) in ("dict", "freeze", "copy", "deepcopy", "cast", "stringify", "dumps"):
                pass
            case Call(func=func, args=args) if last_name(func) in ("update", "assign", "setdefault"):
                base = func.base if isinstance(func, Attr) and func.name != "assign" else args[0].value
                first = args[0].value
                if last_name(func) == "setdefault":
                    keys.insert(0, first.value if isinstance(first, Str) else "?")
                chain = chain_of(base, ecma=ecma)
                how = How.DEFAULT if last_name(func) == "setdefault" else How.MERGE
                return (
                    _owner(chain, keys, step, how, sometimes)
                    if chain is not None and outermost is not base
                    else Owner((id(outermost), *keys), how)
                )
            case Assign(targets=(target,), augmented=augmented):
                how = How.MERGE if augmented else how
                chain = target_of(target, ecma=ecma)
                return (
                    _owner(chain, keys, step, how, sometimes)
                    if chain is not None
                    else Owner((id(outermost), *keys), how, sometimes)
                )
            case _:
                break
    return Owner((id(outermost), *keys), how, sometimes)


def _begins(parts: tuple[Node, ...], child: object) -> bool:
    return bool(parts) and parts[0] is child


def _owner(chain: Chain, keys: list[str], node_path: NodePath, how: How, sometimes: bool) -> Owner:
    name = source_name(chain.root)
    return Owner(_key(name, node_path, (*(step.name for step in chain.steps), *keys)), how, sometimes, name)


def target_of(node: Node, *, ecma: bool) -> Chain | None:
    """The chain of an assignment's target, whose last key may be any property."""
    if ecma and isinstance(node, Attr):
        inner = chain_of(node.base, ecma=ecma)
        if inner is not None and source_name(node.base) not in ("this", "self"):
            return Chain(inner.root, (*inner.steps, Step(node.name, node.name_span, Form.ATTRIBUTE)))
    return chain_of(node, ecma=ecma)


def merged_into(node_path: NodePath, *, ecma: bool) -> Chain | None:
    """The provider object that a display is merged into: `x["provider"].update({…})`, `x["provider"] |= {…}`, `Object.assign(x.provider, {…})`."""
    step = node_path.up
    if step is not None and isinstance(step.node, Arg) and step.node.name is None and not step.node.star:
        step = step.up
    base: Node | None = None
    match step.node if step is not None else None:
        case Call(func=Attr(base=owner, name="update"), args=(_,)):
            base = owner
        case Call(func=Attr(name="assign"), args=(first, second)) if ecma and second.value is node_path.node:
            base = first.value
        case Assign(targets=(target,), augmented=True) if not ecma:
            base = target
    chain = chain_of(base, ecma=ecma) if base is not None else None
    return chain if chain is not None and chain.steps and chain.steps[-1].name == "provider" else None


def _key(name: str, node_path: NodePath, keys: tuple[str, ...]) -> object:
    root = name.partition(".")[0]
    scope: Scope | None = node_path.scope
    while root in ("self", "this", "cls") and scope is not None:
        if scope.kind is ScopeKind.CLASS:
            return (id(scope), name.partition(".")[2], keys)
        scope = scope.parent
    bindings = node_path.scope.lookup(root) if name else []
    return (id(bindings) if bindings else node_path.scope.path, name, keys)

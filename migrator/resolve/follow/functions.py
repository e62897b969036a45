"""What a function of this tree returns, with its parameters bound to what one call gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.tree import Alt, Arg, Call, Func, Item, Name, Node, Obj, Param, Seq, Str
from migrator.records import replace
from migrator.resolve.follow.question import Question
from migrator.resolve.follow.values import Value
from migrator.resolve.scopes import Binding, Scope, ScopeKind, bind_target, returns

Arguments = tuple[tuple[Arg, Scope], ...]
"""Arguments of a call, each with the scope that it is to be read in."""


def results(question: Question, func: Value, arguments: Arguments) -> tuple[Value, ...]:
    """What a function of this tree returns when it is called with these arguments; nothing for one that is being left already."""
    node = func.node
    assert isinstance(node, Func)
    if not question.enter(id(node)):
        return ()
    try:
        scope = call_scope(question, func, (*func.given, *arguments))
        known = question.repository.known
        key = ("returns", id(node))
        if key not in known:
            known[key] = (node, returns(node))
        return tuple(value for result in known[key][1] for value in question.follow(result, scope))
    finally:
        question.leave(id(node))


def call_scope(question: Question, func: Value, arguments: Arguments) -> Scope:
    """The scope that a function opens, with its parameters bound to what one call gives."""
    node, inner, receiver = func.node, func.inner, func.receiver
    assert isinstance(node, Func)
    assert inner is not None
    instance = receiver if receiver is not None and isinstance(receiver.node, Call) else None
    if not arguments and instance is None and not any(param.default or param.pattern for param in node.params):
        return inner
    key = (
        "call", id(node), id(instance.node) if instance else 0, id(instance.scope) if instance else 0,
        *((id(arg), id(scope)) for arg, scope in arguments),
    )  # fmt: skip
    if key not in question.calls:
        opened = _call_scope(question, node, inner, instance, arguments)
        question.calls[key] = (opened, instance, arguments)
    scope = question.calls[key][0]
    assert isinstance(scope, Scope)
    return scope


def _spread(question: Question, stars: list[tuple[Arg, Scope]], param: Param) -> tuple[Arg, Scope] | None:
    """What `**options` gives a parameter, where it is an object that has an entry of that name."""
    for arg, scope in stars:
        for value in question.follow(arg.value, scope):
            for item in value.node.items if isinstance(value.node, Obj) else ():
                if isinstance(item.key, Str) and item.key.value == param.name:
                    return Arg(item.span, item.value, param.name), value.scope
    return None


def _call_scope(question: Question, node: Func, inner: Scope, instance: Value | None, arguments: Arguments) -> Scope:
    opened = Scope(ScopeKind.FUNCTION, node, inner.parent, inner.path, inner.name, of_call=True)
    opened.names = {
        name: [replace(binding, scope=opened) if binding.scope is inner else binding for binding in bindings]
        for name, bindings in inner.names.items()
    }
    params = list(node.params)
    in_class = inner.parent is not None and inner.parent.kind is ScopeKind.CLASS
    if in_class and params and params[0].name in ("self", "cls"):
        params = params[1:]
    if instance is not None:
        for word in ("self", "this"):
            opened.names[word] = [Binding(instance.scope, value=instance.node)]
    positional = [pair for pair in arguments if pair[0].name is None and not pair[0].star]
    named = {arg.name: (arg, scope) for arg, scope in arguments if arg.name is not None}
    stars = [pair for pair in arguments if pair[0].star]
    index = 0
    for param in params:
        if param.name.startswith("*"):
            _bind_rest(param, opened, positional[index:] if len(param.name.lstrip("*")) + 1 == len(param.name) else [], named)
            continue
        pair = named.pop(param.name, None) if param.name else None
        if pair is None and index < len(positional):
            pair, index = positional[index], index + 1
        if pair is None and param.name:
            pair = _spread(question, stars, param)
        if pair is not None:
            _bind_param(param, pair, opened)
        elif not stars and param.default is not None and param.name:
            _give(param, Binding(inner.parent or inner, value=param.default), opened)
        elif not stars and param.default is not None and param.pattern is not None:
            _clear(param.pattern, opened)
            bind_target(param.pattern, Binding(inner.parent or inner, value=param.default), opened)
    return opened


def _bind_param(param: Param, pair: tuple[Arg, Scope], opened: Scope) -> None:
    arg, scope = pair
    if param.name:
        _give(param, Binding(scope, value=arg.value, annotation=param.annotation), opened)
    elif param.pattern is not None:
        _clear(param.pattern, opened)
        bind_target(param.pattern, Binding(scope, value=arg.value), opened)


def _give(param: Param, binding: Binding, opened: Scope) -> None:
    """Put what a call gives in the place of a parameter; what the function itself gives the name afterwards stays."""
    name = param.name.lstrip("*")
    opened.names[name] = [binding, *(other for other in opened.names.get(name, ()) if other.param is not param)]


def _clear(pattern: Node, opened: Scope) -> None:
    """Forget what a pattern's names were bound to without a call."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            opened.names.pop(node.id, None)
        elif isinstance(node, Obj):
            stack += [item.value for item in node.items]
        elif isinstance(node, Seq):
            stack += node.items
        elif isinstance(node, Alt):
            stack.append(node.parts[0])


def _bind_rest(param: Param, opened: Scope, positional: list[tuple[Arg, Scope]], named: dict[str, tuple[Arg, Scope]]) -> None:
    """`*args` and `**kwargs` as the list and the object that they are."""
    pairs = list(named.values()) if param.name.startswith("**") else positional
    scopes = {id(scope): scope for _, scope in pairs}
    if len(scopes) != 1:
        return
    scope = next(iter(scopes.values()))
    node: Node
    if param.name.startswith("**"):
        node = Obj(param.span, tuple(keyword_items([arg for arg, _ in pairs])))
        named.clear()
    else:
        node = Seq(param.span, tuple(arg.value for arg, _ in pairs))
    _give(param, Binding(scope, value=node), opened)


def keyword_items(args: Iterable[Arg]) -> Iterator[Item]:
    """Arguments by name as entries of an object; `**x` as a spread."""
    for arg in args:
        if arg.name is not None:
            span = arg.name_span or arg.span
            yield Item(arg.span, Str(span, arg.name, span, True), arg.value)
        elif arg.star:
            yield Item(arg.span, None, arg.value)

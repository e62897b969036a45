"""Python's statements as `ast` gives them: the same nodes, to the letter, that `formats.python.statements` makes of libcst's."""

from __future__ import annotations

import ast
from typing import Any

from migrator.formats.python.quick.expressions import lower_arguments, lower_parameters, lower_targets, open_bracket
from migrator.formats.python.quick.places import (
    LONGEST,
    SPACE,
    Places,
    Statement,
    Table,
    Unfamiliar,
    blank_comments,
    lower,
    lower_all,
)
from migrator.formats.python.strings import strings_of
from migrator.formats.tree import Arg, Assign, Class, Const, Func, If, Import, Name, Node, Other, Raise, RegionKind, Return, Seq
from migrator.model import Span
from migrator.patterns import regex


def _bare(at: Places, node: ast.Expr) -> tuple[Node, ...]:
    before = len(at.regions)
    value = lower(at, node.value)
    if type(node.value) is ast.JoinedStr:
        raise Unfamiliar
    if type(node.value) is ast.Constant and isinstance(node.value.value, str | bytes) and strings_of(value) is not None:
        for region in at.regions[before:]:
            region.kind = RegionKind.DOCSTRING
    return (value,)


def _assign(at: Places, node: ast.Assign) -> tuple[Node, ...]:
    return (Assign(at.of(node), lower_targets(at, node.targets), lower(at, node.value)),)


def _annotated(at: Places, node: ast.AnnAssign) -> tuple[Node, ...]:
    annotation = lower(at, node.annotation)
    value = None if node.value is None else lower(at, node.value)
    return (Assign(at.of(node), (lower(at, node.target),), value, annotation),)


def _augmented(at: Places, node: ast.AugAssign) -> tuple[Node, ...]:
    return (Assign(at.of(node), (lower(at, node.target),), lower(at, node.value), augmented=True),)


def _return(at: Places, node: ast.Return) -> tuple[Node, ...]:
    return (Return(at.of(node), None if node.value is None else lower(at, node.value)),)


def _raise(at: Places, node: ast.Raise) -> tuple[Node, ...]:
    if node.exc is None:
        return (Raise(at.of(node), None),)
    value = lower(at, node.exc)
    cause = None if node.cause is None else lower(at, node.cause)
    if cause is not None and not isinstance(cause, Name | Const):
        value = Other(Span(value.span.start, cause.span.end), "from", (value, cause))
    return (Raise(at.of(node), value),)


def _assert(at: Places, node: ast.Assert) -> tuple[Node, ...]:
    parts = [lower(at, part) for part in (node.test, node.msg) if part is not None]
    return (Other(at.of(node), "assert", tuple(parts)),)


def _del(at: Places, node: ast.Delete) -> tuple[Node, ...]:
    targets = lower_targets(at, node.targets)
    if len(targets) == 1 and isinstance(targets[0], Seq):
        targets = targets[0].items
    return (Other(at.of(node), "del", targets),)


_WORD = regex(r"\w+")


def _scope(at: Places, node: Any) -> tuple[Node, ...]:
    span = at.of(node)
    kind = type(node).__name__.lower()
    words = list(_WORD.finditer(at.text, span.start + len(kind), span.end))
    if [word[0] for word in words] != node.names:
        raise Unfamiliar
    return (Other(span, kind, tuple([Name(Span(*word.span()), word[0]) for word in words])),)


def _keyword(at: Places, node: Any) -> tuple[Node, ...]:
    return (Other(at.of(node), type(node).__name__.lower(), ()),)


def _if(at: Places, node: ast.If) -> tuple[Node, ...]:
    test, body = lower(at, node.test), lower_all(at, node.body)
    return (If(at.of_block(node), test, tuple(body), tuple(lower_all(at, node.orelse))),)


def _for(at: Places, node: ast.For | ast.AsyncFor) -> tuple[Node, ...]:
    target, source = lower(at, node.target), lower(at, node.iter)
    header = Assign(Span(target.span.start, source.span.end), (target,), source)
    return (Other(at.of_block(node), "for", (header, *lower_all(at, node.body), *lower_all(at, node.orelse))),)


def _while(at: Places, node: ast.While) -> tuple[Node, ...]:
    return (Other(at.of_block(node), "while", (lower(at, node.test), *lower_all(at, node.body), *lower_all(at, node.orelse))),)


def _with(at: Places, node: ast.With | ast.AsyncWith) -> tuple[Node, ...]:
    header = [_bound(at, item) for item in node.items]
    return (Other(at.of_block(node), "with", (*header, *lower_all(at, node.body))),)


def _bound(at: Places, item: ast.withitem) -> Node:
    """`value as name`."""
    node = lower(at, item.context_expr)
    if item.optional_vars is None:
        return node
    value, target = at.of(item.context_expr), at.of(item.optional_vars)
    gap = blank_comments(at.text[value.end : target.start])
    if ")" in gap or "(" in gap:
        raise Unfamiliar
    return Assign(Span(value.start, target.end), (lower(at, item.optional_vars),), node)


_AS = regex(r"[ \t\f)\\\r\n]*as[ \t\f\\\r\n]+")


def _try(at: Places, node: Any) -> tuple[Node, ...]:
    parts = lower_all(at, node.body)
    for handler in node.handlers:
        header: list[Node] = []
        if handler.type is not None:
            value = lower(at, handler.type)
            if handler.name is not None:
                match = _AS.match(at.text, value.span.end)
                if match is None:
                    raise Unfamiliar
                name = Name(at.name(match.end() + len(handler.name), handler.name), handler.name)
                value = Assign(Span(value.span.start, name.span.end), (name,), value)
            header.append(value)
        parts.append(Other(at.of_block(handler), "except", (*header, *lower_all(at, handler.body))))
    parts += lower_all(at, node.orelse)
    if node.finalbody:
        before = (node.orelse or node.handlers or node.body)[-1]
        start = _next_word(at.text, at.end(before), "finally")
        parts.append(Other(Span(start, at.end(node.finalbody[-1])), "finally", tuple(lower_all(at, node.finalbody))))
    return (Other(at.of_block(node), "try", tuple(parts)),)


def _next_word(text: str, end: int, word: str) -> int:
    """Where the word begins that stands behind a block."""
    space = SPACE.match(text, end)
    start = space.end() if space is not None else end
    if text.startswith(";", start) and (space := SPACE.match(text, start + 1)) is not None:
        start = space.end()
    if not text.startswith(word, start):
        raise Unfamiliar
    return start


def _decorated(at: Places, node: Any) -> tuple[Span, tuple[Node, ...]]:
    """Span of a definition from its first decorator on, and the decorators."""
    if getattr(node, "type_params", None):
        raise Unfamiliar
    span = at.of_block(node)
    if not node.decorator_list:
        return span, ()
    decorators = lower_targets(at, node.decorator_list)
    start = at.text.rfind("@", 0, at.start(node.decorator_list[0]))
    return Span(start, span.end), decorators


def _function(at: Places, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    params = lower_parameters(at, node.args)
    types: tuple[Node, ...] = ()
    if node.returns is not None:
        value = lower(at, node.returns)
        types = (Other(value.span, "type", (value,)),)
    if not node.name.isascii():
        raise Unfamiliar
    return (Func(span, node.name, params, (*types, *lower_all(at, node.body)), decorators),)


_CLASS = regex(r"class[ \t\f\\\r\n]+")


def _class(at: Places, node: ast.ClassDef) -> tuple[Node, ...]:
    span, decorators = _decorated(at, node)
    match = _CLASS.match(at.text, at.start(node))
    if match is None or not node.name.isascii():
        raise Unfamiliar
    bases: tuple[Arg, ...] = ()
    if node.bases or node.keywords:
        start = open_bracket(at.text, match.end() + len(node.name))
        bases = tuple(lower_arguments(at, start, node.bases, node.keywords))
    return (Class(span, node.name, "class", bases, tuple(lower_all(at, node.body)), decorators),)


def _import(at: Places, node: ast.Import) -> tuple[Node, ...]:
    span = at.of(node)
    imports: list[Node] = []
    for alias in node.names:
        start, end = at.of(alias)
        if alias.name.count(".") > LONGEST:
            raise Unfamiliar
        module = at.name(start + len(alias.name), alias.name)
        if alias.asname is None:
            imports.append(Import(span, alias.name, module, None, None, alias.name.split(".", 1)[0], None))
        else:
            imports.append(Import(span, alias.name, module, None, None, alias.asname, at.name(end, alias.asname)))
    return tuple(imports)


_FROM = regex(r"from(?:[ \t\f]|\\\r?\n)*")


def _import_from(at: Places, node: ast.ImportFrom) -> tuple[Node, ...]:
    span = at.of(node)
    match = _FROM.match(at.text, span.start)
    if match is None:
        raise Unfamiliar
    module = "." * node.level + (node.module or "")
    module_span = at.name(match.end() + len(module), module)
    if node.names[0].name == "*":
        return (Import(span, module, module_span, "*", Span(span.end - 1, span.end), "*", None),)
    imports: list[Node] = []
    for alias in node.names:
        start, end = at.of(alias)
        name = at.name(start + len(alias.name), alias.name)
        if alias.asname is None:
            imports.append(Import(span, module, module_span, alias.name, name, alias.name, None))
        else:
            imports.append(Import(span, module, module_span, alias.name, name, alias.asname, at.name(end, alias.asname)))
    return tuple(imports)


STATEMENTS: Table[Statement] = Table(
    {
        ast.AnnAssign: _annotated,
        ast.Assert: _assert,
        ast.Assign: _assign,
        ast.AsyncFor: _for,
        ast.AsyncFunctionDef: _function,
        ast.AsyncWith: _with,
        ast.AugAssign: _augmented,
        ast.Break: _keyword,
        ast.ClassDef: _class,
        ast.Continue: _keyword,
        ast.Delete: _del,
        ast.Expr: _bare,
        ast.For: _for,
        ast.FunctionDef: _function,
        ast.Global: _scope,
        ast.If: _if,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
        ast.Nonlocal: _scope,
        ast.Pass: _keyword,
        ast.Raise: _raise,
        ast.Return: _return,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.While: _while,
        ast.With: _with,
    }
)

"""Python's imports."""

from __future__ import annotations

from typing import Any

from migrator.formats.python.context import Places
from migrator.formats.tree import Import, Node
from migrator.model import Span
from migrator.patterns import regex


def _dotted(node: Any) -> str:
    names: list[str] = []
    while type(node).__name__ == "Attribute":
        names.append(node.attr.value)
        node = node.value
    names.append(node.value)
    return ".".join(reversed(names))


def _alias(at: Places, alias: Any) -> tuple[str, Span] | None:
    return None if alias.asname is None else (alias.asname.name.value, at.of(alias.asname.name))


def lower_import(at: Places, node: Any) -> tuple[Node, ...]:
    """`import a.b as c, d`: one node for each name."""
    span = at.of(node)
    imports: list[Node] = []
    for alias in node.names:
        module = _dotted(alias.name)
        local, local_span = _alias(at, alias) or (module.split(".", 1)[0], None)
        imports.append(Import(span, module, at.of(alias.name), None, None, local, local_span))
    return tuple(imports)


_FROM = regex(r"(?:lazy\b)?(?:[ \t\f]|\\\r?\n)*from(?:[ \t\f]|\\\r?\n)*")


def import_from(at: Places, node: Any) -> tuple[Node, ...]:
    """`from m import a as b, c`: one node for each name."""
    span = at.of(node)
    match = _FROM.match(at.text, span.start)
    start = span.start if match is None else match.end()
    dots = "." * len(node.relative)
    if node.module is not None:
        module, module_span = dots + _dotted(node.module), Span(start, at.of(node.module).end)
    else:
        end = start
        for _ in dots:
            end = at.text.index(".", end) + 1
        module, module_span = dots, Span(start, end)
    if type(node.names).__name__ == "ImportStar":
        star = Span(span.end - 1, span.end)
        return (Import(span, module, module_span, "*", star, "*", None),)
    imports: list[Node] = []
    for alias in node.names:
        name = _dotted(alias.name)
        local, local_span = _alias(at, alias) or (name, None)
        imports.append(Import(span, module, module_span, name, at.of(alias.name), local, local_span))
    return tuple(imports)

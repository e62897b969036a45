"""Python's patterns, as the values that they accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from migrator.formats.python.context import Places, lower_expression
from migrator.formats.tree import Alt, Assign, Const, Item, Name, Node, Obj, Other, Seq
from migrator.model import Span


def lower_pattern(at: Places, node: Any) -> Node:
    """A pattern as the value it accepts; a class pattern is no call, and a captured name is bound, not read."""
    span = at.spans.get(id(node))
    match type(node).__name__:
        case "MatchValue" | "MatchSingleton":
            return lower_expression(at, node.value)
        case "MatchList" | "MatchTuple":
            parts = [lower_pattern(at, part) for part in node.patterns]
            return Seq(Span(*span) if span else _hull(parts), tuple(parts))
        case "MatchSequenceElement" | "MatchOrElement":
            return lower_pattern(at, node.value if hasattr(node, "value") else node.pattern)
        case "MatchMapping":
            items = [Item(at.of(part), lower_expression(at, part.key), lower_pattern(at, part.pattern)) for part in node.elements]
            if node.rest is not None:
                rest = at.of(node.rest)
                items.append(Item(rest, None, Assign(rest, (Name(rest, node.rest.value),), None)))
            return Obj(at.of(node), tuple(items))
        case "MatchClass":
            parts = [lower_expression(at, node.cls), *(lower_pattern(at, part.value) for part in node.patterns)]
            parts += [lower_pattern(at, part.pattern) for part in node.kwds]
            return Other(at.of(node), "pattern", tuple(parts))
        case "MatchOr":
            parts = [lower_pattern(at, part.pattern) for part in node.patterns]
            return Alt(_hull(parts), tuple(parts))
        case "MatchStar" if node.name is not None:
            name = Name(at.of(node.name), node.name.value)
            return Other(at.of(node), "star", (Assign(name.span, (name,), None),))
        case "MatchAs" if node.name is not None:
            name = Name(at.of(node.name), node.name.value)
            if node.pattern is None:
                return Assign(name.span, (name,), None)
            inside = lower_pattern(at, node.pattern)
            return Assign(Span(inside.span.start, name.span.end), (name,), inside)
        case _:
            return Const(Span(*span) if span else Span(0, 0), "_")


def _hull(parts: Sequence[Node]) -> Span:
    return Span(parts[0].span.start, parts[-1].span.end) if parts else Span(0, 0)

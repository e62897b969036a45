"""The pass over a Python file: what its functions share, and how one finds the function for a node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from migrator.formats.python.spans import Spans
from migrator.formats.tree import Node, Other, Region
from migrator.model import Span, span_of_pair

Lowering = Callable[["Places", Any], Node]
Statement = Callable[["Places", Any], tuple[Node, ...]]
"""Each statement gives zero or more nodes."""


class Places:
    """What every function of the pass needs: the text, where nodes stand, and the regions found so far.

    Also the two tables from node type to function: expressions and statements hold each other, and their files cannot both import
    the other.
    """

    __slots__ = ("expressions", "regions", "spans", "starts", "statements", "text")

    def __init__(self, text: str, spans: Spans, expressions: Mapping[str, Lowering], statements: Mapping[str, Statement]) -> None:
        self.text = text
        self.expressions = expressions
        self.statements = statements
        self.spans = spans.spans
        self.starts = spans.starts
        self.regions: list[Region] = []

    def of(self, node: Any) -> Span:
        """Span of a node without its parentheses."""
        return span_of_pair(self.spans[id(node)])


def lower_expression(at: Places, node: Any) -> Node:
    """What an expression becomes; parts of it come through here again."""
    kind = type(node).__name__
    lowering = at.expressions.get(kind)
    return lower_unknown(at, node, kind) if lowering is None else lowering(at, node)


def lower_unknown(at: Places, node: Any, kind: str) -> Other:
    """A node type younger than this file: its kind, and whatever inside of it is known."""
    parts: list[Node] = []
    for child in node.children:
        name = type(child).__name__
        if name in at.expressions:
            parts.append(lower_expression(at, child))
        elif name in at.statements:
            parts.extend(at.statements[name](at, child))
        elif id(child) in at.spans:
            parts.append(lower_unknown(at, child, name))
    start, end = at.spans.get(id(node)) or ((parts[0].span.start, parts[-1].span.end) if parts else (0, 0))
    return Other(Span(start, end), kind.lower(), tuple(parts))


def lower_statements(at: Places, nodes: Iterable[Any]) -> list[Node]:
    """What statements become, in order; one may be several nodes."""
    lowered: list[Node] = []
    for node in nodes:
        kind = type(node).__name__
        if kind == "SimpleStatementLine":
            lowered += lower_statements(at, node.body)
        elif (lowering := at.statements.get(kind)) is not None:
            lowered += lowering(at, node)
        else:
            lowered.append(lower_unknown(at, node, kind))
    return lowered

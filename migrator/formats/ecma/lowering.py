"""From a piece of syntax to its function, with a bound on the depth; and the nodes for syntax that has none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.formats.ecma.context import SILENT, Reading, real_children, span_of
from migrator.formats.ecma.literals import lower_name, lower_string, template_piece
from migrator.formats.tree import Arg, Node, Other
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def lower_statements(c: Reading, nodes: Iterable[Syntax]) -> tuple[Node, ...]:
    """What statements become, in order; one may be several nodes, or none."""
    out: list[Node] = []
    if c.depth >= c.deepest:
        return tuple(flattened(c, n) for n in nodes if n.type not in SILENT)
    c.depth += 1
    for n in nodes:
        kind = n.type
        if kind in SILENT:
            continue
        if statement := c.statements.get(kind):
            statement(c, n, out)
        else:
            out.append(lower_node(c, n))
    c.depth -= 1
    return tuple(out)


def body_of(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    """The statements of a block, or the one that stands in its place."""
    if n is None:
        return ()
    return lower_statements(c, n.named_children if n.type in ("statement_block", "else_clause") else (n,))


def lower_node(c: Reading, n: Syntax) -> Node:
    """What a piece of syntax becomes where one node is wanted."""
    kind = n.type
    if kind == "identifier":  # a third of all nodes
        return lower_name(c, n)
    if c.depth >= c.deepest:
        return flattened(c, n)
    c.depth += 1
    node = c.expressions.get(kind, other_node)(c, n)
    c.depth -= 1
    return node


def flattened(c: Reading, n: Syntax) -> Node:
    """What is nested too deeply: its string literals, without the code around them."""
    span = span_of(c, n)
    if n.named_child_count == 0 and n.type != "ERROR":
        return c.expressions.get(n.type, bare_node)(c, n)
    c.deep.append(span.start)
    nodes: list[Node] = []
    stack = [n]
    while stack:
        n = stack.pop()
        if n.type == "string":
            nodes.append(lower_string(c, n))
        elif n.type == "string_fragment":
            nodes.append(template_piece(c, span_of(c, n)))
        else:
            stack += reversed(n.named_children)
    return Other(span, "deep", tuple(nodes))


def bare_node(c: Reading, n: Syntax) -> Node:
    """A node that says only what kind of syntax stood there."""
    return Other(span_of(c, n), n.type, ())


def missing_node(c: Reading, n: Syntax) -> Node:
    """What the parser had to suppose stands here."""
    return Other(Span(c.at[n.start_byte], c.at[n.start_byte]), "missing", ())


def other_node(c: Reading, n: Syntax) -> Node:
    """Syntax that no table knows: its kind, and what is known inside."""
    kind = n.type
    if kind == "ERROR":
        kind = "error"
    return Other(span_of(c, n), kind.removesuffix("_expression").removesuffix("_statement"), lower_statements(c, n.named_children))


def lower_argument(c: Reading, n: Syntax) -> Arg:
    """One argument of a call, or one base of a class."""
    if n.type == "spread_element" and (inner := real_children(n)):
        return Arg(span_of(c, n), lower_node(c, inner[0]), star=True)
    return Arg(span_of(c, n), lower_node(c, n))

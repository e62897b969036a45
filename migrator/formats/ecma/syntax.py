"""Syntax to nodes: what each construct of JavaScript and TypeScript becomes. `ecma` says which choices its readers rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma import definitions, expressions, imports, jsx, literals, statements
from migrator.formats.ecma.context import Handler, Reading, Statement
from migrator.formats.ecma.lowering import lower_statements
from migrator.formats.tree import Node

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def program(c: Reading, root: Syntax) -> tuple[Node, ...]:
    """The statements of a module. Raises `RecursionError` where the caller left too little of the stack for `c.deepest` levels."""
    body: list[Node] = []
    for child in root.named_children:
        body += lower_statements(c, (child,))
        if c.hoisted:
            body += c.hoisted
            c.hoisted.clear()
    return tuple(body)


EXPRESSIONS: dict[str, Handler] = {
    **literals.EXPRESSIONS,
    **definitions.EXPRESSIONS,
    **expressions.EXPRESSIONS,
    **jsx.EXPRESSIONS,
    **statements.EXPRESSIONS,
}
STATEMENTS: dict[str, Statement] = {**statements.STATEMENTS, **imports.STATEMENTS, **definitions.STATEMENTS}

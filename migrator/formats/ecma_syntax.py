"""Syntax to nodes: what each construct of JavaScript and TypeScript becomes. `ecma` says which choices its readers rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats import ecma_definitions, ecma_expressions, ecma_imports, ecma_jsx, ecma_literals, ecma_statements
from migrator.formats.ecma_lowering import lower_statements
from migrator.formats.ecma_places import Handler, Reading, Statement
from migrator.tree import Node

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
    **ecma_literals.EXPRESSIONS,
    **ecma_definitions.EXPRESSIONS,
    **ecma_expressions.EXPRESSIONS,
    **ecma_jsx.EXPRESSIONS,
    **ecma_statements.EXPRESSIONS,
}
STATEMENTS: dict[str, Statement] = {**ecma_statements.STATEMENTS, **ecma_imports.STATEMENTS, **ecma_definitions.STATEMENTS}

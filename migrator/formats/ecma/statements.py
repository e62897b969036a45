"""Statements of JavaScript and TypeScript: declarations, branches, loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma.context import CASES, SILENT, Handler, Reading, Statement, real_children, span_of
from migrator.formats.ecma.definitions import lower_type
from migrator.formats.ecma.imports import MAY_IMPORT, required_names
from migrator.formats.ecma.literals import key_of
from migrator.formats.ecma.lowering import body_of, lower_node, lower_statements, missing_node, other_node
from migrator.formats.tree import Alt, Assign, Class, Compare, Func, If, Node, Other, Raise, Return
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _expression_statement(c: Reading, n: Syntax, out: list[Node]) -> None:
    for child in n.named_children:
        kind = child.type
        if kind in SILENT:
            continue
        if kind == "internal_module":
            _namespace(c, child, out)
            continue
        if kind == "await_expression" and (inner := real_children(child)) and _declares_using(inner[0]):
            child = inner[0]
        node = lower_node(c, child)
        if isinstance(node, Assign) and _declares_using(child):
            node.span = span_of(c, n)
        out.append(node)


def _declares_using(n: Syntax) -> bool:
    # The TypeScript grammar reads `using x = f()` as an assignment that starts with a keyword.
    first = n.child(0) if n.type == "assignment_expression" else None
    return first is not None and first.type == "using"


def _declaration(c: Reading, n: Syntax, out: list[Node]) -> None:
    declarators = [child for child in n.named_children if child.type == "variable_declarator"]
    for declarator in declarators:
        span = span_of(c, n if len(declarators) == 1 else declarator)
        name, annotation, value = _declared(c, declarator)
        if name is None:
            continue
        if value is not None and value.type in MAY_IMPORT and required_names(c, span, name, value, out):
            continue
        out.append(
            Assign(
                span,
                (lower_node(c, name),),
                None if value is None else lower_node(c, value),
                None if annotation is None else lower_type(c, annotation),
            )
        )


def _declared(c: Reading, n: Syntax) -> tuple[Syntax | None, Syntax | None, Syntax | None]:
    """Name, type and value of a declarator."""
    parts = n.children if c.whole else []
    if len(parts) == 3 and parts[1].type == "=":
        return parts[0], None, parts[2]
    if len(parts) == 4 and parts[1].type == "type_annotation" and parts[2].type == "=":
        return parts[0], parts[1], parts[3]
    name, type_, value = (n.child_by_field_name(field) for field in ("name", "type", "value"))
    return name, type_, value


def _ambient(c: Reading, n: Syntax, out: list[Node]) -> None:
    inner = real_children(n)
    if len(inner) == 1 and inner[0].type == "statement_block":  # declare global { … }
        out.append(Class(span_of(c, n), "global", "namespace", (), body_of(c, inner[0])))
        return
    made = lower_statements(c, inner)
    if len(made) == 1 and isinstance(made[0], Assign | Class | Func):
        made[0].span = span_of(c, n)
    out += made


def _namespace(c: Reading, n: Syntax, out: list[Node]) -> None:
    name = n.child_by_field_name("name")
    word = "" if name is None else key_of(c, name)[1]
    out.append(Class(span_of(c, n), word, "namespace", (), body_of(c, n.child_by_field_name("body"))))


def _if(c: Reading, n: Syntax, out: list[Node]) -> None:
    links: list[tuple[Span, Node, tuple[Node, ...]]] = []
    end = c.at[n.end_byte]
    current: Syntax | None = n
    orelse: tuple[Node, ...] = ()
    while current is not None:
        condition, consequence, otherwise = _parts_of_if(c, current)
        test = missing_node(c, current) if condition is None else lower_node(c, condition)
        span = span_of(c, current)
        links.append((span, test, body_of(c, consequence)))
        inner = [] if otherwise is None else real_children(otherwise)
        current = None
        if inner and inner[0].type == "if_statement":
            current = inner[0]
        elif otherwise is not None:
            orelse = body_of(c, otherwise)
    out.append(_branches(links, orelse, end))


def _parts_of_if(c: Reading, n: Syntax) -> tuple[Syntax | None, Syntax | None, Syntax | None]:
    """Condition, consequence and alternative."""
    parts = n.children if c.whole else []
    if len(parts) == 3:
        return parts[1], parts[2], None
    condition, consequence, otherwise = (n.child_by_field_name(field) for field in ("condition", "consequence", "alternative"))
    return condition, consequence, otherwise


def _switch(c: Reading, n: Syntax, out: list[Node]) -> None:
    subject, body = n.child_by_field_name("value"), n.child_by_field_name("body")
    if subject is None or body is None:
        out.append(other_node(c, n))
        return
    value = lower_node(c, subject)
    end = c.at[n.end_byte]
    links: list[tuple[Span, Node, tuple[Node, ...]]] = []
    orelse: tuple[Node, ...] = ()
    waiting: list[Node] = []
    start, early = None, False
    for case in body.named_children:
        if case.type not in ("switch_case", "switch_default"):
            continue
        label = case.child_by_field_name("value")
        if label is not None:
            waiting.append(Compare(span_of(c, label), "==", (value, lower_node(c, label))))
            start = c.at[case.start_byte] if start is None else start
        inside = [child for child in case.named_children if child != label and child.type not in SILENT]
        if label is not None and not inside:
            early = early or bool(orelse)
            continue  # falls through to the next label
        statements = lower_statements(c, inside)
        if label is None:
            orelse = (*orelse, *statements)
        else:
            early = early or bool(orelse)
        if waiting:
            links.append((Span(_first(start, case, c), end), _either(waiting), statements if label is not None else ()))
        waiting, start = [], None
    if waiting:
        links.append((Span(_first(start, body, c), end), _either(waiting), ()))
    if not links:
        out.append(Other(span_of(c, n), "switch", (value, *orelse)))
        return
    # A default before the last label moves to the end: only the whole statement spans what the branches then hold.
    links = [(span_of(c, n) if place == 0 or early else link[0], *link[1:]) for place, link in enumerate(links)]
    out.append(_branches(links, orelse, end))


def _first(start: int | None, n: Syntax, c: Reading) -> int:
    return c.at[n.start_byte] if start is None else start


def _either(tests: list[Node]) -> Node:
    if len(tests) == 1:
        return tests[0]
    return Alt(Span(tests[0].span.start, tests[-1].span.end), tuple(tests))


def _branches(links: list[tuple[Span, Node, tuple[Node, ...]]], orelse: tuple[Node, ...], end: int) -> Node:
    """`if … else if … else …` from its tests and bodies."""
    if len(links) > CASES:
        tail = [If(Span(span.start, end), test, body, ()) for span, test, body in links[CASES:]]
        orelse = (Other(Span(tail[0].span.start, end), "else", (*tail, *orelse)),)
        links = links[:CASES]
    for span, test, body in reversed(links):
        orelse = (If(Span(span.start, end), test, body, orelse),)
    return orelse[0]


def _loop(c: Reading, n: Syntax, out: list[Node]) -> None:
    """`for`, `while`, `do`, `try`, `with`, labels: parts in reading order, the statements of blocks among them."""
    parts: list[Node] = []
    for child in n.named_children:
        if child.type == "statement_block":
            parts += lower_statements(c, child.named_children)
        elif child.type != "statement_identifier":
            parts += lower_statements(c, (child,))
    out.append(Other(span_of(c, n), n.type.removesuffix("_statement").removesuffix("_clause"), tuple(parts)))


def _for_in(c: Reading, n: Syntax, out: list[Node]) -> None:
    left, right, body = n.child_by_field_name("left"), n.child_by_field_name("right"), n.child_by_field_name("body")
    if left is None or right is None:
        out.append(other_node(c, n))
        return
    over = lower_node(c, right)
    target = Assign(Span(c.at[left.start_byte], over.span.end), (lower_node(c, left),), Other(over.span, "each", (over,)))
    target.span = Span(target.span.start, max(target.span.end, c.at[right.end_byte]))
    out.append(Other(span_of(c, n), "for", (target, *body_of(c, body))))


def _catch(c: Reading, n: Syntax, out: list[Node]) -> None:
    caught = n.child_by_field_name("parameter")
    bound = () if caught is None else (Assign(span_of(c, caught), (lower_node(c, caught),), None),)
    out.append(Other(span_of(c, n), "catch", (*bound, *body_of(c, n.child_by_field_name("body")))))


def _return(c: Reading, n: Syntax) -> Node:
    parts = real_children(n)
    return Return(span_of(c, n), lower_node(c, parts[0]) if parts else None)


def _throw(c: Reading, n: Syntax) -> Node:
    parts = real_children(n)
    return Raise(span_of(c, n), lower_node(c, parts[0]) if parts else None)


STATEMENTS: dict[str, Statement] = {
    "expression_statement": _expression_statement,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "using_declaration": _declaration,
    "ambient_declaration": _ambient,
    "internal_module": _namespace,
    "module": _namespace,
    "if_statement": _if,
    "switch_statement": _switch,
    "for_statement": _loop,
    "while_statement": _loop,
    "do_statement": _loop,
    "try_statement": _loop,
    "finally_clause": _loop,
    "with_statement": _loop,
    "labeled_statement": _loop,
    "for_in_statement": _for_in,
    "catch_clause": _catch,
}
EXPRESSIONS: dict[str, Handler] = {
    **dict.fromkeys(("return_statement", "yield_expression"), _return),
    "throw_statement": _throw,
}

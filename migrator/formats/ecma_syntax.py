"""Syntax to nodes: what each construct of JavaScript and TypeScript becomes. `ecma` says which choices its readers rely on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.model import Span
from migrator.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Compare,
    Const,
    Func,
    If,
    Import,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Raise,
    Return,
    Seq,
    Str,
)

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

DEPTHS = (100, 60, 30)
"""How many levels are lowered before the rest is flattened; the later ones only when the caller has used up most of the stack."""
_LONGEST = 100
"""Links of one `a.b().c()` chain that become nested nodes."""
_CASES = 50
"""Branches of one `if`/`else if` or `switch` that become nested nodes."""


@dataclass(slots=True)
class Reading:
    """What the functions below share while one text is read (`c`; a node of the syntax tree is `n`)."""

    text: str
    offset: int
    at: Sequence[int]
    """Byte of the encoded text to position in the file."""
    deepest: int
    depth: int = 0
    hoisted: list[Node] = field(default_factory=list)
    """Types without a slot, waiting for the end of their top-level statement."""
    deep: list[int] = field(default_factory=list)
    """Positions of what was nested too deeply."""


_Handler = Callable[[Reading, "Syntax"], Node]
_Statement = Callable[[Reading, "Syntax", list[Node]], None]

_SILENT = frozenset(
    ("comment", "html_comment", "hash_bang_line", "empty_statement", "jsx_text", "html_character_reference", "debugger_statement")
)
"""Syntax that says nothing a node could hold; comments and markup are regions."""


def _span(c: Reading, n: Syntax) -> Span:
    at = c.at
    return Span(at[n.start_byte], at[n.end_byte])


def _cut(c: Reading, span: Span) -> str:
    return c.text[span[0] - c.offset : span[1] - c.offset]


def _real(n: Syntax) -> list[Syntax]:
    """Named children that are not comments."""
    return [child for child in n.named_children if child.type not in _SILENT]


# --- statements


def program(c: Reading, root: Syntax) -> tuple[Node, ...]:
    """The statements of a module. Raises `RecursionError` where the caller left too little of the stack for `c.deepest` levels."""
    body: list[Node] = []
    for child in root.named_children:
        body += _statements(c, (child,))
        if c.hoisted:
            body += c.hoisted
            c.hoisted.clear()
    return tuple(body)


def _statements(c: Reading, nodes: Iterable[Syntax]) -> tuple[Node, ...]:
    out: list[Node] = []
    if c.depth >= c.deepest:
        return tuple(_flattened(c, n) for n in nodes if n.type not in _SILENT)
    c.depth += 1
    for n in nodes:
        kind = n.type
        if kind in _SILENT:
            continue
        if statement := _STATEMENTS.get(kind):
            statement(c, n, out)
        else:
            out.append(_node(c, n))
    c.depth -= 1
    return tuple(out)


def _body(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    """The statements of a block, or the one that stands in its place."""
    if n is None:
        return ()
    return _statements(c, n.named_children if n.type in ("statement_block", "else_clause") else (n,))


def _expression_statement(c: Reading, n: Syntax, out: list[Node]) -> None:
    for child in n.named_children:
        kind = child.type
        if kind in _SILENT:
            continue
        if kind == "internal_module":
            _namespace(c, child, out)
            continue
        if kind == "await_expression" and (inner := _real(child)) and _declares_using(inner[0]):
            child = inner[0]
        node = _node(c, child)
        if isinstance(node, Assign) and _declares_using(child):
            node.span = _span(c, n)
        out.append(node)


def _declares_using(n: Syntax) -> bool:
    # The TypeScript grammar reads `using x = f()` as an assignment that starts with a keyword.
    first = n.child(0) if n.type == "assignment_expression" else None
    return first is not None and first.type == "using"


def _declaration(c: Reading, n: Syntax, out: list[Node]) -> None:
    declarators = [child for child in n.named_children if child.type == "variable_declarator"]
    for declarator in declarators:
        span = _span(c, n if len(declarators) == 1 else declarator)
        name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is None:
            continue
        if value is not None and value.type in _MAY_IMPORT and _required(c, span, name, value, out):
            continue
        annotation = declarator.child_by_field_name("type")
        out.append(
            Assign(
                span,
                (_node(c, name),),
                None if value is None else _node(c, value),
                None if annotation is None else _type(c, annotation),
            )
        )


_MAY_IMPORT = frozenset(("call_expression", "await_expression", "member_expression", "as_expression"))


def _required(c: Reading, span: Span, name: Syntax, value: Syntax, out: list[Node]) -> bool:
    """Whether this declaration only takes names out of a module (`require("m")`, `await import("m")`); if so, its imports."""
    member, awaited = None, False
    if value.type == "member_expression":
        member, inner = value.child_by_field_name("property"), value.child_by_field_name("object")
        if inner is None or member is None:
            return False
        value = inner
    while value.type in ("parenthesized_expression", "await_expression", "as_expression"):
        awaited = awaited or value.type == "await_expression"
        parts = _real(value)
        if not parts:
            return False
        value = parts[0]
    function, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
    if value.type != "call_expression" or function is None or arguments is None:
        return False
    if not (awaited if function.type == "import" else _cut(c, _span(c, function)) == "require"):
        return False
    given = _real(arguments)
    if len(given) != 1 or given[0].type != "string":
        return False
    module = _string(c, given[0])
    if name.type == "identifier":
        taken = None if member is None else _span(c, member)
        local = _span(c, name)
        out.append(
            Import(span, module.value, module.inner, None if taken is None else _cut(c, taken), taken, _cut(c, local), local)
        )
        return True
    if name.type != "object_pattern" or member is not None:
        return False
    found: list[Node] = []
    for child in _real(name):
        key = target = child
        match child.type:
            case "object_assignment_pattern":
                key = target = child.named_children[0]
            case "pair_pattern":
                first, second = child.child_by_field_name("key"), child.child_by_field_name("value")
                if first is None or second is None or first.type not in ("property_identifier", "string"):
                    return False
                key, target = first, second.named_children[0] if second.type == "assignment_pattern" else second
                if target.type != "identifier":
                    return False
            case "rest_pattern":
                rest = _span(c, child.named_children[0])
                found.append(Import(span, module.value, module.inner, None, None, _cut(c, rest), rest))
                continue
            case "shorthand_property_identifier_pattern":
                pass
            case _:
                return False
        taken, word = _key(c, key)
        local = _span(c, target)
        found.append(Import(span, module.value, module.inner, word, taken, _cut(c, local), None if target == key else local))
    out += found or [Import(span, module.value, module.inner, None, None, "", None)]
    return True


def _key(c: Reading, n: Syntax) -> tuple[Span, str]:
    """A name that may be written as a string: where it stands without quotes, and what it is."""
    if n.type == "string":
        literal = _string(c, n)
        return literal.inner, literal.value
    span = _span(c, n)
    return span, _cut(c, span)


def _has_word(n: Syntax, word: str) -> bool:
    """Whether a keyword stands among the children; also inside an error, for `export type *`, which the grammar does not know."""
    return any(
        child.type == word or (child.type == "ERROR" and child.child_count == 1 and child.children[0].type == word)
        for child in n.children
    )


def _import(c: Reading, n: Syntax, out: list[Node]) -> None:
    span = _span(c, n)
    clause = next((child for child in n.named_children if child.type in ("import_clause", "import_require_clause")), None)
    source = n.child_by_field_name("source")
    if source is None and clause is not None:
        source = clause.child_by_field_name("source")
    if source is None:
        out.append(_other(c, n))
        return
    literal = _string(c, source)
    module, place = literal.value, literal.inner
    only = _has_word(n, "type")
    before = len(out)
    for child in () if clause is None else _real(clause):
        match child.type:
            case "identifier":
                local = _span(c, child)
                name = "default" if clause is not None and clause.type == "import_clause" else None
                out.append(Import(span, module, place, name, None, _cut(c, local), local, only))
            case "namespace_import" if inner := _real(child):
                local = _span(c, inner[0])
                out.append(Import(span, module, place, None, None, _cut(c, local), local, only))
            case "named_imports":
                out += _specifiers(c, span, literal, child, only, False)
    if len(out) == before:
        out.append(Import(span, module, place, None, None, "", None, only))


def _specifiers(c: Reading, span: Span, module: Str, n: Syntax, only: bool, again: bool) -> list[Import]:
    """The names between the braces of an import, or of a re-export (`again`)."""
    found = []
    for specifier in n.named_children:
        if specifier.type in ("import_specifier", "export_specifier"):
            name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
            taken, word = _key(c, name if name is not None else specifier)
            local, called = (None, word) if alias is None else _key(c, alias)
            typed = only or _has_word(specifier, "type")
            found.append(Import(span, module.value, module.inner, word, taken, called, local, typed, again))
    return found


def _export(c: Reading, n: Syntax, out: list[Node]) -> None:
    span = _span(c, n)
    children = n.children
    if (source := n.child_by_field_name("source")) is not None:
        module, only = _string(c, source), _has_word(n, "type")
        for child in children:
            match child.type:
                case "*":
                    star = _span(c, child)
                    out.append(Import(span, module.value, module.inner, "*", star, "*", None, only, True))
                case "namespace_export" if inner := _real(child):
                    local, called = _key(c, inner[0])
                    out.append(Import(span, module.value, module.inner, None, None, called, local, only, True))
                case "export_clause":
                    out += _specifiers(c, span, module, child, only, True)
        return
    given = n.child_by_field_name("declaration") or n.child_by_field_name("value")
    default = next((child for child in children if child.type == "default"), None)
    if given is None:
        parts = [_export_clause(c, child) if child.type == "export_clause" else _node(c, child) for child in _real(n)]
        out.append(Other(span, "export", tuple(parts)))
        return
    made = list(_statements(c, (given,)))
    if decorators := tuple(_node(c, child) for child in children if child.type == "decorator"):
        for node in made:
            if isinstance(node, Class):
                node.decorators = (*decorators, *node.decorators)
                node.span = span
    if default is not None:
        made = [Assign(span, (Name(_span(c, default), "default"),), node) for node in made]
    for node in made:
        if isinstance(node, Assign):
            node.exported = True
    out += made


def _export_clause(c: Reading, n: Syntax) -> Obj:
    items = []
    for specifier in n.named_children:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        if specifier.type == "export_specifier" and name is not None:
            local = _node(c, name)
            outside = name if alias is None else alias
            items.append(Item(_span(c, specifier), _property(c, outside), local, alias is None))
    return Obj(_span(c, n), tuple(items))


def _import_alias(c: Reading, n: Syntax, out: list[Node]) -> None:
    parts = _real(n)
    if len(parts) == 2:
        out.append(Assign(_span(c, n), (_node(c, parts[0]),), _node(c, parts[1])))
    else:
        out.append(_other(c, n))


def _ambient(c: Reading, n: Syntax, out: list[Node]) -> None:
    inner = _real(n)
    if len(inner) == 1 and inner[0].type == "statement_block":  # declare global { … }
        out.append(Class(_span(c, n), "global", "namespace", (), _body(c, inner[0])))
        return
    made = _statements(c, inner)
    if len(made) == 1 and isinstance(made[0], Assign | Class | Func):
        made[0].span = _span(c, n)
    out += made


def _namespace(c: Reading, n: Syntax, out: list[Node]) -> None:
    name = n.child_by_field_name("name")
    word = "" if name is None else _key(c, name)[1]
    out.append(Class(_span(c, n), word, "namespace", (), _body(c, n.child_by_field_name("body"))))


def _if(c: Reading, n: Syntax, out: list[Node]) -> None:
    links: list[tuple[Span, Node, tuple[Node, ...]]] = []
    end = c.at[n.end_byte]
    current: Syntax | None = n
    orelse: tuple[Node, ...] = ()
    while current is not None:
        condition = current.child_by_field_name("condition")
        test = _missing(c, current) if condition is None else _node(c, condition)
        consequence = current.child_by_field_name("consequence")
        here = _span(c, current)
        links.append((here, test, _body(c, consequence)))
        otherwise = current.child_by_field_name("alternative")
        inner = [] if otherwise is None else _real(otherwise)
        current = None
        if inner and inner[0].type == "if_statement":
            current = inner[0]
        elif otherwise is not None:
            orelse = _body(c, otherwise)
    out.append(_branches(links, orelse, end))


def _switch(c: Reading, n: Syntax, out: list[Node]) -> None:
    subject, body = n.child_by_field_name("value"), n.child_by_field_name("body")
    if subject is None or body is None:
        out.append(_other(c, n))
        return
    value = _node(c, subject)
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
            waiting.append(Compare(_span(c, label), "==", (value, _node(c, label))))
            start = c.at[case.start_byte] if start is None else start
        inside = [child for child in case.named_children if child != label and child.type not in _SILENT]
        if label is not None and not inside:
            early = early or bool(orelse)
            continue  # falls through to the next label
        statements = _statements(c, inside)
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
        out.append(Other(_span(c, n), "switch", (value, *orelse)))
        return
    # A default before the last label moves to the end: only the whole statement spans what the branches then hold.
    links = [(_span(c, n) if place == 0 or early else link[0], *link[1:]) for place, link in enumerate(links)]
    out.append(_branches(links, orelse, end))


def _first(start: int | None, n: Syntax, c: Reading) -> int:
    return c.at[n.start_byte] if start is None else start


def _either(tests: list[Node]) -> Node:
    if len(tests) == 1:
        return tests[0]
    return Alt(Span(tests[0].span.start, tests[-1].span.end), tuple(tests))


def _branches(links: list[tuple[Span, Node, tuple[Node, ...]]], orelse: tuple[Node, ...], end: int) -> Node:
    """`if … else if … else …` from its tests and bodies."""
    if len(links) > _CASES:
        tail = [If(Span(span.start, end), test, body, ()) for span, test, body in links[_CASES:]]
        orelse = (Other(Span(tail[0].span.start, end), "else", (*tail, *orelse)),)
        links = links[:_CASES]
    for span, test, body in reversed(links):
        orelse = (If(Span(span.start, end), test, body, orelse),)
    return orelse[0]


def _loop(c: Reading, n: Syntax, out: list[Node]) -> None:
    """`for`, `while`, `do`, `try`, `with`, labels: parts in reading order, the statements of blocks among them."""
    parts: list[Node] = []
    for child in n.named_children:
        if child.type == "statement_block":
            parts += _statements(c, child.named_children)
        elif child.type != "statement_identifier":
            parts += _statements(c, (child,))
    out.append(Other(_span(c, n), n.type.removesuffix("_statement").removesuffix("_clause"), tuple(parts)))


def _for_in(c: Reading, n: Syntax, out: list[Node]) -> None:
    left, right, body = n.child_by_field_name("left"), n.child_by_field_name("right"), n.child_by_field_name("body")
    if left is None or right is None:
        out.append(_other(c, n))
        return
    over = _node(c, right)
    target = Assign(Span(c.at[left.start_byte], over.span.end), (_node(c, left),), Other(over.span, "each", (over,)))
    target.span = Span(target.span.start, max(target.span.end, c.at[right.end_byte]))
    out.append(Other(_span(c, n), "for", (target, *_body(c, body))))


def _catch(c: Reading, n: Syntax, out: list[Node]) -> None:
    caught = n.child_by_field_name("parameter")
    bound = () if caught is None else (Assign(_span(c, caught), (_node(c, caught),), None),)
    out.append(Other(_span(c, n), "catch", (*bound, *_body(c, n.child_by_field_name("body")))))


def _return(c: Reading, n: Syntax) -> Node:
    parts = _real(n)
    return Return(_span(c, n), _node(c, parts[0]) if parts else None)


def _throw(c: Reading, n: Syntax) -> Node:
    parts = _real(n)
    return Raise(_span(c, n), _node(c, parts[0]) if parts else None)


# --- functions and classes


def _function(c: Reading, n: Syntax) -> Func:
    name = n.child_by_field_name("name")
    params: list[Param] = []
    decorators = [_node(c, child) for child in n.children_by_field_name("decorator")]
    if (listed := n.child_by_field_name("parameters")) is not None:
        for child in listed.named_children:
            if child.type not in _SILENT and child.type != "ERROR":
                params.append(_param(c, child))
                decorators += [_node(c, decorator) for decorator in child.children_by_field_name("decorator")]
    elif (single := n.child_by_field_name("parameter")) is not None:
        params.append(_param(c, single))
    _hoist(c, n.child_by_field_name("type_parameters"))
    _hoist(c, n.child_by_field_name("return_type"))
    inside = n.child_by_field_name("body")
    body: tuple[Node, ...]
    if inside is None or inside.type == "statement_block":
        body = _body(c, inside)
    else:
        value = _node(c, inside)
        body = (Return(_span(c, inside), value),)
    word = "" if name is None or name.type == "computed_property_name" else _key(c, name)[1]
    return Func(_span(c, n), word, tuple(params), body, tuple(decorators))


def _param(c: Reading, n: Syntax) -> Param:
    span = _span(c, n)
    target: Syntax | None = n
    default = annotation = None
    if n.type in ("required_parameter", "optional_parameter"):
        target = n.child_by_field_name("pattern")
        default, annotation = n.child_by_field_name("value"), n.child_by_field_name("type")
    elif n.type == "assignment_pattern":
        target, default = n.child_by_field_name("left"), n.child_by_field_name("right")
    if target is not None and target.type == "rest_pattern":
        target = target.named_children[0] if target.named_children else None
    name, pattern = "", None
    if target is not None:
        if target.type in ("identifier", "this"):
            name = _cut(c, _span(c, target))
        else:
            pattern = _node(c, target)
    return Param(
        span,
        name,
        None if default is None else _node(c, default),
        None if annotation is None else _type(c, annotation),
        pattern,
    )


def _class(c: Reading, n: Syntax) -> Class:
    name, body = n.child_by_field_name("name"), n.child_by_field_name("body")
    decorators = tuple(_node(c, child) for child in n.children_by_field_name("decorator"))
    bases: list[Arg] = []
    for child in n.named_children:
        if child.type == "class_heritage":
            for clause in _real(child):
                if clause.type == "extends_clause":
                    bases += [_arg(c, value) for value in clause.children_by_field_name("value")]
                    _hoist(c, clause.child_by_field_name("type_arguments"))
                elif clause.type == "implements_clause":
                    bases += [Arg(_span(c, kind), _type(c, kind)) for kind in _real(clause)]
                else:
                    bases.append(_arg(c, clause))
    _hoist(c, n.child_by_field_name("type_parameters"))
    word = "" if name is None else _cut(c, _span(c, name))
    return Class(_span(c, n), word, "class", tuple(bases), _members(c, body), decorators)


def _members(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    """The body of a class, interface or object type."""
    out: list[Node] = []
    if n is None:
        return ()
    if c.depth >= c.deepest:
        return (_flattened(c, n),)
    c.depth += 1
    waiting: list[tuple[Syntax, Node]] = []
    for child in n.named_children:
        match child.type:
            case kind if kind in _SILENT:
                continue
            case "decorator":
                waiting.append((child, _node(c, child)))
                continue
            case "public_field_definition" | "field_definition" | "property_signature":
                out += [_decoration(c, mark, _node(c, mark)) for mark in child.children_by_field_name("decorator")]
                out.append(_field(c, child))
            case "method_definition" | "method_signature" | "abstract_method_signature":
                method = _function(c, child)
                if waiting:
                    method.decorators = (*(node for _, node in waiting), *method.decorators)
                    method.span = Span(c.at[waiting[0][0].start_byte], method.span.end)
                    waiting = []
                out.append(method)
            case "class_static_block":
                out.append(Other(_span(c, child), "static", _body(c, child.child_by_field_name("body"))))
            case "index_signature" | "call_signature" | "construct_signature":
                out.append(_type(c, child))
            case _:
                out += _statements(c, (child,))
        out[-1:-1] = [_decoration(c, place, node) for place, node in waiting]
        waiting = []
    out += [_decoration(c, place, node) for place, node in waiting]
    c.depth -= 1
    return tuple(out)


def _decoration(c: Reading, n: Syntax, node: Node) -> Other:
    """A decorator of something that has no slot for one: it stands before it."""
    return Other(_span(c, n), "decorator", (node,))


def _field(c: Reading, n: Syntax) -> Assign:
    name = n.child_by_field_name("name") or n.child_by_field_name("property")
    value, annotation = n.child_by_field_name("value"), n.child_by_field_name("type")
    return Assign(
        _span(c, n),
        (_missing(c, n) if name is None else _member_name(c, name),),
        None if value is None else _node(c, value),
        None if annotation is None else _type(c, annotation),
    )


def _member_name(c: Reading, n: Syntax) -> Node:
    if n.type == "computed_property_name":
        return Other(_span(c, n), "computed", (_node(c, n),))
    return Name(*_key(c, n))


def _interface(c: Reading, n: Syntax, out: list[Node]) -> None:
    name = n.child_by_field_name("name")
    bases = [
        Arg(_span(c, kind), _type(c, kind))
        for child in n.named_children
        if child.type in ("extends_type_clause", "extends_clause")
        for kind in _real(child)
    ]
    _hoist(c, n.child_by_field_name("type_parameters"))
    word = "" if name is None else _cut(c, _span(c, name))
    out.append(Class(_span(c, n), word, "interface", tuple(bases), _members(c, n.child_by_field_name("body"))))


def _enum(c: Reading, n: Syntax, out: list[Node]) -> None:
    name, body = n.child_by_field_name("name"), n.child_by_field_name("body")
    members: list[Node] = []
    for child in () if body is None else body.named_children:
        if child.type in _SILENT:
            continue
        if child.type == "enum_assignment":
            members.append(_field(c, child))
        else:
            members.append(Assign(_span(c, child), (_member_name(c, child),), None))
    word = "" if name is None else _cut(c, _span(c, name))
    out.append(Class(_span(c, n), word, "enum", (), tuple(members)))


def _alias(c: Reading, n: Syntax, out: list[Node]) -> None:
    name, value = n.child_by_field_name("name"), n.child_by_field_name("value")
    if name is None or value is None:
        out.append(_other(c, n))
        return
    _hoist(c, n.child_by_field_name("type_parameters"))
    called = Name(*_key(c, name))
    if value.type == "object_type":
        out.append(Class(_span(c, n), called.id, "interface", (), _members(c, value)))
    else:
        out.append(Assign(_span(c, n), (called,), None, _type(c, value)))


# --- types


def _type(c: Reading, n: Syntax) -> Other:
    """What a type says: its names, string literals and object types, flat."""
    inner = _real(n)
    whole = inner[0] if len(inner) == 1 and n.type.endswith("annotation") else n
    return Other(_span(c, whole), "type", _type_parts(c, n))


def _type_parts(c: Reading, n: Syntax) -> tuple[Node, ...]:
    out: list[Node] = []
    stack = [n]
    while stack:
        n = stack.pop()
        match n.type:
            case "type_identifier" | "identifier":
                span = _span(c, n)
                out.append(Name(span, _cut(c, span)))
            case "string":
                out.append(_string(c, n))
            case "object_type":
                out.append(Class(_span(c, n), "", "interface", (), _members(c, n)))
            case "nested_type_identifier" | "member_expression" | "call_expression" | "subscript_expression":
                out.append(_node(c, n))
            case "template_literal_type" | "template_string":
                out.append(_template(c, n))
            case "required_parameter" | "optional_parameter" | "index_signature":  # their names are not types
                inner = [child for child in n.named_children if child.type in _TYPE_SLOTS]
                inner += n.children_by_field_name("index_type")
                stack += sorted(inner, key=lambda child: -child.start_byte)
            case "type_predicate":
                stack += n.children_by_field_name("type")
            case "comment" | "predefined_type":
                pass
            case _:
                stack += reversed(n.named_children)
    return tuple(out)


_TYPE_SLOTS = frozenset(
    ("type_annotation", "mapped_type_clause", "omitting_type_annotation", "adding_type_annotation", "opting_type_annotation")
)


def _hoist(c: Reading, n: Syntax | None) -> None:
    if n is not None:
        parts = _type_parts(c, n)
        if any(not isinstance(part, Name | Attr | Index) for part in parts):
            c.hoisted.append(Other(_span(c, n), "type", parts))


def _qualified(c: Reading, n: Syntax) -> Node:
    """`A.B` in a type or an `import x = A.B`; JSX's `a:b` is a name of its own."""
    fields = ("module", "name") if n.type == "nested_type_identifier" else ("object", "property")
    base, name = (n.child_by_field_name(field) for field in fields)
    if base is None or name is None:
        return _other(c, n)
    span = _span(c, name)
    return Attr(_span(c, n), _node(c, base), _cut(c, span), span)


# --- expressions


def _node(c: Reading, n: Syntax) -> Node:
    if c.depth >= c.deepest:
        return _flattened(c, n)
    c.depth += 1
    node = _EXPRESSIONS.get(n.type, _other)(c, n)
    c.depth -= 1
    return node


def _flattened(c: Reading, n: Syntax) -> Node:
    """What is nested too deeply: its string literals, without the code around them."""
    span = _span(c, n)
    if n.named_child_count == 0 and n.type != "ERROR":
        return _EXPRESSIONS.get(n.type, _bare)(c, n)
    c.deep.append(span.start)
    found: list[Node] = []
    stack = [n]
    while stack:
        n = stack.pop()
        if n.type == "string":
            found.append(_string(c, n))
        elif n.type == "string_fragment":
            found.append(_piece(c, _span(c, n)))
        else:
            stack += reversed(n.named_children)
    return Other(span, "deep", tuple(found))


def _bare(c: Reading, n: Syntax) -> Node:
    return Other(_span(c, n), n.type, ())


def _missing(c: Reading, n: Syntax) -> Node:
    return Other(Span(c.at[n.start_byte], c.at[n.start_byte]), "missing", ())


def _other(c: Reading, n: Syntax) -> Node:
    kind = n.type
    if kind == "ERROR":
        kind = "error"
    return Other(_span(c, n), kind.removesuffix("_expression").removesuffix("_statement"), _statements(c, n.named_children))


def _name(c: Reading, n: Syntax) -> Node:
    span = _span(c, n)
    if span[0] == span[1]:
        return Other(span, "missing", ())
    return Name(span, _cut(c, span))


def _const(c: Reading, n: Syntax) -> Node:
    span = _span(c, n)
    return Const(span, _cut(c, span))


def _string(c: Reading, n: Syntax) -> Str:
    span = _span(c, n)
    start, end = span
    raw = _cut(c, span)
    if raw[:1] in ("'", '"', "`"):
        start += 1
        if len(raw) > 1 and raw[-1] == raw[0]:
            end -= 1
    inner = Span(start, end)
    return _literal(span, inner, _cut(c, inner))


def _literal(span: Span, inner: Span, raw: str) -> Str:
    if "\\" not in raw:
        return Str(span, raw, inner, True)
    value = _unescape(raw)
    return Str(span, value, inner, value == raw)


def _piece(c: Reading, span: Span) -> Str:
    """A literal stretch of a template, whose line ends a program sees as LF."""
    raw = _cut(c, span)
    if "\r" not in raw:
        return _literal(span, span, raw)
    value = _unescape(raw.replace("\r\n", "\n").replace("\r", "\n"))
    return Str(span, value, span, False)


_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\s\S]))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f"} | dict.fromkeys(
    ("\n", "\r", "\r\n", "\u2028", "\u2029"), ""
)


def _unescape(raw: str) -> str:
    value = _ESCAPE.sub(_escaped, raw)
    if any("\ud800" <= letter <= "\udfff" for letter in value):  # a pair of \u escapes is one character
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return value


def _escaped(found: re.Match[str]) -> str:
    long, short, byte, octal, letter = found.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(long or short or byte, 16)
    return chr(code) if code < 0x110000 else found[0]


def _template(c: Reading, n: Syntax) -> Node:
    span = _span(c, n)
    holes = [child for child in n.named_children if child.type in ("template_substitution", "template_type")]
    start = span.start + 1
    end = span.end - 1 if n.child_count > 1 and n.children[-1].type == "`" else span.end
    if not holes:
        whole = _piece(c, Span(start, max(start, end)))
        return Str(span, whole.value, whole.inner, whole.exact)
    parts: list[Node] = []
    for hole in holes:
        place = _span(c, hole)
        if place.start > start:
            parts.append(_piece(c, Span(start, place.start)))
        if hole.type == "template_type":
            parts.append(_type(c, hole))
        else:
            parts += _statements(c, hole.named_children)
        start = place.end
    if end > start:
        parts.append(_piece(c, Span(start, end)))
    return Join(span, tuple(parts))


def _inner(c: Reading, n: Syntax) -> Node:
    """A wrapper that means nothing at run time: the node inside; the type beside it is hoisted where it says something."""
    parts = _real(n)
    if not parts:
        return _bare(c, n)
    value = parts[0]
    if value.type == "type_arguments" and len(parts) > 1:  # <T>x
        parts[0], value = parts[1], value
        _hoist(c, value)
        return _node(c, parts[0])
    for kind in parts[1:]:
        if kind.type == "ERROR":
            return _other(c, n)
        _hoist(c, kind)
    return _node(c, value)


_LINKS = frozenset(("call_expression", "member_expression", "subscript_expression", "non_null_expression"))


def _chain(c: Reading, n: Syntax) -> Node:
    """`a.b(c)[d].e()` from the inside out, without recursion along the chain."""
    links: list[Syntax] = []
    while n.type in _LINKS:
        base = n.child_by_field_name("object") or n.child_by_field_name("function")
        if n.type == "non_null_expression":
            base = next(iter(_real(n)), None)
        if base is None:
            break
        if n.type != "non_null_expression":
            links.append(n)
        n = base
    depth = c.depth
    c.depth = depth + min(len(links), _LONGEST) // 2
    node = (_other if n.type in _LINKS else _node)(c, n)
    if extra := links[_LONGEST:]:
        parts = [node]
        for link in reversed(extra):
            arguments = link.child_by_field_name("arguments") or link.child_by_field_name("index")
            if arguments is not None:
                parts += _statements(c, arguments.named_children if arguments.type == "arguments" else (arguments,))
        node = Other(Span(node.span.start, c.at[extra[0].end_byte]), "chain", tuple(parts))
        links = links[:_LONGEST]
    c.depth = depth
    for link in reversed(links):
        node = _link(c, link, node)
    return node


def _link(c: Reading, n: Syntax, base: Node) -> Node:
    # A wrapper around the base starts before it: `(a as B).c` begins at the parenthesis.
    span = _span(c, n)
    kind = n.type
    if kind == "member_expression":
        name = n.child_by_field_name("property")
        if name is None:
            return Other(span, "member", (base,))
        where = _span(c, name)
        return Attr(span, base, _cut(c, where), where)
    if kind == "subscript_expression":
        index = n.child_by_field_name("index")
        return Index(span, base, _missing(c, n) if index is None else _node(c, index))
    _hoist(c, n.child_by_field_name("type_arguments"))
    return _called(c, span, base, n.child_by_field_name("arguments"))


def _called(c: Reading, span: Span, function: Node, arguments: Syntax | None) -> Call:
    """A call; without parentheses (`new X`, a tagged template) `close` is the end of the expression."""
    if arguments is None:
        return Call(span, function, (), span.end)
    if arguments.type != "arguments":
        return Call(span, function, (_arg(c, arguments),), span.end)
    args = tuple([_arg(c, child) for child in arguments.named_children if child.type not in _SILENT])
    last = arguments.child(arguments.child_count - 1) if arguments.child_count else None
    return Call(span, function, args, c.at[last.start_byte] if last is not None and last.type == ")" else span.end)


def _arg(c: Reading, n: Syntax) -> Arg:
    if n.type == "spread_element" and (inner := _real(n)):
        return Arg(_span(c, n), _node(c, inner[0]), star=True)
    return Arg(_span(c, n), _node(c, n))


def _new(c: Reading, n: Syntax) -> Node:
    made = n.child_by_field_name("constructor")
    _hoist(c, n.child_by_field_name("type_arguments"))
    function = _missing(c, n) if made is None else _node(c, made)
    return _called(c, _span(c, n), function, n.child_by_field_name("arguments"))


_COMPARISONS = frozenset(("==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "instanceof"))
_GROUPS = {"+": "join", "||": "alt", "??": "alt", "&&": "and"} | {op: op for op in _COMPARISONS}


def _binary(c: Reading, n: Syntax) -> Node:
    """Operators along the left spine, without recursion; a run of `+`, of `||` and `??`, or of `&&` is one node."""
    links: list[Syntax] = []
    while n.type == "binary_expression" and (left := n.child_by_field_name("left")) is not None:
        links.append(n)
        n = left
    parts = [(_other if n.type == "binary_expression" else _node)(c, n)]
    start = parts[0].span.start
    current, turns = "", 0
    end = parts[0].span.end
    for link in reversed(links):
        operator, right = link.child_by_field_name("operator"), link.child_by_field_name("right")
        group = _GROUPS.get("" if operator is None else operator.type, "binary")
        if turns > _CASES:
            group = "binary"
        if current and (group != current or group in _COMPARISONS):
            parts = [_operation(Span(start, end), current, parts)]
            turns += 1
        start = c.at[link.start_byte]
        parts.append(_missing(c, link) if right is None else _node(c, right))
        current, end = group, c.at[link.end_byte]
    return _operation(Span(start, end), current, parts)


def _operation(span: Span, group: str, parts: list[Node]) -> Node:
    match group:
        case "join":
            return Join(span, tuple(parts))
        case "alt":
            return Alt(span, tuple(parts))
        case "and" | "binary":
            return Other(span, group, tuple(parts))
        case "":
            return parts[0]
        case _:
            return Compare(span, group, tuple(parts))


def _unary(c: Reading, n: Syntax) -> Node:
    operator, argument = n.child_by_field_name("operator"), n.child_by_field_name("argument")
    word = "" if operator is None else operator.type
    if word == "-" and argument is not None and argument.type == "number":
        return _const(c, n)
    return Other(_span(c, n), "not" if word == "!" else word, () if argument is None else (_node(c, argument),))


def _ternary(c: Reading, n: Syntax) -> Node:
    test, yes, no = (n.child_by_field_name(field) for field in ("condition", "consequence", "alternative"))
    if test is None or yes is None or no is None:
        return _other(c, n)
    condition = _node(c, test)
    return Alt(_span(c, n), (_node(c, yes), _node(c, no)), condition)


def _assignment(c: Reading, n: Syntax) -> Node:
    left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    if left is None or right is None:
        return _other(c, n)
    target = _node(c, left)
    exported = isinstance(target, Attr) and bool(_EXPORTS.match(_cut(c, target.span)))
    return Assign(_span(c, n), (target,), _node(c, right), augmented=n.type == "augmented_assignment_expression", exported=exported)


_EXPORTS = re.compile(r"(module\s*\.\s*)?exports\b")


def _object(c: Reading, n: Syntax) -> Node:
    items: list[Item] = []
    for child in n.named_children:
        kind = child.type
        if kind in _SILENT:
            continue
        span = _span(c, child)
        match kind:
            case "pair" | "pair_pattern":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    items.append(Item(span, _property(c, key), _node(c, value)))
                else:
                    items.append(Item(span, None, _other(c, child)))
            case "shorthand_property_identifier" | "shorthand_property_identifier_pattern":
                word = _cut(c, span)
                items.append(Item(span, Str(span, word, span, True), Name(span, word), True))
            case "object_assignment_pattern":
                items.append(_shorthand_default(c, child))
            case "spread_element" | "rest_pattern" if inner := _real(child):
                items.append(Item(span, None, _node(c, inner[0])))
            case "method_definition":
                name = child.child_by_field_name("name")
                items.append(Item(span, None if name is None else _property(c, name), _function(c, child)))
            case _:
                items.append(Item(span, None, _node(c, child)))
    return Obj(_span(c, n), tuple(items))


def _shorthand_default(c: Reading, n: Syntax) -> Item:
    left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    span = _span(c, n)
    if left is None or right is None or left.type != "shorthand_property_identifier_pattern":
        return Item(span, None, _other(c, n))
    place = _span(c, left)
    word = _cut(c, place)
    return Item(span, Str(place, word, place, True), Alt(span, (Name(place, word), _node(c, right))), True)


def _property(c: Reading, n: Syntax) -> Node:
    """A key: `Str` for names, strings and numbers; the expression inside `[…]`."""
    if n.type == "string":
        return _string(c, n)
    if n.type == "computed_property_name":
        return _node(c, n)
    span = _span(c, n)
    return Str(span, _cut(c, span), span, True)


def _pair(c: Reading, n: Syntax) -> Node:
    """A `key: value` that lost its object to a syntax error."""
    key, value = n.child_by_field_name("key"), n.child_by_field_name("value")
    if key is None or value is None:
        return _other(c, n)
    return Other(_span(c, n), "pair", (_property(c, key), _node(c, value)))


def _sequence(c: Reading, n: Syntax) -> Node:
    return Seq(_span(c, n), tuple([_node(c, child) for child in n.named_children if child.type not in _SILENT]))


def _default(c: Reading, n: Syntax) -> Node:
    left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    if left is None or right is None:
        return _other(c, n)
    return Alt(_span(c, n), (_node(c, left), _node(c, right)))


def _spread(c: Reading, n: Syntax) -> Node:
    return Other(_span(c, n), "spread", _statements(c, n.named_children))


def _meta(c: Reading, n: Syntax) -> Node:
    """`import.meta` and `new.target`."""
    children = n.children
    if len(children) < 3:
        return _other(c, n)
    head, tail = _span(c, children[0]), _span(c, children[-1])
    return Attr(_span(c, n), Name(head, _cut(c, head)), _cut(c, tail), tail)


# --- JSX


def _jsx(c: Reading, n: Syntax) -> Node:
    """An element: its tag (`Str` for a tag of the page, `Name` or `Attr` for a component), its attributes, what is inside."""
    parts: list[Node] = []
    for child in n.named_children:
        match child.type:
            case "jsx_opening_element":
                parts += _jsx_tag(c, child)
            case "jsx_closing_element":
                pass
            case kind if kind not in _SILENT:
                parts += _jsx_part(c, child)
    if n.type == "jsx_self_closing_element":
        parts = _jsx_tag(c, n)
    return Other(_span(c, n), "jsx", tuple(parts))


def _jsx_tag(c: Reading, n: Syntax) -> list[Node]:
    parts: list[Node] = []
    if (name := n.child_by_field_name("name")) is not None:
        span = _span(c, name)
        word = _cut(c, span)
        if name.type == "jsx_namespace_name" or (name.type == "identifier" and not word[:1].isupper()):
            parts.append(Str(span, word, span, True))
        else:
            parts.append(_node(c, name))
    _hoist(c, n.child_by_field_name("type_arguments"))
    for attribute in n.children_by_field_name("attribute"):
        parts += _jsx_part(c, attribute)
    return parts


def _jsx_part(c: Reading, n: Syntax) -> tuple[Node, ...]:
    if n.type == "jsx_expression":
        return _statements(c, n.named_children)
    if n.type != "jsx_attribute":
        return _statements(c, (n,))
    return (_jsx_attribute(c, n),)


def _jsx_attribute(c: Reading, n: Syntax) -> Other:
    parts: list[Node] = []
    for child in n.named_children:
        if child.type in _SILENT:
            continue
        span = _span(c, child)
        if not parts:
            parts.append(Str(span, _cut(c, span), span, True))
        elif child.type == "string":
            parts.append(_jsx_string(c, span))
        else:
            parts += _jsx_part(c, child)
    return Other(_span(c, n), "jsx-attribute", tuple(parts))


def _jsx_string(c: Reading, span: Span) -> Str:
    """An attribute's string knows entities and no backslash."""
    inner = Span(span.start + 1, max(span.start + 1, span.end - 1))
    raw = _cut(c, inner)
    if "&" not in raw:
        return Str(span, raw, inner, True)
    import html

    value = html.unescape(raw)
    return Str(span, value, inner, value == raw)


# --- what a kind of syntax becomes


def _as_statement(make: _Handler) -> _Statement:
    return lambda c, n, out: out.append(make(c, n))


_STATEMENTS: dict[str, _Statement] = {
    "expression_statement": _expression_statement,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "using_declaration": _declaration,
    "import_statement": _import,
    "export_statement": _export,
    "import_alias": _import_alias,
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
    "interface_declaration": _interface,
    "enum_declaration": _enum,
    "type_alias_declaration": _alias,
}

_EXPRESSIONS: dict[str, _Handler] = {
    **dict.fromkeys(
        (
            "identifier", "this", "super", "import", "property_identifier", "private_property_identifier", "type_identifier",
            "shorthand_property_identifier", "shorthand_property_identifier_pattern", "statement_identifier",
        ),
        _name,
    ),
    **dict.fromkeys(("number", "true", "false", "null", "undefined", "regex"), _const),
    **dict.fromkeys(("call_expression", "member_expression", "subscript_expression", "non_null_expression"), _chain),
    **dict.fromkeys(
        (
            "parenthesized_expression", "as_expression", "satisfies_expression", "type_assertion", "instantiation_expression",
            "decorator", "computed_property_name", "jsx_expression", "template_substitution",
        ),
        _inner,
    ),
    **dict.fromkeys(
        (
            "function_declaration", "generator_function_declaration", "function_expression", "generator_function",
            "arrow_function", "method_definition", "function_signature", "method_signature", "abstract_method_signature",
        ),
        _function,
    ),
    **dict.fromkeys(("class_declaration", "abstract_class_declaration", "class"), _class),
    **dict.fromkeys(("type_annotation", "type_arguments", "type_parameters", "object_type", "union_type"), _type),
    **dict.fromkeys(("object", "object_pattern"), _object),
    **dict.fromkeys(("array", "array_pattern"), _sequence),
    **dict.fromkeys(("spread_element", "rest_pattern"), _spread),
    **dict.fromkeys(("assignment_expression", "augmented_assignment_expression"), _assignment),
    **dict.fromkeys(("pair", "pair_pattern"), _pair),
    **dict.fromkeys(("jsx_element", "jsx_self_closing_element"), _jsx),
    "jsx_attribute": _jsx_attribute,
    **dict.fromkeys(("nested_identifier", "nested_type_identifier"), _qualified),
    **dict.fromkeys(("return_statement", "yield_expression"), _return),
    **dict.fromkeys(("public_field_definition", "field_definition", "property_signature"), _field),
    "throw_statement": _throw,
    "string": _string,
    "template_string": _template,
    "new_expression": _new,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "assignment_pattern": _default,
    "meta_property": _meta,
}  # fmt: skip

"""Functions, classes, types and the templates that both kinds of code write: each may hold all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma.context import SILENT, Handler, Reading, Statement, real_children, span_of, text_of, word_of
from migrator.formats.ecma.literals import key_of, lower_string, template_piece
from migrator.formats.ecma.lowering import (
    body_of,
    flattened,
    lower_argument,
    lower_node,
    lower_statements,
    missing_node,
    other_node,
)
from migrator.formats.tree import Arg, Assign, Attr, Class, Func, Index, Join, Name, Node, Other, Param, Return, Str
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def lower_function(c: Reading, n: Syntax) -> Func:
    """A function, method or signature."""
    name = n.child_by_field_name("name")
    params: list[Param] = []
    decorated = c.decorated
    decorators = [lower_node(c, child) for child in n.children_by_field_name("decorator")] if decorated else []
    if (listed := n.child_by_field_name("parameters")) is not None:
        for child in listed.named_children:
            if child.type not in SILENT and child.type != "ERROR":
                params.append(_param(c, child))
                if decorated:
                    decorators += [lower_node(c, decorator) for decorator in child.children_by_field_name("decorator")]
    elif (single := n.child_by_field_name("parameter")) is not None:
        params.append(_param(c, single))
    hoist(c, n.child_by_field_name("type_parameters"))
    hoist(c, n.child_by_field_name("return_type"))
    inside = n.child_by_field_name("body")
    body: tuple[Node, ...]
    if inside is None or inside.type == "statement_block":
        body = body_of(c, inside)
    else:
        value = lower_node(c, inside)
        body = (Return(span_of(c, inside), value),)
    word = "" if name is None or name.type == "computed_property_name" else key_of(c, name)[1]
    return Func(span_of(c, n), word, tuple(params), body, tuple(decorators))


def _param(c: Reading, n: Syntax) -> Param:
    span = span_of(c, n)
    target: Syntax | None = n
    default = annotation = None
    kind = n.type
    parts = n.children if c.whole and kind == "required_parameter" else []
    if len(parts) == 1:
        target = parts[0]
    elif len(parts) == 2 and parts[1].type == "type_annotation":
        target, annotation = parts
    elif kind == "required_parameter" or kind == "optional_parameter":
        target = n.child_by_field_name("pattern")
        default, annotation = n.child_by_field_name("value"), n.child_by_field_name("type")
    elif kind == "assignment_pattern":
        target, default = n.child_by_field_name("left"), n.child_by_field_name("right")
    if target is not None and target.type == "rest_pattern":
        target = target.named_children[0] if target.named_children else None
    name, pattern = "", None
    if target is not None:
        if target.type in ("identifier", "this"):
            name = word_of(c, target)[1]
        else:
            pattern = lower_node(c, target)
    return Param(
        span,
        name,
        None if default is None else lower_node(c, default),
        None if annotation is None else lower_type(c, annotation),
        pattern,
    )


def _class(c: Reading, n: Syntax) -> Class:
    name, body = n.child_by_field_name("name"), n.child_by_field_name("body")
    decorators = tuple(lower_node(c, child) for child in n.children_by_field_name("decorator"))
    bases: list[Arg] = []
    for child in n.named_children:
        if child.type == "class_heritage":
            for clause in real_children(child):
                if clause.type == "extends_clause":
                    bases += [lower_argument(c, value) for value in clause.children_by_field_name("value")]
                    hoist(c, clause.child_by_field_name("type_arguments"))
                elif clause.type == "implements_clause":
                    bases += [Arg(span_of(c, kind), lower_type(c, kind)) for kind in real_children(clause)]
                else:
                    bases.append(lower_argument(c, clause))
    hoist(c, n.child_by_field_name("type_parameters"))
    word = "" if name is None else word_of(c, name)[1]
    return Class(span_of(c, n), word, "class", tuple(bases), _members(c, body), decorators)


def _members(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    """The body of a class, interface or object type."""
    out: list[Node] = []
    if n is None:
        return ()
    if c.depth >= c.deepest:
        return (flattened(c, n),)
    c.depth += 1
    waiting: list[tuple[Syntax, Node]] = []
    for child in n.named_children:
        match child.type:
            case kind if kind in SILENT:
                continue
            case "decorator":
                waiting.append((child, lower_node(c, child)))
                continue
            case "public_field_definition" | "field_definition" | "property_signature":
                out += [_decoration(c, mark, lower_node(c, mark)) for mark in child.children_by_field_name("decorator")]
                out.append(_field(c, child))
            case "method_definition" | "method_signature" | "abstract_method_signature":
                method = lower_function(c, child)
                if waiting:
                    method.decorators = (*(node for _, node in waiting), *method.decorators)
                    method.span = Span(c.at[waiting[0][0].start_byte], method.span.end)
                    waiting = []
                out.append(method)
            case "class_static_block":
                out.append(Other(span_of(c, child), "static", body_of(c, child.child_by_field_name("body"))))
            case "index_signature" | "call_signature" | "construct_signature":
                out.append(lower_type(c, child))
            case _:
                out += lower_statements(c, (child,))
        out[-1:-1] = [_decoration(c, place, node) for place, node in waiting]
        waiting = []
    out += [_decoration(c, place, node) for place, node in waiting]
    c.depth -= 1
    return tuple(out)


def _decoration(c: Reading, n: Syntax, node: Node) -> Other:
    """A decorator of something that has no slot for one: it stands before it."""
    return Other(span_of(c, n), "decorator", (node,))


def _field(c: Reading, n: Syntax) -> Assign:
    name = n.child_by_field_name("name") or n.child_by_field_name("property")
    value, annotation = n.child_by_field_name("value"), n.child_by_field_name("type")
    return Assign(
        span_of(c, n),
        (missing_node(c, n) if name is None else _member_name(c, name),),
        None if value is None else lower_node(c, value),
        None if annotation is None else lower_type(c, annotation),
    )


def _member_name(c: Reading, n: Syntax) -> Node:
    if n.type == "computed_property_name":
        return Other(span_of(c, n), "computed", (lower_node(c, n),))
    return Name(*key_of(c, n))


def _interface(c: Reading, n: Syntax, out: list[Node]) -> None:
    name = n.child_by_field_name("name")
    bases = [
        Arg(span_of(c, kind), lower_type(c, kind))
        for child in n.named_children
        if child.type in ("extends_type_clause", "extends_clause")
        for kind in real_children(child)
    ]
    hoist(c, n.child_by_field_name("type_parameters"))
    word = "" if name is None else word_of(c, name)[1]
    out.append(Class(span_of(c, n), word, "interface", tuple(bases), _members(c, n.child_by_field_name("body"))))


def _enum(c: Reading, n: Syntax, out: list[Node]) -> None:
    name, body = n.child_by_field_name("name"), n.child_by_field_name("body")
    members: list[Node] = []
    for child in () if body is None else body.named_children:
        if child.type in SILENT:
            continue
        if child.type == "enum_assignment":
            members.append(_field(c, child))
        else:
            members.append(Assign(span_of(c, child), (_member_name(c, child),), None))
    word = "" if name is None else word_of(c, name)[1]
    out.append(Class(span_of(c, n), word, "enum", (), tuple(members)))


def _alias(c: Reading, n: Syntax, out: list[Node]) -> None:
    name, value = n.child_by_field_name("name"), n.child_by_field_name("value")
    if name is None or value is None:
        out.append(other_node(c, n))
        return
    hoist(c, n.child_by_field_name("type_parameters"))
    called = Name(*key_of(c, name))
    if value.type == "object_type":
        out.append(Class(span_of(c, n), called.id, "interface", (), _members(c, value)))
    else:
        out.append(Assign(span_of(c, n), (called,), None, lower_type(c, value)))


def lower_type(c: Reading, n: Syntax) -> Other:
    """What a type says: its names, string literals and object types, flat."""
    inner = real_children(n)
    whole = inner[0] if len(inner) == 1 and n.type.endswith("annotation") else n
    span = span_of(c, whole)
    match whole.type:
        case "predefined_type":
            return Other(span, "type", ())
        case "type_identifier":
            return Other(span, "type", (Name(span, text_of(c, span)),))
        case _:
            return Other(span, "type", _type_parts(c, whole))


def _type_parts(c: Reading, n: Syntax) -> tuple[Node, ...]:
    if _PLAIN_TYPE.fullmatch(word_of(c, n)[1]):
        return ()
    out: list[Node] = []
    stack = [n]
    while stack:
        n = stack.pop()
        kind = n.type
        if kind == "type_identifier" or kind == "identifier":
            out.append(Name(*word_of(c, n)))
            continue
        if kind not in _TYPE_FORMS:
            stack += reversed(n.named_children)
            continue
        match kind:
            case "string":
                out.append(lower_string(c, n))
            case "object_type":
                out.append(Class(span_of(c, n), "", "interface", (), _members(c, n)))
            case "nested_type_identifier" | "member_expression" | "call_expression" | "subscript_expression":
                whole, c.whole = c.whole, False  # `typeof a.b` has its parts in another order
                out.append(lower_node(c, n))
                c.whole = whole
            case "template_literal_type" | "template_string":
                out.append(_template(c, n))
            case "required_parameter" | "optional_parameter" | "index_signature":  # their names are not types
                inner = [child for child in n.named_children if child.type in _TYPE_SLOTS]
                inner += n.children_by_field_name("index_type")
                stack += sorted(inner, key=lambda child: -child.start_byte)
            case "type_predicate":
                stack += n.children_by_field_name("type")
            case _:
                pass
    return tuple(out)


_PLAIN_TYPE = regex(r"(?!.*\b(?:typeof|is|asserts|infer)\b)[A-Za-z0-9_$ <>,|&\[\]]+")
"""Names of types and the signs between them, as most types are."""
_TYPE_FORMS = frozenset(
    (
        "string", "object_type", "nested_type_identifier", "member_expression", "call_expression", "subscript_expression",
        "template_literal_type", "template_string", "required_parameter", "optional_parameter", "index_signature",
        "type_predicate", "comment", "predefined_type",
    )
)  # fmt: skip
"""Parts of a type that are more than the sum of what is in them, or nothing."""
_TYPE_SLOTS = frozenset(
    ("type_annotation", "mapped_type_clause", "omitting_type_annotation", "adding_type_annotation", "opting_type_annotation")
)


_SAYING = frozenset("\"'`{([")
"""Some of these stand in any type that holds more than names."""


def hoist(c: Reading, n: Syntax | None) -> None:
    """Keep a type that has no slot for the end of its statement, where it holds more than names."""
    if n is not None and not _SAYING.isdisjoint(word_of(c, n)[1]):
        parts = _type_parts(c, n)
        if any(not isinstance(part, Name | Attr | Index) for part in parts):
            c.hoisted.append(Other(span_of(c, n), "type", parts))


def _qualified(c: Reading, n: Syntax) -> Node:
    """`A.B` in a type or an `import x = A.B`; JSX's `a:b` is a name of its own."""
    fields = ("module", "name") if n.type == "nested_type_identifier" else ("object", "property")
    base, name = (n.child_by_field_name(field) for field in fields)
    if base is None or name is None:
        return other_node(c, n)
    span, word = word_of(c, name)
    return Attr(span_of(c, n), lower_node(c, base), word, span)


def _template(c: Reading, n: Syntax) -> Node:
    span = span_of(c, n)
    holes = [child for child in n.named_children if child.type in ("template_substitution", "template_type")]
    start = span.start + 1
    end = span.end - 1 if n.child_count > 1 and n.children[-1].type == "`" else span.end
    if not holes:
        whole = template_piece(c, Span(start, max(start, end)))
        return Str(span, whole.value, whole.inner, whole.exact)
    parts: list[Node] = []
    for hole in holes:
        place = span_of(c, hole)
        if place.start > start:
            parts.append(template_piece(c, Span(start, place.start)))
        if hole.type == "template_type":
            parts.append(lower_type(c, hole))
        else:
            parts += lower_statements(c, hole.named_children)
        start = place.end
    if end > start:
        parts.append(template_piece(c, Span(start, end)))
    return Join(span, tuple(parts))


STATEMENTS: dict[str, Statement] = {
    "interface_declaration": _interface,
    "enum_declaration": _enum,
    "type_alias_declaration": _alias,
}
EXPRESSIONS: dict[str, Handler] = {
    **dict.fromkeys(
        (
            "function_declaration", "generator_function_declaration", "function_expression", "generator_function",
            "arrow_function", "method_definition", "function_signature", "method_signature", "abstract_method_signature",
        ),
        lower_function,
    ),
    **dict.fromkeys(("class_declaration", "abstract_class_declaration", "class"), _class),
    **dict.fromkeys(("type_annotation", "type_arguments", "type_parameters", "object_type", "union_type"), lower_type),
    **dict.fromkeys(("nested_identifier", "nested_type_identifier"), _qualified),
    **dict.fromkeys(("public_field_definition", "field_definition", "property_signature"), _field),
    "template_string": _template,
}  # fmt: skip

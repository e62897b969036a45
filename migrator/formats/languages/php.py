"""PHP: https://www.php.net/manual/en/langref.php, grammar of tree-sitter-php.

`$x` is the name x, `$this->x` and `self::X` attributes of the object. An array with keys is an object, without them a list. A namespace
says nothing: an import is one of a name out of its namespace. HTML around the code is no part of the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece, string
from migrator.formats.languages.lowering import body_of, lower_node, lower_part, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import (
    Arg,
    Assign,
    Attr,
    Call,
    Func,
    If,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Raise,
    Seq,
    Str,
    Visibility,
)
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    """`use A\\B\\C as D`, `use A\\{B, C}`."""
    prefix = ""
    place = span_of(c, n)
    head = pick(c, n, ".namespace_name")
    if head is not None:
        place, prefix = word_of(c, head)
    out: list[Node] = []
    stack = list(reversed(n.named_children))
    while stack:
        child = stack.pop()
        if child.type == "namespace_use_group":
            stack += reversed(child.named_children)
        elif child.type == "namespace_use_clause":
            path = pick(c, child, ".qualified_name|name")
            alias = pick(c, child, "alias") or pick(c, child, ".namespace_aliasing_clause")
            if path is None:
                continue
            at, word = word_of(c, path)
            whole = f"{prefix}\\{word}" if prefix else word
            module, _, name = whole.strip("\\").replace("\\", ".").rpartition(".")
            if not module and alias is None:
                out.append(s.imported(c, child, name, at, None, name))
                continue
            local = name if alias is None else word_of(c, alias)[1].removeprefix("as").strip()
            out.append(s.imported(c, child, module, at if not prefix else place, name, local))
    return tuple(out)


_interpolated = string(
    holes=("variable_name", "member_access_expression", "subscript_expression", "dynamic_variable_name", "nullsafe_member_access_expression",
           "member_call_expression", "scoped_property_access_expression", "function_call_expression", "class_constant_access_expression")
)  # fmt: skip


def _string(c: Reading, n: Syntax) -> Lowered:
    """A double-quoted text; the braces around a piece of code in it are no text."""
    lowered = _interpolated(c, n)
    if isinstance(lowered, Join):
        parts = []
        for part in lowered.parts:
            if isinstance(part, Str) and part.exact:
                start, end = part.span
                text = c.text[start:end]
                start += text.startswith("}")
                end -= text.endswith("{")
                if end <= start:
                    continue
                part = piece(c, Span(start, end), Span(start, end))
            parts.append(part)
        return Join(lowered.span, tuple(parts))
    return lowered


def _heredoc(c: Reading, n: Syntax) -> Lowered:
    body = pick(c, n, "value")
    if body is None:
        return other_node(c, n)
    parts: list[Node] = []
    for child in body.named_children:
        span = span_of(c, child)
        parts.append(piece(c, span, span) if child.type == "string_content" else lower_node(c, child))
    return Join(span_of(c, n), tuple(parts))


def _scope(c: Reading, n: Syntax) -> Node:
    span, word = word_of(c, n)
    return Name(span, "self" if word in ("self", "static") else "super" if word == "parent" else word)


def _member(c: Reading, n: Syntax) -> Lowered:
    """`$a->b`, `A::$b`, `A::B`."""
    parts = parts_of(c, n)
    owner, name = pick(c, n, "object") or pick(c, n, "scope") or parts[0], pick(c, n, "name") or parts[-1]
    if owner == name:
        return other_node(c, n)
    place, word = word_of(c, name)
    return Attr(span_of(c, n), lower_node(c, owner), word.lstrip("$"), place)


def _qualified(c: Reading, n: Syntax) -> Node:
    """`\\A\\B\\C`: an attribute of its namespace."""
    span, word = word_of(c, n)
    first, *rest = word.strip("\\").split("\\")
    node: Node = Name(span, first)
    for part in rest:
        node = Attr(span, node, part, span)
    return node


def _new(c: Reading, n: Syntax) -> Lowered:
    parts = parts_of(c, n)
    listed = next((part for part in parts if part.type == "arguments"), None)
    if not parts or parts[0].type == "anonymous_class":
        return other_node(c, n)
    return e.made_call(c, span_of(c, n), lower_node(c, parts[0]), listed)


def _array(c: Reading, n: Syntax) -> Lowered:
    items: list[Item] = []
    plain: list[Node] = []
    for child in parts_of(c, n):
        parts = parts_of(c, child)
        span = span_of(c, child)
        if len(parts) == 2 and child.type == "array_element_initializer":
            items.append(Item(span, lower_node(c, parts[0]), lower_node(c, parts[1])))
        elif parts and parts[0].type == "variadic_unpacking":
            items.append(Item(span, None, lower_part(c, child, pick(c, parts[0], "#0"))))
        elif parts:
            plain.append(lower_node(c, parts[0]))
    if any(item.key is not None for item in items) or (items and not plain):
        return Obj(span_of(c, n), (*items, *(Item(node.span, None, node) for node in plain)))
    return Seq(span_of(c, n), (*plain, *(item.value for item in items)))


def _define(c: Reading, n: Syntax) -> Lowered:
    """A call; `define('X', value)` is a constant."""
    made = _call(c, n)
    match made:
        case Call(func=Name(id="define"), args=(Arg(value=Str() as name), Arg(value=value), *_)):
            return Assign(made.span, (Name(name.inner, name.value),), value)
        case Call(func=Name(id="exit" | "die"), args=args):
            return Raise(made.span, args[0].value if args else None)
        case _:
            return made


_call = e.call("function", "arguments")


def _const(c: Reading, n: Syntax) -> Lowered:
    out: list[Node] = []
    for child in n.named_children:
        if child.type == "const_element":
            parts = parts_of(c, child)
            if len(parts) == 2:
                out.append(Assign(span_of(c, n), (Name(*word_of(c, parts[0])),), lower_node(c, parts[1])))
    return tuple(out)


def _property(c: Reading, n: Syntax) -> Lowered:
    annotation = lower_type(c, pick(c, n, "type"))
    out: list[Node] = []
    for child in n.named_children:
        if child.type == "property_element":
            name, value = pick(c, child, "name"), pick(c, child, "default_value")
            if name is not None:
                target = lower_name(c, name)
                given = None if value is None else lower_node(c, value)
                out.append(Assign(span_of(c, n), (target,), given, annotation or Other(target.span, "type", ())))
    return tuple(out)


_plain_method = s.function("name", "parameters", "body")


def _method(c: Reading, n: Syntax) -> Lowered:
    """A method; parameters that are properties too (`private string $key`) are assigned to these."""
    made = _plain_method(c, n)
    listed = pick(c, n, "parameters")
    if isinstance(made, Func) and listed is not None:
        promoted: list[Node] = []
        for child in listed.named_children:
            name = pick(c, child, "name")
            if child.type == "property_promotion_parameter" and name is not None:
                place, word = word_of(c, name)
                word = word.lstrip("$")
                target = Attr(place, Name(Span(place.start, place.start), "this"), word, place)
                promoted.append(Assign(span_of(c, child), (target,), Name(place, word)))
        made.body = (*promoted, *made.body)
    return made


def _if(c: Reading, n: Syntax) -> Lowered:
    """`if`, with its `elseif` and `else` side by side."""
    test, body = pick(c, n, "condition"), pick(c, n, "body")
    orelse: tuple[Node, ...] = ()
    for clause in reversed(n.children_by_field_name("alternative")):
        if clause.type == "else_clause":
            orelse = body_of(c, pick(c, clause, "body"))
        else:
            inner = body_of(c, pick(c, clause, "body"))
            orelse = (If(span_of(c, clause), lower_part(c, clause, pick(c, clause, "condition")), inner, orelse),)
    return If(span_of(c, n), lower_part(c, n, test), body_of(c, body), orelse)


def _unary(c: Reading, n: Syntax) -> Lowered:
    sign = n.children[0].type if n.children else ""
    inner = pick(c, n, "#0")
    if sign == "@" and inner is not None:
        return lower_node(c, inner)
    return Other(span_of(c, n), "not" if sign == "!" else sign, (lower_part(c, n, inner),))


def _arms(_c: Reading, n: Syntax) -> list[Syntax]:
    conditions = n.child_by_field_name("conditional_expressions")
    return [] if conditions is None else [conditions]


def _parameter(c: Reading, n: Syntax) -> Param:
    name, default = pick(c, n, "name"), pick(c, n, "default_value")
    word = "" if name is None else word_of(c, name)[1].lstrip("&$.")
    return Param(span_of(c, n), word, None if default is None else lower_node(c, default), lower_type(c, pick(c, n, "type")))


_GROUPS = {**e.GROUPS, ".": "join", "+": "+", "?:": "alt", "xor": "xor", "<>": "!="}
_WORDS = frozenset(
    [
        "Http",
        "Log",
        "Exception",
        "Cache",
        "DB",
        "Str",
        "Arr",
        "Carbon",
        "Client",
        "Request",
        "Response",
        "Illuminate",
        "OpenAI",
        "Route",
        "Storage",
        "Auth",
        "JsonResponse",
        "stdClass",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_php",
    function="language_php",
    visibility=Visibility(files="tree", members=False, words=_WORDS),
    blocks=frozenset(
        ("compound_statement", "expression_statement", "parenthesized_expression", "declaration_list", "colon_block", "by_ref", "argument",
         "array_element_initializer")
    ),
    functions=frozenset(("method_declaration", "function_definition", "property_declaration", "const_declaration", "class_declaration")),
    strings=frozenset(("string", "encapsed_string", "heredoc", "nowdoc", "text")),
    silent=frozenset(
        ("php_tag", "namespace_definition", "text_interpolation", "text", "visibility_modifier", "static_modifier", "attribute_list", "empty_statement",
         "break_statement", "namespace_name", "readonly_modifier", "final_modifier", "abstract_modifier", "use_declaration")
    ),
    joins={"sprintf": "printf", "rtrim": "first", "trim": "first", "ltrim": "first", "strval": "first", "json_encode": "first"},
    arguments={"argument": e.named_argument("name", "#-1"), "variadic_unpacking": e.spread_argument()},
    parameters={"simple_parameter": _parameter, "property_promotion_parameter": _parameter, "variadic_parameter": _parameter},
    nodes={
        "name": lower_name, "variable_name": lower_name, "qualified_name": _qualified, "relative_scope": _scope, "named_type": e.inner(),
        **dict.fromkeys(("integer", "float", "boolean", "null"), lower_const),
        "string": string(), "encapsed_string": _string, "heredoc": _heredoc, "nowdoc": string(raw=True),
        "namespace_use_declaration": _import,
        "member_access_expression": _member, "nullsafe_member_access_expression": _member, "scoped_property_access_expression": _member,
        "class_constant_access_expression": _member,
        "subscript_expression": e.index("#0", "#1"),
        "function_call_expression": _define, "object_creation_expression": _new,
        "member_call_expression": e.method_call("object", "name"), "nullsafe_member_call_expression": e.method_call("object", "name"),
        "scoped_call_expression": e.method_call("scope", "name"),
        "array_creation_expression": _array, "list_literal": e.sequence,
        "binary_expression": e.binary(_GROUPS), "unary_op_expression": _unary, "conditional_expression": e.ternary("condition", "body", "alternative"),
        "cast_expression": e.inner("value"), "error_suppression_expression": e.inner(), "match_expression": s.cases("condition", "body", ("match_conditional_expression", "match_default_expression"), _arms),
        "match_condition_list": e.sequence,
        "assignment_expression": e.assignment(), "augmented_assignment_expression": e.assignment(), "reference_assignment_expression": e.assignment(),
        "const_declaration": _const, "property_declaration": _property,
        "method_declaration": _method, "function_definition": s.function(), "arrow_function": s.function("", "parameters", "body"),
        "anonymous_function": s.function("", "parameters", "body"), "anonymous_function_creation_expression": s.function("", "parameters", "body"),
        "class_declaration": s.class_("class", bases=(".base_clause",)), "trait_declaration": s.class_("class"),
        "interface_declaration": s.class_("interface"), "enum_declaration": s.class_("enum"), "enum_case": s.field_without_value,
        "if_statement": _if, "return_statement": s.returned(), "throw_expression": s.raised(), "throw_statement": s.raised(),
        "switch_statement": s.cases("condition", "body", ("case_statement", "default_statement"), s.labelled("value")),
    },
)  # fmt: skip

"""Swift: https://docs.swift.org/swift-book/ReferenceManual/, grammar of tree-sitter-swift.

A computed property is a name whose value is what a function gives. `guard let x = y` and `if let x = y` are assignments before the branch.
An `extension` is a class of that name. A subscript looks like a call to the grammar and is told from one by its bracket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece
from migrator.formats.languages.lowering import lower_node, lower_part, lower_statements, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Func,
    If,
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
    Visibility,
)
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    place, word = word_of(c, pick(c, n, "#-1") or n)
    return s.imported(c, n, word, place, "*", "*")


def _string(c: Reading, n: Syntax) -> Lowered:
    span, text = word_of(c, n)
    signs = len(text) - len(text.lstrip("#"))
    quote = 3 if text[signs:].startswith('"""') else 1
    start = span.start + signs + quote
    end = max(start, span.end - signs - quote)
    holes = [child for child in n.named_children if child.type == "interpolated_expression"]
    if not holes:
        return piece(c, span, Span(start, end), raw=signs > 0)
    parts: list[Node] = []
    for hole in holes:
        place = span_of(c, hole)
        opening = c.text.rfind("\\", start, place.start)  # the backslash and its bracket stand outside of the code
        opening = opening if opening >= 0 else place.start
        if c.text.startswith("\\", place.start):
            opening = place.start
        if opening > start:
            parts.append(piece(c, Span(start, opening), Span(start, opening), raw=signs > 0))
        parts.append(lower_part(c, hole, pick(c, hole, "value") or pick(c, hole, "#0")))
        start = place.end
        if c.text.startswith(")", start) and opening < place.start:
            start += 1
    if end > start:
        parts.append(piece(c, Span(start, end), Span(start, end), raw=signs > 0))
    return Join(span, tuple(parts))


def _typed(c: Reading, n: Syntax) -> Node | None:
    mark = pick(c, n, ".type_annotation")
    return None if mark is None else lower_type(c, pick(c, mark, "name") or pick(c, mark, "#0"))


def _pattern(c: Reading, n: Syntax) -> Node:
    bound = pick(c, n, "bound_identifier")
    if bound is not None:
        return lower_name(c, bound)
    inner = [child for child in parts_of(c, n) if child.type in ("pattern", "simple_identifier")]
    if len(inner) == 1:
        return lower_name(c, inner[0]) if inner[0].type == "simple_identifier" else _pattern(c, inner[0])
    return Seq(span_of(c, n), tuple(_pattern(c, child) for child in inner))


def _computed(c: Reading, n: Syntax) -> Node:
    getter = pick(c, n, ".computed_getter") or n
    body = lower_statements(c, getter.named_children)
    func = Func(span_of(c, n), "", (), _with_result(body))
    return Call(func.span, func, (), func.span.end)


def _with_result(body: tuple[Node, ...]) -> tuple[Node, ...]:
    """A body of one expression gives it."""
    if len(body) == 1 and not isinstance(body[0], Return | Raise | Assign | If | Func | Class):
        return (Return(body[0].span, body[0]),)
    return body


def _property(c: Reading, n: Syntax) -> Lowered:
    names, values = n.children_by_field_name("name"), n.children_by_field_name("value")
    computed = pick(c, n, "computed_value")
    annotation = _typed(c, n)
    member = n.parent is not None and n.parent.type in ("class_body", "enum_class_body", "protocol_body")
    out: list[Node] = []
    for index, name in enumerate(child for child in names if child.type == "pattern"):
        value: Node | None = None
        if computed is not None:
            value = _computed(c, computed)
        elif index < len(values):
            value = lower_node(c, values[index])
        kind = annotation or (Other(span_of(c, n), "type", ()) if member else None)
        out.append(Assign(span_of(c, n), (_pattern(c, name),), value, kind))
    return tuple(out) if out else other_node(c, n)


def _class(c: Reading, n: Syntax) -> Lowered:
    name, body = pick(c, n, "name"), pick(c, n, "body")
    bases = [child for child in n.named_children if child.type == "inheritance_specifier"]
    above = tuple(Arg(span_of(c, child), lower_type(c, pick(c, child, "inherits_from")) or other_node(c, child)) for child in bases)
    head = c.text[c.at[n.start_byte] : c.at[body.start_byte] if body is not None else c.at[n.end_byte]]
    kind = "interface" if n.type == "protocol_declaration" else "enum" if " enum " in f" {head} " else "class"
    word = "" if name is None else word_of(c, name)[1].rpartition(".")[2]
    return Class(span_of(c, n), word, kind, above, () if body is None else lower_statements(c, body.named_children))


def _function(c: Reading, n: Syntax) -> Lowered:
    name = pick(c, n, "name") if n.type != "init_declaration" else None
    params: list[Param] = []
    for index, child in enumerate(n.children):
        if child.type == "parameter":
            external_name = child.child_by_field_name("name")
            kind = next((part for part in child.children_by_field_name("name") if part != external_name), None)
            word = "" if external_name is None else word_of(c, external_name)[1]
            params.append(Param(span_of(c, child), word, None, lower_type(c, kind)))
        elif params and n.field_name_for_child(index) == "default_value":
            params[-1].default = lower_node(c, child)
    body = pick(c, n, "body")
    statements = () if body is None else lower_statements(c, body.named_children)
    word = "init" if n.type == "init_declaration" else "" if name is None else word_of(c, name)[1]
    return Func(span_of(c, n), word, tuple(params), _with_result(statements))


def _member(c: Reading, n: Syntax) -> Lowered:
    target, suffix = pick(c, n, "target") or pick(c, n, "#0"), pick(c, n, "suffix")
    name = None if suffix is None else pick(c, suffix, "suffix") or pick(c, suffix, "#-1")
    if target is None or name is None:
        return other_node(c, n)
    place, word = word_of(c, name)
    return Attr(span_of(c, n), lower_node(c, target), word, place)


def _call(c: Reading, n: Syntax) -> Lowered:
    parts = parts_of(c, n)
    suffix = pick(c, n, ".call_suffix")
    if not parts or suffix is None:
        return other_node(c, n)
    callee = lower_node(c, parts[0])
    listed = pick(c, suffix, ".value_arguments")
    if listed is not None and c.text[c.at[listed.start_byte]] == "[":
        key = pick(c, listed, "#0")
        return Index(span_of(c, n), callee, lower_part(c, listed, pick(c, key, "value") if key is not None else None))
    blocks = [child for child in suffix.named_children if child.type == "lambda_literal"]
    made = e.made_call(c, span_of(c, n), callee, listed, blocks[0] if blocks else None)
    if isinstance(made, Call):
        made.args = (*made.args, *(Arg(span_of(c, block), lower_node(c, block)) for block in blocks[1:]))
    if isinstance(made, Call) and isinstance(made.func, Name) and made.func.id in ("fatalError", "preconditionFailure"):
        return Raise(made.span, made.args[0].value if made.args else None)
    if isinstance(made, Call) and isinstance(made.func, Attr) and made.func.name == "init" and isinstance(made.func.base, Name):
        made.func = made.func.base
    return made


def _prefix(c: Reading, n: Syntax) -> Lowered:
    """`.member`, `!x`, `-1`."""
    target = pick(c, n, "target") or pick(c, n, "#-1")
    if target is None:
        return other_node(c, n)
    sign = c.text[c.at[n.start_byte]]
    if sign == "." and target.type in ("simple_identifier", "type_identifier"):
        place, word = word_of(c, target)
        return Attr(span_of(c, n), Other(Span(place.start, place.start), "elided", ()), word, place)
    return Other(span_of(c, n), "not" if sign == "!" else sign, (lower_node(c, target),))


def _dictionary(c: Reading, n: Syntax) -> Lowered:
    keys, values = n.children_by_field_name("key"), n.children_by_field_name("value")
    items: list[Item] = []
    for key, value in zip(keys, values, strict=False):
        first, second = lower_node(c, key), lower_node(c, value)
        items.append(Item(Span(first.span.start, second.span.end), first, second))
    return Obj(span_of(c, n), tuple(items))


def _conditions(c: Reading, n: Syntax) -> tuple[list[Node], Node]:
    """The names that `let x = y` among the conditions of a branch gives, and its test."""
    bound: list[Node] = []
    tests: list[Node] = []
    waiting: Syntax | None = None
    for index, child in enumerate(n.children):
        field = n.field_name_for_child(index)
        if field == "bound_identifier":
            waiting = child
        elif field == "condition" and child.is_named and child.type != "value_binding_pattern":
            value = lower_node(c, child)
            if waiting is not None:
                bound.append(Assign(Span(c.at[waiting.start_byte], value.span.end), (lower_name(c, waiting),), value))
                waiting = None
            else:
                tests.append(value)
    span = span_of(c, n)
    test: Node = tests[0] if len(tests) == 1 else Other(span, "and", tuple(tests))
    return bound, test


def _if(c: Reading, n: Syntax) -> Lowered:
    bound, test = _conditions(c, n)
    blocks: list[list[Syntax]] = [[]]
    for child in n.children:
        if child.type == "else":
            blocks.append([])
        elif child.type in ("statements", "if_statement"):
            blocks[-1].append(child)
    orelse = lower_statements(c, blocks[1]) if len(blocks) > 1 else ()
    return (*bound, If(span_of(c, n), test, lower_statements(c, blocks[0]), orelse))


def _guard(c: Reading, n: Syntax) -> Lowered:
    bound, test = _conditions(c, n)
    body = lower_statements(c, [child for child in n.named_children if child.type == "statements"])
    return (*bound, If(span_of(c, n), Other(test.span, "not", (test,)), body, ()))


def _transfer(c: Reading, n: Syntax) -> Lowered:
    """`return x`, `throw x`, `break`."""
    word = n.children[0] if n.children else None
    value = next((child for child in parts_of(c, n) if child != word), None)
    given = None if value is None else lower_node(c, value)
    kind = "" if word is None else c.text[c.at[word.start_byte] : c.at[word.end_byte]]
    if kind.startswith("throw"):
        return Raise(span_of(c, n), given)
    return Return(span_of(c, n), given) if kind == "return" else Other(span_of(c, n), "transfer", ())


def _closure(c: Reading, n: Syntax) -> Lowered:
    names: list[Param] = []
    kind = pick(c, n, "type") or pick(c, n, ".lambda_function_type")
    stack = [] if kind is None else [kind]
    while stack:
        child = stack.pop()
        if child.type == "lambda_parameter":
            name = pick(c, child, "name") or pick(c, child, "#0")
            if name is not None:
                names.append(Param(span_of(c, child), word_of(c, name)[1]))
        else:
            stack += reversed(child.named_children)
    body = lower_statements(c, [child for child in n.named_children if child.type == "statements"])
    return Func(span_of(c, n), "", tuple(names), _with_result(body))


def _entry(c: Reading, n: Syntax) -> Lowered:
    """Members of an enum: `case a = "x", b`."""
    names, values = n.children_by_field_name("name"), n.children_by_field_name("raw_value")
    out: list[Node] = []
    for index, name in enumerate(names):
        value = lower_node(c, values[index]) if index < len(values) else None
        out.append(Assign(span_of(c, n), (lower_name(c, name),), value))
    return tuple(out)


def _argument(c: Reading, n: Syntax) -> Arg:
    label, value = pick(c, n, "name"), pick(c, n, "value")
    span = span_of(c, n)
    if value is None:
        return Arg(span, lower_part(c, n, pick(c, n, "#-1")))
    if label is None:
        return Arg(span, lower_node(c, value))
    place, word = word_of(c, label)
    return Arg(span, lower_node(c, value), word, place)


def _patterns(_c: Reading, n: Syntax) -> list[Syntax]:
    return [child for child in n.named_children if child.type == "switch_pattern"]


def _coalesced(c: Reading, n: Syntax) -> Lowered:
    first, second = pick(c, n, "value"), pick(c, n, "if_nil")
    return Alt(span_of(c, n), (lower_part(c, n, first), lower_part(c, n, second)))


_WORDS = frozenset(
    [
        "String",
        "Int",
        "Bool",
        "Double",
        "Data",
        "URL",
        "URLRequest",
        "URLSession",
        "JSONSerialization",
        "JSONEncoder",
        "JSONDecoder",
        "ProcessInfo",
        "Bundle",
        "Error",
        "Any",
        "Void",
        "Date",
        "Task",
        "UserDefaults",
        "DispatchQueue",
        "Published",
        "ObservableObject",
        "View",
        "Text",
        "Self",
        "Codable",
        "Decodable",
        "Encodable",
        "HTTPURLResponse",
        "NSError",
        "OpenAI",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_swift",
    visibility=Visibility(files="tree", members=True, words=_WORDS),
    blocks=frozenset(("statements", "function_body", "directly_assignable_expression", "switch_pattern", "pattern", "class_body")),
    functions=frozenset(("function_declaration", "init_declaration", "property_declaration", "enum_entry")),
    strings=frozenset(("line_string_literal", "multi_line_string_literal", "raw_string_literal")),
    comments=frozenset(("comment", "multiline_comment")),
    silent=frozenset(("modifiers", "attribute", "type_annotation", "type_parameters", "value_binding_pattern", "try_operator", "bang", "user_type")),
    same=frozenset(("trimmingCharacters", "lowercased", "description")) - {"trimmingCharacters"},
    joins={"URL": "first", "URLComponents": "first", "String": "first", "JSONSerialization.data": "first"},
    arguments={"value_argument": _argument},
    nodes={
        **dict.fromkeys(("simple_identifier", "self_expression", "type_identifier", "super_expression"), lower_name),
        **dict.fromkeys(("integer_literal", "real_literal", "boolean_literal", "nil", "hex_literal", "bin_literal"), lower_const),
        "line_string_literal": _string, "multi_line_string_literal": _string, "raw_string_literal": _string,
        "import_declaration": _import, "property_declaration": _property, "class_declaration": _class, "protocol_declaration": _class,
        "function_declaration": _function, "init_declaration": _function, "lambda_literal": _closure, "enum_entry": _entry,
        "navigation_expression": _member, "call_expression": _call, "prefix_expression": _prefix, "postfix_expression": e.inner("target"),
        "optional_chaining_expression": e.inner(), "as_expression": e.inner("expr"), "try_expression": e.inner("expr"), "await_expression": e.wrapped("await", "expr"),
        "dictionary_literal": _dictionary, "array_literal": e.sequence, "tuple_expression": e.inner("value"),
        "nil_coalescing_expression": _coalesced, "ternary_expression": e.ternary("condition", "if_true", "if_false"),
        "additive_expression": e.binary(), "equality_expression": e.binary(), "comparison_expression": e.binary(),
        "conjunction_expression": e.binary(), "disjunction_expression": e.binary(), "infix_expression": e.binary(),
        "assignment": e.assignment("target", "result"),
        "if_statement": _if, "guard_statement": _guard, "control_transfer_statement": _transfer,
        "switch_statement": s.cases("expr", "", ("switch_entry",), _patterns), "for_statement": s.each("item", "collection", ".statements"),
    },
)  # fmt: skip

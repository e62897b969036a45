"""Kotlin: https://kotlinlang.org/spec/, grammar of tree-sitter-kotlin.

Parameters of a class's head are its fields; a companion's members are the class's. A property with a getter, or by `lazy`, is a name whose
value is what a function gives. `mapOf("a" to b)` is an object, `listOf` a list. The grammar does not see `$name` in a text; it is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece
from migrator.formats.languages.lowering import (
    body_of,
    lower_argument,
    lower_node,
    lower_part,
    lower_statements,
    lower_type,
    other_node,
)
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import (
    Arg,
    Assign,
    Call,
    Class,
    Func,
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
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    path = pick(c, n, ".qualified_identifier")
    alias = next((child for child in n.named_children if child.type == "identifier"), None)
    if path is None:
        return other_node(c, n)
    place, word = word_of(c, path)
    if c.text[span_of(c, n).start : span_of(c, n).end].rstrip().endswith("*"):
        return s.imported(c, n, word, place, "*", "*")
    module, _, name = word.rpartition(".")
    return s.imported(c, n, module, place, name, name if alias is None else word_of(c, alias)[1])


_NAME = regex(r"\$([A-Za-z_]\w*)")


def _string(c: Reading, n: Syntax) -> Lowered:
    """A text with `$name` and `${code}` in it."""
    span, text = word_of(c, n)
    quote = '"""' if text.startswith('"""') else '"'
    raw = len(quote) == 3
    start, end = span.start + len(quote), max(span.start + len(quote), span.end - len(quote))
    holes = {span_of(c, child).start: child for child in n.named_children if child.type == "interpolation"}
    parts: list[Node] = []
    at = begin = start
    while at < end:
        hole = holes.get(at)
        match = _NAME.match(c.text, at, end) if hole is None else None
        if hole is None and match is None:
            at += 2 if c.text[at] == "\\" and not raw else 1
            continue
        if at > begin:
            parts.append(piece(c, Span(begin, at), Span(begin, at), raw=raw))
        if hole is not None:
            inside = parts_of(c, hole)
            parts.append(lower_node(c, inside[0]) if inside else other_node(c, hole))
            at = span_of(c, hole).end
        elif match is not None:
            parts.append(Name(Span(match.start(1), match.end(1)), match[1]))
            at = match.end()
        begin = at
    if not parts:
        return piece(c, span, Span(start, end), raw=raw)
    if end > begin:
        parts.append(piece(c, Span(begin, end), Span(begin, end), raw=raw))
    return Join(span, tuple(parts))


def _typed(c: Reading, n: Syntax | None) -> Node | None:
    return None if n is None else lower_type(c, pick(c, n, ".user_type|nullable_type"))


_NO_VALUE = (
    "modifiers",
    "variable_declaration",
    "getter",
    "setter",
    "property_delegate",
    "multi_variable_declaration",
    "type_parameters",
    "type_constraints",
)


def _property(c: Reading, n: Syntax) -> Lowered:
    declared = pick(c, n, ".variable_declaration")
    name = None if declared is None else pick(c, declared, ".identifier")
    if name is None:
        many = pick(c, n, ".multi_variable_declaration")
        value = pick(c, n, "#-1")
        if many is None or value is None:
            return other_node(c, n)
        return Assign(
            span_of(c, n), (Seq(span_of(c, many), tuple(lower_node(c, part) for part in parts_of(c, many))),), lower_node(c, value)
        )
    value = next((part for part in reversed(parts_of(c, n)) if part.type not in _NO_VALUE), None)
    given: Node | None = None if value is None else lower_node(c, value)
    getter, delegate = pick(c, n, ".getter"), pick(c, n, ".property_delegate")
    if getter is not None and (body := pick(c, getter, ".function_body")) is not None:
        func = Func(span_of(c, getter), "", (), _body(c, body))
        given = Call(func.span, func, (), func.span.end)
    elif delegate is not None:
        given = lower_part(c, delegate, pick(c, delegate, "#0"))
        if isinstance(given, Call) and isinstance(given.func, Name) and given.func.id == "lazy" and given.args:
            given = Call(given.span, given.args[-1].value, (), given.span.end)
    annotation = _typed(c, declared)
    member = n.parent is not None and n.parent.type in ("class_body", "enum_class_body")
    return Assign(
        span_of(c, n), (lower_name(c, name),), given, annotation or (Other(span_of(c, n), "type", ()) if member else None)
    )


def _body(c: Reading, n: Syntax) -> tuple[Node, ...]:
    parts = parts_of(c, n)
    if len(parts) == 1 and parts[0].type != "block":
        value = lower_node(c, parts[0])
        return (value,) if isinstance(value, Return | Raise) else (Return(value.span, value),)
    return lower_statements(c, parts)


def _injected(c: Reading, n: Syntax) -> Node | None:
    """`@Value("\\${x}")` of a parameter."""
    marks = pick(c, n, ".modifiers")
    stack = [] if marks is None else list(marks.named_children)
    while stack:
        child = stack.pop()
        if child.type == "constructor_invocation":
            name, listed = pick(c, child, ".user_type"), pick(c, child, ".value_arguments")
            if name is not None and listed is not None and word_of(c, name)[1] == "Value":
                return e.split_value(e.made_call(c, span_of(c, child), Name(span_of(c, name), "Value"), listed))
        stack += child.named_children
    return None


def _annotations(c: Reading, marks: Syntax | None, names: frozenset[str]) -> Iterator[Call]:
    """The annotations of these names, as calls."""
    for mark in () if marks is None else marks.named_children:
        made = pick(c, mark, ".constructor_invocation")
        name = None if made is None else pick(c, made, ".user_type")
        listed = None if made is None else pick(c, made, ".value_arguments")
        if made is not None and name is not None and listed is not None and (word := word_of(c, name)[1]) in names:
            call = e.made_call(c, span_of(c, made), Name(span_of(c, name), word), listed)
            if isinstance(call, Call):
                yield call


def _class(c: Reading, n: Syntax) -> Lowered:
    name = pick(c, n, "name")
    marks = pick(c, n, ".modifiers")
    kind = "enum" if marks is not None and re.search(r"\benum\b", word_of(c, marks)[1]) else "class"
    if re.search(r"\binterface\s+\w", c.text[c.at[n.start_byte] : c.at[n.start_byte] + 200].partition("{")[0]):
        kind = "interface"
    head = pick(c, n, ".primary_constructor")
    listed = None if head is None else pick(c, head, ".class_parameters")
    fields: list[Node] = []
    for child in () if listed is None else listed.named_children:
        parameter_name = pick(c, child, ".identifier")
        if child.type != "class_parameter" or parameter_name is None:
            continue
        default = pick(c, child, "#-1")
        value = _injected(c, child)
        if (
            value is None
            and default is not None
            and default != parameter_name
            and default.type not in ("user_type", "nullable_type", "function_type")
        ):
            value = lower_node(c, default)
        fields.append(
            Assign(
                span_of(c, child), (lower_name(c, parameter_name),), value, _typed(c, child) or Other(span_of(c, child), "type", ())
            )
        )
    bases = pick(c, n, ".delegation_specifiers")
    above = [] if bases is None else [lower_argument(c, part) for part in bases.named_children]
    body = pick(c, n, ".class_body|enum_class_body")
    statements = () if body is None else lower_statements(c, body.named_children)
    made = Class(span_of(c, n), "" if name is None else word_of(c, name)[1], kind, tuple(above), (*fields, *statements))
    return s.with_settings(made, _annotations(c, marks, s.BOUND))


def _base(c: Reading, n: Syntax) -> Lowered:
    first: Syntax | None = n
    while first is not None and first.type != "identifier":
        first = first.named_children[0] if first.named_children else None
    return lower_part(c, n, first)


def _companion(c: Reading, n: Syntax) -> Lowered:
    return body_of(c, pick(c, n, ".class_body"))


def _headers(c: Reading, n: Syntax | None) -> Iterator[Node]:
    """`@Header("Authorization") key: String` of a method that Retrofit makes a request of: the header is what the parameter is given."""
    mark: Call | None = None
    for child in () if n is None else parts_of(c, n):
        if child.type == "parameter_modifiers":
            mark = next(_annotations(c, child, s.HEADER), None)
        elif child.type == "parameter" and (name := pick(c, child, ".identifier")) is not None:
            yield from () if mark is None else s.given_header(mark, Name(*word_of(c, name)))
            mark = None


def _params(c: Reading, n: Syntax | None) -> tuple[Param, ...]:
    out: list[Param] = []
    for child in () if n is None else parts_of(c, n):
        if child.type == "parameter":
            name = pick(c, child, ".identifier")
            out.append(Param(span_of(c, child), "" if name is None else word_of(c, name)[1], None, _typed(c, child)))
        elif out and child.type != "parameter_modifiers":
            out[-1].default = lower_node(c, child)
    return tuple(out)


def _function(c: Reading, n: Syntax) -> Lowered:
    name, body = pick(c, n, "name"), pick(c, n, ".function_body")
    listed = pick(c, n, ".function_value_parameters")
    marks = tuple(_annotations(c, pick(c, n, ".modifiers"), s.REQUESTS)) if body is None else ()
    marks = (*marks, *_annotations(c, pick(c, n, ".modifiers"), s.HEADERS)) if marks else ()
    statements = tuple(_headers(c, listed)) if marks else () if body is None else _body(c, body)
    word = "" if name is None else word_of(c, name)[1].strip("`")
    return Func(span_of(c, n), word, _params(c, listed), statements, marks)


def _lambda(c: Reading, n: Syntax) -> Lowered:
    listed = pick(c, n, ".lambda_parameters")
    params = [] if listed is None else [child for child in listed.named_children if child.type == "variable_declaration"]
    names = tuple(Param(span_of(c, child), word_of(c, child)[1].partition(":")[0].strip()) for child in params)
    body = lower_statements(c, [child for child in n.named_children if child.type != "lambda_parameters"])
    if body and not isinstance(body[-1], Return | Raise | Assign | Func | Class):
        body = (*body[:-1], Return(body[-1].span, body[-1]))
    return Func(span_of(c, n), "", names, body)


_OBJECTS = frozenset(("mapOf", "mutableMapOf", "hashMapOf", "linkedMapOf", "buildMap"))
_LISTS = frozenset(("listOf", "mutableListOf", "arrayListOf", "setOf", "arrayOf"))


def _call(c: Reading, n: Syntax) -> Lowered:
    parts = parts_of(c, n)
    listed, block = pick(c, n, ".value_arguments"), pick(c, n, ".annotated_lambda")
    callee = lower_part(c, n, parts[0] if parts else None)
    if listed is None and block is not None and isinstance(callee, Call) and parts[0].type == "call_expression":
        value = lower_node(c, block)  # `post(url) { … }`
        return Call(span_of(c, n), callee.func, (*callee.args, Arg(value.span, value)), callee.close)
    made = e.made_call(c, span_of(c, n), callee, listed, block)
    if not isinstance(made, Call) or not isinstance(made.func, Name):
        return made
    word = made.func.id
    if word in _OBJECTS and made.args and all(_is_pair(arg.value) for arg in made.args):
        return Obj(made.span, tuple(Item(arg.span, *arg.value.children) for arg in made.args if isinstance(arg.value, Other)))  # type: ignore[arg-type]
    if word in _LISTS:
        return Seq(made.span, tuple(arg.value for arg in made.args))
    if word in ("error", "TODO"):
        return Raise(made.span, made.args[0].value if made.args else None)
    return made


def _is_pair(node: Node) -> bool:
    return isinstance(node, Other) and node.kind == "to" and len(node.children) == 2


def _infix(c: Reading, n: Syntax) -> Lowered:
    parts = parts_of(c, n)
    if len(parts) == 3:
        return Other(span_of(c, n), word_of(c, parts[1])[1], (lower_node(c, parts[0]), lower_node(c, parts[2])))
    return other_node(c, n)


def _unary(c: Reading, n: Syntax) -> Lowered:
    argument = pick(c, n, "argument") or pick(c, n, "#0")
    if argument is None:
        return other_node(c, n)
    text = c.text[span_of(c, n).start : span_of(c, n).end]
    return lower_node(c, argument) if text.endswith("!!") else Other(span_of(c, n), "not", (lower_node(c, argument),))


def _entry(c: Reading, n: Syntax) -> Lowered:
    """A member of an enum."""
    name, listed = pick(c, n, ".identifier"), pick(c, n, ".value_arguments")
    if name is None:
        return other_node(c, n)
    values = () if listed is None else tuple(lower_argument(c, part).value for part in parts_of(c, listed))
    value = None if not values else values[0] if len(values) == 1 else Other(span_of(c, n), "members", values)
    return Assign(span_of(c, n), (lower_name(c, name),), value)


def _argument(c: Reading, n: Syntax) -> Arg:
    parts = parts_of(c, n)
    span = span_of(c, n)
    if len(parts) == 2 and parts[0].type == "identifier" and "=" in c.text[c.at[parts[0].end_byte] : c.at[parts[1].start_byte]]:
        place, word = word_of(c, parts[0])
        return Arg(span, lower_node(c, parts[1]), word, place)
    star = c.text[span.start] == "*"
    return Arg(span, lower_part(c, n, parts[-1] if parts else None), star=star)


_WORDS = frozenset(
    [
        "String",
        "Int",
        "Long",
        "Boolean",
        "Any",
        "Unit",
        "List",
        "Map",
        "Set",
        "System",
        "Exception",
        "IllegalStateException",
        "IllegalArgumentException",
        "Regex",
        "Pair",
        "Result",
        "Request",
        "OkHttpClient",
        "HttpClient",
        "HttpRequest",
        "URI",
        "Value",
        "Service",
        "Component",
        "JSONObject",
        "JSONArray",
        "Json",
        "Retrofit",
        "Context",
        "Intent",
        "Bundle",
        "ViewModel",
        "Dispatchers",
        "Log",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_kotlin",
    visibility=Visibility(files="tree", members=True, words=_WORDS),
    blocks=frozenset(("block", "class_body", "enum_class_body", "parenthesized_expression", "annotated_lambda", "statements", "enum_entries")),
    functions=frozenset(("function_declaration", "property_declaration", "class_parameter", "enum_entry", "secondary_constructor")),
    strings=frozenset(("string_literal", "multiline_string_literal", "character_literal")),
    comments=frozenset(("line_comment", "block_comment", "multiline_comment")),
    silent=frozenset(("package_header", "modifiers", "type_parameters", "user_type", "nullable_type", "function_type", "annotation", "file_annotation")),
    same=frozenset(("trim", "toString", "orEmpty", "trimEnd", "trimIndent", "toHttpUrl", "build")) - {"build"},
    joins={"URI.create": "first", "URI": "first", "URL": "first", "String.format": "printf", "requireNotNull": "first", "checkNotNull": "first", "Url": "first"},
    arguments={"value_argument": _argument, "delegation_specifier": lambda c, n: Arg(span_of(c, n), _base(c, n))},  # type: ignore[arg-type]
    nodes={
        **dict.fromkeys(("identifier", "this_expression", "super_expression", "simple_identifier"), lower_name), "variable_declaration": e.inner(),
        **dict.fromkeys(("number_literal", "float_literal", "boolean_literal", "null_literal", "null", "character_literal"), lower_const),
        "string_literal": _string, "multiline_string_literal": _string,
        "import": _import,
        "property_declaration": _property, "class_declaration": _class, "object_declaration": _class, "companion_object": _companion,
        "interface_declaration": _class, "enum_entry": _entry, "function_declaration": _function, "anonymous_function": _function,
        "secondary_constructor": _function, "lambda_literal": _lambda, "anonymous_initializer": other_node,
        "navigation_expression": e.member("#0", "#-1"), "index_expression": e.index("#0", "#1"),
        "call_expression": _call, "infix_expression": _infix, "unary_expression": _unary, "binary_expression": e.binary(),
        "as_expression": e.inner(), "collection_literal": e.sequence,
        "assignment": e.assignment("left", "right"),
        "if_expression": s.branch("condition", "#1", "#2"), "when_expression": s.cases("#0", "", ("when_entry",), s.labelled("condition")),
        "when_subject": e.inner("#-1"), "for_statement": s.each("#0", "#1", "#2"),
        "return_expression": s.returned(), "throw_expression": s.raised(),
    },
)  # fmt: skip

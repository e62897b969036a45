"""Dart: https://spec.dart.dev, grammar of tree-sitter-dart-orchard.

A getter is a name whose value is what it gives: a function that is called where it stands. A constructor is a function with the name
of its class; its `this.x` parameters are assignments to the field. `a..b = c` stands before the `a` that it gives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece
from migrator.formats.languages.lowering import body_of, lower_node, lower_part, lower_statements, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import Assign, Attr, Call, Func, Import, Index, Join, Name, Node, Other, Param, Return, Str, Visibility
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    """An import brings all names of a library, or under a prefix; `show` and `hide` are no matter here."""
    uri = next((child for child in _all(n, "string_literal")), None)
    if uri is None:
        return other_node(c, n)
    place, quoted = word_of(c, uri)
    module = re.sub(r"^package:|^dart:(?=\w)", lambda match: "dart/" if match[0] == "dart:" else "", quoted.strip("'\""))
    where = Span(place.start + 1, place.end - 1)
    prefix = next(
        (child for child in _all(n, "import_specification") for child in child.named_children if child.type == "identifier"), None
    )
    if prefix is not None:
        at, word = word_of(c, prefix)
        return s.imported(c, n, module, where, None, word, at)
    reexport = c.text[span_of(c, n).start : span_of(c, n).start + 6] == "export"
    return Import(span_of(c, n), module, where, "*", None, "*", None, reexport=reexport)


def _all(n: Syntax, kind: str, *, beside: frozenset[str] = frozenset()) -> list[Syntax]:
    """All parts of a kind, in their order; not those in kinds that are left out."""
    out, stack = [], [n]
    while stack:
        n = stack.pop()
        if n.type == kind:
            out.append(n)
        stack += [child for child in reversed(n.named_children) if child.type not in beside]
    return out


_STRETCH = regex(r"""[^\\'"$]+""")
"""Characters that begin neither an escape nor a piece of code, and end no text."""
_OPENING = regex(r"""(r?)('''|\"\"\"|'|")""")


def _string(c: Reading, n: Syntax) -> Lowered:
    """A string literal; several in a row are one text."""
    span = span_of(c, n)
    holes = {span_of(c, child).start: child for child in n.named_children if child.type == "template_substitution"}
    parts: list[Node] = []
    count, at = 0, span.start
    single: Str | None = None
    while (opening := _OPENING.match(c.text, at)) is not None and at < span.end:
        count += 1
        raw, quote = bool(opening[1]), opening[2]
        start = at = opening.end()
        while at < span.end and not c.text.startswith(quote, at):
            if at in holes:
                if at > start:
                    parts.append(piece(c, Span(start, at), Span(start, at), raw=raw))
                inside = parts_of(c, holes[at])
                parts.append(lower_node(c, inside[0]) if inside else other_node(c, holes[at]))
                at = start = span_of(c, holes[at]).end
            elif (stretch := _STRETCH.match(c.text, at, span.end)) is not None:
                at = stretch.end()
            else:
                at += 2 if c.text[at] == "\\" and not raw else 1
        whole = Span(start, min(at, span.end))
        if whole.end > whole.start or not parts:
            parts.append(piece(c, whole, whole, raw=raw))
        single = parts[-1] if isinstance(parts[-1], Str) else None
        at = min(at + len(quote), span.end)
        while at < span.end and c.text[at].isspace():
            at += 1
    if count == 1 and len(parts) == 1 and single is not None:
        return Str(span, single.value, single.inner, single.exact)
    return Join(span, tuple(parts))


def _selector(c: Reading, n: Syntax) -> Lowered:
    """`base.name`, `base[key]`."""
    parts = parts_of(c, n)
    if len(parts) < 2:
        return lower_node(c, parts[0]) if parts else other_node(c, n)
    base, last = lower_node(c, parts[0]), parts[-1]
    if last.type == "index_selector":
        return Index(span_of(c, n), base, lower_part(c, last, pick(c, last, "#0")))
    if last.type in ("identifier", "new_builtin"):
        place, word = word_of(c, last)
        return Attr(span_of(c, n), base, word, place)
    return base if last.type == "null_assertion_operator" else other_node(c, n)


def _call(c: Reading, n: Syntax) -> Lowered:
    callee = lower_part(c, n, pick(c, n, "function"))
    part = pick(c, n, "arguments")
    listed = None if part is None else pick(c, part, ".arguments")
    if isinstance(callee, Attr) and callee.name in ("toString", "trim") and (listed is None or not parts_of(c, listed)):
        return callee.base
    return e.made_call(c, span_of(c, n), callee, listed)


def _new(c: Reading, n: Syntax) -> Lowered:
    """`const Config(…)`, `new Config(…)`."""
    listed = next((child for child in n.named_children if child.type in ("arguments", "argument_part")), None)
    names = [child for child in n.named_children if child.type in ("type_identifier", "identifier")]
    if not names or listed is None:
        return other_node(c, n)
    callee: Node = lower_name(c, names[0])
    for name in names[1:]:
        place, word = word_of(c, name)
        callee = Attr(Span(callee.span.start, place.end), callee, word, place)
    return e.made_call(c, span_of(c, n), callee, pick(c, listed, ".arguments") or listed)


def _params(c: Reading, n: Syntax | None) -> tuple[tuple[Param, ...], tuple[Node, ...]]:
    """The parameters of a list, and the assignments that `this.x` among them makes."""
    params: list[Param] = []
    fields: list[Node] = []
    stack = [] if n is None else list(reversed(n.named_children))
    while stack:
        child = stack.pop()
        if child.type == "optional_formal_parameters":
            stack += reversed(child.named_children)
        elif child.type == "formal_parameter":
            constructor_name = pick(c, child, ".constructor_param|super_formal_parameter")
            name = pick(c, child, "name") or next(
                (part for part in reversed((constructor_name or child).named_children) if part.type == "identifier"), None
            )
            if name is None:
                continue
            place, word = word_of(c, name)
            default = None
            if (
                stack
                and stack[-1].type not in ("formal_parameter", "optional_formal_parameters")
                and not stack[-1].type.endswith("builtin")
            ):
                default = lower_node(c, stack.pop())
            params.append(Param(span_of(c, child), word, default, lower_type(c, pick(c, child, ".type_identifier"))))
            if constructor_name is not None and constructor_name.type == "constructor_param":
                target = Attr(place, Name(Span(place.start, place.start), "this"), word, place)
                fields.append(Assign(span_of(c, child), (target,), Name(place, word)))
    return tuple(params), tuple(fields)


_BODIES = frozenset(("function_body", "block"))


def _initializers(c: Reading, n: Syntax) -> list[Node]:
    out: list[Node] = []
    for entry in _all(n, "initializer_list_entry", beside=_BODIES):
        field = pick(c, entry, ".field_initializer")
        if field is None:
            out += lower_statements(c, entry.named_children)
            continue
        name, value = pick(c, field, ".identifier"), pick(c, field, "#-1")
        if name is not None and value is not None and name != value:
            place, word = word_of(c, name)
            target = Attr(place, Name(Span(place.start, place.start), "this"), word, place)
            out.append(Assign(span_of(c, field), (target,), lower_node(c, value)))
    return out


_SIGNATURES = (
    "function_signature", "getter_signature", "setter_signature", "constructor_signature", "factory_constructor_signature",
    "constant_constructor_signature", "operator_signature", "redirecting_factory_constructor_signature",
)  # fmt: skip


def _signature(n: Syntax) -> Syntax | None:
    """The head of a function: of several, one of the kind that is named first."""
    found: dict[str, Syntax] = {}
    stack = [n]
    while stack:
        n = stack.pop()
        if n.type in _SIGNATURES:
            found.setdefault(n.type, n)
        stack += reversed(n.named_children)
    return next((found[kind] for kind in _SIGNATURES if kind in found), None)


def _function(c: Reading, n: Syntax) -> Lowered:
    """A function, method, getter or constructor."""
    signature = n if n.type in _SIGNATURES else _signature(pick(c, n, "signature") or n)
    if signature is None:
        return other_node(c, n)
    names = [child for child in signature.named_children if child.type == "identifier"]
    name = signature.child_by_field_name("name") or (names[0] if names else None)
    params, fields = _params(c, pick(c, signature, ".formal_parameter_list"))
    body = (*fields, *_initializers(c, n), *_body(c, pick(c, n, "body")))
    word = "" if name is None else word_of(c, name)[1]
    if signature.type == "getter_signature" and name is not None:
        place = span_of(c, name)
        func = Func(span_of(c, n), "", (), body)
        return Assign(span_of(c, n), (Name(place, word),), Call(func.span, func, (), func.span.end))
    return Func(span_of(c, n), word, params, body)


def _body(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    if n is None:
        return ()
    parts = parts_of(c, n)
    if len(parts) == 1 and parts[0].type != "block":
        value = lower_node(c, parts[0])
        return (Return(value.span, value),)
    return lower_statements(c, parts)


def _closure(c: Reading, n: Syntax) -> Lowered:
    params, _ = _params(c, pick(c, n, ".formal_parameter_list"))
    body = pick(c, n, ".function_expression_body|function_body|block") or pick(c, n, "body")
    return Func(span_of(c, n), "", params, _body(c, body))


def _declaration(c: Reading, n: Syntax) -> Lowered:
    """A field, a constructor without a body, an abstract method."""
    if any(child.type in _SIGNATURES for child in n.named_children):
        return _function(c, n)
    annotation = lower_type(c, pick(c, n, ".type_identifier"))
    out: list[Node] = []
    for child in n.named_children:
        if child.type in ("static_final_declaration_list", "initialized_identifier_list"):
            for node in lower_statements(c, (child,)):
                if isinstance(node, Assign):
                    node.annotation = annotation or Other(node.span, "type", ())
                out.append(node)
    return tuple(out)


def _initialized(c: Reading, n: Syntax) -> Lowered:
    """`name = value`, or the name alone."""
    name = pick(c, n, "name") or pick(c, n, ".identifier")
    if name is None:
        return other_node(c, n)
    value = pick(c, n, "value") or next((part for part in reversed(parts_of(c, n)) if part != name), None)
    if value is not None and (value.start_byte < name.start_byte or value.type == "initialized_identifier"):
        value = None
    first = Assign(
        span_of(c, n),
        (lower_node(c, name),),
        None if value is None else lower_node(c, value),
        lower_type(c, pick(c, n, ".type_identifier")),
    )
    return (first, *lower_statements(c, [child for child in n.named_children if child.type == "initialized_identifier"]))


def _cascade(c: Reading, n: Syntax) -> Lowered:
    target = pick(c, n, "target") or pick(c, n, "#0")
    if target is None:
        return other_node(c, n)
    goal = lower_node(c, target)
    out: list[Node] = []
    for section in parts_of(c, n)[1:]:
        for part in parts_of(c, section):
            if part.type == "assignment_expression_without_cascade":
                left, right = pick(c, part, "left"), pick(c, part, "right")
                if left is None or right is None:
                    continue
                place, word = word_of(c, left)
                base = Name(goal.span, goal.id) if isinstance(goal, Name) else Other(place, "cascade-target", ())
                words = word.split(".")
                node: Node = base
                for name in words:
                    node = Attr(place, node, name.split("[")[0], place)
                if "[" in word and (key := next(iter(_all(left, "string_literal")), None)) is not None:
                    node = Index(place, node, lower_node(c, key))
                out.append(Assign(span_of(c, part), (node,), lower_node(c, right)))
            elif part.type != "assignable_operator":
                out.append(lower_node(c, part))
    return Other(span_of(c, n), "paren", (*out, goal))


def _for(c: Reading, n: Syntax) -> Lowered:
    parts = pick(c, n, ".for_loop_parts")
    name, value = (None, None) if parts is None else (pick(c, parts, "name"), pick(c, parts, "value"))
    body = body_of(c, pick(c, n, "body"))
    if name is None or value is None:
        return Other(span_of(c, n), "for", (*(lower_statements(c, parts.named_children) if parts is not None else ()), *body))
    over = lower_node(c, value)
    bound = Assign(Span(c.at[name.start_byte], over.span.end), (lower_node(c, name),), Other(over.span, "each", (over,)))
    return Other(span_of(c, n), "for", (bound, *body))


_GROUPS = {**e.GROUPS, "??": "alt"}

LANGUAGE = Language(
    grammar="tree_sitter_dart_orchard",
    visibility=Visibility(members=True),
    blocks=frozenset(
        (
            "block", "expression_statement", "static_final_declaration_list", "initialized_identifier_list", "local_variable_declaration",
            "import_or_export", "parenthesized_expression", "switch_block", "assignable_expression", "enum_body", "extension_body",
            "argument",
        )
    ),
    functions=frozenset(("method_declaration", "function_declaration", "declaration", "static_final_declaration_list", "enum_declaration")),
    strings=frozenset(("string_literal",)),
    comments=frozenset(("comment", "documentation_comment", "documentation_block_comment", "block_comment")),
    silent=frozenset(
        ("const_builtin", "final_builtin", "type_identifier", "void_type", "inferred_type", "assignable_operator", "nullable_type", "late_builtin",
         "type_arguments", "part_directive", "part_of_directive", "library_name", "break_statement", "label", "static_builtin", "case_builtin")
    ),
    joins={"Uri.parse": "first", "Uri.tryParse": "first", "jsonEncode": "first", "json.encode": "first"},
    arguments={"named_argument": e.named_argument(".label", "#-1")},
    nodes={
        **dict.fromkeys(("identifier", "this", "super", "identifier_dollar_escaped"), lower_name),
        **dict.fromkeys(
            ("decimal_integer_literal", "hex_integer_literal", "decimal_floating_point_literal", "true", "false", "null_literal", "symbol_literal"),
            lower_const,
        ),
        "type_identifier": lower_name,
        "string_literal": _string,
        "library_import": _import, "library_export": _import,
        "unconditional_assignable_selector": _selector, "conditional_assignable_selector": _selector,
        "method_invocation": _call, "const_object_expression": _new, "new_expression": _new, "object_creation_expression": _new,
        "set_or_map_literal": e.mapping({"pair": ("key", "value")}), "list_literal": e.sequence, "record_literal": e.sequence,
        "if_null_expression": e.binary(_GROUPS), "equality_expression": e.binary(), "relational_expression": e.binary(),
        "logical_or_expression": e.binary(), "logical_and_expression": e.binary(), "additive_expression": e.binary(),
        "conditional_expression": e.ternary("#0", "consequence", "alternative"),
        "assignment_expression": e.assignment("left", "right"),
        "unary_expression": e.inner("#-1"), "await_expression": e.wrapped("await", "#-1"), "throw_expression": s.raised("#-1"),
        "type_cast_expression": e.inner(), "null_assertion_expression": e.inner(), "cascade_expression": _cascade, "cascade_selector": e.inner(),
        "function_declaration": _function, "method_declaration": _function, "declaration": _declaration, "function_expression": _closure,
        "local_function_declaration": _function, "lambda_expression": _function,
        "class_definition": s.class_("class", "name", "body", ("superclass",)), "mixin_declaration": s.class_("class", ".identifier", ".class_body"),
        "extension_declaration": s.class_("class", "name", "body"), "enum_declaration": s.class_("enum", "name", "body"),
        "enum_constant": s.field_without_value,
        "static_final_declaration": _initialized, "initialized_identifier": _initialized, "initialized_variable_definition": _initialized,
        "if_statement": s.branch("#0", "consequence", "alternative"), "return_statement": s.returned(), "for_statement": _for,
        "switch_statement": s.cases("condition", "body", ("switch_statement_case", "switch_statement_default"), s.labelled("pattern")),
        "switch_expression": s.cases("condition", "", ("switch_expression_case",), s.labelled("pattern")), "constant_pattern": e.inner(),
    },
)  # fmt: skip

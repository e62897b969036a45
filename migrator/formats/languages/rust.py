"""Rust: https://doc.rust-lang.org/reference/, grammar of tree-sitter-rust.

A path `a::b` is an attribute, an `impl` the class of its type, a struct literal a call of its type with named arguments. The arguments of
a macro are tokens to the grammar: those that are names, paths, calls and literals are read, `json!` is an object, `format!` a text.
`?`, `.await` and references are no part of the tree. A field with `#[arg(env = "X")]` has a reference to that variable as its value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import formatted, lower_const, lower_name, piece
from migrator.formats.languages.lowering import lower_node, lower_part, lower_statements, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import (
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    EnvRef,
    Func,
    Import,
    Index,
    Item,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Raise,
    Seq,
    Str,
    Visibility,
)  # fmt: skip
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _use(c: Reading, n: Syntax) -> Lowered:
    out: list[Node] = []
    argument = pick(c, n, "argument")
    if argument is not None:
        _uses(c, n, argument, "", out)
    return tuple(out)


def _uses(c: Reading, whole: Syntax, n: Syntax, base: str, out: list[Node]) -> None:
    """The names of a tree of paths; `base` stands before them."""
    place, word = word_of(c, n)
    if n.type == "scoped_use_list":
        path, listed = pick(c, n, "path"), pick(c, n, "list")
        inner = base if path is None else _joined(base, word_of(c, path)[1])
        for child in () if listed is None else parts_of(c, listed):
            _uses(c, whole, child, inner, out)
        return
    if n.type == "use_list":
        for child in parts_of(c, n):
            _uses(c, whole, child, base, out)
        return
    local = ""
    if n.type == "use_as_clause":
        path, alias = pick(c, n, "path"), pick(c, n, "alias")
        if path is None or alias is None:
            return
        word, local = word_of(c, path)[1], word_of(c, alias)[1]
    full = _joined(base, word)
    if word == "self":
        full = base
    module, _, name = full.rpartition(".")
    if n.type == "use_wildcard":
        out.append(s.imported(c, whole, full.removesuffix(".*").rstrip("."), place, "*", "*"))
    elif not module:
        out.append(s.imported(c, whole, name, place, None, local or name))
    else:
        out.append(s.imported(c, whole, module, place, name, local or name))


def _joined(base: str, path: str) -> str:
    path = re.sub(r"\s+", "", path).replace("::", ".")
    return f"{base}.{path}" if base else path


def _mod(c: Reading, n: Syntax) -> Lowered:
    """`mod config;` stands for a file, `mod tests { … }` for a class of its own."""
    name, body = pick(c, n, "name"), pick(c, n, "body")
    if name is None:
        return other_node(c, n)
    place, word = word_of(c, name)
    if body is None:
        return Import(span_of(c, n), f"self.{word}", place, None, None, word, place)
    kind = "tests" if _is_for_tests(c, n) else "namespace"
    return Class(span_of(c, n), word, kind, (), lower_statements(c, body.named_children))


_CFG_TEST = regex(r"#\s*\[\s*cfg\s*\(\s*(?:(?:all|any)\s*\([^)]*\b)?test\b")


def _is_for_tests(c: Reading, n: Syntax) -> bool:
    """Is an item built for tests alone? https://doc.rust-lang.org/book/ch11-03-test-organization.html"""
    mark = n.prev_named_sibling
    while mark is not None and mark.type in ("attribute_item", "line_comment"):
        if mark.type == "attribute_item" and _CFG_TEST.match(word_of(c, mark)[1]):
            return True
        mark = mark.prev_named_sibling
    return False


def _string(c: Reading, n: Syntax) -> Lowered:
    span, text = word_of(c, n)
    opening = re.match(r'[bc]?(r?)(#*)"', text)
    if opening is None:
        return other_node(c, n)
    start, end = span.start + opening.end(), span.end - len(opening[2]) - 1
    return piece(c, span, Span(start, max(start, end)), raw=bool(opening[1]))


_ENV = regex(r'\benv\s*=\s*"(\w+)"')
_DEFAULT = regex(r'\bdefault_value\s*=\s*"([^"\\]*)"')


def _field(c: Reading, n: Syntax) -> Lowered:
    name = pick(c, n, "name")
    if name is None:
        return other_node(c, n)
    kind = lower_type(c, pick(c, n, "type")) or Other(span_of(c, n), "type", ())
    value: Node | None = None
    mark = n.prev_named_sibling
    while mark is not None and mark.type in ("attribute_item", "line_comment"):
        place, text = word_of(c, mark)
        if mark.type == "attribute_item" and (match := _ENV.search(text)):
            given = _DEFAULT.search(text)
            default = None
            if given is not None:
                at = Span(place.start + given.start(1), place.start + given.end(1))
                default = Str(at, given[1], at, True)
            value = EnvRef(place, match[1], Span(place.start + match.start(1), place.start + match.end(1)), "clap", default)
        mark = mark.prev_named_sibling
    return Assign(span_of(c, n), (lower_name(c, name),), value, kind)


def _impl(c: Reading, n: Syntax) -> Lowered:
    kind, body = pick(c, n, "type"), pick(c, n, "body")
    name = "" if kind is None else re.split(r"[<\s]", word_of(c, kind)[1].rpartition("::")[2])[0]
    return Class(span_of(c, n), name, "class", (), () if body is None else lower_statements(c, body.named_children))


def _struct_literal(c: Reading, n: Syntax) -> Lowered:
    kind, body = pick(c, n, "name"), pick(c, n, "body")
    args: list[Arg] = []
    for child in () if body is None else parts_of(c, body):
        field, value = pick(c, child, "field"), pick(c, child, "value")
        span = span_of(c, child)
        if child.type == "shorthand_field_initializer":
            place, word = word_of(c, child)
            args.append(Arg(span, Name(place, word), word, place))
        elif field is not None and value is not None:
            place, word = word_of(c, field)
            args.append(Arg(span, lower_node(c, value), word, place))
        else:
            args.append(Arg(span, lower_part(c, child, pick(c, child, "#0")), star=True))
    return Call(span_of(c, n), lower_part(c, n, kind), tuple(args), span_of(c, n).end - 1)


def _target(c: Reading, n: Syntax) -> Node:
    """A pattern: the name inside `Some(x)`, `Ok(x)`, `mut x`, `&x`."""
    if n.type in ("tuple_struct_pattern", "mut_pattern", "ref_pattern", "reference_pattern"):
        inner = [part for part in parts_of(c, n) if part.type not in ("mutable_specifier", "scoped_identifier")]
        if n.type == "tuple_struct_pattern":
            inner = inner[1:] if len(inner) > 1 else inner
        return _target(c, inner[0]) if len(inner) == 1 else other_node(c, n)
    return lower_node(c, n)


def _let(c: Reading, n: Syntax) -> Lowered:
    pattern, value = pick(c, n, "pattern"), pick(c, n, "value")
    if pattern is None:
        return other_node(c, n)
    made = Assign(
        span_of(c, n), (_target(c, pattern),), None if value is None else lower_node(c, value), lower_type(c, pick(c, n, "type"))
    )
    other = pick(c, n, "alternative")
    return made if other is None else (made, *lower_statements(c, (other,)))


def _let_condition(c: Reading, n: Syntax) -> Lowered:
    return Other(span_of(c, n), "let", (_let(c, n),))  # type: ignore[arg-type]


def _call(c: Reading, n: Syntax) -> Lowered:
    made = _plain_call(c, n)
    match made:
        case Call(func=Attr(base=Name(id="Lazy" | "LazyLock" | "OnceLock"), name="new"), args=(Arg(value=Func() as func),)):
            return Call(made.span, func, (), made.span.end)
        case Call(func=Attr(name="expect" | "context" | "expect_err" | "ok_or"), args=(Arg(value=Str() as text),)):
            made.args[0].value = Raise(text.span, text)  # what is said when there is no value
            return made
        case Call(func=Attr(base=Name(id="String"), name="new"), args=()):
            return Str(Span(made.span.end, made.span.end), "", Span(made.span.end, made.span.end), False)
        case _:
            return made


_plain_call = e.call()


def _patterns(c: Reading, n: Syntax) -> list[Syntax]:
    pattern = pick(c, n, "pattern")
    if pattern is None:
        return []
    out: list[Syntax] = []
    for child in parts_of(c, pattern)[:1]:
        out += parts_of(c, child) if child.type == "or_pattern" else [child]
    return out


# -- macros ----------------------------------------------------------------------------------------------------------------------------

_RAISING = frozenset(("panic", "bail", "unreachable", "todo", "unimplemented"))


def _macro(c: Reading, n: Syntax) -> Lowered:
    name, tree = pick(c, n, "macro"), pick(c, n, ".token_tree")
    if name is None or tree is None:
        return other_node(c, n)
    place, word = word_of(c, name)
    word = word.rpartition("::")[2]
    span = span_of(c, n)
    if word == "json":
        return _json(c, _split(tree)[0] if _split(tree) else [], span)
    nodes = [_tokens(c, part) for part in _split(tree) if part]
    if word in ("format", "concat") and nodes:
        text = formatted(span, "braces" if word == "format" else "plain", nodes[0], nodes[1:])
        if text is not None:
            return text
    if word == "vec":
        return Seq(span, tuple(nodes))
    called = Call(
        span, Name(place, f"{word}!" if word in ("env", "option_env") else word), tuple(Arg(x.span, x) for x in nodes), span.end - 1
    )
    return Raise(span, called) if word in _RAISING else called


def _split(tree: Syntax) -> list[list[Syntax]]:
    """The tokens between the brackets of a macro, divided at its commas."""
    groups: list[list[Syntax]] = [[]]
    for child in tree.children[1:-1]:
        if child.type == ",":
            groups.append([])
        elif child.type not in ("line_comment", "block_comment"):
            groups[-1].append(child)
    return groups if groups[-1] else groups[:-1]


def _tokens(c: Reading, tokens: list[Syntax]) -> Node:
    """An expression of tokens: a literal, or a path of names with calls."""
    while tokens and tokens[0].type in ("&", "*", "mut"):
        tokens = tokens[1:]
    if not tokens:
        return Other(Span(0, 0), "tokens", ())
    span = Span(c.at[tokens[0].start_byte], c.at[tokens[-1].end_byte])
    if len(tokens) > 2 and tokens[1].type == "=" and tokens[0].type == "identifier":
        return _tokens(c, tokens[2:])  # `format!("{x}", x = y)`
    first, rest = tokens[0], tokens[1:]
    node = lower_node(c, first) if first.is_named and first.type != "token_tree" else None
    while node is not None and rest:
        if rest[0].type in (".", "::") and len(rest) > 1 and rest[1].type in ("identifier", "field_identifier", "integer_literal"):
            place, word = word_of(c, rest[1])
            node, rest = Attr(Span(node.span.start, place.end), node, word, place), rest[2:]
        elif rest[0].type == "token_tree" and c.text[c.at[rest[0].start_byte]] == "(":
            args = tuple(Arg(x.span, x) for x in (_tokens(c, part) for part in _split(rest[0]) if part))
            end = c.at[rest[0].end_byte]
            node, rest = Call(Span(node.span.start, end), node, args, end - 1), rest[1:]
        elif rest[0].type == "token_tree" and c.text[c.at[rest[0].start_byte]] == "[":
            key = _tokens(c, _split(rest[0])[0] if _split(rest[0]) else [])
            node, rest = Index(Span(node.span.start, c.at[rest[0].end_byte]), node, key), rest[1:]
        elif rest[0].type == "?":
            rest = rest[1:]
        else:
            node = None
    return node if node is not None else Other(span, "tokens", lower_statements(c, [token for token in tokens if token.is_named]))


def _json(c: Reading, tokens: list[Syntax], span: Span) -> Node:
    """A value of `json!`."""
    if len(tokens) == 1 and tokens[0].type == "token_tree":
        tree = tokens[0]
        place, opening = span_of(c, tree), c.text[c.at[tree.start_byte]]
        groups = [group for group in _split(tree) if group]
        if opening == "[":
            return Seq(place, tuple(_json(c, group, place) for group in groups))
        if opening == "{":
            items: list[Item] = []
            for group in groups:
                colon = next((index for index, token in enumerate(group) if token.type == ":"), -1)
                whole = Span(c.at[group[0].start_byte], c.at[group[-1].end_byte])
                if colon < 1:
                    items.append(Item(whole, None, _tokens(c, group)))
                else:
                    items.append(Item(whole, _tokens(c, group[:colon]), _json(c, group[colon + 1 :], whole)))
            return Obj(place, tuple(items))
    return _tokens(c, tokens) if tokens else Other(span, "tokens", ())


_function = s.function("name", "parameters", "body", result=True)


def _parameter(c: Reading, n: Syntax) -> Param:
    pattern = pick(c, n, "pattern")
    word = "" if pattern is None else word_of(c, pattern)[1].removeprefix("mut ").strip("& ")
    return Param(span_of(c, n), word, None, lower_type(c, pick(c, n, "type")))


_SAME = frozenset(
    [
        "to_string",
        "to_owned",
        "into",
        "clone",
        "as_str",
        "as_ref",
        "unwrap",
        "trim",
        "as_deref",
        "ok",
        "unwrap_or_default",
        "into_inner",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_rust",
    visibility=Visibility(),
    blocks=frozenset(
        ("block", "expression_statement", "parenthesized_expression", "else_clause", "match_block", "declaration_list", "unsafe_block", "async_block",
         "reference_expression", "try_expression")
    ),
    functions=frozenset(("function_item", "const_item", "static_item", "struct_item", "enum_item", "use_declaration", "macro_definition")),
    strings=frozenset(("string_literal", "raw_string_literal", "char_literal")),
    comments=frozenset(("line_comment", "block_comment", "doc_comment")),
    silent=frozenset(
        ("visibility_modifier", "attribute_item", "inner_attribute_item", "mutable_specifier", "type_arguments", "empty_statement", "match_pattern",
         "lifetime", "primitive_type", "type_parameters", "extern_crate_declaration", "macro_definition")
    ),
    same=_SAME,
    joins={
        "Some": "first", "Ok": "first", "Box::new": "first", "Arc::new": "first", "String::from": "first", "Url::parse": "first",
        "HeaderValue::from_str": "first", "HeaderValue::from_static": "first", "Cow::from": "first", "SecretString::from": "first",
    },
    parameters={"parameter": _parameter, "self_parameter": lambda c, n: Param(span_of(c, n), "self")},
    nodes={
        **dict.fromkeys(("self", "crate", "super", "type_identifier", "field_identifier", "primitive_type"), lower_name),
        "identifier": lambda c, n: lower_const(c, n) if n.text == b"None" else lower_name(c, n),
        **dict.fromkeys(("integer_literal", "float_literal", "boolean_literal", "char_literal", "unit_expression"), lower_const),
        "string_literal": _string, "raw_string_literal": _string,
        "use_declaration": _use, "mod_item": _mod,
        "const_item": s.declaration(), "static_item": s.declaration(), "let_declaration": _let, "let_condition": _let_condition,
        "struct_item": s.class_(), "field_declaration": _field, "impl_item": _impl, "trait_item": s.class_("interface"),
        "enum_item": s.class_("enum"), "enum_variant": s.field_without_value,
        "function_item": _function, "closure_expression": s.function("", "parameters", "body"),
        "scoped_identifier": e.member("path", "name"), "scoped_type_identifier": e.member("path", "name"), "field_expression": e.member("value", "field"),
        "generic_function": e.inner("function"), "generic_type": e.inner("type"),
        "call_expression": _call, "struct_expression": _struct_literal, "macro_invocation": _macro,
        "index_expression": e.index("#0", "#1"), "array_expression": e.sequence, "tuple_expression": e.sequence,
        "binary_expression": e.binary(), "unary_expression": e.inner(), "await_expression": e.wrapped("await"), "type_cast_expression": e.inner(),
        "assignment_expression": e.assignment(), "compound_assignment_expr": e.assignment(),
        "if_expression": s.branch("condition", "consequence", "alternative"), "for_expression": s.each("pattern", "value", "body"),
        "match_expression": s.cases("value", "body", ("match_arm",), _patterns), "return_expression": s.returned(),
    },
)  # fmt: skip

"""Expressions of JavaScript and TypeScript: chains, operators, objects, arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma.context import CASES, LONGEST, SILENT, Handler, Reading, real_children, span_of, text_of, word_of
from migrator.formats.ecma.definitions import hoist, lower_function
from migrator.formats.ecma.literals import lower_const, lower_name, lower_string
from migrator.formats.ecma.lowering import bare_node, lower_argument, lower_node, lower_statements, missing_node, other_node
from migrator.formats.operators import operation
from migrator.formats.tree import Alt, Assign, Attr, Call, Index, Item, Name, Node, Obj, Other, Seq, Str
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _inner(c: Reading, n: Syntax) -> Node:
    """A wrapper that means nothing at run time: the node inside; the type beside it is hoisted where it says something."""
    if c.whole and n.type == "parenthesized_expression" and len(three := n.children) == 3:
        return lower_node(c, three[1])
    parts = real_children(n)
    if not parts:
        return bare_node(c, n)
    value = parts[0]
    if value.type == "type_arguments" and len(parts) > 1:  # <T>x
        parts[0], value = parts[1], value
        hoist(c, value)
        return lower_node(c, parts[0])
    for kind in parts[1:]:
        if kind.type == "ERROR":
            return other_node(c, n)
        hoist(c, kind)
    return lower_node(c, value)


_LINKS = frozenset(("call_expression", "member_expression", "subscript_expression", "non_null_expression"))


def _chain(c: Reading, n: Syntax) -> Node:
    """`a.b(c)[d].e()` from the inside out, without recursion along the chain."""
    if n.type == "member_expression":  # most are `a.b`
        base = n.children[0] if c.whole else n.child_by_field_name("object")
        if base is not None and base.type == "identifier":
            return _link(c, n, lower_name(c, base))
    links: list[Syntax] = []
    while (kind := n.type) in _LINKS:
        if kind == "non_null_expression":
            base = next(iter(real_children(n)), None)
        elif c.whole:
            base = n.children[0]
            links.append(n)
        else:
            base = n.child_by_field_name("function" if kind == "call_expression" else "object")
            if base is not None:
                links.append(n)
        if base is None:
            break
        n = base
    depth = c.depth
    c.depth = depth + min(len(links), LONGEST) // 2
    node = (other_node if kind in _LINKS else lower_node)(c, n)
    if extra := links[LONGEST:]:
        parts = [node]
        for link in reversed(extra):
            arguments = link.child_by_field_name("arguments") or link.child_by_field_name("index")
            if arguments is not None:
                parts += lower_statements(c, arguments.named_children if arguments.type == "arguments" else (arguments,))
        node = Other(Span(node.span.start, c.at[extra[0].end_byte]), "chain", tuple(parts))
        links = links[:LONGEST]
    c.depth = depth
    for link in reversed(links):
        node = _link(c, link, node)
    return node


def _link(c: Reading, n: Syntax, base: Node) -> Node:
    # A wrapper around the base starts before it: `(a as B).c` begins at the parenthesis.
    span = span_of(c, n)
    kind = n.type
    if kind == "member_expression":
        name = n.children[-1] if c.whole else n.child_by_field_name("property")
        if name is None:
            return Other(span, "member", (base,))
        where, word = word_of(c, name)
        return Attr(span, base, word, where)
    if kind == "subscript_expression":
        index = n.child_by_field_name("index")
        return Index(span, base, missing_node(c, n) if index is None else lower_node(c, index))
    if c.whole and len(parts := n.children) == 2:
        return _called(c, span, base, parts[1])
    hoist(c, n.child_by_field_name("type_arguments"))
    return _called(c, span, base, n.child_by_field_name("arguments"))


def _called(c: Reading, span: Span, function: Node, arguments: Syntax | None) -> Call:
    """A call; without parentheses (`new X`, a tagged template) `close` is the end of the expression."""
    if arguments is None:
        return Call(span, function, (), span.end)
    if arguments.type != "arguments":
        return Call(span, function, (lower_argument(c, arguments),), span.end)
    args = tuple([lower_argument(c, child) for child in arguments.named_children if child.type not in SILENT])
    parts = arguments.children
    return Call(span, function, args, c.at[parts[-1].start_byte] if parts and parts[-1].type == ")" else span.end)


def _new(c: Reading, n: Syntax) -> Node:
    made = n.child_by_field_name("constructor")
    hoist(c, n.child_by_field_name("type_arguments"))
    function = missing_node(c, n) if made is None else lower_node(c, made)
    return _called(c, span_of(c, n), function, n.child_by_field_name("arguments"))


_COMPARISONS = frozenset(("==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "instanceof"))
_GROUPS = {"+": "join", "||": "alt", "??": "alt", "&&": "and"} | {op: op for op in _COMPARISONS}


def _binary(c: Reading, n: Syntax) -> Node:
    """Operators along the left spine, without recursion; a run of `+`, of `||` and `??`, or of `&&` is one node."""
    links: list[Syntax] = []
    operator: Syntax | None
    right: Syntax | None
    while n.type == "binary_expression":
        left = n.children[0] if c.whole else n.child_by_field_name("left")
        if left is None:
            break
        links.append(n)
        n = left
    parts = [(other_node if n.type == "binary_expression" else lower_node)(c, n)]
    start = parts[0].span.start
    current, turns = "", 0
    end = parts[0].span.end
    for link in reversed(links):
        if c.whole and len(three := link.children) == 3:
            _, operator, right = three
        else:
            operator, right = link.child_by_field_name("operator"), link.child_by_field_name("right")
        group = _GROUPS.get("" if operator is None else operator.type, "binary")
        if turns > CASES:
            group = "binary"
        if current and (group != current or group in _COMPARISONS):
            parts = [operation(Span(start, end), current, parts)]
            turns += 1
        start = c.at[link.start_byte]
        parts.append(missing_node(c, link) if right is None else lower_node(c, right))
        current, end = group, c.at[link.end_byte]
    return operation(Span(start, end), current, parts) if current else parts[0]


def _unary(c: Reading, n: Syntax) -> Node:
    operator, argument = n.child_by_field_name("operator"), n.child_by_field_name("argument")
    word = "" if operator is None else operator.type
    if word == "-" and argument is not None and argument.type == "number":
        return lower_const(c, n)
    return Other(span_of(c, n), "not" if word == "!" else word, () if argument is None else (lower_node(c, argument),))


def _ternary(c: Reading, n: Syntax) -> Node:
    test, yes, no = (n.child_by_field_name(field) for field in ("condition", "consequence", "alternative"))
    if test is None or yes is None or no is None:
        return other_node(c, n)
    condition = lower_node(c, test)
    return Alt(span_of(c, n), (lower_node(c, yes), lower_node(c, no)), condition)


def _assignment(c: Reading, n: Syntax) -> Node:
    left: Syntax | None
    right: Syntax | None
    if c.whole and len(parts := n.children) == 3:
        left, _, right = parts
    else:
        left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    if left is None or right is None:
        return other_node(c, n)
    target = lower_node(c, left)
    exported = isinstance(target, Attr) and bool(_EXPORTS.match(text_of(c, target.span)))
    return Assign(
        span_of(c, n), (target,), lower_node(c, right), augmented=n.type == "augmented_assignment_expression", exported=exported
    )


_EXPORTS = regex(r"(module\s*\.\s*)?exports\b")


def _object(c: Reading, n: Syntax) -> Node:
    items: list[Item] = []
    for child in n.named_children:
        kind = child.type
        if kind in SILENT:
            continue
        span = span_of(c, child)
        match kind:
            case "pair" | "pair_pattern":
                key: Syntax | None
                value: Syntax | None
                if c.whole and len(parts := child.children) == 3:
                    key, _, value = parts
                else:
                    key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    items.append(Item(span, property_key(c, key), lower_node(c, value)))
                else:
                    items.append(Item(span, None, other_node(c, child)))
            case "shorthand_property_identifier" | "shorthand_property_identifier_pattern":
                word = text_of(c, span)
                items.append(Item(span, Str(span, word, span, True), Name(span, word), True))
            case "object_assignment_pattern":
                items.append(_shorthand_default(c, child))
            case "spread_element" | "rest_pattern" if inner := real_children(child):
                items.append(Item(span, None, lower_node(c, inner[0])))
            case "method_definition":
                name = child.child_by_field_name("name")
                items.append(Item(span, None if name is None else property_key(c, name), lower_function(c, child)))
            case _:
                items.append(Item(span, None, lower_node(c, child)))
    return Obj(span_of(c, n), tuple(items))


def _shorthand_default(c: Reading, n: Syntax) -> Item:
    left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    span = span_of(c, n)
    if left is None or right is None or left.type != "shorthand_property_identifier_pattern":
        return Item(span, None, other_node(c, n))
    place, word = word_of(c, left)
    return Item(span, Str(place, word, place, True), Alt(span, (Name(place, word), lower_node(c, right))), True)


def property_key(c: Reading, n: Syntax) -> Node:
    """A key: `Str` for names, strings and numbers; the expression inside `[…]`."""
    if n.type == "string":
        return lower_string(c, n)
    if n.type == "computed_property_name":
        return lower_node(c, n)
    span, word = word_of(c, n)
    return Str(span, word, span, True)


def _pair(c: Reading, n: Syntax) -> Node:
    """A `key: value` that lost its object to a syntax error."""
    key, value = n.child_by_field_name("key"), n.child_by_field_name("value")
    if key is None or value is None:
        return other_node(c, n)
    return Other(span_of(c, n), "pair", (property_key(c, key), lower_node(c, value)))


def _sequence(c: Reading, n: Syntax) -> Node:
    return Seq(span_of(c, n), tuple([lower_node(c, child) for child in n.named_children if child.type not in SILENT]))


def _default(c: Reading, n: Syntax) -> Node:
    left, right = n.child_by_field_name("left"), n.child_by_field_name("right")
    if left is None or right is None:
        return other_node(c, n)
    return Alt(span_of(c, n), (lower_node(c, left), lower_node(c, right)))


def _spread(c: Reading, n: Syntax) -> Node:
    return Other(span_of(c, n), "spread", lower_statements(c, n.named_children))


def _meta(c: Reading, n: Syntax) -> Node:
    """`import.meta` and `new.target`."""
    children = n.children
    if len(children) < 3:
        return other_node(c, n)
    head, tail = span_of(c, children[0]), span_of(c, children[-1])
    return Attr(span_of(c, n), Name(head, text_of(c, head)), text_of(c, tail), tail)


EXPRESSIONS: dict[str, Handler] = {
    **dict.fromkeys(_LINKS, _chain),
    **dict.fromkeys(
        (
            "parenthesized_expression", "as_expression", "satisfies_expression", "type_assertion", "instantiation_expression",
            "decorator", "computed_property_name", "jsx_expression", "template_substitution",
        ),
        _inner,
    ),
    **dict.fromkeys(("object", "object_pattern"), _object),
    **dict.fromkeys(("array", "array_pattern"), _sequence),
    **dict.fromkeys(("spread_element", "rest_pattern"), _spread),
    **dict.fromkeys(("assignment_expression", "augmented_assignment_expression"), _assignment),
    **dict.fromkeys(("pair", "pair_pattern"), _pair),
    "new_expression": _new,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "assignment_pattern": _default,
    "meta_property": _meta,
}  # fmt: skip

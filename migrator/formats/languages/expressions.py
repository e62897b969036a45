"""Factories for expressions: a language's table calls them with the names that its grammar has for the parts.

A part is named as `reading.pick` takes it: a field, `#n` for a child by its place, `.kind` for one by its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migrator.formats.languages.literals import formatted, with_default
from migrator.formats.languages.lowering import lower_argument, lower_node, lower_part, other_node
from migrator.formats.languages.reading import ArgumentHandler, Handler, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.operators import COMPARISONS, operation
from migrator.formats.tree import Alt, Arg, Attr, Call, Index, Item, Name, Node, Obj, Other, Seq, Str
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def inner(which: str = "#0") -> Handler:
    """A wrapper that means nothing at run time (parentheses, `x!`, `&x`): the node inside."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        part = pick(c, n, which)
        return other_node(c, n) if part is None else lower_node(c, part)

    return lower


def wrapped(kind: str, which: str = "#0") -> Handler:
    """An operator on one value that matters to those who follow it: `await x`, `not x`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        part = pick(c, n, which)
        return Other(span_of(c, n), kind, () if part is None else (lower_node(c, part),))

    return lower


def member(base: str, name: str) -> Handler:
    """`base.name`; without a base, the name alone."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        owner, part = pick(c, n, base), pick(c, n, name)
        if part is None:
            return other_node(c, n)
        place, word = word_of(c, part)
        word = word.partition("<")[0].strip("`").lstrip("$")
        if owner is None or owner == part:
            return Name(span_of(c, n), word)
        return Attr(span_of(c, n), lower_node(c, owner), word, place)

    return lower


def index(base: str, key: str) -> Handler:
    """`base[key]`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        owner, part = pick(c, n, base), pick(c, n, key)
        if owner is None or owner == part:
            return other_node(c, n)
        return Index(span_of(c, n), lower_node(c, owner), lower_part(c, n, part))

    return lower


def made_call(c: Reading, span: Span, function: Node, arguments: Syntax | None, block: Syntax | None = None) -> Node:
    """A call from its parts; a function that puts a text together becomes that text."""
    args: list[Arg] = []
    close = span.end
    if arguments is not None:
        args = [lower_argument(c, child) for child in parts_of(c, arguments)]
        last = arguments.child(arguments.child_count - 1) if arguments.child_count else None
        if last is not None and last.type in (")", "]", "}"):
            close = c.at[last.start_byte]
    if block is not None:
        args.append(Arg(span_of(c, block), lower_node(c, block)))
    form = c.language.joins.get(c.text[function.span.start : function.span.end]) if c.language.joins else None
    if form is not None and args:
        text = formatted(span, form, args[0].value, [arg.value for arg in args[1:]])
        if text is not None:
            return text
    if not args and isinstance(function, Attr) and function.name in c.language.same:
        return function.base
    return Call(span, function, tuple(args), close)


def split_value(node: Node) -> Node:
    """A call whose first argument is a text like `${name:default}`, with the default as an argument of its own."""
    if isinstance(node, Call) and node.args:
        first, *default = with_default(node.args[0].value)
        inner = [_nested(node, part) for part in default]
        node.args = (Arg(first.span, first), *(Arg(part.span, part) for part in inner), *node.args[1:])
    return node


def _nested(node: Call, default: Node) -> Node:
    """A default that names a setting itself: `${a:${b:}}`."""
    if not isinstance(default, Str) or not default.value.startswith("${"):
        return default
    return split_value(Call(default.span, node.func, (Arg(default.span, default),), default.span.end))


def call(function: str = "function", arguments: str = "arguments", block: str = "") -> Handler:
    """A call whose callee is one part."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        callee = lower_part(c, n, pick(c, n, function))
        return made_call(c, span_of(c, n), callee, pick(c, n, arguments), pick(c, n, block) if block else None)

    return lower


def method_call(receiver: str, name: str, arguments: str = "arguments", block: str = "") -> Handler:
    """A call whose receiver and method are two parts; without a receiver, a call of a function."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        owner, part = pick(c, n, receiver), pick(c, n, name)
        if part is None:
            return other_node(c, n)
        place, word = word_of(c, part)
        if owner is None:
            callee: Node = lower_node(c, part)
        else:
            callee = Attr(Span(c.at[owner.start_byte], place.end), lower_node(c, owner), word, place)
        return made_call(c, span_of(c, n), callee, pick(c, n, arguments), pick(c, n, block) if block else None)

    return lower


def named_argument(name: str, value: str) -> ArgumentHandler:
    """An argument that may have a name: `name: value`."""

    def lower(c: Reading, n: Syntax) -> Arg:
        label, given = pick(c, n, name), pick(c, n, value)
        span = span_of(c, n)
        if label is None or given is None or label == given:
            return Arg(span, lower_part(c, n, given if given is not None else label))
        place, word = word_of(c, label)
        trimmed = word.rstrip(": ").lstrip(":")
        return Arg(span, lower_node(c, given), trimmed.strip("\"'"), Span(place.start, place.start + len(trimmed)))

    return lower


def spread_argument(value: str = "#0") -> ArgumentHandler:
    """`*x`, `**x`, `...x`."""

    def lower(c: Reading, n: Syntax) -> Arg:
        return Arg(span_of(c, n), lower_part(c, n, pick(c, n, value)), star=True)

    return lower


GROUPS: Mapping[str, str] = {
    "+": "join", "||": "alt", "??": "alt", "or": "alt", "?:": "alt", "&&": "and", "and": "and", **{op: op for op in COMPARISONS},
}  # fmt: skip
"""What an operator makes of its two sides; a language adds its own."""


def binary(groups: Mapping[str, str] = GROUPS) -> Handler:
    """Operators along the left spine, without recursion; a run of `+`, of `||`, of `&&` is one node."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        span = span_of(c, n)
        links: list[tuple[Syntax, str, list[Syntax]]] = []
        kind = n.type
        while n.type == kind:
            parts = [child for child in n.children if child.type not in c.silent]
            if len(parts) < 3 or len(parts) % 2 == 0:
                break
            links.append((n, word_of(c, parts[1])[1], parts[2::2]))
            n = parts[0]
        if not links:
            return other_node(c, n)
        nodes = [lower_node(c, n) if n.type != kind else other_node(c, n)]
        current = ""
        for link, operator, rest in reversed(links):
            group = groups.get(operator, operator)
            if current and (group != current or group not in ("join", "alt", "and")):
                nodes = [operation(Span(span.start, nodes[-1].span.end), current, nodes)]
            nodes += [lower_part(c, link, part) for part in rest]
            current = group
        return operation(span, current, nodes)

    return lower


def ternary(test: str, yes: str, no: str) -> Handler:
    """`test ? yes : no`; without `yes`, `test ?: no`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        condition, first, second = pick(c, n, test), pick(c, n, yes), pick(c, n, no)
        if condition is None or second is None:
            return other_node(c, n)
        subject = lower_node(c, condition)
        if first is None or first == condition:
            return Alt(span_of(c, n), (subject, lower_node(c, second)))
        return Alt(span_of(c, n), (lower_node(c, first), lower_node(c, second)), subject)

    return lower


def sequence(c: Reading, n: Syntax) -> Node:
    """A list, array, tuple: its members."""
    return Seq(span_of(c, n), tuple([lower_node(c, child) for child in parts_of(c, n)]))


def lower_key(c: Reading, n: Syntax) -> Node:
    """The key of an entry: a text for a bare word with its sign (`name:`), else what stands there."""
    if n.type in _BARE:
        place, word = word_of(c, n)
        place = Span(place.start, place.start + len(word.rstrip(": ")))
        return Str(place, word.rstrip(": "), place, True)
    return lower_node(c, n)


_BARE = ("hash_key_symbol", "label", "field_identifier", "property_identifier", "shorthand_field_identifier")


def lower_item(c: Reading, n: Syntax, key: str, value: str) -> Item:
    """An entry of a map."""
    first, second = pick(c, n, key), pick(c, n, value)
    span = span_of(c, n)
    if first is None or second is None or first == second:
        return Item(span, None, other_node(c, n))
    return Item(span, lower_key(c, first), lower_node(c, second))


def mapping(pairs: Mapping[str, tuple[str, str]], spreads: tuple[str, ...] = ()) -> Handler:
    """A map, or a list where none of its members is a pair: kinds of pairs with their parts, and kinds of spreads."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        items: list[Item] = []
        plain: list[Node] = []
        for child in parts_of(c, n):
            span = span_of(c, child)
            if child.type in pairs and len(parts_of(c, child)) > 1:
                items.append(lower_item(c, child, *pairs[child.type]))
            elif child.type in spreads and (given := pick(c, child, "#0")) is not None:
                items.append(Item(span, None, lower_node(c, given)))
            else:
                wrapper = child.type in pairs and len(parts_of(c, child)) == 1
                plain.append(lower_node(c, parts_of(c, child)[0]) if wrapper else lower_node(c, child))
        if plain and not any(item.key is not None for item in items):
            return Seq(span_of(c, n), (*plain, *(item.value for item in items)))
        return Obj(span_of(c, n), (*items, *(Item(node.span, None, node) for node in plain)))

    return lower


def assignment(left: str = "left", right: str = "right", *, augmented: tuple[str, ...] = ()) -> Handler:
    """`left = right`; `augmented`: signs that add to what was there."""
    from migrator.formats.tree import Assign

    def lower(c: Reading, n: Syntax) -> Lowered:
        target, value = pick(c, n, left), pick(c, n, right)
        if target is None or value is None:
            return other_node(c, n)
        operator = c.text[c.at[target.end_byte] : c.at[value.start_byte]].strip()
        adds = operator not in ("=", ":=")
        goal = target_of(lower_node(c, target))
        given = lower_node(c, value)
        if operator in ("||=", "??="):
            adds = False
        return Assign(span_of(c, n), (goal,), given, augmented=adds)

    del augmented
    return lower


def target_of(node: Node) -> Node:
    """What an assignment gives a value: a method call without arguments (`config.uri_base = …`) is a property."""
    match node:
        case Call(func=Attr() as func, args=()):
            return func
        case _:
            return node

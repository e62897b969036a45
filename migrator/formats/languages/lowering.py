"""From a piece of syntax to its handler in the language's table, with a bound on the depth; and the nodes for syntax that has none."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from migrator.formats.languages.reading import Reading, parts_of, span_of, word_of
from migrator.formats.tree import Arg, Name, Node, Other, Str

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

DEPTHS = (120, 60, 30)
"""How many levels are lowered before the rest is flattened; the later ones only when the caller has used up most of the stack."""


def lower_statements(c: Reading, nodes: Iterable[Syntax]) -> tuple[Node, ...]:
    """What statements become, in order; one may be several nodes, or none."""
    out: list[Node] = []
    silent, ways = c.silent, c.ways
    if c.depth >= c.deepest:
        return tuple([flattened(c, n) for n in nodes if n.type not in silent])
    c.depth += 1
    for n in nodes:
        kind = n.type
        if kind in silent:
            continue
        handler = ways.get(kind, other_node)
        if handler is None:
            out += lower_statements(c, n.named_children)
            continue
        lowered = handler(c, n)
        if type(lowered) is tuple:
            out += lowered
        else:
            out.append(lowered)  # type: ignore[arg-type]
    c.depth -= 1
    return tuple(out)


def body_of(c: Reading, n: Syntax | None) -> tuple[Node, ...]:
    """The statements of a block, or the one that stands in its place."""
    return () if n is None else lower_statements(c, (n,))


def lower_node(c: Reading, n: Syntax) -> Node:
    """What a piece of syntax becomes where one node is wanted."""
    if c.depth >= c.deepest:
        return flattened(c, n)
    handler = c.ways.get(n.type, other_node)
    c.depth += 1
    lowered = lower_statements(c, n.named_children) if handler is None else handler(c, n)
    c.depth -= 1
    if type(lowered) is not tuple:
        return lowered  # type: ignore[return-value]
    return lowered[0] if len(lowered) == 1 else Other(span_of(c, n), "block", lowered)


def lower_part(c: Reading, n: Syntax, part: Syntax | None) -> Node:
    """What a part becomes; where the parser had to suppose it, a node that says so."""
    return missing_node(c, n) if part is None else lower_node(c, part)


def flattened(c: Reading, n: Syntax) -> Node:
    """What is nested too deeply: its string literals, without the code around them."""
    span = span_of(c, n)
    c.deep.append(span.start)
    texts: list[Node] = []
    stack = [n]
    while stack:
        n = stack.pop()
        if n.type in c.language.strings:
            place, raw = word_of(c, n)
            texts.append(Str(place, raw, place, True))
        else:
            stack += reversed(n.named_children)
    return Other(span, "deep", tuple(texts))


def missing_node(c: Reading, n: Syntax) -> Node:
    """What the parser had to suppose stands here."""
    start = c.at[n.start_byte]
    return Other(type(span_of(c, n))(start, start), "missing", ())


def other_node(c: Reading, n: Syntax) -> Node:
    """Syntax that no table knows: its kind, and what is known inside."""
    return Other(span_of(c, n), _word_of_kind(n.type), lower_statements(c, n.named_children))


@cache
def _word_of_kind(kind: str) -> str:
    return "error" if kind == "ERROR" else kind.removesuffix("_expression").removesuffix("_statement")


def lower_argument(c: Reading, n: Syntax) -> Arg:
    """One argument of a call, or one base of a class."""
    arguments = c.language.arguments
    if arguments and (handler := arguments.get(n.type)):
        return handler(c, n)
    return Arg(span_of(c, n), lower_node(c, n))


def lower_type(c: Reading, n: Syntax | None) -> Node | None:
    """A type as a node: its name (`Client` of `*Client`, `Client?`), or nothing where it has no single one."""
    if n is None:
        return None
    span, word = word_of(c, n)
    while True:
        if (bare := word.strip("*&?![] ")).isidentifier():
            start = span.start + word.index(bare)
            return Name(type(span)(start, start + len(bare)), bare)
        if n.type == "generic_name":  # C#: its table says which types stand for another one
            return lower_node(c, n)
        inner = parts_of(c, n)
        if len(inner) != 1:
            qualified = n.type in _QUALIFIED and n.type in c.language.nodes
            return lower_node(c, n) if qualified else Other(span, "type", ())
        n = inner[0]
        span, word = word_of(c, n)


_QUALIFIED = ("qualified_type", "scoped_type_identifier", "qualified_name")

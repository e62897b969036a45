"""JSX: elements, their attributes and what stands inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma.context import SILENT, Handler, Reading, span_of, text_of
from migrator.formats.ecma.definitions import hoist
from migrator.formats.ecma.lowering import lower_node, lower_statements
from migrator.formats.tree import Node, Other, Str
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _jsx(c: Reading, n: Syntax) -> Node:
    """An element: its tag (`Str` for a tag of the page, `Name` or `Attr` for a component), its attributes, what is inside."""
    parts: list[Node] = []
    for child in n.named_children:
        match child.type:
            case "jsx_opening_element":
                parts += _jsx_tag(c, child)
            case "jsx_closing_element":
                pass
            case kind if kind not in SILENT:
                parts += _jsx_part(c, child)
    if n.type == "jsx_self_closing_element":
        parts = _jsx_tag(c, n)
    return Other(span_of(c, n), "jsx", tuple(parts))


def _jsx_tag(c: Reading, n: Syntax) -> list[Node]:
    parts: list[Node] = []
    if (name := n.child_by_field_name("name")) is not None:
        span = span_of(c, name)
        word = text_of(c, span)
        if name.type == "jsx_namespace_name" or (name.type == "identifier" and not word[:1].isupper()):
            parts.append(Str(span, word, span, True))
        else:
            parts.append(lower_node(c, name))
    hoist(c, n.child_by_field_name("type_arguments"))
    for attribute in n.children_by_field_name("attribute"):
        parts += _jsx_part(c, attribute)
    return parts


def _jsx_part(c: Reading, n: Syntax) -> tuple[Node, ...]:
    if n.type == "jsx_expression":
        return lower_statements(c, n.named_children)
    if n.type != "jsx_attribute":
        return lower_statements(c, (n,))
    return (_jsx_attribute(c, n),)


def _jsx_attribute(c: Reading, n: Syntax) -> Other:
    parts: list[Node] = []
    for child in n.named_children:
        if child.type in SILENT:
            continue
        span = span_of(c, child)
        if not parts:
            parts.append(Str(span, text_of(c, span), span, True))
        elif child.type == "string":
            parts.append(_jsx_string(c, span))
        else:
            parts += _jsx_part(c, child)
    return Other(span_of(c, n), "jsx-attribute", tuple(parts))


def _jsx_string(c: Reading, span: Span) -> Str:
    """An attribute's string knows entities and no backslash."""
    inner = Span(span.start + 1, max(span.start + 1, span.end - 1))
    raw = text_of(c, inner)
    if "&" not in raw:
        return Str(span, raw, inner, True)
    import html

    value = html.unescape(raw)
    return Str(span, value, inner, value == raw)


EXPRESSIONS: dict[str, Handler] = {
    **dict.fromkeys(("jsx_element", "jsx_self_closing_element"), _jsx),
    "jsx_attribute": _jsx_attribute,
}

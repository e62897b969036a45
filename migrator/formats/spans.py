"""Freshly built nodes and regions of configuration formats: put together, and put where they stand."""

from __future__ import annotations

from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Join, Node, Other, Region, Seq, Str
from migrator.model import Span


def shift(node: Node | Arg, offset: int) -> None:
    """Move a freshly built node of a configuration format by `offset`."""
    a, b = node.span
    node.span = Span(a + offset, b + offset)
    match node:
        case Str(inner=inner):
            node.inner = Span(inner.start + offset, inner.end + offset)
        case Arg(value=value, name_span=name_span):
            if name_span is not None:
                node.name_span = Span(name_span.start + offset, name_span.end + offset)
            shift(value, offset)
        case EnvRef(name_span=name_span, default=value) | EnvDef(name_span=name_span, value=value):
            node.name_span = Span(name_span.start + offset, name_span.end + offset)
            if value is not None:
                shift(value, offset)
        case Call(func=func, args=args, close=close):
            node.close = close + offset
            shift(func, offset)
            for arg in args:
                shift(arg, offset)
        case Join(parts=parts) | Seq(items=parts) | Other(children=parts):
            for part in parts:
                shift(part, offset)


def flat(regions: list[Region]) -> list[Region]:
    """Sorted, the inner ones of nested regions dropped."""
    out: list[Region] = []
    for region in sorted(regions, key=lambda r: (r.span.start, -r.span.end)):
        if not out or region.span.start >= out[-1].span.end:
            out.append(region)
    return out


def joined(span: Span, inner: Span, parts: list[Node]) -> Node:
    """The node for a value of literal pieces and references in their order; `inner` is the value without its quotes."""
    match parts:
        case []:
            return Str(span, "", inner, True)
        case [Str(value=value, inner=whole)]:
            return Str(span, value, whole, True)
        case [EnvRef() as single]:
            return single
    return Join(span, tuple(parts))

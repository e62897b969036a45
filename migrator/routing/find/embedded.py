"""JSON inside a string: the body that a shell script hands to curl, or that a program writes out as text.

The object comes back with the spans of the file, so that it is found and edited like one that stands in the file by itself.
References to variables (`$MODEL`) count as text; a double-quoted word of a shell is read without its backslashes.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats import lower
from migrator.formats.tree import Const, Item, Join, Node, Obj, Seq, Str, Unreadable
from migrator.model import Source, Span
from migrator.patterns import regex

_ESCAPED = regex(r"\\([\"\\$`])")
_KEY = regex(r"\"(?:model|models|messages|provider|transforms|plugins|route|extra_body)\\?\"\s*:")


def embedded(node: Node, text: str) -> Obj | None:
    """The JSON object that is all of a string's text; None where it is no object. `text`: that of the file."""
    if not isinstance(node, Str | Join) or "{" not in text[node.span.start : node.span.end]:
        return None
    if not _KEY.search(text, node.span.start, node.span.end):
        return None
    parts = parts_of(node, text)
    if parts is None:
        return None
    plain, starts, unknown = parts
    try:
        module = lower(Source(path="body.json", text=plain, encoding="utf-8", bom=False, digest=""))
    except Unreadable:
        return None
    body = next((part for part in module.body if isinstance(part, Obj)), None)
    if body is None or module.errors:
        return None
    placed = moved(body, starts, unknown)
    return placed if isinstance(placed, Obj) else None


def parts_of(node: Str | Join, text: str) -> tuple[str, list[int], frozenset[int]] | None:
    """The string's text with digits for what is put in when the program runs, where each character begins in the file, and which are digits."""
    plain: list[str] = []
    starts: list[int] = []
    unknown: set[int] = set()
    end = node.span.end
    for part in (node,) if isinstance(node, Str) else node.parts:
        if not isinstance(part, Str):
            unknown |= set(range(len(plain), len(plain) + 1))
            plain.append("1")
            starts.append(part.span.start)
            end = part.span.end
            continue
        raw = text[part.inner.start : part.inner.end]
        letters = list(_letters(raw, escaped=raw != part.value))
        if "".join(letter for letter, _ in letters) != part.value:
            return None
        plain += [letter for letter, _ in letters]
        starts += [part.inner.start + at for _, at in letters]
        end = part.inner.end
    return "".join(plain), [*starts, end], frozenset(unknown)


def _letters(raw: str, *, escaped: bool) -> Iterator[tuple[str, int]]:
    """The characters of a word and where they begin; `escaped`: without the backslashes in front of them."""
    at = 0
    while at < len(raw):
        match = _ESCAPED.match(raw, at) if escaped else None
        yield (match[1] if match else raw[at]), at
        at = match.end() if match else at + 1


def moved(node: Node, starts: list[int], unknown: frozenset[int]) -> Node:
    """A node of the inner text with the spans of the file."""

    def span(inner: Span) -> Span:
        return Span(starts[inner.start], starts[inner.end])

    match node:
        case Obj(items=items):
            return Obj(
                span(node.span),
                tuple(
                    Item(
                        span(item.span),
                        None if item.key is None else moved(item.key, starts, unknown),
                        moved(item.value, starts, unknown),
                    )
                    for item in items
                ),
            )
        case Seq(items=parts):
            return Seq(span(node.span), tuple(moved(part, starts, unknown) for part in parts))
        case Str() | Const() if any(at in unknown for at in range(node.span.start, node.span.end)):
            return Join(span(node.span), ())
        case Str():
            inner = span(node.inner)
            return Str(span(node.span), node.value, inner, node.exact and inner.end - inner.start == len(node.value))
        case Const():
            return Const(span(node.span), node.text)
        case _:
            return Join(span(node.span), ())

"""The algebra of edits; the only place that makes new file text.

Laws (held by `tests/test_splice.py`): edits of one file do not overlap and each one's `old` is what stands at its span;
`splice(splice(t, e), invert(e)) == t`; the text outside the spans is untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from migrator.model import Edit, Span
from migrator.records import replace


class Clash(ValueError):  # noqa: N818 - a relation between two edits
    """Two edits of one file claim the same text, or an edit does not find what it expects."""


def order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits of one file in text order, identical ones once. Raises `Clash` where two overlap or insert at one place."""
    ordered = sorted(set(edits), key=lambda edit: (edit.span, edit.new))
    for left, right in pairwise(ordered):
        if right.span.start < left.span.end or right.span.start == left.span.start:
            raise Clash(f"{left.path}: two edits meet at offset {right.span.start}: {left.new!r} and {right.new!r}")
    return tuple(ordered)


def joined(path: str, text: str, edits: Iterable[Edit]) -> list[Edit]:
    """Edits of one file that touch become one, since two at one place have no order; an insertion comes before what is replaced behind it."""
    together: list[Edit] = []
    for edit in sorted(set(edits), key=lambda edit: (edit.span, edit.new)):
        if together and edit.span.start <= together[-1].span.end:
            last = together.pop()
            span = Span(last.span.start, max(last.span.end, edit.span.end))
            edit = Edit(path=path, span=span, old=text[span.start : span.end], new=last.new + edit.new)
        together.append(edit)
    return together


def splice(text: str, edits: Sequence[Edit]) -> str:
    """`text` with the edits of one file done. Raises `Clash` where an edit's `old` does not stand at its span."""
    pieces: list[str] = []
    at = 0
    for edit in order(edits):
        start, end = edit.span
        if text[start:end] != edit.old:
            raise Clash(f"{edit.path}: offset {start} holds other text than the plan expects")
        pieces += (text[at:start], edit.new)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def invert(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that take the spliced text of one file back to what it was."""
    shift = 0
    back: list[Edit] = []
    for edit in _joined(order(edits)):
        start = edit.span.start + shift
        back.append(Edit(path=edit.path, span=Span(start, start + len(edit.new)), old=edit.new, new=edit.old))
        shift += len(edit.new) - len(edit.old)
    return tuple(back)


def _joined(edits: Iterable[Edit]) -> list[Edit]:
    """The same edits, those that touch as one: taken back, what one took away and what the next put in would stand at one place."""
    joined: list[Edit] = []
    for edit in edits:
        last = joined[-1] if joined else None
        if last is not None and last.span.end == edit.span.start:
            joined[-1] = replace(last, span=Span(last.span.start, edit.span.end), old=last.old + edit.old, new=last.new + edit.new)
        else:
            joined.append(edit)
    return joined

"""Entries taken out of a list with commas, and text put in their place. Comments that stand among them stay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from migrator.formats.tree import Arg, Item
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.routing.write.style import Style
from migrator.text.splice import joined

_SUPPRESSION = regex(r"[ \t]*//[ \t]*@ts-(?:expect-error|ignore)[^\n]*\n")


def cut(
    path: str,
    text: str,
    siblings: Sequence[Item | Arg],
    gone: set[Span],
    pieces: list[str],
    style: Style,
    *,
    before: Span | None = None,
) -> list[Edit]:
    """Take entries out of a list with commas, and put the pieces where the first of them stood, else in front of `before`.

    An entry alone on its lines goes with them, with a comment behind its comma, and with a `@ts-expect-error` above it that would be
    an error once there is nothing to expect.
    """
    order = sorted(siblings, key=lambda sibling: sibling.span)
    places = [at for at, sibling in enumerate(order) if sibling.span in gone]
    if not places:
        return _inserted(path, text, order, pieces, style, before)
    edits: list[Edit] = []
    first = places[0]
    if pieces:
        span = order[first].span
        start = _unsuppressed(text, span.start, "..." in pieces[-1])
        line = text.rfind("\n", 0, span.start) + 1
        separator = ", " if text[line : span.start].strip() else f",{style.newline}{text[line : span.start]}"
        new = separator.join(pieces)
        if start != span.start:
            new = style.indent + new
        edits.append(Edit(path=path, span=Span(start, span.end), old=text[start : span.end], new=new))
        places = places[1:]
    kept_last = max((at for at in range(len(order)) if at not in places), default=-1)
    tail = [at for at in places if at > kept_last]
    for at in places:
        if at in tail:
            continue
        span = with_lines(text, order[at].span) or Span(order[at].span.start, order[at + 1].span.start)
        edits.append(Edit(path=path, span=span, old=text[span.start : span.end], new=""))
    if tail:
        edits += _cut_tail(path, text, order, tail, kept_last, style)
    return joined(path, text, edits)


def _cut_tail(path: str, text: str, order: Sequence[Item | Arg], tail: list[int], kept: int, style: Style) -> list[Edit]:
    """The last entries of a list: the comma before them goes too where the list is on one line or its format demands it."""
    edits: list[Edit] = []
    whole = [with_lines(text, order[at].span) for at in tail]
    if kept >= 0 and style.trailing and all(span is not None for span in whole):
        for span in whole:
            assert span is not None
            edits.append(Edit(path=path, span=span, old=text[span.start : span.end], new=""))
        return edits
    start = order[kept].span.end if kept >= 0 else order[tail[0]].span.start
    end = order[tail[-1]].span.end
    between = text[start : order[tail[0]].span.start]
    if "//" in between or "#" in between:
        start = order[tail[0]].span.start
    if kept < 0:
        comma = re.match(r"\s*,", text[end:])
        end += comma.end() if comma else 0
    return [Edit(path=path, span=Span(start, end), old=text[start:end], new="")]


def _inserted(
    path: str, text: str, order: Sequence[Item | Arg], pieces: list[str], style: Style, before: Span | None
) -> list[Edit]:
    """New entries where nothing goes: in front of one that stays, and of a `@ts-expect-error` that belongs to it."""
    if not pieces or not order:
        return []
    at = before.start if before is not None else order[0].span.start
    line = text.rfind("\n", 0, at) + 1
    indent = text[line:at]
    if indent.strip():
        return [Edit(path=path, span=Span(at, at), old="", new=", ".join([*pieces, ""]))]
    separator = f",{style.newline}{indent}"
    above = _unsuppressed(text, line, True)
    at = above + len(indent) if above != line else at
    return [Edit(path=path, span=Span(at, at), old="", new=separator.join([*pieces, ""]))]


def salvaged(
    edits: list[Edit], pieces: list[str], comments: Sequence[Span], options: Mapping[Span, bool], text: str, style: Style
) -> list[Edit]:
    """The edits with the comments that they would take away put in front of what is written in their place.

    `options`: the options of the site; True for those that take another form, False for those that only go. A comment behind one of
    the latter goes with it. None of the edits is made where a comment inside an option would be lost.
    """
    lost = [
        comment
        for comment in comments
        if any(_takes(edit, comment, text) for edit in edits) and not _behind(comment, options, text)
    ]
    if not lost:
        return edits
    at = next((index for index, edit in enumerate(edits) if pieces and pieces[0] in edit.new), None)
    if at is None:
        return []
    edit = edits[at]
    written = edit.new.lstrip()
    lead = edit.new[: len(edit.new) - len(written)]
    line = text[text.rfind("\n", 0, edit.span.start) + 1 : edit.span.start]
    alone = style.alone if style.one_line else bool(lead) or not line.strip()
    indent = style.indent if alone else style.indent + style.step
    above = "".join(f"{text[comment.start : comment.end].rstrip()}{style.newline}{indent}" for comment in lost)
    return [*edits[:at], Edit(path=edit.path, span=edit.span, old=edit.old, new=lead + above + written), *edits[at + 1 :]]


def _behind(comment: Span, options: Mapping[Span, bool], text: str) -> bool:
    """Does a comment stand on the line behind an option that only goes?"""
    return any(
        not changes and option.end <= comment.start and not text[option.end : comment.start].strip(" \t,")
        for option, changes in options.items()
    )


def _takes(edit: Edit, comment: Span, text: str) -> bool:
    """Would an edit take away a comment? One that only silences a type check is not meant to stay."""
    words = text[comment.start : comment.end]
    return (
        edit.span.start <= comment.start
        and comment.end <= edit.span.end
        and words.strip() not in edit.new
        and re.match(r"//\s*@ts-(?:expect-error|ignore)", words) is None
    )


def with_lines(text: str, span: Span) -> Span | None:
    """The whole lines of an entry that stands alone on them; None where something else stands there too."""
    start = text.rfind("\n", 0, span.start) + 1
    if text[start : span.start].strip():
        return None
    rest = re.match(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\r\n]*)?\r?(?:\n|$)", text[span.end :])
    if rest is None:
        return None
    return Span(_unsuppressed(text, start, True), span.end + rest.end())


def _unsuppressed(text: str, start: int, drop: bool) -> int:
    """The start of a `@ts-expect-error` comment directly above, which has nothing to expect any more; else `start` itself."""
    line = text.rfind("\n", 0, start) + 1
    if not drop or line == 0 or text[line:start].strip():
        return start
    above = text.rfind("\n", 0, line - 1) + 1
    return above if _SUPPRESSION.fullmatch(text[above:line].replace("\r\n", "\n")) else start

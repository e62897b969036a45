"""The selected changes as a unified diff that `git apply` takes as it is.

Made from the edits, not by comparing two texts: the lines that an edit touches are known, so it costs no more than reading
them, and nothing can be shown that the plan does not do. Lines end at LF only, as git sees them; a CR is part of its line.

A file whose hunks would show a secret is left out of the patch and named instead: there is no patch that both applies and
hides a line. A file of the `.env` family may hold a secret in any value, so there a line is shown only when nothing stands
in it but what the plan itself writes, a placeholder, or (for a value that is edited) a plain URL. The terminal's hunks show
such lines with the value masked.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import AnyStr, Generic, NamedTuple

from migrator.model import Edit, Plan, Source
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.reports.masking import secrets_of
from migrator.text.secrets import (
    HIDDEN,
    holds_env_values,
    is_configuration,
    is_env_example,
    is_placeholder,
    is_secret_shaped,
    mask,
    mask_comment,
)
from migrator.text.source import encode
from migrator.text.splice import order

CONTEXT = 3
"""Unchanged lines around a hunk; what `diff -u` and git show."""


class Fact(StrEnum):
    """What a line of a hunk is; the value is the character in front of it."""

    SAME = " "
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a hunk as a person may see it."""

    mark: Fact
    number: int
    """1-based; in the new text for an added line, else in the old."""
    text: str
    """Without its line end, secrets masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Neighbouring changes with the lines around them. Lines are 1-based; a count of 0 stands after the line `start`."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[Line, ...]


class Patch(NamedTuple):
    """A patch and what is not in it."""

    data: bytes
    omitted: tuple[str, ...]
    """Paths with edits that the patch leaves out, because it would show a secret."""


class _Replacement(NamedTuple, Generic[AnyStr]):
    """Half-open range of a text and what comes there; in the unit of the text: code points or bytes."""

    start: int
    end: int
    new: AnyStr


class _Block(NamedTuple, Generic[AnyStr]):
    """Whole lines, from line `at` (0-based) on, and the lines that take their place; with their line ends."""

    at: int
    old: list[AnyStr]
    new: list[AnyStr]


class _Raw(NamedTuple, Generic[AnyStr]):
    """A hunk before it is rendered."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: list[tuple[Fact, int, AnyStr]]


def _split(text: AnyStr, newline: AnyStr) -> list[AnyStr]:
    """Lines with their ends; nothing after the last one."""
    lines = text.split(newline)
    last = lines.pop()
    for number, line in enumerate(lines):
        lines[number] = line + newline
    if last:
        lines.append(last)
    return lines


def _blocks(text: AnyStr, lines: list[AnyStr], edits: Sequence[_Replacement[AnyStr]], newline: AnyStr) -> list[_Block[AnyStr]]:
    """The lines that change, edits on the same or neighbouring lines together, without equal lines at either end."""
    starts = [0, *accumulate(map(len, lines))]
    ceiling = len(lines) - bool(lines and not lines[-1].endswith(newline))

    def line_of(offset: int) -> int:
        """The 0-based line that holds the offset; behind a last line end there is one more, empty."""
        return min(bisect_right(starts, offset) - 1, ceiling)

    runs: list[tuple[int, int, list[_Replacement[AnyStr]]]] = []
    for edit in edits:
        # the line in which an edit ends belongs to it: without its line end the next line would move up
        first, stop = line_of(edit.start), min(line_of(edit.end) + 1, len(lines))
        if runs and first <= runs[-1][1]:
            begin, _, members = runs.pop()
            members.append(edit)
            runs.append((begin, stop, members))
        else:
            runs.append((first, stop, [edit]))
    blocks: list[_Block[AnyStr]] = []
    for first, stop, members in runs:
        pieces: list[AnyStr] = []
        at = starts[first]
        for edit in members:
            pieces += (text[at : edit.start], edit.new)
            at = edit.end
        pieces.append(text[at : starts[stop]])
        old, new = lines[first:stop], _split(text[:0].join(pieces), newline)
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        if len(old) != len(new) or head < len(old):
            blocks.append(_Block(first + head, old[head : len(old) - tail], new[head : len(new) - tail]))
    return blocks


def _hunks(text: AnyStr, edits: Sequence[_Replacement[AnyStr]], newline: AnyStr) -> list[_Raw[AnyStr]]:
    lines = _split(text, newline)
    hunks: list[_Raw[AnyStr]] = []
    group: list[_Block[AnyStr]] = []
    shift = 0
    for block in _blocks(text, lines, edits, newline):
        if group and block.at - (group[-1].at + len(group[-1].old)) > 2 * CONTEXT:
            hunks.append(_hunk(lines, group, shift))
            shift += sum(len(done.new) - len(done.old) for done in group)
            group = []
        group.append(block)
    if group:
        hunks.append(_hunk(lines, group, shift))
    return hunks


def _hunk(lines: list[AnyStr], group: list[_Block[AnyStr]], shift: int) -> _Raw[AnyStr]:
    start = max(0, group[0].at - CONTEXT)
    stop = min(len(lines), group[-1].at + len(group[-1].old) + CONTEXT)
    marked: list[tuple[Fact, int, AnyStr]] = []
    at, gained = start, shift
    for block in group:
        marked += ((Fact.SAME, number + 1, lines[number]) for number in range(at, block.at))
        marked += ((Fact.REMOVED, block.at + number + 1, line) for number, line in enumerate(block.old))
        marked += ((Fact.ADDED, block.at + gained + number + 1, line) for number, line in enumerate(block.new))
        at = block.at + len(block.old)
        gained += len(block.new) - len(block.old)
    marked += ((Fact.SAME, number + 1, lines[number]) for number in range(at, stop))
    old_count, new_count = stop - start, stop - start + gained - shift
    # an empty side is counted from the line before it
    return _Raw(start + (old_count > 0), old_count, start + shift + (new_count > 0), new_count, marked)


def _text_hunks(source: Source, edits: Iterable[Edit]) -> list[_Raw[str]]:
    return _hunks(source.text, [_Replacement(*edit.span, edit.new) for edit in order(edits)], "\n")


def _byte_hunks(source: Source, edits: Iterable[Edit]) -> list[_Raw[bytes]]:
    """In bytes, because that is what git compares: with the BOM, and in UTF-16 with line ends where git sees them."""
    frame = len(encode(source, ""))

    def size(start: int, end: int) -> int:
        return len(encode(source, source.text[start:end])) - frame

    replacements: list[_Replacement[bytes]] = []
    at, offset = 0, frame
    for edit in order(edits):
        begin = offset + size(at, edit.span.start)
        end = begin + size(*edit.span)
        replacements.append(_Replacement(begin, end, encode(source, edit.new)[frame:]))
        at, offset = edit.span.end, end
    return _hunks(encode(source, source.text), replacements, b"\n")


# --- what may be shown -------------------------------------------------------------------------------------------------------

_ASSIGNMENT = regex(
    r"([ \t]*(?:#[# \t]*)?(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_.-]*[ \t]*=[ \t]*|[ \t]*[A-Za-z_]\w*:[ \t]+)(.*)", re.DOTALL
)
_COMMENT = regex(r"[ \t]+#.*", re.DOTALL)
_PLAIN_URL = regex(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._-]{0,24}){0,6}")
_SAYS_SO = regex(
    r"sk-|mg_|<|\$\{|\{\{|\.\.\.|\*\*\*|xxx|your|change|replace|example|placeholder|todo|dummy|fake|insert|paste", re.IGNORECASE
)
"""How a value begins that nobody would use as a password; other words may be one."""
_TYPED = regex(r"|true|false|yes|no|on|off", re.IGNORECASE)


def _shown(path: str, mark: Fact, line: str, known: frozenset[str]) -> str:
    """A line as it may be shown; equal to the line where nothing in it is secret. `known` are values that are secret in this file."""
    if not holds_env_values(path) or is_env_example(path):
        return mask(line, known, literal=is_configuration(path))
    assignment = _ASSIGNMENT.fullmatch(line)
    if assignment is None:
        # prose, or a further line of a quoted value, which nobody can tell apart from here
        return line if not line.strip() or (line.lstrip().startswith("#") and not is_secret_shaped(line)) else HIDDEN
    value = assignment[2]
    if (comment := _COMMENT.search(value)) is not None:
        value = value[: comment.start()] + mask_comment(comment[0])
        line = assignment[1] + value
    bare = _COMMENT.sub("", value).strip().strip("\"'")
    if _TYPED.fullmatch(bare) or (_SAYS_SO.match(bare) and is_placeholder(bare)):
        return mask(line, known, literal=True)
    if mark is not Fact.SAME and _PLAIN_URL.fullmatch(bare):
        return mask(line, known, literal=True)
    return assignment[1] + HIDDEN


def _guard(source: Source) -> Callable[[Fact, str], str]:
    """`_shown` for a file, without the line end."""
    known = secrets_of(source.path, source.text)

    def show(mark: Fact, line: str) -> str:
        return _shown(source.path, mark, line.removesuffix("\n").removesuffix("\r"), known)

    return show


def hunks(source: Source, edits: Iterable[Edit]) -> list[Hunk]:
    """The changes of one file for a person to read: with line numbers, without line ends, secrets masked."""
    show = _guard(source)
    return [
        Hunk(
            old_start=raw.old_start,
            old_count=raw.old_count,
            new_start=raw.new_start,
            new_count=raw.new_count,
            lines=tuple(Line(mark=mark, number=number, text=show(mark, line)) for mark, number, line in raw.lines),
        )
        for raw in _text_hunks(source, edits)
    ]


def _tells(source: Source, edits: tuple[Edit, ...]) -> bool:
    """Whether the file's hunks would show a secret."""
    show = _guard(source)
    raw_hunks = _text_hunks(source, edits)
    if any(show(mark, line) != line.removesuffix("\n").removesuffix("\r") for raw in raw_hunks for mark, _, line in raw.lines):
        return True
    # a private key stands on several lines
    return any(is_secret_shaped("".join(line for _, _, line in raw.lines)) for raw in raw_hunks)


# --- the patch ---------------------------------------------------------------------------------------------------------------

_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def _name(side: str, path: str) -> bytes:
    """`a/path` as git writes it: in quotes and escaped where it holds a quote, a backslash, a control character or no ASCII."""
    raw = f"{side}/{path}".encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in (34, 92) for byte in raw):
        return raw
    escaped = "".join(
        f"\\{_ESCAPES[byte]}" if byte in _ESCAPES else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in raw
    )
    return f'"{escaped}"'.encode("ascii")


def _file(source: Source, edits: tuple[Edit, ...]) -> bytes:
    old, new = _name("a", source.path), _name("b", source.path)
    # git ends a name that holds a blank with a tab, so that nothing behind it is taken for part of it
    end = b"\t\n" if b" " in old and not old.startswith(b'"') else b"\n"
    out = [b"diff --git " + old + b" " + new + b"\n--- " + old + end + b"+++ " + new + end]
    for raw in _byte_hunks(source, edits):
        out.append(f"@@ -{_range(raw.old_start, raw.old_count)} +{_range(raw.new_start, raw.new_count)} @@\n".encode("ascii"))
        for mark, _, line in raw.lines:
            out += (mark.encode("ascii"), line)
            if not line.endswith(b"\n"):
                out.append(b"\n\\ No newline at end of file\n")
    return b"".join(out) if len(out) > 1 else b""


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def patch(plan: Plan) -> Patch:
    """The patch in bytes, each file in its own encoding, and the paths that had to be left out."""
    pieces: list[bytes] = []
    omitted: list[str] = []
    for path, edits in plan.edits().items():
        source = plan.sources[path]
        if _tells(source, edits):
            omitted.append(path)
        else:
            pieces.append(_file(source, edits))
    return Patch(b"".join(pieces), tuple(omitted))


def render_bytes(plan: Plan) -> bytes:
    """What to write to standard output for `git apply`; see `patch` for what is left out."""
    return patch(plan).data


def render(plan: Plan) -> str:
    """The patch as text. Bytes that are not UTF-8 come as surrogates: encode with `surrogateescape` to get `render_bytes`."""
    return render_bytes(plan).decode("utf-8", "surrogateescape")


def render_with_omissions(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """`render`, and the paths whose changes it does not show because a secret would stand in it."""
    data, omitted = patch(plan)
    return data.decode("utf-8", "surrogateescape"), omitted

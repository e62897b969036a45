"""Words and commands of the shell, and what a word defines or names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from migrator.formats.tree import EnvDef, EnvRef, Join, Node, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field

NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGN = regex(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\s]*\])?\+?=")
_ONLY_NAME = regex(r"(?<=\A)\^?([A-Z][A-Z0-9_]{2,})(?=\$?\Z)")
WRAPPERS = frozenset({
    "sudo", "doas", "env", "cross-env", "cross-env-shell", "nohup", "exec", "command", "time", "nice", "timeout",
})  # fmt: skip
_SUDO_VALUE = frozenset({"-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"})


@dataclass(slots=True)
class Word:
    """One word, its pieces unquoted."""

    start: int
    end: int
    parts: list[Node]
    """Literal pieces have `span == inner`, without quotes."""

    _parts_read: list[Node] | None = field(default=None, compare=False, repr=False)
    _literal: str | None = field(default=None, compare=False, repr=False)

    @property
    def literal(self) -> str | None:
        """The text of a word in which nothing is expanded; kept for as long as its pieces stay, since each command asks many times."""
        if self._parts_read is not self.parts:
            self._parts_read = self.parts
            values = [part.value for part in self.parts if isinstance(part, Str)]
            self._literal = "".join(values) if len(values) == len(self.parts) else None
        return self._literal


@dataclass(slots=True, eq=False)
class Command:
    """One simple command with what stands before, behind and around it."""

    start: int
    assigns: list[tuple[Word, Node | None]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    arrays: dict[int, Node] = field(default_factory=dict)
    """Index of a word to the array that follows it: `declare -a X=(…)`."""
    redirects: list[tuple[str, Span, Word]] = field(default_factory=list)
    targets: list[Word] = field(default_factory=list)
    """Files that its output goes to, through `tee` and through the group it stands in."""
    before: Command | None = None
    """What is piped into it."""


def only_literals(parts: Iterable[Node]) -> bool:
    """Whether nothing in these pieces is expanded."""
    return all(isinstance(part, Str) for part in parts)


def node_of(parts: Sequence[Node], start: int, end: int) -> Node:
    """The node of pieces that stand between two offsets, quotes included."""
    kept = [part for part in parts if not (isinstance(part, Str) and not part.value)]
    if not kept:
        inner = parts[0].span if parts else Span(end, end)
        return Str(Span(start, end), "", inner, inner.start == inner.end)
    match kept:
        case [Str(value=value, inner=inner, exact=exact)]:
            return Str(Span(start, end), value, inner, exact)
        case [EnvRef() as ref]:
            return ref
    return Join(Span(start, end), tuple(kept))


def split_at(parts: list[Node], pattern: re.Pattern[str], how: str) -> list[Node]:
    """Literal pieces cut at the names that `pattern` finds in them (its last matching group)."""
    out: list[Node] = []
    for part in parts:
        if not isinstance(part, Str) or not part.exact:
            out.append(part)
            continue
        base, at = part.inner.start, 0
        for match in pattern.finditer(part.value):
            group = match.lastindex or 1
            whole = match.span() if pattern is not _ONLY_NAME else match.span(group)
            if whole[0] > at:
                piece = Span(base + at, base + whole[0])
                out.append(Str(piece, part.value[at : whole[0]], piece, True))
            name = Span(base + match.start(group), base + match.end(group))
            out.append(EnvRef(Span(base + whole[0], base + whole[1]), match[group], name, how))
            at = whole[1]
        if at < len(part.value) or not part.value:
            piece = Span(base + at, base + len(part.value))
            out.append(Str(piece, part.value[at:], piece, True))
    return out


def is_assign(text: str, word: Word) -> re.Match[str] | None:
    """The `X=` that a word starts with, unquoted."""
    first = word.parts[0]
    if not isinstance(first, Str):
        return None
    return _ASSIGN.match(text, first.inner.start, first.inner.end)


def program_of(text: str, command: Command, at: int) -> tuple[str, int]:
    """The name of the program a command runs at or after word `at`, without its folder; its index."""
    while at < len(command.words):
        literal = command.words[at].literal or ""
        name = literal.rsplit("/", 1)[-1]
        if name not in WRAPPERS:
            return name, at
        at += 1
        while at < len(command.words):
            word = command.words[at].literal
            if is_assign(text, command.words[at]):
                at += 1
            elif word and word.startswith("-"):
                at += 2 if word in _SUDO_VALUE or (name == "env" and word == "-u") else 1
            elif name == "timeout" and word and word[0].isdigit():
                at += 1
            else:
                break
    return "", at


def definition_of(text: str, word: Word, how: str, owner: str = "", span: Span | None = None) -> EnvDef | None:
    """The definition that a word `X=…` is; None for another word."""
    assigned = is_assign(text, word)
    if not assigned:
        return None
    first = word.parts[0]
    assert isinstance(first, Str)
    parts = list(word.parts)
    rest = first.value[assigned.end() - assigned.start() :]
    piece = Span(assigned.end(), first.inner.end)
    parts[0] = Str(piece, rest, piece, rest == text[piece.start : piece.end])
    if len(parts) > 1 and not rest:
        del parts[0]
    end = word.end if first.inner.start == word.start else max(part.span.end for part in word.parts)
    if len(parts) == 1 and isinstance(parts[0], Str) and not parts[0].value:
        value: Node = Str(Span(assigned.end(), end), "", parts[0].inner, True)
    else:
        value = node_of(parts, assigned.end(), end)
    return EnvDef(span or Span(word.start, word.end), assigned[1], Span(*assigned.span(1)), value, how, owner=owner)


def bare_name(word: Word) -> Str | None:
    """The piece of a word that is nothing but a variable's name."""
    match word.parts:
        case [Str(exact=True, value=value) as piece] if NAME.fullmatch(value):
            return piece
    return None


def tail_of(word: Word, count: int) -> Word:
    """A word without its first characters, which must not be quoted."""
    first = word.parts[0]
    assert isinstance(first, Str)
    cut = Span(first.inner.start + count, first.inner.end)
    rest = first.value[count:]
    head: list[Node] = [Str(cut, rest, cut, first.exact)] if rest or len(word.parts) == 1 else []
    return Word(word.start + count, word.end, [*head, *word.parts[1:]])

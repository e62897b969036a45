"""One command with its words, and what a word of it defines or names."""

from __future__ import annotations

import re

from migrator.formats.shell.words import NAME, Command, Scanner, Word, node_of
from migrator.formats.tree import EnvDef, EnvRef, Node, Str
from migrator.model import Span

_ASSIGN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\s]*\])?\+?=")
_ONLY_NAME = re.compile(r"(?<=\A)\^?([A-Z][A-Z0-9_]{2,})(?=\$?\Z)")
WRAPPERS = frozenset({
    "sudo", "doas", "env", "cross-env", "cross-env-shell", "nohup", "exec", "command", "time", "nice", "timeout",
})  # fmt: skip
_SUDO_VALUE = frozenset({"-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"})


def split_at(parts: list[Node], pattern: re.Pattern[str], how: str) -> list[Node]:
    """Literal pieces cut at the names that `pattern` finds in them (its last matching group)."""
    out: list[Node] = []
    for part in parts:
        if not isinstance(part, Str) or not part.exact:
            out.append(part)
            continue
        base, at = part.inner.start, 0
        for found in pattern.finditer(part.value):
            group = found.lastindex or 1
            whole = found.span() if pattern is not _ONLY_NAME else found.span(group)
            if whole[0] > at:
                piece = Span(base + at, base + whole[0])
                out.append(Str(piece, part.value[at : whole[0]], piece, True))
            name = Span(base + found.start(group), base + found.end(group))
            out.append(EnvRef(Span(base + whole[0], base + whole[1]), found[group], name, how))
            at = whole[1]
        if at < len(part.value) or not part.value:
            piece = Span(base + at, base + len(part.value))
            out.append(Str(piece, part.value[at:], piece, True))
    return out


def is_assign(scanner: Scanner, word: Word) -> re.Match[str] | None:
    """The `X=` that a word starts with, unquoted."""
    first = word.parts[0]
    if not isinstance(first, Str):
        return None
    return _ASSIGN.match(scanner.text, first.inner.start, first.inner.end)


def program_of(scanner: Scanner, command: Command, at: int) -> tuple[str, int]:
    """The name of the program a command runs at or after word `at`, without its folder; its index."""
    while at < len(command.words):
        literal = command.words[at].literal or ""
        name = literal.rsplit("/", 1)[-1]
        if name not in WRAPPERS:
            return name, at
        at += 1
        while at < len(command.words):
            word = command.words[at].literal
            if is_assign(scanner, command.words[at]):
                at += 1
            elif word and word.startswith("-"):
                at += 2 if word in _SUDO_VALUE or (name == "env" and word == "-u") else 1
            elif name == "timeout" and word and word[0].isdigit():
                at += 1
            else:
                break
    return "", at


def definition_of(scanner: Scanner, word: Word, how: str, owner: str = "", span: Span | None = None) -> EnvDef | None:
    """The definition that a word `X=…` is; None for another word."""
    found = is_assign(scanner, word)
    if not found:
        return None
    first = word.parts[0]
    assert isinstance(first, Str)
    parts = list(word.parts)
    rest = first.value[found.end() - found.start() :]
    piece = Span(found.end(), first.inner.end)
    parts[0] = Str(piece, rest, piece, rest == scanner.text[piece.start : piece.end])
    if len(parts) > 1 and not rest:
        del parts[0]
    end = word.end if first.inner.start == word.start else max(part.span.end for part in word.parts)
    if len(parts) == 1 and isinstance(parts[0], Str) and not parts[0].value:
        value: Node = Str(Span(found.end(), end), "", parts[0].inner, True)
    else:
        value = node_of(parts, found.end(), end)
    return EnvDef(span or Span(word.start, word.end), found[1], Span(*found.span(1)), value, how, owner=owner)


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

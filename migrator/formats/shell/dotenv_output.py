"""`KEY=value` lines that a command writes, and the files that it writes them to."""

from __future__ import annotations

import re

from migrator.formats.detect import format_of
from migrator.formats.shell.scanner import DEEPEST, Scanner
from migrator.formats.shell.words import Command, node_of, program_of
from migrator.formats.tree import EnvDef, EnvRef, Node, Str
from migrator.model import Span
from migrator.patterns import regex

_PLAIN_HERE = regex(r"[^`$\\]+")
LINE = regex(r"[ \t]*(#+[ \t]*)?((?:export|set)[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_PROFILES = (".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", ".zshenv", ".envrc", "/etc/environment")


def expanded_stretch(scanner: Scanner, start: int, end: int, *, expand: bool) -> list[Node]:
    """The pieces of a stretch that is expanded as a here-document is, or not at all."""
    if not expand or scanner.depth >= DEEPEST:
        return [scanner.literal(start, end)]
    outer, where = scanner.end, scanner.pos
    scanner.end, scanner.pos = end, start
    scanner.depth += 1
    scanner.quotes += 1
    parts = scanner.pieces(_PLAIN_HERE, "", quoted=True)
    scanner.quotes -= 1
    scanner.depth -= 1
    scanner.end, scanner.pos = outer, where
    return parts


def pairs_between(
    scanner: Scanner, start: int, end: int, separator: re.Pattern[str], how: str, owner: str, *, expand: bool
) -> list[Node]:
    """`KEY=value` entries of a stretch, cut at `separator`; what else it reads."""
    out: list[Node] = []
    text = scanner.text
    bounds = [start]
    for match in separator.finditer(text, start, end):
        bounds += match.span()
    bounds.append(end)
    for at, stop in zip(bounds[::2], bounds[1::2], strict=True):
        entry = LINE.match(text, at, stop)
        if not entry:
            out += (part for part in expanded_stretch(scanner, at, stop, expand=expand) if not isinstance(part, Str))
            continue
        while stop > entry.end() and text[stop - 1] in " \t\r":
            stop -= 1
        value, inner = entry.end(), (entry.end(), stop)
        sign = text[value : value + 1]
        if sign and sign in "'\"" and (shut := text.find(sign, value + 1, stop)) > 0:
            inner, stop = (value + 1, shut), shut + 1
        elif (hash_at := text.find(" #", value, stop)) >= 0:
            stop = hash_at
            while stop > value and text[stop - 1] in " \t":
                stop -= 1
            inner = (value, stop)
        out.append(
            EnvDef(
                Span(at + len(text[at:stop]) - len(text[at:stop].lstrip()), stop),
                entry[3],
                Span(*entry.span(3)),
                node_of(expanded_stretch(scanner, *inner, expand=expand), value, stop),
                how,
                commented=bool(entry[1]),
                owner=owner,
            )
        )
    return out


def target_kind(scanner: Scanner, command: Command) -> str:
    """Whether its output goes to an env file (`dotenv`), to the shell's own start files (`profile`), or to `GITHUB_ENV`."""
    words = [word for operator, _, word in command.redirects if operator in (">", ">>", ">|", "&>", "&>>")]
    words += command.targets
    if program_of(scanner.text, command, 0)[0] == "tee":
        words += command.words[1:]
    for word in words:
        match word.parts[-1]:
            case EnvRef(name="GITHUB_ENV"):
                return "github-env"
            case EnvRef(name=name):
                path = scanner.known.get(name, "")
                if not path and re.search(r"(?i)(?:^|_)(?:dot_?)?env_?(?:file|path)?$", name):
                    return "dotenv"
            case Str(value=path):
                pass
            case _:
                continue
        if path and format_of(path) == "dotenv":
            return "dotenv"
        if path.endswith(_PROFILES):
            return "profile"
    return ""

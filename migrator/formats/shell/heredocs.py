"""Here-documents: where they stand, and what is in them."""

from __future__ import annotations

import re
from bisect import bisect_left

from migrator.formats.shell.dotenv_output import expanded_stretch, pairs_between, target_kind
from migrator.formats.shell.scanner import DEEPEST, Dialect, Scanner
from migrator.formats.shell.words import Command, node_of, program_of, split_at
from migrator.formats.tree import Node, Other
from migrator.model import Span
from migrator.patterns import regex

INLINE = regex(
    r"(?:process\.env\.|process\.env\[\\?[\"']|environ\[\\?[\"']|environ\.get\(\\?[\"']|getenv\(\\?[\"']|ENV\[\\?[\"'])([A-Za-z_][A-Za-z0-9_]*)"
)
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
INTERPRETERS = frozenset({"python", "python3", "py", "node", "bun", "deno", "ruby", "perl", "tsx", "uv"})


def here_documents(scanner: Scanner, bodies: list[tuple[Command, int, int, bool]]) -> None:
    """At the start of a line: pass over the bodies that the line before has announced."""
    for command, delimiter, quoted in scanner.pending:
        start = scanner.pos
        if scanner.line_starts is None:
            scanner.line_starts = {}
            at = 0
            for line in scanner.text.split("\n"):
                scanner.line_starts.setdefault(line.strip(), []).append(at)
                at += len(line) + 1
        starts = scanner.line_starts.get(delimiter, [])
        index = bisect_left(starts, start)
        if index == len(starts) or starts[index] >= scanner.end:
            continue  # never closed: then it was no here-document
        shut = starts[index]
        bodies.append((command, start, shut, not quoted))
        scanner.region(start, shut)
        after = scanner.text.find("\n", shut, scanner.end)
        scanner.pos = scanner.end if after < 0 else after
    scanner.pending = []


def here_document(scanner: Scanner, command: Command, start: int, end: int, *, expand: bool) -> list[Node]:
    """What is in a here-document: lines for an env file, a script, or text."""
    kind = target_kind(scanner, command)
    if kind:
        how = {"dotenv": "heredoc-dotenv", "github-env": "github-env", "profile": "heredoc-export"}[kind]
        return pairs_between(scanner, start, end, re.compile(r"\r?\n"), how, "", expand=expand)
    program, _ = program_of(scanner.text, command, 0)
    script = program in SHELLS or program == "ssh" or (scanner.dialect is Dialect.DOCKER and not command.words)
    if script and scanner.depth < DEEPEST:
        outer, scanner.end, scanner.pos = scanner.end, end, start
        scanner.depth += 1
        inside = scanner.commands(scanner, "")
        scanner.depth -= 1
        scanner.end = outer
        return [Other(Span(start, end), "heredoc", tuple(inside))]
    parts = expanded_stretch(scanner, start, end, expand=expand)
    if program in INTERPRETERS:
        parts = split_at(parts, INLINE, "inline-code")
    return [Other(Span(start, end), "heredoc", (node_of(parts, start, end),))]

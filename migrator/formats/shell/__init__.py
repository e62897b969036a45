"""Shell scripts: bash, zsh, sh, and the little fish and csh that sets variables.

One linear scanner instead of a grammar: half of the shell that matters stands inside something else (a `RUN` line, a recipe, a
fenced block, a CI step) and much of it is not a whole program. The scanner reads every text, never raises, and takes time
in proportion to the text; what it cannot follow becomes plain words. tree-sitter-bash 0.25.1 finds the same commands in 309 scripts of
public repositories, but not in 16 of 382 blocks of documents (`export KEY=<your-key>`), takes 24 s for 60 kB of `a=(`, and would need
this scanner beside it for `ENV` lines, env files and recipes.

A simple command becomes a `Call` whose arguments are `Str`, `Join` or `EnvRef`; a redirection is an argument named by its
operator (`>`); `$(…)` is an `Other` of kind `substitution` that holds its own commands; a here-document is an `Other` of kind
`heredoc`. What defines a variable is an `EnvDef` beside the call, and is not repeated among the call's arguments, so that
every mention is in the tree exactly once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.formats.shell.commands import read_commands
from migrator.formats.shell.dotenv_output import expanded_stretch, pairs_between
from migrator.formats.shell.scanner import PLAIN_TEST, Dialect, Scanner
from migrator.formats.shell.words import Word, definition_of, node_of
from migrator.formats.spans import flat, shift
from migrator.formats.tree import EnvDef, Module, Node, Region
from migrator.model import Source, Span


def lower(source: Source) -> Module:
    """The commands and variables of a shell script. Never raises."""
    body, regions = scan(source.text)
    return Module(path=source.path, language="shell", body=body, regions=regions)


def nodes(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:  # noqa: ARG001 - the signature all formats share
    """The nodes of a piece of shell that stands at `offset` of a file; `text` is that piece as it is written there."""
    return scan(text, offset)[0]


def scan(text: str, offset: int = 0, dialect: Dialect = Dialect.SHELL) -> tuple[tuple[Node, ...], tuple[Region, ...]]:
    """Nodes in text order, and where comments and strings are; spans count from `offset`."""
    scanner = Scanner(text, dialect, read_commands)
    commands = read_commands(scanner, "")
    regions = flat(scanner.regions)
    if offset:
        for node in commands:
            shift(node, offset)
        for region in regions:
            region.span = Span(region.span.start + offset, region.span.end + offset)
    return tuple(commands), tuple(regions)


def dotenv_lines(text: str, start: int, end: int, how: str, *, expand: bool) -> tuple[Node, ...]:
    """`KEY=value` lines between two offsets as `EnvDef`s, `# KEY=value` ones `commented`, and the references of other lines.

    `expand`: the shell substitutes `$X` in them before they reach the file.
    """
    scanner = Scanner(text, Dialect.SHELL, read_commands)
    scanner.end = end
    return tuple(pairs_between(scanner, start, end, re.compile(r"\r?\n"), how, "", expand=expand))


def assignments(text: str, start: int, end: int, how: str, dialect: Dialect = Dialect.SHELL) -> tuple[EnvDef, ...]:
    """The `NAME=value` words between two offsets, where `|`, `;` and `&` mean nothing (Dockerfile `ENV`, systemd)."""
    scanner = Scanner(text, dialect, read_commands)
    scanner.pos, scanner.end = start, end
    return tuple(definition for word in _plain_words(scanner) if (definition := definition_of(scanner.text, word, how)))


def words(text: str, start: int, end: int, dialect: Dialect = Dialect.SHELL) -> tuple[Node, ...]:
    """The words between two offsets, where `|`, `;` and `&` mean nothing."""
    scanner = Scanner(text, dialect, read_commands)
    scanner.pos, scanner.end = start, end
    return tuple(node_of(word.parts, word.start, word.end) for word in _plain_words(scanner))


def value(text: str, start: int, end: int, dialect: Dialect = Dialect.SHELL) -> Node:
    """One value that fills a stretch, quotes around it taken off, `$X` in it expanded."""
    scanner = Scanner(text, dialect, read_commands)
    sign = text[start : start + 1]
    inner = (start + 1, end - 1) if end - start > 1 and sign in ("'", '"') and text[end - 1] == sign else (start, end)
    return node_of(expanded_stretch(scanner, *inner, expand=sign != "'"), start, end)


def _plain_words(scanner: Scanner) -> Iterator[Word]:
    """Words until the end, over line ends."""
    while True:
        scanner.blanks()
        if scanner.pos >= scanner.end:
            return
        if scanner.text[scanner.pos] == "\n":
            scanner.pos += 1
        else:
            yield scanner.word(PLAIN_TEST)

"""Runs whose arguments need no parser: paths, flags and a form. That is nearly every run, and the parser costs more than a small plan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from migrator.cli.asked import Asked, answer
from migrator.cli.endings import ended
from migrator.cli.report import Format

COMMANDS = frozenset(
    """
    run init doctor undo done apply guard explain rules schema preflight verify inventory retire estimate rehearse prove
    """.split()  # noqa: SIM905 - a table to read
)
"""Words that are no paths where they stand first."""
FLAGS = {
    "--dry-run": "dry_run",
    "--check": "check",
    "--strict": "strict",
    "--diff": "diff",
    "--unsafe": "unsafe",
    "--docs": "docs",
    "--allow-dirty": "allow_dirty",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
}
"""The options of a run that are followed by nothing, with the fields that they set."""
_FORM = "--format"


def plain_main(arguments: Sequence[str]) -> int | None:
    """The exit code of a run whose arguments are as plain as that; None where they are not, and nothing was done."""
    asked = plain(arguments)
    return None if asked is None else ended(lambda: answer(asked, tuple(arguments)), arguments)


def plain(arguments: Sequence[str]) -> Asked | None:
    """What the arguments say; None where that is for the parser to find out, or to complain of."""
    fields: dict[str, Any] = {}
    paths: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            paths += words
        elif not word.startswith("-"):
            paths.append(word)
        elif field := FLAGS.get(word):
            fields[field] = True
        elif word == _FORM and (form := next(words, "")) in set(Format):
            fields["form"] = Format(form)
        else:
            return None
    if not paths or arguments[0] in COMMANDS or paths[0] in COMMANDS or not all(map(os.path.lexists, paths)):
        return None
    return Asked(paths=paths, **fields)

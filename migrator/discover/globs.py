"""Globs over repo-relative paths, matched in linear time: they may come from the repository that is being migrated.

A `*` takes as little as it can and what follows it is then fixed (an atomic group), so no glob makes the matcher try again and
again. That is exact: of several places for the text between two stars the first one leaves the most for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from migrator.model import MigratorError

_MANY = 64
"""Stars in one glob; nobody writes more."""


def glob_body(pattern: str) -> str:
    """A glob as the text of a regular expression: `*` and `?` stay within one name, `**` crosses folders, `[…]` is a set."""
    parts: list[str] = []
    for part in pattern.split("/"):
        # `src/**.py` means `src/**/*.py`
        if part != "**" and part.startswith("**"):
            parts += ("**", "*" + part.lstrip("*"))
        elif part != "**" and part.endswith("**"):
            parts += (part.rstrip("*") + "*", "**")
        else:
            parts.append(part)
    out: list[str] = []
    pending = False  # folders of any number may stand before what comes next
    for index, part in enumerate(parts):
        if part == "**":
            pending = True
            continue
        body = _name(part) + ("/" if index < len(parts) - 1 else "")
        if index + 1 < len(parts) and all(rest == "**" for rest in parts[index + 1 :]):
            # `docs/**` is what is below, and `docs/` itself where it is matched as a folder
            out.append(_after_folders(_name(part), last=False) if pending else _name(part))
            return "".join((*out, "(?:/.*)?"))
        out.append(_after_folders(body, last=index == len(parts) - 1) if pending else body)
        pending = False
    if pending:
        out.append(".*")
    return "".join(out)


def _after_folders(body: str, *, last: bool) -> str:
    """`**/` and the name behind it; at the end of a glob every folder may be the last, so nothing is fixed there."""
    return f"(?:[^/]+/)*{body}" if last else f"(?>(?:[^/]+/)*?{body})"


def _name(pattern: str) -> str:
    """One name of a glob."""
    pieces: list[list[str]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            at += len(pattern[at:]) - len(pattern[at:].lstrip("*"))
            pieces.append([])
            continue
        if char == "?":
            piece = "[^/]"
        elif char == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end]
            negated = inner[:1] in ("!", "^")
            members = _members(inner[1:] if negated else inner)
            piece = f"[^/{members}]" if negated else f"[{members}]"
            at = end
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            piece = re.escape(pattern[at])
        else:
            piece = re.escape(char)
        pieces[-1].append(piece)
        at += 1
    if len(pieces) > _MANY:
        raise MigratorError(f"glob {pattern[:40]!r}…: more than {_MANY} stars.")
    first, *rest = ("".join(piece) for piece in pieces)
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + f"[^/]*{last}"


def _members(inner: str) -> str:
    """What stands between the brackets of a set: single characters and ranges, none of which means anything else."""
    out: list[str] = []
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            out.append(f"{re.escape(inner[at])}-{re.escape(inner[at + 2])}")
            at += 3
        else:
            out.append(re.escape(inner[at]))
            at += 1
    return "".join(out)


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test of relative POSIX paths against globs.

    A pattern without a slash matches a name at any depth (`*.md`, `docs`), one with a slash is anchored at the root; either
    also matches all that is below a folder that it matches. Raises `MigratorError` for a pattern that makes no sense.
    """
    tests: list[re.Pattern[str]] = []
    for pattern in patterns:
        plain = pattern.removeprefix("./").rstrip("/")
        anchored = "/" in plain
        try:
            tests.append(re.compile(("" if anchored else "(?:.*/)?") + glob_body(plain.lstrip("/")) + "(?:/.*)?", re.DOTALL))
        except re.error as error:
            raise MigratorError(f"glob {pattern!r} cannot be understood: {error}") from None
    return lambda path: any(test.fullmatch(path) for test in tests)

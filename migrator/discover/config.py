"""What a repository may say about its own migration: in `.migrate-openrouter.toml`, or in a table of `pyproject.toml`.

It may only narrow: leave files out, switch rules off, keep a variable's name. Where code and keys go is never read from the
repository that is being migrated: whoever wrote it could otherwise name the host that somebody else's key is sent to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from migrator.model import MigratorError
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.text.regular import read_regular

_OWN = ".migrate-openrouter.toml"
_SHARED = "pyproject.toml"
_TABLE = "migrate-openrouter"
_LARGEST = 4 << 20
_KEYS = ("exclude", "ignore", "keep")
_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_AT_LINE = regex(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One entry of a list, with where it stands for a complaint about it."""

    value: str
    where: str
    """`pyproject.toml:12`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What both files say together."""

    exclude: tuple[Word, ...] = ()
    """Globs over paths relative to the root."""
    ignore: tuple[Word, ...] = ()
    """Ids of rules, or their beginnings."""
    keep: tuple[Word, ...] = ()
    """Environment variables whose name stays."""


def read(root: Path) -> Config:
    """The configuration at the root of a tree; empty where there is none. Raises `MigratorError` naming file and line."""
    entries: dict[str, list[Word]] = {key: [] for key in _KEYS}
    for name in (_OWN, _SHARED):
        text = _text(root / name, name)
        if text is None or (name == _SHARED and _TABLE not in text):
            continue
        table = _table(text, name)
        # the tool's own file may also be written as its section of pyproject.toml is
        tools = table.get("tool") if name == _SHARED else table.pop("tool", None)
        section = tools.get(_TABLE) if isinstance(tools, dict) else None
        if section is not None and not isinstance(section, dict):
            raise MigratorError(f"{_place(text, name, _TABLE)}: tool.{_TABLE} is a table with {', '.join(_KEYS)}.")
        for part in (section or {}, {} if name == _SHARED else table):
            for key, words in _words(part, text, name).items():
                entries[key] += words
    return Config(**{key: tuple(words) for key, words in entries.items()})


def own_span(path: str, text: str) -> range:
    """Characters of a file in which this tool's own configuration stands: what is named there is nothing that a program reads."""
    if path == _OWN:
        return range(len(text))
    head = re.search(rf"^[ \t]*\[tool\.{_TABLE}\].*", text, re.MULTILINE) if path == _SHARED else None
    if head is None:
        return range(0)
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, head.end())
    return range(head.start(), following.start() if following else len(text))


def write_starter(root: Path) -> Path:
    """Write `.migrate-openrouter.toml` with its comments, narrowing nothing yet. Raises `MigratorError` where either file says something."""
    path = root / _OWN
    shared = _text(root / _SHARED, _SHARED)
    if shared is not None and re.search(rf"^[ \t]*\[tool\.{_TABLE}\]", shared, re.MULTILINE):
        raise MigratorError(f"{root / _SHARED} has a section [tool.{_TABLE}] already; nothing was written.")
    try:
        with path.open("xb") as file:
            file.write(Path(__file__).with_name("starter.toml").read_bytes())
    except FileExistsError:
        raise MigratorError(f"{path} is there already; nothing was written. Edit it, or remove it first.") from None
    except OSError as error:
        raise MigratorError(f"{path}: cannot be written ({error.strerror}).") from None
    return path


def _text(path: Path, name: str) -> str | None:
    try:
        return read_regular(path, _LARGEST).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except UnicodeDecodeError:
        if name == _SHARED:
            # somebody else's file: it is reported where the files are read
            return None
        raise MigratorError(f"{name}: not UTF-8, which TOML has to be.") from None
    except OSError as error:
        raise MigratorError(f"{name}: cannot be read: {error.strerror}; it may say what to leave alone.") from None


def _table(text: str, name: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = _AT_LINE.search(str(error))
        where = line[1] if line else text.rstrip().count("\n") + 1
        raise MigratorError(f"{name}:{where}: not TOML: {error}.") from None


def _words(table: Mapping[str, Any], text: str, name: str) -> dict[str, list[Word]]:
    words: dict[str, list[Word]] = {}
    for key, value in table.items():
        where = _place(text, name, key)
        if key not in _KEYS:
            raise MigratorError(
                f"{where}: {key!r} is not a key that a repository may set; there are {', '.join(_KEYS)}"
                " (hosts, key names and targets are given on the command line only)."
            )
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            raise MigratorError(f'{where}: {key} is a list of words, for example {key} = ["..."].')
        for entry in value:
            place = _place(text, name, key, entry)
            if key == "keep" and not _VARIABLE.fullmatch(entry):
                raise MigratorError(f"{place}: {entry!r} in keep is not the name of an environment variable.")
            words.setdefault(key, []).append(Word(value=entry, where=place))
    return words


def _place(text: str, name: str, key: str, entry: str | None = None) -> str:
    """`name:line` of a key, or of an entry in the list behind it; just `name` where it is written in an unusual way.

    The parser gives no lines, so they are looked up: in `pyproject.toml` from the tool's own table on.
    """
    at = 0
    if name == _SHARED:
        table = re.search(rf'^[ \t]*\[?\[?[ \t]*"?tool"?[ \t]*\.?.*{_TABLE}', text, re.MULTILINE)
        at = table.start() if table else 0
    if key == _TABLE:
        at = max(text.find(_TABLE, at), 0)
    else:
        match = re.compile(rf"""(?:^|[{{,.])[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.]""", re.MULTILINE).search(text, at)
        if match is None:
            return name
        at = match.end() - 1
    if entry is not None:
        inside = re.compile(rf"""["']{re.escape(entry)}["']""").search(text, at)
        at = inside.start() if inside else at
    return f"{name}:{text.count(chr(10), 0, at) + 1}"

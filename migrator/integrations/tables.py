"""Values of a TOML table, checked: what is missing or wrong is said with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from migrator.integrations.schema import (
    LANGUAGES,
)
from migrator.model import MigratorError


class Tables:
    """One file, and how its tables are read."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.lines = file, text.splitlines()
        self.stem = file.rpartition("/")[2].removesuffix(".toml")

    def rows(self, data: Mapping[str, Any], key: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
        """The tables of an array, numbered."""
        rows = data.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.complain(f"{key}: begin each one with [[{key}]]", "", key)
        return enumerate(rows)

    def callees(self, row: Mapping[str, Any], where: str) -> Mapping[str, tuple[str, ...]]:
        """What is called in each language."""
        callees = {language: self.texts(row, language, where) for language in LANGUAGES if language in row}
        if not callees:
            self.complain(f"no callees: give a list under one of {', '.join(LANGUAGES)}", where, "")
        return callees

    def check_keys(self, table: Mapping[str, Any], known: Sequence[str], where: str, key: str = "") -> None:
        """Refuse keys that this table does not have."""
        if not isinstance(table, dict):
            self.complain("this must be a table", where, key)
        for name in table:
            if name not in known:
                self.complain(f"{name!r} is no key of this table; there are {', '.join(known)}", where, key or name)

    def text(self, table: Mapping[str, Any], key: str, where: str, default: str | None = None, inside: str = "") -> str:
        """A text that is not empty."""
        value = table.get(key, default)
        if not isinstance(value, str) or (key in table and not value.strip()):
            self.complain(f"{key}: a text that is not empty is needed here", where, inside or key)
        return value

    def texts(
        self, table: Mapping[str, Any], key: str, where: str, inside: str = "", default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of texts, or one text."""
        if key not in table and default is not None:
            return default
        value = table.get(key)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(text, str) and text.strip() for text in values):
            self.complain(f"{key}: a text or a list of texts is needed here", where, inside or key)
        if len(set(values)) < len(values):
            self.complain(f"{key}: says the same twice", where, inside or key)
        return tuple(values)

    def flag(self, table: Mapping[str, Any], key: str, where: str) -> bool:
        """True or false."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.complain(f"{key}: true or false", where, key)
        return value

    def position(self, table: Mapping[str, Any], key: str, where: str) -> int | None:
        """The position of an argument, counted from 0."""
        value = table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            self.complain(f"{key}: a position, counted from 0", where, key)
        return value

    def names(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
        """A table of texts."""
        names = self.table(table, key, where)
        return {name: self.text(names, name, where) for name in names}

    def table(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        """A table inside a table."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            self.complain(f"{key}: a table is needed here", where, key)
        return value

    def complain(self, message: str, where: str, key: str) -> NoReturn:
        """Raise `MigratorError` with the line of a key."""
        raise MigratorError(f"{self.file}:{self._line(where, key)}: {message}")

    def _line(self, where: str, key: str) -> int:
        """Line of a key in a table (`client 2.give`); the table's first line where the key is not written there."""
        start, stop = 0, len(self.lines)
        if where:
            name, _, inner = where.partition(".")
            table, _, number = name.partition(" ")
            heads = [i for i, line in enumerate(self.lines) if re.match(rf"\[+\s*{table}\s*\]+", line)]
            start = heads[int(number or 0)] if heads else 0
            heads = (
                [i for i, line in enumerate(self.lines) if i > start and re.match(rf"\[\s*{table}\.{inner}\s*\]", line)]
                if inner
                else []
            )
            start = heads[0] if heads else start
            stop = next((i for i, line in enumerate(self.lines) if i > start and line.startswith("[")), stop)
        for number_of_line in range(start, stop):
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", self.lines[number_of_line]):
                return number_of_line + 1
            if key and not where and re.match(rf"\[+\s*{re.escape(key)}\s*\]+", self.lines[number_of_line]):
                return number_of_line + 1
        return start + 1

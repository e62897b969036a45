"""Reads one file of `integrations/` into a `Library`, checked line by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from migrator.integrations.exchange_tables import ExchangeTables
from migrator.integrations.schema import (
    LANGUAGES,
    ROLES,
    Argument,
    Client,
    Dialect,
    Environment,
    Library,
    Model,
    Package,
    Prefix,
)
from migrator.model import MigratorError
from migrator.patterns import regex

_VERSIONED = regex(r"\S+ \d[\w.+-]*")
_VARIABLE = regex(r"[A-Z][A-Z0-9_]*")


def parse(file: str, text: str) -> Library:
    """The library that a file describes. Raises `MigratorError` with file and line where the file is not as it must be."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise MigratorError(f"{file}:{at[1] if at else len(text.splitlines())}: not TOML: {error}") from None
    return _Reader(file, text).library(data)


class _Reader(ExchangeTables):
    def library(self, data: Mapping[str, Any]) -> Library:
        known = ("title", "docs", "checked", "client", "environment", "prefix", "dialect", "package")
        self.check_keys(data, known, "")
        library = Library(
            stem=self.stem,
            title=self.text(data, "title", ""),
            docs=self.text(data, "docs", ""),
            checked=self._checked(data),
            clients=tuple(self._client(row, f"client {i}") for i, row in self.rows(data, "client")),
            environment=tuple(self._environment(row, f"environment {i}") for i, row in self.rows(data, "environment")),
            prefixes=tuple(self._prefix(row, f"prefix {i}") for i, row in self.rows(data, "prefix")),
            dialect=self._dialect(data.get("dialect", {})),
            packages=tuple(self._package(row, f"package {i}") for i, row in self.rows(data, "package")),
        )
        if not library.docs.startswith("https://"):
            self.complain("docs: the address of a page, beginning with https://", "", "docs")
        callees = [*(row.callees for row in library.clients), *(row.callees for row in library.environment)]
        spoken = {language for names in callees for language in names}
        for language in sorted(spoken - library.checked.keys()):
            self.complain(f'checked: says no version for {language}; write {language} = "package 1.2.3"', "", "checked")
        return library

    def _client(self, row: Mapping[str, Any], where: str) -> Client:
        self.check_keys(
            row,
            ("name", *LANGUAGES, "url", "key", "model", "mapping", "built_in", "advice", "called", "give", "exchange"),
            where,
        )
        callees = self.callees(row, where)
        client = Client(
            name=self.text(row, "name", where, default=self.stem),
            callees=callees,
            url=self._argument(row, "url", callees, where),
            key=self._argument(row, "key", callees, where),
            model=self._model(row, callees, where),
            mapping=self.flag(row, "mapping", where),
            built_in=self.text(row, "built_in", where, default=""),
            advice=self.text(row, "advice", where, default=""),
            called=self.text(row, "called", where, default=""),
            give=self.give(row["give"], f"{where}.give", callees) if "give" in row else None,
            exchange=self.exchange(row["exchange"], f"{where}.exchange", callees) if "exchange" in row else None,
        )
        if client.built_in not in ("", "openrouter"):
            self.complain(f"built_in: {client.built_in!r} is no gateway; there is: 'openrouter'", where, "built_in")
        if client.built_in and not client.advice:
            self.complain("advice: say what code with a built-in address would have to become", where, "built_in")
        for key, value in (("give", client.give), ("exchange", client.exchange)):
            if value is not None and not client.built_in:
                self.complain(f"{key}: has a meaning only where built_in is said", where, "built_in")
        for language, names in callees.items():
            if not client.built_in and not client.url.names.get(language):
                self.complain(f"url: has no name for {language}, and built_in is not given either", where, "url")
            if not client.built_in and any(name.endswith(".*") for name in names):
                self.complain(f"{language}: `package.*` has a meaning only where built_in is given", where, language)
        return client

    def _argument(self, row: Mapping[str, Any], key: str, callees: Iterable[str], where: str) -> Argument:
        if key not in row:
            return Argument()
        table = row[key]
        if not isinstance(table, dict):
            self.complain(f'{key}: a table like {{ python = "base_url", env = "OPENAI_BASE_URL" }}', where, key)
        self.check_keys(table, (*LANGUAGES, "at", "env"), where, key)
        names = {name: self.texts(table, name, where, key) for name in LANGUAGES if name in table}
        for language in names.keys() - set(callees):
            self.complain(f"{key}: names {language}, of which there are no callees here", where, key)
        at, env = table.get("at"), table.get("env")
        if at is not None and (not isinstance(at, int) or isinstance(at, bool) or at < 0):
            self.complain(f"{key}: at is a position, counted from 0", where, key)
        if env is not None and not (isinstance(env, str) and _VARIABLE.fullmatch(env)):
            self.complain(f"{key}: env is the name of a variable", where, key)
        return Argument(names=names, at=at, env=env)

    def _model(self, row: Mapping[str, Any], callees: Iterable[str], where: str) -> Model | None:
        if "model" not in row:
            return None
        table = row["model"]
        self.check_keys(table, (*LANGUAGES, "at", "prefix", "constants"), where, "model")
        prefix = self.text(table, "prefix", where, inside="model")
        argument = self._argument(
            {"model": {key: value for key, value in table.items() if key not in ("prefix", "constants")}}, "model", callees, where
        )
        constants = self.texts(table, "constants", where, "model", default=())
        return Model(names=argument.names, at=argument.at, prefix=prefix, constants=constants)

    def _environment(self, row: Mapping[str, Any], where: str) -> Environment:
        self.check_keys(row, (*LANGUAGES, "mapping", "role", "variable", "default"), where)
        reader = Environment(
            callees=self.callees(row, where),
            mapping=self.text(row, "mapping", where, default=""),
            role=self.text(row, "role", where, default=""),
            variable=self.position(row, "variable", where) or 0,
            default=self.position(row, "default", where),
        )
        if bool(reader.mapping) == bool(reader.role):
            self.complain("give either mapping (a kind) or role (read, define, ask)", where, "mapping")
        if reader.role and reader.role not in ROLES:
            self.complain(f"role: {reader.role!r} is none of {', '.join(ROLES)}", where, "role")
        return reader

    def _prefix(self, row: Mapping[str, Any], where: str) -> Prefix:
        self.check_keys(row, ("calls", "separator"), where)
        return Prefix(calls=self.texts(row, "calls", where), separator=self.text(row, "separator", where))

    def _dialect(self, row: Mapping[str, Any]) -> Dialect:
        self.check_keys(row, ("tools", "endpoints"), "dialect")
        return Dialect(tools=self.text(row, "tools", "dialect", default=""), endpoints=self.names(row, "endpoints", "dialect"))

    def _package(self, row: Mapping[str, Any], where: str) -> Package:
        self.check_keys(row, ("name", "reads", "module", "way_out"), where)
        return Package(
            name=self.text(row, "name", where),
            reads=self.text(row, "reads", where),
            module=self.text(row, "module", where, default=""),
            way_out=self.text(row, "way_out", where, default=""),
        )

    def _checked(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        checked = data.get("checked")
        if not isinstance(checked, dict) or not checked:
            self.complain('checked: a table like { python = "openai 3.57.0" }', "", "checked")
        for language, version in checked.items():
            if language not in LANGUAGES:
                self.complain(f"checked: {language!r} is none of {', '.join(LANGUAGES)}", "", "checked")
            if not isinstance(version, str) or not _VERSIONED.fullmatch(version):
                self.complain(f"checked: {version!r} is not a package and its version, like 'openai 3.57.0'", "", "checked")
        return dict(checked)

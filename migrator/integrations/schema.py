"""The form of `integrations/*.toml`: one file for each library, read into frozen records and checked line by line.

A file says what the library is called, which page names its parameters (`docs`), and against which version of which package of each
language it was checked (`checked`). Its tables are `[[client]]` (constructors and calls that take an address and a key),
`[[environment]]` (readers of environment variables), `[[prefix]]` (calls by which a program gives prefixes of model names their
meaning), `[dialect]` (OpenRouter's own options) and `[[package]]` (packages whose presence alone matters).

Callees are spelled as `resolve.scopes.dotted` spells them: `package.Class`, an instance as `package.Class()`, a package of npm by its name:
`@ai-sdk/openai.createOpenAI`. `package.*` stands for everything else that is called from the package. Other languages spell a callee
as their programmers would: `github.com/openai/openai-go.NewClient`, `com.openai.client.okhttp.OpenAIOkHttpClient.builder`,
`OpenAI::Client.new`, `\\OpenAI.factory`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from migrator.integrations.exchange import WAYS, Exchange, Method, Packages, Request
from migrator.model import MigratorError

LANGUAGES = ("python", "ecma", "go", "java", "kotlin", "ruby", "php", "csharp", "rust", "dart", "swift")
"""Languages in which a library can be called; `ecma` is JavaScript and TypeScript."""

ROLES = ("read", "define", "ask")
"""What a call can do with a variable: read it, set or unset it, ask whether it is there."""

_VERSIONED = re.compile(r"\S+ \d[\w.+-]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """How a client is given its address, or its key."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the argument by language, the usual one first; `a.b` for an option in an object."""
    at: int | None = None
    """Position, where it can be given without a name."""
    env: str | None = None
    """Variable that the library reads when the argument is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The argument that names the model, where its prefix decides which gateway the client speaks to."""

    names: Mapping[str, tuple[str, ...]]
    at: int | None = None
    prefix: str = ""
    """`openrouter/`: only a model with this prefix goes to OpenRouter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Give:
    """What makes a client with OpenRouter built in a client of any gateway.

    It is given its address and its key under the first names of `url` and `key`. Source text may hold `$url`, `$key` and `$model`
    (expressions) and `$name` (the variable).
    """

    maker: str = ""
    """The callee that is given address and key, where it is not every one of the client's."""
    instance: str | None = None
    """A ready-made client that the module of `maker` exports."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Options that keep the behaviour as it was, with their values as source text."""
    refuse: tuple[str, ...] = ()
    """Options that only OpenRouter understands, or that would hand other parties' keys over."""
    need: tuple[str, ...] = ()
    """Arguments that must be written, because the library's default means something at OpenRouter only."""
    read: Mapping[str, str] = field(default_factory=dict)
    """How the key is read, by language, where the usual form (`READS`) does not do."""
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Import statements that `read`, `arguments` and `model` need, by language."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """What takes the place of all arguments, where address and key cannot be given as they are; `plain` are then all it may have."""
    plain: tuple[str, ...] = ()
    model: Mapping[str, str] = field(default_factory=dict)
    """What takes the place of the model's name, where that can be an object with address and key."""
    bare: bool = False
    """The model's name stands in `model` without its prefix."""
    empty: bool = False
    """An empty key is sent as it is, and not replaced by the library's own variable."""

    @property
    def module(self) -> str:
        """The module that exports the maker."""
        return self.maker.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The maker's name in its module."""
        return self.maker.rpartition(".")[2]


READS = {"python": 'os.environ["$name"]', "ecma": 'process.env.$name ?? ""'}
"""How a key is read so that its absence stops the request, where a missing argument makes the library look for OpenRouter's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Constructors or calls that take the same arguments."""

    name: str
    """Name in reports; clients of one library may share it."""
    callees: Mapping[str, tuple[str, ...]]
    """Qualified names by language."""
    url: Argument
    key: Argument
    model: Model | None = None
    mapping: bool = False
    """The callee is the key of a mapping whose entries are the arguments: `"litellm_params": {"model": …}`."""
    built_in: str = ""
    """The gateway that it speaks to when it is given no address: `openrouter`, or nothing that matters."""
    advice: str = ""
    """What the code would have to become, one sentence."""
    called: str = ""
    """The endpoint that the client posts to when it is itself called, where that is not the chat endpoint."""
    give: Give | None = None
    exchange: Exchange | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in which it can be called."""
        return tuple(self.callees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Calls that read, set or ask for a variable, or expressions that map the names of variables to their values."""

    callees: Mapping[str, tuple[str, ...]]
    mapping: str = ""
    """The kind of mapping it is, subscripted or asked with `in`; "" for a call."""
    role: str = ""
    variable: int = 0
    """Position of the variable's name."""
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Calls by which a program gives the prefix of a model's name its meaning."""

    calls: tuple[str, ...]
    """Last words of the callees."""
    separator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """OpenRouter's own options under the names that a library has for them."""

    tools: str = ""
    """The attribute of a client whose members run at OpenRouter."""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Methods of a client whose models post to another endpoint than the chat's, with that endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that reads the key variable wherever it is installed."""

    name: str
    reads: str
    """What it does with the variable, one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One file."""

    stem: str
    title: str
    docs: str
    checked: Mapping[str, str]
    """Package and version by language."""
    clients: tuple[Client, ...] = ()
    environment: tuple[Environment, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    dialect: Dialect = Dialect()
    packages: tuple[Package, ...] = ()


def parse(file: str, text: str) -> Library:
    """The library that a file describes. Raises `MigratorError` with file and line where the file is not as it must be."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise MigratorError(f"{file}:{at[1] if at else len(text.splitlines())}: not TOML: {error}") from None
    return _Reader(file, text).library(data)


class _Reader:
    """Turns one file's tables into records; knows the lines that its complaints are about."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.lines = file, text.splitlines()
        self.stem = file.rpartition("/")[2].removesuffix(".toml")

    def library(self, data: Mapping[str, Any]) -> Library:
        known = ("title", "docs", "checked", "client", "environment", "prefix", "dialect", "package")
        self._keys(data, known, "")
        library = Library(
            stem=self.stem,
            title=self._text(data, "title", ""),
            docs=self._text(data, "docs", ""),
            checked=self._checked(data),
            clients=tuple(self._client(row, f"client {i}") for i, row in self._rows(data, "client")),
            environment=tuple(self._environment(row, f"environment {i}") for i, row in self._rows(data, "environment")),
            prefixes=tuple(self._prefix(row, f"prefix {i}") for i, row in self._rows(data, "prefix")),
            dialect=self._dialect(data.get("dialect", {})),
            packages=tuple(self._package(row, f"package {i}") for i, row in self._rows(data, "package")),
        )
        if not library.docs.startswith("https://"):
            self._complain("docs: the address of a page, beginning with https://", "", "docs")
        callees = [*(row.callees for row in library.clients), *(row.callees for row in library.environment)]
        spoken = {language for names in callees for language in names}
        for language in sorted(spoken - library.checked.keys()):
            self._complain(f'checked: says no version for {language}; write {language} = "package 1.2.3"', "", "checked")
        return library

    # -- tables --------------------------------------------------------------------------------------------------------------------

    def _client(self, row: Mapping[str, Any], where: str) -> Client:
        self._keys(
            row,
            ("name", *LANGUAGES, "url", "key", "model", "mapping", "built_in", "advice", "called", "give", "exchange"),
            where,
        )
        callees = self._callees(row, where)
        client = Client(
            name=self._text(row, "name", where, default=self.stem),
            callees=callees,
            url=self._argument(row, "url", callees, where),
            key=self._argument(row, "key", callees, where),
            model=self._model(row, callees, where),
            mapping=self._flag(row, "mapping", where),
            built_in=self._text(row, "built_in", where, default=""),
            advice=self._text(row, "advice", where, default=""),
            called=self._text(row, "called", where, default=""),
            give=self._give(row["give"], f"{where}.give", callees) if "give" in row else None,
            exchange=self._exchange(row["exchange"], f"{where}.exchange", callees) if "exchange" in row else None,
        )
        if client.built_in not in ("", "openrouter"):
            self._complain(f"built_in: {client.built_in!r} is no gateway; there is: 'openrouter'", where, "built_in")
        if client.built_in and not client.advice:
            self._complain("advice: say what code with a built-in address would have to become", where, "built_in")
        for key, value in (("give", client.give), ("exchange", client.exchange)):
            if value is not None and not client.built_in:
                self._complain(f"{key}: has a meaning only where built_in is said", where, "built_in")
        for language, names in callees.items():
            if not client.built_in and not client.url.names.get(language):
                self._complain(f"url: has no name for {language}, and built_in is not given either", where, "url")
            if not client.built_in and any(name.endswith(".*") for name in names):
                self._complain(f"{language}: `package.*` has a meaning only where built_in is given", where, language)
        return client

    def _argument(self, row: Mapping[str, Any], key: str, callees: Iterable[str], where: str) -> Argument:
        if key not in row:
            return Argument()
        table = row[key]
        if not isinstance(table, dict):
            self._complain(f'{key}: a table like {{ python = "base_url", env = "OPENAI_BASE_URL" }}', where, key)
        self._keys(table, (*LANGUAGES, "at", "env"), where, key)
        names = {name: self._texts(table, name, where, key) for name in LANGUAGES if name in table}
        for language in names.keys() - set(callees):
            self._complain(f"{key}: names {language}, of which there are no callees here", where, key)
        at, env = table.get("at"), table.get("env")
        if at is not None and (not isinstance(at, int) or isinstance(at, bool) or at < 0):
            self._complain(f"{key}: at is a position, counted from 0", where, key)
        if env is not None and not (isinstance(env, str) and _VARIABLE.fullmatch(env)):
            self._complain(f"{key}: env is the name of a variable", where, key)
        return Argument(names=names, at=at, env=env)

    def _model(self, row: Mapping[str, Any], callees: Iterable[str], where: str) -> Model | None:
        if "model" not in row:
            return None
        table = row["model"]
        self._keys(table, (*LANGUAGES, "at", "prefix"), where, "model")
        prefix = self._text(table, "prefix", where, inside="model")
        argument = self._argument(
            {"model": {key: value for key, value in table.items() if key != "prefix"}}, "model", callees, where
        )
        return Model(names=argument.names, at=argument.at, prefix=prefix)

    def _give(self, table: Mapping[str, Any], where: str, callees: Mapping[str, tuple[str, ...]]) -> Give:
        texts = ("read", "arguments", "model")
        self._keys(table, ("maker", "instance", "extra", "refuse", "need", "imports", "plain", "empty", "bare", *texts), where)
        maker = self._text(table, "maker", where, default="")
        if maker and not any(maker in names for names in callees.values()):
            self._complain(f"maker: {maker} is no callee of this client", where, "maker")
        if "instance" in table and not maker:
            self._complain("instance: say the maker too, which a ready-made client is replaced by", where, "instance")
        imports = self._table(table, "imports", where)
        for key in ("imports", *texts):
            for language in self._table(table, key, where).keys() - set(callees):
                self._complain(f"{key}: names {language}, of which there are no callees here", where, key)
        return Give(
            maker=maker,
            instance=self._text(table, "instance", where, default="") or None,
            extra={key: self._text(self._table(table, "extra", where), key, where) for key in self._table(table, "extra", where)},
            refuse=self._texts(table, "refuse", where, default=()),
            imports={language: self._texts(imports, language, where, "imports") for language in imports},
            need=self._texts(table, "need", where, default=()),
            plain=self._texts(table, "plain", where, default=()),
            empty=self._flag(table, "empty", where),
            bare=self._flag(table, "bare", where),
            **{
                key: {name: self._text(rows, name, where) for name in rows}
                for key in texts
                for rows in [self._table(table, key, where)]
            },
        )

    def _exchange(self, table: Mapping[str, Any], where: str, callees: Mapping[str, tuple[str, ...]]) -> Exchange:
        texts = ("awaited", "key", "given", "prefix", "told", "within")
        lists = ("imports", "positional", "reply", "wider")
        maps = ("extra", "browser", "names")
        self._keys(table, ("old", "new", "needs", "drops", "arguments", "method", "empty", "closed", *texts, *lists, *maps), where)
        old = self._text(table, "old", where)
        language = next((name for name, names in callees.items() if old in names), "")
        if not language:
            self._complain(f"old: {old} is no callee of this client", where, "old")
        methods = table.get("method", [])
        if not isinstance(methods, list):
            self._complain("method: begin each one with [[client.exchange.method]]", where, "method")
        drops = self._text(table, "drops", where, default="")
        return Exchange(
            old=old,
            new=self._text(table, "new", where, default=old),
            packages=Packages(language=language, needs=self._text(table, "needs", where), drops=drops)
            if "needs" in table
            else None,
            empty=self._flag(table, "empty", where),
            closed=self._flag(table, "closed", where),
            methods=tuple(self._method(row, where) for row in methods),
            arguments=self._becoming(table, where),
            **{key: self._names(table, key, where) for key in maps},  # type: ignore[arg-type]
            **{key: self._text(table, key, where) for key in texts if key in table},  # type: ignore[arg-type]
            **{key: self._texts(table, key, where, default=()) for key in lists},  # type: ignore[arg-type]
        )

    def _method(self, row: Mapping[str, Any], where: str) -> Method:
        self._keys(row, ("old", "new", "awaited", "arguments", "extra", "streamed", "request"), where, "method")
        return Method(
            old=self._text(row, "old", where),
            new=self._text(row, "new", where, default=""),
            awaited=self._flag(row, "awaited", where),
            arguments=self._becoming(row, where),
            extra=self._names(row, "extra", where),
            streamed=self._names(row, "streamed", where),
            request=self._request(row["request"], where) if "request" in row else None,
        )

    def _request(self, table: Mapping[str, Any], where: str) -> Request:
        lists = ("wrapped", "keys", "beyond", "open", "deep")
        self._keys(table, lists, where, "request")
        return Request(**{key: self._texts(table, key, where, default=()) for key in lists})

    def _becoming(self, table: Mapping[str, Any], where: str) -> Mapping[str, str]:
        """What arguments become, by their names; a list of names means that they stay."""
        given = table.get("arguments", {})
        if isinstance(given, list):
            return {name: name for name in self._texts(table, "arguments", where)}
        rows = self._names(table, "arguments", where)
        for name, way in rows.items():
            head, _, tail = way.partition(" ")
            if name != "same" and tail and head not in WAYS:
                self._complain(f"arguments: {name} becomes a name, or one of {', '.join(WAYS)} and a name", where, name)
        same = {name: name for name in rows.get("same", "").split()}
        return same | {name: way for name, way in rows.items() if name != "same"}

    def _names(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
        names = self._table(table, key, where)
        return {name: self._text(names, name, where) for name in names}

    def _table(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            self._complain(f"{key}: a table is needed here", where, key)
        return value

    def _environment(self, row: Mapping[str, Any], where: str) -> Environment:
        self._keys(row, (*LANGUAGES, "mapping", "role", "variable", "default"), where)
        reader = Environment(
            callees=self._callees(row, where),
            mapping=self._text(row, "mapping", where, default=""),
            role=self._text(row, "role", where, default=""),
            variable=self._position(row, "variable", where) or 0,
            default=self._position(row, "default", where),
        )
        if bool(reader.mapping) == bool(reader.role):
            self._complain("give either mapping (a kind) or role (read, define, ask)", where, "mapping")
        if reader.role and reader.role not in ROLES:
            self._complain(f"role: {reader.role!r} is none of {', '.join(ROLES)}", where, "role")
        return reader

    def _prefix(self, row: Mapping[str, Any], where: str) -> Prefix:
        self._keys(row, ("calls", "separator"), where)
        return Prefix(calls=self._texts(row, "calls", where), separator=self._text(row, "separator", where))

    def _dialect(self, row: Mapping[str, Any]) -> Dialect:
        self._keys(row, ("tools", "endpoints"), "dialect")
        return Dialect(tools=self._text(row, "tools", "dialect", default=""), endpoints=self._names(row, "endpoints", "dialect"))

    def _package(self, row: Mapping[str, Any], where: str) -> Package:
        self._keys(row, ("name", "reads"), where)
        return Package(name=self._text(row, "name", where), reads=self._text(row, "reads", where))

    def _checked(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        checked = data.get("checked")
        if not isinstance(checked, dict) or not checked:
            self._complain('checked: a table like { python = "openai 3.57.0" }', "", "checked")
        for language, version in checked.items():
            if language not in LANGUAGES:
                self._complain(f"checked: {language!r} is none of {', '.join(LANGUAGES)}", "", "checked")
            if not isinstance(version, str) or not _VERSIONED.fullmatch(version):
                self._complain(f"checked: {version!r} is not a package and its version, like 'openai 3.57.0'", "", "checked")
        return dict(checked)

    # -- values --------------------------------------------------------------------------------------------------------------------

    def _rows(self, data: Mapping[str, Any], key: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
        rows = data.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._complain(f"{key}: begin each one with [[{key}]]", "", key)
        return enumerate(rows)

    def _callees(self, row: Mapping[str, Any], where: str) -> Mapping[str, tuple[str, ...]]:
        callees = {language: self._texts(row, language, where) for language in LANGUAGES if language in row}
        if not callees:
            self._complain(f"no callees: give a list under one of {', '.join(LANGUAGES)}", where, "")
        return callees

    def _keys(self, table: Mapping[str, Any], known: Sequence[str], where: str, key: str = "") -> None:
        if not isinstance(table, dict):
            self._complain("this must be a table", where, key)
        for name in table:
            if name not in known:
                self._complain(f"{name!r} is no key of this table; there are {', '.join(known)}", where, key or name)

    def _text(self, table: Mapping[str, Any], key: str, where: str, default: str | None = None, inside: str = "") -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or (key in table and not value.strip()):
            self._complain(f"{key}: a text that is not empty is needed here", where, inside or key)
        return value

    def _texts(
        self, table: Mapping[str, Any], key: str, where: str, inside: str = "", default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        if key not in table and default is not None:
            return default
        value = table.get(key)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(text, str) and text.strip() for text in values):
            self._complain(f"{key}: a text or a list of texts is needed here", where, inside or key)
        if len(set(values)) < len(values):
            self._complain(f"{key}: says the same twice", where, inside or key)
        return tuple(values)

    def _flag(self, table: Mapping[str, Any], key: str, where: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self._complain(f"{key}: true or false", where, key)
        return value

    def _position(self, table: Mapping[str, Any], key: str, where: str) -> int | None:
        value = table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            self._complain(f"{key}: a position, counted from 0", where, key)
        return value

    def _complain(self, message: str, where: str, key: str) -> NoReturn:
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

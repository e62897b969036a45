"""Settings that a framework reads from a file and gives out by a path of names: Spring's properties, Laravel's `config()`, .NET's `appsettings.json`.

`@Value("${openrouter.api.key}")` is whatever `application.properties` or `application.yml` gives that property, which may be a
reference to a variable; likewise `config('services.openrouter.key')` and `Configuration["OpenRouter:BaseUrl"]`. Where no file
of the tree gives the setting a value, it comes from outside, and nothing is guessed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.discover import path_kinds
from migrator.formats.config.env_entries import SPRING_FILE
from migrator.formats.tree import Arg, Attr, Call, EnvRef, Index, Item, Module, Name, Node, Obj, Param, Return, Str, children
from migrator.patterns import regex
from migrator.resolve.context import last_name, source_name
from migrator.resolve.environment import is_net_configuration
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope
from migrator.text.secrets import is_placeholder

_SPRING = regex(r"\$\{([\w.\-\[\]]+)(?::.*)?\}")
_HTTP_CLIENT_FILE = regex(r"(rest|http)-client\.env\.json")
"""Environments of JetBrains' HTTP client: those in the private file beside it, which is not shared, come first.
https://www.jetbrains.com/help/idea/exploring-http-syntax.html#example-working-with-environment-files
"""
_NET_FILE = regex(r"appsettings(\.\w+)?\.json")

Entries = list[tuple[Node, Scope]]


def is_overridden(path: str) -> bool:
    """Does a framework give what is set elsewhere (the environment, a secret store) precedence over the entries of a file?"""
    name = posixpath.basename(path)
    return any(file.fullmatch(name) for file in (SPRING_FILE, _NET_FILE, _HTTP_CLIENT_FILE))


def gives_settings_of_net(path: str) -> bool:
    """`appsettings.json`, `appsettings.Development.json`"""
    return _NET_FILE.fullmatch(posixpath.basename(path)) is not None


def shadowed_by(repository: Repository, path: str, node: Node | None) -> str:
    """The setting whose own variable is the one that its entry refers to; "" where there is none.

    Spring asks the environment for `openrouter.api-key` under `OPENROUTER_API_KEY` before it looks into a file. An entry of that name
    may then refer to another variable, and the old one still has precedence over it.
    https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding
    """
    if not isinstance(node, EnvRef) or not SPRING_FILE.fullmatch(posixpath.basename(path)):
        return ""
    file = repository.file(path)
    for root in file.module.body if file is not None else ():
        for steps, value in _leaves(root, ()):
            name = ".".join(steps)
            if any(part is node for part in _parts(value)) and node.name in variables_of(name):
                return name
    return ""


def variables_of(name: str) -> tuple[str, str]:
    """The variables under which Spring looks for a setting."""
    return re.sub(r"[.\-]", "_", name).upper(), name.replace("-", "").replace(".", "_").upper()


def _leaves(node: Node, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The entries of a file, each with the names that lead to it."""
    if not isinstance(node, Obj):
        yield steps, node
        return
    for item in node.items:
        if isinstance(item.key, Str):
            yield from _leaves(item.value, (*steps, item.key.value))


def _parts(node: Node | Arg | Item | Param) -> Iterator[Node | Arg | Item | Param]:
    yield node
    for child in children(node):
        yield from _parts(child)


def setting(repository: Repository, node: Node, scope: Scope) -> Entries | None:
    """The values that files give the setting that an expression reads, with their default; None where it reads no setting."""
    match scope.module().language:
        case "java" | "kotlin":
            return _spring(repository, node, scope)
        case "php":
            return _laravel(repository, node, scope)
        case "csharp":
            return _net(repository, node, scope)
        case _:
            return None


def _spring(repository: Repository, node: Node, scope: Scope) -> Entries | None:
    """https://docs.spring.io/spring-boot/reference/features/external-config.html"""
    match node:
        case Call(func=Name(id="Value"), args=(first, *rest)) if isinstance(text := first.value, Str):
            match = _SPRING.fullmatch(text.value)
            if match is None:
                return None
            values = _given(repository, scope, SPRING_FILE, match[1].split("."))
            return [*values, *((arg.value, scope) for arg in rest)]
        case Call(func=Attr(name="getProperty", base=base), args=(first, *rest)) if isinstance(text := first.value, Str):
            if source_name(base) == "System":
                return None
            values = _given(repository, scope, SPRING_FILE, text.value.split("."))
            return [*values, *((arg.value, scope) for arg in rest)]
        case _:
            return None


def setting_name(node: Node, scope: Scope) -> str:
    """The name of the setting that an expression asks Spring or .NET for; "" for anything else."""
    language = scope.module().language
    match node:
        case Call(func=Name(id="Value"), args=(first, *_)) if language in ("java", "kotlin") and isinstance(
            text := first.value, Str
        ):
            match = _SPRING.fullmatch(text.value)
            return match[1] if match else ""
        case Call(func=Attr(name="getProperty" | "getRequiredProperty", base=base), args=(first, *_)) if (
            language in ("java", "kotlin") and isinstance(text := first.value, Str) and source_name(base) != "System"
        ):
            return text.value
        case Index(base=base, key=Str(value=path)) if language == "csharp" and is_net_configuration(base):
            return ":".join([*_section(base), path])
        case Call(func=Attr(name="GetValue", base=base), args=(first, *_)) if (
            language == "csharp" and isinstance(first.value, Str) and is_net_configuration(base)
        ):
            return ":".join([*_section(base), first.value.value])
        case _:
            return ""


def spring_setting(node: Node) -> str:
    """The name that `@Value("${openrouter.api.key}")` asks Spring for; "" for anything else."""
    match node:
        case Call(func=Name(id="Value"), args=(first, *_)) if isinstance(text := first.value, Str):
            match = _SPRING.fullmatch(text.value)
            return f"the setting {match[1]}" if match else ""
        case _:
            return ""


def _net(repository: Repository, node: Node, scope: Scope) -> Entries | None:
    """https://learn.microsoft.com/en-us/dotnet/core/extensions/configuration"""
    match node:
        case Index(base=base, key=Str(value=path)) if is_net_configuration(base):
            return _given(repository, scope, _NET_FILE, [*_section(base), *path.split(":")])
        case Call(func=Attr(name="GetValue", base=base), args=(first, *rest)) if isinstance(
            first.value, Str
        ) and is_net_configuration(base):
            values = _given(repository, scope, _NET_FILE, [*_section(base), *first.value.value.split(":")])
            return [*values, *((arg.value, scope) for arg in rest)]
        case _:
            return None


def _section(base: Node) -> list[str]:
    """The path of `configuration.GetSection("A:B")`."""
    match base:
        case Call(func=Attr(name="GetSection" | "GetRequiredSection"), args=(first, *_)) if isinstance(first.value, Str):
            return first.value.value.split(":")
        case _:
            return []


def given_by_files(repository: Repository, scope: Scope, name: str) -> Entries:
    """What files of .NET's settings give `OpenRouter:BaseUrl`."""
    return _given(repository, scope, _NET_FILE, name.split(":"))


def _laravel(repository: Repository, node: Node, scope: Scope) -> Entries | None:
    """https://laravel.com/docs/12.x/configuration"""
    if not (isinstance(node, Call) and last_name(node.func) in ("config", "get") and node.args):
        return None
    if last_name(node.func) == "get" and source_name(node.func) not in ("Config.get", "config.get"):
        return None
    first = node.args[0].value
    if not isinstance(first, Str) or "." not in first.value:
        return None
    name, *path = first.value.split(".")
    values = _given(repository, scope, re.compile(re.escape(f"{name}.php")), path)
    return [*values, *((arg.value, scope) for arg in node.args[1:2])]


def _given(repository: Repository, scope: Scope, name: re.Pattern[str], path: list[str]) -> Entries:
    """What the nearest files of that name give a setting."""
    wanted = [_plain(part) for part in path]
    key = ("settings", name.pattern, scope.path)
    if key not in repository.known:
        files = [
            file for file in sorted(repository.paths) if name.fullmatch(posixpath.basename(file)) and not path_kinds.is_test(file)
        ]
        near = max((len(posixpath.commonpath((file, scope.path))) for file in files), default=0)
        repository.known[key] = [file for file in files if len(posixpath.commonpath((file, scope.path))) == near]
    values: Entries = []
    for file in repository.known[key]:
        parsed = repository.file(file)
        if parsed is not None:
            values += [(node, parsed.scopes.root) for node in _under(parsed.module, wanted) if not _empty(node)]
    return values


def entries_of_net(repository: Repository, name: str) -> Iterator[tuple[str, Node]]:
    """The entries for a setting of .NET, `OpenRouter:ApiKey`, in files of settings and in those that show how one looks: path, value."""
    wanted = [_plain(part) for part in name.split(":")]
    for path in sorted(repository.paths):
        if NET_FILES.fullmatch(posixpath.basename(path)) and (file := repository.file(path)) is not None:
            yield from ((path, node) for node in _under(file.module, wanted))


NET_FILES = regex(r"appsettings(\.\w+)*\.json(\.\w+)?|secrets\.json", re.IGNORECASE)
"""Files of settings, those of one environment and of one machine, and samples of them."""


def _empty(node: Node) -> bool:
    """An entry that only shows where the value goes: it comes from a variable or a store outside of the tree."""
    return isinstance(node, Str) and (not node.value.strip() or is_placeholder(node.value))


def _plain(name: str) -> str:
    """A name without what relaxed binding does not look at: `base-url`, `baseUrl`, `base_url`."""
    return re.sub(r"[-_]", "", name).lower()


def _under(module: Module, path: list[str]) -> Iterator[Node]:
    for node in module.body:
        root = node.value if isinstance(node, Return) else node
        if isinstance(root, Obj):
            yield from _entries(root, path)


def _entries(obj: Obj, path: list[str]) -> Iterator[Node]:
    for item in obj.items:
        yield from _entry(item, path)


def _entry(item: Item, path: list[str]) -> Iterator[Node]:
    if not isinstance(item.key, Str):
        return
    steps = [_plain(step) for step in re.split(r"[.:]", item.key.value)]
    if path[: len(steps)] != steps:
        return
    rest = path[len(steps) :]
    if not rest:
        yield item.value
    elif isinstance(item.value, Obj):
        yield from _entries(item.value, rest)

"""Values that a framework hands from its configuration file to the program: Expo's `extra`, Nuxt's `runtimeConfig`.

https://docs.expo.dev/versions/latest/sdk/constants/ and https://nuxt.com/docs/guide/going-further/runtime-config
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from migrator.formats.tree import Attr, Call, Index, Name, Node
from migrator.patterns import regex
from migrator.resolve.exports import exported
from migrator.resolve.follow.question import Question
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope, dotted

_EXTRA = regex(r"expo-constants(?:\.default)?\.(?:expoConfig|manifest2?)\.extra\.(\w+)")
_ENDINGS = ("js", "ts", "mjs", "cjs", "mts")
_FRAMEWORKS = {"app.config": (("extra",), ("expo", "extra")), "nuxt.config": (("runtimeConfig",),)}
"""Names of configuration files, and where in their export the values stand that programs ask for."""


def configured_values(question: Question, node: Attr | Index, scope: Scope) -> Iterable[Value]:
    """The values of such a property; empty for anything else, and where the configuration is not to be found or not followed."""
    asked = _asked(node, scope) if isinstance(node, Attr) else None
    if asked is None:
        return ()
    stem, names = asked
    if stem == "nuxt.config" and any(_overriding(names) in file.source.text for file in question.repository.files.values()):
        return ()
    values: list[Value] = []
    for path in _configurations(question.repository, scope.path, stem):
        for binding in exported(question.repository, path, "default"):
            if binding.value is not None:
                value = _given(binding.value)
                for way in _FRAMEWORKS[stem]:
                    values += question.follow(_property(question, value, (*way, *names)), binding.scope)
    return [value for value in values if value.kind not in (Kind.ABSENT, Kind.UNKNOWN)]


def _asked(node: Attr, scope: Scope) -> tuple[str, tuple[str, ...]] | None:
    """Which file a property comes from, and its names there: `Constants.expoConfig.extra.a`, `useRuntimeConfig().public.a`."""
    if isinstance(node.base, Attr) and node.base.name == "extra":
        match = _EXTRA.fullmatch(dotted(node, scope) or "")
        return ("app.config", (match[1],)) if match is not None else None
    names: list[str] = []
    part: Node = node
    while isinstance(part, Attr) and len(names) < 4:
        names.insert(0, part.name)
        part = part.base
    return ("nuxt.config", tuple(names)) if _is_runtime_config(part, scope) else None


def _overriding(names: tuple[str, ...]) -> str:
    """The variable whose value Nuxt puts in place of a property: `NUXT_OPENROUTER_API_KEY` of `openrouterApiKey`."""
    return "_".join(["NUXT", *(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper() for name in names)])


def _is_runtime_config(node: Node, scope: Scope) -> bool:
    """`useRuntimeConfig(event)`, or the constant that is given it."""
    match node:
        case Call(func=Name(id="useRuntimeConfig")):
            return True
        case Name(id=name):
            values = [binding.value for binding in scope.lookup(name)]
            return bool(values) and all(isinstance(value, Call) and _is_runtime_config(value, scope) for value in values)
        case _:
            return False


def _given(value: Node) -> Node:
    """The object of `export default defineNuxtConfig({ … })`."""
    if isinstance(value, Call) and len(value.args) == 1 and isinstance(value.func, Name) and value.func.id.startswith("define"):
        return value.args[0].value
    return value


def _property(question: Question, value: Node, way: tuple[str, ...]) -> Node:
    def build() -> Node:
        taken = value
        for name in way:
            taken = Attr(value.span, taken, name, value.span)
        return taken

    return question.made(value, build, ".".join(way))


def _configurations(repository: Repository, path: str, stem: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while True:
        names = (posixpath.join(folder, f"{stem}.{ending}") for ending in _ENDINGS)
        yield from (name for name in names if name in repository.paths)
        if not folder:
            return
        folder = posixpath.dirname(folder)

"""JavaScript and TypeScript: options put into a call, ready-made clients that become made ones, and how the key is read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from migrator.analysis.hidden_clients.model import Analysed
from migrator.catalog import renamed
from migrator.formats.tree import Call, Import, Obj
from migrator.integrations.schema import READS, Client
from migrator.model import Edit, Span

if TYPE_CHECKING:
    from migrator.resolve.repository import ParsedFile


def quoted(text: str, source: str) -> str:
    """A piece of source with the quotes that the file uses most."""
    return source.replace('"', quote(text))


def insert(path: str, text: str, call: Call, pairs: list[tuple[str, str]]) -> tuple[Edit, ...]:
    """Edits that put options into the object that a call is given, or give it one."""
    obj = call.args[0].value if call.args else None
    return (_into(path, text, obj, pairs) if isinstance(obj, Obj) else _whole(path, text, call, pairs),)


def into(path: str, text: str, obj: Obj, pairs: list[tuple[str, str]]) -> tuple[Edit, ...]:
    """Edits that put options into an object."""
    return (_into(path, text, obj, pairs),)


def reader(analysis: Analysed, file: ParsedFile, row: Client, *, at_load: bool) -> str | tuple[str]:
    """How the new key is read; "" where the library goes on reading it by itself, a reason in a tuple where that is not exact."""
    assert row.key.env is not None
    if analysis.kept(row.key.env):
        return ""
    name = renamed(row.key.env, analysis.target.key_env)
    assert name is not None  # the library's own variable is one of OpenRouter's: `tests/test_integrations.py`
    manifests = [
        text for path, text in analysis.manifests if path.endswith("package.json") and file.path.startswith(posixpath.dirname(path))
    ]
    manifests += [
        far.source.text for path in _manifests(analysis, file.path) if (far := analysis.repository.file(path)) is not None
    ]
    loads = any(isinstance(node, Import) and node.module == "dotenv/config" for node in file.module.body)
    if at_load and not loads and any(re.search(r'"dotenv(-\w+)?"\s*:', text) for text in manifests):
        return ("the library reads the key when it is used, and dotenv may fill the environment only after this module is loaded",)
    typed = file.path.endswith((".ts", ".tsx", ".mts", ".cts"))
    known = any(re.search(r'"(@types/node|next|@types/bun|bun-types|@nestjs/core)"\s*:', text) for text in manifests)
    if typed and not known and not any("process.env" in other.source.text for other in analysis.repository.files.values()):
        return ("nothing here says that `process.env` is known to the type checker",)
    read = row.give.read if row.give is not None else {}
    return quoted(file.source.text, read.get("ecma", READS["ecma"]).replace("$name", name))


def _manifests(analysis: Analysed, path: str) -> Iterable[str]:
    folder = posixpath.dirname(path)
    while True:
        if (candidate := posixpath.join(folder, "package.json")) in analysis.repository.paths:
            yield candidate
        if not folder:
            return
        folder = posixpath.dirname(folder)


@lru_cache(8)
def quote(text: str) -> str:
    """The quotes that the file uses most."""
    return "'" if text.count("'") > text.count('"') else '"'


def written(pairs: Iterable[tuple[str, str]]) -> str:
    """An object of options, on one line."""
    return "{ " + ", ".join(f"{name}: {value}" for name, value in pairs) + " }"


def _whole(path: str, text: str, call: Call, pairs: list[tuple[str, str]]) -> Edit:
    before = text[call.span.start : call.close]
    at = call.close - (len(before) - len(before.rstrip()))
    return Edit(path=path, span=Span(at, call.close), old=text[at : call.close], new=written(pairs))


def _into(path: str, text: str, obj: Obj, pairs: list[tuple[str, str]]) -> Edit:
    """The options in front of those that are there, laid out as they are."""
    start = obj.span.start + 1
    inside = text[start : obj.span.end - 1]
    lines = [f"{name}: {value}" for name, value in pairs]
    if not inside.strip():
        return Edit(path=path, span=Span(start, obj.span.end - 1), old=inside, new=f" {', '.join(lines)} ")
    gap = inside[: len(inside) - len(inside.lstrip())]
    if "\n" in gap:
        new = "".join(f"{gap}{line}," for line in lines)
    elif gap:
        new = f"{gap}{', '.join(lines)},"
    else:
        new = f"{', '.join(lines)}, "
    return Edit(path=path, span=Span(start, start), old="", new=new)

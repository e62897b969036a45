"""Bodies in shell scripts: JSON that is handed to curl as a word, in a here-document or in a file of the tree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.formats.tree import Arg, Call, Item, Join, Node, Obj, Param, Str, children
from migrator.resolve.context import NodePath
from migrator.routing.find.embedded import embedded
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.search import Search
from migrator.routing.find.site import Carrier

_TEXTS = re.compile(r"[\"'`]\s*\{\s*\\?\"")
"""A text that begins like JSON, in the source of a program."""
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")


def look_at_script(search: Search) -> None:
    """Every string of a script that is a JSON object, and every file that curl sends."""
    root = search.file.scopes.root
    search.embedded = True
    for node in search.file.module.body:
        for word in _strings(node):
            body = embedded(word, search.text)
            if body is not None:
                search.given[id(body)] = (Carrier.JSON_BODY, "curl")
                look_at_object(search, NodePath(body, None, root))
    search.embedded = False
    for node in search.file.module.body:
        for name in _files(node):
            _look_at_file(search, name)


def look_at_texts(search: Search) -> None:
    """Every string of a program that is a request body in JSON."""
    if not _TEXTS.search(search.text):
        return
    root = search.file.scopes.root
    search.embedded = True
    for node in search.file.module.body:
        for word in _strings(node):
            body = embedded(word, search.text)
            if body is not None and any(
                isinstance(item.key, Str) and item.key.value in ("model", "messages") for item in body.items
            ):
                search.given[id(body)] = (Carrier.JSON_BODY, "")
                look_at_object(search, NodePath(body, None, root))
    search.embedded = False


def _strings(node: Node | Arg | Item | Param) -> Iterator[Node]:
    """Every string, also those inside of `$(…)` in another one."""
    if isinstance(node, Str | Join):
        yield node
    for part in children(node):
        if not isinstance(node, Join) or not isinstance(part, Str):
            yield from _strings(part)


def _files(node: Node | Arg | Item | Param) -> Iterator[str]:
    """Names of files after `-d @`."""
    if isinstance(node, Call):
        words = [arg.value.value if isinstance(arg.value, Str) else "" for arg in node.args]
        for at, word in enumerate(words):
            option, _, joined = word.partition("=")
            value = joined if option in _DATA and joined else words[at + 1] if word in _DATA and at + 1 < len(words) else ""
            if value.startswith("@") and value != "@-":
                yield value[1:]
    for part in children(node):
        yield from _files(part)


def _look_at_file(search: Search, name: str) -> None:
    """A JSON file that is a body; looked for beside the script and from the root of the tree."""
    for path in (posixpath.normpath(posixpath.join(posixpath.dirname(search.file.path), name)), posixpath.normpath(name)):
        other = search.repository.file(path)
        body = next((part for part in other.module.body if isinstance(part, Obj)), None) if other is not None else None
        if other is not None and body is not None:
            there = Search(search.repository, other)
            there.given[id(body)] = (Carrier.JSON_BODY, "curl")
            look_at_object(there, NodePath(body, None, other.scopes.root))
            search.sites += there.sites
            return

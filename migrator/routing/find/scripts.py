"""Bodies in shell scripts: JSON that is handed to curl as a word, in a here-document or in a file of the tree, and what `jq` makes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.formats.tree import Arg, Call, Item, Join, Node, Obj, Param, Str, calls_in, children
from migrator.patterns import regex
from migrator.resolve.context import NodePath
from migrator.routing.find.embedded import embedded
from migrator.routing.find.jq import constructed, file_with_program, programs, touches
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.search import Search
from migrator.routing.find.site import Carrier, Entry
from migrator.routing.find.site_parts import add_site
from migrator.routing.model import Settings, Unknown

_TEXTS = regex(r"[\"'`]\s*\{\s*\\?\"")
"""A text that begins like JSON, in the source of a program."""
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")


def look_at_script(search: Search) -> None:
    """Every string of a script that is a JSON object, and every file that curl sends."""
    root = search.file.scopes.root
    for kind, words_of, read in (("jq", _jq_programs, constructed), ("json", _strings, embedded)):
        search.embedded = kind
        for node in search.file.module.body:
            for body in (read(word, search.text) for word in words_of(node)):
                if body is not None:
                    search.given[id(body)] = (Carrier.JSON_BODY, "curl")
                    look_at_object(search, NodePath(body, None, root))
    search.embedded = ""
    for node in search.file.module.body:
        for name, sent in _files(node):
            _look_at_file(search, name, sent=sent)
        for call in calls_in(node):
            _look_at_program_file(search, call)


def filtered(search: Search) -> str:
    """Where a script reads or changes options of a body with `jq`; "" where it does not."""
    for node in search.file.module.body:
        for word in _jq_programs(node):
            if touches(word, search.text):
                return f"line {search.file.lines.line(word.span.start)} of {search.file.path} reads or changes options of the body with jq"
    return ""


def look_at_texts(search: Search) -> None:
    """Every string of a program that is a request body in JSON."""
    if not _TEXTS.search(search.text):
        return
    root = search.file.scopes.root
    search.embedded = "json"
    for node in search.file.module.body:
        for word in _strings(node):
            body = embedded(word, search.text)
            if body is not None and any(
                isinstance(item.key, Str) and item.key.value in ("model", "messages") for item in body.items
            ):
                search.given[id(body)] = (Carrier.JSON_BODY, "")
                look_at_object(search, NodePath(body, None, root))
    search.embedded = ""


def _jq_programs(node: Node) -> Iterator[Node]:
    for call in calls_in(node):
        yield from programs(call)


def _look_at_program_file(search: Search, call: Call) -> None:
    """`jq -n -f body.jq`: what the program puts into the body is not in view."""
    word = file_with_program(call)
    if word is not None:
        words = f"jq {search.text[word.span.start : word.span.end]}"
        entry = Entry(name="provider", span=word.span, key=None, value=word, literal=False)
        settings = Settings(model=Unknown("given elsewhere"), options={"provider": Unknown(words)})
        at = NodePath(call, None, search.file.scopes.root)
        add_site(search, at, call, Carrier.JSON_BODY, "curl", None, [entry], settings)


def _strings(node: Node | Arg | Item | Param) -> Iterator[Node]:
    """Every string, also those inside of `$(…)` in another one."""
    if isinstance(node, Str | Join):
        yield node
    for part in children(node):
        if not isinstance(node, Join) or not isinstance(part, Str):
            yield from _strings(part)


def _files(node: Node | Arg | Item | Param) -> Iterator[tuple[str, bool]]:
    """Names of files after `-d @`, with True; of other JSON files that a command reads (`jq . body.json`, `< body.json`), with False."""
    for call in calls_in(node):
        words = [arg.value.value if isinstance(arg.value, Str) and (arg.name or "<") == "<" else "" for arg in call.args]
        for at, word in enumerate(words):
            option, _, joined = word.partition("=")
            value = joined if option in _DATA and joined else words[at + 1] if word in _DATA and at + 1 < len(words) else ""
            if value.startswith("@") and value != "@-":
                yield value[1:], True
            elif word.endswith(".json"):
                yield word, False


def _look_at_file(search: Search, name: str, *, sent: bool) -> None:
    """A JSON file that is a body; looked for beside the script and from the root of the tree. `sent`: curl sends it as it is."""
    for path in (posixpath.normpath(posixpath.join(posixpath.dirname(search.file.path), name)), posixpath.normpath(name)):
        other = search.repository.file(path)
        body = next((part for part in other.module.body if isinstance(part, Obj)), None) if other is not None else None
        keys = {item.key.value for item in body.items if isinstance(item.key, Str)} if body is not None else set()
        if other is not None and body is not None and (sent or "messages" in keys):
            there = Search(search.repository, other)
            there.given[id(body)] = (Carrier.JSON_BODY, "curl")
            look_at_object(there, NodePath(body, None, other.scopes.root))
            for site in there.sites:
                site.callers = frozenset((*site.callers, search.file.path))
            search.sites += there.sites
            return

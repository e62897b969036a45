"""Functions of the program that are given the one which sends a request, and add headers of their own: `send(requests.post, url, json=…)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.facts.model import ClientFact
from migrator.formats.tree import Arg, Call, Func, Item, Name, Node, Obj, Param, Str, children
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.definitions import functions
from migrator.resolve.scopes import Scope

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_HEADERS = regex(r"(?i)headers|authorization|\bauth\b")


def with_added_headers(walk: Walk, node: Call, fact: ClientFact) -> ClientFact:
    """A request with the headers that the function `node` calls puts in; with a key that cannot be followed where it does so in another way."""
    for func, inner in functions(walk.repository, node.func, fact.node_path.scope):
        given = list(_headers(func))
        if len(given) == 1:
            return replace(fact, headers=given[0], headers_scope=inner)
        if given or _HEADERS.search(_text(walk, func, inner)):
            return replace(fact, key=node.func, key_scope=fact.node_path.scope)
    return fact


def _headers(func: Func) -> Iterator[Node]:
    """What the function gives as `headers` to the function that it was given."""
    names = {param.name for param in func.params}
    stack: list[Node | Arg | Item | Param] = list(func.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and isinstance(node.func, Name) and node.func.id in names:
            for arg in node.args:
                if arg.name == "headers":
                    yield arg.value
                elif isinstance(arg.value, Obj):
                    yield from (i.value for i in arg.value.items if isinstance(i.key, Str) and i.key.value == "headers")
        stack += children(node)


def _text(walk: Walk, func: Func, inner: Scope) -> str:
    """The body of a function; what it hands on under the name of its own parameter adds nothing."""
    file = walk.repository.files.get(inner.path)
    return file.source.text[func.body[0].span.start : func.span.end] if file is not None and func.body else ""

"""Calls into libraries that are given OpenRouter's key and no address: where they send it cannot be seen here.

`completion(model=model, api_key=key)` goes to OpenRouter where the model says so, and `LLM(api_key=key)` of a package that nobody described may
have the host built in. The new key must not be given to them, so each goes on with the old variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.detach import read_again
from migrator.analysis.model import Detachment, StayingReader
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import Facts
from migrator.formats.tree import Attr, Call, Item, Name, Node, Obj, Str
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.context import NodePath, is_message_call, last_name
from migrator.resolve.modules import is_local
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.scopes import Scope, dotted

_KEY = regex(r"(?:(?:open_?router|openai|llm)_?)?(?:api_?key|api_?token|auth_?token|key|token)", re.IGNORECASE)
_ADDRESS = regex(r"url|base|endpoint|host|api_base|provider|proxy", re.IGNORECASE)
_CONTAINERS = frozenset(
    {
        "SimpleNamespace",
        "Namespace",
        "replace",
        "Box",
        "Munch",
        "DictConfig",
        "create",
        "partial",
        "update",
        "setenv",
        "dict",
        "Field",
    }
)
"""Callees that only keep what they are given."""


def handed_keys(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """The variables that such calls of one file are given, with where they are read for them."""
    for client in analysis.explicits.open:
        if client.path == facts.path and client.key is not None:
            scope = client.key_scope or client.node_path.scope
            reason = f"{last_name(client.call.func)}() is given the key, and its model may be one that it asks OpenRouter for"
            yield from readers_of(analysis, facts.path, client.call, client.key, scope, reason)
    known = {id(client.call) for client in facts.clients} | {id(addition.call) for addition in analysis.explicits.additions}
    spoken_for = {mark.span for mark in facts.marks if mark.node is not None}
    for step in facts.calls if analysis.language(facts.path) in PROGRAMS else ():
        call = step.node
        keys = _keys(call, step.scope) if isinstance(call, Call) else ()
        if not keys or not isinstance(call, Call) or id(call) in known or call.span in spoken_for:
            continue
        for value, scope in keys if _is_library(analysis, call, step) else ():
            reason = f"{last_name(call.func)}() is given the key and no address, and where it sends the key is not known here"
            yield from readers_of(analysis, facts.path, call, value, scope, reason)


def readers_of(analysis: Analysis, path: str, call: Call, key: Node, scope: Scope, reason: str) -> Iterator[StayingReader]:
    """The variables that a value which a call is given comes from."""
    ways = origins(analysis.repository, key, scope)
    for source in key_sources(analysis.repository, analysis.callers, ways):
        if source.kind is not SourceKind.VARIABLE:
            continue
        readings = tuple(analysis.readings(source.name, source.path, source.node))
        by_itself = _read_for_itself(analysis, call, key, scope, ways)
        yield StayingReader(name=source.name, path=path, offset=call.span.start, because=reason, readings=readings, own=by_itself)


def _read_for_itself(analysis: Analysis, call: Call, key: Node, scope: Scope, ways: tuple[Origin, ...]) -> Detachment | None:
    """`LLM(api_key=KEY)` as `LLM(api_key=os.environ["X"])`; None where the name may stand for more, or for less, than one read."""
    inside = call.span.start <= key.span.start and key.span.end <= call.span.end
    shorthand = any(item.shorthand and item.value is key for arg in call.args for item in _entries(arg.value))
    if not isinstance(key, Name | Attr) or not inside or shorthand or len(ways) != 1 or ways[0].kind is not From.ENV:
        return None
    again = read_again(analysis, scope.path, scope, key.span, ways[0])
    return replace(again, message="this call keeps OpenRouter's key", because="where it sends it is not known") if again else None


def _entries(node: Node) -> tuple[Item, ...]:
    return node.items if isinstance(node, Obj) else ()


def _is_library(analysis: Analysis, call: Call, step: NodePath) -> bool:
    """Does the callee come from a package outside this tree, by an import that stands in the file?"""
    word = last_name(call.func)
    if not call.args or word in _CONTAINERS or is_message_call(call) or not _imported(call.func, step.scope):
        return False
    name = dotted(call.func, step.scope)
    return (
        name is not None
        and "()" not in name
        and not name.startswith((".", "/", "@/", "~", "$", "#"))
        and not is_local(analysis.repository, name, step.scope.path)
    )


def _imported(func: Node, scope: Scope) -> bool:
    while isinstance(func, Attr):
        func = func.base
    return isinstance(func, Name) and any(binding.imported is not None for binding in scope.lookup(func.id))


def _keys(call: Call, scope: Scope) -> list[tuple[Node, Scope]]:
    """Arguments and entries of options that are called a key; none where anything beside them may be an address."""
    if not any(arg.name is not None or isinstance(arg.value, Obj) for arg in call.args):
        return []
    items: list[tuple[str, Node]] = [(arg.name, arg.value) for arg in call.args if arg.name is not None]
    for arg in call.args:
        if arg.star:
            return []
        items += [(_word(item), item.value) for item in _entries(arg.value)]
    if any(not name or _ADDRESS.search(name) for name, _ in items):
        return []
    return [(value, scope) for name, value in items if _KEY.fullmatch(name) and not name.isupper()]


def _word(item: Item) -> str:
    return item.key.value if isinstance(item.key, Str) else ""

"""What the value of a key says by itself: is it OpenRouter's option, or only the same word?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from migrator.catalog import table
from migrator.formats.tree import Alt, Attr, Call, Const, Index, Join, Name, Node, Obj, Other, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import source_name
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope
from migrator.routing import model_ids
from migrator.routing.find import values

PREFERENCES = frozenset(
    {
        "order", "only", "ignore", "allow_fallbacks", "require_parameters", "data_collection", "zdr", "sort", "quantizations", "max_price",
        "enforce_distillable_text", "preferred_min_throughput", "preferred_max_latency",
    }
)  # fmt: skip
DISTINCT = PREFERENCES - {"order", "only", "ignore", "sort"}
"""Preferences whose name alone says that the object is OpenRouter's."""
_POLICY_VALUE = regex(r"pref|routing|polic|order|(provider|route)_?(opt|conf|setting|param|rule)", re.IGNORECASE)
_LITERAL_ONLY = frozenset({"preset", "tools", "usage", "trace", "reasoning", "route", "session_id"})
"""Words so common that only a value of the right shape makes them an option."""


class Shape(IntEnum):
    """How much the value of a key says by itself."""

    NO = 0
    STRICT = 1
    """Counts where the whole request is in view or the way to it is."""
    REQUEST = 2
    """Counts in anything that looks like a request body."""
    CERTAIN = 3


def shape(name: str, node: Node, scope: Scope, repository: Repository) -> Shape:
    """How much the value of a key says."""
    return _shape(name, node, scope, repository, set())


def _shape(name: str, node: Node, scope: Scope, repository: Repository, visited: set[tuple[str, Span]]) -> Shape:
    """`shape`, with the expressions that names have led to: a name made from itself (`models = models or more`) leads back to one."""
    match node:
        case Name(id=word) if name == "provider" and any(
            isinstance(binding.value, Call) and _makes_client(binding.value) for binding in scope.lookup(word)
        ):
            return Shape.NO
        case Name() | Attr():
            ends = values.follow(node, scope, repository)
            if ends and not isinstance(ends[0][0], Name | Attr):
                fresh = [(value, inner) for value, inner in ends if (inner.path, value.span) not in visited]
                visited.update((inner.path, value.span) for value, inner in fresh)
                seen = max((_shape(name, value, inner, repository, visited) for value, inner in fresh), default=Shape.NO)
                return min(seen, Shape.REQUEST) if seen else Shape.NO if isinstance(ends[0][0], Str | Const) else Shape.STRICT
            if name == "include_reasoning" or (name == "provider" and _POLICY_VALUE.search(source_name(node))):
                return Shape.REQUEST
            return Shape.NO if name in _LITERAL_ONLY and name != "reasoning" else Shape.STRICT
        case Alt(parts=parts):
            return max((_shape(name, part, scope, repository, visited) for part in parts), default=Shape.NO)
        case Const():
            return Shape.REQUEST if name == "include_reasoning" else Shape.NO
        case Call() if (shown := values.display(node)) is not None:
            return _literal(name, shown)
        case Call() if name == "provider" and _makes_client(node):
            return Shape.NO
        case Obj(items=items) if name == "provider" and any(item.key is None for item in items):
            return _spread_policy(node, scope, repository)
        case Call() | Index() | Join() | Other():
            if isinstance(node, Call) and source_name(node.func).split(".")[0] in (
                "z",
                "Field",
                "field",
                "t",
                "v",
                "Type",
                "Column",
            ):
                return Shape.NO
            followed = [pair for pair in values.literals(node, scope, repository) if (pair[1].path, pair[0].span) not in visited]
            if followed:
                visited.update((inner.path, value.span) for value, inner in followed)
                seen = max(_shape(name, value, inner, repository, visited) for value, inner in followed)
                return min(seen, Shape.REQUEST) if seen else Shape.NO if isinstance(followed[0][0], Str | Const) else Shape.STRICT
            return Shape.STRICT if name not in _LITERAL_ONLY else Shape.NO
        case _:
            return _literal(name, node)


def _spread_policy(node: Obj, scope: Scope, repository: Repository) -> Shape:
    """A provider object that is put together from others: `{**BASE, "only": [...]}`."""
    spread = [item.value for item in node.items if item.key is None]
    parts = [part for value in spread for part, _ in values.follow(value, scope, repository) if isinstance(part, Obj)]
    weight = max(policy(part) for part in (node, *parts))
    keys = {values.wire_name(item.key.value) for part in (node, *parts) for item in part.items if isinstance(item.key, Str)}
    return Shape.CERTAIN if weight is Shape.REQUEST and keys <= PREFERENCES else max(weight, Shape.STRICT)


def _literal(name: str, node: Node) -> Shape:
    keys = (
        {values.wire_name(item.key.value) for item in node.items if isinstance(item.key, Str)} if isinstance(node, Obj) else set()
    )
    items = node.items if isinstance(node, Seq) else ()
    match name:
        case "provider" if isinstance(node, Obj):
            weight = policy(node) if node.items else Shape.STRICT
            return Shape.CERTAIN if weight is Shape.REQUEST and keys <= PREFERENCES else weight
        case "models" if isinstance(node, Seq):
            return _models(items)
        case "route" if isinstance(node, Str):
            return Shape.REQUEST if node.value in ("fallback", "sort") else Shape.NO
        case "transforms" if isinstance(node, Seq):
            return (
                Shape.CERTAIN
                if any(isinstance(part, Str) and part.value == "middle-out" for part in items)
                else Shape.REQUEST
                if not items
                else Shape.NO
            )
        case "plugins" if isinstance(node, Seq):
            names = [at_key(part, "id") for part in items if isinstance(part, Obj)]
            if any(isinstance(entry, Str) and entry.value in table("routing")["plugins"] for entry in names):
                return Shape.CERTAIN
            return Shape.REQUEST if names and all(names) else Shape.STRICT if not items else Shape.NO
        case "reasoning" if isinstance(node, Obj):
            return Shape.REQUEST if keys and keys <= set(table("routing")["reasoning"]["keys"]) else Shape.NO
        case "usage" if isinstance(node, Obj):
            return Shape.CERTAIN if keys == {"include"} else Shape.NO
        case "preset" if isinstance(node, Str):
            return Shape.STRICT
        case "fallbacks" if isinstance(node, Seq):
            return Shape.STRICT if items and all(isinstance(part, Obj) and at_key(part, "model") for part in items) else Shape.NO
        case "session_id" if isinstance(node, Str):
            return Shape.STRICT
        case "trace" | "image_config" if isinstance(node, Obj):
            return Shape.STRICT
        case "stop_server_tools_when" if isinstance(node, Seq):
            return Shape.REQUEST
        case "tools" if isinstance(node, Seq):
            types = [at_key(part, "type") for part in items if isinstance(part, Obj)]
            return (
                Shape.CERTAIN
                if any(isinstance(entry, Str) and entry.value.startswith("openrouter:") for entry in types)
                else Shape.NO
            )
        case _:
            return Shape.NO


def _makes_client(call: Call) -> bool:
    """`provider=OpenRouterProvider(api_key=…)`: does a class with this keyword take what sends the requests, and no preferences?"""
    word = source_name(call.func).rpartition(".")[2]
    return word[:1].isupper() and not PREFERENCES & {values.wire_name(arg.name) for arg in call.args if arg.name is not None}


def _models(items: Iterable[Node]) -> Shape:
    """A list of model ids: by those that are written out; one of names and spreads alone counts where the whole request is in view."""
    parts = tuple(items)
    texts = [part.value for part in parts if isinstance(part, Str)]
    if not parts or not all(model_ids.parse(text) for text in texts) or any(isinstance(part, Obj | Const | Seq) for part in parts):
        return Shape.NO
    return Shape.REQUEST if texts else Shape.STRICT


def at_key(node: Node, name: str) -> Node | None:
    """The value of a key of an object display."""
    for item in node.items if isinstance(node, Obj) else ():
        if isinstance(item.key, Str) and item.key.value == name:
            return item.value
    return None


def policy(node: Obj) -> Shape:
    """Is this object OpenRouter's provider object, by its keys and their values?"""
    keys = {values.wire_name(item.key.value): item.value for item in node.items if isinstance(item.key, Str)}
    if is_schema(node):
        return Shape.NO
    if set(keys) & DISTINCT:
        return Shape.CERTAIN
    lists = any(name in ("order", "only", "ignore") and not isinstance(value, Str | Const | Obj) for name, value in keys.items())
    sort = keys.get("sort")
    ranked = isinstance(sort, Str) and sort.value in ("price", "throughput", "latency", "exacto")
    by = at_key(sort, "by") if isinstance(sort, Obj) else None
    return Shape.REQUEST if lists or ranked or by is not None else Shape.NO


def is_schema(node: Obj) -> bool:
    """Does an object describe preferences instead of naming some: `{order: {type: "array"}, zdr: {type: "boolean"}}` of a JSON schema?"""
    preferences = [
        item.value for item in node.items if isinstance(item.key, Str) and values.wire_name(item.key.value) in PREFERENCES
    ]
    return any(
        isinstance(value, Obj) and any(at_key(value, word) is not None for word in ("type", "$ref", "anyOf", "enum"))
        for value in preferences
    )


def variant(node: Node) -> bool:
    """A literal model id with something to translate."""
    form = model_ids.parse(node.value) if isinstance(node, Str) else None
    return form is not None and (
        bool({"nitro", "floor", "thinking"} & set(form.variants)) or form.base in table("model_ids")["efforts"]
    )


def weak(name: str, node: Node) -> bool:
    """Is a field that OpenAI has too used in the way that only OpenRouter has?"""
    if name == "response_format":
        kind = at_key(node, "type")
        return isinstance(kind, Str) and kind.value in ("grammar", "python")
    return not (name in ("modalities", "prediction", "user", "debug") and isinstance(node, Const))

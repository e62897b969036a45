"""Lists, mappings, enumerations and unions of vendors in which OpenRouter is one of several: a choice that is offered, not made."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from migrator.catalog import is_key_variable, openrouter
from migrator.facts.model import FactKind
from migrator.formats.tree import Assign, Attr, Call, Class, Item, Name, Obj, Other, Seq, Str
from migrator.model import Span
from migrator.resolve.context import NodePath, last_name, source_name

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_NAMING = ("id", "value", "name", "key", "provider", "type", "slug")


def read_mapping(walk: Walk, node: Obj, node_path: NodePath) -> None:
    """The keys of an object, and its short texts."""
    if not walk.program or len(node.items) < 2:
        return
    texts: list[str] = []
    creator = _creator(node)
    for item in node.items:
        if isinstance(item.key, Str):
            texts.append(item.key.value)
        elif isinstance(item.key, Attr):
            texts.append(item.key.name)
        if isinstance(item.value, Str) and len(item.value.value) < 60 and item.value.value != creator:
            texts.append(item.value.value)
    _registry(walk, node.span, texts, "mapping", node_path)


def read_keywords_as_mapping(walk: Walk, node: Call, node_path: NodePath) -> None:
    """`dict(openrouter="OPENROUTER_API_KEY", openai="OPENAI_API_KEY")`: Python's other way to write a mapping."""
    if isinstance(node.func, Name) and node.func.id == "dict" and all(arg.name is not None for arg in node.args):
        items = tuple(
            Item(arg.span, Str(arg.span, arg.name, arg.span, True), arg.value) for arg in node.args if arg.name is not None
        )
        mapping = Obj(node.span, items)
        read_mapping(walk, mapping, NodePath(mapping, node_path.up, node_path.scope))


def read_list(walk: Walk, node: Seq, node_path: NodePath) -> None:
    """The texts of a list, and the names of the entries where it is one of objects."""
    if not walk.program or len(node.items) < 2:
        return
    texts = [part.value for part in node.items if isinstance(part, Str)]
    for part in node.items:
        if isinstance(part, Obj):
            creator = _creator(part)
            texts += [
                item.value.value
                for item in part.items
                if isinstance(item.value, Str)
                and isinstance(item.key, Str)
                and item.key.value in _NAMING
                and item.value.value != creator
            ]
        elif isinstance(part, Seq) and part.items and isinstance(part.items[0], Str):
            texts.append(part.items[0].value)
        elif isinstance(part, Attr):
            texts.append(part.name)
    _registry(walk, node.span, texts, "list", node_path)


def read_union(walk: Walk, node: Other, node_path: NodePath) -> None:
    """The texts of a TypeScript union."""
    if node.kind == "type":
        texts = [part.value for part in node.children if isinstance(part, Str)]
        if len(texts) > 1:
            _registry(walk, node.span, texts, "union", node_path)


def read_enum(walk: Walk, node: Class, node_path: NodePath) -> None:
    """The members of an enumeration, by their texts or else by their names."""
    if node.kind == "enum" or any(last_name(base.value) in ("Enum", "StrEnum", "IntEnum", "TextChoices") for base in node.bases):
        members = [part for part in node.body if isinstance(part, Assign) and part.targets]
        texts = [part.value.value if isinstance(part.value, Str) else source_name(part.targets[0]) for part in members]
        _registry(walk, node.span, texts, "enum", node_path)


def _registry(walk: Walk, span: Span, texts: list[str], note: str, node_path: NodePath) -> None:
    """OpenRouter as one of several vendors in one list, mapping, enum or union."""
    has_openrouter = False
    others: set[str] = set()
    vendors, variables = _vendors()
    for text in texts:
        if is_key_variable(text) or _squash(text) == "openrouter":
            has_openrouter = True
        elif text in variables:
            others.add(text.split("_")[0].lower())
        elif _squash(text) in vendors:
            others.add(_squash(text))
    if has_openrouter and others:
        walk.mark(FactKind.REGISTRY, span, ", ".join(sorted(others)), note, node_path)


def _creator(node: Obj) -> str:
    """The maker of a catalogue entry's model: `provider: "anthropic"` beside `id: "anthropic/claude-…"` is no choice of a provider."""
    for item in node.items:
        if (
            isinstance(item.value, Str)
            and isinstance(item.key, Str)
            and item.key.value in ("id", "model", "slug", "value")
            and "/" in item.value.value
        ):
            return item.value.value.partition("/")[0]
    return ""


def _squash(text: str) -> str:
    return re.sub(r"[\s_.-]", "", text).lower()


@cache
def _vendors() -> tuple[frozenset[str], frozenset[str]]:
    vendors = openrouter()["vendors"]
    return frozenset(_squash(name) for name in vendors["names"]), frozenset(vendors["key_variables"])

"""Names of models in literals: `vendor/model`, OpenRouter's variants, routers, presets and aliases, and the prefix of LiteLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog import model_variants, openrouter
from migrator.facts.model import FactKind
from migrator.formats.tree import Import, RegionKind, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole, NodePath, key_of, place_of

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_SUFFIXES = "|".join(model_variants())
_VARIANTS = regex(
    rf"^(?:[a-z][a-z-]*:)?(?:openrouter/)?(~?)([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*?)((?::(?:{_SUFFIXES}))+)$"
)
_OWN_PREFIX = regex(rf"^[a-z][a-z0-9-]*/([a-z0-9][a-z0-9-]*)/[A-Za-z0-9][A-Za-z0-9._-]*?((?::(?:{_SUFFIXES}))+)$")
"""A prefix that a program has of its own, in front of an id of OpenRouter's: `gateway/anthropic/claude-3.7-sonnet:beta`."""
_SUFFIX = regex(rf"^:(?:{_SUFFIXES})$")
_PREFIXED = regex(r"^(?:litellm/)?openrouter[/:](~?[a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._:-]*)$")
_ROUTER = regex(r"^(?:openrouter/)?openrouter/([a-z][a-z0-9-]*)(?::[a-z]+)?$")
_STORED = regex(r"(?:^|-)(?:keys?|tokens?|secrets?|credentials?|password)$")
"""The end of an entry's name in a store of secrets: `pass show openrouter/api-key`."""
_ALIAS = regex(r"^~[a-z0-9-]+/[A-Za-z0-9._-]+-latest$|^(?:[a-z0-9-]+/[A-Za-z0-9._-]+)?@preset/[A-Za-z0-9_-]+$")
_MODEL = regex(r"^([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)$")


_INSIDE = regex(
    rf"(?<![\w./:~-])(?:[a-z][a-z-]*:)?~?[a-z0-9][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*?(?::(?:{_SUFFIXES}))+(?![\w:/-])"
)


def read_models_inside(walk: Walk) -> None:
    """Variants inside longer texts of scripts and pages: lists with commas, JSON that is handed to a command, `<option value="…">`."""
    script = walk.file.module.language == "shell"
    if not script and not walk.path.endswith((".html", ".htm")):
        return
    known = [mark.span for mark in walk.facts.marks]
    for match in _INSIDE.finditer(walk.text):
        span = Span(*match.span())
        quoted = walk.text[span.start - 1 : span.start] in ("'", '"') and walk.text[span.end : span.end + 1] in ("'", '"')
        comment = walk.file.module.region_at(span.start) is RegionKind.COMMENT
        read = any(other.start < span.end and span.start < other.end for other in known)
        if not comment and not read and (quoted or script):
            walk.mark(FactKind.MODEL_VARIANT, span, match[0], match[0].partition("/")[2].partition(":")[2])


def read_model(walk: Walk, node: Str, node_path: NodePath) -> None:
    """A literal that is a model's name: in OpenRouter's own spelling, with a variant that only it has, or in that of all."""
    value = node.value
    if len(value) > 120 or " " in value:
        return
    creators = openrouter()["models"]["creators"]
    if match := _ROUTER.match(value):
        named = "model" in key_of(node_path).lower()
        if named or (place_of(node_path) not in (LiteralRole.KEY, LiteralRole.MESSAGE) and not _STORED.search(match[1])):
            walk.mark(FactKind.MODEL_ROUTER, node.inner, value, match[1], node_path)
    elif match := _PREFIXED.match(value):
        walk.mark(FactKind.MODEL_PREFIX, node.inner, value, match[2], node_path)
    elif match := _VARIANTS.match(value):
        walk.mark(FactKind.MODEL_VARIANT, node.inner, value, match[4], node_path)
    elif (match := _OWN_PREFIX.match(value)) and match[1] in creators:
        walk.mark(FactKind.MODEL_VARIANT, node.inner, value, match[2], node_path)
    elif _SUFFIX.match(value) and walk.program:
        walk.mark(FactKind.MODEL_VARIANT, node.inner, value, value, node_path)
    elif _ALIAS.match(value) and not any(isinstance(step.node, Import) for step in node_path.ancestors()):
        walk.mark(FactKind.MODEL_ROUTER, node.inner, value, "alias", node_path)
    elif (match := _MODEL.match(value)) and match[1] in creators and place_of(node_path) is not LiteralRole.MESSAGE:
        walk.mark(FactKind.MODEL, node.inner, value, match[1], node_path)

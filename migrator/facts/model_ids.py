"""Names of models in literals: `vendor/model`, OpenRouter's variants, routers, presets and aliases, and the prefix of LiteLLM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.facts.model import FactKind
from migrator.formats.tree import Import, Str
from migrator.resolve.context import LiteralRole, NodePath, key_of, place_of

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_VARIANTS = re.compile(
    r"^(?:openrouter[/:])?(~?)([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*?)((?::(?:free|extended|thinking|batch|beta|nitro|floor|exacto|online))+)$"
)
_SUFFIX = re.compile(r"^:(?:free|extended|thinking|nitro|floor|exacto|online)$")
_PREFIXED = re.compile(r"^(?:litellm/)?openrouter[/:](~?[a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._:-]*)$")
_ROUTER = re.compile(r"^(?:openrouter/)?openrouter/([a-z][a-z0-9-]*)(?::[a-z]+)?$")
_ALIAS = re.compile(r"^~[a-z0-9-]+/[A-Za-z0-9._-]+-latest$|^(?:[a-z0-9-]+/[A-Za-z0-9._-]+)?@preset/[A-Za-z0-9_-]+$")
_MODEL = re.compile(r"^([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)$")


def read_model(walk: Walk, node: Str, node_path: NodePath) -> None:
    """A literal that is a model's name: in OpenRouter's own spelling, with a variant that only it has, or in that of all."""
    value = node.value
    if len(value) > 120 or " " in value:
        return
    creators = openrouter()["models"]["creators"]
    if found := _ROUTER.match(value):
        if place_of(node_path) not in (LiteralRole.KEY, LiteralRole.MESSAGE) or "model" in key_of(node_path).lower():
            walk.mark(FactKind.MODEL_ROUTER, node.inner, value, found[1], node_path)
    elif found := _PREFIXED.match(value):
        walk.mark(FactKind.MODEL_PREFIX, node.inner, value, found[2], node_path)
    elif found := _VARIANTS.match(value):
        walk.mark(FactKind.MODEL_VARIANT, node.inner, value, found[4], node_path)
    elif _SUFFIX.match(value) and walk.program:
        walk.mark(FactKind.MODEL_VARIANT, node.inner, value, value, node_path)
    elif _ALIAS.match(value) and not any(isinstance(step.node, Import) for step in node_path.ancestors()):
        walk.mark(FactKind.MODEL_ROUTER, node.inner, value, "alias", node_path)
    elif (found := _MODEL.match(value)) and found[1] in creators and place_of(node_path) is not LiteralRole.MESSAGE:
        walk.mark(FactKind.MODEL, node.inner, value, found[1], node_path)

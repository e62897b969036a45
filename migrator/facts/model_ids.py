"""Names of models in literals: `vendor/model`, OpenRouter's variants, routers, presets and aliases, and the prefix of LiteLLM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.facts.model import MarkKind
from migrator.formats.tree import Import, Str
from migrator.resolve.context import Place, Trail, key_of, place_of

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


def read_model(walk: Walk, node: Str, trail: Trail) -> None:
    """A literal that is a model's name: in OpenRouter's own spelling, with a variant that only it has, or in that of all."""
    value = node.value
    if len(value) > 120 or " " in value:
        return
    creators = openrouter()["models"]["creators"]
    if found := _ROUTER.match(value):
        if place_of(trail) not in (Place.KEY, Place.MESSAGE) or "model" in key_of(trail).lower():
            walk.mark(MarkKind.MODEL_ROUTER, node.inner, value, found[1], trail)
    elif found := _PREFIXED.match(value):
        walk.mark(MarkKind.MODEL_PREFIX, node.inner, value, found[2], trail)
    elif found := _VARIANTS.match(value):
        walk.mark(MarkKind.MODEL_VARIANT, node.inner, value, found[4], trail)
    elif _SUFFIX.match(value) and walk.program:
        walk.mark(MarkKind.MODEL_VARIANT, node.inner, value, value, trail)
    elif _ALIAS.match(value) and not any(isinstance(step.node, Import) for step in trail.ancestors()):
        walk.mark(MarkKind.MODEL_ROUTER, node.inner, value, "alias", trail)
    elif (found := _MODEL.match(value)) and found[1] in creators and place_of(trail) is not Place.MESSAGE:
        walk.mark(MarkKind.MODEL, node.inner, value, found[1], trail)

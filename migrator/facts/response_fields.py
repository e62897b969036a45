"""Fields of replies that only OpenRouter sends: what a program that reads them loses elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.facts.model import MarkKind
from migrator.formats.tree import Assign, Node
from migrator.model import Span
from migrator.resolve.context import Trail, source_name

if TYPE_CHECKING:
    from migrator.facts.collector import Walk


def is_response_field(name: str) -> bool:
    """Is this what OpenRouter calls something in its replies, or what many call something else?"""
    return name in _FIELDS or name.lower().startswith(_HEADERS)


def read_response_field(walk: Walk, name: str, span: Span, base: Node, trail: Trail) -> None:
    """A field of a reply that is asked for by its name, where what it is asked of looks like a reply."""
    if not is_response_field(name) or not walk.program or walk.test:
        return
    up = trail.up
    if up is not None and isinstance(up.node, Assign) and any(target is trail.node for target in up.node.targets):
        return
    owner = source_name(base).lower().rpartition(".")[2]
    if name in openrouter()["response_fields"]:
        walk.mark(MarkKind.RESPONSE_FIELD, span, name, trail=trail)
    elif name == "cost" and ("usage" in owner or "usage" in source_name(base).lower()):
        walk.mark(MarkKind.RESPONSE_FIELD, span, "usage.cost", trail=trail)
    elif name in _OF_MESSAGES:
        if "message" in owner or "delta" in owner or "choice" in owner:
            walk.mark(MarkKind.RESPONSE_FIELD, span, f"message.{name}", trail=trail)
    elif name == "metadata":
        if owner in ("error", "err"):
            walk.mark(MarkKind.RESPONSE_FIELD, span, "error.metadata", trail=trail)
    elif name == "usage":
        if _PIECE.search(owner) or (owner in _PARSED and _reads_a_stream(walk, trail)):
            walk.mark(MarkKind.STREAMED_USAGE, span, name, trail=trail)
    elif name not in _COMMON and "headers" in owner:
        walk.mark(MarkKind.RESPONSE_FIELD, span, name, trail=trail)


def _reads_a_stream(walk: Walk, trail: Trail) -> bool:
    """Does the function around a place know how a stream of events ends?"""
    around = trail.scope.node
    return around is not None and "[DONE]" in walk.text[around.span.start : around.span.end]


_PIECE = re.compile(r"chunk|event|evt|piece|frame|packet|^part$")
_PARSED = frozenset(("data", "parsed", "payload", "json", "obj", "line", "message", "msg", "delta"))
_OF_MESSAGES = frozenset(("images", "reasoning", "annotations"))
_COMMON = _OF_MESSAGES | {"cost", "usage", "metadata"}
"""Names that many things have: they count only where what is asked is called like a reply."""
_FIELDS = _COMMON.union(openrouter()["response_fields"])
_HEADERS = ("x-openrouter-", "x-generation-id")

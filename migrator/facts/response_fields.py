"""Fields of replies that only OpenRouter sends: what a program that reads them loses elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.facts.model import FactKind
from migrator.formats.tree import Assign, Attr, Call, Const, Index, Name, Node, Other
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.scopes import Scope

if TYPE_CHECKING:
    from migrator.facts.collector import Walk


def is_response_field(name: str) -> bool:
    """Is this what OpenRouter calls something in its replies, or what many call something else?"""
    return name in _FIELDS or name.lower().startswith(_HEADERS)


def read_response_field(walk: Walk, name: str, span: Span, base: Node, node_path: NodePath) -> None:
    """A field of a reply that is asked for by its name, where what it is asked of looks like a reply."""
    if not is_response_field(name) or not walk.program or walk.test:
        return
    up = node_path.up
    if up is not None and isinstance(up.node, Assign) and any(target is node_path.node for target in up.node.targets):
        return
    owner = source_name(base).lower().rpartition(".")[2]
    if name in openrouter()["response_fields"]:
        walk.mark(FactKind.RESPONSE_FIELD, span, name, node_path=node_path)
    elif name == "openrouter":
        if owner == "providermetadata":
            walk.mark(FactKind.RESPONSE_FIELD, span, "providerMetadata.openrouter", node_path=node_path)
    elif name == "cost" and ("usage" in owner or "usage" in source_name(base).lower()):
        walk.mark(FactKind.RESPONSE_FIELD, span, "usage.cost", node_path=node_path)
    elif name in _OF_MESSAGES:
        if "message" in owner or "delta" in owner or "choice" in owner:
            walk.mark(FactKind.RESPONSE_FIELD, span, f"message.{name}", node_path=node_path)
    elif name == "metadata":
        if owner in ("error", "err"):
            walk.mark(FactKind.RESPONSE_FIELD, span, "error.metadata", node_path=node_path)
    elif name in ("usage", "usage_metadata"):
        if (
            _PIECE.search(owner)
            or (owner in ("raw", "message") and _PIECE.search(source_name(base).lower()))
            or (owner in _PARSED and _reads_a_stream(walk, node_path))
            or _is_piece(base, node_path)
        ):
            walk.mark(FactKind.STREAMED_USAGE, span, name, node_path=node_path)
    elif name not in _COMMON and "headers" in owner:
        walk.mark(FactKind.RESPONSE_FIELD, span, name, node_path=node_path)


def _is_piece(base: Node, node_path: NodePath) -> bool:
    """Is it asked of what a loop over a stream gives: `for r in llm.stream_chat(…): r.raw.usage`?"""
    while isinstance(base, Attr | Index):
        base = base.base
    bindings = node_path.scope.lookup(base.id) if isinstance(base, Name) else []
    loops = [binding for binding in bindings if isinstance(binding.value, Other) and binding.value.kind == "each"]
    return any(
        _streams(child, binding.scope, 0)
        for binding in loops
        if isinstance(binding.value, Other)
        for child in binding.value.children
    )


def _streams(node: object, scope: Scope, depth: int) -> bool:
    match node:
        case Call(func=func, args=args):
            asks = any(arg.name == "stream" and isinstance(arg.value, Const) and arg.value.text.lower() == "true" for arg in args)
            return asks or last_name(func) in STREAMING
        case Name(id=name) if depth < 3:
            return any(_streams(binding.value, binding.scope, depth + 1) for binding in scope.lookup(name))
        case Other(kind="await", children=(inner,)):
            return _streams(inner, scope, depth)
        case _:
            return False


def _reads_a_stream(walk: Walk, node_path: NodePath) -> bool:
    """Does the function around a place know how a stream of events ends?"""
    around = node_path.scope.node
    return around is not None and "[DONE]" in walk.text[around.span.start : around.span.end]


STREAMING = frozenset(("stream", "astream", "stream_chat", "astream_chat", "stream_complete", "astream_complete", "astream_events"))
"""Methods of LangChain's and LlamaIndex's models that answer piece by piece."""
_PIECE = regex(r"chunk|event|evt|piece|frame|packet|^part$")
_PARSED = frozenset(("data", "parsed", "payload", "json", "obj", "line", "message", "msg", "delta"))
_OF_MESSAGES = frozenset(("images", "reasoning", "annotations"))
_COMMON = _OF_MESSAGES | {"cost", "usage", "usage_metadata", "metadata", "openrouter"}
"""Names that many things have: they count only where what is asked is called like a reply."""
_FIELDS = _COMMON.union(openrouter()["response_fields"])
_HEADERS = ("x-openrouter-", "x-generation-id")

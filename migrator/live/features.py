"""What the code asks of a gateway beyond plain chat, and the smallest request that asks the same.

Detection reads only files that have a finding: a hit elsewhere in a monorepo says nothing about the code that moves.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from migrator.catalog.targets import gateway
from migrator.discover.path_kinds import is_document, is_recorded, is_test
from migrator.model import Plan, RoutingRow, Target
from migrator.patterns import regex
from migrator.records import dataclass

MAX_TOKENS = 16
"""Some providers refuse less (npm @openrouter/sdk 1.3.19 notes it)."""
_REASONING_TOKENS = 2048
"""Must exceed the smallest reasoning budget, 1024 tokens."""
_IMAGE_TOKENS = 2_000
_PROMPT = "Say OK."

_SIGNS: Mapping[str, re.Pattern[str]] = {
    "streaming": regex(r"\bstream[\"']?\s*[=:]\s*true\b|\bstreamText\s*\(|\.messages\.stream\s*\(", re.IGNORECASE),
    "tools": regex(r"(?<![\w.])[\"']?tools[\"']?\s*[=:]\s*[\[{(A-Za-z_]|\bbind_tools\s*\(|\btool_choice\b"),
    "json-schema": regex(r"\bjson_schema\b|\bresponse_format\b|\bgenerateObject\s*\(|\bwith_structured_output\s*\("),
    "vision": regex(r"\bimage_url\b|[\"']input_image[\"']|type[\"']?\s*:\s*[\"']image[\"']"),
    "reasoning": regex(r"(?<![\w.])[\"']?(?:include_reasoning|reasoning_effort|reasoning)[\"']?\s*[=:]\s*[\[{(\"'A-Za-z_]"),
    "embeddings": regex(r"\.embeddings\b|/embeddings\b|\bOpenAIEmbeddings\b|\btextEmbeddingModel\s*\("),
    "messages": regex(r"\bfrom anthropic\b|\bimport anthropic\b|@anthropic-ai/sdk|\bANTHROPIC_BASE_URL\b|/v1/messages\b"),
}
ALL = frozenset({*_SIGNS, "routing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One request that may cost money, before it is sent."""

    feature: str
    """`chat` or a member of `ALL`."""
    model: str
    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    prompt_tokens: int
    """No more than this: a token is at least one byte of the request."""
    completion_tokens: int


def detect(plan: Plan, moved: frozenset[str] = frozenset()) -> frozenset[str]:
    """Features that files with a finding or of `moved` use, and `routing` where the plan carries a routing option over."""
    paths = {finding.path for finding in plan.findings if not _prose(finding.path)} | moved
    texts = [source.text for path, source in plan.sources.items() if path in paths]
    used = {name for name, sign in _SIGNS.items() if any(sign.search(text) for text in texts)}
    if options(plan):
        used.add("routing")
    return frozenset(used)


def _prose(path: str) -> bool:
    return is_document(path) or is_test(path) or is_recorded(path)


def options(plan: Plan) -> dict[str, object]:
    """The routing options that the plan emits and whose values can be read, by field, as one request would carry them.

    `RoutingRow.becomes` is text for people: `order: ["bedrock"]`, or the bare value where nothing changes. What is not JSON there is
    left to the report. Only the first file that has any counts, because options of two requests may contradict each other, and
    fallback `models` are left out: the cost of a probe is capped by the price of one model.
    """
    known = _OPTIONS if plan.target.dialect == "gateway" else frozenset(plan.target.routing_fields) - {"models"}
    for path in dict.fromkeys(row.path for row in plan.routing):
        emitted: dict[str, object] = {}
        for row in plan.routing:
            if row.path == path:
                for name, value in _emitted(row, plan.target):
                    if name in known:
                        emitted.setdefault(name, value)
        if emitted:
            return emitted
    return {}


_OPTIONS = frozenset(gateway("vercel").routing_fields) - {"models", "byok"}
_NAMED = regex(r"(?<![\w\"'-])[\"']?([A-Za-z]+)[\"']?\s*[:=]\s*(?=[\[{\"tf\d-])")


def _emitted(row: RoutingRow, target: Target) -> list[tuple[str, object]]:
    place, _, name = row.field.rpartition(".")
    if row.status == "unchanged":
        same = {"gateway": "gateway", "openrouter": "provider"}.get(target.dialect)
        whole = _whole_json(row.becomes or row.value)
        return [(name, whole)] if place == same and whole is not None else []
    options: list[tuple[str, object]] = []
    text = row.becomes or ""
    for match in _NAMED.finditer(text):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, match.end())
        except ValueError:
            continue
        options.append((match[1], value))
    return options


def _whole_json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return None
    return value


def chat(target: Target, model: str) -> Probe:
    """The plain request: one short message, non-streaming."""
    return _probe(target, "chat", model, {})


def probes(
    target: Target, model: str, features: frozenset[str], routing: Mapping[str, object], models: Sequence[str]
) -> tuple[tuple[Probe, ...], tuple[tuple[str, str], ...]]:
    """One request a feature, in a fixed order, and the features that cannot be tried with the reason."""
    made: list[Probe] = []
    left: list[tuple[str, str]] = []
    for feature in sorted(features):
        match feature:
            case "streaming":
                made.append(_probe(target, feature, model, {"stream": True, "stream_options": {"include_usage": True}}))
            case "tools":
                made.append(_probe(target, feature, model, {"tools": [_TOOL]}))
            case "json-schema":
                made.append(_probe(target, feature, model, {"response_format": {"type": "json_schema", "json_schema": _SCHEMA}}))
            case "vision":
                content = [{"type": "text", "text": _PROMPT}, {"type": "image_url", "image_url": {"url": _image()}}]
                made.append(_probe(target, feature, model, {}, content=content, more=_IMAGE_TOKENS))
            case "reasoning":
                made.append(_probe(target, feature, model, {"reasoning": {"effort": "low"}}, limit=_REASONING_TOKENS))
            case "routing" if routing and target.dialect != "none":
                fields = {"provider": dict(routing)} if target.dialect == "openrouter" else {
                    "providerOptions": {"gateway": dict(routing)}
                }  # fmt: skip
                made.append(_probe(target, feature, model, fields))
            case "routing":
                left.append((feature, "the values of the emitted options are not literals, or this gateway has no routing options"))
            case "embeddings":
                named = next((id_ for id_ in models if "embed" in id_.lower()), None)
                if named is None:
                    left.append((feature, "the code names no embedding model literally"))
                else:
                    body: dict[str, Any] = {"model": named, "input": _PROMPT}
                    made.append(_made(feature, named, f"{target.openai_base}/embeddings", body, {}, len(_PROMPT) + 8, 0))
            case "messages":
                if target.anthropic_base is None:
                    left.append((feature, f"{target.title} has no known Anthropic base"))
                else:
                    body = {"model": model, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": _PROMPT}]}
                    url = f"{target.anthropic_base}/v1/messages"
                    made.append(_made(feature, model, url, body, {"anthropic-version": "2023-06-01"}, _size(body), MAX_TOKENS))
            case other:
                left.append((other, "not a feature this check knows"))
    return tuple(made), tuple(left)


def _probe(
    target: Target,
    feature: str,
    model: str,
    fields: Mapping[str, Any],
    *,
    content: object = _PROMPT,
    limit: int = MAX_TOKENS,
    more: int = 0,
) -> Probe:
    body = {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": limit, "stream": False, **fields}
    tokens = more if more else _size(body)
    return _made(feature, model, f"{target.openai_base}/chat/completions", body, {}, tokens, limit)


def _made(
    feature: str, model: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str], prompt: int, completion: int
) -> Probe:
    return Probe(
        feature=feature, model=model, url=url, body=body, headers=headers, prompt_tokens=prompt, completion_tokens=completion
    )


def _size(body: Mapping[str, Any]) -> int:
    """An upper bound of the prompt's tokens: the bytes of the request, with room for a provider's own framing."""
    return len(json.dumps(body)) + 64


_TOOL = {
    "type": "function",
    "function": {
        "name": "noop",
        "description": "Does nothing.",
        "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
    },
}
_SCHEMA = {
    "name": "answer",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    },
}


def _image() -> str:
    """A white square of 32 by 32 as a data URI: big enough for providers that refuse tiny images."""
    side = 32
    rows = (b"\0" + b"\xff" * side * 3) * side

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"

"""The plainest value that fits a JSON Schema: what a rehearsal answers with where a tool or structured output is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_DEEPEST = 20
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "rehearsal@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "example.com",
}
_TEXT = "rehearsal"


def sample(schema: object) -> Any:
    """A value for the parts of JSON Schema that structured output and tools allow; None for what is no schema."""
    return _value(schema, schema if isinstance(schema, dict) else {}, 0)


def _value(schema: object, root: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return _value(_referred(reference, root), root, depth + 1)
    if isinstance(parts := schema.get("allOf"), list):
        return _value(_joined(schema, parts, root), root, depth + 1)
    if isinstance(choices := schema.get("enum"), list) and choices:
        return choices[0]
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(word), list) and choices:
            return _value(choices[0], root, depth + 1)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    match kind or ("object" if "properties" in schema else None):
        case "object":
            return _object(schema, root, depth)
        case "array":
            least = schema.get("minItems", 0)
            return [_value(schema.get("items"), root, depth + 1)] * (min(least, 100) if isinstance(least, int) else 0)
        case "string":
            return _text(schema)
        case "integer" | "number" as name:
            return _number(schema, whole=name == "integer")
        case "boolean":
            return True
        case _:
            return None


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """All properties; below a reference only those that are required, or a schema that holds itself would go on for ever."""
    inner = schema.get("properties")
    if not isinstance(inner, dict):
        return {}
    required = schema.get("required")
    wanted = inner if depth < 6 or not isinstance(required, list) else {name: inner[name] for name in required if name in inner}
    return {name: _value(part, root, depth + 1) for name, part in wanted.items()}


def _referred(reference: str, root: Mapping[str, Any]) -> object:
    at: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, dict) else None
    return at


def _joined(schema: Mapping[str, Any], parts: list[Any], root: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in (*parts, {name: value for name, value in schema.items() if name != "allOf"}):
        seen = _referred(part["$ref"], root) if isinstance(part, dict) and isinstance(part.get("$ref"), str) else part
        if isinstance(seen, dict):
            properties = {**whole.get("properties", {}), **seen.get("properties", {})}
            whole = {**whole, **seen, **({"properties": properties} if properties else {})}
    return whole


def _text(schema: Mapping[str, Any]) -> str:
    text = _FORMATS.get(str(schema.get("format")), _TEXT)
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(text) < least:
        text = text.ljust(min(least, 10_000), "x")
    return text[:most] if isinstance(most, int) else text


def _number(schema: Mapping[str, Any], *, whole: bool) -> float:
    number: float = 0
    for word, step in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
        bound = schema.get(word)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            below = "inimum" in word and number < bound + (step if step else 0)
            above = "aximum" in word and number > bound + (step if step else 0)
            if below or above:
                number = bound + step
    part = schema.get("multipleOf")
    if isinstance(part, int | float) and part:
        number = math.ceil(number / part) * part
    return math.ceil(number) if whole else number

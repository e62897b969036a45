"""The plainest value of a schema fits it."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest

from migrator.catalog import targets
from migrator.live.gateway import Record, catalogue
from migrator.live.rehearse import bases, running
from migrator.live.sample import sample

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]}},
        }
    },
    "$ref": "#/$defs/node",
}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 12},
        {"type": "string", "maxLength": 3},
        {"type": "string", "format": "date-time"},
        {"type": "integer", "minimum": 3, "multipleOf": 4},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 2},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "integer", "maximum": -5},
        {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2},
        {"type": ["object", "null"], "properties": {"x": {"const": 4}}, "required": ["x"], "additionalProperties": False},
        {
            "allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}],
            "$defs": {"a": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}},
        },
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {"properties": {"x": {"type": "string", "default": "y"}}, "required": ["x"]},
        TREE,
    ],
)
def test_a_sample_fits_its_schema(schema: dict[str, Any]) -> None:
    jsonschema.validate(sample(schema), schema)


def test_a_schema_without_end_comes_to_one() -> None:
    endless = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert sample(endless) is not None
    assert sample("no schema") is None


LOOK = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
}


def test_tools_are_called_with_arguments_that_fit() -> None:
    import json

    profile = targets.load()
    record = Record(bodies=True)
    head = {"Authorization": "Bearer mg_test_" + "a1" * 16}
    hello = [{"role": "user", "content": "Hello"}]
    with running(profile, record) as port:
        base, anthropic = bases(profile, port)
        tool = {"type": "function", "function": {"name": "look", "parameters": LOOK}}
        asked: dict[str, Any] = {
            "model": "meta-llama/llama-3.1-8b-instruct",
            "messages": hello,
            "tools": [tool],
            "tool_choice": "required",
        }
        answer = httpx.post(f"{base}/chat/completions", json=asked, headers=head).json()
        jsonschema.validate(json.loads(answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]), LOOK)
        flat = {"name": "look", "input_schema": LOOK}
        for choice in ({"type": "any"}, {"type": "tool", "name": "look"}):
            asked = {
                "model": "anthropic/claude-opus-4.6",
                "max_tokens": 9,
                "messages": hello,
                "tools": [flat],
                "tool_choice": choice,
            }
            answer = httpx.post(f"{anthropic}/v1/messages", json=asked, headers=head).json()
            assert answer["stop_reason"] == "tool_use"
            jsonschema.validate(answer["content"][0]["input"], LOOK)
        streamed = httpx.post(f"{anthropic}/v1/messages", json={**asked, "stream": True}, headers=head).text
        assert "input_json_delta" in streamed
        listed = {row["id"] for row in httpx.get(f"{base}/models", headers=head).json()["data"]}
    assert set(catalogue(profile)) <= listed
    assert any("probably calls it meta/llama-3.1-8b" in warning for warning in record.arrivals[0].warnings)
    assert record.arrivals[0].body is not None
    assert record.arrivals[0].body["messages"] == hello

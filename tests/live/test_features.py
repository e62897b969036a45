"""What the code asks of a gateway: seen where it stands, not elsewhere, and asked for with the smallest request."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest

from migrator.catalog import targets
from migrator.live import catalogue, features
from migrator.model import Action, Category, Finding, Plan, RoutingRow, Source

PLAN = Plan(tool="0", target=targets.load())


def plan_of(text: str, path: str = "a.py", *, found: bool = True) -> Plan:
    finding = Finding(rule="r", path=path, span=None, category=Category.CLIENT, message="", because="", action=Action.REWRITE)
    source = Source(path=path, text=text, encoding="utf-8", bom=False, digest="")
    return replace(PLAN, findings=(finding,) if found else (), sources={path: source})


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("create(stream=True)", "streaming"),
        ("{ stream: true }", "streaming"),
        ('{"stream": True}', "streaming"),
        ("streamText({ model })", "streaming"),
        ("create(tools=[f])", "tools"),
        ("{ tools: { look } }", "tools"),
        ('response_format={"type": "json_schema"}', "json-schema"),
        ("generateObject({})", "json-schema"),
        ('{"type": "image_url"}', "vision"),
        ('{"reasoning": {"effort": "low"}}', "reasoning"),
        ("reasoning_effort='low'", "reasoning"),
        ("client.embeddings.create()", "embeddings"),
        ("from anthropic import Anthropic", "messages"),
        ('import Anthropic from "@anthropic-ai/sdk"', "messages"),
    ],
)
def test_a_feature_is_seen_where_the_code_uses_it(text: str, feature: str) -> None:
    assert features.detect(plan_of(text)) == {feature}
    assert features.detect(plan_of(text, found=False)) == frozenset(), "only files with a finding count"
    assert features.detect(plan_of(text, found=False), frozenset({"a.py"})) == {feature}
    assert features.detect(plan_of(text, "README.md")) == frozenset(), "a document uses nothing"


@pytest.mark.parametrize("text", ["stream=False", "upstream: true", "my_tools = []", "message.reasoning", "# a tool", "streaming"])
def test_what_only_looks_like_a_feature(text: str) -> None:
    assert features.detect(plan_of(text)) == frozenset()


def row(becomes: str | None, field: str = "provider.order", status: str = "translated", path: str = "a") -> RoutingRow:
    return RoutingRow(
        path=path, line=1, dialect="openrouter", field=field, value="", status=status, becomes=becomes, risk=None, note="",
        reaches_wire=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ([row('order: ["bedrock"]'), row('sort: "cost"')], {"order": ["bedrock"], "sort": "cost"}),
        ([row("zeroDataRetention: true")], {"zeroDataRetention": True}),
        ([row('"a/b" with sort: "tps"')], {"sort": "tps"}),
        ([row('"a/b" with reasoning: {"enabled": true}')], {}),
        ([row('models: ["a/b"]')], {}),
        ([row("order: [name, of, variables]"), row("removed"), row(None)], {}),
        ([row('["azure"]', "gateway.only", "unchanged")], {"only": ["azure"]}),
        ([row('["azure"]', "provider.only", "unchanged")], {}),
        ([row("a.b", "gateway.only", "unchanged")], {}),
        ([row('order: ["x"]', path="a"), row('only: ["y"]', path="b")], {"order": ["x"]}),
    ],
)
def test_emitted_options_are_read_where_they_are_literal(rows: list[RoutingRow], options: dict[str, object]) -> None:
    plan = replace(PLAN, routing=tuple(rows))
    assert features.options(plan) == options
    assert features.detect(plan) == ({"routing"} if options else frozenset())


def test_each_feature_has_its_smallest_request() -> None:
    made, left = features.probes(PLAN.target, "a/b", features.ALL, {"order": ["x"]}, ["a/b", "a/embed-1"])
    assert left == ()
    assert {probe.feature for probe in made} == features.ALL
    by = {probe.feature: probe for probe in made}
    assert by["routing"].body["providerOptions"] == {"gateway": {"order": ["x"]}}
    assert by["embeddings"].model == "a/embed-1"
    assert by["messages"].url == "https://synapse.garden/api/v1/messages"
    assert {probe.completion_tokens for probe in made} == {0, 16, 2048}
    for probe in made:
        if probe.feature not in ("vision", "embeddings"):
            assert probe.prompt_tokens >= len(json.dumps(probe.body)), "a token is at least a byte"
        assert bool(probe.body.get("stream")) is (probe.feature == "streaming")


def test_what_cannot_be_tried_says_why() -> None:
    bare = replace(PLAN.target, anthropic_base=None, dialect="none")
    made, left = features.probes(bare, "a/b", frozenset({"routing", "embeddings", "messages", "novel"}), {"order": ["x"]}, ["a/b"])
    assert made == ()
    assert {feature for feature, _ in left} == {"routing", "embeddings", "messages", "novel"}
    _, without = features.probes(PLAN.target, "a/b", frozenset({"routing"}), {}, [])
    assert "not literals" in without[0][1]


def test_openrouter_gets_its_own_dialect() -> None:
    made, _ = features.probes(targets.gateway("openrouter"), "a/b", frozenset({"routing"}), {"order": ["x"]}, [])
    assert made[0].body["provider"] == {"order": ["x"]}


def test_the_picture_is_a_whole_png() -> None:
    head, _, data = features._image().partition(",")
    assert head == "data:image/png;base64"
    png = base64.b64decode(data)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    start = png.index(b"IDAT") + 4
    assert len(zlib.decompress(png[start : png.index(b"IEND") - 8])) == 32 * (1 + 32 * 3)


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"input": "0.5", "output": "1"}, catalogue.Price(prompt=Decimal("0.5"), completion=Decimal(1))),
        (
            {"prompt": 0.5, "completion": "1", "request": "2"},
            catalogue.Price(prompt=Decimal("0.5"), completion=Decimal(1), request=Decimal(2)),
        ),
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "x"}, None),
        ({"prompt": True}, None),
        ({"prompt": "NaN", "completion": "Infinity"}, None),
        ("cheap", None),
        (None, None),
    ],
)
def test_prices_as_gateways_list_them(pricing: object, price: catalogue.Price | None) -> None:
    listing, _ = catalogue.parse({"data": [{"id": "a/b", "pricing": pricing}]})
    assert listing is not None
    assert listing.prices["a/b"] == price


@pytest.mark.parametrize("document", [None, 1, "x", {}, {"data": {}}, {"data": [{"no": "id"}]}, [1, 2]])
def test_what_is_no_list_of_models(document: object) -> None:
    assert catalogue.parse(document) == (None, None)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "unknown (the gateway lists no price)"),
        ("0", "$0"),
        ("1.5", "$1.50"),
        ("0.0123", "$0.012"),
        ("0.000042", "$0.000042"),
    ],
)
def test_small_amounts_keep_their_digits(amount: str | None, shown: str) -> None:
    assert catalogue.dollars(None if amount is None else Decimal(amount)) == shown

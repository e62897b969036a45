"""Rows of the field tables, one example each, where the fixtures would be too coarse."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.catalog.targets import custom, gateway, load
from migrator.routing import model_ids, provider_slugs
from migrator.routing.model import Risk, Settings, Translation, Unknown
from migrator.routing.translate import dialect, translate

VERCEL, SYNAPSE = load("vercel"), load("synapse")


def provider(prefs: dict[str, Any], target: Any = VERCEL, **more: Any) -> Translation:
    return translate(Settings(model="lab/one", options={"provider": prefs, **more}), target)


@pytest.mark.parametrize(
    ("written", "gateway_slug", "suffix"),
    [
        ("Amazon Bedrock", "bedrock", ""),
        ("google", "vertex", ""),
        ("Google AI Studio", "google", ""),
        ("xAI", "xai", ""),
        ("x-ai", "xai", ""),
        ("Z.AI", "zai", ""),
        ("DeepInfra", "deepinfra", ""),
        ("deepinfra/turbo", "deepinfra", "turbo"),
        ("amazon-bedrock/claude-on-aws", None, "claude-on-aws"),
        ("amazon-bedrock/us-east-1", "bedrock", "us-east-1"),
        ("Hyperbolic", None, ""),
        ("VoyageAI by MongoDB", "voyage", ""),
    ],
)
def test_slugs_and_display_names(written: str, gateway_slug: str | None, suffix: str) -> None:
    slug = provider_slugs.parse(written)
    assert (slug.gateway, slug.suffix) == (gateway_slug, suffix)


@pytest.mark.parametrize(
    ("suffix", "region"),
    [("us-east5", True), ("europe-west1", True), ("global", True), ("turbo", False), ("fp8", False), ("flex", False)],
)
def test_what_a_suffix_pins(suffix: str, region: bool) -> None:
    assert provider_slugs.parse(f"google-vertex/{suffix}").region is region


@pytest.mark.parametrize(
    ("prefs", "expected"),
    [
        ({"order": ["groq", "together"]}, {"order": ["groq", "togetherai"]}),
        ({"only": ["groq", "chutes"]}, {"only": ["groq"]}),
        ({"only": ["chutes"]}, {}),
        ({"only": ["groq", "openai"], "ignore": ["openai"], "allow_fallbacks": False}, {"only": ["groq"]}),
        ({"order": ["groq"], "only": ["groq", "openai"]}, {"order": ["groq"], "only": ["groq", "openai"]}),
        ({"order": ["groq", "azure"], "only": ["groq", "openai"], "allow_fallbacks": False}, {"order": ["groq"], "only": ["groq"]}),
        ({"zdr": True, "data_collection": "deny"}, {"zeroDataRetention": True, "disallowPromptTraining": True}),
        ({"quantizations": ["fp8"]}, {"has": ["quantization:fp8"]}),
        ({"sort": {"by": "throughput"}}, {"sort": "tps"}),
        ({"order": ["google-vertex/us-east5"]}, {"order": ["vertex"]}),
        ({"order": [], "ignore": [], "quantizations": []}, {}),
        ({"sort": None, "only": None}, {}),
    ],
)
def test_the_gateway_object(prefs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert dict(provider(prefs).gateway) == expected


def test_positive_quantizations_are_never_combined() -> None:
    """`has` is a conjunction: two formats that must both hold would be no provider at all."""
    found = provider({"quantizations": ["fp8", "bf16"]}).gateway["has"]
    assert isinstance(found, list)
    assert all(str(entry).startswith("!") for entry in found)
    assert "!quantization:mxfp8" not in found, "OpenRouter's fp8 admits mxfp8"


def test_what_the_target_does_not_document_is_a_caveat() -> None:
    (row,) = provider({"zdr": True}).rows
    assert (row.status, row.risk) == ("translated", None)
    (row,) = provider({"zdr": True}, SYNAPSE).rows
    assert (row.status, row.risk) == ("caveat", "privacy")
    assert "does not document" in row.note


@pytest.mark.parametrize(
    ("provider", "removed", "cut"),
    [
        ({"only": ["groq"], "sort": "price"}, {"provider"}, set()),
        ({"only": ["groq"], "max_price": {"prompt": 1}}, set(), {"only"}),
        ({"only": ["groq"], "sort": Unknown("SORT"), "allow_fallbacks": True}, set(), {"only", "allow_fallbacks"}),
        ({"max_price": {"prompt": 1}}, set(), set()),
        (Unknown("PREFS"), set(), set()),
    ],
)
def test_fields_with_a_counterpart_go_and_the_others_stay(provider: Any, removed: set[str], cut: set[str]) -> None:
    translation = translate(Settings(model="lab/one", options={"provider": provider}), SYNAPSE)
    assert translation.removed == removed
    assert translation.cut == cut


def test_a_body_without_a_model_takes_the_first_of_the_list() -> None:
    found = translate(Settings(options={"models": ["lab/one", "lab/two"]}), SYNAPSE)
    assert (found.model, dict(found.gateway)) == ("lab/one", {"models": ["lab/two"]})


def test_the_same_dialect_is_left_alone_and_no_dialect_loses_everything() -> None:
    options: dict[str, Any] = {
        "provider": {"only": ["groq"], "sort": "price"},
        "transforms": ["middle-out"],
        "usage": {"include": True},
    }
    same = translate(Settings(model="lab/one:nitro", options=options), gateway("openrouter"))
    assert not same.changes
    none = translate(Settings(model="lab/one", options=options), custom("https://llm.example/v1"))
    assert {row.field: str(row.status) for row in none.rows} == {
        "provider.only": "no-equivalent", "provider.sort": "no-equivalent", "transforms": "no-equivalent", "usage": "translated",
    }  # fmt: skip
    assert none.worst_loss is Risk.PRIVACY
    assert none.removed == {"usage"}


@pytest.mark.parametrize("suffix", [":free", ":online", ":extended", ":batch", ":exacto", ":free:nitro", ":online:thinking"])
def test_ids_that_are_never_stripped(suffix: str) -> None:
    found = translate(Settings(model=f"lab/one{suffix}"), SYNAPSE)
    assert not found.changes  # the id stays whole, so that nothing of it is written beside it either
    assert any(row.status == "no-equivalent" for row in found.rows)


def test_suffixes_that_are_an_option() -> None:
    found = translate(Settings(model="lab/one:nitro"), SYNAPSE)
    assert (found.model, dict(found.gateway)) == ("lab/one", {"sort": "tps"})
    beside = translate(Settings(model="lab/one:nitro", options={"provider": {"sort": "price"}}), SYNAPSE)
    assert dict(beside.gateway) == {"sort": "cost"}


def test_gateway_blocks_of_targets_without_the_dialect() -> None:
    (row,) = dialect({"only": ["groq"]}, custom("https://llm.example/v1"), True).rows
    assert (row.status, row.risk) == ("no-equivalent", "privacy")


@pytest.mark.parametrize(
    ("text", "base", "variants", "client"),
    [
        ("openrouter/openai/gpt-5:online", "openai/gpt-5", ("online",), "openrouter/"),
        ("openrouter/auto", "openrouter/auto", (), ""),
        ("openrouter/openrouter/auto", "openrouter/auto", (), "openrouter/"),
        ("openrouter:anthropic/claude-x", "anthropic/claude-x", (), "openrouter:"),
        ("a/b:free:online", "a/b", ("free", "online"), ""),
    ],
)
def test_ids_by_their_parts(text: str, base: str, variants: tuple[str, ...], client: str) -> None:
    form = model_ids.parse(text)
    assert form is not None
    assert (form.base, form.variants, form.client) == (base, variants, client)

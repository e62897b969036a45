"""Gateway profiles: what is on the shelf, and what the command line may and may not ask for."""

from __future__ import annotations

import pytest

from migrator.catalog import targets
from migrator.model import MigratorError


def test_the_default_is_synapse_garden_as_its_pages_state_it() -> None:
    target = targets.load()
    assert target.name == targets.names()[0] == "synapse-garden"
    assert target.openai_base == "https://synapse.garden/api/v1"
    assert target.anthropic_base == "https://synapse.garden/api"
    assert target.key_env == "MG_KEY"
    assert target.routing_fields == ("order", "only", "sort", "models", "caching")
    assert "responses" not in target.endpoints
    assert "sk-or-" in target.refused_prefixes


def test_every_name_loads_and_no_key_shape_is_both_known_and_refused() -> None:
    for name in (*targets.names(), "openrouter"):
        target = targets.gateway(name)
        assert target.name == name
        assert not target.openai_base.endswith("/")
        assert target.dialect in ("gateway", "openrouter", "none")
        assert not any(key.startswith(refused) for key in target.key_prefixes for refused in target.refused_prefixes)
        assert set(target.sandbox_prefixes) <= set(target.key_prefixes)


def test_aliases_and_letter_case() -> None:
    assert targets.load("Synapse") == targets.load("synapse-garden")


def test_openrouter_is_a_gateway_but_no_target() -> None:
    assert targets.gateway("openrouter").key_env == "OPENROUTER_API_KEY"
    with pytest.raises(MigratorError, match="one is leaving"):
        targets.load("openrouter")
    assert any(mistake.base == "https://api.openrouter.ai/v1" for mistake in targets.mistakes("openrouter"))


def test_an_unknown_target_names_the_near_one_and_all() -> None:
    with pytest.raises(MigratorError, match=r"did you mean vercel\? There are: synapse-garden, vercel"):
        targets.load("vercell")


def test_custom_takes_any_https_host() -> None:
    target = targets.custom("https://llm.example.com/v1/", "https://llm.example.com/", "EXAMPLE_KEY", dialect="gateway")
    assert target.openai_base == "https://llm.example.com/v1"
    assert target.anthropic_base == "https://llm.example.com"
    assert target.key_env == "EXAMPLE_KEY"
    assert "order" in target.routing_fields
    assert target.refused_prefixes == ("sk-or-",)


@pytest.mark.parametrize("url", ["http://localhost:8000/v1", "http://127.0.0.1:4000", "http://[::1]:9/v1"])
def test_plain_http_is_for_loopback(url: str) -> None:
    assert targets.custom(url, key_env="K").openai_base == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://llm.example.com/v1", "plain http"),
        ("http://localhost.example.com/v1", "plain http"),
        ("ftp://llm.example.com/v1", "looks like https"),
        ("llm.example.com/v1", "looks like https"),
        ("https://", "looks like https"),
        ("https://[::1/v1", "not a URL"),
        ("https://h:99999/v1", "not a URL"),
        ("https://h/v1?x=1", "no \\?"),
        ("https://h/v1 ", "spaces"),
        ("https://h/v1/chat/completions", "Try https://h/v1"),
        ("https://openrouter.ai/api/v1", "OpenRouter itself"),
        ("https://eu.OpenRouter.ai/api/v1", "OpenRouter itself"),
    ],
)
def test_what_cannot_be_a_base_url_is_refused(url: str, says: str) -> None:
    with pytest.raises(MigratorError, match=says):
        targets.custom(url, key_env="K")


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(MigratorError) as error:
        targets.custom("https://user:hunter2@h/v1", key_env="K")
    assert "hunter2" not in str(error.value)


def test_the_anthropic_base_stands_before_v1() -> None:
    with pytest.raises(MigratorError, match=r"try https://h\."):
        targets.custom("https://h/v1", "https://h/v1", "K")


@pytest.mark.parametrize("name", ["", "1X", "A-B", "A B", "A=B"])
def test_a_variable_needs_a_name(name: str) -> None:
    with pytest.raises(MigratorError, match="environment variable"):
        targets.custom("https://h/v1", key_env=name)
    with pytest.raises(MigratorError, match="environment variable"):
        targets.with_key_env(targets.load(), name)


def test_a_staging_host_takes_the_anthropic_base_along_or_loses_it() -> None:
    moved = targets.with_host(targets.load(), "https://staging.synapse.garden/api/v1/")
    assert (moved.openai_base, moved.anthropic_base) == (
        "https://staging.synapse.garden/api/v1",
        "https://staging.synapse.garden/api",
    )
    assert targets.with_host(targets.load(), "https://proxy.example.com/llm").anthropic_base is None
    with pytest.raises(MigratorError, match="OpenRouter itself"):
        targets.with_host(targets.load(), "https://openrouter.ai/api/v1")

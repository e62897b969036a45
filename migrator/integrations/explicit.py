"""Clients with OpenRouter built in that take an address and a key: given both, they are ordinary clients of any gateway.

Sources: @openrouter/ai-sdk-provider 2.10.0 and @langchain/openrouter 0.4.11, their own type declarations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explicit:
    """How such a client is told where to go."""

    hidden: str
    """Name of the library in `rules.hidden`."""
    module: str
    maker: str
    """The name that makes a client and takes one object of options."""
    url: str = "baseURL"
    key: str = "apiKey"
    key_env: str = "OPENROUTER_API_KEY"
    extra: tuple[tuple[str, str], ...] = ()
    """Options that keep the behaviour as it was, with their values as text."""
    refuse: tuple[str, ...] = ()
    """Options that only OpenRouter understands, or that would hand other parties' keys over."""
    instance: str | None = None
    """A ready-made client that the module exports."""


EXPLICIT: tuple[Explicit, ...] = (
    Explicit(
        hidden="ai-sdk-openrouter",
        module="@openrouter/ai-sdk-provider",
        maker="createOpenRouter",
        # OpenRouter always sends usage at the end of a stream; elsewhere it must be asked for, and only this mode asks
        extra=(("compatibility", '"strict"'),),
        refuse=("api_keys", "extraBody"),
        instance="openrouter",
    ),
    Explicit(
        hidden="langchain-openrouter-js",
        module="@langchain/openrouter",
        maker="ChatOpenRouter",
        refuse=("provider", "models", "route", "transforms", "plugins", "modelKwargs"),
    ),
)

DIALECT_SETTINGS = ("provider", "models", "plugins", "extraBody", "web_search_options")
"""Settings of one model of the AI SDK's provider that go into the body as OpenRouter's own fields."""

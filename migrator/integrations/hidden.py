"""Libraries that hide OpenRouter's host or read its key variable by themselves. They pin the variable; renaming it breaks them silently.

Sources: the packages as published in November 2026 (`integrations` notes of each package's own client module).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """One library with a built-in OpenRouter mode."""

    name: str
    modules: tuple[str, ...]
    """Import paths (prefixes) that mean it."""
    what: str
    """What the code would have to become, one sentence."""
    callees: tuple[str, ...] = ()
    """Only these names of the module; empty: everything imported from it."""


HIDDEN: tuple[Hidden, ...] = (
    Hidden(
        name="openrouter-sdk",
        modules=("openrouter", "@openrouter/sdk"),
        what="OpenRouter's own SDK checks replies for fields that other gateways do not send; use the OpenAI client with a base URL instead.",
    ),
    Hidden(
        name="openrouter-agent",
        modules=("@openrouter/agent",),
        what="It posts to /responses with OpenRouter's options; there is no like-for-like replacement.",
    ),
    Hidden(
        name="ai-sdk-openrouter",
        modules=("@openrouter/ai-sdk-provider",),
        what="Give createOpenRouter a baseURL and an apiKey, or use createOpenAICompatible.",
    ),
    Hidden(
        name="langchain-openrouter",
        modules=("langchain_openrouter",),
        what="It wraps OpenRouter's SDK, which checks replies; use ChatOpenAI with base_url and api_key.",
    ),
    Hidden(
        name="langchain-openrouter-js",
        modules=("@langchain/openrouter",),
        what="Give ChatOpenRouter a baseURL and an apiKey, or use ChatOpenAI.",
    ),
    Hidden(
        name="llama-index-openrouter",
        modules=("llama_index.llms.openrouter",),
        what="Add api_base and api_key to OpenRouter(…): it ignores OPENROUTER_API_BASE.",
    ),
    Hidden(
        name="pydantic-ai-openrouter",
        modules=("pydantic_ai.providers.openrouter", "pydantic_ai.models.openrouter"),
        what="Use OpenAIChatModel with OpenAIProvider(base_url=…, api_key=…): the OpenRouter classes require a `provider` field in replies.",
    ),
    Hidden(
        name="agno-openrouter",
        modules=("agno.models.openrouter", "phi.model.openrouter"),
        what="Add base_url and api_key to OpenRouter(…).",
    ),
    Hidden(
        name="haystack-openrouter",
        modules=("haystack_integrations.components.generators.openrouter",),
        what="Add api_base_url and api_key, or use OpenAIChatGenerator.",
    ),
    Hidden(
        name="browser-use-openrouter",
        modules=("browser_use.llm", "browser_use"),
        callees=("ChatOpenRouter",),
        what="Add base_url and api_key.",
    ),
    Hidden(
        name="magentic-openrouter",
        modules=("magentic.chat_model.openrouter_chat_model", "magentic"),
        callees=("OpenRouterChatModel",),
        what="Add base_url and api_key, or use OpenaiChatModel.",
    ),
    Hidden(
        name="pipecat-openrouter",
        modules=("pipecat.services.openrouter",),
        what="Add base_url and api_key.",
    ),
    Hidden(
        name="semantic-kernel-openrouter",
        modules=("semantic_kernel.connectors.ai.openrouter",),
        what="Use OpenAIChatCompletion with an AsyncOpenAI client that has base_url and api_key.",
    ),
    Hidden(
        name="elizaos-openrouter",
        modules=("@elizaos/plugin-openrouter",),
        what="The plugin owns its variables: use @elizaos/plugin-openai with OPENAI_BASE_URL and OPENAI_API_KEY.",
    ),
    Hidden(
        name="instructor-openrouter",
        modules=("instructor",),
        callees=("from_openrouter",),
        what="Use from_openai with a client that has base_url and api_key.",
    ),
)

# packages whose presence in a manifest means that the key variable has a reader outside the code
PRESENCE: dict[str, str] = {
    "mem0ai": "mem0 switches its provider on as soon as OPENROUTER_API_KEY is set, whatever its configuration says",
    "aider-chat": "aider reads OPENROUTER_API_KEY from the repository's .env and picks its default model by it",
}

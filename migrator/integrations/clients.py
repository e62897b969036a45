"""Clients whose URL and key are arguments: a repointed one is the same client. One literal serves Python and TypeScript.

Sources: the packages' own constructors as published in November 2026; the argument names are public API.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A constructor (or call) with the names its URL and key go by."""

    name: str
    """Integration name in the report."""
    callees: tuple[str, ...]
    """Qualified names, as `scope.dotted` spells them."""
    url: tuple[str, ...]
    """Names of the base URL; `a.b` for an option object inside an option."""
    key: tuple[str, ...]
    url_at: int | None = None
    """Position, where it can be given by position."""
    key_at: int | None = None
    key_env: str | None = None
    """Variable the library reads when no key is given."""
    url_env: str | None = None
    headers: tuple[str, ...] = ("default_headers", "defaultHeaders", "headers", "extra_headers")


_OPENAI = ("OpenAI", "AsyncOpenAI", "Client", "AsyncClient", "default", "default.OpenAI", "OpenAIClient")
_ANTHROPIC = ("Anthropic", "AsyncAnthropic", "default", "default.Anthropic", "Client", "AsyncClient")

CLIENTS: tuple[Client, ...] = (
    Client(
        name="openai",
        callees=(
            *(f"openai.{name}" for name in _OPENAI),
            *(f"langfuse.openai.{name}" for name in _OPENAI),
            *(f"langsmith.wrappers.{name}" for name in _OPENAI),
            *(f"{sdk}.{method}" for sdk in ("openai.OpenAI()", "openai.AsyncOpenAI()", "openai.default()") for method in ("with_options", "copy", "withOptions")),
            # const OpenAI = require("openai")
            "openai", "openai.default.default", "@openai/agents.OpenAIProvider",
        ),
        url=("base_url", "baseURL"),
        key=("api_key", "apiKey"),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_BASE_URL",
    ),
    Client(
        name="openai-legacy",
        callees=(
            *(f"openai.{kind}.{verb}" for kind in ("ChatCompletion", "Completion", "Embedding") for verb in ("create", "acreate")),
            "openai.Configuration",
            "openai.default.Configuration", "openai-edge.Configuration",
        ),
        url=("api_base", "basePath"),
        key=("api_key", "apiKey"),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_API_BASE",
    ),
    Client(
        name="anthropic",
        callees=(*(f"anthropic.{name}" for name in _ANTHROPIC), *(f"@anthropic-ai/sdk.{name}" for name in _ANTHROPIC), "@anthropic-ai/sdk"),
        url=("base_url", "baseURL"),
        key=("auth_token", "authToken", "api_key", "apiKey"),
        key_env="ANTHROPIC_API_KEY",
        url_env="ANTHROPIC_BASE_URL",
    ),
    Client(
        name="langchain",
        callees=(
            *(f"langchain_openai.{name}" for name in ("ChatOpenAI", "OpenAI", "OpenAIEmbeddings")),
            *(f"langchain_openai.chat_models.{name}" for name in ("ChatOpenAI",)),
            *(f"langchain_openai.chat_models.base.{name}" for name in ("ChatOpenAI", "BaseChatOpenAI")),
            *(f"langchain_openai.embeddings.{name}" for name in ("OpenAIEmbeddings",)),
            "langchain.chat_models.ChatOpenAI", "langchain.chat_models.openai.ChatOpenAI", "langchain.llms.OpenAI",
            "langchain.embeddings.openai.OpenAIEmbeddings", "langchain.embeddings.OpenAIEmbeddings",
            "langchain_community.chat_models.ChatOpenAI", "langchain_community.chat_models.openai.ChatOpenAI",
            "langchain.chat_models.init_chat_model", "langchain.chat_models.base.init_chat_model",
            *(f"@langchain/openai.{name}" for name in ("ChatOpenAI", "OpenAI", "OpenAIEmbeddings")),
            *(f"langchain/{path}.ChatOpenAI" for path in ("chat_models/openai", "chat_models")),
            "langchain/embeddings/openai.OpenAIEmbeddings", "langchain/llms/openai.OpenAI", "langchain.initChatModel",
            "langchain/chat_models/universal.initChatModel",
        ),
        url=("openai_api_base", "base_url", "configuration.baseURL", "configuration.basePath", "openAIApiBase"),
        key=("openai_api_key", "api_key", "apiKey", "openAIApiKey", "configuration.apiKey"),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_API_BASE",
    ),
    Client(
        name="ai-sdk",
        callees=(
            "@ai-sdk/openai.createOpenAI", "@ai-sdk/openai-compatible.createOpenAICompatible", "@ai-sdk/anthropic.createAnthropic",
            "@ai-sdk/openai-compatible.OpenAICompatibleChatLanguageModel",
        ),
        url=("baseURL", "baseUrl"),
        key=("apiKey",),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_BASE_URL",
    ),
    Client(
        name="ai-sdk-openrouter",
        callees=("@openrouter/ai-sdk-provider.createOpenRouter", "@openrouter/ai-sdk-provider.OpenRouter"),
        url=("baseURL", "baseUrl"),
        key=("apiKey",),
        key_env="OPENROUTER_API_KEY",
    ),
    Client(
        name="langchain-openrouter-js",
        callees=("@langchain/openrouter.ChatOpenRouter",),
        url=("baseURL",),
        key=("apiKey",),
        key_env="OPENROUTER_API_KEY",
    ),
    Client(
        name="agent-kit",
        callees=("@inngest/agent-kit.openai", "inngest.openai", "@inngest/ai.openai"),
        url=("baseUrl", "baseURL"),
        key=("apiKey",),
        key_env="OPENAI_API_KEY",
    ),
    Client(
        name="llama-index",
        callees=(
            "llama_index.llms.openai_like.OpenAILike", "llama_index.llms.openai_like.base.OpenAILike", "llama_index.llms.openai.OpenAI",
            "llama_index.embeddings.openai.OpenAIEmbedding", "llama_index.embeddings.openai_like.OpenAILikeEmbedding",
            "llama_index.llms.openrouter.OpenRouter", "llamaindex.OpenAI", "llamaindex.openai", "@llamaindex/openai.OpenAI", "@llamaindex/openai.openai",
        ),
        url=("api_base", "baseURL", "additionalSessionOptions.baseURL"),
        key=("api_key", "apiKey"),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_API_BASE",
    ),
    Client(
        name="pydantic-ai",
        callees=(
            "pydantic_ai.providers.openai.OpenAIProvider", "pydantic_ai.models.openai.OpenAIModel", "pydantic_ai.models.openai.OpenAIChatModel",
            "pydantic_ai.providers.openai_compatible.OpenAICompatibleProvider",
        ),
        url=("base_url",),
        key=("api_key",),
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_BASE_URL",
    ),
    Client(
        name="litellm",
        callees=(
            *(f"litellm.{name}" for name in ("completion", "acompletion", "embedding", "aembedding", "text_completion", "batch_completion")),
            "google.adk.models.lite_llm.LiteLlm",
        ),
        url=("api_base", "base_url"),
        key=("api_key",),
    ),
    Client(name="dspy", callees=("dspy.LM", "dspy.OpenAI", "dspy.Embedder"), url=("api_base", "base_url"), key=("api_key",)),
    Client(name="crewai", callees=("crewai.LLM", "crewai.llm.LLM"), url=("base_url", "api_base"), key=("api_key",)),
    Client(
        name="agno",
        callees=(
            "agno.models.openai.like.OpenAILike", "agno.models.openai.OpenAILike", "agno.models.openai.OpenAIChat", "agno.models.openrouter.OpenRouter",
            "phi.model.openai.OpenAIChat", "phi.model.openai.like.OpenAILike", "phi.model.openrouter.OpenRouter", "agno.models.openrouter.openrouter.OpenRouter",
        ),
        url=("base_url",),
        key=("api_key",),
        key_env="OPENAI_API_KEY",
    ),
    Client(
        name="haystack",
        callees=(
            "haystack.components.generators.chat.OpenAIChatGenerator", "haystack.components.generators.OpenAIGenerator",
            "haystack.components.embedders.OpenAITextEmbedder", "haystack.components.embedders.OpenAIDocumentEmbedder",
            "haystack_integrations.components.generators.openrouter.OpenRouterChatGenerator",
        ),
        url=("api_base_url",),
        key=("api_key",),
        key_at=0,
        url_at=3,
        key_env="OPENAI_API_KEY",
    ),
    Client(
        name="smolagents",
        callees=("smolagents.OpenAIServerModel", "smolagents.OpenAIModel", "smolagents.LiteLLMModel", "smolagents.models.OpenAIServerModel"),
        url=("api_base",),
        key=("api_key",),
        url_at=1,
        key_at=2,
        key_env="OPENAI_API_KEY",
    ),
    Client(
        name="autogen",
        callees=("autogen_ext.models.openai.OpenAIChatCompletionClient", "autogen.LLMConfig", "autogen.OpenAIWrapper"),
        url=("base_url", "api_base"),
        key=("api_key",),
        key_env="OPENAI_API_KEY",
    ),
    Client(name="magentic", callees=("magentic.OpenaiChatModel", "magentic.chat_model.openai_chat_model.OpenaiChatModel"), url=("base_url",), key=("api_key",)),
    Client(
        name="browser-use",
        callees=("browser_use.ChatOpenAI", "browser_use.llm.ChatOpenAI", "browser_use.llm.ChatOpenRouter", "browser_use.ChatOpenRouter"),
        url=("base_url",),
        key=("api_key",),
    ),
    Client(
        name="livekit",
        callees=("livekit.plugins.openai.LLM", "livekit.plugins.openai.LLM.with_openrouter", "pipecat.services.openai.llm.OpenAILLMService",
                 "pipecat.services.openai.OpenAILLMService", "pipecat.services.openrouter.llm.OpenRouterLLMService"),
        url=("base_url",),
        key=("api_key",),
    ),
    Client(name="guidance", callees=("guidance.models.OpenAI",), url=("base_url",), key=("api_key",)),
    Client(name="instructor", callees=("instructor.from_provider",), url=("base_url",), key=("api_key",)),
    Client(name="openai-agents", callees=("agents.extensions.models.litellm_model.LitellmModel",), url=("base_url",), key=("api_key",), url_at=1, key_at=2),
    Client(name="genkit", callees=("@genkit-ai/compat-oai.openAICompatible", "genkitx-openai.openAI"), url=("baseURL",), key=("apiKey",)),
    Client(
        name="http-client",
        callees=(
            "httpx.Client", "httpx.AsyncClient", "aiohttp.ClientSession", "requests.Session", "axios.create", "axios.default.create", "ky.create",
            "ky.default.create", "got.extend", "got.default.extend", "ofetch.$fetch.create", "requests_toolbelt.sessions.BaseUrlSession",
        ),
        url=("base_url", "baseURL", "prefixUrl"),
        key=(),
        url_at=None,
    ),
)  # fmt: skip

BY_CALLEE: dict[str, Client] = {callee: client for client in CLIENTS for callee in client.callees}

# calls that send one request; the address is the first argument that holds one
REQUESTS = frozenset(
    {
        "get", "post", "put", "patch", "delete", "request", "stream", "fetch", "urlopen", "Request", "axios", "got", "ky", "$fetch", "ofetch", "send",
        "open", "useFetch", "superagent", "fetchWithRetry", "fetchWithTimeout", "sse_connect", "connect_sse", "aconnect_sse", "EventSource",
        "fetchEventSource", "requestUrl", "UrlFetchApp", "build_request", "urlretrieve", "head", "GM_xmlhttpRequest", "httpRequest", "safeFetch",
        "fetchJson", "client", "http", "curl", "wget", "goto",
    }
)  # fmt: skip

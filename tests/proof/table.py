"""The README's table of what is recognised, beside the forms of the grammar that draw it.

`DRAWN` says for each word of the table which forms prove it by running, `BY_FIXTURES` which words no generated application has, and where
they are shown instead. `test_table.py` holds both against the table and against the grammar, so that neither grows alone.
"""

from __future__ import annotations

DRAWN: dict[str, tuple[str, ...]] = {
    # languages
    "Python": ("python",),
    "JavaScript": ("javascript",),
    "TypeScript": ("typescript",),
    "shell": ("shell",),
    # clients
    "openai": ("openai", "openai-async"),
    "anthropic": ("anthropic", "anthropic-key"),
    "LangChain's ChatOpenAI": ("langchain", "langchain-js"),
    "requests": ("requests", "session", "session-headers", "passed-on", "passed-without-headers", "requests-request", "to-thread"),
    "httpx": ("httpx", "httpx-client", "httpx-async", "httpx-with"),
    "aiohttp": ("aiohttp",),
    "urllib": ("urllib", "request-later", "http.client"),
    "fetch": ("fetch", "fetch-later", "request-later"),
    "axios": ("axios", "axios-create", "axios-request", "axios-config", "axios-options"),
    "curl": ("curl", "curl-body", "curl-heredoc", "curl-url", "function"),
    "Libraries with OpenRouter built in": ("create-openrouter", "openai-compatible", "create-openai"),
    # formats
    "the .env family": ("dotenv", "own-dotenv", "env-file"),
    "compose": ("compose", "env-file"),
    "GitHub Actions": ("workflow", "composite"),
    "Kubernetes": ("kubernetes",),
    "Dockerfiles": ("docker",),
    "HCL": ("terraform",),
    "Make": ("make",),
}
"""A word of the table, and the languages, clients and kinds of delivery that are drawn for it."""

BY_FIXTURES: dict[str, str] = {
    "notebooks": "raw-http",
    "JSX": "typescript",
    "Vue": "typescript",
    "Svelte": "typescript",
    "Astro": "typescript",
    "Go": "go",
    "Ruby": "ruby",
    "Java": "java",
    "Kotlin": "kotlin",
    "PHP": "php",
    "C#": "csharp",
    ".NET": "csharp",
    "Rust": "rust",
    "Dart": "dart",
    "Swift": "swift",
    "the OpenAI SDKs for Go": "go",
    "go-openai": "go",
    "LangChainGo": "go",
    "Spring AI": "java",
    "LangChain4j": "java",
    "ruby-openai": "ruby",
    "RubyLLM": "ruby",
    "Semantic Kernel": "csharp",
    "async-openai": "rust",
    "openai_dart": "dart",
    "OpenAI for Swift": "swift",
    "Retrofit": "kotlin",
    "the usual HTTP clients of these languages": "go",
    "raw HTTP": "raw-http",
    "YAML": "configuration",
    "TOML": "configuration",
    "INI": "configuration",
    "JSON": "configuration",
    ".http files": "configuration",
    "property lists": "configuration",
    ".xcconfig": "configuration",
    "Markdown": "documents",
}
"""A word of the table that no generated application has, and the folder of `fixtures/` that shows it."""

WITHOUT_A_WORD = ("host", "launcher", "password-store", "docker-run", "systemd")
"""Kinds of delivery that the table does not name: they are shell, or variables that come from outside of the tree."""

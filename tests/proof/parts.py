"""What the languages have in common: names of things, request bodies, modules that are written piece by piece."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from tests.proof.grammar import OLD_BASE, Address, Call, Program

SERVICE_URL = "https://hooks.example.org/usage"
MODEL = "openai/gpt-4o-mini"
PATHS = {"chat": "/chat/completions", "embeddings": "/embeddings", "models": "/models", "credits": "/credits", "key": "/key"}
STORE_ENTRY = "openrouter_api_key"
KEY_FILE = "openrouter.key"
CONFIG_FILE = "config.json"


def old_key(source: str) -> str:
    """The made-up key of OpenRouter that a variable, entry or file holds."""
    return "sk-or-v1-" + hashlib.sha256(source.encode()).hexdigest()


def base_of(address: Address) -> str:
    """OpenRouter's address in the form that the address holds."""
    return OLD_BASE.removesuffix("/v1") if address.base == "anthropic" else OLD_BASE


def tag(script: int, number: int) -> str:
    """The text by which a request is told from others."""
    return f"call-{script + 1}-{number + 1}"


def numbered(name: str, index: int) -> str:
    """A name that no other index has."""
    return name if index == 0 else f"{name}_{index + 1}"


def provider(call: Call) -> dict[str, Any]:
    """OpenRouter's routing options of a call."""
    rules: dict[str, Any] = {}
    if "order" in call.options:
        rules["order"] = ["azure", "openai"]
    if "only" in call.options:
        rules["only"] = ["openai"]
    if "sort" in call.options:
        rules["sort"] = "price"
    return rules


def body(call: Call, label: str) -> dict[str, Any]:
    """The JSON body that a raw call sends; empty for those that send none."""
    if call.endpoint == "embeddings":
        return {"model": "openai/text-embedding-3-small", "input": label}
    if call.endpoint != "chat":
        return {}
    document: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": label}]}
    if "temperature" in call.options:
        document["temperature"] = 0.5
    if rules := provider(call):
        document["provider"] = rules
    return document


def headers(call: Call, label: str) -> dict[str, str]:
    """Headers beside the key."""
    given = {} if call.endpoint == "chat" else {"X-Request-Tag": label}
    return given | ({"HTTP-Referer": "https://example.org", "X-Title": "Summaries"} if "title" in call.options else {})


def text(value: Any) -> str:
    """A JSON value in one line, which is also Python and JavaScript for the values used here."""
    return json.dumps(value)


@dataclass(slots=True)
class Module:
    """A source file in the making."""

    imports: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    """What else is known of the file."""

    def need(self, *lines: str) -> None:
        """Imports, each once."""
        self.imports += [line for line in lines if line not in self.imports]

    def define(self, *lines: str) -> None:
        """Lines at the top level, each group once."""
        if not all(line in self.lines for line in lines):
            self.lines += lines

    def source(self, head: str = "") -> str:
        """The file."""
        imports = "".join(f"{line}\n" for line in self.imports)
        body = "".join(f"{line}\n" for line in self.lines)
        return head + imports + ("\n" if imports and body else "") + body


def script_names(program: Program) -> list[str]:
    """The scripts' paths."""
    ending = {"python": "py", "typescript": "ts", "javascript": "js", "shell": "sh"}[program.language]
    return [f"{name}.{ending}" for name, _ in zip(("app", "worker", "nightly"), program.scripts, strict=False)]

"""Which entry of a mapping holds the key for the address beside it.

A flat configuration has the keys of several services: `telegram_token`, `openrouter_api_key` and `openrouter_base_url` stand beside each other.
An entry belongs to the address by its name; one that is named after something else belongs to that, and its variable must keep its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from migrator.catalog.variables import says_openrouter
from migrator.formats.tree import EnvRef, Node, Str, nodes
from migrator.patterns import regex

_KEY_ENTRY = regex(
    r"(?P<owner>\w*[_-])?(api[_-]?keys?|apikeys?|key|token|auth[_-]?token|secret|env[_-]?key|key[_-]?env|api[_-]?key[_-]?(env(ar|[_-]?var)?|name)|authorization)$",
    re.IGNORECASE,
)
_WORD = regex(r"[_-]+")
_ANYONES = frozenset((
    "ai", "api", "auth", "backup", "bearer", "chat", "client", "default", "fallback", "gateway", "llm", "main", "model", "my", "primary",
    "private", "provider", "secondary", "secret",
))  # fmt: skip
"""Words in front of a key that say nothing of whose it is."""
_COMPATIBLE = "openai"
"""Its clients are what most programs point at OpenRouter, under its names."""

Entry = tuple[str, Node]
"""The name of an entry or of an argument, and its value."""


def names_key(name: str) -> bool:
    """Does the name of an entry or an argument say that it holds a key, or names the variable that does?"""
    return _KEY_ENTRY.fullmatch(name) is not None


def keys_of_address(entries: Sequence[Entry], address: str) -> list[Node]:
    """The values of the entries with the key for an address; `address` is the name of the entry that has it, "" for none."""
    keys = [(name, value) for name, value in entries if names_key(name)]
    openrouters = [value for name, value in keys if says_openrouter(name) or _is_openrouters(value)]
    plain = [(name, value) for name, value in keys if set(_owner(name)) <= _ANYONES and value not in openrouters]
    if openrouters:
        return openrouters + ([] if says_openrouter(address) else [value for name, value in plain if "key" in name.lower()])
    first = _words(address)[:1]
    same = [value for name, value in keys if first and _words(name)[:1] == first]
    return same or [value for _, value in plain] or [value for name, value in keys if _owner(name) == [_COMPATIBLE]]


def _is_openrouters(value: Node) -> bool:
    """Does a value name a variable of OpenRouter's?"""
    named = (part.name if isinstance(part, EnvRef) else part.value if isinstance(part, Str) else "" for part in nodes(value))
    return any(name.isupper() and says_openrouter(name) for name in named)


def _owner(name: str) -> list[str]:
    """The words in front of what says key: `telegram` of `telegram_token`."""
    match = _KEY_ENTRY.fullmatch(name)
    return _words(match["owner"] or "") if match is not None else []


def _words(name: str) -> list[str]:
    return [word for word in _WORD.split(name.lower()) if word]

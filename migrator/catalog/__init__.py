"""The catalog as values: what OpenRouter's hosts, endpoints, names and fields are. Data lives in `catalog/`, this only reads it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from migrator.patterns import regex

_FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """One catalog file by its stem; raises FileNotFoundError for a name that is not shipped."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def openrouter() -> dict[str, Any]:
    """`catalog/openrouter.toml`."""
    return table("openrouter")


@cache
def model_variants() -> dict[str, dict[str, str]]:
    """Every suffix of a model id that means something only at OpenRouter: name to `kind`, `risk`, `note`. The only list of them."""
    variants: dict[str, dict[str, str]] = table("model_ids")["variants"]
    return variants


@cache
def key_variable_pattern() -> re.Pattern[str]:
    """Matches a whole identifier that holds an OpenRouter key: groups `prefix`, `stem`, `suffix`.

    A framework prefix and a trailing qualifier (`_PROD`, `_2`) belong to the program and stay; only the stem is OpenRouter's.
    """
    stems = "|".join(sorted((re.escape(stem) for stem in openrouter()["keys"]["variables"]), key=len, reverse=True))
    return re.compile(rf"^(?P<prefix>(?:[A-Za-z][A-Za-z0-9]*_)*?)(?P<stem>{stems})(?P<suffix>(?:_[A-Za-z0-9]+)*)$", re.IGNORECASE)


_NOT_A_KEY = regex(
    r"_(KEYS|URL|BASE|VERSION|MODEL|NAME|HEADER|FILE|PATH|PREFIX|HELP|LENGTH|PATTERN|REGEX|LABEL|TITLE|ENV|VAR|ID|COUNT|STATUS|VALID|SET|HERE|PLACEHOLDER|MISSING|REQUIRED|INVALID|ERROR)S?$",
    re.IGNORECASE,
)


_TALK = regex(
    r"^(YOUR|MY_OWN|ENTER|INSERT|ADD|REPLACE|PUT|PASTE|NO|MISSING|INVALID|HAS|USE|IS|ERR|ERROR|NEED|NEEDS|REQUIRE|REQUIRES|SET|THE)_",
    re.IGNORECASE,
)
"""Heads that make a name a placeholder, a flag or an error code."""


@cache
def is_key_variable(name: str) -> bool:
    """Does this environment variable hold an OpenRouter inference key, by its name?"""
    return (
        bool(key_variable_pattern().match(name))
        and name.upper() == name
        and not _NOT_A_KEY.search(name)
        and not _TALK.match(name)
        and name not in openrouter()["keys"]["management"]
    )


def renamed(name: str, new_key: str) -> str | None:
    """The target's name for a key variable: `VITE_OPENROUTER_API_KEY_PROD` → `VITE_MG_KEY_PROD`. None where it is not one."""
    match = key_variable_pattern().match(name)
    return match and f"{match['prefix']}{new_key}{match['suffix']}"

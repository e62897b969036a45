"""New names of variables: a key becomes the target's key variable, an address gets the target's stem, and what frames read into a name stays."""

from __future__ import annotations

import re

from migrator.catalog import is_key_variable, key_variable_pattern, openrouter
from migrator.patterns import regex

_STEM = regex(r"OPEN_?ROUTER(?:_?AI(?=_))?", re.IGNORECASE)
_CAPITALS = regex(r"[A-Z0-9_]+")
_URL = regex(r"(?:^|_)(?:URL|URI|BASE|ENDPOINT|HOST)$", re.IGNORECASE)
_PAGE_OF_THE_PROGRAM = regex(r"(?:^|_)(?:SITE|APP|APPLICATION|REFERR?ER|HOMEPAGE)(?:_|$)", re.IGNORECASE)
"""Words of variables with the program's own page, which goes into the attribution headers (`OPENROUTER_SITE_URL`)."""
_END_OF_KEY = regex(r"_(?:API_)?(?:KEY|TOKEN)$")


def target_stem(key_env: str) -> str:
    """The head of a target's variables: `MG` of `MG_KEY`, `AI_GATEWAY` of `AI_GATEWAY_API_KEY`."""
    return _END_OF_KEY.sub("", key_env) or key_env


def _prefix(name: str) -> str:
    """The part of a name that a framework gives a meaning: `VITE_`, `NEXT_PUBLIC_`."""
    prefixes: list[str] = openrouter()["keys"]["public_prefixes"]
    return next((prefix for prefix in sorted(prefixes, key=len, reverse=True) if name.startswith(prefix)), "")


def new_key_name(name: str, key_env: str, *, any_name: bool = False) -> str:
    """The target's name for a key variable: `VITE_OPENROUTER_API_KEY_PROD` becomes `VITE_MG_KEY_PROD`, `LLM_API_KEY` becomes `MG_KEY`.

    A list stays plural, `_FILE` stays. "" for a name that says nothing of OpenRouter, unless `any_name`.
    """
    ending = "_FILE" if name.upper().endswith("_FILE") else ""
    bare = name[: len(name) - len(ending)] if ending else name
    if bare.upper().endswith("KEYS"):
        return f"{_prefix(name)}{key_env}S{ending}" if any_name or _STEM.search(name) else ""
    match = key_variable_pattern().match(bare)
    if match is not None and (bare == bare.upper()):
        return f"{match['prefix']}{key_env}{match['suffix']}{ending}"
    if any_name or _STEM.search(name):
        return f"{_prefix(name)}{key_env}{ending}"
    return ""


def new_address_name(name: str, key_env: str, *, any_name: bool = False) -> str:
    """The target's name for an address variable: `OPENROUTER_API_BASE` becomes `MG_API_BASE`, `LLM_BASE_URL` becomes `MG_BASE_URL`.

    "" for a name that says nothing of OpenRouter, unless `any_name`.
    """
    stem = target_stem(key_env)
    if _STEM.search(name):
        return _STEM.sub(stem if name != name.lower() else stem.lower(), name, count=1)
    return f"{_prefix(name)}{stem}_BASE_URL" if any_name else ""


def names_url(name: str) -> bool:
    """Does a variable's name say that it holds the address of something, so that no key belongs into it?"""
    return _URL.search(name) is not None


def is_address_variable(name: str) -> bool:
    """Is a variable an address of OpenRouter's by its name (`OPENROUTER_BASE_URL`), not the program's own page (`OPENROUTER_SITE_URL`)?"""
    return bool(_CAPITALS.fullmatch(name) and names_url(name) and _STEM.search(name)) and not _PAGE_OF_THE_PROGRAM.search(name)


def named_endpoint(name: str) -> str:
    """The endpoint that the name of an address variable says: `generation` of `OPENROUTER_GENERATION_API_URL`; "" where it says none."""
    words = [word for word in _STEM.sub("", name).upper().split("_") if word and word not in _WORDS_OF_ADDRESSES]
    path = "/".join(words).lower()
    return path if is_address_variable(name) and path in openrouter()["endpoints"]["own"] else ""


_WORDS_OF_ADDRESSES = frozenset(("API", "URL", "URI", "ENDPOINT", "BASE", "ADDRESS", "HOST"))


def says_openrouter(name: str) -> bool:
    """Does a variable's name say that it is OpenRouter's?"""
    return bool(_STEM.search(name)) or is_key_variable(name)

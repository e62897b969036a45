"""Is the project itself made for OpenRouter? Then there is nothing to move: its package says so by its name."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable

from migrator.patterns import regex

_MADE_FOR_IT = regex(
    r"(?:@[^/]+/)?(?!migrat)(?:.+[-_.])?open-?router(?:[-_.](?:client|sdk|api|py|python|js|ts|node|proxy|cli|mcp|server|provider|plugin|models?|keys?|rotator|usage"
    r"|costs?|credits|tracker|monitor|stats|wrapper|adapter|toolkit|tools?|kit|extension|ext|go|rs))*\Z",
    re.IGNORECASE,
)


def published_for_openrouter(manifests: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Manifest and name of a package that is made for OpenRouter and published; None for a program that only uses it.

    Sources: https://docs.npmjs.com/cli/configuring-npm/package-json, https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    for path, text in sorted(manifests, key=lambda pair: (pair[0].count("/"), pair[0])):
        if "/" in path:
            return None
        name = _published(path, text)
        if name and _MADE_FOR_IT.fullmatch(name):
            return path, name
    return None


def is_published(path: str, text: str) -> bool:
    """Is this the manifest of a package that others can install?"""
    return bool(_published(path, text))


def _published(path: str, text: str) -> str:
    """The name of the package in a manifest that others can install; "" for anything else."""
    try:
        if path.endswith("package.json"):
            data = json.loads(text)
            open_to_all = (
                isinstance(data, dict)
                and not data.get("private")
                and data.keys() & {"main", "module", "exports", "bin", "types", "files"}
            )
            return str(data.get("name", "")) if open_to_all else ""
        if path.endswith("pyproject.toml"):
            table = tomllib.loads(text)
            project = table.get("project") or table.get("tool", {}).get("poetry") or {}
            return str(project.get("name", "")) if "build-system" in table else ""
    except (ValueError, AttributeError, RecursionError):
        return ""
    return ""

"""Spellings: keys as the API has them, and a place with its edits as a person would write it."""

from __future__ import annotations

import re

from migrator.analysis.exchange.model import Part


def snake(name: str) -> str:
    """`maxTokens` as `max_tokens`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def written(text: str, place: Part) -> str:
    """A place with its edits, on one line, for a person to copy."""
    start, end = place.span
    inside = sorted((edit for edit in place.edits if start <= edit.span.start and edit.span.end <= end), key=lambda edit: edit.span)
    parts, at = [], start
    for edit in inside:
        parts += [text[at : edit.span.start], edit.new]
        at = max(at, edit.span.end)
    return re.sub(r"\s+", " ", "".join((*parts, text[at:end]))).strip()


def is_typed(path: str) -> bool:
    """Does a type checker read the file?"""
    return path.endswith((".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro"))

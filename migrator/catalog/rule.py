"""The vocabulary rule files are written in: what a rule is, before any of them judges anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding. `migrate-openrouter explain ID` prints it; a finding's `rule` is its id."""

    id: str
    """Lower case words with dashes: `env-rename`, `hidden-client`."""
    title: str
    about: str
    """What it looks for, what it does and why; plain text, paragraphs separated by blank lines."""
    source: str = ""
    """The upstream page or package that justifies it."""

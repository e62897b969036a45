"""What an exchange of classes is made of: edits with the reasons that hold it back or leave it to `--unsafe`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from migrator.model import Edit, Span


@dataclass(slots=True, eq=False, kw_only=True)
class Rewritten:
    """One place, a constructor or a call: its edits, and what was not understood about it."""

    path: str
    span: Span
    edits: list[Edit] = field(default_factory=list)
    refused: str = ""
    """Why it cannot be exchanged."""
    unsure: str = ""
    """Why only `--unsafe` may exchange it."""
    returned: set[str] = field(default_factory=set)
    """Names of functions that give a whole reply to their callers."""

    def edit(self, start: int, end: int, text: str, new: str) -> None:
        """Replace what stands between two offsets of `text`."""
        self.edits.append(Edit(path=self.path, span=Span(start, end), old=text[start:end], new=new))

    def refuse(self, reason: str) -> None:
        """The first reason is told."""
        self.refused = self.refused or reason

    def doubt(self, reason: str) -> None:
        """The first reason is told."""
        self.unsure = self.unsure or reason


def snake(name: str) -> str:
    """`maxTokens` as `max_tokens`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def written(text: str, place: Rewritten) -> str:
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

"""Plans made by hand, for tests of what happens after planning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from migrator.catalog import targets
from migrator.model import Action, Applicability, Category, Change, Edit, Finding, Plan, Source, Span


def source(path: str, text: str) -> Source:
    """A UTF-8 file."""
    return Source(
        path=path,
        text=text,
        encoding="utf-8",
        bom=False,
        digest=hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest(),
    )


def span(text: str, needle: str, *, nth: int = 0) -> Span:
    """Where `needle` stands, counted from 0."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(needle, at + 1)
    return Span(at, at + len(needle))


def finding(file: Source, needle: str, new: str | None = None, *, nth: int = 0, **more: Any) -> Finding:
    """A finding at `needle`: a safe rewrite where there is a new text, a flag otherwise."""
    where = span(file.text, needle, nth=nth)
    values: dict[str, Any] = {
        "rule": "base-url",
        "path": file.path,
        "span": where,
        "category": Category.BASE_URL,
        "message": "OpenRouter's address.",
        "because": "The target's stands in its place.",
        "action": Action.FLAG if new is None else Action.REWRITE,
        "applicability": Applicability.MANUAL if new is None else Applicability.SAFE,
        "edits": () if new is None else (Edit(path=file.path, span=where, old=needle, new=new),),
    }
    return Finding(**values | more)


def change(*findings: int, **more: Any) -> Change:
    """A selected, safe change of these findings."""
    values: dict[str, Any] = {
        "id": "c1",
        "title": "Move the client",
        "applicability": Applicability.SAFE,
        "because": "",
        "findings": findings,
        "selected": True,
    }
    return Change(**values | more)


def plan(files: Iterable[Source] = (), findings: Iterable[Finding] = (), **more: Any) -> Plan:
    """A plan for the default target; one change of all rewrites unless changes are given."""
    sources = {file.path: file for file in files}
    found = tuple(findings)
    chosen = [index for index, each in enumerate(found) if each.action is Action.REWRITE]
    edited = {edit.path for each in found for edit in each.edits}
    values: dict[str, Any] = {
        "tool": "0.0.0",
        "target": targets.load(),
        "findings": found,
        "changes": (change(*chosen),) if chosen else (),
        "scanned": len(sources),
        "matched": len(sources),
        "digests": {path: sources[path].digest for path in sorted(edited)},
        "sources": sources,
    }
    return Plan(**values | more)


OLD = "https://openrouter.ai/api/v1"
NEW = "https://synapse.garden/api/v1"


def write(root: Path, *files: Source) -> None:
    """Put the files on the disk."""
    for file in files:
        place = root / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.text.encode("utf-8", "surrogateescape"))

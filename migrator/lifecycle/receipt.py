"""The record of a run for the pull request: what was done, what is open, how to take it back. As Markdown with boxes to tick, and as JSON.

`--receipt FILE` writes both beside each other (`FILE.md` and `FILE.json`); given to `--check`, a dry run or `retire` it is read: an item is
open until its box is ticked in the Markdown or its id was marked with `migrate-openrouter done`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from migrator.model import MigratorError, OpenItem, Plan
from migrator.patterns import regex
from migrator.records import asdict, dataclass
from migrator.reports import markdown
from migrator.reports.json import Mode, document
from migrator.text.regular import read_regular, write_plain

SCHEMA = "migrate-openrouter/receipt/1"
_BOX = regex(r"^\s*[-*+]\s+\[(?P<tick>[ xX])\].*<!--\s*item:(?P<id>[0-9a-f]+)\s*-->\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt says is open, and what was ticked in it."""

    items: tuple[OpenItem, ...]
    ticked: frozenset[str]


def paths(given: Path) -> tuple[Path, Path]:
    """The Markdown and the JSON file of a receipt, whichever of them was named."""
    base = given.with_suffix("") if given.suffix in (".md", ".json") else given
    return base.with_name(f"{base.name}.md"), base.with_name(f"{base.name}.json")


def write(given: Path, plan: Plan, items: Sequence[OpenItem], *, run: str, applied: int, undo: str) -> tuple[Path, Path]:
    """Write both files. `undo`: the command line that takes the run back. Raises `MigratorError`."""
    page, data = paths(given)
    report = document(plan, mode=Mode.APPLY, applied=applied)
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "run": run or None,
        "tool": {**report["tool"], "rules": rules_version()},
        "undo": undo,
        "items": [asdict(item) for item in items],
        "report": report,
    }
    try:
        write_plain(data, (json.dumps(whole, indent=2) + "\n").encode("ascii"))
        text = "\n".join(_page(report, items, run=run, undo=undo, rules=whole["tool"]["rules"])) + "\n"
        write_plain(page, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise MigratorError(f"--receipt {error.filename or given}: cannot be written ({error.strerror}).") from error
    return page, data


def read(given: Path) -> Receipt:
    """Items of the JSON, ticks of the Markdown. Raises `MigratorError`, naming the file, where one is missing or is no receipt."""
    page, data = paths(given)
    try:
        whole = json.loads(read_regular(data))
        if whole["schema"] != SCHEMA:
            raise MigratorError(f"--receipt {data}: its schema is {whole['schema']!r}; this version reads {SCHEMA!r}.")
        items = tuple(OpenItem(**row) for row in whole["items"])
        text = read_regular(page).decode("utf-8-sig")
    except OSError as error:
        raise MigratorError(f"--receipt {error.filename or given}: cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MigratorError(f"--receipt {data}: is no receipt of this tool; a run with --receipt writes one.") from error
    boxes = (_BOX.match(line) for line in text.splitlines())
    ticked = [box["id"] for box in boxes if box is not None and box["tick"] in "xX"]
    return Receipt(items=items, ticked=frozenset(item.id for item in items if any(item.id.startswith(tick) for tick in ticked)))


def rules_version() -> str:
    """A digest of the rules, the catalog and the integrations, as 12 hex digits: two runs that agree in it know the same."""
    digest = hashlib.sha256()
    for package in ("migrator.catalog", "migrator.integrations"):
        for file in sorted((file for file in resources.files(package).iterdir() if file.name.endswith(".toml")), key=str):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _page(report: dict[str, Any], items: Sequence[OpenItem], *, run: str, undo: str, rules: str) -> Iterator[str]:
    tool = report["tool"]
    yield "# Migration off OpenRouter"
    yield ""
    yield markdown.verdict(report)
    yield ""
    yield f"Made by {tool['name']} {tool['version']} (rules {rules}){f', run {run}' if run else ''}."
    yield f"To take it back: {markdown.code(undo)}"
    yield from markdown.changes(report)
    if items:
        yield from ("", "### Open", "", "Tick what is done: `--check --strict --receipt` passes when all is ticked.", "")
    for item in items:
        yield from _item(item)
    yield from markdown.routing(report)
    yield from markdown.models(report)
    yield from markdown.problems(report)


def _item(item: OpenItem) -> Iterator[str]:
    place = f"{markdown.code(item.place)} " if item.place else ""
    rule = f" ({markdown.code(item.rule)})" if item.rule else ""
    yield f"- [ ] {place}{markdown.plain(item.title)}{rule} <!-- item:{item.short_id} -->"
    if item.detail:
        yield f"  {markdown.plain(item.detail)}"
    if item.command:
        yield f"  {markdown.code(item.command)}"

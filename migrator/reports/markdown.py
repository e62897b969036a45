"""The report as Markdown, for a pull request, a job's summary or a receipt: verdict, changes, to-dos as check boxes, routing, models.

Made from the JSON document, so it is masked and says the same. Text of the repository stands in code spans or is escaped: a path called
`<img>` or `@team` is shown, not obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from migrator.patterns import regex
from migrator.reports.github import counts
from migrator.reports.text import escape

LONGEST = 60_000
"""Characters that a comment of a pull request may have, less what a tool around it adds (GitHub: 65,536)."""
_SPECIAL = regex(r"([\\`*_{}\[\]<>|#~$@])")


def render(document: dict[str, Any], *, longest: int = LONGEST) -> str:
    """The page, ending in a line end; sections that do not fit are cut at a line, and the last line says so."""
    lines = list(_page(document))
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 1
        if used > longest - 120:
            kept += ["", f"*{len(lines) - len(kept)} more lines are left out; `--format json` has all.*"]
            break
        kept.append(line)
    return "\n".join(kept) + "\n"


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield "## Migration off OpenRouter"
    yield ""
    yield verdict(document)
    yield from changes(document)
    yield from todos(document)
    yield from flags(document)
    yield from routing(document)
    yield from models(document)
    yield from problems(document)


def verdict(document: dict[str, Any]) -> str:
    """The counts and the target in one line."""
    target = document["target"]
    said = counts(document).partition(": ")[2].capitalize()
    return f"{said}. Target: {plain(target['title'])} ({code(target['base_url'])}, key in {code(target['key_env'])})."


def changes(document: dict[str, Any]) -> Iterator[str]:
    """What the run changes or changed, and what it would with `--unsafe`."""
    done = document["mode"] == "apply"
    for selected, title in ((True, "Changed" if done else "Will change"), (False, "Only with `--unsafe`")):
        rows = [
            change
            for change in document["changes"]
            if change["selected"] is selected and change["files"] and (selected or change["applicability"] == "unsafe")
        ]
        if not rows:
            continue
        yield from _head(title)
        for change in rows:
            yield f"- **{plain(change['title'])}** ({change['applicability']}): {plain(change['because'])}"
            yield f"  {_listed(map(code, change['files']))}"


def todos(document: dict[str, Any]) -> Iterator[str]:
    """What only a person can do, as check boxes."""
    if document["todo"]:
        yield from _head("To do")
    for row in document["todo"]:
        yield from todo_lines(row, box="[ ]")


def todo_lines(row: dict[str, Any], *, box: str) -> Iterator[str]:
    """One to-do with its details and its command."""
    yield f"- {box} {plain(row['title'])}"
    if row["detail"]:
        yield f"  {plain(row['detail'])}"
    if row["command"]:
        yield f"  {code(row['command'])}"


def flags(document: dict[str, Any]) -> Iterator[str]:
    """Places that a person must look at, by rule, as check boxes."""
    listed = [finding for finding in document["findings"] if finding["action"] == "flag"]
    if listed:
        yield from _head("To look at")
    for finding in listed:
        yield flag_line(finding, box="[ ]")


def flag_line(finding: dict[str, Any], *, box: str) -> str:
    """One place to look at."""
    place = finding["path"] + (f":{finding['line']}" if finding["line"] else "")
    return f"- {box} {code(place)} {plain(finding['message'])}: {plain(finding['because'])} ({code(finding['rule'])})"


def routing(document: dict[str, Any]) -> Iterator[str]:
    """A row for each routing option: what becomes of it, and whether that stands in the file."""
    rows = document["routing"]
    if not rows:
        return
    yield from _head("Routing")
    yield from _table(
        ("place", "option", "status", "becomes", "written", "risk"),
        [
            (
                code(f"{row['path']}:{row['line']}"),
                code(f"{row['field']}: {row['value']}"),
                row["status"],
                code(row["becomes"]) if row["becomes"] else "",
                "yes" if row["written"] else "no",
                row["risk"] or "",
            )
            for row in rows
        ],
    )


def models(document: dict[str, Any]) -> Iterator[str]:
    """Model ids that are not the same at the target."""
    rows = [row for row in document["models"] if row["status"] != "same"]
    if not rows:
        return
    yield from _head("Model ids to check")
    yield from _table(
        ("id", "status", "places"),
        [(code(row["id"]), row["status"], _listed(code(f"{at['path']}:{at['line']}") for at in row["locations"])) for row in rows],
    )


def problems(document: dict[str, Any]) -> Iterator[str]:
    """Files that could not be read or written."""
    if document["problems"]:
        yield from _head("Could not be done")
    for row in document["problems"]:
        yield f"- {code(row['path'])} {plain(row['message'])} {plain(row['remedy'])}"


def _head(title: str) -> tuple[str, ...]:
    return ("", f"### {title}", "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def _listed(parts: Iterable[str], most: int = 8) -> str:
    whole = list(parts)
    return ", ".join(whole[:most]) + (f" and {len(whole) - most} more" if len(whole) > most else "")


def code(text: str) -> str:
    """A code span that holds any text, backticks too."""
    flat = escape(" ".join(text.split()))
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def plain(text: str) -> str:
    """Text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", escape(" ".join(text.split())))

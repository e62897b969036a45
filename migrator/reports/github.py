"""The findings as annotations of a GitHub Actions job: workflow commands on standard output.

GitHub shows 10 errors, 10 warnings and 10 notices of a step and drops the others without a word, so at most that many are printed and the
last of a level says how many are missing. The job's summary, which `migrator.reports.markdown` writes, lists them all
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
"""

from __future__ import annotations

from typing import Any

from migrator.reports.sarif import level, sentence
from migrator.reports.text import escape

MOST = 10
"""Annotations of one level that a step may show."""
_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(document: dict[str, Any]) -> str:
    """A line for each annotation and the counts in a last one that is no command."""
    by_level: dict[str, list[str]] = {name: [] for name in _LEVELS.values()}
    for row in document["problems"]:
        text = f"{row['message']} {row['remedy']}".strip()
        by_level["error"].append(_command("error", row["path"], row["line"], row["line"], "could not be done", text))
    for finding in document["findings"]:
        if finding["action"] != "keep":
            name = _LEVELS[level(finding)]
            place = (finding["path"], finding["line"], finding["end_line"])
            by_level[name].append(_command(name, *place, finding["rule"], sentence(finding)))
    lines: list[str] = []
    for name, commands in by_level.items():
        shown = commands if len(commands) <= MOST else commands[: MOST - 1]
        lines += shown
        if len(commands) > len(shown):
            lines.append(f"::{name}::and {len(commands) - len(shown)} more; the summary of the job lists all")
    return "".join(f"{line}\n" for line in (*lines, counts(document)))


def counts(document: dict[str, Any]) -> str:
    """One sentence with the number of findings of each kind."""
    summary = document["summary"]
    verb = "rewritten" if document["mode"] == "apply" else "to rewrite"
    number = summary["applied"] if document["mode"] == "apply" else summary["rewrite"]
    problems = f", {summary['problems']} could not be done" if summary["problems"] else ""
    return f"migrate-openrouter: {number} {verb}, {len(document['todo'])} to do, {summary['flag']} to look at, {summary['keep']} left alone{problems}"


def _command(name: str, path: str, line: int, end: int, title: str, text: str) -> str:
    where = f",line={line},endLine={max(line, end)}" if line else ""
    return f"::{name} file={_property(path)}{where},title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    lines = (escape(line) for line in text.splitlines())
    return "\n".join(lines).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

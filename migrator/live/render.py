"""Live results as text for people and JSON for a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from migrator import __version__
from migrator.live.result import Check, Report, Verdict
from migrator.live.verify import Comparison, Measure, Row
from migrator.records import asdict
from migrator.reports import columns
from migrator.reports.text import count, wrap

_INDENT = " " * 6
"""Below the text of a line, whose verdict stands before it."""
_NAMED = 5
"""Failures that the last line names."""


def check(check: Check, width: int) -> str:
    """A line of the result, its remedy below."""
    sent = ""
    if check.request is not None:
        status = "no answer" if check.request.status is None else str(check.request.status)
        sent = f"{check.request.method} {check.request.url}  {status} in {check.request.seconds:.2f} s: "
    lines = wrap(sent + check.says, width, first=f"{check.verdict:<5} ", rest=_INDENT)
    if check.remedy is not None:
        lines += wrap(check.remedy, width, first=f"{_INDENT}-> ", rest=f"{_INDENT}   ")
    return "\n".join(lines)


def head(title: str, rows: Mapping[str, str], width: int) -> str:
    """What a check is about to use: nothing of it is a secret."""
    column = max(map(len, rows))
    lines = [title]
    for name, text in rows.items():
        lines += wrap(text, width, first=f"  {name:<{column}}  ", rest=" " * (column + 4))
    return "\n".join(lines)


def ending(report: Report, width: int) -> str:
    """The last line: what failed, and what to do about the first of it."""
    requests = sum(check.request is not None for check in report.checks)
    sent = f"{count(requests, 'request')} sent"
    failed = [check for check in report.checks if check.verdict is Verdict.FAIL]
    if not failed:
        return f"Passed: {sent}."
    names = ", ".join(check.id for check in failed[:_NAMED]) + (f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else "")
    lines = wrap(f"FAILED: {len(failed)} of {count(len(report.checks), 'check')} ({names}); {sent}.", width)
    if failed[0].remedy:
        lines += wrap(f"First: {failed[0].remedy}", width)
    return "\n".join(lines)


def report_json(report: Report) -> str:
    """A preflight for a record."""
    document = {"schema": "migrate-openrouter/preflight/1", **_tool(), "passed": report.passed(), **asdict(report)}
    return json.dumps(document, indent=2, ensure_ascii=False)


def row(row: Row, width: int) -> str:
    """A compared row, as it happens."""
    return "\n".join(wrap(f"{row.model}, {row.prompt}: {row.because}", width, first=f"{row.verdict:<5} ", rest=_INDENT))


def table(comparison: Comparison, width: int) -> str:
    """Both sides of every row; where a line of the table would be wider than the screen, in words."""
    heading = ("model", "prompt", "gateway", "prompt tok", "compl. tok", "cost USD", "finish", "seconds", "served by", "verdict")
    lines: list[tuple[str, ...]] = []
    for row in comparison.rows:
        lines.append((row.model, row.prompt, *_side(row.old), ""))
        lines.append(("", "", *_side(row.new), str(row.verdict)))
    table = columns.align(heading, lines, right=(3, 4, 5, 7))
    if all(columns.width(line) <= width for line in table.splitlines()):
        return table
    texts: list[str] = []
    for row in comparison.rows:
        texts += wrap(f"{row.model}, {row.prompt}: {row.verdict}", width)
        column = max(len(side.gateway) for side in (row.old, row.new))
        for side in (row.old, row.new):
            lead = f"  {side.gateway:<{column}}  "
            texts += wrap(_in_words(side), width, first=lead, rest=" " * len(lead))
    return "\n".join(texts)


def totals(comparison: Comparison, width: int) -> str:
    """What is information only, then the last line: what failed, and what both sides spent where that is known."""
    words = []
    for name, sides in (
        (comparison.old, [row.old for row in comparison.rows]),
        (comparison.new, [row.new for row in comparison.rows]),
    ):
        known = [Decimal(side.cost) for side in sides if side.cost is not None]
        sent = [side for side in sides if side.request is not None]
        if known:
            whole = "" if len(known) == len(sent) else f" (known for {len(known)} of {len(sent)})"
            words.append(f"{name} ${sum(known, Decimal(0)):f}{whole}")
    cost = f"; cost: {', '.join(words)}" if words else ""
    requests = sum(check.request is not None for check in comparison.checks)
    requests += sum(side.request is not None for row in comparison.rows for side in (row.old, row.new))
    failed = [f"{row.model}, {row.prompt}" for row in comparison.rows if row.verdict is Verdict.FAIL]
    failed += [check.id for check in comparison.checks if check.verdict is Verdict.FAIL]
    names = "; ".join(failed[:_NAMED]) + (f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else "")
    state = "Passed" if comparison.passed() else f"FAILED ({names})"
    information = (
        "Completion tokens and seconds are information: answers differ even at temperature 0. A cost of `list price` is computed from"
        " the gateway's own list; OpenRouter charges its fee when credits are bought, Synapse Garden inside the price of a token."
    )
    rows = count(len(comparison.rows), "row")
    ending = f"{state}: {rows}; prompt tokens may be {comparison.tolerance} apart, whichever is more; {count(requests, 'request')}{cost}."
    return "\n".join([*wrap(information, width), *wrap(ending, width)])


def comparison_json(comparison: Comparison) -> str:
    """A verification for a record; prompts are named by digest."""
    document = {"schema": "migrate-openrouter/verify/1", **_tool(), "passed": comparison.passed(), **asdict(comparison)}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _in_words(measure: Measure) -> str:
    _, prompt, completion, cost, finish, seconds, served_by = _side(measure)
    told = {
        f"{prompt} prompt tokens": prompt,
        f"{completion} completion tokens": completion,
        f"cost ${cost}": cost,
        f"finish {finish}": finish,
        f"{seconds} s": seconds,
        f"served by {served_by}": served_by,
    }
    return ", ".join(words for words, value in told.items() if value != "-") or "nothing was told"


def _side(measure: Measure) -> tuple[str, ...]:
    def number(value: int | None) -> str:
        return "-" if value is None else str(value)

    seconds = "-" if measure.request is None else f"{measure.request.seconds:.2f}"
    cost = "-" if measure.cost is None else f"{measure.cost}{' (list price)' if measure.cost_from == 'list price' else ''}"
    status = "not sent" if measure.request is None else f"failed ({measure.request.status or 'no answer'})"
    finish = measure.finish or "-" if measure.failure is None else status
    return (
        measure.gateway,
        number(measure.prompt_tokens),
        number(measure.completion_tokens),
        cost,
        finish,
        seconds,
        measure.served_by or "-",
    )


def _tool() -> dict[str, Any]:
    return {"tool": {"name": "migrate-openrouter", "version": __version__}}

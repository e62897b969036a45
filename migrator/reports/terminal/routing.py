"""ROUTING: what becomes of each routing option, what is lost first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from migrator.model import RoutingRow
from migrator.reports.terminal.page import MOST_FILES, Page, added_lines, grouped, title_line
from migrator.reports.text import width_of, wrap

_MOST_OPTIONS = 8
_STATUSES = ("not written", "no-equivalent", "unknown", "caveat", "translated", "unchanged")
"""What is lost comes first."""
_STATUS_STYLE = {
    "not written": "yellow",
    "unchanged": "green",
    "translated": "cyan",
    "caveat": "yellow",
    "no-equivalent": "red",
    "unknown": "yellow",
}


def routing_section(page: Page) -> Iterator[str]:
    """ROUTING."""
    rows = page.plan.routing
    if not rows:
        return
    counts = Counter(_status(row) for row in rows)
    note = ", ".join(f"{counts[status]} {status}" for status in _STATUSES if counts[status])
    yield title_line(page, "ROUTING", note)
    ordered = sorted(rows, key=lambda row: (_STATUSES.index(_status(row)), row.note))
    groups = grouped(
        ordered, lambda row: (_status(row), row.field, row.value, row.becomes, row.risk, row.note, row.reaches_wire is False)
    )
    limit = page.limit(_MOST_OPTIONS)
    # what is unchanged needs nobody's attention, so it is all that ever folds
    worth = sum(those[0].status != "unchanged" for _, those in groups)
    limit = max(limit, worth)
    limit += len(groups) == limit + 1
    column = max(width_of(_option(page, those[0])) for _, those in groups[:limit])
    shown = groups[:limit]
    for index, (_, those) in enumerate(shown):
        following = shown[index + 1][1][0] if index + 1 < len(shown) else None
        yield from _route(
            page, those, min(column, page.view.width // 2), said_below=_remark(page, those[0]) == _remark(page, following)
        )
    if len(groups) > limit:
        yield page.paint("dim", f"  and {len(groups) - limit} more that stay as they are, -v shows all")


def _status(row: RoutingRow) -> str:
    """What is said of a row: its status, but that of a new form only where this form stands in the file."""
    return "not written" if row.status in ("translated", "caveat") and row.becomes is not None and not row.written else row.status


def _option(page: Page, row: RoutingRow) -> str:
    return f"{page.show(row.field)}: {page.show(row.value)}"


def _remark(page: Page, row: RoutingRow | None) -> str | None:
    """What is lost and why; None where there is no row."""
    if row is None:
        return None
    risk = f"{row.risk}: " if row.risk else ""
    wire = "this client does not send it; " if row.reaches_wire is False and "this client drops it" not in row.note else ""
    return f"{risk}{wire}{page.sentence(row.note)}"


def _route(page: Page, rows: Sequence[RoutingRow], column: int, *, said_below: bool) -> Iterator[str]:
    """A row of the table: what becomes of the option, the option, what takes its place; below it where it stands, and what is lost, unless the
    next row says the same."""
    row, width = rows[0], page.view.width
    option = _option(page, row)
    if row.becomes is None:
        # what is written in the target's own dialect stays, whatever becomes of it on the way
        kept = row.status == "unchanged" or row.dialect == "gateway"
        yours = "yours to map" if "by hand" in row.note else "yours to decide"
        becomes = "stays" if kept else yours if row.status == "unknown" else "no counterpart: stays in the file"
    else:
        becomes = "stays" if row.becomes in (row.value, f"{row.field}: {row.value}") else page.show(row.becomes)
        becomes = f"would be {becomes}" if _status(row) == "not written" and becomes != "stays" else becomes
    head = page.paint(_STATUS_STYLE.get(_status(row), "yellow"), f"{_status(row):<15}")
    indent = " " * 17
    fits = width_of(option) <= column and 17 + column + 4 + width_of(becomes) <= width
    if fits:
        yield f"  {head}{option}{' ' * (column - width_of(option))}  -> {becomes}"
    else:
        yield "  " + head + page.cut(indent + option)[len(indent) :]
        yield page.cut(f"{indent}-> {becomes}")
    shown = page.limit(MOST_FILES)
    shown += len(rows) == shown + 1
    for path, line in dict.fromkeys((each.path, each.line) for each in rows[:shown]):
        known = page.lines.get(path)
        now = line + added_lines(page, path, known.span(line)[0]) if known else line
        yield indent + page.paint("cyan", f"{page.path(path)}:{now}")
    if len(rows) > shown:
        yield indent + page.paint("dim", f"and {len(rows) - shown} more places, -v shows all")
    if not said_below and (remark := _remark(page, row)):
        yield from (page.paint("dim", line) for line in wrap(remark, width, first=indent, rest=indent))

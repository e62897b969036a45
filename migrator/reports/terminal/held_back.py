"""HELD BACK: each reason once, with the place that is the cause and those that wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.catalog.rules import RuleId
from migrator.reports.terminal.page import (
    Page,
    grouped,
    places,
    reason_of,
    renamed_variable,
    title_line,
    waiting_places,
    without_routing_notes,
)
from migrator.reports.text import wrap


def held_back_section(page: Page) -> Iterator[str]:
    """Each reason once, with the place that is the cause and those that wait for it."""
    plan, width = page.plan, page.view.width
    held = waiting_places(page)
    if not held:
        return
    yield title_line(page, "HELD BACK", "address, key and readers move together or not at all; nothing of this is written")
    for reason, those in sorted(grouped(held, reason_of), key=lambda pair: -len(pair[1])):
        yield from (
            page.paint("yellow", line)
            for line in wrap(page.sentence(without_routing_notes(plan, reason)), width, first="  ", rest="  ")
        )
        rows = [row for row in plan.env if row.because == reason]
        if rows:
            text = "; ".join(renamed_variable(page, row) for row in rows)
            yield from (page.paint("dim", line) for line in wrap(text, width, first="    ", rest="    "))
        causes = [finding for finding in those if finding.rule == RuleId.HOLDS_BACK]
        yield from places(page, causes, first="    blocked by  ", rest="                ")
        waiting = [finding for finding in those if finding.rule != RuleId.HOLDS_BACK]
        yield from places(page, waiting, first="    waiting     ", rest="                ")

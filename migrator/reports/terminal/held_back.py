"""HELD BACK: each reason once, with the place that is the cause and those that wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.catalog.rules import RuleId
from migrator.model import Finding
from migrator.patterns import regex
from migrator.reports.terminal.page import (
    Page,
    grouped,
    places,
    reason_of,
    renamed_variable,
    title_line,
    uses_of,
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
    told: list[str] = []
    for reason, those in _causes_first(sorted(grouped(held, reason_of), key=lambda pair: -len(pair[1]))):
        said = _without_what_is_told(without_routing_notes(plan, reason), told)
        told.append(without_routing_notes(plan, reason))
        rows = [row for row in plan.env if row.because == reason]
        # what a reason of theirs calls `it`
        lead = f"{', '.join(page.show(row.name) for row in rows)}: " if rows else ""
        yield from (page.paint("yellow", line) for line in wrap(lead + page.sentence(said), width, first="  ", rest="  "))
        if rows:
            text = uses_of(rows[0]) if len(rows) == 1 else "; ".join(renamed_variable(page, row) for row in rows)
            yield from (page.paint("dim", line) for line in wrap(text, width, first="    ", rest="    "))
        causes = [finding for finding in those if finding.rule == RuleId.HOLDS_BACK]
        yield from places(page, causes, first="    blocked by  ", rest="                ")
        waiting = [finding for finding in those if finding.rule != RuleId.HOLDS_BACK]
        yield from places(page, waiting, first="    waiting     ", rest="                ")


_LEAST = 30
"""Characters from which a part of a reason is long enough to point at instead of saying it again."""


def _causes_first(groups: Sequence[tuple[str, Sequence[Finding]]]) -> list[tuple[str, Sequence[Finding]]]:
    """The groups in their order, but a reason that names another one behind it."""
    return sorted(groups, key=lambda pair: any(_named(pair[0], other) for other, _ in groups if other != pair[0]))


def _without_what_is_told(reason: str, told: Sequence[str]) -> str:
    """A reason that ends with one that stands above, with a word that points there."""
    end = next((end for other in told if (end := _named(reason, other))), "")
    return reason.removesuffix(end) + "see above" if end else reason


def _named(reason: str, other: str) -> str:
    """The end of a reason with which another one begins; empty where there is none."""
    ends = [reason[match.end() :] for match in _PART.finditer(reason)]
    return next((end for end in ends if len(end) >= _LEAST and other.startswith(end)), "")


_PART = regex(r": ")

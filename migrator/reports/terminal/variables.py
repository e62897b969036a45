"""VARIABLES: decisions about variables that are not told with a change or with what holds it back."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.catalog.rules import HELD_RULES, RuleId
from migrator.model import Action, Change, EnvRow, Plan
from migrator.reports.terminal.page import Page, offered_changes, reason_of, renamed_variable, title_line, without_routing_notes
from migrator.reports.text import wrap

_MOST_VARIABLES = 4


def is_told_with(change: Change, plan: Plan, row: EnvRow) -> bool:
    """Is this the change that a decision about a variable belongs to, and is the change shown?

    Where a change that is made sets the new name beside the old one, that is told among the variables, whatever --unsafe would do more."""
    if not change.selected and change not in offered_changes(plan):
        return False
    renames = row.decision == "rename" or not change.selected
    if row.decision == "additive" and any(each.selected and _concerns(each, plan, row) for each in plan.changes):
        return False
    return renames and _concerns(change, plan, row)


def _concerns(change: Change, plan: Plan, row: EnvRow) -> bool:
    return any(f"env:{row.name}" in plan.findings[index].keys for index in change.findings)


def variables_section(page: Page) -> Iterator[str]:
    """What is not said with its change, or with what holds it back."""
    plan, width = page.plan, page.view.width
    told = {reason_of(finding) for finding in plan.findings if finding.rule in HELD_RULES and finding.action is Action.FLAG}
    several = any(finding.rule == RuleId.SEVERAL_PROVIDERS and finding.action is Action.FLAG for finding in plan.findings)
    rows = [
        row
        for row in plan.env
        if row.because not in told
        and not (several and row.because.startswith(_SEVERAL))
        and not any(is_told_with(change, plan, row) for change in plan.changes)
    ]
    if not rows:
        return
    yield title_line(page, "VARIABLES")
    limit = page.limit(_MOST_VARIABLES)
    limit += len(rows) == limit + 1
    for row in rows[:limit]:
        decision = {"manual": "stays, yours to decide", "keep": "keeps its name", "additive": "both names are set"}
        text = f"{renamed_variable(page, row)}; {decision.get(row.decision, row.decision)}"
        yield from wrap(text, width, first="  ", rest="    ")
        if row.because:
            because = page.sentence(without_routing_notes(plan, row.because))
            yield from (page.paint("dim", line) for line in wrap(because, width, first="    ", rest="    "))
    if len(rows) > limit:
        yield page.paint("dim", f"  and {len(rows) - limit} more, -v shows all")


_SEVERAL = "OpenRouter is one of several providers"
"""How a variable's reason begins that a finding has told in full."""

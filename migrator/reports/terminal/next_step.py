"""The last lines: what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model import Action
from migrator.reports.json import Mode
from migrator.reports.terminal.heading import verdict
from migrator.reports.terminal.page import (
    Page,
    first_blocker,
    flags_to_judge,
    is_empty,
    offered_changes,
    open_todos,
    waiting_places,
)
from migrator.reports.text import NOTHING, wrap


def next_step_section(page: Page) -> Iterator[str]:
    """How it is taken back, and what to do next."""
    plan, view = page.plan, page.view
    selected = any(change.selected for change in plan.changes)
    flags = any(finding.action is Action.FLAG for finding in plan.findings)
    open_ends = " do what is listed above," if plan.todo or flags else ""
    if is_empty(plan) and not view.earlier:
        yield NOTHING
        return
    # whoever sees the end first sees what the first line says
    yield from (page.paint("bold", line) for line in wrap(verdict(page).splitlines()[0], view.width))
    if view.mode is Mode.APPLY and view.applied:
        yield page.paint("dim", "To take it back: ") + page.show(view.undo)
        yield page.paint("bold", f"Next: look at the diff,{open_ends} then test.")
    elif selected and view.mode is not Mode.APPLY:
        yield page.paint("dim", "To take it back afterwards: ") + page.show(view.undo)
        yield page.paint("bold", "Next: ") + page.show(view.again)
    elif waiting_places(page):
        yield from wrap(f"Next: change what blocks it, first {first_blocker(page)}, then run this again.", view.width)
    elif offered_changes(plan):
        yield page.paint("bold", "Next: look at the changes that need --unsafe; if they are right: ") + page.show(
            _with_unsafe(view.again)
        )
    elif flags_to_judge(page) or open_todos(page):
        yield page.paint("bold", "Next: go through the places above; they are yours to decide.")
    elif plan.problems:
        yield page.paint("bold", "Next: see what could not be done, then run this again.")
    elif view.earlier:
        yield page.paint("bold", "Next: do what an earlier run left open, and mark it with migrate-openrouter done ID.")
    else:
        yield page.paint("bold", "Nothing to do.")


def _with_unsafe(again: str) -> str:
    program, _, rest = again.partition(" ")
    return f"{program} --unsafe {rest}"

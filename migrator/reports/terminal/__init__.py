"""The report for a person: one screen from top to bottom, in the order in which it is needed.

The first line says whether it is safe to run. Then what will change, what is held back and by what, what only you can do, routing,
what stays and why, what could not be read, and in the last line what to do next. What many places have in common is said once, with
the places below it. Every string that comes from the repository is masked and has its control characters written out before it is
laid out.
"""

from __future__ import annotations

from collections import Counter

from migrator.model import Action, Plan
from migrator.reports.json import Mode
from migrator.reports.masking import masker
from migrator.reports.terminal.changes import changes_section, unsafe_section
from migrator.reports.terminal.heading import heading_section
from migrator.reports.terminal.held_back import held_back_section
from migrator.reports.terminal.left_alone import left_alone_section, problems_section
from migrator.reports.terminal.next_step import next_step_section
from migrator.reports.terminal.page import Page, View, flags_to_judge, is_empty, open_todos, waiting_places
from migrator.reports.terminal.routing import routing_section
from migrator.reports.terminal.to_do import earlier_runs_section, to_do_section
from migrator.reports.terminal.variables import variables_section
from migrator.reports.text import NOTHING, count, painter
from migrator.text.source import Lines

__all__ = ["NOTHING", "View", "is_empty", "render", "summary"]


def _page(plan: Plan, view: View) -> Page:
    texts = {path: Lines(source.text) for path, source in plan.sources.items()}
    return Page(plan=plan, view=view, paint=painter(colour=view.colour), lines=texts, masked=masker(plan), written=plan.edits())


def render(plan: Plan, view: View) -> str:
    """The report, ending in a line end."""
    page = _page(plan, view)
    sections = [
        heading_section(page),
        changes_section(page),
        unsafe_section(page),
        held_back_section(page),
        to_do_section(page),
        earlier_runs_section(page),
        routing_section(page),
        variables_section(page),
        left_alone_section(page),
        problems_section(page),
        next_step_section(page),
    ]
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def summary(plan: Plan, view: View) -> str:
    """One line with the counts: all that is left of the report when it is to be quiet."""
    actions = Counter(finding.action for finding in plan.findings)
    files = len({edit.path for finding in plan.findings if finding.action is Action.REWRITE for edit in finding.edits})
    done = "rewritten" if view.mode is Mode.APPLY else "to rewrite"
    number = view.applied if view.mode is Mode.APPLY else actions[Action.REWRITE]
    page = _page(plan, view)
    waiting = len(waiting_places(page))
    parts = [
        f"{count(number, 'place')} {done} in {count(files, 'file')}",
        f"{len(open_todos(page))} to do, {len(flags_to_judge(page))} to look at{f', {waiting} waiting' if waiting else ''}",
        f"{actions[Action.KEEP]} left alone",
    ]
    if view.earlier:
        parts.append(f"{count(len(view.earlier), 'item')} of earlier runs open")
    if plan.problems:
        parts.append(f"{count(len(plan.problems), 'problem')}")
    return ", ".join(parts)

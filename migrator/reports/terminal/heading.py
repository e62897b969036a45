"""The first lines: is it safe to run, what was looked at, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability
from migrator.reports.json import Mode
from migrator.reports.terminal.page import (
    Page,
    first_blocker,
    flags_to_judge,
    is_empty,
    offered_changes,
    open_todos,
    reason_of,
    waiting_places,
)
from migrator.reports.text import count, wrap

_DOCUMENTS = (RuleId.DOCS_SETUP, RuleId.SETUP_TEXT, RuleId.UNUSED_IGNORE)
"""Rules that no running program depends on."""


def heading_section(page: Page) -> Iterator[str]:
    """Is it safe to run; below it, what was looked at."""
    plan, view = page.plan, page.view
    if is_empty(plan) and not view.earlier:
        return
    what = {
        Mode.DRY_RUN: "dry run, nothing is written",
        Mode.CHECK: "check, nothing is written",
        Mode.APPLY: "applied" if view.applied else "nothing was written",
    }[view.mode]
    for sentence in verdict(page).splitlines():
        yield from (page.paint("bold", line) for line in wrap(sentence, view.width))
    target = plan.target
    judged, waiting = flags_to_judge(page), len(waiting_places(page))
    documents = sum(finding.rule in _DOCUMENTS for finding in judged)
    kept = sum(finding.action is Action.KEEP for finding in plan.findings)
    left = (
        f"{len(open_todos(page))} to do, {len(judged) - documents} to judge{f', {documents} in documents' if documents else ''}"
        f"{f', {waiting} waiting' if waiting else ''}, {kept} left alone"
    )
    about = (
        f"OpenRouter -> {page.show(target.title)} ({page.show(target.openai_base)}, key in {page.show(target.key_env)})",
        f"{what}; {count(plan.scanned, 'file')} scanned, {plan.matched} {'names' if plan.matched == 1 else 'name'} OpenRouter; {left}",
    )
    for text in about:
        yield from (page.paint("dim", line) for line in wrap(text, view.width))


def verdict(page: Page) -> str:
    """Is it safe to run, or was it done: the one line for somebody who reads no other, and what it does not cover in a second."""
    plan, view = page.plan, page.view
    chosen = [change for change in plan.changes if change.selected]
    rewritten = [plan.findings[index] for change in chosen for index in change.findings if plan.findings[index].edits]
    files = len({edit.path for finding in rewritten for edit in finding.edits})
    flags = [finding for finding in plan.findings if finding.action is Action.FLAG]
    reasons = len({reason_of(finding) for finding in waiting_places(page)})
    unread = f"; {count(len(plan.problems), 'problem')} below" if plan.problems else ""
    held = f"; {count(len(waiting_places(page)), 'place')} held back" if reasons else ""
    judged = flags_to_judge(page)
    first = _before_deploying(page)
    unsafe = sum(change.applicability is not Applicability.SAFE for change in chosen)
    size = f"{count(len(rewritten), 'place')} in {count(files, 'file')}"
    if view.mode is Mode.APPLY and view.applied:
        return f"Done: {count(view.applied, 'place')} rewritten in {count(files, 'file')}{held}{unread}.{first}"
    if chosen and view.mode is not Mode.APPLY:
        if unsafe:
            lost = "; see ROUTING" if plan.routing else ""
            return f"Review first: {_changes_of(unsafe, len(chosen))} ({size}) may lose something{lost}{held}{unread}.{first}"
        if view.mode is Mode.CHECK:
            return f"Not done: {size} would be rewritten{held}{unread}.{first}"
        return f"Safe to run: {size} would change, all or none; undo reverts it{held}{unread}.{first}"
    was = "Nothing was written" if view.mode is Mode.APPLY else "Nothing would be written"
    if reasons:
        size = f"{count(len(waiting_places(page)), 'place')} held back for {count(reasons, 'reason')}"
        offered = f"; {count(len(more), 'change')} with --unsafe" if (more := offered_changes(plan)) else ""
        return f"Nothing moves yet: {size}, first {first_blocker(page)}{offered}{unread}."
    if more := offered_changes(plan):
        return f"{was} without --unsafe ({count(len(more), 'change')} below){unread}."
    if view.earlier and not flags:
        return f"Nothing is left to rewrite; {count(len(view.earlier), 'item')} of an earlier run still open{unread}."
    if flags:
        left = [
            *([count(len(judged), "place")] if judged else []),
            *([count(len(todos), "to-do")] if (todos := open_todos(page)) else []),
        ]
        if not left:
            return f"{was}: all that was left for you is marked as done{unread}."
        return f"{was}: what is left is for you to decide ({', '.join(left)} below){unread}."
    return f"{was}: all that names OpenRouter stays as it is{unread}."


def _before_deploying(page: Page) -> str:
    """A line with what a person has to do, beside documents that nothing runs."""
    look = sum(finding.rule not in _DOCUMENTS for finding in flags_to_judge(page))
    todos = len(open_todos(page))
    parts = [f"{todos} to do"] if todos else []
    parts += [f"{count(look, 'place')} to judge"] if look else []
    return f"\nBefore you deploy: {' and '.join(parts)}, below." if parts else ""


def _changes_of(some: int, every: int) -> str:
    if every == 1:
        return "this change"
    return f"{some} of {every} changes"

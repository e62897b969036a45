"""LEFT ALONE, AND WHY; COULD NOT BE DONE."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model import Action
from migrator.reports.terminal.page import Page, grouped, places, title_line
from migrator.reports.text import count, wrap

_MOST_REASONS = 4
"""Reasons for leaving things alone that are shown."""


def left_alone_section(page: Page) -> Iterator[str]:
    """LEFT ALONE, AND WHY."""
    plan, width = page.plan, page.view.width
    kept = [finding for finding in plan.findings if finding.action is Action.KEEP]
    skipped = [skip for skip in plan.skipped if page.view.verbose or skip.matters]
    if not kept and not skipped:
        return
    note = count(len(kept), "place") + (f", {count(len(plan.skipped), 'path')} not looked into" if plan.skipped else "")
    note += "" if page.view.verbose else "; -v names each"
    yield title_line(page, "LEFT ALONE, AND WHY", note)
    reasons = sorted(grouped(kept, lambda finding: finding.because), key=lambda pair: -len(pair[1]))
    limit = page.limit(_MOST_REASONS)
    limit += len(reasons) == limit + 1
    for because, same in reasons[:limit]:
        yield from wrap(page.sentence(because), width, first=f"  {len(same):>4}  ", rest="        ")
        if page.view.verbose:
            yield from places(page, same, first="        ", rest="        ")
    if len(reasons) > limit:
        rest = reasons[limit:]
        total = sum(len(same) for _, same in rest)
        yield page.paint("dim", f"  {total:>4}  for {len(rest)} other reasons")
    if skipped:
        yield page.paint("dim", "  not looked into")
        for reason, paths in grouped(skipped, lambda skip: skip.reason):
            yield from wrap(page.show(reason), width, first=f"  {len(paths):>4}  ", rest="        ")
            yield from (f"        {page.path(skip.path)}" for skip in paths)


def problems_section(page: Page) -> Iterator[str]:
    """COULD NOT BE DONE."""
    problems = page.plan.problems
    if not problems:
        return
    yield title_line(page, "COULD NOT BE DONE", "the other files went on")
    for problem in problems:
        where = f"{page.path(problem.path)}:{problem.line}" if problem.line else page.path(problem.path)
        first, *rest = wrap(page.show(problem.message), page.view.width, first=f"  {where}  ", rest="      ")
        yield first.replace(where, page.paint("red", where), 1)
        yield from rest
        if problem.remedy:
            yield from wrap(page.show(problem.remedy), page.view.width, first="      ", rest="      ")

"""The report for a person: one screen from top to bottom, in the order in which it is needed.

What will change, what only you can do, routing, what stays and why, what could not be read, and in the last line what to do next.
Every string that comes from the repository is masked and has its control characters written out before it is laid out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from migrator.model import Action, Applicability, Change, Edit, Finding, Plan, RoutingRow
from migrator.reports.diff import Mark, hunks
from migrator.reports.json import Mode
from migrator.reports.masking import masker
from migrator.reports.text import Paint, count, escape, painter, shorten, width_of, wrap
from migrator.source import Lines
from migrator.splice import Clash

NOTHING = "Nothing to migrate: no file names OpenRouter."
"""The whole report where there is nothing to say; `python -m migrator` prints the same without loading this."""

_HUNKS = 6
"""Places of one change that are shown; the rest is folded."""
_FLAGS = 5
"""Flags of one rule that are shown."""
_REASONS = 6
"""Reasons for leaving things alone that are shown."""
_ROUTING = 12
_VARIABLES = 6
_STATUSES = ("unchanged", "translated", "caveat", "no-equivalent", "unknown")
_STATUS_STYLE = {"unchanged": "green", "translated": "cyan", "caveat": "yellow", "no-equivalent": "red", "unknown": "yellow"}
_EVERYTHING = 1_000_000_000
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the report is to look and what the run did."""

    mode: Mode
    width: int = 80
    """Columns that sentences are wrapped to."""
    cut: int | None = None
    """Columns of the screen, by which long lines of code are cut; None: they stay whole."""
    colour: bool = False
    verbose: bool = False
    """Nothing is folded."""
    applied: int = 0
    """Rewrite findings that were written."""
    again: str = ""
    """The command line that would apply this plan, to copy."""
    undo: str = "migrate-openrouter undo"
    """The command line that takes it back."""


def render(plan: Plan, view: View) -> str:
    """The report, ending in a line end."""
    texts = {path: Lines(source.text) for path, source in plan.sources.items()}
    page = _Page(plan=plan, view=view, paint=painter(colour=view.colour), lines=texts, masked=masker(plan))
    sections = [
        _heading(page),
        _changes(page),
        _unsafe(page),
        _variables(page),
        _yours(page),
        _routing(page),
        _left(page),
        _problems(page),
        _next(page),
    ]
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def is_empty(plan: Plan) -> bool:
    """Nothing names OpenRouter, and nothing went wrong: the report is `NOTHING`."""
    return not (plan.matched or plan.findings or plan.problems)


def summary(plan: Plan, view: View) -> str:
    """One line with the counts: all that is left of the report when it is to be quiet."""
    actions = Counter(finding.action for finding in plan.findings)
    files = len({edit.path for finding in plan.findings if finding.action is Action.REWRITE for edit in finding.edits})
    done = "rewritten" if view.mode is Mode.APPLY else "to rewrite"
    number = view.applied if view.mode is Mode.APPLY else actions[Action.REWRITE]
    parts = [
        f"{count(number, 'place')} {done} in {count(files, 'file')}",
        f"{actions[Action.FLAG]} for you",
        f"{actions[Action.KEEP]} left alone",
    ]
    if plan.problems:
        parts.append(f"{count(len(plan.problems), 'problem')}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    plan: Plan
    view: View
    paint: Paint
    lines: Mapping[str, Lines]
    masked: Callable[[str], str]

    def show(self, text: str) -> str:
        return escape(self.masked(text))

    def show_lines(self, text: str) -> list[str]:
        lines = _LINE_END.split(self.masked(text))
        return [escape(line) for line in (lines if lines[-1] else lines[:-1])]

    def cut(self, line: str) -> str:
        return line if self.view.cut is None else shorten(line, self.view.cut)

    def limit(self, folded: int) -> int:
        return _EVERYTHING if self.view.verbose else folded


def _place(page: _Page, finding: Finding) -> str:
    lines = page.lines.get(finding.path)
    if finding.span is None or lines is None:
        return page.show(finding.path)
    return f"{page.show(finding.path)}:{lines.line(finding.span.start)}"


def _title(page: _Page, title: str, note: str = "") -> str:
    return page.paint("head", title) + (page.paint("dim", f"  {note}") if note else "")


def _heading(page: _Page) -> Iterator[str]:
    plan, view = page.plan, page.view
    if is_empty(plan):
        return
    what = {
        Mode.DRY_RUN: "dry run, nothing is written",
        Mode.CHECK: "check, nothing is written",
        Mode.APPLY: "applied" if view.applied else "nothing was written",
    }[view.mode]
    yield page.paint("bold", f"OpenRouter -> {page.show(plan.target.title)}") + page.paint("dim", f"  ({what})")
    yield from wrap(f"base URL {page.show(plan.target.openai_base)}, key in {page.show(plan.target.key_env)}", view.width)
    yield from wrap(f"{count(plan.scanned, 'file')} looked at, {plan.matched} of interest", view.width)
    yield from wrap(summary(plan, view), view.width)


def _changes(page: _Page) -> Iterator[str]:
    chosen = [change for change in page.plan.changes if change.selected]
    if not chosen:
        return
    title = "WHAT CHANGED" if page.view.mode is Mode.APPLY else "WHAT WILL CHANGE"
    yield _title(page, title, count(len(chosen), "change"))
    for change in chosen:
        yield from _change(page, change)


def _unsafe(page: _Page) -> Iterator[str]:
    changes = _offered(page.plan)
    if not changes:
        return
    yield _title(page, "ONLY WITH --unsafe", "probably what you want, but a person should look first")
    for change in changes:
        yield from _change(page, change)


def _offered(plan: Plan) -> list[Change]:
    return [
        change
        for change in plan.changes
        if not change.selected
        and change.applicability is Applicability.UNSAFE
        and any(plan.findings[index].edits for index in change.findings)
    ]


def _change(page: _Page, change: Change) -> Iterator[str]:
    plan, width = page.plan, page.view.width
    edits = _by_path(plan.findings[index] for index in change.findings)
    yield from wrap(page.show(change.title), width, first="  * ", rest="    ")
    if change.because:
        yield from (page.paint("dim", line) for line in wrap(page.show(change.because), width, first="    ", rest="    "))
    sites = [(path, site) for path, those in edits.items() for site in _sites(page, path, those)]
    limit = page.limit(_HUNKS)
    # one that would fold alone is shown: the line that says so is as long
    limit += len(sites) == limit + 1
    for path, site in sites[:limit]:
        yield "    " + page.paint("cyan", f"{page.show(path)}:{site.line}" if site.line else page.show(path))
        old, new = _fitted(site, page.view.cut)
        yield from (page.paint("red", f"      - {line}") for line in old)
        yield from (page.paint("green", f"      + {line}") for line in new)
    if len(sites) > limit:
        yield page.paint("dim", f"    and {len(sites) - limit} more places, -v or --diff shows all")


def _fitted(site: _Site, width: int | None) -> tuple[Sequence[str], Sequence[str]]:
    """The lines without the indent they share. One that would fill several rows is cut to what differs and the words around."""
    filled = [line for line in (*site.old, *site.new) if line]
    indent = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    old, new = ([line[indent:] for line in lines] for lines in (site.old, site.new))
    if width is None:
        return old, new
    room = 2 * width - 8
    differs = [0] * max(len(old), len(new))
    if len(old) == len(new):
        differs = [_shared(before, after) for before, after in zip(old, new, strict=True)]
    shown = [[_window(line, differs[index], room) for index, line in enumerate(lines)] for lines in (old, new)]
    return shown[0], shown[1]


def _shared(left: str, right: str) -> int:
    """How many characters two lines have in common at their start."""
    return next((index for index, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), 0)


def _window(line: str, at: int, room: int) -> str:
    if width_of(line) <= room:
        return line
    start = max(0, at - room // 4)
    return shorten(("..." if start else "") + line[start:], room)


def _by_path(findings: Iterable[Finding]) -> dict[str, tuple[Edit, ...]]:
    by_path: dict[str, set[Edit]] = {}
    for finding in findings:
        for edit in finding.edits:
            by_path.setdefault(edit.path, set()).add(edit)
    return {path: tuple(sorted(edits, key=lambda edit: (edit.span, edit.new))) for path, edits in sorted(by_path.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """Lines that change together."""

    line: int
    """In the old text, of the first of them; 0 where the text is not at hand."""
    old: Sequence[str]
    new: Sequence[str]


def _sites(page: _Page, path: str, edits: Sequence[Edit]) -> Iterator[_Site]:
    """The lines that differ, without the lines around them; only the edits' own texts where the file's is not at hand."""
    source = page.plan.sources.get(path)
    if source is None:
        for edit in edits:
            yield _Site(line=0, old=page.show_lines(edit.old), new=page.show_lines(edit.new))
        return
    try:
        found = hunks(source, edits)
    except Clash:
        # two opinions about one place in a change that is not going to be applied: each is shown by itself
        found = [hunk for edit in edits for hunk in hunks(source, (edit,))]
    for hunk in found:
        line = hunk.old_start
        for same, run in groupby(hunk.lines, lambda each: each.mark is Mark.SAME):
            lines = list(run)
            old = [page.show(each.text) for each in lines if each.mark is Mark.REMOVED]
            if not same:
                yield _Site(line=max(line, 1), old=old, new=[page.show(each.text) for each in lines if each.mark is Mark.ADDED])
            line += len(lines) if same else len(old)


def _variables(page: _Page) -> Iterator[str]:
    rows = page.plan.env
    if not rows:
        return
    yield _title(page, "VARIABLES")
    limit = page.limit(_VARIABLES)
    limit += len(rows) == limit + 1
    for row in rows[:limit]:
        name = page.show(row.name) + (f" -> {page.show(row.new_name)}" if row.new_name and row.new_name != row.name else "")
        uses = f"{count(len(row.readers), 'reader')}, {count(len(row.definers), 'definition')}"
        yield from wrap(f"{row.decision}, {uses}", page.view.width, first=f"  {name}  ", rest="    ")
        yield from (
            page.paint("dim", line)
            for line in wrap(page.show(row.because), page.view.width, first="    ", rest="    ")
            if row.because
        )
    if len(rows) > limit:
        yield page.paint("dim", f"  and {len(rows) - limit} more, -v shows all")


def _yours(page: _Page) -> Iterator[str]:
    plan, width = page.plan, page.view.width
    offered = {index for change in _offered(plan) for index in change.findings}
    flags = [finding for index, finding in enumerate(plan.findings) if finding.action is Action.FLAG and index not in offered]
    if not plan.todo and not flags:
        return
    yield _title(page, "WHAT ONLY YOU CAN DO")
    for todo in plan.todo:
        yield from wrap(page.show(todo.title), width, first="  [ ] ", rest="      ")
        if todo.detail:
            yield from wrap(page.show(todo.detail), width, first="      ", rest="      ")
        if todo.command:
            # never wrapped: it is there to be copied
            yield "        " + page.paint("bold", page.show(todo.command))
        if todo.because and page.view.verbose:
            yield from (page.paint("dim", line) for line in wrap(page.show(todo.because), width, first="      ", rest="      "))
    for rule, found in _grouped(flags, lambda finding: finding.rule):
        yield "  " + page.paint("yellow", rule) + page.paint("dim", f" ({len(found)})")
        yield from _flags(page, found)


def _flags(page: _Page, found: Sequence[Finding]) -> Iterator[str]:
    """Places under the sentence they share: a rule that says the same of forty places says it once."""
    limit = page.limit(_FLAGS)
    limit += len(found) == limit + 1
    shown = 0
    for (message, because), those in _grouped(found, lambda finding: (finding.message, finding.because)):
        if shown >= limit:
            break
        for finding in those[: limit - shown]:
            yield "    " + page.paint("cyan", _place(page, finding))
        shown += len(those[: limit - shown])
        yield from wrap(page.show(message), page.view.width, first="      ", rest="      ")
        if because:
            yield from (
                page.paint("dim", line) for line in wrap(page.show(because), page.view.width, first="      ", rest="      ")
            )
    if len(found) > shown:
        yield page.paint("dim", f"    and {len(found) - shown} more, -v shows all")


def _routing(page: _Page) -> Iterator[str]:
    rows = page.plan.routing
    if not rows:
        return
    counts = Counter(row.status for row in rows)
    note = ", ".join(f"{counts[status]} {status}" for status in _STATUSES if counts[status])
    yield _title(page, "ROUTING", note)
    ordered = sorted(rows, key=lambda row: _STATUSES.index(row.status) if row.status in _STATUSES else len(_STATUSES))
    limit = page.limit(_ROUTING)
    # what is unchanged needs nobody's attention, so it is what folds first
    worth = len(rows) - counts["unchanged"]
    calm = max(0, limit - worth)
    shown = [row for index, row in enumerate(ordered) if row.status != "unchanged" or index < calm][: max(limit, worth)]
    for row in shown:
        yield from _route(page, row)
    if len(rows) > len(shown):
        yield page.paint("dim", f"  and {len(rows) - len(shown)} more, -v shows all")


def _route(page: _Page, row: RoutingRow) -> Iterator[str]:
    width = page.view.width
    where = f"{page.show(row.path)}:{row.line}"
    yield "  " + page.paint(_STATUS_STYLE.get(row.status, "yellow"), f"{row.status:<15}") + page.paint("cyan", where)
    before = page.cut(f"      - {row.field}: {page.show(row.value)}")
    if row.becomes is None:
        yield before.replace("- ", "  ", 1) if row.status == "unchanged" else page.paint("red", before)
    else:
        yield page.paint("red", before)
        yield page.paint("green", page.cut(f"      + {page.show(row.becomes)}"))
    risk = f"{row.risk}: " if row.risk else ""
    wire = "this client does not send it; " if row.reaches_wire is False else ""
    if risk or wire or row.note:
        yield from wrap(f"{risk}{wire}{page.show(row.note)}", width, first="      ", rest="      ")


def _left(page: _Page) -> Iterator[str]:
    plan, width = page.plan, page.view.width
    kept = [finding for finding in plan.findings if finding.action is Action.KEEP]
    if not kept and not (plan.skipped and page.view.verbose):
        return
    note = count(len(kept), "place") + (f", {count(len(plan.skipped), 'path')} not looked into" if plan.skipped else "")
    yield _title(page, "LEFT ALONE, AND WHY", note)
    reasons = sorted(_grouped(kept, lambda finding: finding.because), key=lambda pair: -len(pair[1]))
    limit = page.limit(_REASONS)
    limit += len(reasons) == limit + 1
    for because, found in reasons[:limit]:
        yield from wrap(page.show(because), width, first=f"  {len(found):>4}  ", rest="        ")
        if page.view.verbose:
            yield from ("        " + page.paint("cyan", _place(page, finding)) for finding in found)
    if len(reasons) > limit:
        rest = reasons[limit:]
        total = sum(len(found) for _, found in rest)
        yield page.paint("dim", f"  {total:>4}  for {len(rest)} other reasons, -v shows all")
    if plan.skipped and page.view.verbose:
        yield page.paint("dim", "  not looked into")
        for reason, paths in _grouped(plan.skipped, lambda skip: skip.reason):
            yield from wrap(page.show(reason), width, first=f"  {len(paths):>4}  ", rest="        ")
            yield from (f"        {page.show(skip.path)}" for skip in paths)


def _problems(page: _Page) -> Iterator[str]:
    problems = page.plan.problems
    if not problems:
        return
    yield _title(page, "COULD NOT BE DONE", "everything else was")
    for problem in problems:
        where = f"{page.show(problem.path)}:{problem.line}" if problem.line else page.show(problem.path)
        first, *rest = wrap(page.show(problem.message), page.view.width, first=f"  {where}  ", rest="      ")
        yield first.replace(where, page.paint("red", where), 1)
        yield from rest
        if problem.remedy:
            yield from wrap(page.show(problem.remedy), page.view.width, first="      ", rest="      ")


def _next(page: _Page) -> Iterator[str]:
    view = page.view
    selected = any(change.selected for change in page.plan.changes)
    match view.mode:
        case _ if is_empty(page.plan):
            yield NOTHING
        case Mode.APPLY if view.applied:
            yield page.paint("bold", "Next: look at the diff, then test. To take it all back: ") + page.show(view.undo)
        case Mode.APPLY:
            yield page.paint("bold", "Nothing was rewritten.")
        case _ if selected:
            yield page.paint("bold", "Next: apply it with: ") + page.show(view.again)
            yield page.paint("dim", "It can be taken back with: ") + page.show(view.undo)
        case _ if _offered(page.plan):
            yield page.paint("bold", "Nothing to rewrite without --unsafe.")
        case _:
            yield page.paint("bold", "Nothing to rewrite.")


_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def _grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> Sequence[tuple[_Key, Sequence[_Item]]]:
    """Items by key, keys in the order in which they first came."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())

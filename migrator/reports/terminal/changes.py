"""WHAT WILL CHANGE and ONLY WITH --unsafe: each change with its reason and the lines that differ."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from migrator.model import Change, Edit, EnvRow, Finding, Plan
from migrator.records import dataclass
from migrator.reports.diff import Fact, hunks
from migrator.reports.json import Mode
from migrator.reports.terminal.page import (
    MOST_FILES,
    Page,
    grouped,
    offered_changes,
    renamed_variable,
    title_line,
    without_routing_notes,
)
from migrator.reports.terminal.variables import is_told_with
from migrator.reports.text import count, shorten, width_of, wrap
from migrator.text.splice import Clash

_MOST_HUNKS = 4
"""Groups of equal lines of one change that are shown; the rest is folded."""
_MOST_PLACES = 4
"""Places that are named over the lines which they share."""


def changes_section(page: Page) -> Iterator[str]:
    """WHAT WILL CHANGE, or what changed."""
    chosen = [change for change in page.plan.changes if change.selected]
    if not chosen:
        return
    title = "WHAT CHANGED" if page.view.mode is Mode.APPLY else "WHAT WILL CHANGE"
    yield title_line(page, title, count(len(chosen), "change"))
    for change in chosen:
        yield from _change(page, change)


def unsafe_section(page: Page) -> Iterator[str]:
    """ONLY WITH --unsafe."""
    changes = offered_changes(page.plan)
    if not changes:
        return
    yield title_line(page, "ONLY WITH --unsafe", "probably what you want, but a person should look first")
    for change in changes:
        yield from _change(page, change)


def _change(page: Page, change: Change) -> Iterator[str]:
    plan, width = page.plan, page.view.width
    findings = [plan.findings[index] for index in change.findings]
    yield from wrap(page.show(change.title), width, first="  * ", rest="    ")
    rows = plan.env if change.selected else (*plan.offered_env, *_unnamed(plan))
    named = [renamed_variable(page, row) for row in rows if is_told_with(change, plan, row)]
    about = "; ".join(part for part in (*named, page.sentence(without_routing_notes(plan, change.because))) if part)
    if about:
        yield from (page.paint("dim", line) for line in wrap(about, width, first="    ", rest="    "))
    # what only rides along (a message, a comment) is the first to be folded
    needed = _by_path(finding for finding in findings if finding.required)
    sites = [(path, site) for path, those in _by_path(findings).items() for site in _sites(page, path, those)]
    sites.sort(key=lambda pair: not _holds(page, needed, *pair))
    held = _places_in(page, findings, sites)
    groups = grouped(sites, lambda pair: (tuple(pair[1].old), tuple(pair[1].new)))
    limit = page.limit(_MOST_HUNKS)
    limit += len(groups) == limit + 1
    for _, those in groups[:limit]:
        shown = page.limit(_MOST_PLACES)
        for path, site in those[:shown]:
            yield (
                "    "
                + page.paint("cyan", f"{page.path(path)}:{site.line}" if site.line else page.path(path))
                + _how_many(page, held[path, site.at])
            )
        if len(those) > shown:
            number = sum(held[path, site.at] for path, site in those[shown:])
            yield page.paint("dim", f"    {_more(number)} with the same lines")
        old, new = _fitted(those[0][1], page.view.cut)
        yield from (page.paint("red", f"      - {line}") for line in old)
        yield from (page.paint("green", f"      + {line}") for line in new)
    folded = [place for _, those in groups[limit:] for place in those]
    if folded:
        names = list(dict.fromkeys(page.path(path) for path, _ in folded))
        more = f" and {count(len(names) - MOST_FILES, 'more file')}" if len(names) > MOST_FILES else ""
        number = sum(held[path, site.at] for path, site in folded)
        text = f"{_more(number)} in {', '.join(names[:MOST_FILES])}{more}; -v or --diff shows all"
        yield from (page.paint("dim", line) for line in wrap(text, width, first="    ", rest="    "))


def _how_many(page: Page, held: int) -> str:
    """How many places stand in the lines of a site, where it is not one."""
    return "" if held == 1 else page.paint("dim", f"  ({held} places)" if held else "  (part of another place)")


def _more(number: int) -> str:
    return f"and {count(number, 'more place')}" if number else "and parts of these places"


def _unnamed(plan: Plan) -> Iterator[EnvRow]:
    """Decisions that `--unsafe` does not change."""
    offered = {row.name for row in plan.offered_env}
    return (row for row in plan.env if row.name not in offered)


def _places_in(page: Page, findings: Iterable[Finding], sites: Sequence[tuple[str, _Site]]) -> Mapping[tuple[str, int], int]:
    """How many of the change's places, which the first line counts, stand in the lines of each site; none where they only hold a part of one,
    as an import does that a call needs."""
    starts: dict[str, list[int]] = {}
    for path, site in sites:
        starts.setdefault(path, []).append(site.at)
    for path in starts:
        starts[path].sort()
    held: Counter[tuple[str, int]] = Counter()
    for finding in findings:
        if not finding.edits:
            continue
        first = min(finding.edits, key=lambda edit: (edit.path, edit.span))
        lines, known = page.lines.get(first.path), starts.get(first.path, ())
        at = bisect_right(known, lines.line(first.span.start)) if lines is not None else 1
        if known:
            held[first.path, known[max(at - 1, 0)]] += 1
    return held


def _holds(page: Page, needed: Mapping[str, Sequence[Edit]], path: str, site: _Site) -> bool:
    """Does an edit that the change needs stand in these lines?"""
    lines = page.lines.get(path)
    if lines is None or not site.line:
        return True
    first = site.at
    return any(first <= lines.line(edit.span.start) <= first + max(len(site.old) - 1, 0) for edit in needed.get(path, ()))


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
    return next((index for index, (letter, other) in enumerate(zip(left, right, strict=False)) if letter != other), 0)


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
    """Of the first of them, in the text as it is now; 0 where the text is not at hand."""
    at: int
    """The same in the old text."""
    old: Sequence[str]
    new: Sequence[str]


def _sites(page: Page, path: str, edits: Sequence[Edit]) -> Iterator[_Site]:
    """The lines that differ, without the lines around them; only the edits' own texts where the file's is not at hand."""
    source = page.plan.sources.get(path)
    if source is None:
        for edit in edits:
            yield _Site(line=0, at=0, old=page.show_lines(edit.old), new=page.show_lines(edit.new))
        return
    try:
        raw_hunks = hunks(source, edits)
    except Clash:
        # two opinions about one place in a change that is not going to be applied: each is shown by itself
        raw_hunks = [hunk for edit in edits for hunk in hunks(source, (edit,))]
    for hunk in raw_hunks:
        line, shift = hunk.old_start, hunk.new_start - hunk.old_start
        done = page.view.mode is Mode.APPLY and bool(page.view.applied)
        for same, run in groupby(hunk.lines, lambda each: each.mark is Fact.SAME):
            lines = list(run)
            old = [page.show(each.text) for each in lines if each.mark is Fact.REMOVED]
            new = [page.show(each.text) for each in lines if each.mark is Fact.ADDED]
            if not same:
                yield _Site(line=max(line + (shift if done else 0), 1), at=max(line, 1), old=old, new=new)
                shift += len(new) - len(old)
            line += len(lines) if same else len(old)

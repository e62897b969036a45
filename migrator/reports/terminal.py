"""The report for a person: one screen from top to bottom, in the order in which it is needed.

The first line says whether it is safe to run. Then what will change, what is held back and by what, what only you can do, routing,
what stays and why, what could not be read, and in the last line what to do next. What many places have in common is said once, with
the places below it. Every string that comes from the repository is masked and has its control characters written out before it is
laid out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from posixpath import relpath
from typing import TypeVar

from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability, Change, Edit, EnvRow, Finding, OpenItem, Plan, RoutingRow, Todo
from migrator.reports.diff import Fact, hunks
from migrator.reports.json import Mode, fingerprints, todo_id
from migrator.reports.masking import masker
from migrator.reports.text import Paint, count, escape, painter, shorten, width_of, wrap
from migrator.text.source import Lines
from migrator.text.splice import Clash

NOTHING = "Nothing to migrate: no file names OpenRouter."
"""The whole report where there is nothing to say; `python -m migrator` prints the same without loading this."""

_HUNKS = 4
"""Groups of equal lines of one change that are shown; the rest is folded."""
_TOGETHER = 4
"""Places that are named over the lines which they share."""
_FILES = 4
"""Files that are named under one reason."""
_REASONS = 4
"""Reasons for leaving things alone that are shown."""
_ROUTING = 8
_EARLIER = 12
"""Open items of earlier runs that are shown."""
_VARIABLES = 4
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
_HELD = (RuleId.HOLDS_BACK, RuleId.BASE_URL_HELD, RuleId.ENV_HELD)
"""Rules that speak of places which wait for one cause."""
_DOCUMENTS = (RuleId.DOCS_SETUP, RuleId.SETUP_TEXT, RuleId.UNUSED_IGNORE)
"""Rules that no running program depends on."""
_ORDER = (
    RuleId.HARD_CODED_KEY, RuleId.OPENROUTER_PRODUCT, RuleId.SEVERAL_PROVIDERS, *_HELD, RuleId.EXPLICIT_CLIENT, RuleId.EXCHANGED_CLASS, RuleId.HIDDEN_CLIENT, RuleId.UNLISTED_CLIENT, RuleId.SDK, RuleId.OWN_ENDPOINT,
    RuleId.OTHER_HOST, RuleId.KEY_CHECK, RuleId.URL_CHECK, RuleId.ALLOW_LIST, RuleId.ROUTING, RuleId.MODEL_MISSING, RuleId.MODEL_ROUTER, RuleId.MODEL_VARIANT, RuleId.MODEL_PREFIX,
    RuleId.ENV_KEEP, RuleId.ENDPOINT_REPORT, RuleId.RESPONSE_FIELD, RuleId.STREAMED_USAGE, RuleId.REQUEST_HEADER, RuleId.TEST_STUB, RuleId.DOCS_SETUP, RuleId.SETUP_TEXT,
)  # fmt: skip
"""Rules by how soon the program fails where nobody looks; others come between the last two."""
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
    prefix: str = ""
    """What leads from the current folder to the root, with its slash: a path is clicked on from where the terminal stands."""
    inside: str = ""
    """The current folder, relative to the root, where it lies in it; takes the place of `prefix`."""
    earlier: tuple[OpenItem, ...] = ()
    """What runs before left open and the plan does not say by itself."""
    done: frozenset[str] = frozenset()
    """Ids of flags and to-dos that a person marked as done; they are not shown."""


def render(plan: Plan, view: View) -> str:
    """The report, ending in a line end."""
    texts = {path: Lines(source.text) for path, source in plan.sources.items()}
    page = _Page(plan=plan, view=view, paint=painter(colour=view.colour), lines=texts, masked=masker(plan), written=plan.edits())
    sections = [
        _heading(page),
        _changes(page),
        _unsafe(page),
        _held(page),
        _yours(page),
        _earlier(page),
        _routing(page),
        _variables(page),
        _left(page),
        _problems(page),
        _next(page),
    ]
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def is_empty(plan: Plan) -> bool:
    """Nothing names OpenRouter, as far as can be known, and nothing went wrong: the report is `NOTHING`."""
    return not (plan.matched or plan.findings or plan.problems or any(skip.matters for skip in plan.skipped))


def summary(plan: Plan, view: View) -> str:
    """One line with the counts: all that is left of the report when it is to be quiet."""
    actions = Counter(finding.action for finding in plan.findings)
    files = len({edit.path for finding in plan.findings if finding.action is Action.REWRITE for edit in finding.edits})
    done = "rewritten" if view.mode is Mode.APPLY else "to rewrite"
    number = view.applied if view.mode is Mode.APPLY else actions[Action.REWRITE]
    parts = [
        f"{count(number, 'place')} {done} in {count(files, 'file')}",
        f"{len(plan.todo)} to do, {actions[Action.FLAG]} to look at",
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
    written: Mapping[str, Sequence[Edit]]
    """Edits of the selected changes."""

    def show(self, text: str) -> str:
        return escape(self.masked(text))

    def show_lines(self, text: str) -> list[str]:
        lines = _LINE_END.split(self.masked(text))
        return [escape(line) for line in (lines if lines[-1] else lines[:-1])]

    def cut(self, line: str) -> str:
        return line if self.view.cut is None else shorten(line, self.view.cut)

    def path(self, path: str) -> str:
        if not self.view.inside:
            return self.show(self.view.prefix + path)
        return self.show(relpath(path, self.view.inside) + ("/" if path.endswith("/") else ""))

    def limit(self, folded: int) -> int:
        return _EVERYTHING if self.view.verbose else folded


def _line(page: _Page, finding: Finding) -> int:
    """Where a finding stands: in the text as it is after the run, once it has run; 0: the whole file."""
    lines = page.lines.get(finding.path)
    if finding.span is None or lines is None:
        return 0
    return lines.line(finding.span.start) + _shift(page, finding.path, finding.span.start)


def _shift(page: _Page, path: str, start: int) -> int:
    """Lines that the run added before a place; 0 before it has run."""
    if page.view.mode is not Mode.APPLY or not page.view.applied:
        return 0
    written = page.written.get(path, ())
    return sum(edit.new.count("\n") - edit.old.count("\n") for edit in written if edit.span.end <= start)


def _places(page: _Page, found: Iterable[Finding], *, first: str, rest: str, limit: int = _FILES) -> Iterator[str]:
    """A line for each file with the lines in it, each once; for each line when nothing is folded."""
    by_path: dict[str, set[int]] = {}
    for finding in found:
        by_path.setdefault(finding.path, set()).add(_line(page, finding))
    limit = page.limit(limit)
    # one that would fold alone is shown: the line that says so is as long
    limit += len(by_path) == limit + 1
    lead = first
    for path, numbers in list(by_path.items())[:limit]:
        ordered = sorted(numbers - {0})
        if page.view.verbose:
            for number in ordered or [0]:
                yield lead + page.paint("cyan", page.path(path) + (f":{number}" if number else ""))
                lead = rest
            continue
        more = "".join(f", :{number}" for number in ordered[1:4]) + (", ..." if len(ordered) > 4 else "")
        yield lead + page.paint("cyan", page.path(path) + (f":{ordered[0]}" if ordered else "")) + more
        lead = rest
    if len(by_path) > limit:
        yield lead + page.paint("dim", f"and {len(by_path) - limit} more files, -v shows all")


def _title(page: _Page, title: str, note: str = "") -> str:
    first, *rest = wrap(note, page.view.width, first=f"{title}  ", rest="  ")
    return "\n".join(
        [page.paint("head", title) + page.paint("dim", first[len(title) :].rstrip()), *(page.paint("dim", line) for line in rest)]
    )


def _heading(page: _Page) -> Iterator[str]:
    plan, view = page.plan, page.view
    if is_empty(plan) and not view.earlier:
        return
    what = {
        Mode.DRY_RUN: "dry run, nothing is written",
        Mode.CHECK: "check, nothing is written",
        Mode.APPLY: "applied" if view.applied else "nothing was written",
    }[view.mode]
    for sentence in _verdict(page).splitlines():
        yield from (page.paint("bold", line) for line in wrap(sentence, view.width))
    target = plan.target
    actions = Counter(finding.action for finding in plan.findings)
    left = f"{len(plan.todo)} to do, {actions[Action.FLAG]} to look at, {actions[Action.KEEP]} left alone"
    about = (
        f"OpenRouter -> {page.show(target.title)} ({page.show(target.openai_base)}, key in {page.show(target.key_env)})",
        f"{what}; {count(plan.scanned, 'file')} scanned, {plan.matched} {'names' if plan.matched == 1 else 'name'} OpenRouter; {left}",
    )
    for text in about:
        yield from (page.paint("dim", line) for line in wrap(text, view.width))


def _verdict(page: _Page) -> str:
    """Is it safe to run, or was it done: the one line for somebody who reads no other, and what it does not cover in a second."""
    plan, view = page.plan, page.view
    chosen = [change for change in plan.changes if change.selected]
    rewritten = [plan.findings[index] for change in chosen for index in change.findings if plan.findings[index].edits]
    files = len({edit.path for finding in rewritten for edit in finding.edits})
    flags = [finding for finding in plan.findings if finding.action is Action.FLAG]
    reasons = len({_reason(finding) for finding in flags if finding.rule in _HELD})
    unread = f"; {count(len(plan.problems), 'problem')} below" if plan.problems else ""
    held = f"; {count(reasons, 'thing')} held back" if reasons else ""
    look = sum(finding.rule not in (*_HELD, *_DOCUMENTS) for finding in flags)
    first = f"\nBefore you deploy: {count(look, 'place')} below that only you can judge." if look else ""
    unsafe = sum(change.applicability is not Applicability.SAFE for change in chosen)
    size = f"{count(len(rewritten), 'place')} in {count(files, 'file')}"
    if view.mode is Mode.APPLY and view.applied:
        return f"Done: {count(view.applied, 'place')} rewritten in {count(files, 'file')}{held}{unread}.{first}"
    if chosen and view.mode is not Mode.APPLY:
        if unsafe:
            lost = "; see ROUTING" if plan.routing else ""
            return f"Review first: {_changes_of(unsafe, len(chosen))} ({size}) may lose something{lost}{held}{unread}."
        if view.mode is Mode.CHECK:
            return f"Not done: {size} would be rewritten{held}{unread}.{first}"
        return f"Safe to run: {size} would change, all or none; undo reverts it{held}{unread}.{first}"
    was = "Nothing was written" if view.mode is Mode.APPLY else "Nothing would be written"
    if reasons:
        return f"Nothing moves yet: {count(reasons, 'blocker')} ({_first_blocker(page, flags)}){unread}."
    if _offered(plan):
        return f"{was} without --unsafe{unread}."
    if view.earlier and not flags:
        return f"Nothing is left to rewrite; {count(len(view.earlier), 'item')} of an earlier run still open{unread}."
    if flags:
        return f"{was}: what is left is for you to decide ({count(len(flags), 'place')}){unread}."
    return f"{was}: all that names OpenRouter stays as it is{unread}."


def _changes_of(some: int, every: int) -> str:
    if every == 1:
        return "this change"
    return f"{some} of {every} changes"


def _first_blocker(page: _Page, flags: Sequence[Finding]) -> str:
    """The place of the first blocker, and how many more there are."""
    causes = [finding for finding in flags if finding.rule == RuleId.HOLDS_BACK] or [f for f in flags if f.rule in _HELD]
    line = _line(page, causes[0])
    place = page.path(causes[0].path) + (f":{line}" if line else "")
    return place + (f" and {len(causes) - 1} more" if len(causes) > 1 else "")


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
    findings = [plan.findings[index] for index in change.findings]
    yield from wrap(page.show(change.title), width, first="  * ", rest="    ")
    named = [_moved(page, row) for row in plan.env if _moves(change, plan, row)]
    about = "; ".join(part for part in (*named, page.show(_brief(plan, change.because))) if part)
    if about:
        yield from (page.paint("dim", line) for line in wrap(about, width, first="    ", rest="    "))
    # what only rides along (a message, a comment) is the first to be folded
    needed = _by_path(finding for finding in findings if finding.required)
    sites = [(path, site) for path, those in _by_path(findings).items() for site in _sites(page, path, those)]
    sites.sort(key=lambda pair: not _holds(page, needed, *pair))
    groups = _grouped(sites, lambda pair: (tuple(pair[1].old), tuple(pair[1].new)))
    limit = page.limit(_HUNKS)
    limit += len(groups) == limit + 1
    for _, those in groups[:limit]:
        shown = page.limit(_TOGETHER)
        for path, site in those[:shown]:
            yield "    " + page.paint("cyan", f"{page.path(path)}:{site.line}" if site.line else page.path(path))
        if len(those) > shown:
            yield page.paint("dim", f"    and {len(those) - shown} more places with the same lines")
        old, new = _fitted(those[0][1], page.view.cut)
        yield from (page.paint("red", f"      - {line}") for line in old)
        yield from (page.paint("green", f"      + {line}") for line in new)
    folded = [place for _, those in groups[limit:] for place in those]
    if folded:
        names = list(dict.fromkeys(page.show(path) for path, _ in folded))
        more = f" and {count(len(names) - _FILES, 'more file')}" if len(names) > _FILES else ""
        text = f"and {len(folded)} more places in {', '.join(names[:_FILES])}{more}; -v or --diff shows all"
        yield from (page.paint("dim", line) for line in wrap(text, width, first="    ", rest="    "))


def _brief(plan: Plan, because: str) -> str:
    """A reason without what the routing table says in full."""
    for note in sorted({row.note for row in plan.routing if row.note}, key=lambda note: (-len(note), note)):
        because = because.replace(f": {note}", ": see ROUTING")
    return because


def _moves(change: Change, plan: Plan, row: EnvRow) -> bool:
    """Is this the change that a decision about a variable belongs to, and is the change shown?"""
    if not change.selected and change not in _offered(plan):
        return False
    renames = row.decision == "rename" or not change.selected
    return renames and any(f"env:{row.name}" in plan.findings[index].keys for index in change.findings)


def _moved(page: _Page, row: EnvRow) -> str:
    name = page.show(row.name) + (f" -> {page.show(row.new_name)}" if row.new_name and row.new_name != row.name else "")
    return f"{name}: {count(len(row.readers), 'reader')}, {count(len(row.definers), 'definition')}"


def _holds(page: _Page, needed: Mapping[str, Sequence[Edit]], path: str, site: _Site) -> bool:
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
    """Of the first of them, in the text as it is now; 0 where the text is not at hand."""
    at: int
    """The same in the old text."""
    old: Sequence[str]
    new: Sequence[str]


def _sites(page: _Page, path: str, edits: Sequence[Edit]) -> Iterator[_Site]:
    """The lines that differ, without the lines around them; only the edits' own texts where the file's is not at hand."""
    source = page.plan.sources.get(path)
    if source is None:
        for edit in edits:
            yield _Site(line=0, at=0, old=page.show_lines(edit.old), new=page.show_lines(edit.new))
        return
    try:
        found = hunks(source, edits)
    except Clash:
        # two opinions about one place in a change that is not going to be applied: each is shown by itself
        found = [hunk for edit in edits for hunk in hunks(source, (edit,))]
    for hunk in found:
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


def _variables(page: _Page) -> Iterator[str]:
    """What is not said with its change, or with what holds it back."""
    plan, width = page.plan, page.view.width
    told = {_reason(finding) for finding in plan.findings if finding.rule in _HELD and finding.action is Action.FLAG}
    several = any(finding.rule == RuleId.SEVERAL_PROVIDERS and finding.action is Action.FLAG for finding in plan.findings)
    rows = [
        row
        for row in plan.env
        if row.because not in told
        and not (several and row.because.startswith(_SEVERAL))
        and not any(_moves(change, plan, row) for change in plan.changes)
    ]
    if not rows:
        return
    yield _title(page, "VARIABLES")
    limit = page.limit(_VARIABLES)
    limit += len(rows) == limit + 1
    for row in rows[:limit]:
        decision = {"manual": "stays, yours to decide", "keep": "keeps its name", "additive": "both names are set"}
        text = f"{_moved(page, row)}; {decision.get(row.decision, row.decision)}"
        yield from wrap(text, width, first="  ", rest="    ")
        if row.because:
            yield from (page.paint("dim", line) for line in wrap(page.show(row.because), width, first="    ", rest="    "))
    if len(rows) > limit:
        yield page.paint("dim", f"  and {len(rows) - limit} more, -v shows all")


_HELD_BACK = "held back: "
_SEVERAL = "OpenRouter is one of several providers"
"""How a variable's reason begins that a finding has told in full."""


def _reason(finding: Finding) -> str:
    """Why a place is held back, the same at the cause and wherever it is waited for."""
    return finding.because.removeprefix(_HELD_BACK)


def _held(page: _Page) -> Iterator[str]:
    """Each reason once, with the place that is the cause and those that wait for it."""
    plan, width = page.plan, page.view.width
    found = [finding for finding in plan.findings if finding.action is Action.FLAG and finding.rule in _HELD]
    if not found:
        return
    yield _title(page, "HELD BACK", "address, key and readers move together or not at all; nothing of this is written")
    for reason, those in sorted(_grouped(found, _reason), key=lambda pair: -len(pair[1])):
        yield from (page.paint("yellow", line) for line in wrap(page.show(_brief(plan, reason)), width, first="  ", rest="  "))
        rows = [row for row in plan.env if row.because == reason]
        if rows:
            text = "; ".join(_moved(page, row) for row in rows)
            yield from (page.paint("dim", line) for line in wrap(text, width, first="    ", rest="    "))
        causes = [finding for finding in those if finding.rule == RuleId.HOLDS_BACK]
        yield from _places(page, causes, first="    blocked by  ", rest="                ")
        waiting = [finding for finding in those if finding.rule != RuleId.HOLDS_BACK]
        yield from _places(page, waiting, first="    waiting     ", rest="                ")


def _yours(page: _Page) -> Iterator[str]:
    plan = page.plan
    offered = {index for change in _offered(plan) for index in change.findings}
    failed = {problem.path for problem in plan.problems}
    done = _marked(page)
    flags = [
        finding
        for index, finding in enumerate(plan.findings)
        if finding.action is Action.FLAG
        and index not in offered
        and index not in done
        and finding.rule not in _HELD
        # a problem says the same, and what to do
        and not (finding.rule == RuleId.NOT_READ and finding.path in failed)
        # so does the table
        and not (finding.rule == RuleId.ROUTING and _in_table(page, finding))
    ]
    todo = [row for row in plan.todo if todo_id(row) not in page.view.done]
    if not todo and not flags:
        return
    yield _title(page, "WHAT ONLY YOU CAN DO", "migrate-openrouter explain ID says more" if flags else "")
    for _, todos in _grouped(todo, lambda todo: (todo.detail, todo.command)):
        yield from _chores(page, todos)
    titles = _titles() if flags else {}
    last = len(_ORDER) - 2
    for rule, found in sorted(
        _grouped(flags, lambda finding: finding.rule),
        key=lambda pair: (_ORDER.index(pair[0]) if pair[0] in _ORDER else last, pair[0]),
    ):
        title = titles.get(rule, rule)
        gap = "  " if width_of(title) + width_of(rule) + 6 <= page.view.width else "\n    "
        yield "  " + page.paint("yellow", title) + gap + page.paint("dim", f"({rule})")
        yield from _flags(page, found, titles.get(rule, ""))


def _marked(page: _Page) -> frozenset[int]:
    """Findings that a person marked as done, by index."""
    if not page.view.done:
        return frozenset()
    ids = fingerprints(page.plan, page.lines)
    return frozenset(index for index, identity in enumerate(ids) if identity in page.view.done)


def _earlier(page: _Page) -> Iterator[str]:
    """What earlier runs left: the files no longer show it."""
    items = page.view.earlier
    if not items:
        return
    yield _title(page, "STILL OPEN FROM AN EARLIER RUN", "when it is done: migrate-openrouter done ID")
    limit = page.limit(_EARLIER)
    limit += len(items) == limit + 1
    for item in items[:limit]:
        place = page.path(item.place) if item.place else ""
        yield from wrap(page.show(item.title), page.view.width, first=f"  {item.id[:8]}  ", rest="            ")
        if place:
            yield "            " + page.paint("cyan", place)
    if len(items) > limit:
        yield page.paint("dim", f"  and {len(items) - limit} more, -v shows all")


def _in_table(page: _Page, finding: Finding) -> bool:
    """Does a row of the routing table stand where this finding stands?"""
    lines = page.lines.get(finding.path)
    if finding.span is None or lines is None:
        return False
    first, last = lines.line(finding.span.start), lines.line(max(finding.span.start, finding.span.end - 1))
    return any(row.path == finding.path and first <= row.line <= last for row in page.plan.routing)


def _titles() -> Mapping[str, str]:
    from migrator.catalog.rules import RULES

    return {rule.id: rule.title for rule in RULES}


def _chores(page: _Page, todos: Sequence[Todo]) -> Iterator[str]:
    """Chores with the same remark, which stands below the last of them."""
    width = page.view.width
    for todo in todos:
        yield from wrap(page.show(todo.title), width, first="  [ ] ", rest="      ")
    if todos[0].detail:
        yield from wrap(page.show(todos[0].detail), width, first="      ", rest="      ")
    if todos[0].command:
        # never wrapped: it is there to be copied
        yield "        " + page.paint("bold", page.show(todos[0].command))
    if page.view.verbose:
        for because in dict.fromkeys(todo.because for todo in todos if todo.because):
            yield from (page.paint("dim", line) for line in wrap(page.show(because), width, first="      ", rest="      "))


def _flags(page: _Page, found: Sequence[Finding], title: str) -> Iterator[str]:
    """What was found with the places below it, and once, below all that share it, why a person must look."""
    width = page.view.width
    reasons = _grouped(found, lambda finding: finding.because)
    # a reason that only points to another place comes after that
    for because, those in sorted(reasons, key=lambda pair: pair[0].startswith("see ")):
        messages = _grouped(those, lambda finding: finding.message)
        limit = page.limit(_FILES)
        limit += len(messages) == limit + 1
        for message, same in messages[:limit]:
            if message.casefold() != title.casefold():
                yield from wrap(page.show(message), width, first="    ", rest="    ")
            yield from _places(page, same, first="      ", rest="      ")
        if len(messages) > limit:
            yield page.paint("dim", f"    and {len(messages) - limit} more of this kind, -v shows all")
        if because:
            yield from (page.paint("dim", line) for line in wrap(page.show(because), width, first="    ", rest="    "))


def _routing(page: _Page) -> Iterator[str]:
    rows = page.plan.routing
    if not rows:
        return
    counts = Counter(_standing(row) for row in rows)
    note = ", ".join(f"{counts[status]} {status}" for status in _STATUSES if counts[status])
    yield _title(page, "ROUTING", note)
    ordered = sorted(rows, key=lambda row: _STATUSES.index(_standing(row)))
    groups = _grouped(
        ordered, lambda row: (_standing(row), row.field, row.value, row.becomes, row.risk, row.note, row.reaches_wire is False)
    )
    limit = page.limit(_ROUTING)
    # what is unchanged needs nobody's attention, so it is all that ever folds
    worth = sum(those[0].status != "unchanged" for _, those in groups)
    limit = max(limit, worth)
    limit += len(groups) == limit + 1
    column = max(width_of(_option(page, those[0])) for _, those in groups[:limit])
    for _, those in groups[:limit]:
        yield from _route(page, those, min(column, page.view.width // 2))
    if len(groups) > limit:
        yield page.paint("dim", f"  and {len(groups) - limit} more that stay as they are, -v shows all")


def _standing(row: RoutingRow) -> str:
    """What is said of a row: its status, but that of a new form only where this form stands in the file."""
    return "not written" if row.status in ("translated", "caveat") and row.becomes is not None and not row.written else row.status


def _option(page: _Page, row: RoutingRow) -> str:
    return f"{page.show(row.field)}: {page.show(row.value)}"


def _route(page: _Page, rows: Sequence[RoutingRow], column: int) -> Iterator[str]:
    """A row of the table: what becomes of the option, the option, what takes its place; below it what is lost, and where it stands."""
    row, width = rows[0], page.view.width
    option = _option(page, row)
    if row.becomes is None:
        becomes = "stays" if row.status == "unchanged" else "nothing takes its place"
    else:
        becomes = "stays" if row.becomes in (row.value, f"{row.field}: {row.value}") else page.show(row.becomes)
        becomes = f"would be {becomes}" if _standing(row) == "not written" and becomes != "stays" else becomes
    head = page.paint(_STATUS_STYLE.get(_standing(row), "yellow"), f"{_standing(row):<15}")
    indent = " " * 17
    fits = width_of(option) <= column and 17 + column + 4 + width_of(becomes) <= width
    if fits:
        yield f"  {head}{option}{' ' * (column - width_of(option))}  -> {becomes}"
    else:
        yield "  " + head + page.cut(indent + option)[len(indent) :]
        yield page.cut(f"{indent}-> {becomes}")
    risk = f"{row.risk}: " if row.risk else ""
    wire = "this client does not send it; " if row.reaches_wire is False else ""
    if risk or wire or row.note:
        yield from (
            page.paint("dim", line) for line in wrap(f"{risk}{wire}{page.show(row.note)}", width, first=indent, rest=indent)
        )
    shown = page.limit(_FILES)
    shown += len(rows) == shown + 1
    for path, line in dict.fromkeys((each.path, each.line) for each in rows[:shown]):
        known = page.lines.get(path)
        now = line + _shift(page, path, known.span(line)[0]) if known else line
        yield indent + page.paint("cyan", f"{page.path(path)}:{now}")
    if len(rows) > shown:
        yield indent + page.paint("dim", f"and {len(rows) - shown} more places, -v shows all")


def _left(page: _Page) -> Iterator[str]:
    plan, width = page.plan, page.view.width
    kept = [finding for finding in plan.findings if finding.action is Action.KEEP]
    skipped = [skip for skip in plan.skipped if page.view.verbose or skip.matters]
    if not kept and not skipped:
        return
    note = count(len(kept), "place") + (f", {count(len(plan.skipped), 'path')} not looked into" if plan.skipped else "")
    note += "" if page.view.verbose else "; -v names each"
    yield _title(page, "LEFT ALONE, AND WHY", note)
    reasons = sorted(_grouped(kept, lambda finding: finding.because), key=lambda pair: -len(pair[1]))
    limit = page.limit(_REASONS)
    limit += len(reasons) == limit + 1
    for because, found in reasons[:limit]:
        yield from wrap(page.show(because), width, first=f"  {len(found):>4}  ", rest="        ")
        if page.view.verbose:
            yield from _places(page, found, first="        ", rest="        ")
    if len(reasons) > limit:
        rest = reasons[limit:]
        total = sum(len(found) for _, found in rest)
        yield page.paint("dim", f"  {total:>4}  for {len(rest)} other reasons")
    if skipped:
        yield page.paint("dim", "  not looked into")
        for reason, paths in _grouped(skipped, lambda skip: skip.reason):
            yield from wrap(page.show(reason), width, first=f"  {len(paths):>4}  ", rest="        ")
            yield from (f"        {page.path(skip.path)}" for skip in paths)


def _problems(page: _Page) -> Iterator[str]:
    problems = page.plan.problems
    if not problems:
        return
    yield _title(page, "COULD NOT BE DONE", "the other files went on")
    for problem in problems:
        where = f"{page.path(problem.path)}:{problem.line}" if problem.line else page.path(problem.path)
        first, *rest = wrap(page.show(problem.message), page.view.width, first=f"  {where}  ", rest="      ")
        yield first.replace(where, page.paint("red", where), 1)
        yield from rest
        if problem.remedy:
            yield from wrap(page.show(problem.remedy), page.view.width, first="      ", rest="      ")


def _next(page: _Page) -> Iterator[str]:
    plan, view = page.plan, page.view
    selected = any(change.selected for change in plan.changes)
    flags = any(finding.action is Action.FLAG for finding in plan.findings)
    open_ends = " do what is listed above," if plan.todo or flags else ""
    if is_empty(plan) and not view.earlier:
        yield NOTHING
    elif view.mode is Mode.APPLY and view.applied:
        yield page.paint("dim", "To take it back: ") + page.show(view.undo)
        yield page.paint("bold", f"Next: look at the diff,{open_ends} then test.")
    elif selected and view.mode is not Mode.APPLY:
        yield page.paint("dim", "To take it back afterwards: ") + page.show(view.undo)
        yield page.paint("bold", "Next: ") + page.show(view.again)
    elif any(finding.rule in _HELD and finding.action is Action.FLAG for finding in plan.findings):
        held = [finding for finding in plan.findings if finding.rule in _HELD and finding.action is Action.FLAG]
        yield from wrap(f"Next: change what blocks it ({_first_blocker(page, held)}), then run this again.", view.width)
    elif _offered(plan):
        yield page.paint("bold", "Next: look at the changes that need --unsafe; if they are right: ") + page.show(
            _with_unsafe(view.again)
        )
    elif flags or plan.todo:
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


_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def _grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> Sequence[tuple[_Key, Sequence[_Item]]]:
    """Items by key, keys in the order in which they first came."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())

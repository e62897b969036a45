"""What all sections of the screen share: how the report is to look, places, titles, groups, and the rules by what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from posixpath import relpath
from typing import TypeVar

from migrator.catalog.rules import HELD_RULES, RuleId
from migrator.model import Action, Applicability, Change, Edit, EnvRow, Finding, OpenItem, Plan, Todo
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.reports.json import Mode, fingerprints, todo_id
from migrator.reports.text import Paint, count, escape, shorten, wrap
from migrator.text.source import Lines

MOST_FILES = 4
"""Files that are named under one reason."""
EVERYTHING = 1_000_000_000
_WORD = regex(r"[^\s,;()`'\"]+")
_LINE_END = regex(r"\r\n|\n|\r")


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


def is_empty(plan: Plan) -> bool:
    """Nothing names OpenRouter, as far as can be known, and nothing went wrong: the report is `NOTHING`."""
    return plan.is_empty()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A plan, how it is to look, and what every section needs of both."""

    plan: Plan
    view: View
    paint: Paint
    lines: Mapping[str, Lines]
    masked: Callable[[str], str]
    written: Mapping[str, Sequence[Edit]]
    """Edits of the selected changes."""

    def show(self, text: str) -> str:
        """Text of the repository, without secrets and control characters."""
        return escape(self.masked(text))

    def show_lines(self, text: str) -> list[str]:
        """The same, line by line."""
        lines = _LINE_END.split(self.masked(text))
        return [escape(line) for line in (lines if lines[-1] else lines[:-1])]

    def cut(self, line: str) -> str:
        """A line of code that fits the screen."""
        return line if self.view.cut is None else shorten(line, self.view.cut)

    def path(self, path: str) -> str:
        """A path from where the terminal stands."""
        if not self.view.inside:
            return self.show(self.view.prefix + path)
        return self.show(relpath(path, self.view.inside) + ("/" if path.endswith("/") else ""))

    def sentence(self, text: str) -> str:
        """A sentence of a finding or a to-do, with the paths in it as the terminal stands."""
        if not (self.view.inside or self.view.prefix):
            return self.show(text)
        return self.show(_WORD.sub(lambda word: self._from_here(word[0]), text))

    def _from_here(self, word: str) -> str:
        path, colon, line = word.partition(":")
        bare = path.rstrip(".,;")
        if bare not in self.plan.sources and bare not in self.plan.named:
            return word
        return self.path(bare) + path[len(bare) :] + colon + line

    def limit(self, folded: int) -> int:
        """How many of many are shown."""
        return EVERYTHING if self.view.verbose else folded


def line_of(page: Page, finding: Finding) -> int:
    """Where a finding stands: in the text as it is after the run, once it has run; 0: the whole file."""
    lines = page.lines.get(finding.path)
    if finding.span is None or lines is None:
        return 0
    return lines.line(finding.span.start) + added_lines(page, finding.path, finding.span.start)


def added_lines(page: Page, path: str, start: int) -> int:
    """Lines that the run added before a place; 0 before it has run."""
    if page.view.mode is not Mode.APPLY or not page.view.applied:
        return 0
    written = page.written.get(path, ())
    return sum(edit.new.count("\n") - edit.old.count("\n") for edit in written if edit.span.end <= start)


def places(page: Page, findings: Iterable[Finding], *, first: str, rest: str, limit: int = MOST_FILES) -> Iterator[str]:
    """A line for each file with the lines in it, each once; for each line when nothing is folded."""
    by_path: dict[str, set[int]] = {}
    for finding in findings:
        by_path.setdefault(finding.path, set()).add(line_of(page, finding))
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


def title_line(page: Page, title: str, note: str = "") -> str:
    """The title of a section, with a note beside it."""
    first, *rest = wrap(note, page.view.width, first=f"{title}  ", rest="  ")
    return "\n".join(
        [page.paint("head", title) + page.paint("dim", first[len(title) :].rstrip()), *(page.paint("dim", line) for line in rest)]
    )


def first_blocker(page: Page) -> str:
    """The first place that blocks something; where nothing of this tree does, the first that waits."""
    waiting = waiting_places(page)
    first = next((finding for finding in waiting if finding.rule == RuleId.HOLDS_BACK), waiting[0])
    line = line_of(page, first)
    return page.path(first.path) + (f":{line}" if line else "")


def offered_changes(plan: Plan) -> list[Change]:
    """Changes that `--unsafe` would write too."""
    return [
        change
        for change in plan.changes
        if not change.selected
        and change.applicability is Applicability.UNSAFE
        and any(plan.findings[index].edits for index in change.findings)
    ]


def open_todos(page: Page) -> list[Todo]:
    """To-dos that nobody marked as done: each has a box."""
    return [todo for todo in page.plan.todo if todo_id(todo) not in page.view.done]


def flags_to_judge(page: Page) -> list[Finding]:
    """Flagged places that are listed for a person: those that wait, that --unsafe would write, that were marked as done or that another section
    tells are not among them."""
    plan, done = page.plan, _marked(page)
    offered = {index for change in offered_changes(plan) for index in change.findings}
    failed = {problem.path for problem in plan.problems}
    return [
        finding
        for index, finding in enumerate(plan.findings)
        if finding.action is Action.FLAG
        and index not in offered
        and index not in done
        and finding.rule not in HELD_RULES
        # a problem says the same, and what to do
        and not (finding.rule == RuleId.NOT_READ and finding.path in failed)
        # so does the table
        and not (finding.rule == RuleId.ROUTING and _in_table(page, finding))
    ]


def waiting_places(page: Page) -> list[Finding]:
    """Places under HELD BACK that nobody marked as done."""
    done = _marked(page)
    return [
        finding
        for index, finding in enumerate(page.plan.findings)
        if finding.action is Action.FLAG and finding.rule in HELD_RULES and index not in done
    ]


def _marked(page: Page) -> frozenset[int]:
    """Findings that a person marked as done, by index."""
    if not page.view.done:
        return frozenset()
    ids = fingerprints(page.plan, page.lines, page.masked)
    return frozenset(index for index, identity in enumerate(ids) if identity in page.view.done)


def _in_table(page: Page, finding: Finding) -> bool:
    """Does a row of the routing table stand where this finding stands?"""
    lines = page.lines.get(finding.path)
    if finding.span is None or lines is None:
        return False
    first, last = lines.line(finding.span.start), lines.line(max(finding.span.start, finding.span.end - 1))
    return any(row.path == finding.path and first <= row.line <= last for row in page.plan.routing)


def without_routing_notes(plan: Plan, because: str) -> str:
    """A reason without what the routing table says in full."""
    for note in sorted({row.note for row in plan.routing if row.note}, key=lambda note: (-len(note), note)):
        because = because.replace(f": {note}", ": see ROUTING")
    return because


def renamed_variable(page: Page, row: EnvRow) -> str:
    """A variable with its new name, and how many places read and define it."""
    name = page.show(row.name) + (f" -> {page.show(row.new_name)}" if row.new_name and row.new_name != row.name else "")
    return f"{name}: {uses_of(row)}"


def uses_of(row: EnvRow) -> str:
    """How many places read and define a variable."""
    told = [count(len(places), word) for places, word in ((row.readers, "reader"), (row.definers, "definition")) if places]
    return ", ".join(told) or "not named in these files"


_PREFIX = "held back: "


def reason_of(finding: Finding) -> str:
    """Why a place is held back, the same at the cause and wherever it is waited for."""
    return finding.because.removeprefix(_PREFIX)


_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> Sequence[tuple[_Key, Sequence[_Item]]]:
    """Items by key, keys in the order in which they first came."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())

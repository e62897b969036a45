"""May the old key die? What still needs it, as a checklist: measured where it can be, ticked by a person where it cannot.

`retire . > retire.md`, tick what is done, `retire . --done retire.md`: ticks count only for what nobody but a person can know.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

from migrator.lifecycle.account import checklist as checklist_of_account
from migrator.lifecycle.activity import Activity, KeyUse, shown
from migrator.lifecycle.history import History, Leak
from migrator.model import Action, Category, EnvRow, Finding, MigratorError, OpenItem, Plan
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.reports.json import todo_id
from migrator.reports.masking import masker
from migrator.reports.text import count, escape
from migrator.text.regular import read_given
from migrator.text.source import Lines

KEYS_PAGE = "https://openrouter.ai/settings/keys"

_TICK = regex(r"^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*?)\s*$")
_PLACES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the checklist."""

    section: str
    title: str
    """What a tick is matched by."""
    details: tuple[str, ...]
    done: bool
    by_hand: bool
    """True: only a person can tick it; False: measured, a tick does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Everything between now and the day the key is revoked."""

    items: tuple[Item, ...]
    notes: tuple[str, ...]

    def open(self) -> tuple[Item, ...]:
        """What is left."""
        return tuple(item for item in self.items if not item.done)


REFERENCES = "References left in the code"
VARIABLES = "Variables defined and no longer read"
UNSEARCHED = "Paths that were not looked into"
STORES = "Places outside the repository"
HISTORY = "Keys in the git history"
MIGRATION = "Left open by the migration"
USES = "Use of the old keys at OpenRouter"
ACCOUNT = "Settings of the OpenRouter account"
CLEAN_DAYS = 7
"""Days without a request after which a key counts as out of use."""


def build(
    plan: Plan,
    history: History | None,
    ticks: Collection[str] = (),
    *,
    searched: bool = True,
    earlier: Collection[OpenItem] = (),
    activity: Activity | None = None,
    written: date | None = None,
) -> Checklist:
    """The checklist of a plan and a history. `ticks` are titles that a person has ticked, as `read_ticks` gives them.

    `earlier`: what runs left open, as `migrator.lifecycle.open_items` has it. `history` is None outside git, or with `searched` off where the user did not want it searched: that stays open.
    `activity` is an export of OpenRouter's, `written` the day on which it was made.
    """
    ticked = {_plain(tick) for tick in ticks}
    masked = masker(plan)

    def by_hand(section: str, title: str, details: Iterable[str]) -> Item:
        shown = _plain(masked(title))
        return Item(section=section, title=shown, details=_tame(details, masked), done=shown in ticked, by_hand=True)

    items = [*_references(plan, masked), *_variables(plan, masked)]
    for todo in plan.todo:
        details = [todo.detail, *([f"`{todo.command}`"] if todo.command else []), todo.because]
        items.append(by_hand(STORES, todo.title, details))
    listed = {todo_id(todo) for todo in plan.todo}
    items += [
        by_hand(MIGRATION, f"{item.title} ({item.place})" if item.place else item.title, [item.detail])
        for item in earlier
        if item.id not in listed
    ]
    notes: list[str] = []
    if not searched:
        items.append(by_hand(HISTORY, "The git history was not searched", ["run again without --no-history"]))
    elif history is None:
        notes.append("This is no git repository, or git is not installed: no history was searched.")
    else:
        items += [by_hand(HISTORY, _leak_title(leak), _leak_details(leak)) for leak in history.leaks]
        if history.incomplete:
            items.append(by_hand(HISTORY, "The history that was searched is not whole", [history.incomplete]))
        notes.append(f"Searched {history.objects} objects of {history.commits} commits over all refs for {'sk-or-v1-'}… keys.")
    if activity is not None and written is not None:
        items += _uses(activity, written)
    else:
        notes.append("When each old key was last used is not known: give OpenRouter's activity export with --activity.")
    items += [by_hand(ACCOUNT, item.title, [item.detail]) for item in checklist_of_account(plan, activity)]
    for skip in plan.skipped:
        if skip.matters:
            items.append(by_hand(UNSEARCHED, f"Look into {skip.path}", [skip.reason]))
    for problem in plan.problems:
        where = f"{problem.path}:{problem.line}" if problem.line else problem.path
        title = f"{where} could not be read"
        items.append(
            Item(section=REFERENCES, title=_plain(title), details=_tame([problem.message], masked), done=False, by_hand=False)
        )
    return Checklist(items=tuple(items), notes=tuple(notes))


def read_ticks(path: Path) -> frozenset[str]:
    """Titles ticked in a Markdown checklist. Raises `MigratorError` where the file cannot be read."""
    try:
        text = read_given(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MigratorError(f"--done {path}: cannot be read: {reason}.") from None
    lines = (_TICK.match(line) for line in text.splitlines())
    return frozenset(_plain(match[2]) for match in lines if match is not None and match[1] in "xX")


def render(checklist: Checklist) -> str:
    """The checklist in Markdown; the output can be ticked and given back with `--done`."""
    left = len(checklist.open())
    lines = ["# Retiring the OpenRouter key", ""]
    verdict = "Nothing is open: the old key may be revoked." if left == 0 else f"Not yet: {left} open."
    lines += [verdict, ""]
    for section in (REFERENCES, VARIABLES, MIGRATION, USES, UNSEARCHED, STORES, ACCOUNT, HISTORY):
        inside = [item for item in checklist.items if item.section == section]
        if section in (UNSEARCHED, MIGRATION, USES, ACCOUNT) and not inside:
            continue
        lines += [f"## {section}", ""]
        if not inside:
            lines += ["None.", ""]
            continue
        for item in inside:
            lines.append(f"- [{'x' if item.done else ' '}] {item.title}")
            lines += [f"  - {detail}" for detail in item.details]
        lines.append("")
    lines += [
        "## Last",
        "",
        f"Revoke the old key at {KEYS_PAGE}, and every key named under {HISTORY!r} even if its file is long gone:",
        "who has a clone has the key. To see whether a key you hold is one of them:",
        '`printf %s "$OPENROUTER_API_KEY" | sha256sum | cut -c1-8`',
        "",
        *checklist.notes,
        f"Boxes under {REFERENCES!r}, {VARIABLES!r} and {USES!r} are measured and close by themselves; tick the others and pass"
        " this file with --done.",
        "",
        verdict,
    ]
    return "\n".join(lines) + "\n"


def as_data(checklist: Checklist) -> dict[str, object]:
    """The checklist as a JSON document."""
    from migrator.records import asdict

    return {
        "schema": "migrate-openrouter/retire/1",
        "open": len(checklist.open()),
        "items": [asdict(item) for item in checklist.items],
        "notes": list(checklist.notes),
    }


def _uses(activity: Activity, written: date) -> Iterator[Item]:
    """A line for each key of an export, closed once the key has not been used for a week."""
    keys = dict(sorted(activity.keys.items())) or {"(the export names no keys)": KeyUse(first=activity.first, last=activity.last)}
    for name, use in keys.items():
        # a month without a day was used until its end
        day = use.last if len(use.last) == 10 else f"{use.last}-{monthrange(int(use.last[:4]), int(use.last[5:7]))[1]}"
        unused = (written - date.fromisoformat(day)).days if use.last else CLEAN_DAYS
        clean = unused >= CLEAN_DAYS
        when = f"last used on {use.last}" if use.last else "no request"
        uses = (
            f"{count(max(unused, 0), 'day')} before the export of {written.isoformat()}"
            if use.last
            else f"export of {written.isoformat()}"
        )
        details = (
            []
            if clean
            else [f"Wait until no request came for {CLEAN_DAYS} days, then give a fresh export: what sends them is not moved yet."]
        )
        title = f"Key {shown(name)}: {when}, {uses}{': a week clean' if clean else ''}"
        yield Item(section=USES, title=_plain(title), details=tuple(details), done=clean, by_hand=False)


def _references(plan: Plan, masked: Callable[[str], str]) -> list[Item]:
    by_path: dict[str, list[Finding]] = {}
    for finding in plan.findings:
        if finding.action in (Action.REWRITE, Action.FLAG):
            by_path.setdefault(finding.path, []).append(finding)
    items: list[Item] = []
    for path, findings in sorted(by_path.items()):
        source = plan.sources.get(path)
        lines = None if source is None else Lines(source.text)
        details = []
        for finding in findings[:_PLACES]:
            at = f"line {lines.line(finding.span.start)}: " if lines is not None and finding.span is not None else ""
            literal = " Revoke this key even after removing it." if finding.category is Category.API_KEY_LITERAL else ""
            details.append(f"{at}{finding.message}{literal}")
        if len(findings) > _PLACES:
            details.append(f"and {len(findings) - _PLACES} more")
        number = f"{len(findings)} reference{'s' if len(findings) > 1 else ''}"
        title = _plain(masked(f"{path}: {number} left"))
        items.append(Item(section=REFERENCES, title=title, details=_tame(details, masked), done=False, by_hand=False))
    return items


def _variables(plan: Plan, masked: Callable[[str], str]) -> list[Item]:
    items: list[Item] = []
    for row in plan.env:
        if row.definers and not row.readers and not _wanted(row, plan):
            places = [f"{place.path}:{place.line}" for place in row.definers]
            title = f"{row.name} is defined and nothing reads it"
            items.append(Item(section=VARIABLES, title=_plain(title), details=_tame(places, masked), done=False, by_hand=False))
    return items


def _wanted(row: EnvRow, plan: Plan) -> bool:
    """The new gateway's own variable belongs there, read here or not."""
    return row.name == plan.target.key_env


def _leak_title(leak: Leak) -> str:
    return f"Revoke the key sk-or-v1-… with fingerprint {leak.fingerprint}, even if it was removed"


def _leak_details(leak: Leak) -> list[str]:
    details = [
        f"commit {sight.commit[:12]} {sight.date} {sight.path}{' (still in the current commit)' if sight.in_head else ''}"
        for sight in leak.sights[:_PLACES]
    ]
    if len(leak.sights) > _PLACES:
        details.append(f"and {len(leak.sights) - _PLACES} more places")
    return details


def _plain(text: str) -> str:
    """One line, no control characters, single spaces: what a title is compared by."""
    return escape(" ".join(text.split()))


def _tame(details: Iterable[str], masked: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(line for line in (_plain(masked(detail)) for detail in details) if line)

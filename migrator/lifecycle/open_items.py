"""What a run left for a person, remembered outside the tree until it is done.

After a run the flagged places no longer name OpenRouter and the to-dos leave no trace in the files, so a later command could not know of
them. They are kept beside the journals of the root, in `open.json` (0600): one entry for each flag and each to-do of a run that was not
taken back, and the marks that `migrate-openrouter done` sets. All texts are masked before they are stored.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from migrator.apply import journal
from migrator.apply.journal import Status
from migrator.apply.state import OPEN_ITEMS
from migrator.catalog.rules import RuleId
from migrator.model import Action, Finding, MigratorError, OpenItem, Plan, Todo
from migrator.records import asdict, dataclass, replace
from migrator.reports.json import fingerprints, lines_of, todo_id
from migrator.reports.masking import masker
from migrator.text.regular import read_regular, write_private

FORMAT = "migrate-openrouter/open/1"
_LARGEST = 64 << 20


def items_of(plan: Plan, *, run: str = "", written: bool = False) -> tuple[OpenItem, ...]:
    """To-dos and flags of a plan, in the order of the report. `written`: lines are those after the run."""
    masked = masker(plan)
    lines = lines_of(plan)
    ids = fingerprints(plan, lines, masked)
    edits = plan.edits() if written else {}
    items = [_of_todo(todo, run) for todo in plan.todo]
    for index, finding in enumerate(plan.findings):
        if finding.action is Action.FLAG:
            line = 0
            if finding.span is not None and finding.path in lines:
                start = finding.span.start
                line = lines[finding.path].line(start)
                line += sum(e.new.count("\n") - e.old.count("\n") for e in edits.get(finding.path, ()) if e.span.end <= start)
            items.append(_of_flag(finding, ids[index], line, run))
    return tuple(
        replace(item, **{name: masked(text) for name in ("title", "detail", "place", "command") if (text := getattr(item, name))})
        for item in items
    )


def _of_todo(todo: Todo, run: str) -> OpenItem:
    return OpenItem(
        id=todo_id(todo),
        title=todo.title,
        detail=todo.detail,
        place="",
        command=todo.command,
        rule=None,
        run=run,
    )


def _of_flag(finding: Finding, identity: str, line: int, run: str) -> OpenItem:
    return OpenItem(
        id=identity,
        title=finding.message,
        detail=finding.because,
        place=f"{finding.path}:{line}" if line else finding.path,
        command=None,
        rule=finding.rule,
        run=run,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Items of all runs over a root, done or not, and ids that were marked as done."""

    items: tuple[OpenItem, ...] = ()
    marked: frozenset[str] = frozenset()

    def open(self) -> tuple[OpenItem, ...]:
        """What is left."""
        return tuple(item for item in self.items if item.id not in self.marked)

    def done(self, items: Iterable[OpenItem]) -> frozenset[str]:
        """What is marked, and of `items` those about a document of which one is marked: after the run its text is told in other words."""
        documents = {_document(item) for item in self.items if item.id in self.marked} - {None}
        return self.marked | {item.id for item in items if _document(item) in documents}

    def with_receipt(self, receipt: Path | None) -> Ledger:
        """With what a receipt lists and what is ticked in it. Raises `MigratorError` where it cannot be read."""
        if receipt is None:
            return self
        from migrator.lifecycle.receipt import read as read_receipt

        written = read_receipt(receipt)
        items = {item.id: item for item in (*self.items, *written.items)}
        return Ledger(items=tuple(items.values()), marked=self.marked | written.ticked)


def _document(item: OpenItem) -> tuple[str, str] | None:
    """The rule and the file of an item about set-up text; None for any other."""
    if item.rule not in (RuleId.SETUP_TEXT, RuleId.DOCS_SETUP):
        return None
    path, _, line = item.place.rpartition(":")
    return item.rule, path if line.isdigit() else item.place


def read(root: Path, state: Path | None = None) -> Ledger:
    """The ledger of a root; empty where no run left anything. Raises `MigratorError` where it cannot be read."""
    place = journal.place_of(root.resolve(), state)
    path = place / OPEN_ITEMS
    try:
        data = read_regular(path, _LARGEST)
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise MigratorError(f"{path}: cannot be read ({error.strerror}); it lists what earlier runs left for you.") from error
    try:
        document = json.loads(data)
        if document["format"] != FORMAT:
            raise MigratorError(f"{path}: has the format {document['format']!r}; this version reads {FORMAT!r}.")
        items = tuple(OpenItem(**row) for row in document["items"])
        marked = frozenset(map(str, document["marked"]))
    except (ValueError, KeyError, TypeError) as error:
        raise MigratorError(f"{path}: is not a list of open items; remove it to start a new one.") from error
    undone = {run.id for run in _runs(place) if run.status in (Status.UNDONE, Status.ROLLED_BACK)}
    return Ledger(items=tuple(item for item in items if item.run not in undone), marked=marked)


def _runs(place: Path) -> Iterable[journal.Journal]:
    with contextlib.suppress(MigratorError, OSError):
        yield from journal.journals(place)


def add(root: Path, items: Collection[OpenItem], state: Path | None = None) -> None:
    """Remember what a run left; the same item of an earlier run is left where it is. Raises `MigratorError`."""
    ledger = read(root, state)
    known = {item.id for item in ledger.items}
    fresh = tuple(item for item in items if item.id not in known)
    if fresh:
        # a thing that comes up again in a later run is open again
        marked = ledger.marked - {item.id for item in fresh}
        _write(root, Ledger(items=(*ledger.items, *fresh), marked=marked), state)


def mark(root: Path, ids: Collection[str], state: Path | None = None) -> None:
    """Mark items as done, by whole ids. Raises `MigratorError`."""
    ledger = read(root, state)
    _write(root, replace(ledger, marked=ledger.marked | set(ids)), state)


def matching(wanted: str, items: Iterable[OpenItem]) -> OpenItem:
    """The item that an id, or the beginning of one, names. Raises `MigratorError` where none or several do."""
    hits = {item.id: item for item in items if wanted and item.id.startswith(wanted.lower())}
    if len(hits) == 1:
        return next(iter(hits.values()))
    if hits:
        raise MigratorError(f"{wanted}: {len(hits)} items begin so: {', '.join(sorted(hits))}; give more of the id.")
    raise MigratorError(f"{wanted}: no such item; `migrate-openrouter done` lists what is open.")


def _write(root: Path, ledger: Ledger, state: Path | None) -> None:
    place = journal.folder(root.resolve(), state)
    document: Mapping[str, object] = {
        "format": FORMAT,
        "items": [asdict(item) for item in ledger.items],
        "marked": sorted(ledger.marked),
    }
    path, scratch = place / OPEN_ITEMS, place / f"{OPEN_ITEMS}.{os.getpid()}.new"
    try:
        write_private(scratch, json.dumps(document, indent=1).encode("ascii"))
        os.replace(scratch, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise MigratorError(f"{path}: cannot be written ({error.strerror}).") from error

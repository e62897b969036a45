"""What is done with a plan: written unless it is only to be shown, remembered, shown, and turned into an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.cli.output import OK, OPEN, PARTIAL, OutputFailed, complain, write_file
from migrator.cli.report import Format, Report, say_omitted, show, undo_command
from migrator.model import MigratorError, OpenItem, Plan
from migrator.records import dataclass
from migrator.reports.json import Mode
from migrator.reports.text import Colour

if TYPE_CHECKING:
    from migrator.lifecycle.open_items import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for beside the plan itself."""

    form: Format
    mode: Mode
    strict: bool = False
    receipt: Path | None = None
    patch_file: Path | None = None
    allow_dirty: bool = False
    color: Colour = Colour.AUTO
    quiet: bool = False
    verbose: bool = False


def carry_out(plan: Plan, root: Path, paths: Sequence[str], given: Sequence[str], wanted: Wanted) -> int:
    """The exit code of a run with this plan. `paths`: as they were given; `given`: all arguments. Raises `MigratorError`."""
    from migrator.lifecycle import open_items

    ledger = open_items.read(root).with_receipt(None if wanted.mode is Mode.APPLY else wanted.receipt)
    if wanted.patch_file is not None:
        from migrator.reports import diff

        patch = diff.patch(plan)
        write_file("--patch-file", wanted.patch_file, patch.data)
    applied, run = 0, ""
    if wanted.mode is Mode.APPLY:
        plan, applied, run = _apply(plan, root, allow_dirty=wanted.allow_dirty)
    done = "The files were written" if applied else "No file was written"
    report = Report(
        plan=plan,
        root=root,
        paths=paths,
        given=given,
        mode=wanted.mode,
        applied=applied,
        earlier=_earlier(plan, ledger),
        done=ledger.done(open_items.items_of(plan)) if ledger.marked else frozenset(),
        strict=wanted.strict,
        color=wanted.color,
        quiet=wanted.quiet,
        verbose=wanted.verbose,
    )
    code = exit_code(report)
    try:
        if wanted.mode is Mode.APPLY and (complaint := _remember(report, run, wanted)):
            complain(f"error: {complaint} {done}.")
            code = PARTIAL
        if wanted.patch_file is not None:
            say_omitted(patch.omitted, report)
        show(report, wanted.form)
    except OutputFailed as failed:
        complain(f"the report could not be written to standard output ({failed}). {done}.")
        return code if wanted.mode is not Mode.DRY_RUN else PARTIAL
    except BaseException as error:
        error.add_note(f"{done}; only the report of it failed." if applied else f"{done}.")
        raise
    return code


def exit_code(report: Report) -> int:
    """The exit code of a run that came to its end. Unreadable files win: what they hold, nobody knows."""
    from migrator.model import Action

    if report.plan.problems:
        return PARTIAL
    left = report.strict and (bool(report.earlier) or any(report.open_flags()))
    match report.mode:
        case Mode.CHECK if left or any(finding.action is Action.REWRITE for finding in report.plan.findings):
            return OPEN
        case Mode.APPLY if left:
            return OPEN
        case _:
            return OK


def _earlier(plan: Plan, ledger: Ledger) -> tuple[OpenItem, ...]:
    """What runs before left open and the plan does not say by itself."""
    left = ledger.open()
    if not left:
        return ()
    from migrator.lifecycle.open_items import items_of

    known = {item.id for item in items_of(plan)}
    return tuple(item for item in left if item.id not in known)


def _remember(report: Report, run: str, wanted: Wanted) -> str:
    """Keep what is left for a person, beside the journal and in the receipt. What went wrong: the files are written all the same."""
    from migrator.lifecycle import open_items

    items = open_items.items_of(report.plan, run=run, written=bool(report.applied))
    try:
        if report.applied:
            open_items.add(report.root, items)
        if wanted.receipt is not None:
            from migrator.lifecycle import account, receipt

            left = tuple(item for item in (*items, *report.earlier, *account.checklist(report.plan)) if item.id not in report.done)
            receipt.write(wanted.receipt, report.plan, left, run=run, applied=report.applied, undo=undo_command(report))
    except MigratorError as error:
        return str(error)
    return ""


def _apply(plan: Plan, root: Path, *, allow_dirty: bool) -> tuple[Plan, int, str]:
    """Write the plan. The plan as it turned out, how many of its rewrites were done, and the id of the run.

    What could not be written after all is a problem of the plan, and its changes are the user's to look at.
    """
    if not any(change.selected for change in plan.changes):
        return plan, 0, ""
    from migrator.apply.apply import apply
    from migrator.model import Action
    from migrator.plan.pipeline import reparse
    from migrator.records import replace

    done = apply(plan, root, allow_dirty=allow_dirty, reparse=reparse)
    fallen = frozenset(done.withdrawn)
    lost = {index for change in plan.changes if change.id in fallen for index in change.findings}
    findings = tuple(
        replace(finding, action=Action.FLAG, because="Its change was withdrawn, because one of its files could not be written.")
        if index in lost and finding.action is Action.REWRITE
        else finding
        for index, finding in enumerate(plan.findings)
    )
    plan = replace(
        plan,
        findings=findings,
        changes=tuple(replace(change, selected=change.selected and change.id not in fallen) for change in plan.changes),
        problems=(*plan.problems, *done.undone),
    )
    return plan, sum(finding.action is Action.REWRITE for finding in findings) if done.written else 0, done.journal

"""The only code that writes into a tree: a plan is applied whole, recorded, and can be undone byte for byte.

Order of things. *Preconditions* of all files; one failure and nothing is written. *Rehearsal*: the new text of every file is
made in memory and read again as its language; a file that would no longer parse takes its changes down with it before
anything is on the disk (doing this first, rather than putting files back afterwards, means that no program ever sees the broken
file). *Journal*. *Prepare* every file beside its place, then *commit* them one after the other. *Look again*: what
stands there must be what was meant. Whatever goes wrong between the journal and the end, everything is put back.

After a crash each file is old or new; `undo` tells which by its digest, handles both, and refuses a third.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from migrator.apply import atomic, journal
from migrator.apply.atomic import Swap
from migrator.apply.interrupts import deferred
from migrator.apply.journal import Journal, Record, Status
from migrator.apply.preconditions import Unfit, git_folder, locate, uncommitted, writable
from migrator.apply.transaction import (
    MEANWHILE,
    ApplyRefused,
    Failed,
    NothingToUndo,
    Refused,
    UndoRefused,
    WriteFailed,
    all_or_nothing,
    clear,
    in_order,
    look,
    named,
    prepare,
    problem,
    resolved,
)
from migrator.apply.undo import Undone, sweep, undo
from migrator.formats.tree import Unreadable
from migrator.model import Edit, Plan, Problem, Source
from migrator.records import dataclass, replace
from migrator.text.secrets import is_configuration, is_secret_shaped, memorable, values_by_name
from migrator.text.source import Undecodable, decode, encode
from migrator.text.splice import Clash, invert, splice

__all__ = ["Applied", "ApplyRefused", "NothingToUndo", "Refused", "UndoRefused", "Undone", "WriteFailed", "apply", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a run did."""

    written: tuple[str, ...] = ()
    """Paths as the plan names them, sorted."""
    undone: tuple[Problem, ...] = ()
    """Files that are as they were although the plan would change them, and why; exit code 3."""
    withdrawn: tuple[str, ...] = ()
    """Ids of the changes that fell with them."""
    journal: str = ""
    """What `undo` will take back; empty where nothing was written."""


def apply(
    plan: Plan,
    root: Path,
    *,
    allow_dirty: bool = False,
    state: Path | None = None,
    reparse: Callable[[Source], None] | None = None,
) -> Applied:
    """Write the selected changes of a plan.

    `reparse` gets the new `Source` of each file and raises `Unreadable` where it no longer parses. `state` is the folder for
    journals, by default the user's state directory. On SIGINT or SIGTERM the file at hand is finished, everything is put
    back, and `KeyboardInterrupt` or `SystemExit(143)` is raised with a note that says so.

    Raises `ApplyRefused` (nothing written), `WriteFailed` (put back), `MigratorError` (no journal can be kept, or another run
    is at work).
    """
    edits = plan.edits()
    if not edits:
        return Applied()
    root = resolved(root)
    place = journal.folder(root, state)
    with journal.lock(place, root):
        sweep(root, place)
        _remove_abandoned(root, place)
        work, losses = _inspect(plan, edits, root, allow_dirty=allow_dirty)
        bonds = _bonds(plan, work.values())
        problems, withdrawn = _fall(bonds, losses | _rehearse(work.values(), reparse))
        kept = {path: item for path, item in work.items() if path not in problems}
        if not kept:
            return Applied(undone=in_order(problems), withdrawn=withdrawn)
        return _write_plan(plan.tool, edits, kept, bonds, problems, root, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One file to write, found fit."""

    names: tuple[str, ...]
    """Paths of the plan that mean this file; more than one where links inside the tree do."""
    real: str
    source: Source
    old: bytes
    text: str
    new: bytes
    in_place: bool


# --- preconditions -----------------------------------------------------------------------------------------------------------


class _Impossible(Unfit):
    """The file may be written, but its edits cannot be made: a fault of the plan, which only costs the changes concerned."""


def _inspect(
    plan: Plan, edits: Mapping[str, tuple[Edit, ...]], root: Path, *, allow_dirty: bool
) -> tuple[dict[str, _Work], dict[str, Problem]]:
    """Every file of the plan, read and found fit, by path, and those whose edits cannot be made.

    Raises `ApplyRefused` with all that is in the way.
    """
    losses: dict[str, Problem] = {}
    inspected: dict[str, _Work] = {}
    inodes: dict[tuple[int, int], _Work] = {}
    refused: dict[str, Problem] = {}
    for path, edits_of_file in edits.items():
        try:
            work, info = _inspect_file(plan, path, edits_of_file, root)
            key = (info.st_dev, info.st_ino)
            if (twin := inodes.get(key)) is not None:
                if twin.new != work.new:
                    raise Unfit(
                        f"is the same file as {twin.names[0]}, for which the plan has other edits", "leave one out with --exclude"
                    )
                work = _Work(
                    names=(*twin.names, path),
                    real=twin.real,
                    source=twin.source,
                    old=twin.old,
                    text=twin.text,
                    new=twin.new,
                    in_place=twin.in_place,
                )
            inodes[key] = work
            for name in work.names:
                inspected[name] = work
        except _Impossible as impossible:
            losses[path] = problem(path, impossible)
        except Unfit as unfit:
            refused[path] = problem(path, unfit)
    if not allow_dirty:
        dirty = uncommitted(root, {work.real for work in inspected.values()})
        for path, work in inspected.items():
            if work.real in dirty:
                refused[path] = problem(path, dirty[work.real])
    if refused:
        count = f"{len(refused)} file" + ("s stand" if len(refused) > 1 else " stands")
        raise ApplyRefused(f"Nothing was written, because {count} in the way:", in_order(refused))
    return inspected, losses


def _inspect_file(plan: Plan, path: str, edits: tuple[Edit, ...], root: Path) -> tuple[_Work, os.stat_result]:
    real = locate(root, path)
    info, in_place = writable(root, real)
    try:
        data = atomic.read(root, real)
    except OSError as error:
        raise Unfit(f"cannot be read ({error.strerror})", "check its permissions") from None
    if atomic.digest(data) != plan.digests.get(path):
        raise Unfit("has changed since the plan was made", "run again")
    source = plan.sources.get(path)
    if source is None or source.digest != plan.digests[path]:
        source = _decoded(path, data)
    if _shows_secret(source, edits):
        raise _Impossible(
            "has an edit that would carry a secret into the journal; this is a fault in a rule of this tool",
            "change it by hand; please report this",
        )
    try:
        text = splice(source.text, edits)
        new = encode(source, text)
        if encode(source, source.text) != data or splice(text, invert(edits)) != source.text:
            raise _Impossible("cannot be written back as it was read", "change it by hand; please report this")
    except Clash as clash:
        raise _Impossible(f"does not fit its edits ({clash})", "make the plan again") from None
    except UnicodeEncodeError as error:
        raise _Impossible(
            f"is {source.encoding}, which has no {error.object[error.start]!r}", "save it as UTF-8 and run again"
        ) from None
    return _Work(names=(path,), real=real, source=source, old=data, text=text, new=new, in_place=in_place), info


def _shows_secret(source: Source, edits: Iterable[Edit]) -> bool:
    """Whether an edit covers a secret: by its shape, or because its name says so where it stands."""
    texts = [text for edit in edits for text in (edit.old, edit.new)]
    if any(is_secret_shaped(text) for text in texts):
        return True
    secrets = [value for value in values_by_name(source.text, literal=is_configuration(source.path)) if memorable(value)]
    return any(value in text for value in secrets for text in texts)


def _decoded(path: str, data: bytes) -> Source:
    try:
        return decode(path, data)
    except Undecodable:
        with contextlib.suppress(Undecodable):
            return decode(path, data, lenient=True)
    raise Unfit("is no longer text that can be read", "make the plan again")


# --- rehearsal ---------------------------------------------------------------------------------------------------------------


def _rehearse(work: Iterable[_Work], reparse: Callable[[Source], None] | None) -> dict[str, Problem]:
    """Files whose new text could not be read as their language, with the complaint."""
    losses: dict[str, Problem] = {}
    for item in work:
        for name in item.names:
            if name in losses:
                continue
            lenient = _lenient(item.source.text)
            try:
                again = decode(name, item.new, lenient=lenient)
                if again.text != item.text:
                    raise Undecodable(0, "would be read in another encoding afterwards")
                if reparse is not None:
                    reparse(again)
            except (Unreadable, Undecodable) as broken:
                message = f"the planned edits would break it: {broken.message}"
                losses[name] = Problem(path=name, line=broken.line, message=message, remedy="change it by hand; please report this")
            except Exception as error:
                message = f"an internal error of this tool when its new text was read again ({type(error).__name__})"
                losses[name] = Problem(path=name, line=0, message=message, remedy="change it by hand; please report this")
    return losses


def _lenient(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text) if not text.isascii() else False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bond:
    """Files that share a fate: those of one change, or the names of one file."""

    change: str | None
    paths: frozenset[str]


def _bonds(plan: Plan, work: Iterable[_Work]) -> tuple[_Bond, ...]:
    """A file carries the edits of several changes and is written once; so a lost file fells all changes that touch it."""
    changes = (
        _Bond(change=change.id, paths=frozenset(edit.path for index in change.findings for edit in plan.findings[index].edits))
        for change in plan.changes
        if change.selected
    )
    names = {item.names for item in work if len(item.names) > 1}
    return (*changes, *(_Bond(change=None, paths=frozenset(group)) for group in sorted(names)))


def _fall(bonds: tuple[_Bond, ...], losses: Mapping[str, Problem]) -> tuple[dict[str, Problem], tuple[str, ...]]:
    """Every file that stays old because of the lost ones, and the changes that fall: a change is done whole or not at all."""
    problems = dict(losses)
    left = list(bonds)
    fallen: set[str] = set()
    while falling := [bond for bond in left if not bond.paths.isdisjoint(problems)]:
        left = [bond for bond in left if bond not in falling]
        for bond in falling:
            if bond.change is not None:
                fallen.add(bond.change)
            hit = min(bond.paths & problems.keys())
            for path in sorted(bond.paths - problems.keys()):
                message = f"left as it was, because its change also needs {hit}"
                problems[path] = Problem(path=path, line=0, message=message, remedy=f"see to {hit} and run again")
    return problems, tuple(bond.change for bond in bonds if bond.change in fallen and bond.change is not None)


# --- writing -----------------------------------------------------------------------------------------------------------------


def _swaps(
    edits: Mapping[str, tuple[Edit, ...]], work: Sequence[_Work], run_id: str, vault: str
) -> tuple[list[Swap], list[Record]]:
    """What is done with each file, and what the journal says of it."""
    swaps: list[Swap] = []
    records: list[Record] = []
    for number, item in enumerate(work):
        path = item.names[0]
        scratch, spare = (f".migrate-openrouter-{run_id}-{number}.{kind}" for kind in ("new", "old"))
        swaps.append(
            Swap(
                path=path,
                real=item.real,
                old=item.old,
                new=item.new,
                scratch=scratch,
                spare=spare,
                in_place=item.in_place,
                vault=vault,
            )
        )
        records.append(
            Record(
                path=path,
                real=item.real,
                before=atomic.digest(item.old),
                after=atomic.digest(item.new),
                encoding=item.source.encoding,
                bom=item.source.bom,
                edits=invert(edits[path]),
                scratch=scratch,
                spare=spare,
                in_place=item.in_place,
                vault=vault,
            )
        )
    return swaps, records


def _write_plan(
    tool: str,
    edits: Mapping[str, tuple[Edit, ...]],
    kept: Mapping[str, _Work],
    bonds: tuple[_Bond, ...],
    problems: dict[str, Problem],
    root: Path,
    place: Path,
) -> Applied:
    run_id = journal.next_id(place)
    work = list({item.real: item for item in kept.values()}.values())
    vault = atomic.choose_vault(root, [item.real for item in work if not item.in_place], vaults(root, place, run_id))
    swaps, records = _swaps(edits, work, run_id, vault)
    run = Journal(id=run_id, tool=tool, root=str(root), status=Status.WRITING, files=tuple(records))
    with deferred() as boundary:
        with all_or_nothing(root, swaps, place, run, back=Status.ROLLED_BACK):
            journal.save(place, run)
            prepare(root, swaps, boundary)
            problems = _commit(bonds, swaps, problems, root, boundary)
            # files that were left to others are none of undo's business
            kept_records = tuple(record for record in records if record.path not in problems)
            journal.mark(place, replace(run, files=kept_records), Status.DONE if kept_records else Status.ROLLED_BACK)
        left = clear(root, run)
        journal.prune(place)
    problems, withdrawn = _fall(bonds, problems)
    return Applied(
        written=tuple(sorted(path for path in kept if path not in problems)),
        undone=(*in_order(problems), *in_order(left)),
        withdrawn=withdrawn,
        journal=run_id if kept_records else "",
    )


def vaults(root: Path, place: Path, run_id: str) -> list[str]:
    """Where the scratch files of a run may lie, the best place first: outside the tree, then where git keeps its own files."""
    inside = git_folder(root)
    return [str(place / f"scratch-{run_id}"), *([f"{inside}/migrate-openrouter-{run_id}"] if inside else [])]


def _remove_abandoned(root: Path, place: Path) -> None:
    """Remove the folders that no journal names: of runs that were killed before they had one, and those that were tried and not taken.

    All that may lie there is a probe; a folder with anything else stays.
    """
    inside = git_folder(root)
    for folder in (*place.glob("scratch-*"), *((root / inside).glob("migrate-openrouter-*") if inside else ())):
        with contextlib.suppress(OSError):
            (folder / atomic.PROBE).unlink(missing_ok=True)
            folder.rmdir()


def _commit(
    bonds: tuple[_Bond, ...], swaps: list[Swap], problems: dict[str, Problem], root: Path, boundary: Callable[[], None]
) -> dict[str, Problem]:
    """Put every file in place and look again. The problems before and those that came up."""
    for swap in swaps:
        boundary()
        if swap.path not in problems:
            with named(swap.path):
                fits = atomic.commit(root, swap)
            if not fits:
                problems = _give_up(bonds, swaps, problems, root, swap.path, MEANWHILE)
    for swap in swaps:
        boundary()
        if swap.path not in problems and (complaint := look(root, swap)) is not None:
            problems = _give_up(bonds, swaps, problems, root, swap.path, complaint)
    with named(str(root)):
        atomic.flush(root, swaps)
    return problems


def _give_up(
    bonds: tuple[_Bond, ...], swaps: list[Swap], problems: dict[str, Problem], root: Path, path: str, complaint: str
) -> dict[str, Problem]:
    """Leave a file to whoever changed it, and put back all that stands or falls with it."""
    lost = Problem(path=path, line=0, message=f"left as it is: {complaint}", remedy="run again")
    after, _ = _fall(bonds, problems | {path: lost})
    for swap in swaps:
        if swap.path in after and swap.path not in problems and swap.path != path:
            if (stuck := atomic.put_back(root, swap)) is not None:
                raise Failed(swap.path, OSError(0, f"cannot be put back: {stuck}"))
            swap.state = atomic.State.PREPARED
    return after

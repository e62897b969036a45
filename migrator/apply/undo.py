"""Taking a run back, byte for byte: after a whole one, after one that was cut short, and after an `undo` that was.

What a file is, is told by its digest: as the run left it (then the inverse edits are made), or as it was before (then there
is nothing to do). Anything else is somebody's work, and then nothing is undone at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from migrator.apply import atomic, journal
from migrator.apply.atomic import Swap
from migrator.apply.interrupts import deferred
from migrator.apply.journal import Journal, Record, Status
from migrator.apply.preconditions import Unfit, locate, writable
from migrator.apply.transaction import (
    MEANWHILE,
    ApplyRefused,
    NothingToUndo,
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
from migrator.model import Edit, MigratorError, Problem, Source
from migrator.records import dataclass, replace
from migrator.text.source import encode
from migrator.text.splice import Clash, invert, splice


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What was taken back."""

    journal: str
    restored: tuple[str, ...]
    already: tuple[str, ...]
    """Files that were as before the run: it was cut short, or somebody put them back."""
    left: tuple[Problem, ...] = ()
    """Temporary files that could not be removed; exit code 3."""


def undo(root: Path, *, state: Path | None = None) -> Undone:
    """Take back the last run over a root that has not been taken back; a second call takes back the one before.

    Raises `UndoRefused` (some file was edited since; nothing is touched), `WriteFailed`, `ApplyRefused` where the run to take back was one
    over a folder above or below, and `NothingToUndo`.
    """
    root = resolved(root)
    place = journal.folder(root, state)
    with journal.lock(place, root):
        over = (Status.UNDONE, Status.ROLLED_BACK)
        if (newest := journal.newest(place)) is not None and newest.status in over:
            clear(root, newest)
        last = next((run for run in journal.journals(place) if run.status not in over), None)
        if last is None:
            _refuse_overlapping(root, place)
            raise NothingToUndo(f"{root}: no run is recorded that could be undone; `undo` takes the same path as the run itself")
        swaps, already, torn = _reverse(last, root)
        left = clear(root, last, keep=frozenset(torn))
        if not swaps:
            _mark(place, last, Status.UNDONE)
            return Undone(journal=last.id, restored=(), already=already, left=in_order(left))
        last = _with_vaults(last, root, swaps)
        with deferred() as boundary:
            with all_or_nothing(root, swaps, place, last, back=last.status):
                last = journal.mark(place, last, Status.UNDOING)
                prepare(root, swaps, boundary)
                for swap in swaps:
                    boundary()
                    if not atomic.commit(root, swap):
                        raise _changed_again(swap.path, MEANWHILE)
                for swap in swaps:
                    if (complaint := look(root, swap)) is not None:
                        raise _changed_again(swap.path, complaint)
                with named(str(root)):
                    atomic.flush(root, swaps)
                last = journal.mark(place, last, Status.UNDONE)
            left = clear(root, last)
    return Undone(journal=last.id, restored=tuple(swap.path for swap in swaps), already=already, left=in_order(left))


def _with_vaults(run: Journal, root: Path, swaps: list[Swap]) -> Journal:
    """The run with the folders that its undoing uses, which are made again."""
    usable = {vault: atomic.reopened(root, vault) for vault in {swap.vault for swap in swaps}}
    for swap in swaps:
        swap.vault = usable[swap.vault]
    return replace(run, files=tuple(replace(record, vault=usable.get(record.vault, record.vault)) for record in run.files))


def sweep(root: Path, place: Path) -> None:
    """Before a run: finish with one that was cut short.

    Where all of its files are old, or all new, nothing is half done: its temporary files are removed and it counts as rolled back or
    done. Otherwise it has to be undone first, by whoever can look at it. Raises `ApplyRefused`.
    """
    _refuse_overlapping(root, place)
    last = journal.newest(place)
    if last is None:
        return
    if last.status in (Status.WRITING, Status.UNDOING):
        kinds = {record.path: _kind(root, record)[0] for record in last.files}
        if half := _half_done(kinds):
            raise ApplyRefused("Nothing was written, because an earlier run was cut short and has to be undone first:", half)
        over = Status.ROLLED_BACK if last.status is Status.WRITING else Status.UNDONE
        _mark(place, last, Status.DONE if _Kind.NEW in kinds.values() else over)
    clear(root, last)


def require_finished(root: Path, *, state: Path | None = None) -> None:
    """Before any command: refuse a tree in which a run was cut short, also one over a folder above or below. Writes nothing.

    Raises `ApplyRefused`.
    """
    root = resolved(root)
    own = journal.place_of(root, state)
    _refuse_overlapping(root, own)
    last = journal.newest(own) if own.is_dir() else None
    if last is not None and (half := _cut_short(root, last)):
        raise ApplyRefused("An earlier run was cut short here (or is still at work), so some files are new and some are old:", half)


def _refuse_overlapping(root: Path, own: Path) -> None:
    """Raise `ApplyRefused` where a run over a folder above or below the root was cut short; its journals are not in `own`."""
    for place in journal.unfinished(own.parent):
        try:
            last = journal.newest(place) if place != own and place.is_dir() else None
        except MigratorError:
            continue  # a run over that tree complains about it
        other = root if last is None else Path(last.root)
        if last is None or not (other.is_relative_to(root) or root.is_relative_to(other)):
            continue
        if half := _cut_short(other, last):
            headline = f"An earlier run over {other} was cut short (or is still at work), so some files are new and some are old:"
            raise ApplyRefused(headline, [replace(problem, remedy=f"run `undo {other}`") for problem in half])


def _cut_short(root: Path, run: Journal) -> list[Problem]:
    """The files that a run has written where it was to write more and has not said that it came to an end."""
    if run.status not in (Status.WRITING, Status.UNDOING):
        return []
    return _half_done({record.path: _kind(root, record)[0] for record in run.files})


def _half_done(kinds: Mapping[str, _Kind]) -> list[Problem]:
    """The files that an unfinished run has written, where it has not written all; none where all that nobody else changed are alike."""
    written = [path for path, kind in kinds.items() if kind in (_Kind.NEW, _Kind.TORN)]
    if not written or (_Kind.OLD not in kinds.values() and _Kind.TORN not in kinds.values()):
        return []
    return [Problem(path=path, line=0, message=_CUT_SHORT, remedy="run `undo`") for path in written]


_CUT_SHORT = "was written when the run ended, and other files were not"


def _changed_again(path: str, complaint: str) -> UndoRefused:
    changed = Problem(path=path, line=0, message=complaint, remedy="run `undo` again")
    return UndoRefused("Nothing was undone, because a file changed at the same moment:", [changed])


def _mark(place: Path, run: Journal, status: Status) -> None:
    try:
        journal.mark(place, run, status)
    except OSError as error:
        raise WriteFailed(f"{place}: the journal could not be written ({error.strerror})", {}) from error


class _Kind(Enum):
    """What a recorded file is now."""

    NEW = "new"
    OLD = "old"
    TORN = "torn"
    """One version half written over the other, in place."""
    OTHER = "other"
    UNREADABLE = "unreadable"


def _kind(root: Path, record: Record) -> tuple[_Kind, bytes]:
    """What a recorded file is now, and its bytes."""
    try:
        real = locate(root, record.path)
        if real != record.real:
            return _Kind.OTHER, b""
        data = atomic.read(root, real)
    except (Unfit, FileNotFoundError):
        return _Kind.OTHER, b""
    except OSError:
        return _Kind.UNREADABLE, b""
    match atomic.digest(data):
        case record.after:
            return _Kind.NEW, data
        case record.before:
            return _Kind.OLD, data
        case _:
            return (_Kind.OTHER if _whole(root, record, data) is None else _Kind.TORN), data


def _whole(root: Path, record: Record, data: bytes) -> tuple[str, bytes] | None:
    """For a file that was being written in place when the machine stopped: the name of what it is restored from, and its old bytes.

    None where the file is not exactly one version written part of the way over the other: then somebody else made it.
    """
    for name in (record.scratch, record.spare) if record.in_place else ():
        with contextlib.suppress(OSError):
            whole = atomic.read_scratch(root, record.real, record.vault, name)
            old = whole if atomic.digest(whole) == record.before else _before(record, whole)
            if old is None:
                continue
            new = _shifted(record, old, invert(record.edits))
            other = new if whole == old else old
            done = next(
                (at for at, pair in enumerate(zip(data, whole, strict=False)) if pair[0] != pair[1]), min(len(data), len(whole))
            )
            if new is not None and other is not None and data[done:] == other[done:]:
                return name, old
    return None


def _before(record: Record, new: bytes) -> bytes | None:
    """The old bytes from the new ones; None where they do not come out as recorded."""
    old = _shifted(record, new, record.edits)
    return old if old is not None and atomic.digest(old) == record.before else None


def _shifted(record: Record, data: bytes, edits: tuple[Edit, ...]) -> bytes | None:
    frame = Source(path=record.path, text="", encoding=record.encoding, bom=record.bom, digest="")
    try:
        text = data[len(encode(frame, "")) :].decode(record.encoding, "surrogateescape")
        return encode(frame, splice(text, edits))
    except (UnicodeError, LookupError, Clash):
        return None


def _reverse(run: Journal, root: Path) -> tuple[list[Swap], tuple[str, ...], tuple[str, ...]]:
    """What has to be written to take a run back, the files that are old already, and those that are torn. Raises `UndoRefused`."""
    swaps: list[Swap] = []
    already: list[str] = []
    torn: list[str] = []
    refused: dict[str, Problem] = {}
    for record in run.files:
        try:
            kind, data = _kind(root, record)
            if kind is _Kind.OLD:
                already.append(record.path)
                continue
            if kind is _Kind.UNREADABLE:
                raise Unfit("cannot be read", "check its permissions and those of its folder")
            if kind is _Kind.OTHER:
                raise Unfit("was changed after the run", "take your change out (or put it aside), run `undo`, and make it again")
            _, in_place = writable(root, record.real)
            scratch, spare = record.scratch, record.spare
            if kind is _Kind.TORN and (whole := _whole(root, record, data)) is not None:
                source_name, old = whole
                torn.append(record.path)
                if source_name == scratch:
                    # what the file is restored from stays until it is restored
                    scratch, spare = spare, scratch
            else:
                maybe = _before(record, data)
                if maybe is None:
                    raise Unfit("does not come out as it was before the run", "restore it from version control and report this")
                old = maybe
        except Unfit as unfit:
            refused[record.path] = problem(record.path, unfit)
        else:
            swaps.append(
                Swap(
                    path=record.path,
                    real=record.real,
                    old=data,
                    new=old,
                    scratch=scratch,
                    spare=spare,
                    in_place=in_place or record.in_place,
                    vault=record.vault,
                )
            )
    if refused:
        raise UndoRefused(f"Nothing was undone, because the run {run.id} cannot be taken back whole:", in_order(refused))
    return swaps, tuple(already), tuple(torn)

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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from migrator import atomic, journal
from migrator.atomic import Swap
from migrator.interrupts import deferred
from migrator.journal import Journal, Record, Status
from migrator.model import Edit, MigratorError, Plan, Problem, Source
from migrator.preconditions import Unfit, locate, uncommitted, writable
from migrator.secrets import is_secret_shaped
from migrator.source import Undecodable, decode, encode
from migrator.splice import Clash, invert, splice
from migrator.tree import Unreadable


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What was taken back."""

    journal: str
    restored: tuple[str, ...]
    already: tuple[str, ...]
    """Files that were as before the run: it was cut short, or somebody put them back."""


class Refused(MigratorError):  # noqa: N818 - a verdict on a run
    """Nothing was written, because of the files in `problems`."""

    def __init__(self, headline: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([headline, *(f"  {p.path}: {p.message}; {p.remedy}" for p in self.problems)]))


class ApplyRefused(Refused):
    """A precondition of `apply` failed."""


class UndoRefused(Refused):
    """A file is neither what the run left nor what it found."""


class NothingToUndo(MigratorError):  # noqa: N818 - a verdict on a run
    """No run over this root is recorded that still stands."""


class WriteFailed(MigratorError):  # noqa: N818 - says what happened
    """The system refused a write. Everything was put back, except `stuck`: path to what stands in the way."""

    def __init__(self, message: str, stuck: Mapping[str, str]) -> None:
        self.stuck = dict(stuck)
        super().__init__(message)


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
    root = _resolved(root)
    place = journal.folder(root, state)
    with journal.lock(place, root):
        _sweep(root, place)
        work = _inspect(plan, edits, root, allow_dirty=allow_dirty)
        bonds = _bonds(plan, work.values())
        problems, withdrawn = _fall(bonds, _rehearse(work.values(), reparse))
        kept = {path: item for path, item in work.items() if path not in problems}
        if not kept:
            return Applied(undone=_in_order(problems), withdrawn=withdrawn)
        return _write_plan(plan.tool, edits, kept, bonds, problems, root, place)


def undo(root: Path, *, state: Path | None = None) -> Undone:
    """Take back the last run over a root that has not been taken back; a second call takes back the one before.

    Raises `UndoRefused` (some file was edited since; nothing is touched), `WriteFailed`, and `MigratorError` where there is
    nothing to take back.
    """
    root = _resolved(root)
    place = journal.folder(root, state)
    with journal.lock(place, root):
        over = (Status.UNDONE, Status.ROLLED_BACK)
        if (newest := journal.newest(place)) is not None and newest.status in over:
            _clear(root, newest)
        last = next((run for run in journal.journals(place) if run.status not in over), None)
        if last is None:
            raise NothingToUndo(f"{root}: no run is recorded that could be undone; `undo` takes the same path as the run itself")
        swaps, already, torn = _reverse(last, root)
        _clear(root, last, keep=frozenset(torn))
        if not swaps:
            _mark(place, last, Status.UNDONE)
            return Undone(journal=last.id, restored=(), already=already)
        with deferred() as boundary:
            with _all_or_nothing(root, swaps, place, last, back=last.status):
                last = journal.mark(place, last, Status.UNDOING)
                _prepare(root, swaps, boundary)
                for swap in swaps:
                    boundary()
                    if not atomic.commit(root, swap):
                        raise _changed_again(swap.path, _MEANWHILE)
                for swap in swaps:
                    if (complaint := _look(root, swap)) is not None:
                        raise _changed_again(swap.path, complaint)
                with _named(str(root)):
                    atomic.flush(root, swaps)
                last = journal.mark(place, last, Status.UNDONE)
            _clear(root, last)
    return Undone(journal=last.id, restored=tuple(swap.path for swap in swaps), already=already)


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


def _resolved(root: Path) -> Path:
    try:
        return root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise MigratorError(f"{root}: cannot be reached ({getattr(error, 'strerror', None) or error}); check the path") from error


_MEANWHILE = "it was changed by another program while this run was writing"


def _problem(path: str, unfit: Unfit) -> Problem:
    return Problem(path=path, line=0, message=unfit.message, remedy=unfit.remedy)


def _in_order(problems: Mapping[str, Problem]) -> tuple[Problem, ...]:
    return tuple(problems[path] for path in sorted(problems))


# --- preconditions -----------------------------------------------------------------------------------------------------------


def _inspect(plan: Plan, edits: Mapping[str, tuple[Edit, ...]], root: Path, *, allow_dirty: bool) -> dict[str, _Work]:
    """Every file of the plan, read and found fit, by path. Raises `ApplyRefused` with all that is in the way."""
    found: dict[str, _Work] = {}
    inodes: dict[tuple[int, int], _Work] = {}
    refused: dict[str, Problem] = {}
    for path, own in edits.items():
        try:
            work, info = _inspect_file(plan, path, own, root)
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
                found[name] = work
        except Unfit as unfit:
            refused[path] = _problem(path, unfit)
    if not allow_dirty:
        dirty = uncommitted(root, {work.real for work in found.values()})
        for path, work in found.items():
            if work.real in dirty:
                refused[path] = _problem(path, dirty[work.real])
    if refused:
        count = f"{len(refused)} file" + ("s stand" if len(refused) > 1 else " stands")
        raise ApplyRefused(f"Nothing was written, because {count} in the way:", _in_order(refused))
    return found


def _inspect_file(plan: Plan, path: str, own: tuple[Edit, ...], root: Path) -> tuple[_Work, os.stat_result]:
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
    if any(is_secret_shaped(text) for edit in own for text in (edit.old, edit.new)):
        raise Unfit(
            "has an edit that would carry a secret into the journal; this is a fault in a rule of this tool",
            "leave the file out with --exclude and report it",
        )
    try:
        text = splice(source.text, own)
        new = encode(source, text)
        if encode(source, source.text) != data or splice(text, invert(own)) != source.text:
            raise Unfit("cannot be written back as it was read", "leave it out with --exclude and report it")
    except Clash as clash:
        raise Unfit(f"does not fit its edits ({clash})", "make the plan again") from None
    except UnicodeEncodeError as error:
        raise Unfit(
            f"is {source.encoding}, which has no {error.object[error.start]!r}", "save it as UTF-8, or leave it out with --exclude"
        ) from None
    return _Work(names=(path,), real=real, source=source, old=data, text=text, new=new, in_place=in_place), info


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
    standing = list(bonds)
    fallen: set[str] = set()
    while falling := [bond for bond in standing if not bond.paths.isdisjoint(problems)]:
        standing = [bond for bond in standing if bond not in falling]
        for bond in falling:
            if bond.change is not None:
                fallen.add(bond.change)
            hit = min(bond.paths & problems.keys())
            for path in sorted(bond.paths - problems.keys()):
                message = f"left as it was, because its change also needs {hit}"
                problems[path] = Problem(path=path, line=0, message=message, remedy=f"see to {hit} and run again")
    return problems, tuple(bond.change for bond in bonds if bond.change in fallen and bond.change is not None)


# --- writing -----------------------------------------------------------------------------------------------------------------


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
    swaps: list[Swap] = []
    records: list[Record] = []
    for number, item in enumerate(work):
        path = item.names[0]
        scratch, spare = (f".migrate-openrouter-{run_id}-{number}.{kind}" for kind in ("new", "old"))
        swaps.append(
            Swap(path=path, real=item.real, old=item.old, new=item.new, scratch=scratch, spare=spare, in_place=item.in_place)
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
            )
        )
    run = Journal(id=run_id, tool=tool, root=str(root), status=Status.WRITING, files=tuple(records))
    with deferred() as boundary:
        with _all_or_nothing(root, swaps, place, run, back=Status.ROLLED_BACK):
            journal.save(place, run)
            _prepare(root, swaps, boundary)
            problems = _commit(bonds, swaps, problems, root, boundary)
            # files that were left to others are none of undo's business
            kept_records = tuple(record for record in records if record.path not in problems)
            journal.mark(place, replace(run, files=kept_records), Status.DONE if kept_records else Status.ROLLED_BACK)
        left = _clear(root, run)
        journal.prune(place)
    problems, withdrawn = _fall(bonds, problems)
    return Applied(
        written=tuple(sorted(path for path in kept if path not in problems)),
        undone=(*_in_order(problems), *_in_order(left)),
        withdrawn=withdrawn,
        journal=run_id if kept_records else "",
    )


def _prepare(root: Path, swaps: list[Swap], boundary: Callable[[], None]) -> None:
    for swap in swaps:
        boundary()
        with _named(swap.path):
            atomic.prepare(root, swap)


def _commit(
    bonds: tuple[_Bond, ...], swaps: list[Swap], problems: dict[str, Problem], root: Path, boundary: Callable[[], None]
) -> dict[str, Problem]:
    """Put every file in place and look again. The problems before and those that came up."""
    for swap in swaps:
        boundary()
        if swap.path not in problems:
            with _named(swap.path):
                fits = atomic.commit(root, swap)
            if not fits:
                problems = _give_up(bonds, swaps, problems, root, swap.path, _MEANWHILE)
    for swap in swaps:
        boundary()
        if swap.path not in problems and (complaint := _look(root, swap)) is not None:
            problems = _give_up(bonds, swaps, problems, root, swap.path, complaint)
    with _named(str(root)):
        atomic.flush(root, swaps)
    return problems


def _look(root: Path, swap: Swap) -> str | None:
    with _named(swap.path):
        return atomic.settled(root, swap)


def _give_up(
    bonds: tuple[_Bond, ...], swaps: list[Swap], problems: dict[str, Problem], root: Path, path: str, complaint: str
) -> dict[str, Problem]:
    """Leave a file to whoever changed it, and put back all that stands or falls with it."""
    lost = Problem(path=path, line=0, message=f"left as it is: {complaint}", remedy="run again")
    after, _ = _fall(bonds, problems | {path: lost})
    for swap in swaps:
        if swap.path in after and swap.path not in problems and swap.path != path:
            if (stuck := atomic.put_back(root, swap)) is not None:
                raise _Failed(swap.path, OSError(0, f"cannot be put back: {stuck}"))
            swap.state = atomic.State.PREPARED
    return after


@contextlib.contextmanager
def _named(path: str) -> Iterator[None]:
    """Name the file that the system refused to write."""
    try:
        yield
    except OSError as error:
        raise _Failed(path, error) from error


class _Failed(Exception):  # noqa: N818 - carries an OSError to where the rollback is
    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(path)
        self.path = path
        self.error = error


def _changed_again(path: str, complaint: str) -> UndoRefused:
    problem = Problem(path=path, line=0, message=complaint, remedy="run `undo` again")
    return UndoRefused("Nothing was undone, because a file changed at the same moment:", [problem])


@contextlib.contextmanager
def _all_or_nothing(root: Path, swaps: list[Swap], place: Path, run: Journal, *, back: Status) -> Iterator[None]:
    """Whatever is raised inside, every file is put back before it goes on, and the journal says so.

    What the system refused becomes `WriteFailed`; anything else goes on as it is, with a note.
    """
    try:
        yield
    except BaseException as error:
        stuck = {swap.path: complaint for swap in swaps if (complaint := atomic.put_back(root, swap)) is not None}
        for swap in swaps:
            # only what this run made: beside a torn file lies what an earlier one left to restore it from
            names = (swap.scratch, swap.spare) if swap.spare_made else (swap.scratch,)
            if swap.path not in stuck and (complaint := atomic.tidy(root, swap.real, names)) is not None:
                stuck[f"{swap.path} (its temporary file)"] = complaint
        with contextlib.suppress(OSError):
            atomic.flush(root, swaps)
        with contextlib.suppress(OSError):
            if not stuck and (place / f"{run.id}.json").exists():
                journal.mark(place, run, back)
        outcome = _outcome(stuck)
        match error:
            case _Failed():
                reason = error.error.strerror or error.error
                raise WriteFailed(f"{error.path}: could not be written ({reason}). {outcome}", stuck) from error.error
            case OSError():
                where = error.filename or place
                raise WriteFailed(f"{where}: could not be written ({error.strerror or error}). {outcome}", stuck) from error
            case KeyboardInterrupt() | SystemExit():
                error.add_note(f"Stopped between two files. {outcome}")
                raise
            case _:
                error.add_note(outcome)
                raise


def _outcome(stuck: Mapping[str, str]) -> str:
    if not stuck:
        return "Every file was put back as it was."
    listed = "; ".join(f"{path}: {complaint}" for path, complaint in sorted(stuck.items()))
    return f"Every file was put back as it was, except: {listed}. `migrate-openrouter undo` tries again."


# --- what crashes leave, and the way back ------------------------------------------------------------------------------------


def _mark(place: Path, run: Journal, status: Status) -> None:
    try:
        journal.mark(place, run, status)
    except OSError as error:
        raise WriteFailed(f"{place}: the journal could not be written ({error.strerror})", {}) from error


def _clear(root: Path, run: Journal, *, keep: frozenset[str] = frozenset()) -> dict[str, Problem]:
    """Remove the temporary files of a run, those beside the files in `keep` excepted. Those that would not go, as problems."""
    left: dict[str, Problem] = {}
    for record in run.files:
        if record.path not in keep and (complaint := atomic.tidy(root, record.real, (record.scratch, record.spare))) is not None:
            folder = record.real.rpartition("/")[0]
            name = f"{folder}/{record.scratch}" if folder else record.scratch
            left[name] = Problem(
                path=name, line=0, message=f"a temporary file could not be removed ({complaint})", remedy="remove it"
            )
    return left


def _sweep(root: Path, place: Path) -> None:
    """Before a run: remove the temporary files of one that was killed. Its files stay as they are, and `undo` still knows them.

    A file that was being written in place when the machine stopped is not touched: its scratch file is what `undo` restores it
    from, so that run has to be undone first.
    """
    last = journal.newest(place)
    if last is None:
        return
    if last.status in (Status.WRITING, Status.UNDOING):
        torn = [record.path for record in last.files if record.in_place and _kind(root, record)[0] == "torn"]
        if torn:
            message = "was being written when a run was cut short"
            problems = (Problem(path=path, line=0, message=message, remedy="run `undo`") for path in torn)
            raise ApplyRefused("Nothing was written, because an earlier run has to be undone first:", problems)
    _clear(root, last)


def _kind(root: Path, record: Record) -> tuple[str, bytes]:
    """What a recorded file is now: `new`, `old`, `torn`, `other` or `unreadable`, and its bytes."""
    try:
        real = locate(root, record.path)
        if real != record.real:
            return "other", b""
        data = atomic.read(root, real)
    except (Unfit, FileNotFoundError):
        return "other", b""
    except OSError:
        return "unreadable", b""
    match atomic.digest(data):
        case record.after:
            return "new", data
        case record.before:
            return "old", data
        case _:
            return ("torn" if _whole(root, record, data) is not None else "other"), data


def _whole(root: Path, record: Record, data: bytes) -> tuple[str, bytes] | None:
    """For a file that was being written in place when the machine stopped: the name of what it is restored from, and its old bytes.

    None where the file is not exactly one version written part of the way over the other: then somebody else made it.
    """
    folder = record.real.rpartition("/")[0]
    for name in (record.scratch, record.spare) if record.in_place else ():
        with contextlib.suppress(OSError):
            whole = atomic.read(root, f"{folder}/{name}" if folder else name)
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
            if kind == "old":
                already.append(record.path)
                continue
            if kind == "unreadable":
                raise Unfit("cannot be read", "check its permissions and those of its folder")
            if kind == "other":
                raise Unfit("was changed after the run", "take your change out (or put it aside), run `undo`, and make it again")
            _, in_place = writable(root, record.real)
            scratch, spare = record.scratch, record.spare
            if kind == "torn" and (found := _whole(root, record, data)) is not None:
                source_name, old = found
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
            refused[record.path] = _problem(record.path, unfit)
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
                )
            )
    if refused:
        raise UndoRefused(f"Nothing was undone, because the run {run.id} cannot be taken back whole:", _in_order(refused))
    return swaps, tuple(already), tuple(torn)

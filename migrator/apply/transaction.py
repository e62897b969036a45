"""What `apply` and `undo` share: a set of files is written whole, or everything is put back.

Refusals are told apart by type, because a reader has to do different things about them: nothing was written (`Refused`), the
system failed half way and all is as before (`WriteFailed`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from migrator.apply import atomic, journal
from migrator.apply.atomic import Swap
from migrator.apply.journal import Journal, Status
from migrator.apply.preconditions import Unfit
from migrator.model import MigratorError, Problem


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


MEANWHILE = "it was changed by another program while this run was writing"


def resolved(root: Path) -> Path:
    """The root itself, links followed. Raises `MigratorError`."""
    try:
        return root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise MigratorError(f"{root}: cannot be reached ({getattr(error, 'strerror', None) or error}); check the path") from error


def problem(path: str, unfit: Unfit) -> Problem:
    """A verdict on a file, for the report."""
    return Problem(path=path, line=0, message=unfit.message, remedy=unfit.remedy)


def in_order(problems: Mapping[str, Problem]) -> tuple[Problem, ...]:
    """By path."""
    return tuple(problems[path] for path in sorted(problems))


def prepare(root: Path, swaps: list[Swap], boundary: Callable[[], None]) -> None:
    """Write all new files beside their places; `boundary` is called between two. Inside `all_or_nothing`."""
    for swap in swaps:
        boundary()
        with named(swap.path):
            atomic.prepare(root, swap)


def look(root: Path, swap: Swap) -> str | None:
    """What became of a file that was put in place: None, or who changed it, in words. Inside `all_or_nothing`."""
    with named(swap.path):
        return atomic.settled(root, swap)


@contextlib.contextmanager
def named(path: str) -> Iterator[None]:
    """Name the file that the system refused to write."""
    try:
        yield
    except OSError as error:
        raise Failed(path, error) from error


class Failed(Exception):  # noqa: N818 - carries an OSError to where the rollback is
    """The system refused something about the file at `path`; `all_or_nothing` makes `WriteFailed` of it."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(path)
        self.path = path
        self.error = error


@contextlib.contextmanager
def all_or_nothing(root: Path, swaps: list[Swap], place: Path, run: Journal, *, back: Status) -> Iterator[None]:
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
            if swap.path not in stuck and (complaint := atomic.tidy(root, swap.real, swap.vault, names)) is not None:
                stuck[f"{swap.path} (its temporary file)"] = complaint
        for vault in {swap.vault for swap in swaps} if not stuck else ():
            atomic.remove_vault(root, vault)
        with contextlib.suppress(OSError):
            atomic.flush(root, swaps)
        with contextlib.suppress(OSError):
            if not stuck and (place / f"{run.id}.json").exists():
                journal.mark(place, run, back)
        outcome = _outcome(stuck)
        match error:
            case Failed():
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


def clear(root: Path, run: Journal, *, keep: frozenset[str] = frozenset()) -> dict[str, Problem]:
    """Remove the temporary files of a run, those beside the files in `keep` excepted. Those that would not go, as problems."""
    left: dict[str, Problem] = {}
    for record in run.files:
        names = (record.scratch, record.spare)
        if record.path not in keep and (complaint := atomic.tidy(root, record.real, record.vault, names)) is not None:
            folder = record.vault or record.real.rpartition("/")[0]
            name = f"{folder}/{record.scratch}" if folder else record.scratch
            left[name] = Problem(
                path=name, line=0, message=f"a temporary file could not be removed ({complaint})", remedy="remove it"
            )
    for vault in {record.vault for record in run.files if record.vault} if not keep and not left else ():
        if (complaint := atomic.remove_vault(root, vault)) is not None:
            left[vault] = Problem(path=vault, line=0, message=f"could not be removed ({complaint})", remedy="remove it")
    return left

"""The record of what a run wrote, kept outside the tree, so that it can be taken back.

One folder per root in the user's state directory, 0700; one JSON document per run in it, 0600, the newest with the highest
number. A document holds inverse edits, never whole files: an edit does not cover a secret, so neither does the journal.

There is no mark per file: what a file is, old or new, is told by its digest, and a mark could only be wrong about it after a
crash. The status of the whole run is what a reader cannot see from the files.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from migrator.apply.state import UNFINISHED, folder_of, state_folder
from migrator.model import Edit, MigratorError, Span
from migrator.patterns import regex
from migrator.records import dataclass, replace

FORMAT = "migrate-openrouter/journal/1"
KEPT = 20
"""Runs per root that can be taken back; older journals are removed."""

_NAME = regex(r"(\d{6,})-[0-9TZ]+\.json")


class Status(StrEnum):
    """Where a run stands."""

    WRITING = "writing"
    """Found after the fact: the run was cut short; each file is old or new."""
    DONE = "done"
    UNDOING = "undoing"
    """Found after the fact: `undo` was cut short."""
    UNDONE = "undone"
    ROLLED_BACK = "rolled-back"
    """The run failed or was interrupted and put everything back by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One file of a run."""

    path: str
    real: str
    """The file itself, links followed; both relative to the root, POSIX."""
    before: str
    """SHA-256 of the bytes."""
    after: str
    encoding: str
    bom: bool
    edits: tuple[Edit, ...]
    """From the new text to the old one."""
    scratch: str
    spare: str
    in_place: bool
    vault: str = ""
    """Folder of `scratch` and `spare`, as `Swap.vault`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One run over one root."""

    id: str
    tool: str
    root: str
    status: Status
    files: tuple[Record, ...]


def state_directory() -> Path:
    """`$MIGRATE_OPENROUTER_STATE`, else where the system keeps a program's state for this user."""
    return Path(state_folder())


def place_of(root: Path, state: Path | None) -> Path:
    """The folder of a root's journals, whether it is there or not. `root` is resolved."""
    return Path(folder_of(os.fspath(root), state_folder() if state is None else os.fspath(state)))


def folder(root: Path, state: Path | None) -> Path:
    """The folder of a root's journals, made if it is missing. `root` is resolved. Raises `MigratorError`."""
    place = place_of(root, state)
    base = place.parent
    if base.resolve().is_relative_to(root):
        raise MigratorError(
            f"{base}: the journal would lie inside the tree {root} that is being changed; "
            "set MIGRATE_OPENROUTER_STATE to a folder outside of it"
        )
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        info = place.lstat()
        if not stat.S_ISDIR(info.st_mode) or (hasattr(os, "geteuid") and info.st_uid != os.geteuid()):
            raise MigratorError(f"{place}: is not a folder of yours; remove it, or set MIGRATE_OPENROUTER_STATE to another folder")
        if stat.S_IMODE(info.st_mode) & 0o077 and hasattr(os, "geteuid"):
            place.chmod(0o700)
    except OSError as error:
        raise MigratorError(
            f"{error.filename or place}: the journal cannot be kept there ({error.strerror}); "
            "set MIGRATE_OPENROUTER_STATE to a folder you can write to"
        ) from error
    return place


@contextlib.contextmanager
def lock(place: Path, root: Path) -> Iterator[None]:
    """Keep other runs off the same root. Raises `MigratorError` at once where one is at work.

    The system's own file lock: it ends with the process that holds it, so the file of a process that died never blocks, and
    there is no moment in which two could both take it over.
    """
    path = place / "lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise MigratorError(f"{path}: cannot be opened ({error.strerror}); remove it and try again") from error
    try:
        if not _try_lock(fd):
            raise MigratorError(f"{root}: another run{_holder(fd)} is writing there; wait until it has ended and try again")
        with contextlib.suppress(OSError):
            # only for the sentence above; a full disk does not matter here
            os.ftruncate(fd, 0)
            os.write(fd, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(fd)


def _holder(fd: int) -> str:
    try:
        holder = os.read(fd, 32).decode("ascii", "replace").strip()
    except OSError:
        return ""  # Windows refuses to read what another process has locked
    return f" (process {holder})" if holder.isdigit() else ""


def _try_lock(fd: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _files(place: Path) -> list[Path]:
    """Journals of a root, oldest first."""
    files = [(int(match[1]), path) for path in place.iterdir() if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(files)]


def next_id(place: Path) -> str:
    """A number higher than all there are (clocks go back, numbers do not) and the time, for people."""
    files = _files(place)
    last = int(files[-1].name.partition("-")[0]) if files else 0
    return f"{last + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def dump(journal: Journal) -> str:
    """The document; plain ASCII, so that undecodable bytes of old texts and names survive."""
    return json.dumps(
        {
            "format": FORMAT,
            "id": journal.id,
            "tool": journal.tool,
            "root": journal.root,
            "status": journal.status,
            "files": [
                {
                    "path": record.path,
                    "real": record.real,
                    "before": record.before,
                    "after": record.after,
                    "encoding": record.encoding,
                    "bom": record.bom,
                    "edits": [{"start": e.span.start, "end": e.span.end, "old": e.old, "new": e.new} for e in record.edits],
                    "scratch": record.scratch,
                    "spare": record.spare,
                    "in_place": record.in_place,
                    "vault": record.vault,
                }
                for record in journal.files
            ],
        },
        indent=1,
    )


def load(path: Path) -> Journal:
    """Raises `MigratorError` where the document is not a journal of this format."""
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise MigratorError(f"{path}: has the format {data['format']!r}; this version reads {FORMAT!r}")
        return Journal(
            id=data["id"],
            tool=data["tool"],
            root=data["root"],
            status=Status(data["status"]),
            files=tuple(
                Record(
                    path=row["path"],
                    real=row["real"],
                    before=row["before"],
                    after=row["after"],
                    encoding=row["encoding"],
                    bom=row["bom"],
                    edits=tuple(
                        Edit(path=row["path"], span=Span(edit["start"], edit["end"]), old=edit["old"], new=edit["new"])
                        for edit in row["edits"]
                    ),
                    scratch=row["scratch"],
                    spare=row["spare"],
                    in_place=row["in_place"],
                    vault=row.get("vault", ""),
                )
                for row in data["files"]
            ),
        )
    except OSError as error:
        raise MigratorError(f"{path}: the journal cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MigratorError(f"{path}: is not a journal; remove it to get at the run before") from error


def save(place: Path, journal: Journal) -> None:
    """Write a journal, or a new status of one, in one step and for good. Raises OSError."""
    _note_unfinished(place, journal.status)
    path = place / f"{journal.id}.json"
    scratch = place / f"{journal.id}.{os.getpid()}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with contextlib.suppress(FileNotFoundError):
        scratch.unlink()
    try:
        fd = os.open(scratch, flags, 0o600)
        try:
            view = memoryview(dump(journal).encode("ascii"))
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(scratch, path)
        if os.name == "posix":
            fd = os.open(place, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
    except OSError:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise


def _note_unfinished(place: Path, status: Status) -> None:
    """Leave a mark that a run is at work, for commands that do not read journals; the journal is what counts."""
    note = place.parent / UNFINISHED / place.name
    with contextlib.suppress(OSError):
        if status in (Status.WRITING, Status.UNDOING):
            note.parent.mkdir(mode=0o700, exist_ok=True)
            note.touch(mode=0o600)
        else:
            note.unlink(missing_ok=True)
            note.parent.rmdir()


def unfinished(base: Path) -> list[Path]:
    """The folders of roots, in a state directory, that a run may have been cut short in; their journals say whether."""
    try:
        return [base / name for name in sorted(os.listdir(base / UNFINISHED))]
    except OSError:
        return []


def mark(place: Path, journal: Journal, status: Status) -> Journal:
    """The same run with another status, saved. Raises OSError."""
    journal = replace(journal, status=status)
    save(place, journal)
    return journal


def journals(place: Path) -> Iterator[Journal]:
    """Newest first. Raises `MigratorError` on reaching one that cannot be read."""
    for path in reversed(_files(place)):
        yield load(path)


def newest(place: Path) -> Journal | None:
    """The last run, whatever became of it."""
    return next(journals(place), None)


def prune(place: Path) -> None:
    """Remove all but the last `KEPT` journals and what a crash left of unfinished ones. Never fails: old journals do no harm."""
    with contextlib.suppress(OSError):
        for path in _files(place)[:-KEPT]:
            path.unlink()
        for path in place.glob("*.new"):
            path.unlink()

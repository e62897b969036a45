"""Writing one file so that at every moment it is the old one or the new one, and never through a link that leads elsewhere.

`prepare` writes the new bytes to a scratch file, `commit` puts it in the file's place, `put_back` undoes that, `tidy` removes what
is left. All files of a run are prepared before the first is committed: a full disk shows while nothing has changed yet.

Scratch files lie in a *vault*, a folder that only the user may enter and git does not look into, on the same device: in the state
directory, else in the repository's own `.git`. Where neither is on the device they lie beside the file.

Before a file is replaced it gets a second name, the *spare* (a hard link, no bytes are copied). Putting back is then one
rename that needs no space and brings the very same inode back; and what another program still wrote into the old file after
our last look is found there rather than lost.

Some files are written in place instead of being replaced: those with more than one hard link, which a rename would tear
apart, and those whose owner or group could not be given to a new file. Their scratch file stays until the run is over: if the
machine stops in the middle of such a write, the whole content is in it.

Folders are opened from the root down, one by one and never through a link, and files are named relative to the open folder,
so nobody can exchange a folder for a link between the check and the write.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from migrator.apply.exchange import exchange
from migrator.records import dataclass

_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW
_HELD = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd
"""False on Windows, where a folder cannot be held open; full paths are used there."""


PROBE = "probe"
"""Name, in a vault, of a second link to a file of the tree, made to see whether it can be."""


class State(Enum):
    """How far a file is."""

    PLANNED = "planned"
    PREPARED = "prepared"
    BEGUN = "begun"
    """Being put in place; from here on it has to be looked at to know what it is."""
    DONE = "done"


@dataclass(slots=True, kw_only=True)
class Swap:
    """One file and what it is to become. Mutable: `state` and `spare_made` follow what was done."""

    path: str
    """As the plan names it: relative to the root, POSIX."""
    real: str
    """The file itself, links inside the root followed: relative to the root, POSIX."""
    old: bytes
    new: bytes
    scratch: str
    """Name, in the vault, of the file that holds the new bytes until they are in place."""
    spare: str
    """Name, in the vault, of the second link to the old file."""
    in_place: bool
    vault: str = ""
    """Folder of both: absolute, or relative to the root; empty for the file's own folder."""
    state: State = State.PLANNED
    spare_made: bool = False


def digest(data: bytes) -> str:
    """SHA-256 in hex, as plans and journals have it."""
    return hashlib.sha256(data).hexdigest()


class _Folder(NamedTuple):
    """An open folder: names are given as `prefix + name` with `fd`."""

    prefix: str
    fd: int | None


@contextlib.contextmanager
def _folder(root: Path, real: str) -> Iterator[tuple[_Folder, str]]:
    """The folder of a file, held open, and the file's name. OSError where a part of the way is a link."""
    *parts, name = real.split("/")
    if not _HELD:
        yield _Folder(str(root.joinpath(*parts)) + os.sep, None), name
        return
    fd = os.open(root, _FOLDER & ~_NOFOLLOW)
    try:
        for part in parts:
            inner = os.open(part, _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield _Folder("", fd), name
    finally:
        os.close(fd)


@contextlib.contextmanager
def _store(root: Path, vault: str, folder: _Folder) -> Iterator[_Folder]:
    """The folder of the scratch files, held open; `folder` is the one of the file itself."""
    if not vault:
        yield folder
    elif not os.path.isabs(vault):
        with _folder(root, f"{vault}/-") as (store, _):
            yield store
    else:
        fd = os.open(vault, _FOLDER)
        try:
            yield _Folder("", fd)
        finally:
            os.close(fd)


def choose_vault(root: Path, reals: list[str], candidates: list[str]) -> str:
    """The first candidate (as `Swap.vault`) that is on the device of every file, made for the user alone; "" where there is none.

    Asked by giving one file of each folder a second name there: that is what a run will do, and mounts cannot be told otherwise.
    """
    if not _HELD:
        return ""
    for candidate in candidates:
        whole = os.path.join(root, candidate)  # an absolute one takes the place of the root
        try:
            os.mkdir(whole, 0o700)
        except OSError:
            continue
        if all(_can_link(root, candidate, real) for real in {real.rpartition("/")[0]: real for real in reals}.values()):
            return candidate
        with contextlib.suppress(OSError):
            os.rmdir(whole)
    return ""


def reopened(root: Path, vault: str) -> str:
    """A vault that an earlier run used, made again if it is gone; "" where that cannot be."""
    if not _HELD:
        return ""
    try:
        os.mkdir(os.path.join(root, vault), 0o700)
    except FileExistsError:
        pass  # the root itself, where there is none
    except OSError:
        return ""
    return vault


def _can_link(root: Path, vault: str, real: str) -> bool:
    try:
        with _folder(root, real) as (folder, name), _store(root, vault, folder) as store:
            os.link(name, PROBE, src_dir_fd=folder.fd, dst_dir_fd=store.fd, follow_symlinks=False)
            os.unlink(PROBE, dir_fd=store.fd)
    except (OSError, NotImplementedError):
        return False
    return True


def remove_vault(root: Path, vault: str) -> str | None:
    """Remove an empty vault. None on success (it may be gone already), else why not, in words."""
    if not vault:
        return None
    try:
        os.rmdir(os.path.join(root, vault))
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{error.strerror}"
    return None


def _read_fd(fd: int) -> bytes:
    pieces: list[bytes] = []
    while piece := os.read(fd, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _read_at(folder: _Folder, name: str) -> bytes:
    # without O_NONBLOCK the opening of a pipe that took the file's place would wait for ever
    fd = os.open(folder.prefix + name, os.O_RDONLY | _BINARY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0), dir_fd=folder.fd)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", name)
        return _read_fd(fd)
    finally:
        os.close(fd)


def read(root: Path, real: str) -> bytes:
    """The bytes of a regular file below the root, reached without following a link. Raises OSError."""
    with _folder(root, real) as (folder, name):
        return _read_at(folder, name)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _copy_attributes(fd: int, folder: _Folder, name: str) -> None:
    """Owner, mode, access lists and extended attributes of the file onto the scratch file; owner first: it clears mode bits."""
    info = os.stat(folder.prefix + name, dir_fd=folder.fd, follow_symlinks=False)
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(fd)
    if (mine.st_uid, mine.st_gid) != (info.st_uid, info.st_gid):
        os.fchown(fd, info.st_uid, info.st_gid)
    os.fchmod(fd, stat.S_IMODE(info.st_mode))
    if hasattr(os, "listxattr"):
        old = os.open(folder.prefix + name, os.O_RDONLY | _NOFOLLOW, dir_fd=folder.fd)
        try:
            with contextlib.suppress(OSError):
                for attribute in os.listxattr(old):
                    with contextlib.suppress(OSError):
                        # security labels may be refused; the file gets those of its folder
                        os.setxattr(fd, attribute, os.getxattr(old, attribute))
        finally:
            os.close(old)


def _write_scratch(store: _Folder, scratch: str, data: bytes, folder: _Folder, like: str | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NOFOLLOW
    fd = os.open(store.prefix + scratch, flags, 0o600, dir_fd=store.fd)
    try:
        _write_all(fd, data)
        if like is not None:
            _copy_attributes(fd, folder, like)
        os.fsync(fd)
    finally:
        os.close(fd)


def prepare(root: Path, swap: Swap) -> None:
    """Write the new bytes into the vault, with the file's mode, owner and attributes. Raises OSError; the file is untouched."""
    swap.state = State.PREPARED
    with _folder(root, swap.real) as (folder, name), _store(root, swap.vault, folder) as store:
        # what is written in place keeps its attributes by itself, and may have an owner that we cannot give
        _write_scratch(store, swap.scratch, swap.new, folder, None if swap.in_place else name)


def commit(root: Path, swap: Swap) -> bool:
    """Put the new bytes in place. False, and nothing done, where the file is no longer what the plan was made from.

    Raises OSError; the caller then has to `put_back`.
    """
    with _folder(root, swap.real) as (folder, name), _store(root, swap.vault, folder) as store:
        try:
            if _read_at(folder, name) != swap.old:
                return False
        except FileNotFoundError:
            return False
        swap.state = State.BEGUN
        if swap.in_place:
            if not _overwrite(folder, name, swap.new, swap.old):
                swap.state = State.PREPARED
                return False
        else:
            try:
                os.link(
                    folder.prefix + name,
                    store.prefix + swap.spare,
                    src_dir_fd=folder.fd,
                    dst_dir_fd=store.fd,
                    follow_symlinks=False,
                )
                swap.spare_made = True
            except FileNotFoundError:
                # another program replaced it at this very moment: the file that was looked up has no name any more
                swap.state = State.PREPARED
                return False
            except (OSError, NotImplementedError):
                pass  # not every file system has hard links; without a spare the old bytes are written anew
            if swap.spare_made and _read_at(store, swap.spare) != swap.old:
                swap.state = State.PREPARED
                return False
            if exchange(store.fd, swap.scratch, folder.fd, name):
                if _read_at(store, swap.scratch) != swap.old:
                    # saved by another program after the look above: it takes its place again
                    exchange(store.fd, swap.scratch, folder.fd, name)
                    swap.state = State.PREPARED
                    return False
                # the old file may be the spare already; this leaves one name less of it, or nothing at all to do
                os.replace(store.prefix + swap.scratch, store.prefix + swap.spare, src_dir_fd=store.fd, dst_dir_fd=store.fd)
                swap.spare_made = True
                swap.state = State.DONE
                return True
            os.replace(store.prefix + swap.scratch, folder.prefix + name, src_dir_fd=store.fd, dst_dir_fd=folder.fd)
    swap.state = State.DONE
    return True


def _overwrite(folder: _Folder, name: str, data: bytes, old: bytes | None = None) -> bool:
    """Write over a file without cutting it off first, so that the bytes both versions share are never missing.

    False where `old` is given and the file that was opened holds something else: another program put its own in this place since it was
    looked at.
    """
    fd = os.open(folder.prefix + name, (os.O_WRONLY if old is None else os.O_RDWR) | _BINARY | _NOFOLLOW, dir_fd=folder.fd)
    try:
        if old is not None:
            if _read_fd(fd) != old:
                return False
            os.lseek(fd, 0, os.SEEK_SET)
        _write_all(fd, data)
        os.ftruncate(fd, len(data))
        os.fsync(fd)
    finally:
        os.close(fd)
    return True


def flush(root: Path, swaps: list[Swap]) -> None:
    """Make the renames last: fsync of each folder, once. Raises OSError."""
    if not _HELD:
        return
    for real in {swap.real.rpartition("/")[0]: swap.real for swap in swaps}.values():
        with _folder(root, real) as (folder, _):
            assert folder.fd is not None
            try:
                os.fsync(folder.fd)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                    raise


def settled(root: Path, swap: Swap) -> str | None:
    """None when the file holds the new bytes and nobody wrote into the old one meanwhile, else what happened, in words.

    Raises OSError where that cannot be told; the caller then has to `put_back`.
    """
    with _folder(root, swap.real) as (folder, name), _store(root, swap.vault, folder) as store:
        try:
            if _read_at(folder, name) != swap.new:
                return "it was changed by another program while this run was writing"
        except FileNotFoundError:
            return "it was removed by another program while this run was writing"
        if swap.spare_made and _read_at(store, swap.spare) != swap.old:
            # a writer that had the old file open; its text is the newer one
            os.replace(store.prefix + swap.spare, folder.prefix + name, src_dir_fd=store.fd, dst_dir_fd=folder.fd)
            swap.spare_made = False
            return "another program wrote to it at the same moment; that version was kept"
    return None


def put_back(root: Path, swap: Swap) -> str | None:
    """Make the file what it was. None on success, else why not, in words. A version that somebody else wrote is left alone.

    Tries the spare, then a fresh copy, then writing in place: the disk that refused one way may grant another.
    """
    if swap.state not in (State.BEGUN, State.DONE):
        return None
    try:
        with _folder(root, swap.real) as (folder, name), _store(root, swap.vault, folder) as store:
            return _put_back(folder, name, store, swap)
    except OSError as error:
        return f"{error.strerror}"


def _put_back(folder: _Folder, name: str, store: _Folder, swap: Swap) -> str | None:
    current = _read_at(folder, name)
    if current == swap.old:
        return None
    if current != swap.new and not (swap.in_place and swap.state is State.BEGUN):
        return "it was changed by another program meanwhile and was left as it is"
    complaint: OSError | None = None
    if not swap.in_place:
        if swap.spare_made:
            try:
                os.replace(store.prefix + swap.spare, folder.prefix + name, src_dir_fd=store.fd, dst_dir_fd=folder.fd)
            except OSError as error:
                complaint = error
            else:
                swap.spare_made = False
                return None
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(store.prefix + swap.scratch, dir_fd=store.fd)
            _write_scratch(store, swap.scratch, swap.old, folder, name)
            os.replace(store.prefix + swap.scratch, folder.prefix + name, src_dir_fd=store.fd, dst_dir_fd=folder.fd)
        except OSError as error:
            complaint = error
        else:
            return None
    try:
        _overwrite(folder, name, swap.old)
    except OSError as error:
        return f"{(complaint or error).strerror}"
    return None


def tidy(root: Path, real: str, vault: str, names: tuple[str, ...]) -> str | None:
    """Remove scratch and spare of a file. None on success (they may be gone already), else why not, in words."""
    try:
        with _folder(root, real) as (folder, _), _store(root, vault, folder) as store:
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(store.prefix + name, dir_fd=store.fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{error.strerror}"
    return None


def read_scratch(root: Path, real: str, vault: str, name: str) -> bytes:
    """The bytes of a scratch file or spare. Raises OSError."""
    with _folder(root, real) as (folder, _), _store(root, vault, folder) as store:
        return _read_at(store, name)

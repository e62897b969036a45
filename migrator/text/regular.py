"""Reading a file of a tree that nobody vouches for: never a pipe or a device, which would block or never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST = 64 << 20
"""Bytes; a configuration or list that is larger is not one."""


def read_regular(path: str | Path, most: int = MOST) -> bytes:
    """The bytes of a regular file, links followed. Raises OSError, also for anything that is no regular file, or one larger than `most`."""
    data = read_beginning(path, most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def read_beginning(path: str | Path, count: int) -> bytes:
    """The first bytes of a regular file, links followed. Raises OSError, also for anything that is no regular file."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        pieces: list[bytes] = []
        while piece := os.read(descriptor, min(count, 1 << 20)):
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


_OF_GIT = (
    *(
        ".gitignore",
        ".gitattributes",
        ".gitmodules",
        ".git/HEAD",
        ".git/config",
        ".git/config.worktree",
        ".git/index",
        ".git/packed-refs",
    ),
    *(
        ".git/commondir",
        ".git/shallow",
        ".git/info/exclude",
        ".git/info/attributes",
        ".git/info/grafts",
        ".git/info/sparse-checkout",
    ),
    ".git/objects/info/alternates",
)


def special_for_git(checkout: str | Path) -> str:
    """A file that git would open and wait at for ever, because it is a pipe or a device; "" where there is none."""
    for name in _OF_GIT:
        try:
            mode = os.stat(os.path.join(checkout, name)).st_mode
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            return name
    return ""


def read_given(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file that the user named, which may be a pipe. Raises OSError where it does not end within `most` bytes."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read (0600), also where it is there already. Raises OSError as `write_plain` does."""
    _write(path, data, 0o600)


def write_plain(path: Path, data: bytes) -> None:
    """Write a file, but not through a link, which may lead anywhere, and not into a pipe that nobody reads. Raises OSError there."""
    _write(path, data, None)


def _write(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for more in ("O_NOFOLLOW", "O_BINARY", "O_NONBLOCK"):
        flags |= getattr(os, more, 0)
    descriptor = os.open(path, flags, 0o666 if mode is None else mode)
    with open(descriptor, "wb") as file:
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        file.write(data)

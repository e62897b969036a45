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
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        pieces: list[bytes] = []
        left = most + 1
        while left > 0 and (piece := os.read(descriptor, min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
        if left <= 0:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return b"".join(pieces)
    finally:
        os.close(descriptor)


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
    for more in ("O_NOFOLLOW", "O_BINARY", "O_NONBLOCK", "O_CLOEXEC"):
        flags |= getattr(os, more, 0)
    descriptor = os.open(path, flags, 0o666 if mode is None else mode)
    with open(descriptor, "wb") as file:
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        file.write(data)

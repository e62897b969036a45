"""What lies in folders that a run does not look into, as far as it could change the answer.

Repositories of their own, vendored code and build output are other people's or made again; nothing in them is edited. But they
may read the variable that is about to be renamed, and a key that they need must not be revoked. So they are searched for the
service's name, within bounds, and what was not searched is said. The same goes for what git ignores: settings of one machine lie there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from migrator.discover.files import LINK_OUT, Discovery, is_copy, is_enterable, is_ignored, is_repository
from migrator.discover.needles import names_openrouter
from migrator.model import Skip
from migrator.records import dataclass, replace
from migrator.text.regular import read_beginning, read_regular

MOST_FILES = 3_000
MOST_BYTES = 48 << 20
_LARGEST = 32 << 20
_LARGE = 1 << 20
_BEGINNING = 8_192
"""Bytes in which a file that is no text has a NUL."""
_SHOWN = 3
_TOO_MUCH = "too much to be searched for OpenRouter's name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsearched:
    """The folders that were left out, after a look for the service's name."""

    skipped: tuple[Skip, ...]
    """`Discovery.skipped`, with what the look gave."""
    readers: dict[str, bytes]
    """Files of other repositories that name OpenRouter, by path: they may read a variable, and are not edited."""


def look(root: Path, files: Discovery) -> Unsearched:
    """Search what `discover` left out. Reads regular files only, follows no link, and leaves dependencies alone."""
    budget = _Budget()
    skipped: list[Skip] = []
    readers: dict[str, bytes] = {}
    # repositories first: what was copied or built is made again; what git ignores last, for that may be anything
    for skip in sorted(files.skipped, key=lambda skip: (not is_repository(skip.reason), is_ignored(skip.reason))):
        if skip.reason.startswith(LINK_OUT):
            skipped.append(replace(skip, matters=True))
        elif not skip.path.endswith("/") or not (is_repository(skip.reason) or is_copy(skip.reason)):
            skipped.append(skip)
        else:
            matches = dict(_matches(root, _walk(root, skip.path.rstrip("/")), budget))
            if is_repository(skip.reason):
                readers |= matches
            remark = _remark(root / skip.path, sorted(matches), budget, repository=is_repository(skip.reason))
            skipped.append(replace(skip, reason=f"{skip.reason}; {remark}", matters=True) if remark else skip)
    skipped += named([path for path, _ in _matches(root, _sized(root, files.ignored), budget)], "ignored by git")
    if files.ignored and (budget.exhausted or budget.too_large):
        skipped = [
            replace(skip, reason=f"{skip.reason}; {_TOO_MUCH}", matters=True) if skip.path == "." else skip for skip in skipped
        ]
    return Unsearched(skipped=tuple(sorted(skipped, key=lambda skip: (skip.path, skip.reason))), readers=readers)


def _remark(folder: Path, matches: Sequence[str], budget: _Budget, *, repository: bool) -> str:
    """What has to be said of a folder after the look; empty where nothing in it matters."""
    if matches:
        return _told(matches)
    if budget.exhausted or budget.too_large:
        budget.too_large = False
        return _TOO_MUCH
    try:
        empty = repository and not os.listdir(folder)
    except OSError:
        empty = True
    return "not checked out, so nobody knows what it reads" if empty else ""


def named(paths: Sequence[str], reason: str) -> tuple[Skip, ...]:
    """Single files that name OpenRouter and were left out on somebody's word."""
    return tuple(Skip(path=path, reason=f"{reason}; names OpenRouter", matters=True) for path in paths)


def _told(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"names OpenRouter in {', '.join(paths[:_SHOWN])}{more}"


class _Budget:
    """How much more may be read. A class because several folders draw on it."""

    def __init__(self) -> None:
        self.files, self.bytes = MOST_FILES, MOST_BYTES
        self.exhausted = False
        self.too_large = False
        """A file was passed over, since somebody last asked."""

    def take(self, size: int) -> bool:
        """Whether a file of this size may be read."""
        self.files -= 1
        self.bytes -= size
        self.exhausted = self.exhausted or self.files < 0 or self.bytes < 0
        return not self.exhausted


def _matches(root: Path, files: Iterable[tuple[str, int]], budget: _Budget) -> Iterator[tuple[str, bytes]]:
    """Those of some files, given with their sizes, that name OpenRouter."""
    for path, size in files:
        try:
            if size > _LARGE and b"\0" in read_beginning(root / path, _BEGINNING):
                continue  # a database or an archive, as large as it likes
            if not budget.take(min(size, _LARGEST)):
                return
            data = read_regular(root / path, _LARGEST)
        except (OSError, ValueError) as error:
            budget.too_large = budget.too_large or getattr(error, "errno", None) == errno.EFBIG
            continue
        if names_openrouter(data) and b"\0" not in data[:_BEGINNING]:
            yield path, data


def _sized(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The regular ones of some paths, with their sizes."""
    for path in paths:
        try:
            info = os.lstat(root / path)
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(info.st_mode):
            yield path, info.st_size


def _walk(root: Path, folder: str) -> Iterator[tuple[str, int]]:
    """Regular files below a folder, in order of their names, without dependencies, caches and what git keeps for itself."""
    pending = [folder]
    while pending:
        base = pending.pop()
        try:
            entries = sorted(os.scandir(root / base), key=lambda entry: entry.name)
        except OSError:
            continue
        folders = []
        for entry in entries:
            path = f"{base}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if is_enterable(entry.name):
                    folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                try:
                    yield path, entry.stat(follow_symlinks=False).st_size
                except OSError:
                    continue
        pending += reversed(folders)

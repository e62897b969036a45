"""Files that are about to change and have another name outside of the tree: whatever stands under that name changes too."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from migrator.model import Todo

_SHOWN = 5


def linked_outside(root: Path, paths: Iterable[str]) -> Iterator[Todo]:
    """What a person is told about edited files with more hard links than names among `paths`."""
    links: dict[tuple[int, int], int] = {}
    inside: Counter[tuple[int, int]] = Counter()
    named: dict[tuple[int, int], str] = {}
    for path in paths:
        try:
            info = (root / path).lstat()
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode):
            key = (info.st_dev, info.st_ino)
            links[key] = info.st_nlink
            inside[key] += 1
            named.setdefault(key, path)
    outside = sorted(path for key, path in named.items() if links[key] > inside[key])
    if outside:
        more = f" and {len(outside) - _SHOWN} more" if len(outside) > _SHOWN else ""
        yield Todo(
            title=f"Look for the other names of {outside[0] if len(outside) == 1 else f'{len(outside)} files'}",
            detail=f"{', '.join(outside[:_SHOWN])}{more}: hard links, whose other names are not among the files that change.",
            command=None,
            because="it is one file under several names (a copy made with `cp -al`, a package store), so what stands there changes too",
        )

"""A fault of this program costs the one file that it shows at, never the run.

Decoding, lowering and the reading of facts look at one file, so their boundary stands around that file. The later stages look at
the whole tree: where one of them raises, the file it was busy with is told from the traceback, taken for one that cannot be
read, and the stages run again without it. What the fault says in its own words is not shown, because it may quote a file.
"""

from __future__ import annotations

import shlex
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TypeVar

from migrator.model import Problem

Result = TypeVar("Result")

MAX_LOST = 50
"""Files that may be lost in one run; a fault that shows at more is a fault of the run."""
_STAGES = ("findings", "routing", "analysis", "facts", "resolve", "formats", "text", "plan")
"""Folders by how well they say what was going on, the best first."""
_HOLDERS = ("fact", "file", "source", "scope", "connection", "site", "walk")
"""Attributes of what a stage works on that lead to something with a path."""


def fault(path: str, error: BaseException) -> Problem:
    """What a person is told about a file that a stage failed on."""
    where = _frames(error)
    place = f"{type(error).__name__} at {where[-1]}" if where else type(error).__name__
    return Problem(
        path=path,
        line=0,
        message=f"an internal error of this tool{_stage(where)} ({place}); the file is treated as one that cannot be read",
        remedy=f"Please report this; until it is mended, --exclude {shlex.quote(path)} leaves the file out.",
    )


def without_faulty(run: Callable[[frozenset[str]], Result], paths: Sequence[str]) -> tuple[Result, dict[str, Problem]]:
    """The result of stages over a whole tree, and the files that had to be left out for it, with what is told about each.

    `run` is given the paths to treat as unreadable. It may be called several times and must not keep what an earlier call did.
    Raises what `run` raises where no file is to blame.
    """
    lost: dict[str, Problem] = {}
    while True:
        try:
            return run(frozenset(lost)), lost
        except Exception as error:
            left = [path for path in paths if path not in lost]
            blamed = _blamed(error, frozenset(left)) or _by_halves(run, frozenset(lost), left)
            if blamed is None or len(lost) >= MAX_LOST:
                raise
            lost[blamed] = fault(blamed, error)


def _by_halves(run: Callable[[frozenset[str]], object], lost: frozenset[str], left: Sequence[str]) -> str | None:
    """The file without which the stages come to an end, found by leaving out one half after the other; None where there is none."""
    suspects = list(left)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        suspects = half if _ends(run, lost | frozenset(half)) else suspects[len(suspects) // 2 :]
    return suspects[0] if suspects and _ends(run, lost | frozenset(suspects)) else None


def _ends(run: Callable[[frozenset[str]], object], lost: frozenset[str]) -> bool:
    try:
        run(lost)
    except Exception:
        return False
    return True


def _blamed(error: BaseException, paths: frozenset[str]) -> str | None:
    """The path that the innermost function which knows of one was busy with."""
    frames: list[TracebackType] = []
    at = error.__traceback__
    while at is not None:
        frames.append(at)
        at = at.tb_next
    for frame in reversed(frames):
        if path := next(_paths(frame.tb_frame.f_locals.values(), paths), None):
            return path
    return None


def _paths(values: Iterable[object], paths: frozenset[str]) -> Iterator[str]:
    for value in list(values):
        if isinstance(value, str):
            if value in paths:
                yield value
            continue
        for holder in (value, *(getattr(value, name, None) for name in _HOLDERS)):
            path = getattr(holder, "path", None)
            if isinstance(path, str) and path in paths:
                yield path


def _frames(error: BaseException) -> list[str]:
    """The functions that the fault went through, innermost last, as `folder/module.py:line`."""
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        inside = frame.filename.replace("\\", "/").rpartition("/migrator/")[2]
        frames.append(f"{inside if inside != frame.filename else inside.rpartition('/')[2]}:{frame.lineno}")
    return frames


def _stage(frames: Sequence[str]) -> str:
    """In which module: the last one that the fault went through in the folder which says most; "" where no stage was at work."""
    for folder in _STAGES:
        inside = [frame for frame in frames if frame.startswith(f"{folder}/") and not frame.startswith("plan/boundaries")]
        if inside:
            told = inside[0] if folder in ("findings", "plan") else inside[-1]
            return f" in {told.partition('.py')[0]}"
    return ""

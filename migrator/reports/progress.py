"""A progress bar on standard error, for long work on a terminal and for nothing else.

The terminal library is loaded only once the work has lasted: most runs are over before it would have been imported. It draws from
the caller's own calls, without a thread of its own, so that nothing is running when a worker is forked.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

Tick = Callable[[int, int], None]
"""`tick(done, total)`, as often as one likes."""

PATIENCE = 0.8
"""Seconds before a bar appears."""
_REDRAW = 0.1
"""Seconds between two drawings."""


@contextlib.contextmanager
def bar(what: str, *, wanted: bool) -> Iterator[Tick]:
    """A function to call with how much is done. It draws on a terminal when the work lasts; `wanted` False: never."""
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    begun = drawn = monotonic()
    shown: Progress | None = None

    def tick(done: int, total: int) -> None:
        nonlocal drawn, shown
        now = monotonic()
        if now - begun < PATIENCE or now - drawn < _REDRAW:
            return
        drawn = now
        if shown is None:
            shown = _progress(what)
        shown.update(shown.task_ids[0], completed=done, total=total)
        shown.refresh()

    try:
        yield tick
    finally:
        if shown is not None:
            shown.stop()


def _progress(what: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
    shown.add_task(what)
    shown.start()
    return shown

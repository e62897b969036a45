"""Ctrl-C and termination while files are written: noted at once, acted on where no file is half done."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


def _as_exception(number: int) -> BaseException:
    """What the signal becomes: `KeyboardInterrupt`, or an exit with the shell's code for it (SIGTERM: 143)."""
    return KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number)


@contextlib.contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """Hold signals back. The value is a function to call between two files: it raises the interruption, if there was one.

    One that comes after the last such call is raised on leaving, when the work is complete. Outside the main thread signals
    cannot be held back and do not arrive; a signal that is ignored stays ignored (`nohup`).
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    caught: list[int] = []
    raised = False

    def note(number: int, _frame: object) -> None:
        caught.append(number)

    def check() -> None:
        nonlocal raised
        if caught and not raised:
            raised = True
            raise _as_exception(caught[0])

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    held = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in held:
        signal.signal(number, note)
    try:
        yield check
    finally:
        for number in held:
            signal.signal(number, before[number])
    if caught and not raised:
        late = _as_exception(caught[0])
        late.add_note("Interrupted after the last file: the work was complete.")
        raise late

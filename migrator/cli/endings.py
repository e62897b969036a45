"""How a run of the command line ends: every failure becomes a sentence on standard error and an exit code. Knows no option parser."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from migrator.cli.output import INTERNAL, INTERRUPTED, OPEN, PARTIAL, PROGRAM, USAGE, OutputFailed, complain, masked
from migrator.model import MigratorError


class Interrupted(Exception):  # noqa: N818 - not an error
    """Ctrl-C, under a name of ours."""


def ended(act: Callable[[], int], argv: Sequence[str]) -> int:
    """The exit code of what is done for some arguments. Raises nothing."""
    with _terminable():
        try:
            return act()
        except MigratorError as error:
            complain(f"error: {error}")
            return _code_of(error)
        except (Interrupted, KeyboardInterrupt) as error:
            return _interrupted(INTERRUPTED, error.__cause__ or error)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else OPEN
            return _interrupted(code, stop) if code > 128 else code
        except OutputFailed as failed:
            complain(f"error: the answer could not be written to standard output ({failed}).")
            return PARTIAL
        except Exception as error:
            return _failed(error, argv)


def _failed(error: Exception, argv: Sequence[str]) -> int:
    from migrator.cli.usage import UsageError, complaint

    typer = sys.modules.get("typer")
    if typer is not None and isinstance(error, typer.Abort):
        # a prompt that was answered with Ctrl-C or no input
        return _interrupted(INTERRUPTED, KeyboardInterrupt())
    if isinstance(error, UsageError):
        complain(f"error: {complaint(error)}")
        return error.exit_code
    return _crashed(error, verbose=asked_for(argv, "-v", "--verbose"))


def _code_of(error: MigratorError) -> int:
    """Refused before the first byte: 2. The system did not let a file be written, and all were put back: 3."""
    apply = sys.modules.get("migrator.apply.apply")
    return PARTIAL if apply is not None and isinstance(error, apply.WriteFailed) else USAGE


def asked_for(argv: Sequence[str], *options: str) -> bool:
    """Does one of some options stand among the arguments?"""
    words = argv[: argv.index("--")] if "--" in argv else argv
    return any(word in options for word in words)


def _interrupted(code: int, error: BaseException) -> int:
    notes: list[str] = getattr(error, "__notes__", [])
    how_far = " ".join(notes) or "No file was written."
    complain(f"interrupted. {how_far} Run the same command to start again, or `{PROGRAM} undo` to take the last complete run back.")
    return code


def _crashed(error: Exception, *, verbose: bool) -> int:
    import traceback

    if verbose:
        with contextlib.suppress(OSError):
            sys.stderr.write(masked("".join(traceback.format_exception(error))))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    # not the exception's own words: they may quote a file
    place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    how_far = " ".join(getattr(error, "__notes__", ())) or "No file was written."
    hint = "" if verbose else " Run with -v for the details."
    complain(f"internal error ({place}). {how_far} Please report it.{hint}")
    return INTERNAL


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP end the run in order, as Ctrl-C does; the exit code is the shell's for the signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    held = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            held[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, before in held.items():
            signal.signal(number, before)

"""What the commands share: exit codes, standard output and standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from migrator.model import MigratorError

PROGRAM = "migrate-openrouter"

OK, OPEN, USAGE, PARTIAL, LIVE, INTERNAL, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 5, 130, 143
"""The exit codes; what each means is in the README and frozen by a test."""


def complain(text: str) -> None:
    """A line on standard error, masked; a standard error that is closed or full is ignored."""
    from migrator.reports.text import escape

    with contextlib.suppress(OSError):
        lines = [escape(line) for line in masked(text).splitlines()]
        print(f"{PROGRAM}: " + "\n".join(lines), file=sys.stderr, flush=True)


def masked(text: str) -> str:
    """A complaint without secrets, those of the files that this run has read among them."""
    from migrator.text import seen
    from migrator.text.secrets import mask

    return mask(text, seen.values())


def hint(text: str, *, quiet: bool) -> None:
    """A note on standard error, unless the run is to be quiet."""
    if not quiet:
        complain(f"note: {text}")


def say(data: bytes) -> None:
    """Bytes to standard output. A reader that has gone away (`| head`) is no error of ours."""
    if sys.stdout is None:
        # closed by the caller (`>&-`)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        mute()
    except OSError as error:
        mute()
        raise OutputFailed(error) from error


def mute() -> None:
    """Standard output goes nowhere from here on: the interpreter flushes once more at exit and would complain then."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class OutputFailed(Exception):  # noqa: N818 - says what happened
    """Standard output could not be written; what the run did to files is another question."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or type(error).__name__)


def say_text(text: str) -> None:
    """Text to standard output, in its encoding. Raises `OutputFailed`."""
    say(text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "backslashreplace"))


def say_line(text: str) -> None:
    """A line to standard output, at once: some answers are watched while they grow. Raises `OutputFailed`."""
    say_text(f"{text}\n")


WIDEST = 110
"""Columns of text that are still read with ease."""


def columns(most: int = WIDEST) -> int:
    """How wide text is printed: as the terminal, or as COLUMNS says, but no wider than `most`; 100 where neither is known, as in a log."""
    from shutil import get_terminal_size

    known = os.environ.get("COLUMNS") or (sys.stdout is not None and sys.stdout.isatty())
    return min(most, max(40, get_terminal_size().columns)) if known else 100


def write_file(option: str, path: Path, data: bytes) -> None:
    """Write a file that an option names, readable by its owner only. Raises `MigratorError`, naming the option."""
    from migrator.text.regular import write_private

    try:
        write_private(path, data)
    except OSError as error:
        raise MigratorError(f"{option} {path}: cannot be written ({error.strerror}).") from error

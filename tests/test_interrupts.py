"""Signals that arrive while files are written are acted on between two files, and once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from migrator.apply.interrupts import deferred

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals to itself")


@pytest.fixture(autouse=True)
def usual_handlers() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)])
def test_a_termination_waits_for_the_next_boundary(number: signal.Signals, code: int) -> None:
    written = []

    def work() -> None:
        with deferred() as boundary:
            for path in ("a.py", "b.py"):
                boundary()
                os.kill(os.getpid(), number)
                written.append(path)

    with pytest.raises(SystemExit) as stop:
        work()
    assert written == ["a.py"]
    assert stop.value.code == code
    assert not getattr(stop.value, "__notes__", [])


def test_an_interruption_is_raised_once_while_files_are_put_back() -> None:
    put_back = []

    def work() -> None:
        with deferred() as boundary:
            os.kill(os.getpid(), signal.SIGINT)
            try:
                boundary()
            except KeyboardInterrupt:
                os.kill(os.getpid(), signal.SIGINT)
                boundary()
                put_back.append("a.py")
                raise

    with pytest.raises(KeyboardInterrupt) as stop:
        work()
    assert put_back == ["a.py"]
    assert not getattr(stop.value, "__notes__", [])


def test_one_after_the_last_file_says_that_the_work_is_complete() -> None:
    def work() -> None:
        with deferred() as boundary:
            boundary()
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as stop:
        work()
    assert stop.value.__notes__ == ["Interrupted after the last file: the work was complete."]


def test_one_that_was_dealt_with_is_not_raised_again() -> None:
    with deferred() as boundary:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            boundary()


def test_the_handlers_are_as_before() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with deferred() as boundary:
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        os.kill(os.getpid(), signal.SIGHUP)  # `nohup`: nothing comes of it
        boundary()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_runs_without_them() -> None:
    reached = []

    def run() -> None:
        with deferred() as boundary:
            boundary()
            reached.append("end")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert reached == ["end"]

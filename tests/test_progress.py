"""The bar appears on a terminal, on long work, and leaves nothing behind."""

from __future__ import annotations

import io
import sys

import pytest

from migrator.reports import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _work(what: str = "Reading", *, wanted: bool = True, last: BaseException | None = None) -> None:
    with progress.bar(what, wanted=wanted) as tick:
        for done in range(5):
            tick(done, 5)
        if last is not None:
            raise last


def _err(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_REDRAW", 0)
    return stream


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _err(monkeypatch, _Terminal())
    _work()
    assert stream.getvalue() == ""


def test_long_work_shows_how_much_is_done_and_clears_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _err(monkeypatch, _Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0)
    _work("Reading [red]files")
    shown = stream.getvalue()
    assert "Reading [red]files" in shown
    assert "4/5" in shown
    assert shown.endswith("\x1b[2K")


@pytest.mark.parametrize(("stream", "wanted"), [(io.StringIO(), True), (_Terminal(), False)])
def test_a_pipe_and_a_quiet_run_see_nothing(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, wanted: bool) -> None:
    _err(monkeypatch, stream)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    _work(wanted=wanted)
    assert stream.getvalue() == ""


def test_a_failure_in_the_work_ends_the_bar_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _err(monkeypatch, _Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0)
    with pytest.raises(KeyboardInterrupt):
        _work(last=KeyboardInterrupt())
    assert "\x1b[?25h" in stream.getvalue()

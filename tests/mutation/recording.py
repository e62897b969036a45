"""Runs the tests and writes down which lines of the tool each reaches, and how long it takes."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests import harness
from tests.mutation.record import FIXTURE, HERE

FILES = (
    "test_apply.py", "test_journal.py", "test_fault_injection.py", "test_secrets.py", "test_splice.py", "test_source.py", "test_plan_file.py",
    "test_boundaries.py", "test_suppress.py", "test_saved_plan.py", "test_guard.py", "test_unsearched.py", "test_diff.py", "test_open_items.py",
)  # fmt: skip
_OFTEN = 20
"""Calls of one function in one test whose lines are looked at: more would cost much and show little that is new."""


class _Tracer:
    """Collects the lines of files in some folders; everything else runs at nearly full speed."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.folders = folders
        self.lines: set[tuple[str, int]] = set()
        self.calls: Counter[CodeType] = Counter()

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        path = frame.f_code.co_filename
        if not path.startswith(self.folders):
            return None
        self.calls[frame.f_code] += 1
        if self.calls[frame.f_code] > _OFTEN:
            return None
        lines = self.lines

        def trace(frame: FrameType, _event: str, _argument: object) -> Any:
            lines.add((path, frame.f_lineno))
            return trace

        lines.add((path, frame.f_lineno))
        return trace


class Recorder:
    """A plugin of pytest, and the same for fixtures."""

    def __init__(self, parts: list[str]) -> None:
        self.folders = tuple(f"{HERE}{os.sep}migrator{os.sep}{part}{os.sep}" for part in parts)
        self.reached: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Record what is reached for one test."""
        tracer, began = _Tracer(self.folders), time.monotonic()
        sys.settrace(tracer)
        try:
            yield
        finally:
            sys.settrace(None)
            self.seconds[name] = round(time.monotonic() - began, 3)
            for place in tracer.lines:
                self.reached[place].append(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """The whole of a test, its fixtures included."""
        with self.during(item.nodeid):
            return (yield)


def record(parts: list[str], kept: Path, every: int) -> None:
    """Run the tests, and each so many-th fixture."""
    recorder = Recorder(parts)
    files = [str(HERE / "tests" / name) for name in FILES]
    pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", *files], plugins=[recorder])
    for case in harness.cases()[::every]:
        with tempfile.TemporaryDirectory() as folder, recorder.during(FIXTURE + case.id):
            harness.complaints(case, Path(folder))
    reached: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for (path, line), names in recorder.reached.items():
        reached[os.path.relpath(path, HERE)][line] = names
    kept.write_text(json.dumps({"reached": reached, "seconds": recorder.seconds}), "utf-8")

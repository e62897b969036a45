"""Runs the tests and writes down which lines of the tool each reaches, and how long it takes."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutation.record import HERE
from tests.mutation.remembered import forget

QUIETLY = ("-q", "-s", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={HERE}")
_OFTEN = 20
"""Calls of one function in one test whose lines are looked at: more would cost much and show little that is new."""


class _Tracer:
    """Collects the lines of some modules and folders; everything else runs at nearly full speed."""

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
    """A plugin of pytest."""

    def __init__(self, parts: list[str], every: int) -> None:
        wholes = [HERE / "migrator" / part for part in parts]
        self.folders = tuple(f"{whole}{os.sep}" if whole.is_dir() else f"{whole}.py" for whole in wholes)
        self.every = every
        self.reached: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self.seconds: dict[str, float] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Of the fixtures only each so many-th."""
        fixtures = [item for item in items if item.path.name == "test_fixtures.py"]
        left = set(fixtures) - set(fixtures[:: self.every])
        items[:] = [item for item in items if item not in left]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """The whole of a test, its fixtures included."""
        forget(self.folders)
        tracer, began = _Tracer(self.folders), time.process_time()
        sys.settrace(tracer)
        threading.settrace(tracer)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.seconds[item.nodeid] = round(time.process_time() - began, 3)
            for place in tracer.lines:
                self.reached[place].append(item.nodeid)


def record(parts: list[str], kept: Path, every: int, files: Sequence[str]) -> None:
    """Run the tests, and each so many-th fixture."""
    recorder = Recorder(parts, every)
    pytest.main([*QUIETLY, *(str(HERE / "tests" / name) for name in files)], plugins=[recorder])
    reached: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for (path, line), names in recorder.reached.items():
        reached[os.path.relpath(path, HERE)][line] = names
    kept.write_text(json.dumps({"reached": reached, "seconds": recorder.seconds}), "utf-8")

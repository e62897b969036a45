"""The work of one process: record, or try a share of the faults."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.planting import NotPlanted, plant
from tests.mutation.record import HERE, Record, load
from tests.mutation.recording import QUIETLY, record

SURVIVED, NOTICED, ENDLESS, UNREACHED, SKIPPED = "survived", "noticed", "endless", "unreached", "skipped"
_SKIPPED = 77
"""How a child ends that has nothing to try."""
_LONGEST = 1000
"""Bytes of a test's name that are told: less than a pipe takes at once."""
_PATIENCE = 120
"""Seconds for a fault beyond twenty times what its tests took: a busy machine is slow, and only what waits for ever is told by this."""
_WORK = 10
"""Seconds of the processor for a fault beyond ten times what its tests took; only what works for ever is told by this."""


def record_all(parts: list[str], kept: Path, every: int, files: Sequence[str]) -> None:
    """Write down what the tests reach."""
    record(parts, kept, every, files)


def try_share(
    queue: Queue[list[tuple[Mutant, str]]], chosen: Sequence[Mutant], kept: Path, most: int, names: Sequence[str]
) -> None:
    """Put into the queue what the tests say to each fault; those that none notices are printed at once."""
    loop = _Loop(chosen, load(kept), most)
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = [str(HERE / "tests" / name) for name in names]
            pytest.main([*QUIETLY, "--no-header", f"--basetemp={folder}/tests", *files], plugins=[loop])
    finally:
        queue.put(loop.results)


class _Loop:
    """A plugin of pytest that runs, in place of all tests, some for each fault, in a process forked for it."""

    def __init__(self, chosen: Sequence[Mutant], known: Record, most: int) -> None:
        self.chosen, self.known, self.most = chosen, known, most
        self.results: list[tuple[Mutant, str]] = []
        self.noticed: Counter[tuple[str, str]] = Counter()
        """How many faults of a module a test was the first to notice: it is asked earlier from then on."""
        self.sound: dict[str, bool] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all faults."""
        items = {item.nodeid: item for item in session.items}
        for number, mutant in enumerate(self.chosen, 1):
            names = self.known.tests(mutant.path, mutant.line, self.most, on_import=mutant.function == "module")
            tests = self._sound(session, [items[name] for name in names if name in items])
            if names and not tests:
                print(f"{mutant.path}: its tests fail without any fault; it is left out", flush=True)
            tests.sort(key=lambda item: -self.noticed[mutant.path, item.nodeid] / (self.known.seconds[item.nodeid] + 0.1))
            outcome, by = _try(session, mutant, tests, self._seconds(tests))
            if by is not None:
                self.noticed[mutant.path, by] += 1
            if not tests and outcome == SURVIVED:
                outcome = SKIPPED if names else UNREACHED
            self.results.append((mutant, outcome))
            if outcome not in (NOTICED, SKIPPED):
                print(f"{outcome} {mutant.path}:{mutant.line} {mutant.function}: {mutant.old} -> {mutant.new}", flush=True)
            if number % 50 == 0:
                print(f"{number} of {len(self.chosen)} tried", flush=True)
        return True

    def _sound(self, session: pytest.Session, tests: list[pytest.Item]) -> list[pytest.Item]:
        """The tests that pass without a fault; each is tried once, most of them together."""
        fresh = [item for item in tests if item.nodeid not in self.sound]
        together = not fresh or _try(session, None, fresh, self._seconds(fresh))[0] == SURVIVED
        for item in fresh:
            self.sound[item.nodeid] = together or _try(session, None, [item], self._seconds([item]))[0] == SURVIVED
            if not self.sound[item.nodeid]:
                print(f"{item.nodeid} fails without any fault; it is not asked", flush=True)
        return [item for item in tests if self.sound[item.nodeid]]

    def _seconds(self, tests: Sequence[pytest.Item]) -> float:
        return 20 * sum(self.known.seconds[item.nodeid] for item in tests)


def _try(session: pytest.Session, mutant: Mutant | None, tests: Sequence[pytest.Item], seconds: float) -> tuple[str, str | None]:
    """What becomes of a fault, and the test that noticed it."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        code = 1
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (int(_WORK + seconds / 2), resource.RLIM_INFINITY))
            code = _run(session, mutant, tests, writes)
        os._exit(code)
    os.close(writes)
    outcome = _ended(child, time.monotonic() + _PATIENCE + seconds)
    os.set_blocking(reads, False)
    by = b""
    with contextlib.suppress(BlockingIOError):  # a process of the test's own may still hold the other end
        by = os.read(reads, _LONGEST)
    os.close(reads)
    return outcome, by.decode() or None


def _ended(child: int, deadline: float) -> str:
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return {0: SURVIVED, _SKIPPED: SKIPPED, -signal.SIGXCPU: ENDLESS}.get(code, NOTICED)
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return ENDLESS


def _run(session: pytest.Session, mutant: Mutant | None, tests: Sequence[pytest.Item], told: int) -> int:
    """0 where all tests pass; the name of the first that does not is written to `told`."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if mutant is not None:
        try:
            plant(mutant)
        except NotPlanted:
            return _SKIPPED
    for item in tests:
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.testsfailed:
            os.write(told, item.nodeid.encode()[:_LONGEST])
            return 1
    return 0

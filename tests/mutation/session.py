"""The work of one process: record, or try a share of the faults."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.record import load
from tests.mutation.trial import KILLED, SURVIVED, try_mutant

_HEAVY = ("jsonschema", "libcst", "libcst.metadata", "rich.console", "tree_sitter", "typer", "yaml")
"""Imported once, so that not every child has to."""
_PATIENCE = 120
"""Seconds for a fault beyond ten times what its tests took: a busy machine is slow, and only what never ends is told by this."""
_FEW = 4
"""Tests that have to pass without a fault before those of a module are believed."""


def record_all(parts: list[str], kept: Path, every: int) -> None:
    """Write down what the tests reach."""
    from tests.mutation.recording import record

    record(parts, kept, every)


def try_all(chosen: Sequence[Mutant], kept: Path, most: int) -> list[tuple[Mutant, str]]:
    """What the tests say to each fault; those that none notices are printed at once."""
    for name in _HEAVY:
        importlib.import_module(name)
    record = load(kept)
    results: list[tuple[Mutant, str]] = []
    sound: set[str] = set()
    for number, mutant in enumerate(chosen, 1):
        if number % 10 == 0:
            print(f"{number} of {len(chosen)} tried", flush=True)
        tests = record.tests(mutant.path, mutant.line, most, on_import=mutant.function == "module")
        if tests and mutant.path not in sound:
            sound.add(mutant.path)
            if try_mutant(Mutant.none(mutant.path), tests[:_FEW], seconds=600) != SURVIVED:
                raise SystemExit(f"{mutant.path}: its tests fail without any fault; make the record anew")
        seconds = _PATIENCE + 10 * sum(record.seconds.get(test, 0.0) for test in tests)
        outcome = try_mutant(mutant, tests, seconds=seconds) if tests else "reached by no test"
        results.append((mutant, outcome))
        if outcome != KILLED:
            print(f"{outcome:10} {mutant.path}:{mutant.line} {mutant.function}: {mutant.old} -> {mutant.new}", flush=True)
    return results

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


def record_all(parts: list[str], kept: Path, every: int) -> None:
    """Write down what the tests reach."""
    from tests.mutation.recording import record

    record(parts, kept, every)


def try_all(chosen: Sequence[Mutant], kept: Path, most: int) -> list[tuple[Mutant, str]]:
    """What the tests say to each fault; those that none notices are printed at once."""
    for name in _HEAVY:
        importlib.import_module(name)
    record = load(kept)
    for path in sorted({mutant.path for mutant in chosen}):
        tests = record.tests(path, 0, most)
        if tests and try_mutant(Mutant.none(path), tests, seconds=600) != SURVIVED:
            raise SystemExit(f"{path}: its tests fail without any fault; make the record anew")
    results: list[tuple[Mutant, str]] = []
    for mutant in chosen:
        tests = record.tests(mutant.path, mutant.line, most)
        seconds = 30 + 10 * sum(record.seconds.get(test, 0.0) for test in tests)
        outcome = try_mutant(mutant, tests, seconds=seconds) if tests else "reached by no test"
        results.append((mutant, outcome))
        if outcome != KILLED:
            print(f"{outcome:10} {mutant.path}:{mutant.line} {mutant.function}: {mutant.old} -> {mutant.new}", flush=True)
    return results

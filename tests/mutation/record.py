"""Which tests reach which lines of the tool, as `recording` wrote it down. Imports nothing of the tool."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
FILES = (
    "test_apply.py", "test_journal.py", "test_fault_injection.py", "test_secrets.py", "test_splice.py", "test_source.py", "test_plan_file.py",
    "test_boundaries.py", "test_suppress.py", "test_saved_plan.py", "test_guard.py", "test_unsearched.py", "test_diff.py", "test_open_items.py", "test_hard_links.py",
    "test_hostile.py", "test_cli.py", "test_config.py", "test_contract.py", "test_covering.py", "test_discover.py", "test_front_door.py", "test_honest_ends.py",
    "test_machine_formats.py", "test_moved.py", "test_planted_secrets.py", "test_reports.py", "test_rules.py", "test_sift.py", "test_fixtures.py", "test_secret_shapes.py", "test_regular.py", "test_interrupts.py", "test_exchange_changes.py", "test_connection_rows.py", "test_group.py", "test_records.py", "test_seen.py", "test_writing.py", "test_preconditions.py", "test_offered.py", "test_pipeline.py",
)  # fmt: skip
"""Files of tests that are asked; most others reach little of what is mutated, or need a network, another program or minutes."""
_BEFORE = 6
"""Lines above a line that are looked at for what reaches it."""
_CHEAP = 0.02
"""Seconds; tests that take less are all asked, beyond the number that is wanted."""
_QUICK = 20.0
"""Seconds; a test that takes longer is asked only where no other reaches the line."""


@dataclass(slots=True)
class Record:
    """Tests by the line that they reach, and the seconds of each."""

    reached: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def tests(self, path: str, line: int, most: int, *, on_import: bool = False) -> list[str]:
        """Tests that reach a line: those of the module's own file, then the quickest of each file in turn. What runs on import is reached by all that reach anything in the module."""
        lines = self.reached.get(path, {})
        # a part of an expression over several lines counts as reached where the expression begins
        names = next((lines[near] for near in range(line, line - _BEFORE, -1) if near in lines), [])
        if on_import:
            names = sorted({name for tests in lines.values() for name in tests})
        names = [name for name in names if self.seconds.get(name, 0.0) < _QUICK] or names
        files: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(names, key=lambda name: (self.seconds.get(name, 0.0), name)):
            files[name.partition("::")[0]].append(name)
        turns = zip_longest(*(files[file] for file in sorted(files, key=lambda file: self.seconds.get(files[file][0], 0.0))))
        every = [name for turn in turns for name in turn if name is not None]
        # a test of one function costs next to nothing, and is the one that knows the value on either side of a limit
        stem = Path(path).stem.strip("_")
        own = [name for name in every if stem in Path(name.partition("::")[0]).stem]
        cheap = [name for name in every[most:] if self.seconds.get(name, 0.0) < _CHEAP]
        return list(dict.fromkeys((*own, *every[:most], *cheap)))


def load(kept: Path) -> Record:
    """What an earlier call recorded."""
    data = json.loads(kept.read_text("utf-8"))
    reached = {path: {int(line): names for line, names in lines.items()} for path, lines in data["reached"].items()}
    return Record(reached=reached, seconds=data["seconds"])

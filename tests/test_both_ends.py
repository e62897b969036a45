"""A connection moves whole or not at all: asked of the plan of every fixture, without running it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.catalog import is_key_variable
from migrator.model import ConnectionRow, Plan
from migrator.text.source import Lines
from tests.harness import Case, cases, planned

_MOVED = ("rename", "additive", "keep")


def complaints(plan: Plan) -> Iterator[str]:
    """Connections of which one end would move alone."""
    lines = {path: Lines(source.text) for path, source in plan.sources.items()}
    edited: dict[str, set[int]] = {}
    for path, edits in plan.edits().items():
        edited[path] = {lines[path].line(edit.span.start) for edit in edits if "openrouter.ai" in edit.old}
    decided: dict[str, set[str]] = {}
    for variable in plan.env:
        decided.setdefault(variable.name, set()).add(variable.decision)
    for row in plan.connections:
        yield from _of(row, edited, decided)


def _of(row: ConnectionRow, edited: dict[str, set[int]], decided: dict[str, set[str]]) -> Iterator[str]:
    where = f"{row.path}:{row.line}"
    names = [name for name in re.findall(r"env (\w+)", row.key_from) if is_key_variable(name)]
    addresses = [(path, int(line)) for path, line in re.findall(r"literal (\S+):(\d+)", row.url_from)]
    moves = [f"{path}:{line}" for path, line in addresses if line in edited.get(path, ())]
    if row.decision == "rewrite":
        for name in names:
            if not decided.get(name, set()) & set(_MOVED):
                yield f"{where}: the address moves and {name} does not ({decided.get(name)})"
    elif row.decision == "flag" and moves:
        yield f"{where}: the connection is flagged and its address at {moves[0]} moves"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_no_end_moves_alone(case: Case, tmp_path: Path) -> None:
    plan, _ = planned(case, tmp_path / "root")
    assert not list(complaints(plan))


def test_a_lone_end_would_be_seen() -> None:
    row = ConnectionRow(
        path="a.py",
        line=1,
        client="openai",
        url_from="literal a.py:1",
        key_from="env OPENROUTER_API_KEY",
        decision="rewrite",
        because="",
    )
    assert list(_of(row, {"a.py": {1}}, {"OPENROUTER_API_KEY": {"manual"}}))
    assert not list(_of(row, {"a.py": {1}}, {"OPENROUTER_API_KEY": {"rename"}}))

"""The tool without its command line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import migrator
from migrator.catalog.targets import load
from migrator.model import MigratorError
from migrator.options import Options

EXAMPLE = Path(__file__).parents[1] / "fixtures" / "readme" / "example" / "before"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    return Path(shutil.copytree(EXAMPLE, tmp_path / "summarizer"))


def test_a_plan_is_applied_and_taken_back(example: Path) -> None:
    before = {path: path.read_bytes() for path in example.rglob("*") if path.is_file()}
    plan = migrator.make_plan(example)
    assert {path: path.read_bytes() for path in before} == before
    done = migrator.apply_plan(plan, str(example))
    assert done.written == tuple(plan.edits())
    assert "MG_KEY" in (example / "summarizer" / "config.py").read_text()
    assert set(migrator.undo_run([example]).restored) == set(done.written)
    assert {path: path.read_bytes() for path in before} == before


def test_the_target_is_said_alone_or_with_the_options(example: Path) -> None:
    vercel = load("vercel")
    assert migrator.make_plan(example, target=vercel) == migrator.make_plan(example, options=Options(target=vercel))
    with pytest.raises(MigratorError, match="not both"):
        migrator.make_plan(example, target=vercel, options=Options(target=vercel))


def test_the_functions_stay_functions_whatever_else_is_loaded_and_cost_nothing_before() -> None:
    root = str(Path(migrator.__file__).parents[1])
    at_first = "import sys, migrator; print({'migrator.api', 'migrator.model', 'typing', 're'} & sys.modules.keys())"
    later = (
        "import migrator.cli.app, migrator.apply.apply, migrator.apply.undo, migrator;"
        "print(*map(callable, (migrator.make_plan, migrator.apply_plan, migrator.undo_run)), hasattr(migrator, 'nothing'))"
    )
    said = [
        # without site: what an installation loads at start is not ours
        subprocess.run([sys.executable, *more, "-c", code], capture_output=True, text=True, check=True, cwd=root).stdout
        for code, more in ((at_first, ["-S"]), (later, []))
    ]
    assert said == ["set()\n", "True True True False\n"]

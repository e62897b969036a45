"""Each row of the table of libraries: two fixtures, and for whoever asks for it, the real library before and after.

`python tests/wire/install.py FOLDER` makes the environments; `MIGRATE_OPENROUTER_WIRE=FOLDER pytest tests/wire` runs what is installed there.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.harness import FIXTURES
from tests.wire.laboratory import FOLDER, VARIABLE, Row, complaints, rows, run

ROWS = rows()
PATH = os.environ.get(VARIABLE)
ASKED = pytest.mark.skipif(not PATH, reason=f"{VARIABLE} names no folder with the libraries")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_has_a_fixture_that_moves_and_one_that_is_left(row: Row) -> None:
    moved, left = FIXTURES / "libraries" / row.name, FIXTURES / "libraries" / f"{row.name}-left"
    assert (moved / "after").is_dir()
    assert not (left / "after").exists()
    assert (left / "case.toml").is_file() != bool(row.left)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_what_its_environment_pins(row: Row) -> None:
    package, _, version = row.library.partition(" ")
    python, node = FOLDER / "environments" / f"{row.environment}.txt", FOLDER / "node" / row.environment / "package.json"
    if python.is_file():
        assert f"{package}=={version}" in python.read_text("utf-8").splitlines()
    else:
        assert f'"{package}": "{version}"' in node.read_text("utf-8")


@ASKED
@pytest.mark.parametrize("row", [row for row in ROWS if not row.not_run], ids=lambda row: row.name)
def test_the_requests_are_those_of_before(row: Row, tmp_path: Path) -> None:
    envs = _environment(row)
    runs = run(row, envs, tmp_path)
    assert not complaints(row, runs)


@ASKED
@pytest.mark.parametrize("row", [row for row in ROWS if row.run[-1].endswith(".ts")], ids=lambda row: row.name)
def test_typescript_stays_clean(row: Row, tmp_path: Path) -> None:
    modules = _environment(row) / "node" / row.environment / "node_modules"
    compiler = modules / "typescript" / "bin" / "tsc"
    (tmp_path / "node_modules").symlink_to(modules.resolve(), target_is_directory=True)
    options = ["--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    for tree in ("before", "after"):
        text = (FIXTURES / "libraries" / row.name / tree / row.run[-1]).read_text("utf-8")
        (tmp_path / f"{tree}.mts").write_text(text, "utf-8")
        done = subprocess.run(
            ["node", str(compiler), *options, f"{tree}.mts"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{tree}: {done.stdout}"


def _environment(row: Row) -> Path:
    """The folder of all environments. Skips where that of the row is not installed."""
    envs = Path(PATH or "").resolve()
    if not (envs / "python" / row.environment).is_dir() and not (envs / "node" / row.environment).is_dir():
        pytest.skip(f"{row.environment} is not installed in {envs}")
    return envs

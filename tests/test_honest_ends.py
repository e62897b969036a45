"""A command that cannot print its answer says so, and its exit code tells what happened to the files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.__main__ import main

GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
FULL = Path("/dev/full")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(GOOD, "utf-8")
    return root


def _to(where: str, *arguments: object) -> tuple[int, str]:
    """The exit code and the complaints of a command whose standard output goes to a full device or is closed."""
    command = [sys.executable, "-m", "migrator", *map(str, arguments)]
    if where == "closed":
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False)
    else:
        with FULL.open("wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_run_and_its_undo_on_a_full_standard_output(tree: Path) -> None:
    code, said = _to("full", tree)
    assert code == 0
    assert "could not be written to standard output" in said
    assert "The files were written" in said
    assert "synapse" in (tree / "app.py").read_text("utf-8")
    code, said = _to("full", "undo", tree)
    assert code == 0
    assert "1 file restored" in said
    assert "No file was written" not in said
    assert (tree / "app.py").read_text("utf-8") == GOOD


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["{}", "--dry-run"], 3),
        (["{}", "--check"], 1),  # the answer is the exit code
        (["{}", "--diff"], 3),
        (["inventory", "{}"], 3),
        (["retire", "{}", "--no-history"], 3),
        (["guard", "{}"], 3),
        (["doctor", "{}"], 3),
        (["init", "{}"], 3),
        (["rules"], 3),
        (["--help"], 3),
        (["undo", "--help"], 3),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and value[0] != "{}" else None,
)
def test_a_full_standard_output_is_no_internal_error(tree: Path, command: list[str], expected: int) -> None:
    code, said = _to("full", *(word.format(tree) for word in command))
    assert code == expected
    assert "No space left" in said
    assert "internal error" not in said
    assert (tree / "app.py").read_text("utf-8") == GOOD


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_closed_standard_output_is_nobodys_fault(tree: Path) -> None:
    assert _to("closed", tree, "-q")[0] == 0
    assert "synapse" in (tree / "app.py").read_text("utf-8")
    assert _to("closed", "undo", tree)[0] == 0
    assert (tree / "app.py").read_text("utf-8") == GOOD


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")
@pytest.mark.parametrize("more", [[], ["--check"], ["--dry-run"]], ids=["run", "check", "dry run"])
def test_a_pipe_that_is_named_is_not_taken_for_a_file_that_names_nothing(
    tree: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tree / "p.py")
    assert main([str(tree / "p.py"), *more]) == 3
    said = capsys.readouterr()
    assert "pipe" in said.out + said.err
    assert "no file names OpenRouter" not in said.out

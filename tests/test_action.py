"""The script of the GitHub Action, run for real in a scratch repository with the tool on the path."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.plans import OLD

REPOSITORY = Path(__file__).parents[1]
SCRIPT = REPOSITORY / ".github/action/check.sh"
CODE = f'import os\nfrom openai import OpenAI\nclient = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])\n'

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the action's script needs bash")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A repository, and beside it a folder with the tool's command."""
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    tool = tmp_path / "bin/migrate-openrouter"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m migrator "$@"\n')
    tool.chmod(0o755)
    return root


def _run(root: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Exit code, standard output and the files that the runner would read."""
    files = {name: root.parent / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    environ = {
        **os.environ,
        "PATH": f"{root.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "MIGRATE_OPENROUTER_STATE": str(root.parent / "state"),
        **{f"INPUT_{name}": value for name, value in inputs.items()},
        **{name: str(path) for name, path in files.items()},
    }
    done = subprocess.run(["bash", str(SCRIPT)], cwd=root, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr, {name: path.read_text() for name, path in files.items() if path.exists()}


def test_every_input_of_the_action_reaches_the_script() -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
    environ = action["runs"]["steps"][-1]["env"]
    inputs = {f"INPUT_{name.upper().replace('-', '_')}" for name in action["inputs"] if name != "python-version"}
    assert set(environ) == inputs
    script = SCRIPT.read_text("utf-8")
    assert all(name in script for name in inputs)


def test_a_tree_that_would_be_rewritten_fails_with_annotations_a_summary_and_a_log(scratch: Path) -> None:
    (scratch / "app.py").write_text(CODE)
    code, said, files = _run(scratch, SARIF_FILE="log.sarif")
    assert code == 1
    assert "::notice file=app.py,line=3" in said
    assert files["GITHUB_OUTPUT"] == "exit-code=1\n"
    assert "Migration off OpenRouter" in files["GITHUB_STEP_SUMMARY"]
    assert json.loads((scratch / "log.sarif").read_text())["runs"][0]["results"]


def test_a_tree_without_openrouter_passes(scratch: Path) -> None:
    (scratch / "app.py").write_text("print(1)\n")
    code, _, files = _run(scratch)
    assert code == 0
    assert files["GITHUB_OUTPUT"] == "exit-code=0\n"


def test_strict_fails_on_what_is_left_for_a_person(scratch: Path) -> None:
    (scratch / "app.py").write_text("import requests\nprint(requests.get('https://openrouter.ai/api/v1/credits').text)\n")
    assert _run(scratch)[0] == 0
    assert _run(scratch, STRICT="true")[0] == 1


def test_an_input_is_never_read_as_shell(scratch: Path) -> None:
    code, _, _ = _run(scratch, PATH="$(touch owned) .", TARGET="`touch owned`")
    assert code == 2
    assert not (scratch / "owned").exists()

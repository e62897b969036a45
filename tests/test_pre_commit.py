"""The hooks, through the real pre-commit, on a scratch repository.

The hook's own environment is not built (that would need a package index): the same hooks run as `language: system` with this
interpreter, everything else as the manifest has it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plans import NEW, OLD

REPOSITORY = Path(__file__).parents[1]
MANIFEST = REPOSITORY / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text("utf-8"))}
MOVES = f'import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])\n'


def _pre_commit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository whose pre-commit configuration holds one of the hooks: the file is written by `_use`."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    root = tmp_path / "repository"
    root.mkdir()
    _git(root, "init", "-q")
    return root


def _use(root: Path, hook: str) -> None:
    own = HOOKS[hook]
    _, *options = shlex.split(own["entry"])
    local = {**own, "language": "system", "entry": shlex.join([sys.executable, "-m", "migrator", *options])}
    (root / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]}))


def test_the_manifest_is_valid_and_names_the_program() -> None:
    done = _pre_commit("validate-manifest", str(MANIFEST), cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(HOOKS) == ["migrate-openrouter-check", "migrate-openrouter-fix", "migrate-openrouter-guard"]
    assert all(hook["entry"].split()[0] == "migrate-openrouter" and hook["require_serial"] for hook in HOOKS.values())


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env",
            ".env.local",
            ".env.example",
            "prod.env",
            ".env_example",
            ".example.env",
            ".envrc",
            ".dev.vars",
            "a/.env",
            "x.env.sample",
        ),
        *(
            "app.py",
            "a/b.ts",
            "c.tsx",
            "d.mjs",
            "e.vue",
            "n.ipynb",
            "docker-compose.yml",
            "ci.yaml",
            "package.json",
            "x.jsonc",
            "f.toml",
        ),
        *(
            "Dockerfile",
            "a/Dockerfile.dev",
            "prod.Dockerfile",
            "Makefile",
            "Procfile",
            "run.sh",
            "main.tf",
            "main.go",
            "Program.cs",
            "build.gradle",
            "app.service",
            "README.md",
        ),
    ],
)
def test_files_of_every_kind_that_can_hold_a_client_or_a_variable_are_selected(path: str) -> None:
    assert re.search(HOOKS["migrate-openrouter-check"]["files"], path)
    assert HOOKS["migrate-openrouter-fix"]["files"] == HOOKS["migrate-openrouter-check"]["files"]


@pytest.mark.parametrize("path", ["environment", "logo.svg", "a.png", "myenv", "main.c", "uv.lock", "data.csv"])
def test_other_files_are_not(path: str) -> None:
    assert not re.search(HOOKS["migrate-openrouter-check"]["files"], path)


@pytest.mark.parametrize("hook", list(HOOKS))
def test_a_commit_without_openrouter_passes(scratch: Path, hook: str) -> None:
    _use(scratch, hook)
    (scratch / "app.py").write_text("print(1)\n")
    (scratch / ".env.example").write_text("DEBUG=1\n")
    _git(scratch, "add", "app.py", ".env.example")
    done = _pre_commit("run", "--verbose", cwd=scratch)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_the_check_fails_on_what_would_be_rewritten_and_writes_nothing(scratch: Path) -> None:
    _use(scratch, "migrate-openrouter-check")
    (scratch / "app.py").write_text(MOVES)
    _git(scratch, "add", ".")
    done = _pre_commit("run", cwd=scratch)
    assert done.returncode == 1
    assert "exit code: 1" in done.stdout
    assert NEW in done.stdout
    assert (scratch / "app.py").read_text() == MOVES


def test_the_guard_fails_on_a_name_and_passes_where_it_is_excused(scratch: Path) -> None:
    _use(scratch, "migrate-openrouter-guard")
    (scratch / "app.py").write_text("x = 'openrouter'\n")
    _git(scratch, "add", "app.py")
    assert _pre_commit("run", cwd=scratch).returncode == 1
    (scratch / "app.py").write_text("x = 'openrouter'  # migrate-openrouter: ignore a column of old rows\n")
    _git(scratch, "add", "app.py")
    assert _pre_commit("run", cwd=scratch).returncode == 0


def test_the_env_family_reaches_the_hook_although_pre_commit_takes_it_for_plain_text(scratch: Path) -> None:
    _use(scratch, "migrate-openrouter-check")
    (scratch / ".env.example").write_text(f"OPENROUTER_BASE_URL={OLD}\n")
    _git(scratch, "add", "-f", ".env.example")
    done = _pre_commit("run", "--verbose", cwd=scratch)
    assert "(no files to check)" not in done.stdout
    assert ".env.example:1" in done.stdout


def test_the_fix_rewrites_fails_the_commit_once_and_then_passes(scratch: Path) -> None:
    _use(scratch, "migrate-openrouter-fix")
    (scratch / "app.py").write_text(MOVES)
    _git(scratch, "add", ".")
    first = _pre_commit("run", cwd=scratch)
    assert first.returncode == 1
    assert "files were modified by this hook" in first.stdout
    assert (scratch / "app.py").read_text() == MOVES.replace(OLD, NEW).replace("OPENROUTER_API_KEY", "MG_KEY")
    _git(scratch, "add", ".")
    second = _pre_commit("run", cwd=scratch)
    assert second.returncode == 0, second.stdout + second.stderr


def test_a_commit_with_one_of_two_readers_does_not_rename_the_variable(scratch: Path) -> None:
    # the hook is given the staged files only; the other reader is in the tree all the same
    _use(scratch, "migrate-openrouter-fix")
    (scratch / "other.py").write_text('import os\n\nprint(os.environ["OPENROUTER_API_KEY"])\n')
    _git(scratch, "add", ".")
    _git(scratch, "commit", "-qm", "first", "--no-verify")
    (scratch / "app.py").write_text(MOVES)
    _git(scratch, "add", ".")
    _pre_commit("run", cwd=scratch)
    assert (scratch / "app.py").read_text() == MOVES

"""Runs that need no parser: the arguments mean what they mean to the parser, and what is printed is the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from migrator.cli import app, lifecycle
from migrator.cli.app import app_main
from migrator.cli.plain import COMMANDS, FLAGS, plain, plain_main
from migrator.cli.report import Format


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    for folder in ("empty", "one", "undo"):
        (tmp_path / folder).mkdir()
    (tmp_path / "empty" / "a.py").write_text("x = 1\n")
    (tmp_path / "empty" / "node_modules").mkdir()
    (tmp_path / "one" / "a.py").write_text('URL = "https://openrouter.ai/api/v1"\n')


def test_commands_are_those_of_the_program() -> None:
    lifecycle.register(app.app)
    assert app._commands() == COMMANDS


def test_flags_are_those_of_a_run() -> None:
    command = typer.main.get_command(app.app)
    run = command.commands["run"]  # type: ignore[attr-defined]
    flags = {word: param.name for param in run.params if getattr(param, "is_flag", False) for word in param.opts}
    assert {word: name for word, name in flags.items() if word not in ("--help", "-h")} == FLAGS


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--dry-run",
        "undo",
        "undo --dry-run one",
        "--dry-run undo",
        "run one",
        "missing",
        "one missing",
        "one --wrong",
        "one --format wrong",
        "one --format",
        "one --format=json",
        "one --target vercel",
        "--help",
        "one -qv",
        "-",
    ],
)
def test_what_is_left_to_the_parser(words: str) -> None:
    assert plain(words.split()) is None
    if words not in ("", "--help"):
        assert plain_main(words.split()) is None


def test_what_is_understood() -> None:
    asked = plain(["./undo", "--check", "one", "-q", "--format", "sarif", "--", "undo"])
    assert asked is not None
    assert asked.paths == ["./undo", "one", "undo"]
    assert (asked.check, asked.quiet, asked.form, asked.dry_run, asked.unsafe) == (True, True, Format.SARIF, False, False)


@pytest.mark.parametrize("tree", ["empty", "one", "empty one", "./undo"])
@pytest.mark.parametrize(
    "options",
    [
        "--dry-run",
        "--check",
        "-q",
        "--dry-run -v",
        "--check --strict",
        "--diff",
        "--dry-run --format json",
        "-q -v",
        "--strict",
    ],
)
def test_the_parser_would_print_the_same(tree: str, options: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = [*tree.split(), *options.split()]
    if options in ("-q", "--strict"):
        words.append("--dry-run")
    code = plain_main(words)
    said = capfd.readouterr()
    assert code == app_main(words)
    assert said == capfd.readouterr()


def test_a_plain_run_loads_no_parser(tmp_path: Path) -> None:
    script = (
        "import sys; from migrator.__main__ import main; code = main(sys.argv[1:]); sys.exit(code or 10 * ('typer' in sys.modules))"
    )
    for words in (["empty"], ["one", "--dry-run"], ["one", "--check", "--format", "json"]):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr

"""The front door: which calls it answers by itself, with what loaded, and what it passes on."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from migrator import __main__ as front

HEAVY = ("typer", "click", "rich", "libcst", "tree_sitter", "yaml", "dotenv", "subprocess", "re", "dataclasses", "pathlib", "json")


def script(body: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    root = str(Path(front.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    line = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {root!r})\n{body}", *arguments]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Argument lists that reached the full program, which is replaced by one that answers 42."""
    calls: list[list[str]] = []

    def app_main(arguments: list[str]) -> int:
        calls.append(arguments)
        return 42

    module = types.ModuleType("migrator.cli.app")
    module.app_main = app_main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "migrator.cli.app", module)
    monkeypatch.setattr("migrator.cli.plain.plain_main", lambda _: None)  # tests/test_plain.py
    return calls


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.py").write_text("x = 1\n")
    (tmp_path / "two words.md").write_text("react-router\n")
    (tmp_path / "-dash.py").write_text("\n")
    (tmp_path / "hit.py").write_text('url = "https://OpenRouter.ai"\n')
    (tmp_path / "undo").write_text("\n")
    (tmp_path / "nul.py").write_bytes(b"\0")
    (tmp_path / "wide.py").write_bytes("openrouter".encode("utf-16"))
    (tmp_path / "folder.d").mkdir()
    (tmp_path / "link.py").symlink_to("plain.py")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plain.py"], True),
        (["plain.py", "two words.md"], True),
        (["--dry-run", "./plain.py"], True),
        (["--check", "plain.py"], False),
        (["-q", "plain.py"], False),
        (["plain.py", "--check", "--dry-run"], False),
        (["--", "-dash.py"], True),
    ],
)
def test_files_without_a_match_are_answered_at_once(
    here: Path, passed: list[list[str]], capsys: pytest.CaptureFixture[str], arguments: list[str], said: bool
) -> None:
    assert front.main(arguments) == 0
    assert passed == []
    assert capsys.readouterr() == (f"{front.NOTHING}\n" if said else "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["hit.py"],
        ["plain.py", "hit.py"],
        ["."],
        ["folder.d"],
        ["./missing.py"],
        ["nul.py"],
        ["wide.py"],
        ["link.py"],
        ["--help"],
        ["--diff", "plain.py"],
        ["--format", "json", "plain.py"],
        ["-dash.py"],
        ["--check"],
        ["undo"],
        ["run", "plain.py"],
        ["bad\0name.py"],
    ],
)
def test_everything_else_goes_on_as_it_came(here: Path, passed: list[list[str]], arguments: list[str]) -> None:
    assert front.main(list(arguments)) == 42
    assert passed == [arguments]


def test_the_process_arguments_are_the_default(here: Path, passed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["migrate-openrouter", "--version"])
    assert front.main() == 42
    assert passed == [["--version"]]


def test_an_interrupt_is_130(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("migrator.cli.app")

    def app_main(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    module.app_main = app_main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "migrator.cli.app", module)
    assert front.main(["--version"]) == 130


def test_nothing_heavy_is_loaded(here: Path) -> None:
    body = f"""
from migrator.__main__ import main
code = main(sys.argv[1:])
print(code, sorted(set({HEAVY!r}).intersection(sys.modules)))
"""
    done = script(body, "--check", "plain.py", "two words.md", cwd=here)
    assert (done.stdout, done.stderr) == ("0 []\n", "")


def test_a_folder_without_a_match_loads_no_parser_and_no_inspection_of_code(here: Path) -> None:
    body = """
from migrator.__main__ import main
code = main(sys.argv[1:])
print(code, sorted({"libcst", "tree_sitter", "yaml", "typer", "rich", "json", "dataclasses", "inspect"}.intersection(sys.modules)))
"""
    (here / "one").mkdir()
    (here / "one" / "file.py").write_text("value = 1\n")
    done = script(body, "--dry-run", "one", cwd=here)
    assert (done.stdout, done.stderr) == (f"{front.NOTHING}\n0 []\n", "")


def test_as_a_module(here: Path) -> None:
    done = script("import runpy; sys.argv[0] = 'x'; runpy.run_module('migrator', run_name='__main__')", "plain.py", cwd=here)
    assert (done.stdout, done.stderr, done.returncode) == (f"{front.NOTHING}\n", "", 0)


def test_a_reader_that_went_away_is_no_failure(here: Path) -> None:
    body = """
import os
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
from migrator.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
    done = script(body, "plain.py", cwd=here)
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_closed_standard_output_is_no_failure(here: Path) -> None:
    root = str(Path(front.__file__).parents[1])
    line = f"exec {sys.executable!r} -m migrator plain.py >&-"
    done = subprocess.run(
        ["sh", "-c", line], cwd=here, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)

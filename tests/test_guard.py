"""`migrate-openrouter guard`: after the move no file may name OpenRouter unless it is excused."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.cli.app import app_main


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    return root


def _named(tree: Path, capsys: pytest.CaptureFixture[str], code: int) -> list[str]:
    assert app_main(["guard", str(tree)]) == code
    return [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("text", ["x = 'OpenRouter'\n", "see https://openrouter.ai\n", "OPEN_ROUTER=1\n", "k = 'sk-or-v1-'\n"])
def test_a_line_that_names_openrouter_fails(text: str, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "notes.txt").write_text(f"\n{text}")
    assert _named(tree, capsys, 1) == ["notes.txt:2:"]


def test_a_tree_without_a_mention_passes(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "app.py").write_text("router = 1\n")
    assert _named(tree, capsys, 0) == []


def test_the_name_of_this_tool_is_no_mention(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / ".pre-commit-config.yaml").write_text("- id: migrate-openrouter-guard\n")
    assert _named(tree, capsys, 0) == []


def test_comments_excuse_a_line_the_next_line_or_a_file(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "a.py").write_text("a = 'openrouter'  # migrate-openrouter: ignore the name of a column\nb = 'openrouter'\n")
    (tree / "b.py").write_text("# migrate-openrouter: ignore because of old rows\na = 'openrouter'\nb = 'openrouter'\n")
    (tree / "c.py").write_text("a = 'openrouter'\n# migrate-openrouter: ignore-file\n")
    assert _named(tree, capsys, 1) == ["a.py:2:", "b.py:3:"]


def test_what_the_configuration_excludes_is_excused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / ".migrate-openrouter.toml").write_text('exclude = ["docs/**"]\n')
    (tree / "docs").mkdir()
    (tree / "docs/history.md").write_text("We moved off OpenRouter.\n")
    assert _named(tree, capsys, 0) == []


def test_a_key_in_a_line_is_masked(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "sk-or-v1-" + "0123456789abcdef" * 4
    (tree / "a.py").write_text(f"key = '{key}'\n")
    assert app_main(["guard", str(tree)]) == 1
    assert key[12:] not in capsys.readouterr().out

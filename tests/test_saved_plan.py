"""`--plan-out` and `apply`: exactly the saved plan is written, or nothing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from migrator.cli.app import app_main
from tests.plans import OLD

CODE = f'import os\nfrom openai import OpenAI\nclient = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(CODE)
    (root / ".env").write_text("OPENROUTER_API_KEY=not-a-real-key-9f8e7d6c5b4a\nOTHER_PASSWORD=hunter2hunter2\n")
    return root


@pytest.fixture
def saved(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "plan.json"
    assert app_main([str(tree), "--dry-run", "--plan-out", str(path)]) == 0
    capsys.readouterr()
    return path


def test_a_saved_plan_is_applied_as_a_run_would(saved: Path, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in tree.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert app_main(["apply", str(saved), str(tree)]) == 0
    assert app_main([str(other)]) == 0
    assert {file.name: file.read_bytes() for file in tree.iterdir()} == {file.name: file.read_bytes() for file in other.iterdir()}
    assert "MG_KEY" in (tree / "app.py").read_text()


def test_a_saved_plan_is_private_and_holds_no_secret(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert "9f8e7d6c5b4a" not in saved.read_text()
    assert "hunter2" not in saved.read_text()


def test_a_change_of_the_tree_is_refused(saved: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "app.py").write_text(CODE + "# more\n")
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert "the tree has changed since (app.py)" in capsys.readouterr().err
    assert "MG_KEY" not in (tree / "app.py").read_text()


def test_a_new_file_that_changes_the_plan_is_refused(saved: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "more.py").write_text(CODE)
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert "more.py" in capsys.readouterr().err
    assert "MG_KEY" not in (tree / "app.py").read_text()


def test_another_tree_is_refused(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else/app.py").write_text(CODE.replace("client", "chat"))
    assert app_main(["apply", str(saved), str(tmp_path / "else")]) == 2
    assert "another tree" in capsys.readouterr().err


def test_an_edited_plan_is_refused(saved: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved.write_text(saved.read_text().replace("synapse.garden", "evil.example"))
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert "was edited since it was saved" in capsys.readouterr().err


def test_an_edited_plan_with_a_new_check_sum_is_refused_too(saved: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from migrator.lifecycle import saved_plan

    document = json.loads(saved.read_text())
    plan = json.loads(json.dumps(document["plan"]).replace("synapse.garden", "evil.example"))
    body = {"options": document["options"], "paths": document["paths"], "plan": plan}
    saved.write_text(json.dumps({"schema": document["schema"], "sha256": saved_plan._digest(body), **body}))
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert "gives another plan" in capsys.readouterr().err
    assert (tree / "app.py").read_text() == CODE


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "migrate-openrouter/plan/1"}', "\xff"])
def test_what_is_no_saved_plan_is_a_usage_error(text: str, saved: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved.write_text(text, encoding="latin-1")
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert str(saved) in capsys.readouterr().err


def test_the_plan_of_another_version_is_refused(
    saved: Path, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("migrator.lifecycle.saved_plan.__version__", "9.9.9")
    assert app_main(["apply", str(saved), str(tree)]) == 2
    assert "was made by version" in capsys.readouterr().err


def test_the_patch_of_a_file_is_the_patch_of_standard_output(
    tree: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    patch = tmp_path / "x.patch"
    assert app_main([str(tree), "--diff"]) == 0
    printed = capsysbinary.readouterr().out
    assert app_main([str(tree), "--dry-run", "--patch-file", str(patch)]) == 0
    assert patch.read_bytes() == printed
    assert stat.S_IMODE(patch.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_a_usage_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--plan-out", "--patch-file"):
        assert app_main([str(tree), "--dry-run", option, str(tree / "missing/x")]) == 2
        assert f"{option} {tree}" in capsys.readouterr().err

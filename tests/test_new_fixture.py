"""The command that drafts a fixture, and `pytest --accept`, on a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import accepting, harness, new_fixture
from tests.plans import NEW, OLD

NAME = "integrations/lamp/its-own-key"
PROGRAM = f'''import os
from openai import OpenAI

client = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])
print("@@REAL_KEY@@")
print(client.get("/credits", cast_to=object))
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(harness, "FIXTURES", tmp_path)
    monkeypatch.setattr(new_fixture, "FIXTURES", tmp_path)
    return tmp_path / NAME


def test_the_first_call_makes_the_folder_and_the_second_fills_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_fixture.main([NAME, "--title", "A lamp has a key of its own", "--option=--unsafe"]) == 1
    assert "before" in capsys.readouterr().out
    (folder / "before" / "app.py").write_text(PROGRAM, "utf-8")
    assert new_fixture.main([NAME]) == 0
    case = harness.read(folder)
    assert case.title == "A lamp has a key of its own"
    assert case.options == ("--unsafe",)
    assert any(row.path == "app.py" for row in case.expect)
    assert case.todo
    after = (folder / "after" / "app.py").read_text("utf-8")
    assert NEW in after
    assert "@@REAL_KEY@@" in after
    assert "sk-or-" not in after
    assert [case.id for case in harness.cases()] == [NAME]
    assert "Read" in capsys.readouterr().out


def test_a_program_that_is_left_alone_has_no_result(folder: Path, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    (origin / "app.py").write_text("print(1)\n", "utf-8")
    assert new_fixture.main([NAME, "--from", str(origin)]) == 0
    assert not (folder / "after").exists()
    assert harness.read(folder).expect == ()


@pytest.mark.parametrize("name", ["alone", "a/b/c/d", "Upper/case", "a/../b"])
def test_a_name_that_is_none(name: str, folder: Path, tmp_path: Path) -> None:
    assert new_fixture.main([name]) == 2
    assert list(tmp_path.iterdir()) == []


def test_accepting_writes_what_the_tool_makes_of_it_and_only_once(folder: Path, tmp_path: Path) -> None:
    new_fixture.main([NAME])
    (folder / "before" / "app.py").write_text(PROGRAM, "utf-8")
    new_fixture.main([NAME])
    (folder / "after" / "app.py").write_text("wrong\n", "utf-8")
    (folder / "after" / "more.py").write_text("", "utf-8")
    case = harness.read(folder)
    assert accepting.accept(case, tmp_path / "1")
    assert sorted(path.name for path in (folder / "after").iterdir()) == ["app.py"]
    assert NEW in (folder / "after" / "app.py").read_text("utf-8")
    assert not accepting.accept(case, tmp_path / "2")

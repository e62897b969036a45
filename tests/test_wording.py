"""What a report says in words that a reader can act on: what `it` is, which package, and nothing that another sentence denies."""

from __future__ import annotations

from pathlib import Path

import pytest

import migrator
from migrator.__main__ import main
from migrator.model import Plan
from migrator.reports import terminal
from migrator.reports.json import Mode

CLIENT = """\
import os

from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
"""


def _plan(root: Path, **files: str) -> Plan:
    for name, text in files.items():
        path = root / name.replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return migrator.make_plan(root)


def _said(plan: Plan) -> str:
    return " ".join(terminal.render(plan, terminal.View(mode=Mode.DRY_RUN)).split())


@pytest.mark.parametrize(("beside", "heroku"), [({}, True), ({"railway_DOT_json": "{}\n"}, False)])
def test_a_procfile_beside_a_file_of_railway_is_no_sign_of_heroku(tmp_path: Path, beside: dict[str, str], heroku: bool) -> None:
    plan = _plan(tmp_path, app_DOT_py=CLIENT, Procfile="web: python app.py\n", **beside)
    assert any(todo.title.startswith("Heroku") for todo in plan.todo) is heroku
    assert any(todo.title.startswith("Railway") for todo in plan.todo) is not heroku


def test_a_library_is_called_as_it_is_installed(tmp_path: Path) -> None:
    code = 'from openrouter import OpenRouter\n\n\ndef ask(run):\n    return run(OpenRouter(api_key="x", retry_config=1))\n'
    said = _said(_plan(tmp_path, app_DOT_py=code, requirements_DOT_txt="openrouter\n"))
    assert "this client of `openrouter` goes to OpenRouter" in said
    assert "openrouter-sdk" not in said


def test_a_reason_says_which_variable_it_speaks_of(tmp_path: Path) -> None:
    code = CLIENT + 'print(os.environ["OPENROUTER_API_KEY"], open("x"))\n'
    credits_ = """\
import os

import requests

requests.get("https://openrouter.ai/api/v1/credits", headers={"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}"})
"""
    plan = _plan(
        tmp_path, a_DOT_py=credits_, b_DOT_py=code.replace("https://openrouter.ai/api/v1", "https://eu.openrouter.ai/api/v1")
    )
    said = _said(plan)
    assert "OPENROUTER_API_KEY: a.py:5 stays on OpenRouter with it" in said
    assert "0 definitions" not in said


def test_a_known_value_beside_one_that_is_not_visible_is_not_called_invisible(tmp_path: Path) -> None:
    code = (
        CLIENT
        + """\


def ask(messages, name):
    if name == "claude":
        extra = {"provider": {"only": ["anthropic"]}}
    else:
        extra = {"provider": {"only": [name]}}
    extra["top_k"] = 1
    return client.chat.completions.create(model="openai/gpt-4o", messages=messages, extra_body=extra)
"""
    )
    rows = {row.value: row.note for row in _plan(tmp_path, app_DOT_py=code).routing if row.field == "provider.only"}
    assert rows['["anthropic"]'] == "it may have another value too, which is not visible here: map all of them by hand"
    assert rows["[name]"].startswith("the value is not visible here: map it by hand")


def test_what_cannot_be_mapped_is_not_called_yours_to_map(tmp_path: Path) -> None:
    code = (
        CLIENT
        + """\


def ask(messages, wanted):
    return client.chat.completions.create(model="openai/gpt-4o", messages=messages, extra_body={"plugins": wanted})
"""
    )
    said = _said(_plan(tmp_path, app_DOT_py=code))
    assert "-> yours to decide" in said
    assert "map it by hand" not in said


def test_a_run_over_single_files_is_taken_back_by_its_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["app.py", "--dry-run"]) == 0
    assert "To take it back afterwards: migrate-openrouter undo .\n" in capsys.readouterr().out

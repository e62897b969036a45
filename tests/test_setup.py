"""`doctor` and `init`: what a first run needs, and the configuration that it may read."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from migrator.apply import journal
from migrator.apply.journal import Status
from migrator.cli.app import app_main
from migrator.discover import config
from migrator.live import doctor

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    for name in ("MG_KEY", "OPENROUTER_API_KEY", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def _examined(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, dict[str, str]], dict[str, str]]:
    code = app_main(["doctor", "--format", "json", *arguments])
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == doctor.SCHEMA
    assert document["ready"] is (code == 0)
    return code, {row["topic"]: row for row in document["items"]}, {row["commands"]: row["says"] for row in document["sends"]}


def test_a_sound_installation_is_ready_and_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, items, _ = _examined(capsys)
    assert code == 0
    assert {row["state"] for row in items.values()} == {"ok"}
    assert "made by the first run" in items["state folder"]["says"]
    assert not (tmp_path / "state").exists()


def test_what_would_be_sent_names_hosts_variables_and_no_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MG_KEY", "mg_live_" + "fedcba98" * 4)
    code, _, sends = _examined(capsys, "--base-url", "https://staging.example/api/v1")
    assert code == 0
    assert "GET https://staging.example/api/v1/models" in sends["preflight"]
    assert "MG_KEY (set in the environment, mg_live_…)" in sends["preflight"]
    assert "OPENROUTER_API_KEY (not set in the environment; nothing is sent without it)" in sends["verify"]
    assert "fedcba98" not in json.dumps(sends)
    assert sends["every other command"].startswith("nothing")


def test_each_fault_is_named_with_its_way_out_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "tree" / "state"))
    monkeypatch.setenv("PATH", str(tmp_path))
    code, items, _ = _examined(capsys)
    assert code == 1
    assert (items["git"]["state"], items["state folder"]["state"]) == ("fail", "fail")
    assert "MIGRATE_OPENROUTER_STATE" in items["state folder"]["remedy"]
    assert app_main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[-1] == "Not ready: 2 faults (git, state folder)."


def test_a_state_folder_that_is_a_file_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("")
    code, items, _ = _examined(capsys)
    assert code == 1
    assert items["state folder"]["state"] == "fail"


def test_a_run_that_was_cut_short_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = tmp_path / "tree"
    (tree / "app.py").write_text(
        'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
    )
    assert app_main([str(tree), "-q"]) == 0
    capsys.readouterr()
    code, items, _ = _examined(capsys)
    assert code == 0
    assert items["earlier runs"]["says"].startswith("1 run ")
    place = journal.place_of(tree.resolve(), None)
    last = journal.newest(place)
    assert last is not None
    journal.mark(place, last, Status.WRITING)
    code, items, _ = _examined(capsys)
    assert code == 1
    assert "cut short" in items["earlier runs"]["says"]


def test_an_extra_that_is_not_installed_is_no_fault(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "EXTRAS", {"rehearse": ("no-such-package-anywhere",)})
    code, items, _ = _examined(capsys)
    assert code == 0
    assert items["extra rehearse"]["state"] == "missing"
    assert "pip install 'migrate-openrouter[rehearse]'" in items["extra rehearse"]["remedy"]
    app_main(["doctor"])
    assert (
        " ".join(capsys.readouterr().out.rsplit("\n\n", 1)[-1].split())
        == "Ready: all that a run needs is there; extras not installed: rehearse (for rehearse only)."
    )


def test_the_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {
        name: tuple(re.split(r"[^\w-]", row, maxsplit=1)[0] for row in rows)
        for name, rows in project["optional-dependencies"].items()
        if name != "dev"
    }
    assert declared == doctor.EXTRAS


def test_init_writes_a_configuration_that_narrows_nothing_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tree" / ".migrate-openrouter.toml"
    assert app_main(["init"]) == 0
    assert config.read(tmp_path / "tree") == config.Config()
    text = path.read_text()
    # each example becomes the entry that it shows
    path.write_text(
        re.sub(r"^(\w+) = \[\]\n", "", text, flags=re.MULTILINE)
        .replace("# exclude", "exclude")
        .replace("# ignore", "ignore")
        .replace("# keep", "keep")
    )
    assert [word.value for word in config.read(tmp_path / "tree").keep] == ["OPENROUTER_API_KEY"]
    mine = path.read_bytes()
    capsys.readouterr()
    assert app_main(["init"]) == 2
    assert "is there already; nothing was written" in capsys.readouterr().err
    assert path.read_bytes() == mine


def test_init_refuses_where_pyproject_has_a_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tree" / "pyproject.toml").write_text('[tool.migrate-openrouter]\nexclude = ["legacy/**"]\n')
    assert app_main(["init"]) == 2
    assert "[tool.migrate-openrouter] already" in capsys.readouterr().err
    assert not (tmp_path / "tree" / ".migrate-openrouter.toml").exists()


@pytest.mark.parametrize("head", ["[tool.migrate-openrouter]\n", ""])
def test_its_own_file_may_be_written_with_or_without_the_head_of_the_section(tmp_path: Path, head: str) -> None:
    (tmp_path / "tree" / ".migrate-openrouter.toml").write_text(f'{head}keep = ["A_KEY"]\n')
    assert [(word.value, word.where) for word in config.read(tmp_path / "tree").keep] == [
        ("A_KEY", f".migrate-openrouter.toml:{2 if head else 1}")
    ]


def test_what_the_configuration_names_does_not_trip_the_guard(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    section = '[tool.migrate-openrouter]\nkeep = ["OPENROUTER_API_KEY"]\n'
    (tree / ".migrate-openrouter.toml").write_text(section)
    assert app_main(["guard", str(tree)]) == 0
    (tree / "pyproject.toml").write_text(f'[project]\nname = "x"\n\n{section}\n[tool.other]\nurl = "https://openrouter.ai"\n')
    assert app_main(["guard", "-q", str(tree)]) == 1
    subprocess.run(["sed", "-i", "/openrouter.ai/d", str(tree / "pyproject.toml")], check=True)
    assert app_main(["guard", str(tree)]) == 0

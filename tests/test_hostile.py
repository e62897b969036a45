"""Input made to hurt: each costs one line in the report and exit 3, or nothing; the files beside it are done all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.__main__ import main
from migrator.catalog import targets
from migrator.model import Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan

GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
DEEP = 5_000
BOMB = "openrouter: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

UNREADABLE = {
    "deep.yaml": f"# openrouter\na: {'[' * DEEP}{']' * DEEP}\n",
    "deep.json": f'{{"openrouter": {"[" * DEEP}{"]" * DEEP}}}',
    "deep.toml": f"# openrouter\na = {'[' * DEEP}{']' * DEEP}\n",
    "deep.ipynb": f'{{"openrouter": {"[" * DEEP}{"]" * DEEP}}}',
    "deep.py": f"# openrouter\na = {'[' * DEEP}{']' * DEEP}\n",
    "dotted.toml": f"# openrouter\n{'a.' * DEEP * 10}b = 1\n",
    "twice.toml": "openrouter = 1\nopenrouter = 2\n",
    "open.json": '{"openrouter": [1, 2',
    "open.yaml": "openrouter: [1, 2\n",
    "tab.yaml": "openrouter:\n\ta: 1\n",
}
HARMLESS = {
    "bomb.yaml": BOMB,
    "twice.json": '{"openrouter": 1, "openrouter": 2}',
    "twice.yaml": "openrouter: 1\nopenrouter: 2\n",
    "itself.yaml": "openrouter: &a\n  <<: *a\n",
    "tag.yaml": 'openrouter: !!python/object/apply:os.system ["true"]\n',
    "itself.py": "import httpx  # openrouter\nbody = {}\nbody = {**body, 'model': body}\nhttpx.post(url, **{**body}, json=body['json'], **body)\n",
    "each-other.ts": "let a = {...b}, b = {...a}; // openrouter\na = {...a, x: b.x};\nfetch(a.url, {...a, ...b});\n",
    "deep.sh": f"# openrouter\na={'$(' * DEEP}{')' * DEEP}\n",
    "deep.tf": f"# openrouter\na = {'[' * DEEP}{']' * DEEP}\n",
    "heredocs.tf": "# openrouter\n" + "".join(f"a = <<A{n}\n" for n in range(DEEP * 4)),
    "heredocs.sh": "# openrouter\n" + "".join(f"a <<A{n}\n" for n in range(DEEP * 4)),
    "deep.ini": f"# openrouter\n{'[' * DEEP}\n",
    "deep.env": f"OPENROUTER_X={'${A:-' * DEEP}{'}' * DEEP}\n",
    "Dockerfile": f"# openrouter\nENV A={'${B:-' * DEEP}{'}' * DEEP}\n",
    "Makefile": f"# openrouter\nA = {'$(B ' * DEEP}{')' * DEEP}\n",
    "deep.ps1": f"# openrouter\n$a = {'(' * DEEP}{')' * DEEP}\n",
    "links.md": f"openrouter {'https://' * DEEP * 4}\n",
    "dots.txt": f"openrouter {'a.' * DEEP * 10}\n",
    "deep.md": f"openrouter\n{'> ' * DEEP}\n```sh\n",
}
UNDECODABLE = (
    "a.yaml",
    "a.json",
    "a.toml",
    "a.sh",
    "a.py",
    "a.ts",
    "a.env",
    "Dockerfile",
    "a.tf",
    "a.ini",
    "a.ipynb",
    "Makefile",
    "a.ps1",
    "a.http",
    "a.bat",
)


def _plan(root: Path) -> Plan:
    return make_plan(root, [root], Options(target=targets.chosen(None, None, None, None)))


def _moves(plan: Plan) -> bool:
    return {edit.new for edits in plan.edits().values() for edit in edits} == {"https://synapse.garden/api/v1", "MG_KEY"}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_problem(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(UNREADABLE[name], "utf-8")
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    plan = _plan(tmp_path)
    assert [problem.path for problem in plan.problems] == [name]
    assert "\n" not in plan.problems[0].message
    assert len(plan.problems[0].message) < 300
    assert _moves(plan)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_looks_dangerous_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(HARMLESS[name], "utf-8")
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    plan = _plan(tmp_path)
    assert not plan.problems
    assert _moves(plan)


@pytest.mark.parametrize("name", UNDECODABLE)
def test_bytes_that_are_no_text(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'first = 1\nopenrouter = "\xff\xfe"\n')
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    plan = _plan(tmp_path)
    assert [(problem.path, problem.line) for problem in plan.problems] == [(name, 2)]
    assert _moves(plan)


def test_an_enormous_file_is_a_problem_and_its_variable_stays(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("w", encoding="utf-8") as file:
        file.write('{"openrouter": [')
        for _ in range(50):
            file.write('"' + "x" * 1_000_000 + '",')
        file.write('""]}')
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    plan = _plan(tmp_path)
    assert [problem.path for problem in plan.problems] == ["big.json"]
    assert _moves(plan)


def test_the_variable_that_a_large_file_names_is_not_renamed_under_it(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_text(GOOD + "#" * (5 << 20), "utf-8")
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    (tmp_path / ".env").write_text("OPENROUTER_API_KEY=\n", "utf-8")
    plan = _plan(tmp_path)
    assert [problem.path for problem in plan.problems] == ["big.py"]
    assert [row.decision for row in plan.env if row.name == "OPENROUTER_API_KEY"] != ["rename"]
    assert ("big.py", 3) in {(place.path, place.line) for row in plan.env for place in row.readers}


def test_the_command_line_says_so_in_one_line_and_ends_with_three(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text(UNREADABLE["deep.json"], "utf-8")
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    command = [sys.executable, "-m", "migrator", str(tmp_path), "--dry-run", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert [problem["path"] for problem in report["problems"]] == ["deep.json"]
    assert "Traceback" not in done.stderr
    assert report["summary"]["rewrite"] == 2


def test_a_notebook_with_a_plot_is_read(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": GOOD.splitlines(keepends=True)}
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0K" * (600 << 10)}}
    book = {"cells": [cell | {"outputs": [output]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(book), "utf-8")
    plan = _plan(tmp_path)
    assert not plan.problems
    assert _moves(plan)


@pytest.mark.skipif(not hasattr(os, "mkfifo") or not shutil.which("git"), reason="needs pipes that have a name, and git")
def test_git_is_not_waited_for_at_a_pipe_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.discover.git_listing._PROMPT", 0.2)
    monkeypatch.setattr("migrator.discover.git_listing._PATIENCE", 100_000)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD, "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    os.mkfifo(folder / ".gitignore")
    assert _moves(_plan(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo") or not shutil.which("git"), reason="needs pipes that have a name, and git")
@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", ".git/HEAD", ".git/config", ".git/index", ".git/info/exclude"])
def test_a_pipe_that_git_would_wait_at_stops_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("migrator.discover.git_listing._PATIENCE", 1)
    monkeypatch.setattr("migrator.apply.preconditions._PATIENCE", 1)
    (root / "good.py").write_text(GOOD, "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    (root / name).unlink(missing_ok=True)
    (root / name).parent.mkdir(exist_ok=True)
    os.mkfifo(root / name)
    assert _moves(_plan(root))
    assert main([str(root), "-q"]) == 2
    assert f"{name} is no regular file" in capsys.readouterr().err
    assert main(["retire", str(root)]) == 2
    assert f"{name} is no regular file" in capsys.readouterr().err
    assert main([str(root), "-q", "--allow-dirty"]) == 0
    assert "synapse" in (root / "good.py").read_text("utf-8")

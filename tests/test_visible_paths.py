"""Paths and lines made to hide, to turn the reading direction or to be obeyed by a terminal or a CI service: every mode shows them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from migrator.__main__ import main

CODE = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
NAMES = (
    "red\x1b[31m.py", "line\nend.py", "return\r.py", "turned\u202egnp.py", "wide\u200bless.py", "bell\x07.py", "control\x9b.py",
    "separator\u2028.py", "tag\U000e0041.py", "::error::command.py", "##[error]command.py", "byte\udcff.py",
)  # fmt: skip
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\U000e0041]")
COMMAND = re.compile(r"^\s*(::|##\[)", re.MULTILINE)
MODES = {
    "text": ["--dry-run", "-v"],
    "check": ["--check"],
    "diff": ["--diff"],
    **{name: ["--dry-run", "--format", name] for name in ("json", "sarif", "github", "junit", "markdown")},
    "apply": ["--unsafe", "-v"],
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "tree"
    root.mkdir()
    for name in NAMES:
        path = root / name
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(CODE, "utf-8")
        except OSError:
            continue  # a file system that refuses such a name
    (root / "broken.py").write_text("openrouter = (\x1b[31m \u202e\n", "utf-8")
    return root


def _is_plain(said: str, *, commands: bool = False) -> None:
    assert sorted(set(HIDDEN.findall(said))) == []
    assert commands or not COMMAND.search(said)


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX takes")
@pytest.mark.parametrize("mode", MODES)
def test_a_run_shows_what_hides(mode: str, tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main([tree.name, *MODES[mode]])
    said = capfd.readouterr()
    assert "turned" in said.out or mode in ("check", "github", "markdown")  # these name some places of many
    _is_plain(said.out, commands=mode == "github")
    _is_plain(said.err)


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX takes")
def test_the_other_commands_show_what_hides(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["inventory", "tree"], ["inventory", "tree", "--format", "json"], ["guard", "tree"], ["tree", "--receipt", "record.md"],
        ["done"], ["retire", "tree", "--no-history", "--done", "record.md"], ["undo", "tree"],
    ):  # fmt: skip
        main(command)
        said = capfd.readouterr()
        _is_plain(said.out + said.err)
        for path in tree.parent.glob("record.*"):
            _is_plain(path.read_text("utf-8"))


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX takes")
def test_a_program_that_reads_the_junit_report_gets_the_real_names(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main([tree.name, *MODES["junit"]])
    names = {suite.get("name") for suite in ElementTree.fromstring(capfd.readouterr().out).iter("testsuite")}
    assert {name for name in NAMES if name.isascii() and "\x1b" not in name and "\x07" not in name} <= names
    assert "turned\u202egnp.py" in names

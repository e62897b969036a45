"""What the README prints is what the tool says, and what it names is there."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from migrator.cli.app import app_main
from migrator.cli.arguments import known_rule
from migrator.discover.config import read

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_report_at_the_top_is_what_the_tool_says_of_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(shutil.copytree(ROOT / "fixtures" / "readme" / "example" / "before", tmp_path / "summarizer"))
    (block,) = _blocks("console")
    command, *shown = block.splitlines()
    assert app_main(command.removeprefix("$ migrate-openrouter ").split()) == 0
    said = iter(capsys.readouterr().out.splitlines())
    # one after the other, each found behind the one before
    assert [line for line in shown if line != "..." and line not in said] == []


def test_every_file_it_names_is_there_and_every_link_works_on_the_package_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert re.findall(r"\]\((?!https?:|#)([^)]+)", README) == [], "a relative link leads nowhere on the package index"
    home = project["urls"]["Homepage"]
    links = re.findall(rf"\]\({re.escape(home)}/(?:blob|tree)/main/([^)#]+)", README)
    named = [*links, *re.findall(r"`(tests/[\w/]+\.py)`", README)]
    assert len(links) > 3
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert all(url.startswith(home) for url in project["urls"].values())


def test_the_first_command_of_the_readme_needs_no_installation() -> None:
    assert README.index("uvx migrate-openrouter . --dry-run") < README.index("```console")


def test_every_file_the_guide_for_contributors_names_is_there() -> None:
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", guide)
    named = re.findall(r"`((?:integrations|formats|catalog|facts|findings)/[\w./-]*)`", guide)
    assert len(named) > 5
    assert [link for link in links if not (ROOT / ".github" / link).exists()] == []
    assert [name for name in named if not (ROOT / "migrator" / name).exists()] == []
    folders = re.findall(r"\b([a-z]+)/", guide.split("```")[3])
    assert [name for name in folders if not (ROOT / "migrator" / name).is_dir()] == []


@pytest.mark.parametrize("command", re.findall(r"`(migrate-openrouter [a-z][^`]*)`", README))
def test_every_command_it_names_knows_its_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    word, *rest = command.split()[1:]
    assert app_main([word, "--help"]) == 0
    told = capsys.readouterr().out
    assert [option for option in rest if option.startswith("--") and option not in told] == []


def test_every_option_in_the_table_exists(capsys: pytest.CaptureFixture[str]) -> None:
    table = README.split("## Options")[1].split("### Exit codes")[0]
    options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    assert app_main(["run", "--help"]) == 0
    told = capsys.readouterr().out
    assert len(options) > 15
    assert [option for option in options if option not in told] == []


def test_the_configuration_it_shows_is_understood(tmp_path: Path) -> None:
    (block,) = _blocks("toml")
    tomllib.loads(block)
    (tmp_path / "pyproject.toml").write_text(block)
    found = read(tmp_path)
    assert [word.value for word in found.keep] == ["OPENROUTER_API_KEY"]
    for word in found.ignore:
        known_rule(word.value, "README.md")

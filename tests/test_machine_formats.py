"""What the reports for services promise beyond carrying the same findings, which `tests/harness.py` holds for every fixture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from migrator.cli.app import app_main
from migrator.model import Category, Plan, Problem
from migrator.reports import github, junit, markdown, sarif
from migrator.reports.json import Mode, document
from tests.plans import finding, plan, source

CODE = source("app.py", "".join(f"a{number} = 1\n" for number in range(40)))


def _flags(number: int, **more: Any) -> Plan:
    return plan([CODE], [finding(CODE, f"a{index} ", message=f"seen {index}", **more) for index in range(number)])


def _report(made: Plan) -> dict[str, Any]:
    return document(made, mode=Mode.CHECK)


def test_no_level_has_more_annotations_than_github_shows() -> None:
    lines = github.render(_report(_flags(25))).splitlines()
    assert len([line for line in lines if line.startswith("::warning")]) == github.MOST
    assert "::warning::and 16 more; the summary of the job lists all" in lines


def test_an_annotation_cannot_be_left_by_a_message_or_a_path() -> None:
    odd = source("a,b:c%.py", "a0 = 1\n")
    made = plan([odd], [finding(odd, "a0", message="one\n::error::two 100%")])
    first, _ = github.render(_report(made)).splitlines()
    assert first.startswith("::warning file=a%2Cb%3Ac%25.py,line=1,endLine=1,title=")
    assert "one%0A" in first
    assert "100%25" in first


def test_the_summary_of_the_job_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/README.md").write_text("export OPENROUTER_API_KEY=...\n")
    assert app_main([str(tmp_path / "tree"), "--check", "--format", "github"]) == 0
    assert summary.read_text().startswith("before\n## Migration off OpenRouter\n")
    assert "migrate-openrouter:" in capsys.readouterr().out


def test_a_log_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    run = json.loads(sarif.render(_report(_flags(5))))["runs"][0]
    assert len(run["results"]) == 3
    assert "2 more results are left out" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


def test_a_log_names_what_could_not_be_read() -> None:
    problem = Problem(path="b c.py", line=3, message="does not parse", remedy="mend it")
    run = json.loads(sarif.render(_report(plan([CODE], [], problems=(problem,)))))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%20c.py"
    assert notification["message"]["text"] == "does not parse. mend it."


def test_a_key_in_the_code_is_an_error() -> None:
    levels = {sarif.level(row) for row in _report(_flags(1, category=Category.API_KEY_LITERAL))["findings"]}
    assert levels == {"error"}


@pytest.mark.parametrize(("strict", "outcome"), [(True, "failure"), (False, "skipped")])
def test_a_flag_fails_a_test_only_where_it_fails_the_run(strict: bool, outcome: str) -> None:
    suites = ElementTree.fromstring(junit.render(_report(_flags(2)), strict=strict))
    assert len(suites.findall(f".//{outcome}")) == 2


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    made = plan([CODE], [finding(CODE, "a0", message="a\x00b\x1bc")])
    suites = ElementTree.fromstring(junit.render(_report(made), strict=True))
    case = suites.find(".//failure")
    assert case is not None
    assert case.attrib["message"] == "a\ufffdb\ufffdc"


def test_markdown_of_the_repository_is_shown_and_not_obeyed() -> None:
    made = plan([CODE], [finding(CODE, "a0", message="<img src=x> @team [a](b) `c`")])
    page = markdown.render(_report(made))
    assert r"\<img src=x\> \@team \[a\](b) \`c\`" in page


def test_a_code_span_holds_backticks() -> None:
    assert markdown.code("a`b``c") == "```a`b``c```"
    assert markdown.code("`a`") == "`` `a` ``"


def test_a_page_that_is_too_long_is_cut_at_a_line() -> None:
    page = markdown.render(_report(_flags(40)), longest=1_500)
    assert len(page) <= 1_500
    assert page.splitlines()[-1].endswith("more lines are left out; `--format json` has all.*")

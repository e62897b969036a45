"""Rules: ids, texts and fixtures agree."""

from __future__ import annotations

import ast
from pathlib import Path

import migrator
from migrator.catalog import table
from migrator.catalog.rules import RULES, RuleId
from tests.harness import cases

PACKAGE = Path(migrator.__file__).parent
IDS = frozenset(RuleId)


def test_each_rule_has_a_text() -> None:
    assert [row["id"] for row in table("rules")["rule"]] == list(RuleId)
    assert all(rule.title and rule.about for rule in RULES)


def test_each_rule_is_raised_by_a_fixture() -> None:
    """The fixtures' own tests show that an expected finding is there; here each rule has to be expected somewhere."""
    expected = {expected.rule for case in cases() for expected in case.expect}
    assert not sorted(IDS - expected), "rules that no `[[expect]]` of a fixture names"


def test_no_rule_is_spelled_out_where_findings_are_made() -> None:
    """`rule="base-url"` would escape the type checker when a rule is renamed."""
    spelled = [
        f"{path.relative_to(PACKAGE)}:{node.value.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "rule" and isinstance(node.value, ast.Constant) and node.value.value
    ]
    assert not spelled


def test_each_rule_names_the_file_that_makes_its_findings() -> None:
    """Who sees an id in a report finds the code by it: the file is named for the rule, or for the first of a family of rules."""
    for rule in RULES:
        text = (PACKAGE / rule.file).read_text("utf-8")
        assert f"RuleId.{rule.id.name}" in text, f"{rule.id} is not made in {rule.file}"
    files = {rule.file for rule in RULES if rule.file.startswith("findings/")}
    made = {
        path.relative_to(PACKAGE).as_posix()
        for path in (PACKAGE / "findings").rglob("*.py")
        if "RuleId." in path.read_text("utf-8")
    }
    assert made - files <= {"findings/connections/unparsed_languages.py"}, "findings are made in files that no rule names"
    names = {rule.id.replace("-", "_") for rule in RULES}
    others = {Path(file).stem for file in files} - names
    assert others == {"__init__"}, "files of findings that are named for no rule"

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
WAITING = {RuleId.DEPENDENCY}
"""Rules whose first integration is still to be written."""


def test_each_rule_has_a_text() -> None:
    assert [row["id"] for row in table("rules")["rule"]] == list(RuleId)
    assert all(rule.title and rule.about for rule in RULES)


def test_each_rule_is_raised_by_a_fixture() -> None:
    """The fixtures' own tests show that an expected finding is there; here each rule has to be expected somewhere."""
    expected = {expected.rule for case in cases() for expected in case.expect}
    assert not sorted(IDS - expected - WAITING), "rules that no `[[expect]]` of a fixture names"


def test_no_rule_is_spelled_out_where_findings_are_made() -> None:
    """`rule="base-url"` would escape the type checker when a rule is renamed."""
    spelled = [
        f"{path.relative_to(PACKAGE)}:{node.value.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "rule" and isinstance(node.value, ast.Constant)
    ]
    assert not spelled

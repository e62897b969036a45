"""Findings that share a key are one change, as trustworthy as its weakest required part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability, Change, Finding
from migrator.plan.group import group, id_of, title_of
from tests import plans

FILE = plans.source("app.py", "abcdefghij")
SAFE, UNSAFE, MANUAL = Applicability.SAFE, Applicability.UNSAFE, Applicability.MANUAL


def _finding(letter: str, *keys: str, applicability: Applicability = SAFE, **more: Any) -> Finding:
    return plans.finding(FILE, letter, letter.upper(), applicability=applicability, keys=frozenset(keys), because=letter, **more)


def _only(findings: tuple[Finding, ...], *, unsafe: bool = False) -> tuple[tuple[Finding, ...], Change]:
    stands, changes = group(findings, unsafe=unsafe)
    (change,) = changes
    return stands, change


def test_keys_tie_findings_together_over_others() -> None:
    findings = (_finding("a", "1"), _finding("b", "3"), _finding("c", "1", "2"), _finding("d", "2"), _finding("e", "3"))
    _, changes = group(findings, unsafe=False)
    assert [change.findings for change in changes] == [(0, 2, 3), (1, 4)]
    assert all(change.selected and change.applicability is SAFE for change in changes)


def test_findings_with_the_same_keys_are_one_change() -> None:
    _, changes = group((_finding("a", "1", "2"), _finding("b", "1", "2"), _finding("c", "2")), unsafe=False)
    assert [change.findings for change in changes] == [(0, 1, 2)]


def test_what_has_no_edits_belongs_to_no_change() -> None:
    flag = plans.finding(FILE, "b", keys=frozenset("1"))
    stands, change = _only((_finding("a", "1"), flag))
    assert change.findings == (0,)
    assert stands[1] == flag


def test_the_weakest_required_part_decides() -> None:
    findings = (
        _finding("a", "1"),
        _finding("b", "1", applicability=UNSAFE),
        _finding("c", "1", applicability=MANUAL, required=False),
    )
    stands, change = _only(findings)
    assert (change.applicability, change.selected, change.because) == (UNSAFE, False, "b")
    assert [finding.action for finding in stands] == [Action.FLAG] * 3
    assert [finding.because for finding in stands] == ["b"] * 3
    stands, change = _only(findings, unsafe=True)
    assert (change.applicability, change.selected) == (UNSAFE, True)
    assert stands == findings


def test_without_a_required_part_all_decide() -> None:
    findings = (_finding("a", "1", required=False), _finding("b", "1", applicability=MANUAL, required=False))
    assert _only(findings)[1].applicability is MANUAL


def test_a_part_that_stays_keeps_the_others_and_is_named() -> None:
    kept = replace(_finding("b", "1"), action=Action.KEEP, because="a comment says so")
    stands, change = _only((_finding("a", "1"), kept, _finding("c", "1")))
    assert not change.selected
    assert [finding.action for finding in stands] == [Action.FLAG, Action.KEEP, Action.FLAG]
    assert stands[0].because == "part of the change stays, in app.py: a comment says so"
    assert stands[1] == kept


def test_a_kept_part_that_is_not_required_keeps_nothing() -> None:
    kept = replace(_finding("b", "1", required=False), action=Action.KEEP)
    stands, change = _only((_finding("a", "1"), kept))
    assert change.selected
    assert stands[0].action is Action.REWRITE


def test_the_option_is_not_offered_where_it_does_not_help() -> None:
    kept = replace(_finding("b", "1"), action=Action.KEEP, because="stays")
    findings = (_finding("a", "1", applicability=UNSAFE), kept)
    assert _only(findings, unsafe=True)[1].applicability is MANUAL
    assert _only(findings)[1].applicability is UNSAFE


def test_the_reason_told_most_often_of_the_weakest_parts_that_do_not_only_follow() -> None:
    follows = [_finding(letter, "1", applicability=UNSAFE, rule=RuleId.ROUTING) for letter in "abc"]
    follows = [replace(finding, because="follows") for finding in follows]
    once = _finding("d", "1", applicability=UNSAFE)
    twice = [replace(_finding(letter, "1", applicability=UNSAFE), because="twice") for letter in "ef"]
    assert _only((*follows, once, *twice))[1].because == "twice"
    assert _only(tuple(follows))[1].because == "follows"


def test_changes_stand_in_the_order_of_their_first_finding() -> None:
    _, changes = group((_finding("a", "2"), _finding("b", "1"), _finding("c", "2")), unsafe=False)
    assert [change.findings for change in changes] == [(0, 2), (1,)]


def test_an_id_is_that_of_the_keys_whatever_the_order() -> None:
    one, other = _finding("a", "1", "2"), _finding("b", "2")
    assert id_of([one, other]) == id_of([other, one]) == id_of([one])
    assert id_of([one]) != id_of([other])
    assert len(id_of([one])) == 11


@pytest.mark.parametrize(
    ("keys", "rule", "title"),
    [
        (("env:KEY", "url:1"), "base-url", "Move KEY and its addresses (1 file)"),
        (("env:KEY@app", "env:OTHER"), "base-url", "Move KEY, OTHER and their addresses (1 file)"),
        (("url:1",), "base-url", "Move OpenRouter's address (1 file)"),
        (("url:1",), RuleId.ROUTING, "Translate OpenRouter's options for the target (1 file)"),
    ],
)
def test_a_title_names_variables_and_counts_files(keys: tuple[str, ...], rule: str, title: str) -> None:
    finding = _finding("a", *keys, rule=rule)
    assert title_of([finding, _finding("b", *keys, rule=rule)]) == title
    assert title_of([finding, replace(finding, path="other.py")]) == title.replace("1 file", "2 files")

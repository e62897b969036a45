"""What a plan says of the run with `--unsafe`: what it would write beyond this one, and what it too would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability, ConnectionRow, EnvRow, Finding, Plan
from migrator.plan.group import group
from migrator.plan.offered import may_offer, with_offers
from tests import plans

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE
TEXT = "abcdefghij" + " " * 600 + "klmnop"
FILE = plans.source("app.py", TEXT)


def found(letter: str, *keys: str, new: str | None = None, **more: Any) -> Finding:
    """A rewrite of a letter, or a flag at it (`new=""`)."""
    values = {"keys": frozenset(keys), "because": f"why {letter}"} | more
    return plans.finding(FILE, letter, letter.upper() if new is None else new or None, **values)


def planned(findings: Sequence[Finding], *, unsafe: bool, **more: Any) -> Plan:
    stands, changes = group(tuple(findings), unsafe=unsafe)
    return plans.plan([FILE], stands, changes=changes, **more)


def offered(plain: Sequence[Finding], wide: Sequence[Finding], **more: Any) -> Plan:
    result = with_offers(planned(plain, unsafe=False, **more), planned(wide, unsafe=True))
    # what holds of every plan: in the order of places, changes name findings that are there and write nothing of their own accord
    assert list(result.findings) == sorted(
        result.findings, key=lambda each: (each.path, each.span or (-1, -1), each.rule, each.message)
    )
    assert all(change.findings == tuple(sorted(set(change.findings))) for change in result.changes)
    assert len({change.id for change in result.changes}) == len(result.changes)
    return result


def at(plan: Plan, letter: str) -> list[Finding]:
    return [finding for finding in plan.findings if finding.span == plans.span(TEXT, letter)]


def test_only_a_part_that_waits_for_the_option_asks_for_a_second_plan() -> None:
    assert may_offer(planned([found("a", "1", applicability=UNSAFE)], unsafe=False))
    assert not may_offer(planned([found("a", "1")], unsafe=False))
    assert not may_offer(planned([found("a", "1", new="", applicability=UNSAFE)], unsafe=False))


def test_a_change_of_the_other_run_is_offered_and_not_made() -> None:
    both = [found("a", "1"), found("b", "2", applicability=UNSAFE), found("c", "2")]
    result = offered(both, both)
    own, offer = result.changes
    assert (own.selected, own.applicability, own.findings) == (True, SAFE, (0,))
    assert (offer.selected, offer.applicability, offer.findings, offer.because) == (False, UNSAFE, (1, 2), "why b")
    assert [finding.action for finding in result.findings] == [Action.REWRITE, Action.FLAG, Action.FLAG]
    assert [finding.because for finding in result.findings] == ["why a", "why b", "why b"]
    assert [finding.applicability for finding in result.findings[1:]] == [UNSAFE, UNSAFE]
    assert [edit.new for finding in result.findings for edit in finding.edits] == ["A", "B", "C"]
    assert set(result.edits()) == {"app.py"}
    assert [edit.new for edit in result.edits()["app.py"]] == ["A"]


@pytest.mark.parametrize("quiet", ["not required", "a test"])
def test_what_only_follows_is_not_shown_as_open(quiet: str) -> None:
    first, second = found("a", "1", applicability=UNSAFE), found("b", "1", applicability=UNSAFE)
    if quiet == "not required":
        second = replace(second, required=False)
    else:
        edits = tuple(replace(edit, path="tests/test_app.py") for edit in second.edits)
        second = replace(second, path="tests/test_app.py", edits=edits)
    test = plans.source("tests/test_app.py", TEXT)
    plain, wide = (
        plans.plan([FILE, test], stands, changes=changes)
        for stands, changes in (group((first, second), unsafe=False), group((first, second), unsafe=True))
    )
    result = with_offers(plain, wide)
    assert {finding.edits: finding.action for finding in result.findings} == {first.edits: Action.FLAG, second.edits: Action.KEEP}


def test_what_is_written_by_this_run_is_not_offered_again() -> None:
    plain = [found("a", "1")]
    wide = [found("a", "1"), found("b", "1", applicability=UNSAFE)]
    result = offered(plain, wide)
    assert [change.findings for change in result.changes] == [(0,), (1,)]
    assert result.changes[1].id == f"{result.changes[0].id}-unsafe"
    assert [finding.action for finding in result.findings] == [Action.REWRITE, Action.FLAG]
    assert offered(plain, plain).changes == planned(plain, unsafe=False).changes


def test_what_is_sound_and_follows_is_told_with_the_reason_of_this_plan() -> None:
    plain = [found("a", new="", because="waits for the key", rule="env-rename"), found("b", "2", applicability=UNSAFE)]
    wide = [found("a", "1", rule="env-rename"), found("b", "2", applicability=UNSAFE)]
    result = offered(plain, wide)
    (about,) = at(result, "a")
    assert (about.because, about.action) == ("waits for the key", Action.FLAG)
    assert {change.because for change in result.changes} == {"waits for the key", "why b"}


def test_of_places_held_back_in_both_the_reason_of_the_other_run_remains() -> None:
    held = RuleId.BASE_URL_HELD
    plain = [found("a", new="", rule=held, because="as the option is not given"), found("k", "2", applicability=UNSAFE)]
    wide = [found("a", new="", rule=held, because="as a person has to look"), found("k", "2", applicability=UNSAFE)]
    (about,) = at(offered(plain, wide), "a")
    assert about.because == "as a person has to look"
    moved = [found("a", new="", rule="url-check", because="as a person has to look"), found("k", "2", applicability=UNSAFE)]
    (about,) = at(offered(plain, moved), "a")
    assert (about.rule, about.because) == ("url-check", "as a person has to look")


def test_what_the_other_run_alone_holds_back_is_told() -> None:
    plain = [found("k", "2", applicability=UNSAFE)]
    wide = [*plain, found("b", new="", rule=RuleId.ENV_HELD), found("c", new="", rule="url-check")]
    result = offered(plain, wide)
    assert [finding.rule for finding in at(result, "b")] == [RuleId.ENV_HELD]
    assert at(result, "c") == []


def test_what_is_no_change_of_either_stays_as_it_is_told_here() -> None:
    own = found("c", new="", rule="url-check", because="told here")
    plain = [own, own, found("k", "2", applicability=UNSAFE)]
    wide = [replace(own, because="told there"), found("k", "2", applicability=UNSAFE)]
    assert at(offered(plain, wide), "c") == [own]


def test_what_neither_makes_is_told_without_its_edits() -> None:
    waits = found("d", "3", applicability=Applicability.MANUAL)
    kept = replace(found("e", "4", applicability=UNSAFE), action=Action.KEEP, because="a comment says so")
    both = [waits, kept, found("k", "2", applicability=UNSAFE)]
    result = offered(both, both)
    assert at(result, "d")[0].action is Action.FLAG
    (about,) = at(result, "e")
    assert (about.action, about.because, about.edits) == (Action.KEEP, "a comment says so", ())


def test_a_finding_for_the_whole_file_and_places_far_apart() -> None:
    whole = replace(found("a", new="", rule=RuleId.HOLDS_BACK, because="here"), span=None)
    long = replace(found("b", new="", rule=RuleId.BASE_URL_HELD), span=plans.span(TEXT, TEXT[1:612]))
    plain = [whole, long, found("o", "2", applicability=UNSAFE)]
    wide = [
        replace(whole, because="there"),
        found("p", new="", rule="url-check", because="inside"),
        found("o", "2", applicability=UNSAFE),
    ]
    result = offered(plain, wide)
    assert [finding.because for finding in result.findings if finding.span is None] == ["there"]
    assert [finding.rule for finding in at(result, "p")] == []  # behind the long one
    inside = [replace(wide[1], span=plans.span(TEXT, "k"))]
    result = offered(plain, [wide[0], *inside, wide[2]])
    assert [finding.because for finding in at(result, "k")] == ["inside"]
    assert [finding for finding in result.findings if finding.span == long.span] == []


def test_variables_and_connections_are_told_with_what_remains_to_be_settled() -> None:
    def env(name: str, decision: str, because: str, new: str | None = None) -> EnvRow:
        return EnvRow(name=name, new_name=new, decision=decision, because=because, readers=(), definers=())

    def connection(line: int, decision: str, because: str) -> ConnectionRow:
        return ConnectionRow(
            path="app.py", line=line, client="openai", url_from="", key_from="", decision=decision, because=because
        )

    both = [found("a", "1", applicability=UNSAFE)]
    plain = planned(
        both,
        unsafe=False,
        env=(env("A", "manual", "here"), env("B", "manual", "here"), env("C", "keep", "here")),
        connections=(connection(1, "flag", "here"), connection(2, "flag", "here"), connection(3, "keep", "here")),
    )
    wide = planned(
        both,
        unsafe=True,
        env=(
            env("A", "manual", "there"),
            env("B", "rename", "there", "NEW"),
            env("C", "manual", "there"),
            env("D", "keep", "there"),
        ),
        connections=(connection(1, "flag", "there"), connection(2, "rewrite", "there"), connection(3, "flag", "there")),
    )
    result = with_offers(plain, wide)
    assert [(row.name, row.because) for row in result.env] == [("A", "there"), ("B", "here"), ("C", "here")]
    assert [(row.line, row.because) for row in result.connections] == [(1, "there"), (2, "here"), (3, "here")]
    assert [row.name for row in result.offered_env] == ["B"]
    assert with_offers(wide, wide).offered_env == ()


def test_texts_and_digests_of_edited_files_are_those_of_both() -> None:
    other = plans.source("other.py", "x")
    seen = plans.source("seen.py", "y")
    edit = plans.finding(other, "x", "X", keys=frozenset("9"), applicability=UNSAFE)
    flagged = plans.finding(seen, "y", rule="url-check")
    stands, changes = group((found("a", "1"), edit, flagged), unsafe=True)
    wide = plans.plan([FILE, other, seen], stands, changes=changes)
    wide = replace(wide, digests={**wide.digests, "seen.py": seen.digest})
    result = with_offers(planned([found("a", "1")], unsafe=False), wide)
    assert result.digests == {"app.py": FILE.digest, "other.py": other.digest}
    assert set(result.sources) == {"app.py", "other.py", "seen.py"}

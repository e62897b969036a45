"""Laws over all fixtures together, and proof that the harness itself would notice each breach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from migrator.catalog.rules import RULES
from migrator.model import Action, Applicability, Edit, Plan
from migrator.plan.file import dump
from migrator.reports import sarif
from tests import harness
from tests.harness import FIXTURES, Case, Entry, Run, cases, planned

_SHOWN_ONLY = frozenset({"readme/example"})
"""The README runs it for the reader; nothing is compared."""


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """The plan of every fixture."""
    scratch = tmp_path_factory.mktemp("plans")
    return {case.id: planned(case, scratch / str(index))[0] for index, case in enumerate(cases())}


def test_every_tree_is_a_case() -> None:
    trees = {
        folder.parent.relative_to(FIXTURES).as_posix() for depth in ("*/*", "*/*/*") for folder in FIXTURES.glob(f"{depth}/before")
    }
    assert trees - _SHOWN_ONLY == {case.id for case in cases()}


def test_a_third_of_all_fixtures_say_what_must_stay() -> None:
    """Refusals, and trees of which a part stays: a connection is decided by itself, so most trees that refuse something move the rest."""
    every = cases()
    stays = [case for case in every if case.refusal or any(wanted.action != Action.REWRITE for wanted in case.expect)]
    assert 3 * len(stays) >= len(every), f"{len(stays)} of {len(every)}"
    refusals = [case for case in every if case.refusal]
    assert 4 * len(refusals) >= len(every), f"{len(refusals)} of {len(every)}"


def test_a_refusal_says_why(plans: dict[str, Plan]) -> None:
    """Something is expected of each, so that a tree that was overlooked does not pass for one that was understood."""
    silent = [case.id for case in cases() if case.refusal and not (case.expect or case.never or case.quiet or case.todo)]
    assert not silent


def test_every_rule_that_speaks_is_listed_and_tried_both_ways(plans: dict[str, Plan]) -> None:
    spoken = {finding.rule for plan in plans.values() for finding in plan.findings if finding.action is not Action.KEEP}
    does = {want.rule for case in cases() for want in case.expect if want.action != Action.KEEP}
    does_not = {rule for case in cases() for rule in case.never}
    known = {rule.id for rule in RULES}
    breaches = {
        "speak but `explain` does not know them": spoken - known,
        "are named with their id in no [[expect]]": spoken - does,
        "are named in no `never`": spoken - does_not,
        "are named in a `never` and do not exist": does_not - known,
    }
    assert not [f"{', '.join(sorted(rules))} {what}" for what, rules in breaches.items() if rules]


_PLAN_ALL = """
import json, sys
from hashlib import sha256
from pathlib import Path
from migrator.plan.file import dump
from tests.harness import cases, planned
scratch = Path(sys.argv[1])
some = [case for case in cases() if case.id in set(json.loads(sys.argv[2]))]
json.dump({case.id: sha256(dump(planned(case, scratch / str(i))[0]).encode()).hexdigest() for i, case in enumerate(some)}, sys.stdout)
"""


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_hash_seeds_do_not_change_a_plan(seed: str, plans: dict[str, Plan], tmp_path: Path) -> None:
    some = sorted(plans)[int(seed) % 3 :: 3]
    done = subprocess.run(
        [sys.executable, "-c", _PLAN_ALL, str(tmp_path), json.dumps(some)],
        cwd=FIXTURES.parent,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(FIXTURES.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {name: sha256(dump(plans[name]).encode()).hexdigest() for name in some}


# -- the harness would notice ------------------------------------------------------------------------------------------------------

CLIENT = """import os

from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
"""
MOVED = CLIENT.replace("openrouter.ai", "synapse.garden").replace('"OPENROUTER_API_KEY"', '"MG_KEY"')


@pytest.fixture
def done(tmp_path: Path) -> Run:
    """A sound run to be spoilt."""
    case = _case(tmp_path / "case", {"app.py": CLIENT, ".env": "OPENROUTER_API_KEY=@@REAL_KEY@@\n"}, {"app.py": MOVED})
    (case.folder / "after/.env").write_text("# OPENROUTER_API_KEY=@@REAL_KEY@@\nMG_KEY=\n")
    run = harness.run(case, tmp_path / "scratch")
    assert not [complaint for law in harness.LAWS for complaint in law(run)]
    return run


def _case(folder: Path, before: dict[str, str], after: dict[str, str] | None, more: str = "") -> Case:
    for name, files in (("before", before), ("after", after or {})):
        for path, text in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
    (folder / "case.toml").write_text(f'title = "made for a test"\n{more}')
    return harness.read(folder)


def _changed(run: Run, path: str, old: bytes, new: bytes) -> dict[str, Any]:
    entry = run.after[path]
    assert old in entry.data
    return {"after": {**run.after, path: Entry(entry.data.replace(old, new), entry.mode)}}


def _half_moved(run: Run) -> dict[str, Any]:
    """The key moved and the address did not."""
    spoilt = _changed(run, "app.py", b"synapse.garden", b"openrouter.ai")
    assert run.swapped is not None
    return spoilt


def _leaky(run: Run) -> dict[str, Any]:
    finding = replace(run.plan.findings[0], message=f"found {run.secrets[0]}")
    plan = replace(run.plan, findings=(finding, *run.plan.findings[1:]))
    return {"plan": plan, "loaded": plan, "saved": dump(plan)}


def _silent(run: Run) -> dict[str, Any]:
    return {"plan": replace(run.plan, findings=(), changes=())}


def _offering(run: Run) -> Plan:
    """A change is offered that no run makes."""
    at = run.plan.changes[0].findings[0]
    edit = replace(run.plan.findings[at].edits[0], new="other")
    findings = tuple(replace(each, edits=(edit,)) if index == at else each for index, each in enumerate(run.plan.findings))
    change = replace(run.plan.changes[0], selected=False, applicability=Applicability.UNSAFE)
    return replace(run.plan, findings=findings, changes=(change, *run.plan.changes[1:]))


def _greedy(run: Run) -> dict[str, Any]:
    """A rewrite is left over for a second run."""
    finding = replace(run.plan.findings[0], action=Action.REWRITE, applicability=Applicability.SAFE)
    return {"again": replace(run.again, findings=(finding,))}


BREACHES: dict[str, tuple[Callable[[Run], dict[str, Any]], str]] = {
    "another text": (lambda run: _changed(run, "app.py", b"MG_KEY", b"MG_KEYS"), "result_is_as_written"),
    "a file too many": (lambda run: {"after": {**run.after, "app.py.bak": Entry(b"", 0o644)}}, "result_is_as_written"),
    "work left over": (_greedy, "second_run_finds_nothing"),
    "undo forgets a byte": (lambda run: {"restored": {**run.restored, ".env": Entry(b"", 0o644)}}, "undo_restores"),
    "undo forgets a mode": (
        lambda run: {"restored": {**run.restored, ".env": replace(run.restored[".env"], mode=0o640)}},
        "undo_restores",
    ),
    "saving loses something": (lambda run: {"loaded": replace(run.loaded, todo=())}, "plan_survives_saving"),
    "broken syntax": (lambda run: _changed(run, "app.py", b"client =", b"client = ="), "what_parsed_still_does"),
    "an unplanned byte": (lambda run: _changed(run, "app.py", b"\n\nfrom", b"\nfrom"), "only_planned_bytes_change"),
    "line ends": (lambda run: _changed(run, ".env", b"\n", b"\r\n"), "only_planned_bytes_change"),
    "order matters": (lambda run: {"turned": replace(run.turned, todo=())}, "order_does_not_matter"),
    "a secret in a message": (_leaky, "no_secret_comes_out"),
    "a secret in the journal": (lambda run: {"journals": run.journals + run.secrets[0]}, "no_secret_comes_out"),
    "a path of this machine": (
        lambda run: {"saved": run.saved + run.root},
        "no_secret_comes_out",
    ),
    "an offer that is not kept": (lambda run: {"plan": _offering(run)}, "what_is_offered_is_what_unsafe_writes"),
    "an offer that is not told": (lambda run: {"plan": replace(run.plan, changes=())}, "what_is_offered_is_what_unsafe_writes"),
    "mentions in silence": (_silent, "report_holds_its_contract"),
    "the new key to the old host": (_half_moved, "no_key_goes_to_the_wrong_host"),
    "the old key to the new host": (
        lambda run: {"plan": replace(run.plan, env=()), "swapped": _with_key(run, "OPENROUTER_API_KEY")},
        "no_key_goes_to_the_wrong_host",
    ),
}


def _with_key(run: Run, name: str) -> Plan:
    assert run.swapped is not None
    assert run.swapped.connections
    return replace(run.swapped, connections=tuple(replace(row, key_from=f"env {name}") for row in run.swapped.connections))


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_noticed(breach: str, done: Run) -> None:
    spoil, law = BREACHES[breach]
    spoilt = replace(done, **spoil(done))
    assert list(getattr(harness, law)(spoilt)), f"{law} did not notice"


def test_a_format_that_leaves_a_finding_out_is_noticed(done: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sarif.render
    monkeypatch.setattr(sarif, "render", lambda report: whole({**report, "findings": report["findings"][1:]}))
    assert list(harness.every_format_says_the_same(done))


def test_an_edit_that_was_never_made_is_noticed(done: Run) -> None:
    text = done.plan.sources["app.py"].text
    at = text.index("client")
    extra = Edit(path="app.py", span=type(done.plan.findings[0].edits[0].span)(at, at + 6), old="client", new="c")
    change = done.plan.changes[0]
    finding = done.plan.findings[change.findings[0]]
    findings = list(done.plan.findings)
    findings[change.findings[0]] = replace(finding, edits=(*finding.edits, extra))
    assert list(harness.only_planned_bytes_change(replace(done, plan=replace(done.plan, findings=tuple(findings)))))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[[expect]]\npath = "app.py"\nline = 4\naction = "flag"\n', "no finding is"),
        ('[[expect]]\npath = "app.py"\nline = 5\naction = "rewrite"\nrule = "sdk"\n', "no finding is"),
        ('never = ["base-url"]\n', "must not speak here"),
        ('[[todo]]\ncontains = "water the plants"\n', "no chore says"),
    ],
)
def test_an_expectation_that_fails_is_a_complaint(more: str, says: str, tmp_path: Path) -> None:
    case = _case(tmp_path / "case", {"app.py": CLIENT}, {"app.py": MOVED}, more)
    found = harness.complaints(case, tmp_path / "scratch")
    assert [complaint for complaint in found if complaint.startswith("expectations_hold") and says in complaint]
    assert len(found) == 1


def test_a_flag_breaks_a_quiet_fixture(tmp_path: Path) -> None:
    case = _case(tmp_path / "case", {"app.py": 'KEY = "@@REAL_KEY@@"\nOPENROUTER = 1\n'}, None, "quiet = true\n")
    assert any("nothing should be flagged" in complaint for complaint in harness.complaints(case, tmp_path / "scratch"))


def test_a_misspelt_key_of_a_case_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expects"):
        _case(tmp_path / "case", {"app.py": ""}, None, "[[expects]]\npath = 1\n")

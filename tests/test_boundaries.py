"""A fault planted in any stage costs the file it shows at: exit 3, the file is named, everything that does not hang on it is done."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.__main__ import main
from migrator.catalog import targets
from migrator.model import Action, Plan
from migrator.options import Options
from migrator.plan.boundaries import MAX_LOST, _stage, fault, without_faulty
from migrator.plan.pipeline import make_plan

GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
BAD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_KEY_OF_BAD"])\n'
OTHER = "bad.py"
BUILD = "migrator.plan.build"


class Planted(Exception):  # noqa: N818
    """A fault of the tool; its words quote a file."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "good.py").write_text(GOOD, "utf-8")
    (root / OTHER).write_text(BAD, "utf-8")
    return root


def _path_of(*values: object) -> str | None:
    """The path of whatever a stage was given first that has one."""
    for value in values:
        for holder in (value, getattr(value, "fact", None), getattr(value, "source", None), getattr(value, "file", None)):
            path = getattr(holder, "path", None)
            if isinstance(path, str):
                return path
    return None


def _planted(monkeypatch: pytest.MonkeyPatch, module: str, name: str, error: Callable[[], BaseException]) -> None:
    """Let a function of a stage fail when it works on `OTHER`; `path` is the local that gives it away, as in most of our code."""
    import importlib

    whole = importlib.import_module(module)
    real = getattr(whole, name)

    def failing(*values: Any, **more: Any) -> Any:
        path = next((value for value in values if isinstance(value, str) and value == OTHER), None) or _path_of(*values)
        language = getattr(getattr(values[0], "module", None), "language", "")
        if path == OTHER and language != "unread":
            raise error()
        return real(*values, **more)

    monkeypatch.setattr(whole, name, failing)


STAGES = {
    "decode": ("migrator.plan.build", "decode"),
    "lower": ("migrator.formats", "lower"),
    "facts": ("migrator.plan.build", "read"),
}
ERRORS: dict[str, Callable[[], BaseException]] = {
    "an error": lambda: Planted("sk-or-v1-" + "0" * 64),
    "too deep": lambda: RecursionError("too deep"),
    "an assertion": lambda: AssertionError("never"),
    "no memory": lambda: MemoryError(),
}


def _plan(root: Path) -> Plan:
    return make_plan(root, [root], Options(target=targets.load()))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", ERRORS)
def test_a_fault_costs_its_file_only(tree: Path, monkeypatch: pytest.MonkeyPatch, stage: str, kind: str) -> None:
    _planted(monkeypatch, *STAGES[stage], ERRORS[kind])
    plan = _plan(tree)
    assert [problem.path for problem in plan.problems] == [OTHER]
    problem = plan.problems[0]
    assert "internal error" in problem.message
    assert "sk-or" not in problem.message
    assert "report this" in problem.remedy
    assert f"--exclude {OTHER}" in problem.remedy
    assert set(plan.edits()) == {"good.py"}
    flags = [finding.rule for finding in plan.findings if finding.path == OTHER and finding.action is Action.FLAG]
    assert "not-read" in flags


def test_the_run_ends_with_three_and_writes_the_others(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    _planted(monkeypatch, *STAGES["lower"], ERRORS["an error"])
    assert main([str(tree), "-q"]) == 3
    assert "synapse" in (tree / "good.py").read_text("utf-8")
    assert (tree / OTHER).read_text("utf-8") == BAD
    said = capsys.readouterr().err
    assert OTHER in said
    assert "report this" in said


@pytest.mark.parametrize(
    "module", ["migrator.findings", "migrator.findings.routing_blocks", "migrator.analysis.build.staying_readers"]
)
def test_a_stage_over_the_whole_tree_finds_its_file_from_the_traceback(
    tree: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    def look_at(fact: object) -> None:
        raise Planted(str(fact))

    def failing(analysis: Any, *_more: object) -> Any:
        for facts in analysis.facts.values():
            for fact in facts.envs:
                if fact.path == OTHER and fact.how != "unread":
                    look_at(fact)

    match module.rpartition(".")[2]:
        case "findings":
            real = vars(sys.modules[BUILD])["report"]
            monkeypatch.setattr(f"{BUILD}.report", lambda analysis: failing(analysis) or real(analysis))
        case _:
            monkeypatch.setattr(module, lambda analysis: failing(analysis) or ())
    plan = _plan(tree)
    assert [problem.path for problem in plan.problems] == [OTHER]


def test_a_fault_that_names_no_file_is_found_by_halves(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        (tree / f"more{number}.py").write_text(GOOD, "utf-8")

    def failing(analysis: Any) -> None:
        if any(
            len(facts.envs) and "OF_BAD" in facts.envs[0].name and facts.envs[0].how != "unread"
            for facts in analysis.facts.values()
        ):
            del analysis
            raise Planted

    real = vars(sys.modules[BUILD])["report"]

    def both(analysis: Any) -> Any:
        failing(analysis)
        return real(analysis)

    monkeypatch.setattr(f"{BUILD}.report", both)
    plan = _plan(tree)
    assert [problem.path for problem in plan.problems] == [OTHER]
    assert len(plan.edits()) >= 9


def test_a_fault_of_the_run_itself_is_not_blamed_on_a_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_analysis: object) -> None:
        raise Planted

    monkeypatch.setattr(f"{BUILD}.report", failing)
    with pytest.raises(Planted):
        _plan(tree)


def test_a_fault_while_the_new_text_is_read_again_costs_its_change(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from migrator.apply.apply import apply

    plan = _plan(tree)

    def reparse(source: Any) -> None:
        if source.path == OTHER:
            raise Planted("sk-or-v1-" + "0" * 64)

    done = apply(plan, tree, state=tmp_path / "state", reparse=reparse)
    assert OTHER in {problem.path for problem in done.undone}
    assert OTHER not in done.written
    assert all("sk-or" not in problem.message for problem in done.undone)


def test_what_talks_to_the_target_already_is_read_within_a_boundary(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from migrator.lifecycle.already_migrated import look

    shutil.copy(tree / OTHER, tree / "kept.txt")
    for name in ("good.py", OTHER):
        text = (tree / name).read_text("utf-8").replace("openrouter.ai", "synapse.garden")
        (tree / name).write_text(text, "utf-8")
    _planted(monkeypatch, "migrator.formats", "lower", ERRORS["an error"])
    moved = look(tree, [tree], Options(target=targets.load()))
    assert [problem.path for problem in moved.problems] == [OTHER]
    assert "good.py" in moved.sources


def _failing_at(*bad: str) -> Callable[[frozenset[str]], list[str]]:
    """Stages over `good`, `b0`, `b1`, … that fail while a bad one is not left out."""

    def run(lost: frozenset[str]) -> list[str]:
        for path in bad:
            if path not in lost:
                raise Planted(path)
        return sorted(lost)

    return run


def test_each_file_that_is_to_blame_is_left_out() -> None:
    done, lost = without_faulty(_failing_at("b1", "b2"), ["good", "b1", "b2"])
    assert done == ["b1", "b2"]
    assert list(lost) == ["b1", "b2"]
    assert without_faulty(_failing_at(), ["good"]) == ([], {})


@pytest.mark.parametrize(("number", "ends"), [(MAX_LOST, True), (MAX_LOST + 1, False)])
def test_a_fault_that_shows_at_too_many_files_is_one_of_the_run(number: int, ends: bool) -> None:
    bad = [f"b{index}" for index in range(number)]
    if ends:
        assert len(without_faulty(_failing_at(*bad), bad)[1]) == number
        return
    with pytest.raises(Planted):
        without_faulty(_failing_at(*bad), bad)


def test_the_innermost_function_that_knows_a_file_is_asked() -> None:
    def inner(path: str) -> None:
        raise Planted

    def run(lost: frozenset[str]) -> int:
        path = "good"
        if "bad" not in lost:
            inner("bad")
        return len(path)

    assert list(without_faulty(run, ["good", "bad"])[1]) == ["bad"]


def test_the_file_is_told_by_what_is_worked_on() -> None:
    class Holder:
        def __init__(self, path: object) -> None:
            self.path = path

    class Site:
        def __init__(self, path: object) -> None:
            self.site = Holder(path)

    def run(lost: frozenset[str]) -> int:
        other, site = Holder(3), Site("bad")
        if "bad" not in lost:
            raise Planted
        return len((other, site))

    assert list(without_faulty(run, ["good", "bad"])[1]) == ["bad"]


@pytest.mark.parametrize("name", ["fact", "file", "source", "scope", "connection", "site", "walk"])
def test_the_file_is_told_by_what_leads_to_it(name: str) -> None:
    class Holder:
        path = "bad"

    class Worked:
        def __init__(self) -> None:
            setattr(self, name, Holder())

    def run(lost: frozenset[str]) -> int:
        worked = Worked()
        if "bad" not in lost:
            raise Planted
        return len((worked,))

    paths = ["good", "bad", *(f"more{number}" for number in range(5))]
    assert list(without_faulty(run, paths)[1]) == ["bad"]


def test_several_files_are_found_by_halves() -> None:
    def run(lost: frozenset[str]) -> int:
        missing = 2 - sum(ord(each) in (98, 100) for each in lost)
        if missing:
            del lost
            raise Planted
        return 0

    with pytest.raises(Planted):  # with one left out it still fails: no single file is to blame
        without_faulty(run, ["a", "b", "c", "d"])
    assert list(without_faulty(lambda lost: run(lost | {"b"}), ["a", "c", "d"])[1]) == ["d"]


def test_the_last_file_of_three_is_found_by_halves() -> None:
    for bad in ("a", "b", "c"):

        def run(lost: frozenset[str], bad: str = bad) -> int:
            if not any(ord(each) == ord(bad) for each in lost):
                del lost
                raise Planted
            return 0

        assert list(without_faulty(run, ["a", "b", "c"])[1]) == [bad]


@pytest.mark.parametrize("bad", range(12))
def test_each_file_of_many_is_found_by_halves(bad: int) -> None:
    def run(lost: frozenset[str]) -> int:
        if f"f{bad}" not in lost:
            del lost
            raise Planted
        return 0

    assert list(without_faulty(run, [f"f{number}" for number in range(12)])[1]) == [f"f{bad}"]


def test_a_fault_that_stays_when_its_file_is_left_out_is_one_of_the_run() -> None:
    calls = 0

    def run(lost: frozenset[str]) -> int:
        nonlocal calls
        calls += 1
        path = "bad"
        raise Planted(path)

    with pytest.raises(Planted):
        without_faulty(run, ["good", "bad"])
    assert calls < 10


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (["plan/build.py:1", "findings/__init__.py:2", "findings/models/routing.py:3", "analysis/moves.py:4"], "findings/__init__"),
        (["plan/build.py:1", "analysis/build.py:2", "routing/find/search.py:3", "routing/find/site.py:4"], "routing/find/site"),
        (["plan/build.py:1", "analysis/build.py:2", "analysis/moves.py:3", "text/splice.py:4"], "analysis/moves"),
        (["plan/build.py:1", "facts/read.py:2", "facts/clients.py:3", "resolve/follow/names.py:4"], "facts/clients"),
        (["plan/build.py:1", "resolve/scopes.py:2", "formats/tree.py:3"], "resolve/scopes"),
        (["plan/build.py:1", "formats/detect.py:2", "formats/python/lower.py:3", "text/source.py:4"], "formats/python/lower"),
        (["plan/build.py:1", "text/source.py:2", "text/splice.py:3"], "text/splice"),
        (["plan/boundaries.py:1", "plan/build.py:2", "plan/group.py:3"], "plan/build"),
    ],
)
def test_the_stage_that_says_most_is_named(frames: list[str], said: str) -> None:
    assert _stage(frames) == f" in {said}"


def test_a_fault_outside_of_all_stages_names_none() -> None:
    assert _stage(["plan/boundaries.py:1", "discover/files.py:2"]) == ""


def test_a_fault_names_its_stage_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / OTHER).write_text(BAD, "utf-8")
    monkeypatch.setattr("migrator.formats.lower", None)
    (problem,) = _plan(tmp_path).problems
    assert "internal error of this tool in plan/" in problem.message
    assert "(TypeError at plan/" in problem.message
    assert fault(OTHER, Planted()).message.count("(Planted)") == 1
    assert fault(OTHER, Planted()).message.startswith("an internal error of this tool (Planted); ")

"""Which files of a tree take part in a plan, by what was given and what the user leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.model import MigratorError, Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan

CLIENT = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
READER = 'import os\nprint(os.environ["OPENROUTER_API_KEY"])\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "tree"
    for name, text in {
        "app/main.py": CLIENT,
        "app/other.py": READER,
        "tools/check.py": READER,
        "docker-compose.yml": "services:\n  app:\n    environment:\n      OPENROUTER_API_KEY: ${OPENROUTER_API_KEY}\n",
        "plain.py": "print(1)\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def planned(tree: Path, *given: str, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Plan:
    options = Options(target=targets.load(), include=tuple(include), exclude=tuple(exclude))
    return make_plan(tree, [tree / path for path in given or (".",)], options)


def decision(plan: Plan, name: str = "OPENROUTER_API_KEY") -> tuple[str, set[str]]:
    (row,) = (row for row in plan.env if row.name == name)
    return row.decision, {place.path for place in (*row.readers, *row.definers)}


def test_a_pattern_that_matches_nothing_is_refused_and_one_that_does_is_not(tree: Path) -> None:
    assert set(planned(tree, include=["app/*.py"]).edits()) <= {"app/main.py", "app/other.py"}
    with pytest.raises(MigratorError, match=r"--include none/\*\.py: no file that may be looked at matches"):
        planned(tree, include=["none/*.py"])


def test_a_whole_tree_moves_whole(tree: Path) -> None:
    plan = planned(tree)
    assert set(plan.edits()) == {"app/main.py", "app/other.py", "tools/check.py", "docker-compose.yml"}
    assert decision(plan)[0] == "rename"
    assert plan.scanned == 5
    assert plan.matched == 4


def test_what_reads_a_variable_beside_given_files_is_read_and_not_edited(tree: Path) -> None:
    plan = planned(tree, "app/main.py")
    assert set(plan.edits()) <= {"app/main.py"}
    assert decision(plan)[0] != "rename"
    assert "tools/check.py" in plan.named or "tools/check.py" in str(plan.env)


def test_around_a_folder_counts_what_can_set_its_variables(tree: Path) -> None:
    plan = planned(tree, "app")
    assert set(plan.edits()) <= {"app/main.py", "app/other.py"}
    assert "docker-compose.yml" in str(plan.env)
    assert "tools/check.py" not in str(plan.env)


def test_what_is_left_out_keeps_its_variable(tree: Path) -> None:
    plan = planned(tree, exclude=["tools/*"])
    assert "tools/check.py" not in plan.edits()
    assert ("tools/check.py", "left out with --exclude; names OpenRouter") in {(skip.path, skip.reason) for skip in plan.skipped}
    assert decision(plan)[0] != "rename"


def test_a_tree_without_a_word_of_it_is_an_empty_plan(tree: Path) -> None:
    plan = planned(tree, "plain.py")
    assert (plan.edits(), plan.findings, plan.scanned, plan.matched) == ({}, (), 1, 0)

"""A file that changes and has another name outside of the tree is said: what stands under that name changes too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.hard_links import linked_outside
from migrator.plan.pipeline import make_plan

GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'

pytestmark = pytest.mark.skipif(not hasattr(os, "link"), reason="needs hard links")


def _tree(tmp_path: Path, names: int, *, outside: bool) -> Path:
    root, other = tmp_path / "tree", tmp_path / ("other" if outside else "tree")
    root.mkdir()
    other.mkdir(exist_ok=True)
    for number in range(names):
        (root / f"{number}.py").write_text(GOOD, "utf-8")
        os.link(root / f"{number}.py", other / f"twin{number}.py")
    return root


@pytest.mark.parametrize(("names", "shown", "more"), [(1, 1, ""), (5, 5, ""), (6, 5, "and 1 more"), (8, 5, "and 3 more")])
def test_names_outside_are_told_with_some_of_the_files(tmp_path: Path, names: int, shown: int, more: str) -> None:
    root = _tree(tmp_path, names, outside=True)
    (todo,) = linked_outside(root, [f"{number}.py" for number in range(names)])
    assert ("0.py" if names == 1 else f"{names} files") in todo.title
    listed = todo.detail.partition(":")[0]
    assert listed.count(".py") == shown
    assert ("more" in listed) == bool(more)
    assert more in listed


def test_names_that_change_together_are_no_matter(tmp_path: Path) -> None:
    root = _tree(tmp_path, 2, outside=False)
    assert not list(linked_outside(root, ["gone.py", "0.py", "1.py", "gone.py", "twin0.py", "twin1.py"]))
    (todo,) = linked_outside(root, ["0.py", "1.py", "twin0.py"])
    assert "1.py" in todo.title


def test_a_plan_tells_it(tmp_path: Path) -> None:
    plan = make_plan(_tree(tmp_path, 1, outside=True), [tmp_path / "tree"], Options(target=targets.load()))
    assert any("hard links" in todo.detail for todo in plan.todo)


def test_a_file_with_one_name_a_link_and_a_folder_are_no_matter(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    (root / "folder").mkdir(parents=True)
    (root / "one.py").write_text(GOOD, "utf-8")
    (root / "link.py").symlink_to("one.py")
    assert not list(linked_outside(root, ["one.py", "link.py", "folder"]))

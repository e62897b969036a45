"""What a run leaves for a person stays open until it is done: the ledger, the receipt, `done`, `--check --strict`."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from migrator.apply import journal
from migrator.cli.app import app_main
from migrator.lifecycle import open_items
from tests.plans import OLD

CODE = f"""import os
from openai import OpenAI

client = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])
print(client.models.list())
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(CODE)
    (root / ".env.example").write_text("OPENROUTER_API_KEY=\n")
    return root


def _strict(tree: Path, *more: str) -> int:
    return app_main([str(tree), "--check", "--strict", *more])


def test_a_run_leaves_open_items_until_each_is_done(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    assert _strict(tree) == 1
    items = open_items.read(tree).open()
    assert items
    out = capsys.readouterr().out
    assert all(item.id[:8] in out for item in items)
    for item in items:
        assert _strict(tree) == 1
        assert app_main(["done", item.id[:8], "--path", str(tree)]) == 0
    assert _strict(tree) == 0


def test_a_dry_run_shows_and_reports_what_is_open(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    capsys.readouterr()
    assert app_main([str(tree), "--dry-run"]) == 0
    assert "STILL OPEN FROM AN EARLIER RUN" in capsys.readouterr().out
    assert app_main([str(tree), "--dry-run", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {row["id"] for row in report["open"]} == {item.id for item in open_items.read(tree).open()}


def test_undo_takes_the_items_of_its_run_back(tree: Path) -> None:
    assert app_main([str(tree)]) == 0
    assert app_main(["undo", str(tree)]) == 0
    assert not open_items.read(tree).items


def test_done_lists_what_is_open_and_refuses_what_it_does_not_know(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    capsys.readouterr()
    assert app_main(["done", "--path", str(tree)]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) >= len(open_items.read(tree).open())
    assert app_main(["done", "ffffffff", "--path", str(tree)]) == 2
    assert "no such item" in capsys.readouterr().err


def test_retire_lists_what_is_open(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    capsys.readouterr()
    assert app_main(["retire", str(tree), "--no-history"]) == 1
    page = capsys.readouterr().out
    for item in open_items.read(tree).open():
        assert item.title in page


def test_the_list_is_private_and_lies_outside_the_tree(tree: Path) -> None:
    before = {path.name for path in tree.iterdir()}
    assert app_main([str(tree)]) == 0
    path = journal.place_of(tree.resolve(), None) / "open.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in tree.iterdir()} == before


@pytest.mark.parametrize(
    "text", ["", "{}", '{"format": "x"}', '{"format": "migrate-openrouter/open/1", "items": [1], "marked": []}']
)
def test_a_broken_list_is_named(text: str, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    path = journal.place_of(tree.resolve(), None) / "open.json"
    path.write_text(text)
    assert app_main([str(tree), "--check"]) == 2
    assert str(path) in capsys.readouterr().err


def test_a_receipt_is_written_ticked_and_read(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = tmp_path / "receipt.md"
    assert app_main([str(tree), "--receipt", str(receipt)]) == 0
    # another machine: it has the receipt and no list
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "elsewhere"))
    assert _strict(tree, "--receipt", str(receipt)) == 1
    page = receipt.read_text()
    boxes = page.count("- [ ] ")
    assert boxes == len(json.loads(receipt.with_suffix(".json").read_text())["items"])
    receipt.write_text(page.replace("- [ ] ", "- [x] ", boxes - 1))
    assert _strict(tree, "--receipt", str(receipt)) == 1
    receipt.write_text(page.replace("- [ ] ", "- [X] "))
    assert _strict(tree, "--receipt", str(receipt)) == 0


def test_a_receipt_says_what_was_done_and_how_to_take_it_back(tree: Path, tmp_path: Path) -> None:
    assert app_main([str(tree), "--receipt", str(tmp_path / "r")]) == 0
    page = (tmp_path / "r.md").read_text()
    assert f"`migrate-openrouter undo {tree}`" in page
    assert "app.py" in page
    whole = json.loads((tmp_path / "r.json").read_text())
    assert whole["report"]["summary"]["applied"] > 0
    assert re.fullmatch("[0-9a-f]{12}", whole["tool"]["rules"])
    assert whole["run"] in page


def test_what_the_tool_wrote_into_the_tree_is_no_part_of_it(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tree)
    assert app_main([".", "--plan-out", "plan.json", "--dry-run", "--format", "sarif"]) == 0
    Path("log.sarif").write_text(capsys.readouterr().out)
    assert app_main([".", "--receipt", "migration.md"]) == 0
    capsys.readouterr()
    assert app_main([".", "--dry-run", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    mine = {"plan.json", "migration.md", "migration.json", "log.sarif"}
    assert {row["path"] for row in report["findings"] if row["path"] in mine and row["action"] != "keep"} == set()
    assert {row["path"] for row in report["skipped"]} >= mine
    assert app_main(["guard", *sorted(mine)]) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")
@pytest.mark.parametrize("kind", ["a link out of the tree", "a pipe", "a folder"])
def test_a_receipt_that_cannot_be_written_is_told_after_the_files_were(
    kind: str, tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tree may be a stranger's: where the record would lie may stand anything."""
    victim, receipt = tmp_path / "victim", tree / "migration.md"
    victim.write_text("mine\n")
    match kind:
        case "a link out of the tree":
            receipt.symlink_to(victim)
        case "a pipe":
            os.mkfifo(receipt)
        case _:
            receipt.mkdir()
    before = (tree / "app.py").read_bytes()
    assert app_main([str(tree), "--receipt", str(receipt)]) == 3
    said = capsys.readouterr()
    assert "cannot be written" in said.err
    assert "The files were written." in said.err
    assert "To take it back" in said.out
    assert victim.read_text() == "mine\n"
    assert (tree / "app.py").read_bytes() != before
    assert app_main([str(tree), "--check", "--receipt", str(receipt)]) == (0 if "link" in kind else 2)
    assert app_main(["undo", str(tree)]) == 0
    assert (tree / "app.py").read_bytes() == before


def test_a_missing_receipt_is_a_usage_error(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _strict(tree, "--receipt", str(tmp_path / "none.md")) == 2
    assert "--receipt" in capsys.readouterr().err
    (tmp_path / "none.md").write_text("")
    (tmp_path / "none.json").write_text("{}")
    assert _strict(tree, "--receipt", str(tmp_path / "none.md")) == 2
    assert "is no receipt" in capsys.readouterr().err


def test_a_receipt_with_every_box_ticked_is_enough_where_old_names_stay_beside_the_new(tree: Path, tmp_path: Path) -> None:
    (tree / "deploy.cue").write_text('env: OPENROUTER_API_KEY: "secret"\n')
    (tree / "README.md").write_text(
        "# Set up\n\n```sh\nexport OPENAI_BASE_URL=https://openrouter.ai/api/v1\nexport OPENROUTER_API_KEY=...\n```\n"
    )
    receipt = tmp_path / "receipt.md"
    assert app_main([str(tree), "--receipt", str(receipt)]) == 0
    assert "OPENROUTER_API_KEY" in (tree / ".env.example").read_text(), "the old name stays beside the new one"
    assert _strict(tree, "--receipt", str(receipt)) == 1
    receipt.write_text(receipt.read_text().replace("- [ ]", "- [x]"))
    assert _strict(tree, "--receipt", str(receipt)) == 0


def test_what_waits_and_is_marked_as_done_is_not_told_as_held_back(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "app.py").write_text("import os\n\nprint(os.environ['OPENROUTER_API_KEY'])\n")
    assert app_main([str(tree), "--dry-run"]) == 0
    assert "HELD BACK" in capsys.readouterr().out
    assert app_main(["done", "--path", str(tree)]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert app_main(["done", line[:8], "--path", str(tree)]) == 0
    capsys.readouterr()
    assert app_main([str(tree), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "HELD BACK" not in shown
    assert "all that was left for you is marked as done" in shown

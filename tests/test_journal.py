"""The journal: where it lies, who can read it, what stands in it, how long it is kept."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.apply import journal
from migrator.apply.apply import apply, undo
from migrator.apply.journal import Journal, Record, Status
from migrator.model import Edit, MigratorError, Span
from migrator.text.secrets import is_secret_shaped
from tests.edited import plan_for

KEY = "sk-or-v1-" + "0123456789abcdef" * 4


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / ".env").write_bytes(f"OPENROUTER_API_KEY={KEY}\nDB_PASSWORD=hunter2\n".encode())
    return root


EDITS = {".env": (("OPENROUTER", "# OPENROUTER"), ("\nDB", "\nMG_KEY=\nDB"))}


def test_only_the_user_can_read_it_and_it_is_outside_the_tree(tree: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        done = apply(plan_for(tree, EDITS), tree, state=tmp_path / "state")
    finally:
        os.umask(old)
    (place,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert (place / f"{done.journal}.json").exists()
    assert [path.name for path in tree.iterdir()] == [".env"]


def test_no_secret_stands_in_it(tree: Path, tmp_path: Path) -> None:
    apply(plan_for(tree, EDITS), tree, state=tmp_path / "state")
    text = "".join(path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert KEY not in text
    assert "hunter2" not in text
    assert not is_secret_shaped(text)


def test_it_says_what_was_done_and_what_became_of_it(tree: Path, tmp_path: Path) -> None:
    done = apply(plan_for(tree, EDITS), tree, state=tmp_path / "state")
    (path,) = (tmp_path / "state").rglob(f"{done.journal}.json")
    data = json.loads(path.read_text())
    assert (data["format"], data["status"], data["root"]) == (journal.FORMAT, "done", str(tree.resolve()))
    assert [edit["new"] for edit in data["files"][0]["edits"]] == ["OPENROUTER", "\nDB"]
    undo(tree, state=tmp_path / "state")
    assert json.loads(path.read_text())["status"] == "undone"


def test_the_last_twenty_runs_are_kept(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    (tree / "a.py").write_text("0\n")
    for number in range(25):
        apply(plan_for(tree, {"a.py": ((str(number), str(number + 1)),)}), tree, state=tmp_path / "state")
    assert len(list((tmp_path / "state").rglob("*.json"))) == journal.KEPT
    for _ in range(journal.KEPT):
        undo(tree, state=tmp_path / "state")
    assert (tree / "a.py").read_text() == "5\n"
    with pytest.raises(MigratorError, match="no run is recorded"):
        undo(tree, state=tmp_path / "state")


def test_every_root_has_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("old\n")
        apply(plan_for(tmp_path / name, {"a.py": (("old", "new"),)}), tmp_path / name, state=tmp_path / "state")
    undo(tmp_path / "one", state=tmp_path / "state")
    assert (tmp_path / "one/a.py").read_text() == "old\n"
    assert (tmp_path / "two/a.py").read_text() == "new\n"


def test_a_root_reached_by_a_link_is_the_same_root(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    before = (tree / ".env").read_bytes()
    apply(plan_for(tree, EDITS), tmp_path / "link", state=tmp_path / "state")
    undo(tree, state=tmp_path / "state")
    assert (tree / ".env").read_bytes() == before


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MIGRATE_OPENROUTER_STATE", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert journal.state_directory() == tmp_path / "home/.local/state/migrate-openrouter"
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/to/be/ignored")
    assert journal.state_directory() == tmp_path / "home/.local/state/migrate-openrouter"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert journal.state_directory() == tmp_path / "xdg/migrate-openrouter"
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", "~/chosen")
    assert journal.state_directory() == tmp_path / "home/chosen"
    monkeypatch.delenv("MIGRATE_OPENROUTER_STATE")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr("sys.platform", "darwin")
    assert journal.state_directory() == tmp_path / "home/Library/Application Support/migrate-openrouter"


def test_where_it_lies_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIGRATE_OPENROUTER_STATE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert journal.state_directory() == tmp_path / "local/migrate-openrouter"
    monkeypatch.delenv("LOCALAPPDATA")
    assert journal.state_directory() == tmp_path / "home/AppData/Local/migrate-openrouter"


@pytest.mark.parametrize("inside", [".", "state/deep"])
def test_never_inside_the_tree(tree: Path, inside: str) -> None:
    before = (tree / ".env").read_bytes()
    with pytest.raises(MigratorError, match="inside the tree"):
        apply(plan_for(tree, EDITS), tree, state=tree / inside)
    assert [path.name for path in tree.iterdir()] == [".env"]
    assert (tree / ".env").read_bytes() == before


def test_a_state_folder_that_cannot_be_made_is_named(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MigratorError, match="MIGRATE_OPENROUTER_STATE"):
        apply(plan_for(tree, EDITS), tree, state=tmp_path / "file/state")


def test_somebody_elses_link_in_its_place_is_refused(tree: Path, tmp_path: Path) -> None:
    place = journal.folder(tree.resolve(), tmp_path / "state")
    place.rmdir()
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MigratorError, match="not a folder of yours"):
        apply(plan_for(tree, EDITS), tree, state=tmp_path / "state")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": "other/2"}', '{"format": "migrate-openrouter/journal/1"}'])
def test_a_damaged_journal_is_named(tree: Path, tmp_path: Path, damage: str) -> None:
    done = apply(plan_for(tree, EDITS), tree, state=tmp_path / "state")
    (path,) = (tmp_path / "state").rglob(f"{done.journal}.json")
    path.write_text(damage)
    with pytest.raises(MigratorError) as caught:
        undo(tree, state=tmp_path / "state")
    assert str(path) in str(caught.value)


@given(st.lists(st.tuples(st.text(), st.text(), st.integers(0, 9)), max_size=4), st.text(min_size=1), st.sampled_from(Status))
@settings(max_examples=50, deadline=None)
def test_it_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, int]], path: str, status: Status
) -> None:
    place = tmp_path_factory.mktemp("place")
    record = Record(
        path=path,
        real=path + "\udcff",
        before="0" * 64,
        after="1" * 64,
        encoding="latin-1",
        bom=False,
        edits=tuple(Edit(path=path, span=Span(at, at + len(old)), old=old, new=new) for old, new, at in texts),
        scratch="s",
        spare="o",
        in_place=True,
    )
    written = Journal(id=journal.next_id(place), tool="1.0", root="/r", status=status, files=(record,))
    journal.save(place, written)
    assert journal.newest(place) == written


def test_numbers_go_up_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        journal.save(
            tmp_path, Journal(id=f"{number:06d}-2999010{number % 10}T000000Z", tool="", root="", status=Status.DONE, files=())
        )
    assert journal.next_id(tmp_path).startswith("000011-")
    assert [run.id[:6] for run in journal.journals(tmp_path)] == ["000010", "000002", "000001"]

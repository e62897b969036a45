"""Applying and undoing: whole or not at all, whatever refuses, whoever interferes, whenever it ends."""

from __future__ import annotations

import codecs
import contextlib
import errno
import multiprocessing
import os
import random
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.__main__ import main
from migrator.apply import atomic, journal
from migrator.apply import exchange as exchanging
from migrator.apply.apply import ApplyRefused, NothingToUndo, UndoRefused, WriteFailed, apply, undo, vaults
from migrator.apply.preconditions import uncommitted
from migrator.apply.undo import require_finished
from migrator.formats.tree import Unreadable
from migrator.model import MigratorError, Plan, Source
from migrator.text.source import decode, encode
from migrator.text.splice import splice
from tests.edited import change, edits_of, plan_for, plan_of, texts

OLD_TO_NEW = (("old", "a longer text"),)
KEY = "sk-or-v1-" + "0" * 64

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


def snapshot(tree: Path) -> dict[str, tuple[bytes, int] | str]:
    """Everything in a tree: bytes and modes of files, targets of links."""
    return {
        path.relative_to(tree).as_posix(): os.readlink(path) if path.is_symlink() else (path.read_bytes(), path.stat().st_mode)
        for path in tree.rglob("*")
        if (path.is_symlink() or path.is_file()) and ".git" not in path.relative_to(tree).parts
    }


def contents(tree: Path) -> dict[str, bytes]:
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three files that are to change, one that is not."""
    root = tmp_path / "tree"
    (root / "pkg").mkdir(parents=True)
    (root / "a.py").write_bytes(b"x = 'old'\n")
    (root / "pkg/b.py").write_bytes(b"y = 'old'\r\n")
    (root / "pkg/.env").write_bytes(b"\xef\xbb\xbf" + b"OTHER=old" + f"\nKEY={KEY}".encode())
    (root / "kept.py").write_bytes(b"z = 'old'\n")
    (root / "a.py").chmod(0o755)
    (root / "pkg/.env").chmod(0o600)
    return root


FILES = ("a.py", "pkg/.env", "pkg/b.py")


def plan(tree: Path, *paths: str, together: bool = True) -> Plan:
    return plan_for(tree, dict.fromkeys(paths or FILES, OLD_TO_NEW), together=together)


def refused(tree: Path, state: Path, plan: Plan, **more: Any) -> dict[str, str]:
    """The complaints of an `apply` that must refuse and write nothing."""
    before = snapshot(tree)
    with pytest.raises(ApplyRefused) as caught:
        apply(plan, tree, state=state, **more)
    assert snapshot(tree) == before
    for problem in caught.value.problems:
        assert problem.path in str(caught.value)
        assert problem.remedy in str(caught.value)
    return {problem.path: problem.message for problem in caught.value.problems}


# --- the plain run -----------------------------------------------------------------------------------------------------------


def test_a_run_writes_the_plan_and_undo_takes_it_back(tree: Path, state: Path) -> None:
    before = snapshot(tree)
    done = apply(plan(tree), tree, state=state)
    assert done.written == FILES
    assert done.undone == ()
    after = snapshot(tree)
    assert after.keys() == before.keys()
    for path in FILES:
        assert after[path][0] == before[path][0].replace(b"old", b"a longer text")  # type: ignore[arg-type]
        assert after[path][1] == before[path][1]
    assert after["kept.py"] == before["kept.py"]
    back = undo(tree, state=state)
    assert (back.journal, back.restored, back.already) == (done.journal, FILES, ())
    assert snapshot(tree) == before


def test_a_plan_without_edits_leaves_no_journal(tree: Path, state: Path) -> None:
    assert apply(replace(plan(tree), changes=()), tree, state=state).journal == ""
    assert not state.exists()


def test_a_loaded_plan_has_no_sources_and_applies_all_the_same(tree: Path, state: Path) -> None:
    apply(replace(plan(tree), sources={}), tree, state=state)
    assert (tree / "pkg/.env").read_bytes().startswith(b"\xef\xbb\xbfOTHER=a longer text\n")


def test_undo_again_takes_back_the_run_before(tree: Path, state: Path) -> None:
    before = snapshot(tree)
    apply(plan(tree, "a.py"), tree, state=state)
    middle = snapshot(tree)
    apply(plan(tree, "pkg/b.py"), tree, state=state)
    undo(tree, state=state)
    assert snapshot(tree) == middle
    undo(tree, state=state)
    assert snapshot(tree) == before
    with pytest.raises(MigratorError, match="no run is recorded"):
        undo(tree, state=state)


def test_the_same_file_twice_comes_back_in_two_steps(tree: Path, state: Path) -> None:
    apply(plan(tree, "a.py"), tree, state=state)
    apply(plan_for(tree, {"a.py": (("longer", "short"),)}), tree, state=state)
    undo(tree, state=state)
    assert (tree / "a.py").read_bytes() == b"x = 'a longer text'\n"
    undo(tree, state=state)
    assert (tree / "a.py").read_bytes() == b"x = 'old'\n"


def test_undo_refuses_whole_when_one_file_was_edited_since(tree: Path, state: Path) -> None:
    apply(plan(tree), tree, state=state)
    (tree / "a.py").write_bytes(b"x = 'mine'\n")
    (tree / "pkg/b.py").unlink()
    before = snapshot(tree)
    with pytest.raises(UndoRefused) as caught:
        undo(tree, state=state)
    assert [problem.path for problem in caught.value.problems] == ["a.py", "pkg/b.py"]
    assert snapshot(tree) == before


def test_undo_counts_what_is_old_already(tree: Path, state: Path) -> None:
    data = (tree / "a.py").read_bytes()
    apply(plan(tree), tree, state=state)
    (tree / "a.py").write_bytes(data)
    back = undo(tree, state=state)
    assert back.already == ("a.py",)
    assert back.restored == ("pkg/.env", "pkg/b.py")


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_edits_in_any_encoding_come_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.mktemp("tree")
    state = tmp_path_factory.mktemp("state")
    text = data.draw(texts())
    bom = data.draw(st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE]))
    content = bom + text.encode("utf-16-le" if bom == codecs.BOM_UTF16_LE else "utf-8")
    if not bom and data.draw(st.booleans()):
        content += b"\xff not UTF-8 \xe9"
    source = decode("a.txt", content, lenient=True)
    edits = data.draw(edits_of(source.text, "a.txt"))
    (root / "a.txt").write_bytes(content)
    done = apply(plan_of({"a.txt": (source, edits)}), root, state=state)
    assert (root / "a.txt").read_bytes() == encode(source, splice(source.text, edits))
    if done.journal:
        undo(root, state=state)
    assert (root / "a.txt").read_bytes() == content


def test_latin_1_with_a_cookie_comes_back(tree: Path, state: Path) -> None:
    data = "# coding: latin-1\nname = 'Zoë old'\n".encode("latin-1")
    (tree / "l.py").write_bytes(data)
    apply(plan(tree, "l.py"), tree, state=state)
    assert (tree / "l.py").read_bytes() == data.replace(b"old", b"a longer text")
    undo(tree, state=state)
    assert (tree / "l.py").read_bytes() == data


def test_modes_owner_and_attributes_stay(tree: Path, state: Path) -> None:
    target = tree / "a.py"
    target.chmod(0o4751)
    marked = False
    if hasattr(os, "setxattr"):
        try:
            os.setxattr(target, "user.note", b"kept")
            marked = True
        except OSError:
            pass
    info = target.stat()
    apply(plan(tree, "a.py"), tree, state=state)
    now = target.stat()
    assert (now.st_mode, now.st_uid, now.st_gid) == (info.st_mode, info.st_uid, info.st_gid)
    if marked:
        assert os.getxattr(target, "user.note") == b"kept"


@pytest.mark.skipif(not as_root, reason="only root can give files away")
def test_a_foreign_owner_stays(tree: Path, state: Path) -> None:
    os.chown(tree / "a.py", 1234, 4321)
    apply(plan(tree, "a.py"), tree, state=state)
    assert ((tree / "a.py").stat().st_uid, (tree / "a.py").stat().st_gid) == (1234, 4321)
    undo(tree, state=state)
    assert ((tree / "a.py").stat().st_uid, (tree / "a.py").stat().st_gid) == (1234, 4321)


@pytest.mark.skipif(not as_root, reason="only root can become somebody else")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_owner_or_group_that_we_cannot_give_stays_too() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        tree, state = Path(name, "tree"), Path(name, "state")
        tree.mkdir()
        for path, owner in {".": (65534, 65534), "a.py": (0, 65534), "b.py": (65534, 4242), "c.py": (65534, 65534)}.items():
            if path != ".":
                (tree / path).write_bytes(b"old\n")
                (tree / path).chmod(0o664)
            os.chown(tree / path, *owner)
        Path(name).chmod(0o777)
        made = plan(tree, "a.py", "b.py", "c.py")
        infos = {path: (tree / path).stat() for path in ("a.py", "b.py", "c.py")}

        def as_nobody() -> None:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            apply(made, tree, state=state)
            os._exit(17)

        assert FORK is not None
        child = FORK.Process(target=as_nobody)
        child.start()
        child.join()
        assert child.exitcode == 17
        for path, info in infos.items():
            now = (tree / path).stat()
            assert (tree / path).read_bytes() == b"a longer text\n"
            assert (now.st_mode, now.st_uid, now.st_gid) == (info.st_mode, info.st_uid, info.st_gid)


# --- preconditions -----------------------------------------------------------------------------------------------------------


def test_every_failure_is_listed_and_nothing_is_written(tree: Path, state: Path) -> None:
    made = plan(tree, "a.py", "pkg/b.py", "kept.py", "pkg/.env")
    (tree / "a.py").write_bytes(b"changed\n")
    (tree / "kept.py").unlink()
    (tree / "pkg/b.py").chmod(0o444)
    found = refused(tree, state, made)
    assert found.keys() == {"a.py", "kept.py", "pkg/b.py"}
    assert "changed since" in found["a.py"]
    assert "gone" in found["kept.py"]
    assert "read-only" in found["pkg/b.py"]


def test_a_pipe_in_the_place_of_a_file_is_refused(tree: Path, state: Path) -> None:
    made = plan(tree, "a.py")
    (tree / "a.py").unlink()
    os.mkfifo(tree / "a.py")
    assert "regular" in refused(tree, state, made)["a.py"]


def test_text_that_the_encoding_lacks_costs_only_its_change(tree: Path, state: Path) -> None:
    (tree / "l.py").write_bytes("# coding: latin-1\nx = 'old'\n".encode("latin-1"))
    made = plan_for(tree, {"a.py": OLD_TO_NEW, "l.py": (("old", "→"),)}, together=False)
    done = apply(made, tree, state=state)
    assert (done.written, done.withdrawn) == (("a.py",), ("c1",))
    assert "latin-1" in done.undone[0].message
    assert (tree / "l.py").read_bytes() == "# coding: latin-1\nx = 'old'\n".encode("latin-1")


def test_an_edit_over_a_secret_is_not_made(tree: Path, state: Path) -> None:
    before = snapshot(tree)
    done = apply(plan_for(tree, {"a.py": OLD_TO_NEW, "pkg/.env": ((KEY, ""),)}), tree, state=state)
    assert done.written == ()
    assert "secret" in {problem.path: problem.message for problem in done.undone}["pkg/.env"]
    assert KEY not in str(done)
    assert snapshot(tree) == before
    assert not list(state.rglob("*.json"))


def test_edits_that_overlap_cost_only_their_file(tree: Path, state: Path) -> None:
    source = decode("a.py", (tree / "a.py").read_bytes())
    other = decode("kept.py", (tree / "kept.py").read_bytes())
    twice = (*change(source, ("'old'", "1")), *change(source, ("old'", "2")))
    done = apply(
        plan_of({"a.py": (source, twice), "kept.py": (other, change(other, *OLD_TO_NEW))}, together=False), tree, state=state
    )
    assert (done.written, done.withdrawn) == (("kept.py",), ("c0",))


def git(tree: Path, *words: str) -> None:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(tree), *author, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tree: Path) -> Path:
    git(tree.parent, "init", "-q", str(tree))
    (tree / ".gitignore").write_text(".env\n")
    git(tree, "add", "a.py", "pkg/b.py", ".gitignore")
    git(tree, "commit", "-qm", "start")
    return tree


def test_only_touched_files_with_uncommitted_changes_are_in_the_way(checkout: Path, state: Path) -> None:
    with (checkout / "a.py").open("ab") as stream:
        stream.write(b"# more\n")
    git(checkout, "mv", "pkg/b.py", "pkg/c.py")
    made = plan(checkout, "a.py", "pkg/.env", "pkg/c.py", "kept.py")
    assert refused(checkout, state, made).keys() == {"a.py", "pkg/c.py"}
    assert apply(plan(checkout, "pkg/.env", "kept.py"), checkout, state=state).written == ("kept.py", "pkg/.env")
    assert apply(plan(checkout, "a.py"), checkout, state=state, allow_dirty=True).written == ("a.py",)


@pytest.mark.parametrize("batch", [1, 2, 400])
def test_git_is_asked_about_all_files_in_batches(batch: int, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.apply.preconditions._GIT_BATCH", batch)
    names = ["a.py", "kept.py", "pkg/b.py"]
    git(checkout, "add", "kept.py")
    git(checkout, "commit", "-qm", "more")
    assert uncommitted(checkout, names) == {}
    for name in names[1:]:
        (checkout / name).write_bytes(b"# other\n")
    assert list(uncommitted(checkout, names)) == names[1:]


def test_a_clean_checkout_is_no_obstacle_even_from_inside_a_hook(
    checkout: Path, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert apply(plan(checkout), checkout, state=state).written == FILES


def test_a_root_below_the_checkout_and_odd_names(checkout: Path, state: Path) -> None:
    odd = checkout / "pkg" / ":(top) *[a]\n→.py"
    odd.write_bytes(b"old\n")
    git(checkout, "--literal-pathspecs", "add", "--", str(odd))
    git(checkout, "commit", "-qm", "odd")
    odd.write_bytes(b"old\nmore\n")
    sub = checkout / "pkg"
    assert refused(sub, state, plan(sub, odd.name, "b.py")).keys() == {odd.name}


def test_a_nested_checkout_is_asked_as_well(checkout: Path, state: Path) -> None:
    inner = checkout / "inner"
    inner.mkdir()
    git(inner, "init", "-q", ".")
    (inner / "n.py").write_bytes(b"old\n")
    git(inner, "add", "n.py")
    assert refused(checkout, state, plan(checkout, "inner/n.py", "a.py")).keys() == {"inner/n.py"}


PROGRAMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "a file system monitor": (("core.fsmonitor",),),
    "hooks": (("core.hooksPath",),),
    "a clean filter": (("filter.x.clean",),),
    "a filter process": (("filter.x.process",),),
    "a filter that is required": (("filter.x.clean",), ("filter.x.required", "true")),
    "a filter of one worktree": (("extensions.worktreeConfig", "true"), ("--worktree", "filter.x.clean")),
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_settings_of_the_repository_start_no_program(checkout: Path, state: Path, tmp_path: Path, kind: str) -> None:
    script = tmp_path / "hook.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\ncat\n")
    script.chmod(0o755)
    (checkout / ".gitattributes").write_text("*.py filter=x\n")
    for setting in PROGRAMS[kind]:
        value = [] if setting[-1] == "true" else [str(tmp_path) if "hooks" in kind else str(script)]
        git(checkout, "config", *setting, *value)
    if kind == "hooks":
        script.rename(tmp_path / "post-index-change")
    os.utime(checkout / "a.py", (1, 1))  # git cannot tell by its time whether it was changed, and would ask the filter
    with contextlib.suppress(ApplyRefused):
        apply(plan(checkout, "a.py"), checkout, state=state)
    assert not (tmp_path / "ran").exists()


def test_a_folder_called_dot_git_is_not_a_checkout(tree: Path, state: Path) -> None:
    (tree / ".git").mkdir()
    assert apply(plan(tree), tree, state=state).written == FILES


# --- links -------------------------------------------------------------------------------------------------------------------


def attacks() -> dict[str, Callable[[Path, Path], str]]:
    """Trees in which a path below the root means a file outside of it; each makes one and returns the path."""

    def link(at: Path, to: Path | str) -> None:
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to(to)

    def file_link(root: Path, out: Path) -> str:
        link(root / "f.py", out / "f.py")
        return "f.py"

    def relative_file_link(root: Path, out: Path) -> str:
        link(root / "f.py", os.path.relpath(out / "f.py", root))
        return "f.py"

    def folder_link(root: Path, out: Path) -> str:
        link(root / "d", out)
        return "d/f.py"

    def chain(root: Path, out: Path) -> str:
        link(root / "one", "two")
        link(root / "two", "three")
        link(root / "three", out)
        return "one/f.py"

    def chain_of_files(root: Path, out: Path) -> str:
        link(root / "one.py", "deep/two.py")
        link(root / "deep/two.py", out / "f.py")
        return "one.py"

    def out_and_in_again(root: Path, out: Path) -> str:
        (root / "real").mkdir()
        (root / "real/f.py").write_bytes(b"old\n")
        link(out / "back", root / "real")
        link(root / "d", out)
        return "d/back/f.py"

    def dots(root: Path, out: Path) -> str:
        return f"../{out.name}/f.py"

    def dots_behind_a_folder(root: Path, out: Path) -> str:
        (root / "d").mkdir()
        return f"d/../../{out.name}/f.py"

    def absolute(root: Path, out: Path) -> str:
        return str(out / "f.py")

    def link_with_dots(root: Path, out: Path) -> str:
        link(root / "a/b/d", f"../../../{out.name}")
        return "a/b/d/f.py"

    def parent_link(root: Path, out: Path) -> str:
        link(root / "up", "..")
        return f"up/{out.name}/f.py"

    def root_link(root: Path, out: Path) -> str:
        link(root / "slash", "/")
        return f"slash{out}/f.py"

    def proc(root: Path, out: Path) -> str:
        link(root / "self", f"/proc/self/cwd/{os.path.relpath(out)}")
        return "self/f.py"

    def sibling_with_the_same_head(root: Path, out: Path) -> str:
        twin = root.with_name(root.name + "-twin")
        twin.mkdir()
        (twin / "f.py").write_bytes(b"old\n")
        link(root / "d", twin)
        return "d/f.py"

    def gits_own(root: Path, out: Path) -> str:
        (root / ".git").mkdir()
        (root / ".git/f.py").write_bytes(b"old\n")
        link(root / "d", ".git")
        return "d/f.py"

    def gits_own_in_capitals(root: Path, out: Path) -> str:
        (root / ".GIT").mkdir()
        (root / ".GIT/f.py").write_bytes(b"old\n")
        return ".GIT/f.py"

    return {name: make for name, make in locals().items() if callable(make) and name != "link"}


@pytest.mark.parametrize("name", attacks())
def test_no_link_leads_a_write_out_of_the_root(tmp_path: Path, state: Path, name: str) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    root.mkdir()
    out.mkdir()
    (out / "f.py").write_bytes(b"old\n")
    path = attacks()[name](root, out)
    source = decode(path, b"old\n")
    made = plan_of({path: (source, change(source, ("old", "new")))})
    before = contents(tmp_path)
    with pytest.raises(ApplyRefused) as caught:
        apply(made, root, state=state)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert {name: data for name, data in contents(tmp_path).items() if not name.startswith("state/")} == before


@pytest.mark.parametrize("moment", ["prepare", "commit"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_put_there_in_between_is_not_followed(
    tree: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, what: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.py").write_bytes((tree / "pkg/b.py").read_bytes())
    original = getattr(atomic, moment)

    def swapped(root: Path, swap: atomic.Swap) -> object:
        if swap.path == "pkg/b.py":
            if what == "folder":
                (tree / "pkg").rename(tmp_path / "aside")
                (tree / "pkg").symlink_to(out)
            else:
                (tree / "pkg/b.py").unlink()
                (tree / "pkg/b.py").symlink_to(out / "b.py")
        return original(root, swap)

    monkeypatch.setattr(atomic, moment, swapped)
    with pytest.raises(WriteFailed):
        apply(plan(tree, "a.py", "pkg/b.py"), tree, state=state)
    assert contents(out) == {"b.py": b"y = 'old'\r\n"}
    assert (tree / "a.py").read_bytes() == b"x = 'old'\n"


def test_a_link_inside_the_tree_stays_and_its_file_is_written(tree: Path, state: Path) -> None:
    (tree / "link.py").symlink_to("pkg/b.py")
    (tree / "folder").symlink_to("pkg")
    before = snapshot(tree)
    done = apply(plan(tree, "link.py", "folder/.env"), tree, state=state)
    assert done.written == ("folder/.env", "link.py")
    assert os.readlink(tree / "link.py") == "pkg/b.py"
    assert (tree / "pkg/b.py").read_bytes() == b"y = 'a longer text'\r\n"
    undo(tree, state=state)
    assert snapshot(tree) == before


def test_two_names_of_one_file_are_written_once(tree: Path, state: Path) -> None:
    (tree / "link.py").symlink_to("pkg/b.py")
    os.link(tree / "a.py", tree / "hard.py")
    before = snapshot(tree)
    done = apply(plan(tree, "a.py", "hard.py", "link.py", "pkg/b.py"), tree, state=state)
    assert done.written == ("a.py", "hard.py", "link.py", "pkg/b.py")
    assert (tree / "hard.py").read_bytes() == b"x = 'a longer text'\n"
    undo(tree, state=state)
    assert snapshot(tree) == before


def test_two_names_of_one_file_with_different_edits_are_refused(tree: Path, state: Path) -> None:
    (tree / "link.py").symlink_to("a.py")
    made = plan_for(tree, {"a.py": OLD_TO_NEW, "link.py": (("old", "else"),)})
    assert "same file as a.py" in refused(tree, state, made)["link.py"]


def test_hard_links_stay_one_file(tree: Path, state: Path) -> None:
    os.link(tree / "a.py", tree / "hard.py")
    before, inode = snapshot(tree), (tree / "a.py").stat().st_ino
    apply(plan(tree), tree, state=state)
    assert (tree / "hard.py").read_bytes() == b"x = 'a longer text'\n"
    assert (tree / "a.py").stat().st_ino == (tree / "hard.py").stat().st_ino == inode
    undo(tree, state=state)
    assert snapshot(tree) == before
    assert (tree / "a.py").stat().st_ino == inode


# --- what no longer parses ---------------------------------------------------------------------------------------------------


def breaks(*paths: str) -> Callable[[Source], None]:
    def reparse(source: Source) -> None:
        assert "a longer text" in source.text
        if source.path in paths:
            raise Unreadable(7, "unexpected indent")

    return reparse


def test_a_file_that_would_break_takes_its_change_down(tree: Path, state: Path) -> None:
    before = snapshot(tree)
    done = apply(plan(tree), tree, state=state, reparse=breaks("a.py"))
    assert (done.written, done.withdrawn, done.journal) == ((), ("c",), "")
    assert [problem.path for problem in done.undone] == list(FILES)
    assert done.undone[0].line == 7
    assert "unexpected indent" in done.undone[0].message
    assert "a.py" in done.undone[1].message
    assert snapshot(tree) == before


def test_other_changes_go_on(tree: Path, state: Path) -> None:
    done = apply(plan(tree, together=False), tree, state=state, reparse=breaks("a.py"))
    assert done.written == ("pkg/.env", "pkg/b.py")
    assert done.withdrawn == ("c0",)
    assert (tree / "a.py").read_bytes() == b"x = 'old'\n"
    assert undo(tree, state=state).restored == ("pkg/.env", "pkg/b.py")


def test_changes_fall_through_the_files_they_share(tree: Path, state: Path) -> None:
    one = plan(tree, *FILES, "kept.py", together=False)
    first, second, third, fourth = one.changes
    made = replace(one, changes=(replace(first, findings=(0, 1)), replace(second, findings=(1, 2)), fourth))
    assert third.id == "c2"
    done = apply(made, tree, state=state, reparse=breaks("a.py"))
    assert len(done.withdrawn) == 2
    assert len(done.written) == 1
    assert len(done.undone) == 3


def test_an_error_of_ours_while_parsing_writes_nothing(tree: Path, state: Path) -> None:
    def reparse(source: Source) -> None:
        raise ZeroDivisionError

    before = snapshot(tree)
    done = apply(plan(tree), tree, state=state, reparse=reparse)
    assert (done.written, [problem.path for problem in done.undone]) == ((), list(FILES))
    assert "internal error" in done.undone[0].message
    assert snapshot(tree) == before


# --- the disk refuses --------------------------------------------------------------------------------------------------------

CALLS = ("open", "write", "fsync", "replace", "link", "unlink", "fchmod", "ftruncate", "read")


class Faults:
    """Makes the n-th call of an `os` function fail, and after it none or all."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str, nth: int, code: int, *, for_good: bool = False) -> None:
        self.count = 0
        self.fired = False
        real = getattr(os, name)

        def call(*args: Any, **more: Any) -> Any:
            self.count += 1
            if self.count == nth or (for_good and self.count > nth):
                self.fired = True
                raise OSError(code, os.strerror(code))
            return real(*args, **more)

        patch.setattr(os, name, call)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((name, errno.EIO) for name in CALLS),
        *((name, code) for name in ("write", "replace") for code in (errno.ENOSPC, errno.EACCES, errno.EROFS)),
    ],
)
def test_a_refused_call_leaves_the_tree_as_it_was(tmp_path: Path, name: str, code: int) -> None:
    """For every call of a run, n = 1, 2, … until the run has fewer calls than n."""
    for nth in range(1, 400):
        root, state = tmp_path / f"tree{nth}", tmp_path / f"state{nth}"
        root.mkdir()
        for path in ("a.py", "b.py", "c.py"):
            (root / path).write_bytes(b"old\n")
        os.link(root / "c.py", root / "d.py")
        made = plan(root, "a.py", "b.py", "c.py")
        before = snapshot(root)
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, name, nth, code)
            try:
                done = apply(made, root, state=state)
            except MigratorError as error:
                failure: MigratorError | None = error
            else:
                failure = None
        if failure is not None:
            assert not getattr(failure, "stuck", {}), failure
            assert snapshot(root) == before, nth
            continue
        if faults.fired and (done.undone or name in ("unlink",)):
            leftover = [path for path in contents(root) if ".migrate-openrouter" in path]
            assert {problem.path.rpartition(".")[0] for problem in done.undone} >= {path.rpartition(".")[0] for path in leftover}
        else:
            assert contents(root).keys() == {"a.py", "b.py", "c.py", "d.py"}
        for path in ("a.py", "b.py", "c.py", "d.py"):
            assert (root / path).read_bytes() == b"a longer text\n"
        if not faults.fired:
            return
    pytest.fail("the run never came to an end")


@pytest.mark.parametrize("name", ["write", "fsync", "replace"])
def test_a_disk_that_refuses_for_good_destroys_nothing(tmp_path: Path, name: str) -> None:
    for nth in range(1, 40):
        root, state = tmp_path / f"tree{nth}", tmp_path / f"state{nth}"
        root.mkdir()
        for path in ("a.py", "b.py", "c.py"):
            (root / path).write_bytes(b"old\n")
        made = plan(root, "a.py", "b.py", "c.py")
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, name, nth, errno.ENOSPC, for_good=True)
            try:
                apply(made, root, state=state)
            except MigratorError as error:
                failure: MigratorError | None = error
            else:
                failure = None
        if failure is not None:
            assert getattr(failure, "stuck", {}) == {}, nth
            assert contents(root) == dict.fromkeys(("a.py", "b.py", "c.py"), b"old\n"), nth
        if not faults.fired:
            return


@pytest.mark.parametrize("name", CALLS)
def test_a_refused_call_during_undo_leaves_the_tree_as_the_run_left_it(tmp_path: Path, name: str) -> None:
    for nth in range(1, 400):
        root, state = tmp_path / f"tree{nth}", tmp_path / f"state{nth}"
        root.mkdir()
        for path in ("a.py", "b.py"):
            (root / path).write_bytes(b"old\n")
        os.link(root / "b.py", root / "c.py")
        before = snapshot(root)
        apply(plan(root, "a.py", "b.py"), root, state=state)
        after = snapshot(root)
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, name, nth, errno.EIO)
            try:
                undo(root, state=state)
            except MigratorError:
                now = snapshot(root)
                assert now == after, nth
                failed = True
            else:
                failed = False
        if failed:
            undo(root, state=state)
        assert {path: what for path, what in snapshot(root).items() if "migrate-openrouter" not in path} == before
        if not faults.fired:
            return


def test_the_failure_names_the_file_and_says_that_all_is_back(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace
    monkeypatch.setattr("migrator.apply.atomic.exchange", lambda *_: False)  # a plain rename names the file it fails at

    def replace_but_one(source: Any, target: Any, **more: Any) -> None:
        if target == "b.py":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(source, target, **more)

    monkeypatch.setattr(os, "replace", replace_but_one)
    with pytest.raises(WriteFailed, match=r"pkg/b\.py: could not be written .*put back"):
        apply(plan(tree), tree, state=state)


# --- interruptions -----------------------------------------------------------------------------------------------------------


def at_call(monkeypatch: pytest.MonkeyPatch, name: str, nth: int, then: Callable[[], None]) -> None:
    real, count = getattr(os, name), [0]

    def call(*args: Any, **more: Any) -> Any:
        count[0] += 1
        if count[0] == nth:
            then()
        return real(*args, **more)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("nth", range(1, 10))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_between_two_files_and_puts_all_back(tree: Path, state: Path, nth: int, number: signal.Signals) -> None:
    before = snapshot(tree)
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    hard = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            at_call(patch, "fsync", nth, lambda: os.kill(os.getpid(), number))
            with pytest.raises((KeyboardInterrupt, SystemExit)) as caught:
                apply(plan(tree), tree, state=state)
    finally:
        signal.signal(number, hard)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    if number == signal.SIGINT:
        assert type(caught.value) is KeyboardInterrupt
    else:
        assert isinstance(caught.value, SystemExit)
        assert caught.value.code == 143
    (note,) = caught.value.__notes__
    if "complete" in note:
        undo(tree, state=state)
    else:
        assert "put back" in note
    assert snapshot(tree) == before


def test_any_exception_puts_all_back_and_goes_on(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(tree)

    def fail() -> None:
        raise RuntimeError("out of the blue")

    at_call(monkeypatch, "replace", 3, fail)
    with pytest.raises(RuntimeError, match="out of the blue") as caught:
        apply(plan(tree), tree, state=state)
    assert "put back" in caught.value.__notes__[0]
    assert snapshot(tree) == before


def test_a_thread_can_apply(tree: Path, state: Path) -> None:
    done: list[tuple[str, ...]] = []
    thread = threading.Thread(target=lambda: done.append(apply(plan(tree), tree, state=state).written))
    thread.start()
    thread.join()
    assert done == [FILES]


# --- the process is killed ---------------------------------------------------------------------------------------------------


def killed(work: Callable[[], object], name: str, nth: int, *, after: bool) -> bool:
    """Run `work` in a child that dies at the n-th call of an `os` function. Whether it died."""
    assert FORK is not None

    def child() -> None:
        real, count = getattr(os, name), [0]

        def call(*args: Any, **more: Any) -> Any:
            count[0] += 1
            if count[0] == nth and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*args, **more)
            if count[0] == nth and after:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(os, name, call)
        work()
        os._exit(0)

    process = FORK.Process(target=child)
    process.start()
    process.join()
    return process.exitcode != 0


def undo_if_any(root: Path, state: Path) -> None:
    """Undo, where there is something to undo: a run may die before it has done anything, or after all is taken back."""
    with contextlib.suppress(NothingToUndo):
        undo(root, state=state)


@pytest.mark.skipif(FORK is None, reason="needs fork")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["open", "write", "fsync", "link", "replace", "unlink", "ftruncate"])
def test_after_a_kill_each_file_is_old_or_new_and_undo_brings_all_back(tmp_path: Path, name: str, after: bool) -> None:
    for nth in range(1, 200):
        root, state = tmp_path / f"tree{nth}", tmp_path / f"state{nth}"
        (root / "sub").mkdir(parents=True)
        for path in ("a.py", "sub/b.py", "c.py"):
            (root / path).write_bytes(b"the old text\n")
        os.link(root / "c.py", root / "hard.py")
        before = snapshot(root)
        made = plan(root, "a.py", "sub/b.py", "c.py")
        died = killed(lambda root=root, state=state, made=made: apply(made, root, state=state), name, nth, after=after)  # type: ignore[misc]
        for path in ("a.py", "sub/b.py"):
            assert (root / path).read_bytes() in (b"the old text\n", b"the a longer text text\n")
        undo_if_any(root, state)
        assert snapshot(root) == before, (name, nth)
        if not died:
            return
    pytest.fail("the run never came to an end")


@pytest.mark.skipif(FORK is None, reason="needs fork")
@pytest.mark.parametrize("name", ["write", "replace", "fsync", "ftruncate"])
def test_undo_that_was_killed_is_finished_by_the_next(tmp_path: Path, name: str) -> None:
    for nth in range(1, 200):
        root, state = tmp_path / f"tree{nth}", tmp_path / f"state{nth}"
        root.mkdir()
        for path in ("a.py", "c.py"):
            (root / path).write_bytes(b"the old text\n")
        os.link(root / "c.py", root / "hard.py")
        before = snapshot(root)
        apply(plan(root, "a.py", "c.py"), root, state=state)
        died = killed(lambda root=root, state=state: undo(root, state=state), name, nth, after=True)  # type: ignore[misc]
        undo_if_any(root, state)
        assert snapshot(root) == before, (name, nth)
        if not died:
            return
    pytest.fail("undo never came to an end")


def test_a_run_that_was_cut_short_is_noticed_by_the_next(tree: Path, state: Path) -> None:
    before = snapshot(tree)
    assert killed(lambda: apply(plan(tree), tree, state=state), "replace", 3, after=True)
    changed = [path for path in FILES if (tree / path).read_bytes() != before[path][0]]
    assert 0 < len(changed) < len(FILES)
    assert not any(".migrate-openrouter" in path for path in contents(tree))
    with pytest.raises(ApplyRefused, match="cut short"):
        apply(plan(tree, *(path for path in FILES if path not in changed)), tree, state=state)
    undo(tree, state=state)
    assert snapshot(tree) == before
    apply(plan(tree), tree, state=state)
    undo(tree, state=state)
    assert snapshot(tree) == before
    assert not list(state.rglob("scratch-*"))


def test_a_run_that_was_cut_short_is_noticed_above_and_below_but_not_beside(tree: Path, state: Path) -> None:
    assert killed(lambda: apply(plan(tree), tree, state=state), "replace", 3, after=True)
    above, below, beside = tree.parent, tree / "pkg", tree.parent / "beside"
    beside.mkdir()
    (beside / "a.py").write_bytes(b"x = 'old'\n")
    for other in (above, below):
        with pytest.raises(ApplyRefused, match="cut short") as caught:
            require_finished(other, state=state)
        assert f"undo {tree}" in caught.value.problems[0].remedy
    with pytest.raises(ApplyRefused, match="cut short"):
        apply(plan(below, "b.py"), below, state=state)
    require_finished(beside, state=state)
    apply(plan(beside, "a.py"), beside, state=state)
    with pytest.raises(ApplyRefused, match="cut short"):
        undo(below, state=state)
    undo(tree, state=state)
    for other in (above, below):
        require_finished(other, state=state)
    require_finished(tree, state=state)


def test_a_journal_of_another_tree_that_cannot_be_read_is_no_obstacle(tree: Path, state: Path) -> None:
    assert killed(lambda: apply(plan(tree), tree, state=state), "replace", 3, after=True)
    (document,) = state.rglob("*.json")
    document.write_text("{", "utf-8")
    require_finished(tree / "pkg", state=state)
    with pytest.raises(MigratorError, match="is not a journal"):
        require_finished(tree, state=state)


@pytest.mark.parametrize(
    "command", [["done", "--path"], ["guard"], ["init"], ["inventory"], ["retire"], ["--check"], ["--dry-run"]]
)
def test_every_command_notices_a_run_that_was_cut_short(
    tree: Path, state: Path, command: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert killed(lambda: apply(plan(tree), tree, state=state), "replace", 3, after=True)
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(state))
    assert main([*command, str(tree)]) == 2
    told = " ".join(capfd.readouterr().err.split())
    assert "An earlier run was cut short here (or is still at work), so some files are new and some are old:" in told
    assert not (tree / ".migrate-openrouter.toml").exists()


@pytest.mark.parametrize("trusted", [True, False], ids=["its own", "somebody's"])
def test_scratch_files_of_a_worktree_lie_with_git_or_beside(tree: Path, state: Path, trusted: bool, tmp_path: Path) -> None:
    """A worktree's `.git` is a file that names a folder, which names the worktree in turn; else nobody may be led there by it."""
    store = tmp_path / "main/.git/worktrees/tree"
    store.mkdir(parents=True)
    (store / "HEAD").write_text("ref: refs/heads/x\n", "utf-8")
    (store / "gitdir").write_text(f"{(tree if trusted else tmp_path) / '.git'}\n", "utf-8")
    (tree / ".git").write_text(f"gitdir: {store}\n", "utf-8")
    candidates = vaults(tree, state, "1")
    assert candidates == [str(state / "scratch-1"), *([f"{store}/migrate-openrouter-1"] if trusted else [])]
    if trusted:
        before = snapshot(tree)
        # the state directory is taken for one on another device
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("migrator.apply.apply.vaults", lambda root, place, run_id: vaults(root, place, run_id)[1:])
            assert killed(lambda: apply(plan(tree), tree, state=state, allow_dirty=True), "replace", 3, after=True)
        assert list(store.glob("migrate-openrouter-*/*"))
        assert not any(".migrate-openrouter" in path for path in contents(tree))
        undo(tree, state=state)
        assert snapshot(tree) == before
        assert not list(store.glob("migrate-openrouter-*"))


@pytest.mark.parametrize("usable", [0, 1, 2], ids=["the state directory", "git's folder", "neither"])
def test_scratch_files_lie_in_the_first_place_that_is_on_the_device(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch, usable: int
) -> None:
    (tree / ".git").mkdir()
    before, seen, asked = snapshot(tree), set[str](), []
    linkable, committed = atomic._can_link, atomic.commit

    def on_the_device(root: Path, vault: str, real: str) -> bool:
        asked.append(vault)
        return linkable(root, vault, real) and len(dict.fromkeys(asked)) > usable

    def noted(root: Path, swap: atomic.Swap) -> bool:
        seen.add(swap.vault)
        place = root / swap.real if not swap.vault else root / swap.vault / "x"  # an absolute folder takes the place of the root
        assert (place.parent / swap.scratch).read_bytes() == swap.new
        assert not swap.vault or not place.parent.stat().st_mode & 0o077
        return committed(root, swap)

    monkeypatch.setattr(atomic, "_can_link", on_the_device)
    monkeypatch.setattr(atomic, "commit", noted)
    assert apply(plan(tree), tree, state=state, allow_dirty=True).written == FILES
    (vault,) = seen
    assert vault.startswith((str(state), ".git/", "")[usable])
    assert bool(vault) == (usable < 2)
    assert not [*state.rglob("scratch-*"), *tree.rglob("*migrate-openrouter*")]
    assert undo(tree, state=state).restored == FILES
    assert snapshot(tree) == before
    assert not [*state.rglob("scratch-*"), *tree.rglob("*migrate-openrouter*")]


@pytest.mark.parametrize("answer", [None, -1], ids=["a system without it", "a file system without it"])
def test_without_an_exchange_of_names_a_run_and_its_undo_are_whole(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch, answer: int | None
) -> None:
    monkeypatch.setattr(exchanging, "_renameat2", lambda: None if answer is None else lambda *_arguments: answer)
    before = snapshot(tree)
    assert apply(plan(tree), tree, state=state).written == FILES
    assert contents(tree)["a.py"] == b"x = 'a longer text'\n"
    assert undo(tree, state=state).restored == FILES
    assert snapshot(tree) == before
    assert not list(state.rglob("scratch-*"))


def torn(tree: Path, state: Path) -> dict[str, Any]:
    """A tree in which a file with two names was half written when the process died."""
    (tree / "t.py").write_bytes(b"x = 'old'\n" * 3)
    os.link(tree / "t.py", tree / "hard.py")
    before = snapshot(tree)
    real = atomic._overwrite

    def half(folder: Any, name: str, data: bytes, _old: bytes | None = None) -> bool:
        fd = os.open(name, os.O_WRONLY, dir_fd=folder.fd)
        os.write(fd, data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    atomic._overwrite = half  # type: ignore[assignment]
    try:
        assert killed(lambda: apply(plan(tree, "a.py", "t.py"), tree, state=state), "getpid", 0, after=True)
    finally:
        atomic._overwrite = real
    assert contents(tree)["t.py"] not in (b"x = 'old'\n" * 3, b"x = 'a longer text'\n" + b"x = 'old'\n" * 2)
    return before


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_a_file_torn_in_place_is_made_whole(tree: Path, state: Path) -> None:
    before = torn(tree, state)
    made = plan(tree, "pkg/b.py")
    with pytest.raises(ApplyRefused, match="undo"):
        apply(made, tree, state=state)
    undo(tree, state=state)
    assert snapshot(tree) == before


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_somebodys_own_text_is_not_taken_for_a_torn_file(tree: Path, state: Path) -> None:
    torn(tree, state)
    (tree / "t.py").write_bytes(b"x = 'mine, in the place of old'\n")
    with pytest.raises(UndoRefused):
        undo(tree, state=state)
    assert (tree / "t.py").read_bytes() == b"x = 'mine, in the place of old'\n"


# --- others at work ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["write", "rename", "remove"])
def test_a_file_changed_meanwhile_is_left_and_its_change_falls(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    before = snapshot(tree)
    real = atomic.commit

    def edited(root: Path, swap: atomic.Swap) -> bool:
        if swap.path == "pkg/b.py":
            mine = tree / "pkg/b.py"
            if how == "write":
                mine.write_bytes(b"mine\n")
            elif how == "rename":
                (tree / "pkg/tmp").write_bytes(b"mine\n")
                os.rename(tree / "pkg/tmp", mine)
            else:
                mine.unlink()
        return real(root, swap)

    monkeypatch.setattr(atomic, "commit", edited)
    done = apply(plan(tree), tree, state=state)
    assert (done.written, done.withdrawn, done.journal) == ((), ("c",), "")
    assert "left as it is" in {problem.path: problem.message for problem in done.undone}["pkg/b.py"]
    now = snapshot(tree)
    assert now.pop("pkg/b.py", (b"mine\n",))[0] == b"mine\n"
    before.pop("pkg/b.py")
    assert now == before


def test_what_stands_alone_is_still_done_and_undone(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = atomic.commit

    def edited(root: Path, swap: atomic.Swap) -> bool:
        if swap.path == "pkg/b.py":
            (tree / "pkg/b.py").write_bytes(b"mine\n")
        return real(root, swap)

    monkeypatch.setattr(atomic, "commit", edited)
    done = apply(plan(tree, together=False), tree, state=state)
    assert done.written == ("a.py", "pkg/.env")
    monkeypatch.undo()
    assert undo(tree, state=state).restored == ("a.py", "pkg/.env")
    assert (tree / "pkg/b.py").read_bytes() == b"mine\n"


def test_a_writer_that_had_the_old_file_open_is_not_lost(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = (tree / "a.py").open("r+b")
    real = atomic.commit

    def late(root: Path, swap: atomic.Swap) -> bool:
        done = real(root, swap)
        if swap.path == "a.py":
            editor.write(b"x = 'new idea'\n")
            editor.close()
        return done

    monkeypatch.setattr(atomic, "commit", late)
    done = apply(plan(tree), tree, state=state)
    assert done.written == ()
    assert (tree / "a.py").read_bytes() == b"x = 'new idea'\n"
    assert contents(tree).keys() == {*FILES, "kept.py"}


def test_an_editor_saving_all_the_time_loses_nothing(tmp_path: Path, state: Path) -> None:
    """Every text that the editor saved last is there afterwards, or was what the run started from."""
    root = tmp_path / "tree"
    root.mkdir()
    for trial in range(20):
        for number in range(8):
            (root / f"{number}.py").write_bytes(b"old\n")
        made = plan(root, *(f"{number}.py" for number in range(8)), together=False)
        target, mine = root / f"{trial % 8}.py", f"mine {trial}\n".encode()

        def save(target: Path = target, mine: bytes = mine, pause: float = random.Random(trial).random() / 200) -> None:
            time.sleep(pause)
            target.with_suffix(".swp").write_bytes(mine)
            os.rename(target.with_suffix(".swp"), target)

        editor = threading.Thread(target=save)
        editor.start()
        with contextlib.suppress(ApplyRefused):
            apply(made, root, state=state)
        editor.join()
        assert target.read_bytes() == mine
        assert not any(".migrate" in path for path in contents(root))


def test_a_text_saved_while_the_file_gets_its_second_name_is_kept(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system finds no file to link where another program has just put its own under the name."""
    root = tmp_path / "tree"
    root.mkdir()
    target = root / "0.py"
    target.write_bytes(b"old\n")
    made = plan(root, "0.py")

    def link(*_: object, **__: object) -> None:
        target.with_suffix(".swp").write_bytes(b"mine\n")
        os.rename(target.with_suffix(".swp"), target)
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr("migrator.apply.atomic.os.link", link)
    done = apply(made, root, state=state)
    assert (done.written, target.read_bytes(), contents(root)) == ((), b"mine\n", {"0.py": b"mine\n"})


def test_two_runs_at_once_the_second_refuses(tree: Path, state: Path) -> None:
    place = journal.folder(tree.resolve(), state)
    made = plan(tree)
    before = snapshot(tree)
    with journal.lock(place, tree):
        with pytest.raises(MigratorError, match=rf"another run \(process {os.getpid()}\)"):
            apply(made, tree, state=state)
        with pytest.raises(MigratorError, match="another run"):
            undo(tree, state=state)
    assert snapshot(tree) == before
    assert apply(made, tree, state=state).written == FILES


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_many_runs_at_once_do_no_damage(tree: Path, state: Path) -> None:
    assert FORK is not None
    made = plan(tree)

    def run() -> None:
        try:
            apply(made, tree, state=state)
        except (ApplyRefused, MigratorError):
            os._exit(2)
        os._exit(0)

    runs = [FORK.Process(target=run) for _ in range(6)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert sorted(one.exitcode or 0 for one in runs) == [0, 2, 2, 2, 2, 2]
    assert all(b"a longer text" in (tree / path).read_bytes() for path in FILES)
    undo(tree, state=state)
    assert (tree / "a.py").read_bytes() == b"x = 'old'\n"


def test_the_lock_of_a_dead_process_does_not_block(tree: Path, state: Path) -> None:
    place = journal.folder(tree.resolve(), state)
    (place / "lock").write_text("999999999\n")
    assert apply(plan(tree), tree, state=state).written == FILES


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Hundreds of runs need no fsync that lasts; one test has the real one."""
    if request.function is not test_a_run_writes_the_plan_and_undo_takes_it_back:
        monkeypatch.setattr(os, "fsync", lambda fd: None)


@pytest.fixture(autouse=True)
def _no_leftovers(tmp_path: Path) -> Iterator[None]:
    """No test leaves a file of the tool's in a tree unless the disk was told to refuse its removal."""
    yield
    for path in (tmp_path / "tree").rglob(".migrate-openrouter-*"):
        assert stat.S_ISREG(path.lstat().st_mode)


@pytest.mark.parametrize("kept", [False, True], ids=["a probe alone", "something else too"])
def test_a_folder_that_was_tried_and_not_taken_is_removed_before_the_next_run(tree: Path, state: Path, kept: bool) -> None:
    (tree / ".git").mkdir()
    made = plan(tree)
    done = apply(made, tree, state=state, allow_dirty=True)
    undo(tree, state=state)
    [place] = [path.parent for path in state.rglob(f"{done.journal}.json")]
    folders = [tree / folder for folder in vaults(tree, place, done.journal)]
    assert len(folders) == 2
    for folder in folders:
        folder.mkdir()
        os.link(tree / FILES[0], folder / atomic.PROBE)
        if kept:
            (folder / "theirs").write_text("x", "utf-8")
    apply(made, tree, state=state, allow_dirty=True)
    assert [folder.exists() for folder in folders] == [kept, kept]


def test_a_run_that_could_not_put_a_file_back_is_one_that_was_cut_short(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(tree)
    real = atomic.put_back
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "put_back", lambda root, swap: "busy" if swap.path == FILES[0] else real(root, swap))
        patch.setattr(atomic, "flush", failing_flush)
        with pytest.raises(WriteFailed, match="except: ") as caught:
            apply(plan(tree), tree, state=state)
    assert caught.value.stuck == {FILES[0]: "busy"}
    with pytest.raises(ApplyRefused, match="cut short"):
        require_finished(tree, state=state)
    undo(tree, state=state)
    assert contents(tree) == before


def failing_flush(*_words: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))

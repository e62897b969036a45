"""How files and journals are written: in which order they are made to last, with which modes, and that nothing stays open."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.apply import atomic, journal, transaction
from migrator.apply import undo as undoing
from migrator.apply.apply import ApplyRefused, UndoRefused, WriteFailed, apply, undo
from migrator.apply.atomic import State, Swap
from migrator.apply.exchange import exchange
from migrator.apply.journal import Journal, Record, Status
from migrator.model import MigratorError, Plan
from tests.edited import plan_for

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs descriptors and modes")

FILES = ("a.py", "pkg/b.py", "pkg/two.py")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two files that are replaced, and one with two names that is written in place."""
    root = tmp_path.resolve() / "tree"
    (root / "pkg").mkdir(parents=True)
    for name in FILES:
        (root / name).write_text(f"name = 'old {name}'\n", "utf-8")
    (root / "a.py").chmod(0o754)
    os.link(root / "pkg/two.py", root / "pkg/twin.py")
    return root


def plan(tree: Path, *paths: str) -> Plan:
    return plan_for(tree, dict.fromkeys(paths or FILES, (("old", "a longer text"),)))


def contents(tree: Path) -> dict[str, bytes]:
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def failing(name: str, code: int) -> Callable[..., Any]:
    def fail(*_words: object, **_more: object) -> Any:
        raise OSError(code, os.strerror(code), name)

    return fail


# --- nothing stays open ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts descriptors in /proc")
@pytest.mark.parametrize("kind", ["whole", "refused", "failed at the last", "without an exchange", "vault of the tree", "beside"])
def test_no_descriptor_stays_open(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    before = contents(tree)
    if kind == "without an exchange":
        monkeypatch.setattr(atomic, "exchange", lambda *_names: False)
    if kind == "vault of the tree":
        (tree / ".git").mkdir()
        monkeypatch.setattr("migrator.apply.apply.vaults", lambda _root, _place, run: [f".git/{run}"])
    if kind == "beside":
        monkeypatch.setattr("migrator.apply.apply.vaults", lambda _root, _place, _run: [])
    if kind == "failed at the last":
        monkeypatch.setattr(atomic, "flush", failing("flush", errno.EIO))
    made = plan(tree)
    if kind == "refused":
        (tree / "a.py").write_text("other\n", "utf-8")
    opened = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        with contextlib.suppress(ApplyRefused, WriteFailed):
            apply(made, tree, state=state, allow_dirty=True)
        with contextlib.suppress(MigratorError):
            undo(tree, state=state)
    assert len(os.listdir("/proc/self/fd")) == opened
    if kind != "refused":
        assert contents(tree) == before
    assert not [*state.rglob("scratch-*"), *tree.rglob("*migrate-openrouter*"), *tree.rglob(".git/*")]


# --- what has to last --------------------------------------------------------------------------------------------------------


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was made to last, and when each file was put in its place; paths of descriptors by the system's own word."""
    if not sys.platform.startswith("linux"):
        pytest.skip("asks /proc for the name of a descriptor")
    seen: list[tuple[str, str]] = []
    commit, prepare, replaced = atomic.commit, atomic.prepare, os.replace

    def synced(fd: int) -> None:
        seen.append(("sync", os.readlink(f"/proc/self/fd/{fd}")))

    def committed(root: Path, swap: Swap) -> bool:
        seen.append(("commit", swap.path))
        done = commit(root, swap)
        seen.append(("committed", swap.path))
        return done

    def prepared(root: Path, swap: Swap) -> None:
        seen.append(("prepare", swap.path))
        prepare(root, swap)

    def renamed(old: Any, new: Any, **more: Any) -> None:
        seen.append(("replace", os.fspath(new)))
        replaced(old, new, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    monkeypatch.setattr(atomic, "commit", committed)
    monkeypatch.setattr(atomic, "prepare", prepared)
    return seen


def test_new_bytes_last_before_they_are_put_in_place_and_folders_after(
    tree: Path, state: Path, events: list[tuple[str, str]]
) -> None:
    for work in (lambda: apply(plan(tree), tree, state=state), lambda: undo(tree, state=state)):
        events.clear()
        work()
        first = min(at for at, (what, _) in enumerate(events) if what == "commit")
        last = max(at for at, (what, _) in enumerate(events) if what == "committed")
        early = [path for what, path in events[:first] if what == "sync"]
        late = [path for what, path in events[last:] if what == "sync"]
        scratch = [path for path in early if path.endswith((".new", ".old")) and "/scratch-" in path]
        assert len(scratch) == len(FILES)
        assert [path for path in early if path.startswith(str(tree))] == []
        assert sorted(path for path in late if path.startswith(str(tree))) == [str(tree), str(tree / "pkg")]
        # the file that is written in place
        inside = events[first:last]
        assert ("sync", str(tree / "pkg/two.py")) in inside


def test_a_journal_lasts_before_the_first_file_changes(tree: Path, state: Path, events: list[tuple[str, str]]) -> None:
    done = apply(plan(tree), tree, state=state)
    (path,) = state.rglob(f"{done.journal}.json")
    first = events.index(("prepare", "a.py"))
    saved = events.index(("replace", str(path)))
    assert saved < first
    assert any(what == "sync" and name.startswith(str(path.parent / done.journal)) for what, name in events[:saved])
    assert ("sync", str(path.parent)) in events[saved:first]
    assert ("replace", str(path)) in events[first:]  # and says at the end that it is done


@pytest.mark.parametrize(("code", "refused"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_file_system_that_cannot_make_folders_last(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch, code: int, refused: bool
) -> None:
    before, sync = contents(tree), os.fsync

    def folders_fail(fd: int) -> None:
        if stat.S_ISDIR(os.fstat(fd).st_mode) and os.path.samestat(os.fstat(fd), (tree / "pkg").stat()):
            raise OSError(code, os.strerror(code))
        sync(fd)

    monkeypatch.setattr(os, "fsync", folders_fail)
    if refused:
        with pytest.raises(WriteFailed, match="Every file was put back"):
            apply(plan(tree), tree, state=state)
        assert contents(tree) == before
        assert not list(state.rglob("scratch-*"))
    else:
        assert apply(plan(tree), tree, state=state).written == FILES


def test_bytes_that_are_taken_in_small_pieces(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write = contents(tree), os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    assert apply(plan(tree), tree, state=state).written == FILES
    assert contents(tree) == {path: data.replace(b"old", b"a longer text") for path, data in before.items()}
    assert undo(tree, state=state).restored == FILES
    assert contents(tree) == before


# --- modes -------------------------------------------------------------------------------------------------------------------


def test_scratch_files_are_for_the_user_alone(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, seen = atomic.commit, []

    def looked(root: Path, swap: Swap) -> bool:
        vault = Path(swap.vault)
        mode = stat.S_IMODE((vault / swap.scratch).stat().st_mode)
        seen.append((swap.path, stat.S_IMODE(vault.stat().st_mode), mode))
        return commit(root, swap)

    monkeypatch.setattr(atomic, "commit", looked)
    umask = os.umask(0)
    try:
        apply(plan(tree), tree, state=state)
        undo(tree, state=state)
    finally:
        os.umask(umask)
    # what replaces a file has its mode already; what is copied into it has none of its own
    usual = stat.S_IMODE((tree / "pkg/b.py").stat().st_mode)
    assert sorted(seen) == sorted([("a.py", 0o700, 0o754), ("pkg/b.py", 0o700, usual), ("pkg/two.py", 0o700, 0o600)] * 2)


def test_marks_and_journals_are_for_the_user_alone(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = atomic.flush
    modes: list[tuple[bool, int]] = []

    def looked(root: Path, swaps: list[Swap]) -> None:
        modes.extend((path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [state, *state.rglob("*")])
        flush(root, swaps)

    monkeypatch.setattr(atomic, "flush", looked)
    umask = os.umask(0)
    try:
        apply(plan(tree, "a.py"), tree, state=state)
    finally:
        os.umask(umask)
    names = {(True, 0o700), (False, 0o600)}
    assert {mode for mode in modes if mode != (False, 0o754)} == names  # the last one is the old file's second name
    assert not list(state.glob("unfinished"))


def test_a_place_of_journals_that_others_could_enter_is_closed(tree: Path, state: Path) -> None:
    place = journal.folder(tree, state)
    place.chmod(0o755)
    assert journal.folder(tree, state) == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize("where", ["state", "git"])
def test_what_a_run_left_that_was_killed_before_its_journal_is_removed(tree: Path, state: Path, where: str) -> None:
    place = journal.folder(tree, state)
    (tree / ".git").mkdir()
    made, named, other = (
        place / f"scratch-{number}-x" if where == "state" else tree / f".git/migrate-openrouter-{number}-x"
        for number in ("000007", "000008", "000009")
    )
    journal.save(place, _run(id="000008-x"))
    for folder in (made, named, other):
        folder.mkdir()
    (other / "somebody's").write_text("", "utf-8")
    os.link(tree / "a.py", made / "probe")  # the file must not be taken for one with two names
    inode = (tree / "a.py").stat().st_ino
    apply(plan(tree), tree, state=state, allow_dirty=True)
    assert not made.exists()
    assert not named.exists()  # it was tried and not taken: its run is over
    assert (other / "somebody's").exists()
    assert (tree / "a.py").stat().st_ino != inode


# --- the journal -------------------------------------------------------------------------------------------------------------


def _run(**more: Any) -> Journal:
    return replace(Journal(id="000007-x", tool="", root="/r", status=Status.DONE, files=()), **more)


def _record(**more: Any) -> Record:
    record = Record(
        path="a.py",
        real="a.py",
        before="",
        after="",
        encoding="utf-8",
        bom=False,
        edits=(),
        scratch="s.new",
        spare="s.old",
        in_place=False,
    )
    return replace(record, **more)


def test_a_run_that_could_not_be_recorded_leaves_no_record(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, save = contents(tree), journal.save
    fails = iter([True])

    def failing_once(place: Path, run: Journal) -> None:
        if next(fails, False):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x.json")
        save(place, run)

    monkeypatch.setattr(journal, "save", failing_once)
    with pytest.raises(WriteFailed, match=r"^x\.json: could not be written"):
        apply(plan(tree), tree, state=state)
    assert not list(state.rglob("*.json"))
    assert contents(tree) == before


def test_what_a_killed_process_of_the_same_number_left_is_no_obstacle(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / f"000007-x.{os.getpid()}.new").write_text("torn", "utf-8")
    journal.save(place, _run())
    assert [path.name for path in place.iterdir()] == ["000007-x.json"]


def test_a_journal_that_cannot_be_saved_leaves_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(os, "replace", failing("replace", errno.EIO))
    with pytest.raises(OSError, match="replace"):
        journal.save(place, _run())
    assert list(place.iterdir()) == []


def test_a_run_removes_what_killed_ones_left_of_journals(tree: Path, state: Path) -> None:
    place = journal.folder(tree, state)
    (place / "000001-x.77.new").write_text("torn", "utf-8")
    (place / "other.txt").write_text("kept", "utf-8")
    apply(plan(tree), tree, state=state)
    assert not list(place.glob("*.new"))
    assert (place / "other.txt").exists()


def test_the_lock_names_its_holder_and_no_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123456789012\n", "utf-8")
    with journal.lock(tmp_path, tmp_path / "root"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
        with pytest.raises(MigratorError, match=rf"another run \(process {os.getpid()}\) is writing there"):
            journal.lock(tmp_path, tmp_path / "root").__enter__()
        (tmp_path / "lock").write_text("nobody\n", "utf-8")
        with pytest.raises(MigratorError, match="another run is writing there"):
            journal.lock(tmp_path, tmp_path / "root").__enter__()
    with journal.lock(tmp_path, tmp_path / "root"):
        pass
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").symlink_to("elsewhere")
    with pytest.raises(MigratorError, match="lock: cannot be opened"):
        journal.lock(tmp_path, tmp_path / "root").__enter__()
    assert not (tmp_path / "elsewhere").exists()


def test_an_unfinished_run_is_marked_until_it_is_over(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    assert journal.unfinished(tmp_path) == []
    for status in (Status.WRITING, Status.UNDOING):
        journal.save(place, _run(status=status))
        assert journal.unfinished(tmp_path) == [place]
        journal.save(tmp_path / "place", _run(status=Status.DONE))
        assert not (tmp_path / "unfinished").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "other/2"}', "has the format 'other/2'; this version reads 'migrate-openrouter/journal/1'"),
        ("{}", "is not a journal"),
        ("[]", "is not a journal"),
        ("no", "is not a journal"),
    ],
)
def test_what_is_no_journal(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(MigratorError, match=message):
        journal.load(tmp_path / "x.json")
    with pytest.raises(MigratorError, match="the journal cannot be read"):
        journal.load(tmp_path / "none.json")


# --- what is told ------------------------------------------------------------------------------------------------------------


def test_temporary_files_that_stay_are_told_by_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = (
        _record(path="pkg/a.py", real="pkg/a.py", scratch="1.new"),
        _record(path="b.py", real="b.py", scratch="2.new"),
        _record(path="c.py", real="pkg/c.py", scratch="3.new", vault="/v"),
        _record(path="d.py", real="d.py", scratch="4.new"),
    )
    asked: list[tuple[str, tuple[str, ...]]] = []

    def tidy(_root: Path, real: str, _vault: str, names: tuple[str, ...]) -> str | None:
        asked.append((real, names))
        return None if real == "d.py" else "Input/output error"

    monkeypatch.setattr(atomic, "tidy", tidy)
    left = transaction.clear(tmp_path, _run(files=records))
    assert list(left) == ["pkg/1.new", "2.new", "/v/3.new"]
    assert {problem.message for problem in left.values()} == {"a temporary file could not be removed (Input/output error)"}
    assert asked[0] == ("pkg/a.py", ("1.new", "s.old"))
    asked.clear()
    assert list(transaction.clear(tmp_path, _run(files=records), keep=frozenset(["b.py", "c.py"]))) == ["pkg/1.new"]
    assert [real for real, _ in asked] == ["pkg/a.py", "d.py"]


def test_a_folder_of_scratch_files_that_stays_is_told(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "somebody's").write_text("", "utf-8")
    run = _run(files=(_record(vault=str(vault)), _record(path="b.py", real="b.py", vault="")))
    (problem,) = transaction.clear(tmp_path, run).values()
    assert problem.path == str(vault)
    assert problem.message == f"could not be removed ({os.strerror(errno.ENOTEMPTY)})"
    assert transaction.clear(tmp_path, run, keep=frozenset(["b.py"])) == {}
    (vault / "somebody's").unlink()
    assert transaction.clear(tmp_path, run) == {}
    assert not vault.exists()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "b.py: could not be written (No space left on device). "),
        (OSError("odd"), "b.py: could not be written (odd). "),
    ],
)
def test_the_reason_of_a_failed_write(tmp_path: Path, error: OSError, message: str) -> None:
    with (
        pytest.raises(WriteFailed) as caught,
        transaction.all_or_nothing(tmp_path, [], tmp_path, _run(), back=Status.UNDONE),
        transaction.named("b.py"),
    ):
        raise error
    assert str(caught.value) == message + "Every file was put back as it was."
    assert caught.value.stuck == {}
    assert caught.value.__cause__ is error


def test_a_failed_write_of_no_named_file(tmp_path: Path) -> None:
    for error, where in ((OSError(errno.EIO, "bad", "x.json"), "x.json"), (OSError("odd"), str(tmp_path))):
        with pytest.raises(WriteFailed) as caught, transaction.all_or_nothing(tmp_path, [], tmp_path, _run(), back=Status.UNDONE):
            raise error
        assert str(caught.value).startswith(f"{where}: could not be written ({error.strerror or 'odd'}). ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges names")
def test_two_names_change_places_in_one_step(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name, "utf-8")
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        assert exchange(fd, "a", fd, "b")
        assert not exchange(fd, "a", fd, "none")
        assert not exchange(None, "a", fd, "b")
        assert not exchange(fd, "a", None, "b")
    finally:
        os.close(fd)
    assert contents(tmp_path) == {"a": b"b", "b": b"a"}


def test_an_undo_that_is_interrupted_between_two_files_takes_nothing_back(
    tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(plan(tree), tree, state=state)
    after, commit = contents(tree), atomic.commit

    def interrupted(root: Path, swap: Swap) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return commit(root, swap)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
    try:
        with monkeypatch.context() as patch:
            patch.setattr(atomic, "commit", interrupted)
            with pytest.raises(KeyboardInterrupt) as stop:
                undo(tree, state=state)
    finally:
        signal.signal(signal.SIGINT, before)
    assert stop.value.__notes__ == ["Stopped between two files. Every file was put back as it was."]
    assert contents(tree) == after
    assert undo(tree, state=state).restored == FILES


def test_what_a_file_can_be_restored_from_stays_while_it_is_not(tree: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_back = atomic.put_back
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "flush", failing("flush", errno.EIO))
        patch.setattr(atomic, "put_back", lambda root, swap: "no way" if swap.path == "pkg/two.py" else put_back(root, swap))
        with pytest.raises(WriteFailed) as caught:
            apply(plan(tree), tree, state=state)
    assert str(caught.value).endswith(
        "Every file was put back as it was, except: pkg/two.py: no way. `migrate-openrouter undo` tries again."
    )
    assert caught.value.stuck == {"pkg/two.py": "no way"}
    (vault,) = state.rglob("scratch-*")
    assert [path.read_bytes() for path in vault.iterdir()] == [b"name = 'a longer text pkg/two.py'\n"]
    assert undo(tree, state=state).restored == ("pkg/two.py",)
    assert not list(state.rglob("scratch-*"))


def test_a_root_that_is_not_there(tree: Path, state: Path) -> None:
    for work in (lambda root: apply(plan(tree), root, state=state), lambda root: undo(root, state=state)):
        with pytest.raises(MigratorError, match=r"none: cannot be reached \(No such file or directory\); check the path"):
            work(tree / "none")


def test_refusals_count_the_files(tree: Path, state: Path) -> None:
    made = plan(tree)
    for number, path in enumerate(("a.py", "pkg/b.py"), 1):
        (tree / path).write_text("other\n", "utf-8")
        with pytest.raises(ApplyRefused) as caught:
            apply(made, tree, state=state)
        count = "1 file stands" if number == 1 else "2 files stand"
        assert str(caught.value).startswith(f"Nothing was written, because {count} in the way:\n  a.py: has changed since")


def test_a_saved_plan_over_what_is_no_text(tree: Path, state: Path) -> None:
    made = plan(tree, "a.py")
    data = b"# coding: undefined\nname = 'old'\n"
    (tree / "a.py").write_bytes(data)
    with pytest.raises(ApplyRefused, match=r"a\.py: is no longer text that can be read; make the plan again"):
        apply(replace(made, sources={}, digests={"a.py": atomic.digest(data)}), tree, state=state)


def test_a_journal_whose_edits_do_not_lead_back(tree: Path, state: Path) -> None:
    done = apply(plan(tree, "a.py"), tree, state=state)
    after = contents(tree)
    (path,) = state.rglob(f"{done.journal}.json")
    path.write_text(path.read_text("utf-8").replace('"new": "old"', '"new": "odd"'), "utf-8")
    with pytest.raises(UndoRefused, match=r"a\.py: does not come out as it was before the run"):
        undo(tree, state=state)
    assert contents(tree) == after


def test_only_files_that_were_written_count_as_half_done() -> None:
    def half(**kinds: undoing._Kind) -> list[str]:
        return [problem.path for problem in undoing._half_done(kinds)]

    kind = undoing._Kind
    assert half(a=kind.NEW, b=kind.OLD, c=kind.OTHER, d=kind.TORN, e=kind.UNREADABLE) == ["a", "d"]
    assert half(a=kind.NEW, c=kind.OTHER) == []
    assert half(b=kind.OLD, c=kind.OTHER) == []
    assert half(d=kind.TORN) == ["d"]


def test_where_a_folder_cannot_be_held_open(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "_HELD", False)
    before = contents(tree)
    state = tmp_path / "deep/er/state"
    assert apply(plan(tree), tree, state=state).written == FILES
    assert contents(tree) == {path: data.replace(b"old", b"a longer text") for path, data in before.items()}
    assert undo(tree, state=state).restored == FILES
    assert contents(tree) == before


# --- one file ----------------------------------------------------------------------------------------------------------------


def _swap(**more: Any) -> Swap:
    base: dict[str, Any] = {
        "path": "a.py", "real": "a.py", "old": b"old", "new": b"new", "scratch": "s.new", "spare": "s.old", "in_place": False,
    }  # fmt: skip
    return Swap(**(base | more))


@pytest.mark.parametrize(
    ("now", "more", "answer", "after"),
    [
        (b"new", {"state": State.PLANNED}, None, b"new"),
        (b"new", {"state": State.PREPARED}, None, b"new"),
        (b"new", {"state": State.DONE}, None, b"old"),
        (b"new", {"state": State.BEGUN}, None, b"old"),
        (b"old", {"state": State.BEGUN}, None, b"old"),
        (b"other", {"state": State.BEGUN}, "it was changed by another program meanwhile and was left as it is", b"other"),
        (b"neX", {"state": State.BEGUN, "in_place": True}, None, b"old"),  # half written by us
        (
            b"neX",
            {"state": State.DONE, "in_place": True},
            "it was changed by another program meanwhile and was left as it is",
            b"neX",
        ),
        (b"new", {"state": State.DONE, "in_place": True}, None, b"old"),
        (b"new", {"state": State.DONE, "spare_made": True}, None, b"old"),  # the spare is gone: from memory
    ],
)
def test_putting_one_file_back(tmp_path: Path, now: bytes, more: dict[str, Any], answer: str | None, after: bytes) -> None:
    (tmp_path / "a.py").write_bytes(now)
    inode = (tmp_path / "a.py").stat().st_ino
    assert atomic.put_back(tmp_path, _swap(**more)) == answer
    assert (tmp_path / "a.py").read_bytes() == after
    if more.get("in_place") or now == after:
        assert (tmp_path / "a.py").stat().st_ino == inode
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


def test_the_very_file_comes_back_where_it_has_a_second_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"new")
    (tmp_path / "s.old").write_bytes(b"old")
    inode = (tmp_path / "s.old").stat().st_ino
    assert atomic.put_back(tmp_path, _swap(state=State.DONE, spare_made=True)) is None
    assert (tmp_path / "a.py").stat().st_ino == inode


def test_a_file_that_no_way_brings_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_bytes(b"new")
    monkeypatch.setattr(os, "replace", failing("replace", errno.EACCES))
    assert atomic.put_back(tmp_path, _swap(state=State.DONE)) is None  # written in place at last
    assert (tmp_path / "a.py").read_bytes() == b"old"
    (tmp_path / "a.py").write_bytes(b"new")
    monkeypatch.setattr(atomic, "_overwrite", failing("write", errno.ENOSPC))
    assert atomic.put_back(tmp_path, _swap(state=State.DONE)) == os.strerror(errno.EACCES)  # what stood in the way first
    assert atomic.put_back(tmp_path, _swap(state=State.DONE, in_place=True)) == os.strerror(errno.ENOSPC)
    assert atomic.put_back(tmp_path, _swap(state=State.DONE, real="none/a.py")) == os.strerror(errno.ENOENT)


def test_what_became_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"new")
    assert atomic.settled(tmp_path, _swap()) is None
    (tmp_path / "s.old").write_bytes(b"old")
    assert atomic.settled(tmp_path, _swap(spare_made=True)) is None
    (tmp_path / "s.old").write_bytes(b"theirs")
    assert atomic.settled(tmp_path, _swap(spare_made=False)) is None
    swap = _swap(spare_made=True)
    assert atomic.settled(tmp_path, swap) == "another program wrote to it at the same moment; that version was kept"
    assert (tmp_path / "a.py").read_bytes() == b"theirs"
    assert not swap.spare_made
    assert atomic.settled(tmp_path, _swap()) == "it was changed by another program while this run was writing"
    (tmp_path / "a.py").unlink()
    assert atomic.settled(tmp_path, _swap()) == "it was removed by another program while this run was writing"


def test_a_file_that_is_no_longer_what_the_plan_was_made_from_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"other")
    (tmp_path / "s.new").write_bytes(b"new")
    swap = _swap(state=State.PREPARED)
    assert not atomic.commit(tmp_path, swap)
    assert swap.state is State.PREPARED
    (tmp_path / "a.py").unlink()
    assert not atomic.commit(tmp_path, swap)
    (tmp_path / "a.py").write_bytes(b"old")
    assert atomic.commit(tmp_path, swap)
    assert (swap.state, swap.spare_made) == (State.DONE, True)
    # both names of the old file stay until the run is over
    assert contents(tmp_path) == {"a.py": b"new", "s.new": b"old", "s.old": b"old"}


def test_a_file_system_without_second_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_bytes(b"old")
    (tmp_path / "s.new").write_bytes(b"new")
    monkeypatch.setattr(os, "link", failing("link", errno.EPERM))
    monkeypatch.setattr(atomic, "exchange", lambda *_names: False)
    swap = _swap(state=State.PREPARED)
    assert atomic.commit(tmp_path, swap)
    assert (swap.state, swap.spare_made) == (State.DONE, False)
    assert contents(tmp_path) == {"a.py": b"new"}
    assert atomic.put_back(tmp_path, swap) is None
    assert contents(tmp_path) == {"a.py": b"old"}


def test_a_file_that_loses_its_name_while_it_gets_a_second_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_bytes(b"old")
    (tmp_path / "s.new").write_bytes(b"new")
    monkeypatch.setattr(os, "link", failing("link", errno.ENOENT))
    swap = _swap(state=State.PREPARED)
    assert not atomic.commit(tmp_path, swap)
    assert swap.state is State.PREPARED
    assert contents(tmp_path) == {"a.py": b"old", "s.new": b"new"}


def test_temporary_files_are_removed_or_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "s.new", "s.old"):
        (tmp_path / name).write_bytes(b"")
    assert atomic.tidy(tmp_path, "a.py", "", ("s.new", "s.old")) is None
    assert contents(tmp_path) == {"a.py": b""}
    assert atomic.tidy(tmp_path, "a.py", "", ("s.new", "s.old")) is None
    assert atomic.tidy(tmp_path, "none/a.py", "", ("s.new",)) is None
    monkeypatch.setattr(os, "unlink", failing("unlink", errno.EIO))
    assert atomic.tidy(tmp_path, "a.py", "", ("s.new",)) == os.strerror(errno.EIO)


def test_folders_of_scratch_files(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    for vault, whole in (("inner", tmp_path / "root/inner"), (str(tmp_path / "outer"), tmp_path / "outer")):
        assert atomic.reopened(tmp_path / "root", vault) == vault
        assert stat.S_IMODE(whole.stat().st_mode) == 0o700
        assert atomic.reopened(tmp_path / "root", vault) == vault
        (whole / "x").write_bytes(b"")
        assert atomic.remove_vault(tmp_path / "root", vault) == os.strerror(errno.ENOTEMPTY)
        (whole / "x").unlink()
        assert atomic.remove_vault(tmp_path / "root", vault) is None
        assert not whole.exists()
        assert atomic.remove_vault(tmp_path / "root", vault) is None
    assert atomic.reopened(tmp_path / "root", "none/deep") == ""
    assert atomic.reopened(tmp_path / "root", "") == ""
    assert atomic.remove_vault(tmp_path / "root", "") is None
    assert (tmp_path / "root").exists()

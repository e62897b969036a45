"""Whatever fails, stops or interferes at whichever call: each file is old or new, what is told is true, and `undo` is exact.

A tree of 50 files with links and a key, in a git checkout. Every call of `os` that changes something is counted; a fault is planted at
one of them: the process is killed before or after it, the call fails, or another program writes at that moment. By default some of
the calls are tried; `FAULTS_EVERY=1` tries each (nightly).
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.apply import exchange as exchanging
from migrator.apply.apply import ApplyRefused, NothingToUndo, UndoRefused, WriteFailed, apply, undo
from migrator.apply.undo import require_finished
from migrator.model import MigratorError, Plan
from tests.edited import plan_for

EVERY = int(os.environ.get("FAULTS_EVERY", "41"))
OFFSET = int(os.environ.get("FAULTS_OFFSET", "0"))
KEY = "sk-or-v1-" + "0123456789abcdef" * 4
FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None
MUTATING = ("open", "write", "fsync", "link", "replace", "rename", "unlink", "mkdir", "rmdir", "fchmod", "fchown", "ftruncate")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)

pytestmark = [
    pytest.mark.skipif(FORK is None or not shutil.which("git"), reason="needs fork and git"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def _text(number: int) -> str:
    return f"# file {number}\nx = 'old'\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "tree"
    for number in range(48):
        path = root / f"d{number % 5}" / f"f{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(number), "utf-8")
    (root / ".env").write_text(f"KEY={KEY}\nOTHER=old\n", "utf-8")
    (root / ".env").chmod(0o600)
    (root / "link.py").symlink_to("d0/f0.py")
    (root / ".gitignore").write_text(".env\n", "utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)
    return root


class Case:
    """A copy of the tree with a plan for all of its files."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.root, self.state = folder / "tree", folder / "state"
        shutil.copytree(template, self.root, symlinks=True)
        (self.root / "twin.py").unlink(missing_ok=True)
        os.link(self.root / "d1/f1.py", self.root / "twin.py")
        self.names = [*sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("f*.py")), ".env"]
        self.plan: Plan = plan_for(self.root, dict.fromkeys(self.names, (("old", "a longer text"),)))
        self.old = {name: (self.root / name).read_bytes() for name in self.names}
        self.new = {name: data.replace(b"old", b"a longer text") for name, data in self.old.items()}

    def apply(self) -> Any:
        return apply(self.plan, self.root, state=self.state, allow_dirty=True)

    def now(self) -> dict[str, bytes]:
        return {name: (self.root / name).read_bytes() for name in self.names}

    def each_is_old_or_new(self) -> None:
        for name, data in self.now().items():
            # what has two names is written in place, where one version can stand half over the other; `undo` tells that from its scratch file
            assert data in (self.old[name], self.new[name]) or (self.root / name).stat().st_nlink > 1, name
        assert os.path.samefile(self.root / "twin.py", self.root / "d1/f1.py")

    def git_sees_nothing_of_ours(self) -> None:
        command = ["git", "status", "--porcelain", "--untracked-files=all"]
        said = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True).stdout
        assert ".migrate-openrouter" not in said, said

    def leftovers_are_private(self) -> None:
        for path in (*self.state.rglob("*"), *(self.root / ".git").glob("migrate-openrouter*")):
            if path.is_dir():
                assert not path.stat().st_mode & 0o077, path

    def nothing_is_left(self) -> None:
        assert not list(self.state.rglob("scratch-*"))
        assert not list((self.root / ".git").glob("migrate-openrouter*"))
        assert not list(self.root.rglob(".migrate-openrouter-*"))


@contextlib.contextmanager
def counted(act: Callable[[int, str, Callable[[], Any]], Any]) -> Iterator[list[int]]:
    """Every mutating call goes through `act(number, name, call)`."""
    count = [0]
    real = {name: getattr(os, name) for name in MUTATING if hasattr(os, name)}

    def through(name: str) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if name == "open" and not (len(args) > 1 and args[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)):
                return real[name](*args, **more)
            count[0] += 1
            return act(count[0], name, lambda: real[name](*args, **more))

        return call

    swapped = exchanging._renameat2()

    def exchange(*args: Any) -> Any:
        count[0] += 1
        return act(count[0], "exchange", lambda: swapped(*args))

    supported = set(os.supports_dir_fd)
    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(os, name, through(name))
        patch.setattr(os, "supports_dir_fd", supported | {getattr(os, name) for name in real if real[name] in supported})
        if swapped is not None:
            patch.setattr(exchanging, "_renameat2", lambda: exchange)
        yield count


def _total(work: Callable[[], object]) -> int:
    with counted(lambda _number, _name, call: call()) as count:
        work()
    return count[0]


def _picked(total: int) -> range:
    return range(1 + OFFSET % EVERY, total + 1, EVERY)


def _killed(work: Callable[[], object], nth: int, *, after: bool) -> None:
    assert FORK is not None

    def child() -> None:
        def act(number: int, _name: str, call: Callable[[], Any]) -> Any:
            if number == nth and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call()
            if number == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        with counted(act):
            work()
        os._exit(0)

    process = FORK.Process(target=child)
    process.start()
    process.join()


def _outcome(work: Callable[[], Any]) -> tuple[MigratorError | None, Any]:
    try:
        return None, work()
    except MigratorError as refusal:
        return refusal, None


def _undo(case: Case) -> None:
    with contextlib.suppress(NothingToUndo):
        undo(case.root, state=case.state)


def _is_half(case: Case) -> bool:
    states = {data == case.new[name] for name, data in case.now().items()}
    return states == {True, False}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_applying(template: Path, tmp_path: Path, after: bool) -> None:
    total = _total(Case(template, tmp_path / "count").apply)
    assert total > 300
    for nth in _picked(total):
        case = Case(template, tmp_path / str(nth))
        _killed(case.apply, nth, after=after)
        case.each_is_old_or_new()
        case.git_sees_nothing_of_ours()
        case.leftovers_are_private()
        if _is_half(case):
            with pytest.raises(ApplyRefused, match="cut short"):
                require_finished(case.root, state=case.state)
            with pytest.raises(ApplyRefused, match="cut short"):
                case.apply()
        else:
            require_finished(case.root, state=case.state)
        _undo(case)
        assert case.now() == case.old, nth
        case.apply()  # and the tool is not stuck
        assert case.now() == case.new
        _undo(case)
        assert case.now() == case.old
        case.nothing_is_left()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_undoing(template: Path, tmp_path: Path, after: bool) -> None:
    first = Case(template, tmp_path / "count")
    first.apply()
    total = _total(lambda: undo(first.root, state=first.state))
    for nth in _picked(total):
        case = Case(template, tmp_path / str(nth))
        case.apply()
        _killed(lambda case=case: undo(case.root, state=case.state), nth, after=after)  # type: ignore[misc]
        case.each_is_old_or_new()
        case.git_sees_nothing_of_ours()
        _undo(case)
        assert case.now() == case.old, nth
        case.apply()
        _undo(case)
        case.nothing_is_left()


def _failing(nth: int, code: int) -> Callable[[int, str, Callable[[], Any]], Any]:
    """An act that lets one call fail."""

    def act(number: int, name: str, call: Callable[[], Any]) -> Any:
        if number == nth:
            if name == "exchange":
                return -1
            raise OSError(code, os.strerror(code))
        return call()

    return act


def _with_errors(total: int, code: int) -> range:
    """The calls that fail with an error: each with all of them where each is tried, and else each with one of them."""
    return _picked(total) if EVERY == 1 else _picked(total)[ERRORS.index(code) :: len(ERRORS)]


@pytest.mark.parametrize("code", ERRORS, ids=[errno.errorcode[code] for code in ERRORS])
def test_a_call_that_fails(template: Path, tmp_path: Path, code: int) -> None:
    total = _total(Case(template, tmp_path / "count").apply)
    for nth in _with_errors(total, code):
        case = Case(template, tmp_path / str(nth))
        with counted(_failing(nth, code)):
            refusal, done = _outcome(case.apply)
        if done is not None:
            assert case.now() == case.new or done.undone, nth
        elif isinstance(refusal, WriteFailed):
            assert refusal.stuck or case.now() == case.old, nth
            assert ("except:" in str(refusal)) == bool(refusal.stuck)
        else:
            assert case.now() == case.old, nth
        case.each_is_old_or_new()
        case.git_sees_nothing_of_ours()
        case.leftovers_are_private()
        _undo(case)
        assert case.now() == case.old, nth
        case.apply()  # and the tool is not stuck
        _undo(case)
        case.nothing_is_left()
        shutil.rmtree(case.root.parent)


@pytest.mark.parametrize("code", ERRORS, ids=[errno.errorcode[code] for code in ERRORS])
def test_a_call_of_an_undo_that_fails(template: Path, tmp_path: Path, code: int) -> None:
    first = Case(template, tmp_path / "count")
    first.apply()
    total = _total(lambda: undo(first.root, state=first.state))
    assert total > 300
    for nth in _with_errors(total, code):
        case = Case(template, tmp_path / str(nth))
        case.apply()
        with counted(_failing(nth, code)):
            refusal, done = _outcome(lambda case=case: undo(case.root, state=case.state))  # type: ignore[misc]
        if done is not None:
            assert case.now() == case.old, nth
        elif isinstance(refusal, WriteFailed):
            assert refusal.stuck or case.now() in (case.new, case.old), nth
            assert ("except:" in str(refusal)) == bool(refusal.stuck)
        else:
            assert case.now() == case.new, nth
        case.each_is_old_or_new()
        case.git_sees_nothing_of_ours()
        case.leftovers_are_private()
        _undo(case)
        assert case.now() == case.old, nth
        case.apply()
        assert case.now() == case.new
        _undo(case)
        assert case.now() == case.old
        case.nothing_is_left()
        shutil.rmtree(case.root.parent)


def test_another_program_writes_at_any_moment(template: Path, tmp_path: Path) -> None:
    """Its text is never lost, and nothing says that all was put back when it was not."""
    total = _total(Case(template, tmp_path / "count").apply)
    theirs = b"# somebody's own text\n"
    for nth in _picked(total):
        case = Case(template, tmp_path / str(nth))
        victim = case.root / case.names[nth % len(case.names)]

        def act(number: int, _name: str, call: Callable[[], Any], nth: int = nth, victim: Path = victim) -> Any:
            if number == nth:
                beside = victim.with_name("theirs.tmp")
                beside.write_bytes(theirs)
                beside.replace(victim)
            return call()

        with counted(act), contextlib.suppress(MigratorError):
            case.apply()
        assert victim.read_bytes() == theirs, (nth, victim)
        with contextlib.suppress(UndoRefused, NothingToUndo):
            undo(case.root, state=case.state)
        assert victim.read_bytes() == theirs, (nth, victim)
        case.git_sees_nothing_of_ours()


def _save(victim: Path, text: bytes) -> None:
    """As editors save: a new file takes the place of the old one."""
    beside = victim.with_name("theirs.tmp")
    beside.write_bytes(text)
    beside.replace(victim)


@pytest.mark.skipif(exchanging._renameat2() is None, reason="needs an exchange of two names in one step")
def test_a_text_saved_right_before_the_exchange_is_kept(template: Path, tmp_path: Path) -> None:
    case = Case(template, tmp_path)
    victim = case.root / case.names[0]
    seen: list[str] = []

    def act(_number: int, name: str, call: Callable[[], Any]) -> Any:
        if name == "exchange" and not seen:
            seen.append(name)
            _save(victim, b"theirs\n")
        return call()

    with counted(act), contextlib.suppress(MigratorError):
        case.apply()
    assert seen
    assert victim.read_bytes() == b"theirs\n"


@pytest.mark.skipif(exchanging._renameat2() is None, reason="needs an exchange of two names in one step")
def test_undo_looks_again_when_all_is_in_place(template: Path, tmp_path: Path) -> None:
    case = Case(template, tmp_path)
    case.apply()
    victim = case.root / case.names[0]
    seen: list[str] = []

    def act(_number: int, name: str, call: Callable[[], Any]) -> Any:
        result = call()
        if name == "exchange":
            seen.append(name)
            if len(seen) == 10:  # long after the victim's own
                _save(victim, b"theirs\n")
        return result

    with counted(act), pytest.raises(UndoRefused, match="same moment"):
        undo(case.root, state=case.state)
    assert victim.read_bytes() == b"theirs\n"


def test_a_text_saved_right_before_a_file_with_two_names_is_written_is_kept(template: Path, tmp_path: Path) -> None:
    """Such a file is written in place: what is opened then has to be what was looked at."""
    case = Case(template, tmp_path)
    victim = case.root / "d1/f1.py"
    real, seen = os.open, list[str]()

    def opened(path: Any, flags: int, *args: Any, **more: Any) -> int:
        if not seen and os.fsdecode(path).endswith("f1.py") and flags & (os.O_WRONLY | os.O_RDWR):
            seen.append(path)
            _save(victim, b"theirs\n")
        return real(path, flags, *args, **more)

    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(MigratorError):
        patch.setattr(os, "open", opened)
        patch.setattr(os, "supports_dir_fd", {*os.supports_dir_fd, opened})
        case.apply()
    assert seen
    assert victim.read_bytes() == b"theirs\n"
    with contextlib.suppress(UndoRefused, NothingToUndo):
        undo(case.root, state=case.state)
    assert victim.read_bytes() == b"theirs\n"

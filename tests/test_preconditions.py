"""May a file be written, and which folder is git's: each question by itself, with the answer that a person reads."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from migrator.apply import preconditions
from migrator.apply.preconditions import Unfit, git_folder, locate, uncommitted, writable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs links and modes")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "root"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg/a.py").write_text("old\n", "utf-8")
    return root


def refusal(root: Path, path: str) -> tuple[str, str]:
    with pytest.raises(Unfit) as caught:
        locate(root, path)
    assert str(caught.value) == caught.value.message
    return caught.value.message, caught.value.remedy


# --- where a path leads ------------------------------------------------------------------------------------------------------


def test_the_file_that_a_path_means(root: Path) -> None:
    (root / "link.py").symlink_to("pkg/a.py")
    (root / "folder").symlink_to("pkg")
    (root / "again").symlink_to("folder")
    for path in ("pkg/a.py", "./pkg/a.py", "link.py", "folder/a.py", "again/a.py"):
        assert locate(root, path) == "pkg/a.py"
    assert locate(root, "pkg") == "pkg"


@pytest.mark.parametrize("path", ["", "/etc/hosts", "../root/pkg/a.py", "pkg/../pkg/a.py", "pkg/a\0.py"])
def test_what_is_no_path_below_the_root(root: Path, path: str) -> None:
    assert refusal(root, path) == ("is not a path below the root", "make the plan again")


def test_what_is_gone(root: Path) -> None:
    (root / "dangling").symlink_to("nothing.py")
    (root / "away").symlink_to(root.parent / "nothing.py")
    for path in ("other.py", "none/a.py", "dangling", "away", "dangling/a.py"):
        assert refusal(root, path) == ("is gone", "make the plan again")


def test_what_cannot_be_reached(root: Path) -> None:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    message, remedy = refusal(root, "one/a.py")
    assert message.startswith("cannot be reached (")
    assert remedy == "check the path and its links"
    assert refusal(root, "pkg/a.py/b.py")[0].startswith("cannot be reached (")
    assert refusal(root, "x" * 300)[0].startswith("cannot be reached (")


def test_links_that_lead_out(root: Path) -> None:
    (root.parent / "out").mkdir()
    (root.parent / "out/back").symlink_to(root / "pkg")
    (root / "out").symlink_to(root.parent / "out")
    for path in ("out/a.py", "out", "out/back/a.py"):
        assert refusal(root, path) == (
            "is reached through a link that leads out of the tree",
            "remove the link, or run the tool where it leads",
        )


@pytest.mark.parametrize("name", [".git", ".GIT", ".Git"])
def test_git_s_own_files(root: Path, name: str) -> None:
    (root / "pkg" / name).mkdir()
    (root / "pkg" / name / "config").write_text("", "utf-8")
    (root / "link").symlink_to(f"pkg/{name}")
    for path in (f"pkg/{name}/config", "link/config"):
        assert refusal(root, path) == ("is one of git's own files", "remove the link")


# --- whether it may be written ----------------------------------------------------------------------------------------------


def unfit(root: Path, path: str) -> str:
    with pytest.raises(Unfit) as caught:
        writable(root, path)
    return caught.value.message


@pytest.mark.parametrize("mode", [0o444, 0o555, 0o400, 0o001])
def test_a_read_only_file_is_refused_also_where_root_could_write_it(root: Path, mode: int) -> None:
    (root / "pkg/a.py").chmod(mode)
    assert unfit(root, "pkg/a.py") == "is read-only"


@pytest.mark.parametrize("mode", [0o644, 0o200, 0o777])
def test_a_usual_file_is_replaced(root: Path, mode: int) -> None:
    (root / "pkg/a.py").chmod(mode)
    info, in_place = writable(root, "pkg/a.py")
    assert stat.S_IMODE(info.st_mode) == mode
    assert not in_place


def test_a_file_with_two_names_is_written_in_place(root: Path) -> None:
    os.link(root / "pkg/a.py", root / "other.py")
    assert writable(root, "pkg/a.py")[1]


def test_what_the_system_would_refuse(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "link").symlink_to("pkg/a.py")
    assert unfit(root, "link") == "is no regular file"
    assert unfit(root, "pkg") == "is no regular file"
    assert unfit(root, "none.py").startswith("cannot be looked at (")
    granted = {root / "pkg/a.py": os.R_OK, root / "pkg": os.W_OK | os.X_OK}
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & ~granted[path])
    assert unfit(root, "pkg/a.py") == "is read-only"
    granted[root / "pkg/a.py"] = os.R_OK | os.W_OK
    assert not writable(root, "pkg/a.py")[1]
    for missing in (os.W_OK, os.X_OK):
        granted[root / "pkg"] = (os.W_OK | os.X_OK) & ~missing
        assert unfit(root, "pkg/a.py") == "lies in a folder where no file can be made"


@pytest.mark.parametrize(
    ("user", "groups", "in_place"),
    [(0, set(), False), (None, {None}, False), (-1, {None}, True), (None, set(), True)],
    ids=["root gives any owner", "ours", "another's", "of a group that we are not in"],
)
def test_an_owner_that_a_new_file_cannot_be_given(
    root: Path, monkeypatch: pytest.MonkeyPatch, user: int | None, groups: set[int | None], in_place: bool
) -> None:
    """`None` stands for the file's own; the user is never root but where that is said."""
    path = root / "pkg/a.py"
    real = path.lstat()
    owner, group = 4321, 8765
    monkeypatch.setattr(Path, "lstat", lambda _path: os.stat_result((*real[:4], owner, group, *real[6:])))
    monkeypatch.setattr(os, "access", lambda _path, _mode: True)
    monkeypatch.setattr(os, "geteuid", lambda: owner if user is None else user % 60_000)
    monkeypatch.setattr(os, "getegid", lambda: 5)
    monkeypatch.setattr(os, "getgroups", lambda: [group if each is None else each for each in groups])
    assert writable(root, "pkg/a.py")[1] is in_place
    monkeypatch.setattr(os, "getegid", lambda: group)
    assert writable(root, "pkg/a.py")[1] is (in_place and user == -1)


# --- git --------------------------------------------------------------------------------------------------------------------


def test_the_folder_of_a_plain_checkout(root: Path) -> None:
    assert git_folder(root) == ""
    (root / ".git").mkdir()
    assert git_folder(root) == ".git"
    (root / ".git").rename(root / "other")
    (root / ".git").symlink_to("other")
    assert git_folder(root) == ""


@pytest.mark.parametrize(
    ("pointer", "back", "head", "trusted"),
    [
        ("gitdir: {store}", "{root}/.git", True, True),
        ("gitdir: ../store", "{root}/.git", True, True),
        ("gitdir: {store}", "{root}/.git", False, False),
        ("gitdir: {store}", "{root}/other", True, False),
        ("gitdir: {store}", "{root}/pkg/a.py", True, False),
        ("gitdir: {store}", ".git", True, False),
        ("gitdir: {store}/none", "{root}/.git", True, False),
        ("", "{root}/.git", True, False),
    ],
)
def test_a_worktree_is_believed_where_the_folder_names_it_in_turn(
    root: Path, monkeypatch: pytest.MonkeyPatch, pointer: str, back: str, head: bool, trusted: bool
) -> None:
    store = root.parent / "store"
    store.mkdir()
    monkeypatch.chdir(root)
    (root / ".git").write_text(pointer.format(store=store) + "\n", "utf-8")
    (store / "gitdir").write_text(back.format(root=root) + "\n", "utf-8")
    if head:
        (store / "HEAD").write_text("ref: refs/heads/x\n", "utf-8")
    assert git_folder(root) == (str(store) if trusted else "")


FAKE = """#!/bin/sh
env > "$LOG.env"
printf '%s\\n' "$@" >> "$LOG.words"
case " $* " in
*" config "*) printf 'local\\0filter.a.b.clean\\0worktree\\0filter.c.process\\0global\\0filter.d.clean\\0' ;;
*) {status} ;;
esac
"""


@pytest.fixture
def fake(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `git` that writes down what it is asked, and with which variables."""
    (root / ".git").mkdir()
    folder = root.parent / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(folder / "log"))
    return folder


def answering(fake: Path, status: str) -> None:
    (fake / "git").write_text(FAKE.replace("{status}", status), "utf-8")
    (fake / "git").chmod(0o755)


def test_git_is_asked_about_this_checkout_and_waits_for_nobody(fake: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pointing = (
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    )  # fmt: skip
    for name in pointing:
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    answering(fake, "true")
    assert uncommitted(root, ["pkg/a.py"]) == {}
    env = dict(line.split("=", 1) for line in (fake / "log.env").read_text().splitlines() if "=" in line)
    assert not env.keys() & set(pointing)
    assert env["KEPT"] == "yes"
    wanted = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    assert wanted.items() <= env.items()
    words = (fake / "log.words").read_text().splitlines()
    settings = {words[at + 1] for at, word in enumerate(words) if word == "-c"}
    assert settings >= {
        "core.fsmonitor=false", f"core.hooksPath={os.devnull}", "protocol.allow=never", "diff.external=", "status.renames=false",
        "filter.a.b.clean=", "filter.a.b.process=", "filter.a.b.required=false", "filter.c.clean=", "filter.c.process=",
        "filter.c.required=false",
    }  # fmt: skip
    assert not any("filter.d" in setting for setting in settings)  # the user's own
    assert words[-2:] == ["--", "pkg/a.py"]
    assert words[words.index("-C") + 1] == str(root)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("printf ' M pkg/a.py\\0'", "has uncommitted changes"),
        ("printf 'M  x\\0 M pkg/a.py\\0'", "has uncommitted changes"),
        ("printf '??'", None),
        ("printf ' M other.py\\0'", None),
        ("exit 3", "git cannot say whether it has uncommitted changes: git ended with 3"),
        (
            "echo 'fatal: first'; echo 'fatal: why\\nmore' >&2; exit 128",
            "git cannot say whether it has uncommitted changes: fatal: why",
        ),
        ("printf 'fatal: \\377' >&2; exit 128", "git cannot say whether it has uncommitted changes: fatal: \ufffd"),
        ("echo 'fatal: not a git repository' >&2; exit 128", None),
        (
            "echo 'error: bad'; echo 'x\\nfatal: not a git repository' >&2; exit 128",
            "git cannot say whether it has uncommitted changes: x",
        ),
    ],
)
def test_what_git_answers(fake: Path, root: Path, status: str, message: str | None) -> None:
    answering(fake, status)
    found = uncommitted(root, ["pkg/a.py"])
    assert {path: unfit.message for path, unfit in found.items()} == ({} if message is None else {"pkg/a.py": message})


def test_a_git_that_cannot_be_asked(fake: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fake / "git").write_text("", "utf-8")
    monkeypatch.setenv("PATH", str(fake))
    (unfit,) = uncommitted(root, ["pkg/a.py"]).values()
    assert unfit.message.startswith("git cannot say whether it has uncommitted changes: git cannot be run (")
    assert unfit.remedy == "make git work there, or use --allow-dirty"
    monkeypatch.undo()
    answering(fake, "sleep 20")
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(fake / "log"))
    monkeypatch.setattr(preconditions, "_PATIENCE", 0.5)
    (unfit,) = uncommitted(root, ["pkg/a.py"]).values()
    assert unfit.message.endswith("git did not answer within 0.5 seconds")
    os.mkfifo(root / ".gitignore")
    (unfit,) = uncommitted(root, ["pkg/a.py"]).values()
    assert unfit.message.endswith(": .gitignore is no regular file")


def test_a_filter_that_is_required_and_switched_off_does_not_stop_git(root: Path) -> None:
    for words in (
        ("init", "-q"), ("add", "."), ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"),
        ("config", "filter.x.clean", "cat"), ("config", "filter.x.required", "true"),
    ):  # fmt: skip
        subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)
    (root / ".gitattributes").write_text("*.py filter=x\n", "utf-8")
    os.utime(root / "pkg/a.py", (1, 1))
    assert all(unfit.message == "has uncommitted changes" for unfit in uncommitted(root, ["pkg/a.py"]).values())
    assert uncommitted(root.parent, []) == {}


def test_files_outside_of_any_checkout_are_nobodys(root: Path) -> None:
    (root / "pkg/.git").mkdir()
    (root / "b.py").write_text("", "utf-8")
    assert uncommitted(root, ["pkg/a.py", "b.py"]) == {}

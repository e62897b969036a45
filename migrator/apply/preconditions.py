"""May this file be written? Asked for every file before the first is touched."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from migrator.text.regular import read_regular, special_for_git

_GIT_BATCH = 400
_PATIENCE = 120
"""Seconds for one answer of git."""


class Unfit(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """The file must not be written."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def locate(root: Path, path: str) -> str:
    """The file that a path means, links inside the root followed: relative to the root, POSIX.

    `root` is resolved. Raises `Unfit` where any link on the way leads out of the root (also when a later one leads back in), or
    where it ends in git's own files.
    """
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\0" in path or Path(path).drive:
        raise Unfit("is not a path below the root", "make the plan again")
    again = "remove the link, or run the tool where it leads"
    at = root
    try:
        for part in pure.parts:
            at = at / part
            if at.is_symlink():
                at = at.resolve(strict=True)
                if not at.is_relative_to(root):
                    raise Unfit("is reached through a link that leads out of the tree", again)
        at.lstat()
    except FileNotFoundError:
        raise Unfit("is gone", "make the plan again") from None
    except (OSError, RuntimeError) as error:
        # RuntimeError: a loop of links, up to Python 3.12
        raise Unfit(
            f"cannot be reached ({getattr(error, 'strerror', None) or 'a loop of links'})", "check the path and its links"
        ) from None
    inside = at.relative_to(root)
    if any(part.lower() == ".git" for part in inside.parts):
        raise Unfit("is one of git's own files", "remove the link")
    return inside.as_posix()


def writable(root: Path, real: str) -> tuple[os.stat_result, bool]:
    """What the file is, and whether it must be written in place. Raises `Unfit`.

    A read-only file is refused, although a rename would get round its mode: somebody meant it. In place: more than one hard
    link (a rename would leave the other names behind with the old text), or an owner or group that a new file cannot be given.
    """
    target = root / real
    try:
        info = target.lstat()
    except OSError as error:
        raise Unfit(f"cannot be looked at ({error.strerror})", "check the permissions of its folder") from None
    if not stat.S_ISREG(info.st_mode):
        raise Unfit("is no regular file", "replace it by a regular file, or leave it out with --exclude")
    # root may write whatever the mode says, so the mode is asked as well
    if not info.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise Unfit("is read-only", "make it writable, or leave it out with --exclude")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise Unfit("lies in a folder where no file can be made", "make the folder writable, or leave it out with --exclude")
    in_place = info.st_nlink > 1
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        in_place = in_place or info.st_uid != os.geteuid() or info.st_gid not in {os.getegid(), *os.getgroups()}
    return info, in_place


def git_folder(root: Path) -> str:
    """The folder of git's own files: `.git`, or absolute where the root is a linked worktree; "" where there is none to be trusted.

    A worktree's `.git` is a file that names a folder elsewhere. It is believed only where that folder names the worktree in turn, as git
    writes it: the file may come from a stranger.
    """
    inside = root / ".git"
    if inside.is_symlink():
        return ""
    if inside.is_dir():
        return ".git"
    try:
        named = read_regular(inside, 4096).decode().removeprefix("gitdir: ").strip()
        folder = (root / named).resolve()
        back = Path(read_regular(folder / "gitdir", 4096).decode().strip())
        return str(folder) if back.is_absolute() and back.samefile(inside) and (folder / "HEAD").is_file() else ""
    except (OSError, ValueError):
        return ""


def _checkout(folder: Path, known: dict[Path, Path | None]) -> Path | None:
    """The nearest folder upwards that is a git checkout; asked of the file system, once per folder."""
    if folder not in known:
        if (folder / ".git").exists():
            known[folder] = folder
        else:
            known[folder] = None if folder.parent == folder else _checkout(folder.parent, known)
    return known[folder]


def _environment() -> dict[str, str]:
    """Without git's own variables, which would point it at another repository when we run inside a hook."""
    pointing = (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_EXTERNAL_DIFF",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
    )
    env = {name: value for name, value in os.environ.items() if name not in pointing}
    return env | {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _git(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Ask git, with nothing of the repository's own settings that starts a program. Raises OSError and `TimeoutExpired`."""
    settings = (
        "core.fsmonitor=false",
        f"core.hooksPath={os.devnull}",
        "protocol.allow=never",
        "diff.external=",
        "status.renames=false",
    )
    command = ["git", "--literal-pathspecs", *(part for setting in settings for part in ("-c", setting)), "-C", str(checkout)]
    return subprocess.run(
        [*command, *arguments],
        env=_environment(),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=_PATIENCE,
    )


def _filters(checkout: Path) -> list[str]:
    """Options that switch off the filters that the repository's own configuration names: each is a program that git would run.

    A file under such a filter counts as changed where its time is newer than git's index: without the filter nobody can say.
    """
    answer = _git(checkout, "config", "--null", "--show-scope", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$")
    parts = os.fsdecode(answer.stdout).split("\0")
    names = {
        name.rpartition(".")[0] for scope, name in zip(parts[::2], parts[1::2], strict=False) if scope in ("local", "worktree")
    }
    wanted = [f"{name}.{key}=" for name in sorted(names) for key in ("clean", "process")]
    wanted += [f"{name}.required=false" for name in sorted(names)]
    return [part for setting in wanted for part in ("-c", setting)]


def _status(checkout: Path, names: list[str]) -> tuple[set[str], str]:
    """Names with uncommitted changes, and git's complaint where it could not say."""
    if special := special_for_git(checkout):
        return set(), f"{special} is no regular file"
    dirty: set[str] = set()
    status = ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", "--"]
    try:
        filters = _filters(checkout)
        for first in range(0, len(names), _GIT_BATCH):
            answer = _git(checkout, *filters, *status, *names[first : first + _GIT_BATCH])
            if answer.returncode:
                complaint = answer.stderr.decode("utf-8", "replace").strip().splitlines()
                if complaint and "not a git repository" in complaint[0]:
                    return set(), ""  # a folder that only happens to be called .git
                return set(), complaint[0] if complaint else f"git ended with {answer.returncode}"
            dirty |= {os.fsdecode(entry[3:]) for entry in answer.stdout.split(b"\0") if len(entry) > 3}
    except OSError as error:
        return set(), f"git cannot be run ({error.strerror})"
    except subprocess.TimeoutExpired:
        return set(), f"git did not answer within {_PATIENCE} seconds"
    return dirty, ""


def uncommitted(root: Path, reals: Iterable[str]) -> dict[str, Unfit]:
    """Of these files, those with uncommitted changes in the git checkout they belong to, and why they must not be written.

    Untracked and ignored files are no obstacle: `undo` brings them back, and git never could. Each file is asked of its own
    checkout, so one in a submodule or a nested repository counts as well.
    """
    known: dict[Path, Path | None] = {}
    groups: dict[Path, dict[str, str]] = {}
    for real in reals:
        target = root / real
        if (checkout := _checkout(target.parent, known)) is not None:
            groups.setdefault(checkout, {})[target.relative_to(checkout).as_posix()] = real
    unfit_files: dict[str, Unfit] = {}
    for checkout, names in groups.items():
        dirty, complaint = _status(checkout, sorted(names))
        if complaint:
            unfit = Unfit(
                f"git cannot say whether it has uncommitted changes: {complaint}", "make git work there, or use --allow-dirty"
            )
            unfit_files |= dict.fromkeys(names.values(), unfit)
        for name in sorted(dirty & names.keys()):
            unfit_files[names[name]] = Unfit("has uncommitted changes", "commit or stash them, or use --allow-dirty")
    return unfit_files

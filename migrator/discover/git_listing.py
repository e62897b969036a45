"""The files of a tree as git lists them: those it tracks, those it does not ignore, and repositories inside of it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator, Sequence

from migrator.text.regular import special_for_git

_SAFE_GIT = (
    *("-c", "core.fsmonitor=false"),  # a configured monitor is a program
    *("-c", "core.hooksPath=" + os.devnull),
    *("-c", "protocol.allow=never"),  # a partial clone would fetch, by a helper of the repository's choice
)
_POINTERS = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_NAMESPACE", "GIT_PREFIX", "GIT_CEILING_DIRECTORIES"),
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
"""Variables by which a caller, say a git hook, points git at one repository; ours is given."""
_PATIENCE = 120
"""Seconds for git to list a tree."""
_PROMPT = 5
"""Seconds after which it is looked whether git waits at a pipe in the place of an ignore file; most trees are listed in less than one."""
_Listing = tuple[list[str], list[str], list[str], list[tuple[str, str]]]


def list_files(top: str, bases: Sequence[str]) -> _Listing | None:
    """Tracked entries (`mode hash stage<TAB>path`), untracked paths, ignored paths, and folders git could not open.

    Three processes side by side. `--work-tree` overrules a `core.worktree` that points elsewhere. None where git fails, or would wait for ever.
    """
    if special_for_git(top):
        return None
    environment = {name: value for name, value in os.environ.items() if name not in _POINTERS}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-C", top, f"--work-tree={top}", "--literal-pathspecs", *_SAFE_GIT, "ls-files", "-z"]
    end = ["--", *bases] if bases else []
    running: list[subprocess.Popen[bytes]] = []
    pipe = subprocess.PIPE
    try:
        for ask in (["-s"], ["-o", "--exclude-standard"], ["-o", "-i", "--exclude-standard", "--directory"]):
            line = [*command, *ask, *end]
            # one by one into the list, so that those already running are ended when the next cannot be started
            running += [subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)]
        answers = [_answer(process, top) for process in running]
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.communicate()
    if any(process.returncode for process in running):
        return None
    tracked, others, ignored = (os.fsdecode(out).split("\0")[:-1] for out, _ in answers)
    return tracked, others, ignored, list(_complaints(os.fsdecode(answers[1][1])))


def _answer(process: subprocess.Popen[bytes], top: str) -> tuple[bytes, bytes]:
    """Standard output and error of one of them. Raises `subprocess.TimeoutExpired` where it would not end."""
    try:
        return process.communicate(timeout=_PROMPT)
    except subprocess.TimeoutExpired:
        if any(stat.S_ISFIFO(os.lstat(path).st_mode) for path in _ignore_files(top)):
            raise
        return process.communicate(timeout=_PATIENCE)


def _ignore_files(top: str) -> Iterator[str]:
    for folder, _, names in os.walk(top):
        yield from (os.path.join(folder, name) for name in (".gitignore", ".gitattributes") if name in names)


def _complaints(text: str) -> Iterator[tuple[str, str]]:
    """Folders that git could not open, with its reason."""
    for line in text.splitlines():
        if match := re.fullmatch(r"warning: could not open directory '(.*)': (.*)", line):
            yield match[1], match[2]

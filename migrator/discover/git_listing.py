"""The files of a tree as git lists them: those it tracks, those it does not ignore, and repositories inside of it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator, Sequence
from typing import Self

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


class Listing:
    """Three processes of git that list a tree side by side; a context, at whose end none of them runs any more.

    What git tracks is known first, so that it can be looked at while the others go on. Each answer is None where git fails, is missing
    or would wait for ever. `--work-tree` overrules a `core.worktree` that points elsewhere.
    """

    def __init__(self, top: str, bases: Sequence[str]) -> None:
        self._top = top
        self._running: list[subprocess.Popen[bytes]] = []
        if special_for_git(top):
            return
        environment = {name: value for name, value in os.environ.items() if name not in _POINTERS}
        environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        command = ["git", "-C", top, f"--work-tree={top}", "--literal-pathspecs", *_SAFE_GIT, "ls-files", "-z"]
        end = ["--", *bases] if bases else []
        pipe = subprocess.PIPE
        try:
            for ask in (["-s"], ["-o", "--exclude-standard"], ["-o", "-i", "--exclude-standard", "--directory"]):
                line = [*command, *ask, *end]
                # one by one into the list, so that those already running are ended when the next cannot be started
                self._running += [subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)]
        except BaseException as error:
            self._end()
            if not isinstance(error, OSError):
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def tracked(self) -> list[str] | None:
        """`mode hash stage<TAB>path` of each file in the index."""
        answer = self._output(0)
        return None if answer is None else _paths(answer[0])

    def others(self) -> tuple[list[str], list[tuple[str, str]]] | None:
        """Paths that are neither tracked nor ignored, and folders that git could not open, each with git's reason."""
        answer = self._output(1)
        return None if answer is None else (_paths(answer[0]), list(_complaints(os.fsdecode(answer[1]))))

    def ignored(self) -> list[str] | None:
        """Ignored paths; a folder whose files are all ignored stands for them, with a closing slash."""
        answer = self._output(2)
        return None if answer is None else _paths(answer[0])

    def _output(self, index: int) -> tuple[bytes, bytes] | None:
        if index >= len(self._running):
            return None
        process = self._running[index]
        try:
            answer = _answer(process, self._top)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return answer if process.returncode == 0 else None

    def _end(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()
        self._running = []


def _paths(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")[:-1]


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

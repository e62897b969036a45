"""Keys that ever stood in a git repository, by shape, over everything its refs reach.

Objects are read rather than diffs: a blob is looked at once however many commits carry it, and merges, deleted files, other
branches, stashes, commit messages and tags need no case of their own. Only the few blobs that hit are traced back to commits.
Git is asked for nothing that could run a program or open a connection.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from migrator.model import MigratorError
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.text.regular import special_for_git

SHAPE = regex(rb"sk-or-v1-[0-9a-f]{64}")
"""The shape of an inference key (TruffleHog's rule); placeholders are shorter or hold other letters."""

_SHORTEST = len("sk-or-v1-") + 64
_OVERLAP = _SHORTEST
_BATCH = 256  # names of 65 bytes at most: far less than a pipe holds
_BLOCK = 1 << 20
_QUIET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# where a user's own settings would change the output or run something
_SETTINGS = ("core.quotePath=false", "core.fsmonitor=false", "log.showSignature=false", "log.showRoot=true", "protocol.allow=never")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One place a key stood in."""

    time: int
    """Seconds since 1970 of the commit; 0 where there is none."""
    commit: str
    """Full id; of the tag where it stood in a tag's message."""
    date: str
    """`2026-01-31`, or empty."""
    path: str
    """Or `(commit message)`, `(tag message)`."""
    in_head: bool
    """Does the current commit still hold it?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A key in the history. Its value is never kept."""

    fingerprint: str
    """First 8 hex digits of its SHA-256: tells keys apart, leads back to none."""
    sights: tuple[Sight, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the history holds, and what could not be looked at."""

    leaks: tuple[Leak, ...]
    commits: int
    objects: int
    incomplete: str | None
    """Why this is not the whole history, in a sentence; None where it is."""


def scan(root: Path) -> History | None:
    """Every key the history of the repository around `root` ever held; None outside git. Raises `MigratorError` where git fails."""
    if special := special_for_git(root):
        raise MigratorError(f"{root}: {special} is no regular file, and git would wait for it; the history cannot be searched.")
    top = _ask(root, "rev-parse", "--git-dir", check=False)
    if top is None:
        return None
    shallow = (_ask(root, "rev-parse", "--is-shallow-repository", check=False) or "").strip() == "true"
    partial = bool((_ask(root, "config", "--get-regexp", r"^remote\..*\.promisor$", check=False) or "").strip())
    hits, objects, commits, missing = _hits(root)
    sights = _sights(root, hits)
    leaks = [
        Leak(fingerprint=fingerprint, sights=tuple(sorted(places, key=lambda sight: (sight.time, sight.commit, sight.path))))
        for fingerprint, places in sights.items()
    ]
    why = None
    if shallow:
        why = "this is a shallow clone: run `git fetch --unshallow` and look again"
    elif partial or missing:
        why = f"this is a partial clone and {missing} objects are not here: clone it whole and look again" if missing else None
    return History(
        leaks=tuple(sorted(leaks, key=lambda leak: (leak.sights[0].time, leak.fingerprint))),
        commits=commits,
        objects=objects,
        incomplete=why,
    )


def fingerprint(key: bytes) -> str:
    """A name for a key that leads back to none."""
    return hashlib.sha256(key).hexdigest()[:8]


@dataclass(slots=True)
class _Hit:
    kind: str
    path: str
    keys: set[str]


def _hits(root: Path) -> tuple[dict[str, _Hit], int, int, int]:
    """Objects that hold a key, by id; how many objects and commits were read; how many are not here."""
    hits: dict[str, _Hit] = {}
    objects = commits = missing = 0
    listing = ("rev-list", "--objects", "--all", "--missing=allow-any")
    with (
        _running(root, *listing) as names,
        _running(root, "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize) %(rest)", stdin=names.stdout) as sizes,
        _running(root, "cat-file", "--batch=%(objecttype) %(objectname) %(objectsize)", stdin=subprocess.PIPE) as contents,
    ):
        assert sizes.stdout is not None
        assert contents.stdin is not None
        assert contents.stdout is not None
        waiting: list[tuple[bytes, bytes, bytes]] = []

        def read() -> int:
            """Reads what is waiting; a batch is small enough that neither side ever blocks the other."""
            assert contents.stdin is not None
            assert contents.stdout is not None
            lost = 0
            contents.stdin.write(b"".join(name + b"\n" for _, name, _ in waiting))
            contents.stdin.flush()
            for kind, name, path in waiting:
                head = contents.stdout.readline().split()
                if len(head) != 3:
                    lost += 1
                elif keys := _keys(contents.stdout, int(head[2])):
                    hits[name.decode()] = _Hit(kind=kind.decode(), path=path.decode("utf-8", "replace"), keys=keys)
            waiting.clear()
            return lost

        for row in sizes.stdout:
            if row.endswith(b" missing\n"):
                missing += 1
                continue
            kind, name, size, path = (*row.rstrip(b"\n").split(b" ", 3), b"")[:4]
            if kind not in (b"blob", b"commit", b"tag"):
                continue
            objects += 1
            commits += kind == b"commit"
            if int(size) >= _SHORTEST:
                waiting.append((kind, name, path))
            if len(waiting) == _BATCH:
                missing += read()
        missing += read()
        contents.stdin.close()
    return hits, objects, commits, missing


def _keys(stream: IO[bytes], size: int) -> set[str]:
    """Fingerprints of the keys in the next `size` bytes, and the line end after them taken away; large objects in pieces."""
    keys: set[str] = set()
    tail = b""
    left = size
    while left:
        block = stream.read(min(left, _BLOCK))
        if not block:
            raise MigratorError("git stopped in the middle of an object; run `git fsck`.")
        left -= len(block)
        text = tail + block
        keys.update(fingerprint(match[0]) for match in SHAPE.finditer(text))
        tail = text[-_OVERLAP:]
    stream.read(1)
    return keys


def _sights(root: Path, hits: Mapping[str, _Hit]) -> dict[str, list[Sight]]:
    sights: dict[str, list[Sight]] = {}

    def add(hit: _Hit, commit: str, when: str, path: str, *, in_head: bool) -> None:
        seconds, _, date = when.partition(" ")
        sight = Sight(time=int(seconds or 0), commit=commit, date=date, path=path, in_head=in_head)
        for key in hit.keys:
            sights.setdefault(key, []).append(sight)

    blobs = {name: hit for name, hit in hits.items() if hit.kind == "blob"}
    present = _in_head(root, blobs) if blobs else frozenset()
    traced: set[str] = set()
    for chunk in _chunks(sorted(blobs), 200):
        for commit, when, blob, path in _added(root, chunk):
            if blob in blobs:
                traced.add(blob)
                add(blobs[blob], commit, when, path, in_head=blob in present)
    for name, hit in hits.items():
        if hit.kind == "blob" and name not in traced:
            # reached by a ref that is no commit: a tag of a blob, a note
            add(hit, name, "", hit.path or "(a tagged file)", in_head=name in present)
        elif hit.kind != "blob":
            when = (_ask(root, "log", "-1", "--format=%ct %cs", name, check=False) or "").strip()
            add(hit, name, when, f"({hit.kind} message)", in_head=False)
    return sights


def _added(root: Path, blobs: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
    """Commit, time and date, blob and path wherever one of the blobs came in; a merge counts against each of its parents."""
    wanted = [f"--find-object={blob}" for blob in blobs]
    shape = ("-m", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--format=%x01%H %ct %cs")
    arguments = ("log", "--all", "--full-history", *shape)
    commit = when = ""
    seen: set[tuple[str, str, str]] = set()
    with _running(root, *arguments, *wanted) as log:
        assert log.stdout is not None
        for raw in log.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if line.startswith("\x01"):
                commit, _, when = line[1:].partition(" ")
            elif line.startswith(":"):
                state, _, path = line.partition("\t")
                blob = state.split()[3]
                if (commit, blob, path) not in seen:
                    seen.add((commit, blob, path))
                    yield commit, when, blob, path


def _in_head(root: Path, blobs: Mapping[str, _Hit]) -> frozenset[str]:
    if _ask(root, "rev-parse", "--verify", "--quiet", "HEAD", check=False) is None:
        return frozenset()
    names: set[str] = set()
    with _running(root, "ls-tree", "-r", "--full-tree", "HEAD") as tree:
        assert tree.stdout is not None
        names.update(name for line in tree.stdout if (name := line.partition(b"\t")[0].split()[2].decode()) in blobs)
    return frozenset(names)


def _chunks(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _command(arguments: tuple[str, ...]) -> list[str]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    return ["git", "--no-pager", "--no-replace-objects", *settings, *arguments]


def _environment() -> dict[str, str]:
    # a hook sets GIT_DIR and the like, and would have another repository searched than the one that was named
    kept = ("GIT_CONFIG", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(kept)} | _QUIET


def _ask(root: Path, *arguments: str, check: bool) -> str | None:
    """What git prints; None where it fails and `check` is off."""
    try:
        done = subprocess.run(
            _command(arguments), cwd=root, env=_environment(), capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        return None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        if check or "dubious ownership" in said:
            raise MigratorError(f"{root}: git failed: {said.splitlines()[0] if said else arguments[0]}")
        return None
    return done.stdout.decode("utf-8", "replace")


@contextmanager
def _running(root: Path, *arguments: str, stdin: IO[bytes] | int | None = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        _command(arguments), cwd=root, env=_environment(), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        if process.stdout is not None:
            process.stdout.close()
        if process.wait() not in (0, -13):
            raise MigratorError(f"{root}: `git {arguments[0]}` failed; run `git fsck` to see why.")

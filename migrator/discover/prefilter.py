"""Which of the files name OpenRouter: every file is read once, as bytes, and searched for plain text before anything is parsed.

What is read is handed on, so that a plan speaks of one state of a file. Where a machine has two processors and the tree is
large, a forked second process takes every other file; threads would only hand the interpreter back and forth.
"""

from __future__ import annotations

import codecs
import errno
import marshal
import os
import signal
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import cast

from migrator.discover.files import is_env_name, special
from migrator.discover.generated import attributed, made
from migrator.discover.large import MOST, excerpt, in_mib
from migrator.discover.needles import names_openrouter
from migrator.discover.path_kinds import is_document, is_recorded
from migrator.model import Problem, Skip
from migrator.records import dataclass, field

LIMIT = 4 << 20
"""Bytes; nobody writes a larger file by hand, and a parser would take seconds over it. Larger ones are searched, not parsed."""
NOTEBOOK_LIMIT = 32 << 20
"""Bytes; one plot makes a notebook large, and its reader passes over outputs without cost."""
FORK_FROM = 1_000
"""Files; below that a second process costs more than it saves."""
_HEAD = 8_192

_BINARY_SUFFIXES = frozenset(
    """
    7z a aac ai apk avi avif bin blend bmp br bz2 class cur dat db dcm deb dll dmg doc docx dylib ear eot exe fbx flac flv gguf
    gif glb gltf gz h5 heic icns ico iso jar jpeg jpg lockb lz4 m4a m4v mkv mov mp3 mp4 mpeg mpg msi npy npz o obj odp ods odt
    ogg onnx opus otf parquet pdf pickle pkl png ppt pptx psd pt pth pyc pyd pyo rar rpm safetensors so sqlite sqlite3 tar tflite
    tgz tif tiff ttf war wasm wav webm webp whl wmv woff woff2 xls xlsx xz zip zst
    """.split()  # noqa: SIM905 - a table to read
)
_TEXT_SUFFIXES = frozenset(
    """
    astro bash cfg cjs conf cts dockerfile go graphql hcl html ini ipynb java js json json5 jsonc jsx kt md mdx mjs mts php
    properties ps1 py pyi pyw rb rs rst sh sql svelte tf tfvars toml ts tsx txt vue xml yaml yml zsh
    """.split()  # noqa: SIM905
)


def _finder() -> Callable[[bytes, bytes], int]:
    """What looks for bytes in bytes: a library that compares many at once where it is installed, ten times as fast as Python."""
    try:
        from stringzilla import find
    except ImportError:
        return bytes.find
    return cast("Callable[[bytes, bytes], int]", find)


_find = _finder()


class _Fate:
    """What became of a file. Plain numbers: they go through a pipe between two processes that only knows built-in types."""

    HIT, BINARY, LARGE, HUGE, SPECIAL, LINKED, FOLDER, NUL, DENIED, GONE, BESIDE = range(11)


_Row = tuple[int, int, bytes]
"""Index of the file, what became of it, and its bytes (or the words that explain)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sought:
    """What is looked for in each file."""

    literals: frozenset[bytes] = frozenset()
    """In exact case."""
    service: bool = False
    """The service's own names, in any case; a file with one of the literals instead stands beside those files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """The files that name OpenRouter, and what could not be searched."""

    sources: dict[str, bytes]
    """Path to the bytes that were read, in the order of the list: the files to parse."""
    not_edited: dict[str, bytes]
    """Lock, minified and generated files that name OpenRouter; each is named in `skipped` too."""
    unparsed: dict[str, bytes]
    """Files that name OpenRouter and cannot be parsed, with a problem unless nothing in them runs: only what they name is known. The bytes of one that is too
    large are those around its matches, each on the line it stands on."""
    skipped: tuple[Skip, ...]
    problems: tuple[Problem, ...]
    scanned: int
    """Files whose bytes were searched."""
    beside: dict[str, bytes]
    """Files that do not name OpenRouter and hold one of the literals that were asked for."""


def sift(root: Path, files: Sequence[str], beside: frozenset[bytes] = frozenset()) -> Sifted:
    """Read every file below `root` and keep those that name OpenRouter, and apart from them those that hold one of the literals `beside`.

    `files` are relative POSIX paths as `discover` gives them. A file that is gone by now is left out without a word; links are
    not followed. One that cannot be read, or holds a NUL byte where source text is expected, is a problem; the rest goes on.
    """
    rows = _scan(os.path.realpath(root), files, _Sought(service=True, literals=beside))
    sorting = _Sorting()
    sources: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    attributes: Mapping[str, str] | None = None
    unsearched = 0
    for index, fate, data in rows:
        path = files[index]
        if fate not in (_Fate.HIT, _Fate.BESIDE):
            unsearched += fate not in (_Fate.NUL, _Fate.LARGE)
            sorting.put(path, fate, data)
            continue
        if attributes is None:
            attributes = attributed(root, [files[at] for at, kind, _ in rows if kind in (_Fate.HIT, _Fate.BESIDE)])
        reason = attributes.get(path) or made(path, data)
        if fate == _Fate.BESIDE:
            if not reason:
                others[path] = data
        elif reason:
            sorting.leave(path, data, reason)
        else:
            sources[path] = data
    skips = sorted((sorting.skips | _summary(sorting.binaries)).items())
    return Sifted(
        sources=sources,
        not_edited=sorting.not_edited,
        unparsed=sorting.unparsed,
        skipped=tuple(Skip(path=path, reason=reason, matters=path in sorting.unknown) for path, reason in skips),
        problems=tuple(sorting.problems),
        scanned=len(files) - unsearched,
        beside=others,
    )


@dataclass(slots=True)
class _Sorting:
    """Where files go that are not read as source: each with a reason, or a problem."""

    not_edited: dict[str, bytes] = field(default_factory=dict)
    unparsed: dict[str, bytes] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Skipped files of which nobody knows what they say."""
    skips: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    binaries: list[str] = field(default_factory=list)

    def leave(self, path: str, data: bytes, reason: str) -> None:
        """Skip a file that is never edited; what it says still counts."""
        self.skips[path] = reason
        self.not_edited[path] = data

    def put(self, path: str, fate: int, data: bytes) -> None:
        """One file, by what the scan made of it."""
        match fate:
            case _Fate.BINARY:
                self.binaries.append(path)
            case _Fate.LARGE:
                if reason := made(path, data):
                    self.leave(path, data, reason)
                    return
                self.unparsed[path] = data
                if not (is_recorded(path) or is_document(path)):
                    self.problems.append(_too_large(path))
            case _Fate.HUGE:
                self.skips[path] = f"larger than {in_mib(MOST)}; not searched"
                self.unknown.add(path)
            case _Fate.SPECIAL:
                self.skips[path] = data.decode()
            case _Fate.LINKED:
                self.skips[path] = "link that took a file's place during the run"
            case _Fate.FOLDER:
                self.skips[path + "/"] = "a repository of its own; run the tool in it"
            case _Fate.NUL:
                self.problems.append(_nul(path, data))
                self.unparsed[path] = data.replace(b"\0", b" ")
            case _Fate.DENIED:
                self.problems.append(
                    Problem(
                        path=path,
                        line=0,
                        message=f"cannot be read: {data.decode()}",
                        remedy="Give yourself the right to read it, or leave it out with --exclude.",
                    )
                )


def sift_for(root: Path, files: Sequence[str], needles: frozenset[bytes]) -> dict[str, bytes]:
    """A second, bounded look: the files that hold any of some literals in exact case, as `sift` would hand them on.

    For the names that the first look brought up: a constant of another module, another variable. Leave out of `files` what is
    known already. What cannot be read was said the first time.
    """
    if not needles or not files:
        return {}
    rows = _scan(os.path.realpath(root), files, _Sought(literals=_without_longer(needles)))
    hits = {files[index]: data for index, fate, data in rows if fate == _Fate.HIT}
    attributes = attributed(root, list(hits)) if hits else {}
    return {path: data for path, data in hits.items() if path not in attributes and not made(path, data)}


def _without_longer(needles: frozenset[bytes]) -> frozenset[bytes]:
    """The literals without those that hold another one of them: a file with `:free"` has `:free`."""
    return frozenset(needle for needle in needles if not any(other in needle for other in needles if other != needle))


def _scan(top: str, files: Sequence[str], sought: _Sought) -> list[_Row]:
    """What became of each file that was not simply searched in vain, in the order of the list."""
    everything = range(len(files))
    if len(files) >= FORK_FROM and _may_fork():
        return sorted(_scan_in_two(top, files, everything, sought))
    return _scan_some(top, files, everything, sought)


def _may_fork() -> bool:
    """A fork helps with two processors and is safe with one thread; a progress bar's thread is reason enough to go on alone."""
    if os.name != "posix" or sys.platform == "darwin":
        return False
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:
        threading = sys.modules.get("threading")
        threads = threading.active_count() if threading else 1
    return threads == 1 and (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) > 1


def _scan_in_two(top: str, files: Sequence[str], indices: range, sought: _Sought) -> list[_Row]:
    """Half of the files in a forked child. A child that fails costs time, not results."""
    mine, theirs = indices[0::2], indices[1::2]
    try:
        reader, writer = os.pipe()
    except OSError:
        return _scan_some(top, files, indices, sought)
    try:
        child = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return _scan_some(top, files, indices, sought)
    if child == 0:
        code = 1
        try:
            os.close(reader)
            with open(writer, "wb") as pipe:
                marshal.dump(_scan_some(top, files, theirs, sought), pipe)
            code = 0
        finally:
            os._exit(code)  # no traceback, no exit handlers, no second flush of the parent's buffers
    os.close(writer)
    try:
        with open(reader, "rb") as pipe:
            rows = _scan_some(top, files, mine, sought)
            answer = pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        status = os.waitpid(child, 0)[1]
    if status == 0:
        rows += marshal.loads(answer)
    else:
        rows += _scan_some(top, files, theirs, sought)
    return rows


_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # a link was resolved when it was found; one that appears later is not trusted
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe must not wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


_BATCH = 32 << 10
"""Bytes of small files that are searched at once: asking five times for each costs as much as reading it. More would leave the cache."""
_SMALL = 65_536
"""Bytes; what is smaller comes with one read."""
_MARKS = (b"\xff", b"\xfe")
"""First bytes of UTF-16, which is searched by itself."""


def _scan_some(top: str, files: Sequence[str], indices: range, sought: _Sought) -> list[_Row]:
    rows: list[_Row] = []
    texts: list[tuple[int, bytes]] = []
    size = 0
    folder = os.open(top, os.O_RDONLY) if os.open in os.supports_dir_fd else None
    try:
        for index in indices:
            path = files[index]
            if path[path.rfind(".") + 1 :].lower() in _BINARY_SUFFIXES and _is_binary(path[path.rfind("/") + 1 :]):
                rows.append((index, _Fate.BINARY, b""))
                continue
            try:
                descriptor = os.open(path if folder is not None else os.path.join(top, path), _FLAGS, dir_fd=folder)
                try:
                    data = _plain(descriptor)
                    row = _look(descriptor, path[path.rfind("/") + 1 :], sought) if data is None else None
                finally:
                    os.close(descriptor)
            except OSError as error:
                data, row = None, _failure(error)
            if data is not None:
                texts.append((index, data))
                size += len(data)
                if size >= _BATCH:
                    rows += _found(texts, sought)
                    texts, size = [], 0
            elif row is not None:
                rows.append((index, *row))
    finally:
        if folder is not None:
            os.close(folder)
    rows += _found(texts, sought)
    return sorted(rows)


def _is_binary(name: str) -> bool:
    dot = name.rfind(".")
    return dot > 0 and name[dot + 1 :].lower() in _BINARY_SUFFIXES and not is_env_name(name)


def _plain(descriptor: int) -> bytes | None:
    """All bytes of a small text file, which most are; None for any other, which is looked at with more care.

    Nothing is read of a pipe, a socket or a terminal: these have no position to read at.
    """
    try:
        data = _read_at_start(descriptor)
    except OSError:
        return None
    return data if 0 < len(data) < _SMALL and b"\0" not in data and data[:1] not in _MARKS else None


def _read_at_start(descriptor: int) -> bytes:
    """The first bytes of a file that has a position, which stays where it is."""
    if sys.platform != "win32":
        return os.pread(descriptor, _SMALL, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = os.read(descriptor, _SMALL)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return data


def _found(texts: list[tuple[int, bytes]], sought: _Sought) -> list[_Row]:
    """What became of some texts, where anything did. No word that is looked for holds a NUL byte, so none reaches from one to the next."""
    if _fate(b"\0".join([data for _, data in texts]), sought) is None:
        return []
    return [(index, fate, data) for index, data in texts if (fate := _fate(data, sought)) is not None]


def _failure(error: OSError) -> tuple[int, bytes]:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _Fate.GONE, b""
    if error.errno in (errno.ELOOP, errno.EMLINK):  # what O_NOFOLLOW answers to a link; BSD says EMLINK
        return _Fate.LINKED, b""
    if isinstance(error, IsADirectoryError):
        return _Fate.FOLDER, b""
    if error.errno == errno.ENXIO:  # a socket cannot be opened at all
        return _Fate.SPECIAL, b"special file (socket)"
    return _Fate.DENIED, (error.strerror or type(error).__name__).encode()


def _look(descriptor: int, name: str, sought: _Sought) -> tuple[int, bytes] | None:
    """One open file: its bytes where they match, what it is where it cannot be searched, None where it does not match."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return (_Fate.FOLDER, b"") if stat.S_ISDIR(status.st_mode) else (_Fate.SPECIAL, special(status.st_mode).encode())
    data = os.read(descriptor, min(status.st_size + 1, _SMALL))
    if data.find(b"\0", 0, _HEAD) >= 0 and not _utf16(data) and not _is_text(name):
        return _Fate.BINARY, b""
    limit = NOTEBOOK_LIMIT if name.endswith(".ipynb") else LIMIT
    if status.st_size > limit:
        return _look_into_large(descriptor, data, status.st_size, sought)
    if len(data) != status.st_size:
        pieces = [data]
        size = len(data)
        while piece := os.read(descriptor, 1 << 20):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                return _look_into_large(descriptor, b"".join(pieces), size, sought)
        data = b"".join(pieces)
    if _utf16(data):
        plain = data.decode("utf-16", "replace").encode("utf-8", "replace")
        fate = _fate(plain, sought)
        return None if fate is None else (fate, data)
    fate = _fate(data, sought)
    if fate is None:
        return None
    if b"\0" not in data:
        return fate, data
    return None if fate == _Fate.BESIDE else (_Fate.NUL, data)


def _look_into_large(descriptor: int, head: bytes, size: int, sought: _Sought) -> tuple[int, bytes] | None:
    """A file that no reader is given: what stands around its matches. `head` was read already."""
    if not sought.service:
        return None  # a file that takes part without naming the service; it is not parsed at this size
    if size > MOST:
        return _Fate.HUGE, b""
    around = excerpt(chain([head], iter(lambda: os.read(descriptor, 1 << 20), b"")))
    return (_Fate.LARGE, around) if around else None


def _fate(data: bytes, sought: _Sought) -> int | None:
    """What becomes of a text: a hit, a file beside the hits, or nothing."""
    if sought.service and names_openrouter(data, _find):
        return _Fate.HIT
    for literal in sought.literals:
        if _find(data, literal) >= 0:
            return _Fate.BESIDE if sought.service else _Fate.HIT
    return None


def _utf16(data: bytes) -> bool:
    """True for UTF-16 with its mark; the mark of UTF-32 begins with the same two bytes."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not data.startswith(codecs.BOM_UTF32_LE)


def _is_text(name: str) -> bool:
    return _suffix(name) in _TEXT_SUFFIXES or is_env_name(name) or name.startswith(("Dockerfile", "Makefile"))


def _suffix(name: str) -> str:
    """What stands after the last dot, in lower case; "" where there is none: a file called `bin` need not be binary."""
    stem, _, suffix = name.rpartition(".")
    return suffix.lower() if stem else ""


def _too_large(path: str) -> Problem:
    notebook = path.endswith(".ipynb")
    return Problem(
        path=path,
        line=0,
        message=f"names OpenRouter and is larger than {in_mib(NOTEBOOK_LIMIT if notebook else LIMIT)}: it was searched and not read",
        remedy=f"{'Clear its outputs' if notebook else 'Split it'}, or leave it out with --exclude.",
    )


def _nul(path: str, data: bytes) -> Problem:
    return Problem(
        path=path,
        line=data.count(b"\n", 0, data.index(b"\0")) + 1,
        message="holds a NUL byte, so it is not text",
        remedy="Remove the byte, or leave the file out with --exclude.",
    )


def _summary(paths: Sequence[str]) -> dict[str, str]:
    """Binary files, one line for each top folder: nobody reads a list of pictures."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        head, slash, _ = path.partition("/")
        groups.setdefault(head + slash if slash else ".", []).append(path)
    return {
        (group[0] if len(group) == 1 else folder): "binary file" if len(group) == 1 else f"{len(group)} binary files"
        for folder, group in groups.items()
    }

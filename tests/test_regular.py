"""Files that nobody vouches for are read to a limit, and never waited at."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from migrator.text.regular import _OF_GIT, read_beginning, read_given, read_regular, special_for_git, write_plain, write_private

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")


def test_a_file_is_read_to_its_limit_and_one_beyond_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"12345678")
    for read in (read_regular, read_given):
        assert read(path, 8) == b"12345678"
        with pytest.raises(OSError, match=r"list\.txt") as caught:
            read(path, 7)
        assert caught.value.errno == errno.EFBIG
    assert read_beginning(path, 3) == b"123"
    assert read_beginning(path, 0) == b""


def test_a_long_beginning_comes_in_pieces(tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_000
    (tmp_path / "long").write_bytes(data)
    assert read_beginning(tmp_path / "long", len(data) - 1) == data[:-1]
    assert read_beginning(tmp_path / "long", len(data) + 1) == data


@needs_pipes
def test_pipes_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no regular file"):
        read_regular(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none")
    with pytest.raises(OSError, match="pipe"):
        write_plain(tmp_path / "pipe", b"x")


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OSError, match="link"):
        write_plain(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="needs modes of files")
def test_what_is_private_is_so_also_where_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "patch"
    path.write_bytes(b"a longer text than the new one")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_plain(tmp_path / "plain", b"new")
    assert (tmp_path / "plain").read_bytes() == b"new"
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) == 0o666 & ~umask


@needs_pipes
@pytest.mark.parametrize(
    "name",
    [
        ".gitignore",
        ".gitattributes",
        ".gitmodules",
        ".git/HEAD",
        ".git/config",
        ".git/config.worktree",
        ".git/index",
        ".git/packed-refs",
        ".git/commondir",
        ".git/shallow",
        ".git/info/exclude",
        ".git/info/attributes",
        ".git/info/grafts",
        ".git/info/sparse-checkout",
        ".git/objects/info/alternates",
    ],
)
def test_what_git_would_wait_at_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    assert special_for_git(tmp_path) == ""
    path.write_text("", "utf-8")
    assert special_for_git(tmp_path) == ""
    path.unlink()
    os.mkfifo(path)
    assert special_for_git(tmp_path) == name


@needs_pipes
@pytest.mark.parametrize("name", _OF_GIT)
def test_git_would_wait_at_each_of_its_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / name)
    assert special_for_git(tmp_path) == name


def test_git_waits_at_no_folder(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()
    assert special_for_git(tmp_path) == ""


def test_the_files_of_git_are_named_as_git_names_them() -> None:
    assert set(_OF_GIT) >= {".gitignore", ".gitattributes", ".git/HEAD", ".git/config", ".git/index", ".git/info/exclude"}
    assert set(_OF_GIT) >= {".gitmodules", ".git/packed-refs", ".git/info/attributes", ".git/info/sparse-checkout"}

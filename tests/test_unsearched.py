"""What is not looked into is said where it could change the answer, and no key may be revoked over it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.discover import unsearched
from migrator.lifecycle import retire
from migrator.model import Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan

READS = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'


def _write(path: Path, text: str = READS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _git(tree: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True)


def _nested(tree: Path) -> str:
    _write(tree / "inner/app.py")
    _git(tree / "inner", "init", "-q")
    return "inner/"


def _submodule(tree: Path) -> str:
    other = tree.parent / "other"
    _write(other / "app.py")
    _git(other, "init", "-q")
    _git(other, "add", "-A")
    _git(other, "commit", "-qm", "x")
    _git(tree, "init", "-q")
    _git(tree, "submodule", "add", "-q", str(other), "sub")
    return "sub/"


def _empty_submodule(tree: Path) -> str:
    path = _submodule(tree)
    _git(tree, "add", "-A")
    _git(tree, "commit", "-qm", "x")
    _git(tree, "submodule", "deinit", "-f", "sub")
    return path


def _vendored(tree: Path) -> str:
    _write(tree / "vendor/lib/client.py")
    return "vendor/"


def _output(tree: Path) -> str:
    _write(tree / "package.json", "{}\n")
    _write(tree / "dist/app.js", 'fetch("https://openrouter.ai/api/v1")\n')
    return "dist/"


def _link_out(tree: Path) -> str:
    _write(tree.parent / "outside.py")
    (tree / "link.py").symlink_to(tree.parent / "outside.py")
    return "link.py"


def _large(tree: Path) -> str:
    _write(tree / "vendor/large.py", "#" * (33 << 20))
    return "vendor/"


def _excluded(tree: Path) -> str:
    _write(tree / "old/app.py")
    _write(tree / ".migrate-openrouter.toml", 'exclude = ["old"]\n')
    return "old/app.py"


def _ignored_file(tree: Path) -> str:
    _write(tree / "local_settings.py")
    _write(tree / ".gitignore", "local_settings.py\n")
    _git(tree, "init", "-q")
    return "local_settings.py"


def _ignored_folder(tree: Path) -> str:
    _write(tree / "scratch/try.py")
    _write(tree / ".gitignore", "scratch/\n")
    _git(tree, "init", "-q")
    return "scratch/"


KINDS: dict[str, Callable[[Path], str]] = {
    "a nested repository": _nested,
    "a submodule": _submodule,
    "a submodule that is not checked out": _empty_submodule,
    "vendored code": _vendored,
    "build output beside its manifest": _output,
    "a link out of the tree": _link_out,
    "a vendored file that is too large": _large,
    "what the configuration leaves out": _excluded,
    "a file that git ignores": _ignored_file,
    "a folder that git ignores": _ignored_folder,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    return root


def _plan(root: Path) -> Plan:
    from migrator.discover import config

    exclude = tuple(word.value for word in config.read(root).exclude)
    return make_plan(root, [root], Options(target=targets.load(), exclude=exclude))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("alone", [True, False], ids=["nothing else", "beside code"])
def test_what_was_passed_over_is_said_and_keeps_the_key(tree: Path, kind: str, alone: bool) -> None:
    if not hasattr(os, "symlink"):
        pytest.skip("no links")
    path = KINDS[kind](tree)
    if not alone:
        _write(tree / "app.py")
    plan = _plan(tree)
    assert [skip.path for skip in plan.skipped if skip.matters] == [path]
    checklist = retire.build(plan, None)
    assert any(path in item.title for item in checklist.open())
    assert "may be revoked" not in retire.render(checklist)
    ticked = {item.title for item in checklist.items if item.by_hand}
    if alone:
        assert not retire.build(plan, None, ticked).open()


@pytest.mark.parametrize("kind", ["a nested repository", "a submodule", "what the configuration leaves out"])
def test_other_peoples_readers_keep_the_old_variable(tree: Path, kind: str) -> None:
    path = KINDS[kind](tree)
    _write(tree / "app.py")
    _write(tree / ".env", "OPENROUTER_API_KEY=\n")
    plan = _plan(tree)
    assert "rename" not in {row.decision for row in plan.env if row.name == "OPENROUTER_API_KEY"}
    assert not any(edited.startswith(path) for edited in plan.edits())
    assert not any(finding.path.startswith(path) for finding in plan.findings)
    # and they hold nothing back: a second variable stands beside theirs
    assert {edit.new for edit in plan.edits()["app.py"]} == {"https://synapse.garden/api/v1", "MG_KEY"}
    assert [edit.new.strip() for edit in plan.edits()[".env"]] == ["MG_KEY="]


@pytest.mark.parametrize("name", ["README.md", "test_x.py"])
def test_a_page_or_test_of_another_repository_changes_nothing(tree: Path, name: str) -> None:
    _write(tree / "app.py")
    _write(tree / ".env", "OPENROUTER_API_KEY=\n")
    _write(tree / "inner" / name, "# set OPENROUTER_API_KEY first\n")
    _git(tree / "inner", "init", "-q")
    assert set(_plan(tree).edits()) == {"app.py", ".env"}


def test_what_does_not_name_openrouter_is_no_matter(tree: Path) -> None:
    for name in ("vendor/lib/a.py", "inner/b.py", "dist/c.js"):
        _write(tree / name, "x = 1\n")
    _write(tree / "package.json", "{}\n")
    _git(tree / "inner", "init", "-q")
    plan = _plan(tree)
    assert {skip.path for skip in plan.skipped} == {"vendor/", "inner/", "dist/"}
    assert not any(skip.matters for skip in plan.skipped)
    assert "may be revoked" in retire.render(retire.build(plan, None))


def test_dependencies_inside_are_not_searched(tree: Path) -> None:
    _write(tree / "inner/node_modules/x/a.js")
    _write(tree / "inner/a.py", "x = 1\n")
    _git(tree / "inner", "init", "-q")
    assert not any(skip.matters for skip in _plan(tree).skipped)


def test_what_git_ignores_and_names_nothing_is_no_matter(tree: Path) -> None:
    for name in ("scratch/a.py", "b.log"):
        _write(tree / name, "x = 1\n")
    _write(tree / "app.py", "x = 1\n")
    _write(tree / ".gitignore", "scratch/\n*.log\n")
    _git(tree, "init", "-q")
    plan = _plan(tree)
    assert {skip.path for skip in plan.skipped} == {"scratch/", "."}
    assert not any(skip.matters for skip in plan.skipped)


def test_a_file_that_git_ignores_and_that_is_too_large_is_said(tree: Path) -> None:
    (tree / "dump.sql").write_bytes(b"#" * (33 << 20))
    (tree / "data.sql").write_bytes(b"\0" * (33 << 20))
    _write(tree / "app.py", "x = 1\n")
    _write(tree / ".gitignore", "*.sql\n")
    _git(tree, "init", "-q")
    (skip,) = [skip for skip in _plan(tree).skipped if skip.matters]
    assert "too much" in skip.reason
    (tree / "dump.sql").unlink()  # what is left is no text
    assert not any(skip.matters for skip in _plan(tree).skipped)


def test_the_look_ends_and_says_so(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsearched, "MOST_FILES", 5)
    for number in range(9):
        _write(tree / f"vendor/{number}.py", "x = 1\n")
    (skip,) = _plan(tree).skipped
    assert skip.matters
    assert "too much" in skip.reason

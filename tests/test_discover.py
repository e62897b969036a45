"""Which files are looked at, on real repositories in temporary folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from migrator.discover.files import Discovery, discover, find_root, is_env_name
from migrator.discover.globs import matcher
from migrator.model import MigratorError


def git(root: Path, *arguments: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clean |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True, env=clean)


def put(root: Path, *paths: str, text: str = "x\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q")
    return root


def look(root: Path, *paths: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Discovery:
    return discover(root, paths or (root,), include=include, exclude=exclude)


def reasons(found: Discovery) -> dict[str, str]:
    return {skip.path: skip.reason for skip in found.skipped}


# --- git ------------------------------------------------------------------------------------------------------------------


def test_git_lists_tracked_and_untracked_but_not_ignored(repo: Path) -> None:
    put(repo, "a.py", "src/b.py", "new.py", "junk.log")
    put(repo, ".gitignore", text="*.log\n")
    git(repo, "add", "a.py", "src", ".gitignore")
    found = look(repo)
    assert found.files == (".gitignore", "a.py", "new.py", "src/b.py")
    assert found.git
    assert reasons(found) == {".": "1 file ignored by git"}


def test_the_env_family_is_found_though_git_ignores_it(repo: Path) -> None:
    put(repo, ".gitignore", text=".env*\n*.env\n.dev.vars\nnode_modules\nprivate/\n")
    names = (".env", "app/.env.local", "app/prod.env", "deep/er/.envrc", "worker/.dev.vars", "new/only/.env")
    put(repo, "app/main.py", *names, "node_modules/p/.env", "private/.env")
    git(repo, "add", "app/main.py", ".gitignore")
    found = look(repo)
    assert set(found.files) == {".gitignore", "app/main.py", *names}
    assert reasons(found) == {"node_modules/": "installed dependencies", "private/": "ignored by git"}


def test_names_that_no_shell_likes(repo: Path) -> None:
    names = ["-dash.py", "two words.py", "line\nbreak.py", "tab\t.py", 'quote".py', "ü/ñ.py", "back\\slash.py"]
    put(repo, *names[:-2])
    git(repo, "add", "--all")
    put(repo, *names[-2:])  # untracked names come by another way
    odd = os.fsdecode(b"latin-\xe9.py")
    try:
        put(repo, odd)
        names.append(odd)
    except OSError:  # this file system wants UTF-8
        pass
    assert look(repo).files == tuple(sorted(names))


def test_a_tracked_file_that_was_deleted_is_only_a_name(repo: Path) -> None:
    put(repo, "a.py", "b.py")
    git(repo, "add", "--all")
    (repo / "a.py").unlink()
    assert "b.py" in look(repo).files


def test_a_conflict_is_listed_once(repo: Path) -> None:
    put(repo, "a.py", text="base\n")
    git(repo, "add", "a.py")
    git(repo, "commit", "-qm", "base")
    git(repo, "checkout", "-qb", "other")
    put(repo, "a.py", text="other\n")
    git(repo, "commit", "-qam", "other")
    git(repo, "checkout", "-q", "-")
    put(repo, "a.py", text="mine\n")
    git(repo, "commit", "-qam", "mine")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "other")
    assert look(repo).files == ("a.py",)


def test_skipped_folders_are_named_once_and_what_git_tracks_in_them_is_set_aside(repo: Path) -> None:
    put(repo, "package.json", "vendor/a.go", "vendor/b/c.go", "dist/x.js", "node_modules/m/i.js", "third_party/t.py", "src/a.ts")
    put(repo, "env/pyvenv.cfg", "env/lib/a.py", "lib/site-packages/p.py", "pkg/__pycache__/a.pyc")
    git(repo, "add", "--all")
    found = look(repo)
    assert found.files == ("package.json", "src/a.ts")
    assert reasons(found) == {
        "dist/": "build output",
        "env/": "virtual environment",
        "lib/site-packages/": "installed dependencies",
        "node_modules/": "installed dependencies",
        "third_party/": "vendored",
        "vendor/": "vendored",
    }
    assert {"vendor/a.go", "vendor/b/c.go", "dist/x.js"} <= set(found.not_edited)


def test_a_page_called_build_is_source(repo: Path) -> None:
    put(repo, "package.json", "app/build/page.tsx", "app/target/page.tsx", "src/out/a.py", "src/coverage/b.py", "out/index.html")
    git(repo, "add", "--all")
    found = look(repo)
    assert found.files == ("app/build/page.tsx", "app/target/page.tsx", "package.json", "src/coverage/b.py", "src/out/a.py")
    assert reasons(found) == {"out/": "build output"}


def test_nested_repositories_and_submodules_are_their_own_business(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    put(other, "lib.py", ".env")
    git(other, "add", "--all")
    git(other, "commit", "-qm", "one")
    git(repo, "submodule", "add", "-q", str(other), "sub")
    (repo / "nested").mkdir()
    git(repo / "nested", "init", "-q")
    put(repo, "nested/a.py", "nested/.env", "main.py")
    found = look(repo)
    assert found.files == (".gitmodules", "main.py")
    assert set(reasons(found)) == {"sub/", "nested/"}
    assert "of its own" in reasons(found)["sub/"]
    # whoever stands in one means that one
    assert find_root([repo / "sub"]) == (repo / "sub").resolve()
    assert look(repo / "sub").files == (".env", "lib.py")


def test_a_linked_work_tree_is_a_checkout(repo: Path, tmp_path: Path) -> None:
    put(repo, "a.py")
    git(repo, "add", "--all")
    git(repo, "commit", "-qm", "one")
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
    put(tmp_path / "tree", "b.py")
    assert find_root([tmp_path / "tree"]) == (tmp_path / "tree").resolve()
    assert look(tmp_path / "tree").files == ("a.py", "b.py")


def test_a_hostile_configuration_runs_nothing_and_points_nowhere(repo: Path, tmp_path: Path) -> None:
    put(repo, "a.py")
    git(repo, "add", "--all")
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(program, hooks / "post-index-change")
    put(tmp_path, "elsewhere/secret.py")
    for name, value in (
        ("core.fsmonitor", str(program)),
        ("core.hooksPath", str(hooks)),
        ("core.pager", str(program)),
        ("alias.ls-files", f"!{program}"),
        ("core.worktree", str(tmp_path / "elsewhere")),
    ):
        git(repo, "config", name, value)
    before = (repo / ".git/index").read_bytes()
    found = look(repo)
    assert found.files == ("a.py",)
    assert found.git
    assert not (tmp_path / "ran").exists()
    assert (repo / ".git/index").read_bytes() == before


def test_the_callers_git_variables_do_not_lead_elsewhere(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(repo, "a.py")
    git(repo, "add", "--all")
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    put(other, "b.py")
    git(other, "add", "--all")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert look(repo).files == ("a.py",)


def test_without_git_the_checkout_is_walked(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(repo, "a.py", "node_modules/b.js")
    monkeypatch.setenv("PATH", "")
    found = look(repo)
    assert found.files == ("a.py",)
    assert not found.git


def test_a_broken_checkout_is_walked(tmp_path: Path) -> None:
    put(tmp_path, "a.py", ".git/nonsense")
    found = look(tmp_path)
    assert found.files == ("a.py",)
    assert not found.git


# --- links ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
@pytest.mark.parametrize("checkout", [True, False], ids=["git", "walk"])
def test_links_are_judged_by_where_they_lead(tmp_path: Path, checkout: bool, tracked: bool) -> None:
    root = tmp_path / "repo"
    put(tmp_path, "outside/secret.py")
    put(root, "real.py", "node_modules/m.js", "folder/in.py")
    for name, target in (
        ("inside.py", "real.py"),
        ("outside.py", "../outside/secret.py"),
        ("outside", "../outside"),
        ("nowhere.py", "missing.py"),
        ("loop-a", "loop-b"),
        ("loop-b", "loop-a"),
        ("self", "."),
        ("dependency.js", "node_modules/m.js"),
        ("folder/up", ".."),
    ):
        (root / name).symlink_to(target)
    if checkout:
        git(root, "init", "-q")
        (root / ".git/info").mkdir(exist_ok=True)
        (root / ".git/info/exclude").write_text("node_modules\n")
        (root / "config").symlink_to(".git/config")
        if tracked:
            git(root, "add", "--all")
    found = look(root)
    assert found.files == ("folder/in.py", "real.py")
    told = reasons(found)
    assert told["outside.py"] == told["outside"] == "link that leads out of the tree"
    assert told["nowhere.py"] == "link that leads nowhere"
    assert told["loop-a"] == told["loop-b"] == "link that leads in a circle"
    assert told["self"] == told["folder/up"] == "link to a folder"
    assert told["dependency.js"] == "link into node_modules/"
    assert told.get("config") == ("link to git's own files" if checkout else None)
    assert "inside.py" not in told


def test_a_link_to_an_ignored_file_lists_the_file_under_its_own_name(repo: Path) -> None:
    put(repo, ".gitignore", text="shared.conf\n")
    put(repo, "shared.conf")
    (repo / "linked.conf").symlink_to("shared.conf")
    git(repo, "add", "--all")
    assert look(repo).files == (".gitignore", "shared.conf")


def test_a_tracked_folder_that_became_a_link_is_not_followed(repo: Path, tmp_path: Path) -> None:
    put(repo, "pkg/a.py", "b.py")
    git(repo, "add", "--all")
    shutil.move(repo / "pkg", tmp_path / "moved")
    (repo / "pkg").symlink_to(tmp_path / "moved")
    found = look(repo)
    assert found.files == ("b.py",)
    assert "pkg/" in reasons(found)


# --- what the user names --------------------------------------------------------------------------------------------------


def test_a_named_file_is_taken_even_if_ignored_or_vendored(repo: Path) -> None:
    put(repo, ".gitignore", text="local.py\n")
    put(repo, "local.py", "vendor/v.py", "other.py")
    assert look(repo, repo / "local.py", repo / "vendor/v.py").files == ("local.py", "vendor/v.py")


def test_a_named_folder_is_entered_even_if_ignored_or_vendored(repo: Path) -> None:
    put(repo, ".gitignore", text="scratch/\n")
    put(repo, "scratch/a.py", "scratch/node_modules/m.js", "vendor/v.py", "vendor/vendor/w.py", "other.py")
    git(repo, "add", "vendor", "other.py")
    found = look(repo, repo / "scratch", repo / "vendor")
    assert found.files == ("scratch/a.py", "vendor/v.py")
    assert look(repo, repo / "scratch/node_modules").files == ("scratch/node_modules/m.js",)
    assert set(reasons(found)) == {"scratch/node_modules/", "vendor/vendor/"}


def test_only_what_is_below_the_named_paths(repo: Path) -> None:
    put(repo, "src/a.py", "src/deep/b.py", "srcs/c.py", "-odd/d.py", "*/e.py")
    git(repo, "add", "--all")
    assert find_root([repo / "src"]) == repo.resolve()
    assert look(repo, repo / "src").files == ("src/a.py", "src/deep/b.py")
    assert look(repo, repo / "-odd", repo / "*").files == ("*/e.py", "-odd/d.py")


def test_a_named_link_and_gits_own_files(repo: Path, tmp_path: Path) -> None:
    put(repo, "real.py")
    put(tmp_path, "outside.py")
    (repo / "in.py").symlink_to("real.py")
    (repo / "out.py").symlink_to(tmp_path / "outside.py")
    found = look(repo, repo / "in.py", repo / "out.py", repo / ".git/config")
    assert found.files == ("real.py",)
    assert reasons(found) == {
        ".git/config": "git's own files are never touched",
        "out.py": "link that leads out of the tree",
    }


def test_a_missing_path_and_one_elsewhere_stop_nothing(repo: Path, tmp_path: Path) -> None:
    put(repo, "a.py")
    put(tmp_path, "else/b.py")
    found = look(repo, repo / "a.py", repo / "gone.py", tmp_path / "else")
    assert found.files == ("a.py",)
    assert [(problem.path, problem.message) for problem in found.problems] == [
        (str(repo / "gone.py"), "does not exist"),
        (str(tmp_path / "else"), "is outside of the tree of the first path"),
    ]


def test_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a/one.py", "b/two.py")
    real = tmp_path.resolve()
    assert find_root([tmp_path / "a"]) == real / "a"
    assert find_root([tmp_path / "a/one.py"]) == real / "a"
    assert find_root([tmp_path / "a/one.py", tmp_path / "b"]) == real
    assert find_root([tmp_path / "missing", tmp_path / "b"]) == real / "b"
    (tmp_path / "link").symlink_to("a")
    assert find_root([tmp_path / "link"]) == real / "a"
    monkeypatch.chdir(tmp_path / "a")
    assert find_root([Path()]) == find_root([Path("one.py")]) == real / "a"
    with pytest.raises(MigratorError, match="missing"):
        find_root([tmp_path / "missing"])


def test_relative_paths_and_links_on_the_way(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(repo, "src/a.py")
    (tmp_path / "alias").symlink_to("repo")
    monkeypatch.chdir(tmp_path / "alias/src")
    assert look(find_root([Path("a.py")]), Path("a.py")).files == ("src/a.py",)
    assert look(find_root([Path()]), Path()).files == ("src/a.py",)
    assert look(find_root([Path("..")]), Path("..")).files == ("src/a.py",)


# --- a plain walk ---------------------------------------------------------------------------------------------------------


def test_a_walk_prunes_what_git_would_not_have_listed(tmp_path: Path) -> None:
    put(tmp_path, "a.py", ".env", "src/b.py", ".venv/x.py", "my-env/pyvenv.cfg", "node_modules/m/i.js", "__pycache__/a.pyc")
    put(tmp_path, "Cargo.toml", "target/debug/x.d", "clone/.git/HEAD", "clone/c.py")
    found = look(tmp_path)
    assert found.files == (".env", "Cargo.toml", "a.py", "src/b.py")
    assert reasons(found) == {
        ".venv/": "virtual environment",
        "clone/": "a repository of its own; run the tool in it",
        "my-env/": "virtual environment",
        "node_modules/": "installed dependencies",
        "target/": "build output",
    }
    assert found.not_edited == ()


def test_special_files_are_named(tmp_path: Path) -> None:
    put(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe")
    assert look(tmp_path).files == ("a.py",)
    assert reasons(look(tmp_path)) == {"pipe": "special file (pipe)"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("checkout", [True, False], ids=["git", "walk"])
def test_a_folder_that_cannot_be_listed_is_a_problem(tmp_path: Path, checkout: bool) -> None:
    put(tmp_path, "a.py", "closed/b.py")
    if checkout:
        git(tmp_path, "init", "-q")
    (tmp_path / "closed").chmod(0)
    try:
        found = look(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert found.files == ("a.py",)
    assert [problem.path for problem in found.problems] == ["closed/"]
    assert "Permission denied" in found.problems[0].message


# --- globs ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.md", ["a.md", "x/y/a.md"], ["a.mdx", "md"]),
        ("docs", ["docs", "docs/a.py", "x/docs/b/c.py"], ["docs2/a.py", "mydocs/a"]),
        ("docs/", ["docs/a.py", "x/docs/a.py"], ["docs2/a"]),
        ("src/*.py", ["src/a.py"], ["src/x/a.py", "x/src/a.py"]),
        ("src/**/*.py", ["src/a.py", "src/x/y/a.py"], ["a.py", "lib/src/a.py"]),
        ("**/gen/**", ["gen/a", "x/gen/y/b"], ["gene/a"]),
        ("./src", ["src/a.py", "x/src/b"], ["srcs/a"]),
        ("src/a?.p[yx]", ["src/a1.py", "src/ab.px"], ["src/a.py", "src/a/.py", "src/a1.pz"]),
        ("/src/[!ab].py", ["src/c.py"], ["src/a.py", "x/src/c.py"]),
        ("a[.py", ["a[.py"], ["a.py"]),
        ("a+(b).py", ["a+(b).py"], ["aab.py"]),
        ("[]x].py", ["].py", "x.py"], ["y.py"]),
        ("[+--].py", ["+.py", ",.py", "-.py"], ["a.py"]),
        ("[a&&b].py", ["a.py", "&.py", "b.py"], ["c.py"]),
        ("[!a-c].py", ["d.py", "-.py"], ["a.py", "b.py"]),
        ("[a-].py", ["a.py", "-.py"], ["b.py"]),
    ],
)
def test_globs(pattern: str, yes: list[str], no: list[str]) -> None:
    test = matcher([pattern])
    assert [path for path in yes if not test(path)] == []
    assert [path for path in no if test(path)] == []


@given(st.text(alphabet="ab*?[]!^-/.\\", max_size=12), st.text(alphabet="ab/.-", max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_glob_is_answered_or_refused_in_words(pattern: str, path: str) -> None:
    try:
        test = matcher([pattern])
    except MigratorError as error:
        event(f"refused: {error}")
    else:
        assert test(path) in (True, False)


@given(st.lists(st.text(alphabet="abc.-_+() ", min_size=1, max_size=5), min_size=1, max_size=4).map("/".join))
@settings(max_examples=50, deadline=None)
def test_a_plain_path_matches_itself_and_what_is_below(path: str) -> None:
    assert matcher(["/" + path.removeprefix("./")])(path.removeprefix("./"))
    assert matcher([path])(path.removeprefix("./") + "/more")


def test_include_and_exclude(repo: Path) -> None:
    put(repo, "src/a.py", "src/a.md", "src/legacy/b.py", "tests/c.py")
    found = look(repo, include=("*.py",), exclude=("src/legacy", "tests/**"))
    assert found.files == ("src/a.py",)
    assert look(repo, exclude=("*.py",)).files == ("src/a.md",)


@pytest.mark.parametrize(
    "name", [".env", ".env.local", ".env.example", ".env_example", ".envrc", "prod.env", ".dev.vars", ".example.env"]
)
def test_env_names(name: str) -> None:
    assert is_env_name(name)


@pytest.mark.parametrize("name", ["env.py", "environment.ts", "dev.vars", "envrc", "x.environment"])
def test_other_names(name: str) -> None:
    assert not is_env_name(name)

"""What a repository may say about its own migration, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.discover import config
from migrator.model import MigratorError


def _read(root: Path, **files: str) -> config.Config:
    for name, text in files.items():
        (root / {"own": ".migrate-openrouter.toml", "shared": "pyproject.toml"}[name]).write_bytes(text.encode())
    return config.read(root)


def _pairs(words: tuple[config.Word, ...]) -> list[tuple[str, str]]:
    return [(word.value, word.where) for word in words]


def test_a_tree_without_configuration_narrows_nothing(tmp_path: Path) -> None:
    assert config.read(tmp_path) == config.Config()


def test_a_pyproject_of_other_tools_is_not_even_parsed(tmp_path: Path) -> None:
    assert _read(tmp_path, shared="this is [not TOML") == config.Config()


def test_both_files_narrow_together_and_each_word_knows_its_line(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        own='exclude = ["legacy/**"]\nkeep = [\n  "A_KEY",\n  "B_KEY",\n]\n',
        shared='[project]\nname = "x"\nignore = 1\n\n[tool.migrate-openrouter]\nignore = ["docs"]\nexclude = [ "old" ]\n',
    )
    assert _pairs(found.exclude) == [("legacy/**", ".migrate-openrouter.toml:1"), ("old", "pyproject.toml:7")]
    assert _pairs(found.keep) == [("A_KEY", ".migrate-openrouter.toml:3"), ("B_KEY", ".migrate-openrouter.toml:4")]
    assert _pairs(found.ignore) == [("docs", "pyproject.toml:6")]


@pytest.mark.parametrize(
    "text",
    [
        "[tool.migrate-openrouter]\r\nkeep = ['A_KEY']\r\n",
        "\ufefftool.migrate-openrouter.keep = ['A_KEY']\n",
        '[tool."migrate-openrouter"]\n"keep" = ["A_KEY"]\n',
        "[tool]\nmigrate-openrouter = { keep = ['A_KEY'] }\n",
    ],
)
def test_any_way_of_writing_it_is_read(tmp_path: Path, text: str) -> None:
    assert [word.value for word in _read(tmp_path, shared=text).keep] == ["A_KEY"]


@pytest.mark.parametrize("key", ["target", "base_url", "base-url", "key_env", "hosts", "unsafe", "select", "include"])
def test_a_repository_cannot_widen_or_redirect(tmp_path: Path, key: str) -> None:
    with pytest.raises(MigratorError, match=rf"^\.migrate-openrouter\.toml:2: '{key}' is not a key that a repository may set"):
        _read(tmp_path, own=f'# ours\n{key} = "https://evil.example/v1"\n')


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\nexclude = "one"\n', r":2: exclude is a list of words"),
        ("keep = [1]\n", r":1: keep is a list of words"),
        ('ignore = [""]\n', r":1: ignore is a list of words"),
        ('keep = [\n "GOOD",\n "not a name",\n]\n', r":3: 'not a name' in keep is not the name"),
        ("exclude = [\n", r":\d: not TOML"),
        ("[[[", r":1: not TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(MigratorError, match=r"^\.migrate-openrouter\.toml" + complaint):
        _read(tmp_path, own=text)


def test_a_broken_pyproject_that_speaks_of_the_tool_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match=r"^pyproject\.toml:2: not TOML"):
        _read(tmp_path, shared="[tool.migrate-openrouter]\nkeep = oops\n")


def test_a_section_that_is_no_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match=r"^pyproject\.toml:2: tool\.migrate-openrouter is a table"):
        _read(tmp_path, shared="[tool]\nmigrate-openrouter = 3\n")


def test_a_file_that_is_not_utf8_is_an_error_only_where_it_is_ours(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"# migrate-openrouter \xff\n")
    assert config.read(tmp_path) == config.Config()
    (tmp_path / ".migrate-openrouter.toml").write_bytes(b"# \xff\n")
    with pytest.raises(MigratorError, match="not UTF-8"):
        config.read(tmp_path)

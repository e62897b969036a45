"""Ignore comments: what they speak for, in which words, and that none is read where it is only shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats import lower
from migrator.model import Action, Category, Finding, Span
from migrator.plan.suppressions import Suppressions
from migrator.resolve.repository import ParsedFile
from migrator.text.source import decode


def _file(path: str, text: str) -> ParsedFile:
    source = decode(path, text.encode())
    return ParsedFile(source, lower(source))


def _at(file: ParsedFile, line: int) -> Span:
    start, end = file.lines.span(line)
    return Span(start, max(start, end - 1))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.py", "x = 1  # migrate-openrouter: ignore\ny = 2\n", 1),
        ("a.py", "# migrate-openrouter: ignore\nx = 1\n", 2),
        ("a.py", "# migrate-openrouter: ignore\n# migrate-openrouter: ignore[url-check]\nx = 1\n", 3),
        ("a.ts", "x(); // migrate-openrouter: ignore\n", 1),
        ("a.tsx", "<a>\n{/* migrate-openrouter: ignore */}\n<b/></a>\n", 3),
        ("a.html", "<!-- migrate-openrouter: ignore -->\n<p>\n", 2),
        ("a.sql.txt.lua", "-- migrate-openrouter: ignore\nx\n", 2),
        ("a.ini", "; migrate-openrouter: ignore\nx = 1\n", 2),
        ("a.bat", "REM migrate-openrouter: ignore\necho x\n", 2),
        ("a.json", '{\n"//": "migrate-openrouter: ignore",\n"x": 1}\n', 3),
        ("a.yaml", "x: 1 # MIGRATE-OPENROUTER: ignore\n", 1),
    ],
)
def test_speaks_for_its_line_or_the_next(path: str, text: str, line: int) -> None:
    file = _file(path, text)
    found = Suppressions([file])
    for number in range(1, text.count("\n") + 1):
        told = found.why("base-url", path, _at(file, number)) if not text.splitlines()[number - 1].strip().startswith("#") else None
        assert (told is not None) == (number == line), number


@pytest.mark.parametrize(
    ("words", "rule", "silent"),
    [
        ("ignore", "anything", True),
        ("ignore[base-url]", "base-url", True),
        ("ignore[base-url]", "base-url-held", True),
        ("ignore[base-url]", "env-rename", False),
        ("ignore[env-rename]", "env-held", True),
        ("ignore[env-ren]", "env-held", True),
        ("ignore[rename]", "env-held", False),
        ("ignore[ env-file , key-check ]", "key-check", True),
        ("ignore[key]", "key-check", True),
        ("ignore-file", "anything", True),
        ("ignored", "anything", False),
        ("please", "anything", False),
    ],
)
def test_names_rules_by_their_beginning(words: str, rule: str, silent: bool) -> None:
    file = _file("a.py", f"x = 1  # migrate-openrouter: {words}\n")
    assert (Suppressions([file]).why(rule, "a.py", _at(file, 1)) is not None) == silent


def test_only_a_word_for_the_file_silences_a_finding_for_the_file() -> None:
    line, whole = _file("a.py", "x  # migrate-openrouter: ignore\n"), _file("b.py", "# migrate-openrouter: ignore-file\n")
    found = Suppressions([line, whole])
    assert found.why("setup-text", "a.py", None) is None
    assert found.why("setup-text", "b.py", None) is not None


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# migrate-openrouter: ignore because it stays", "it stays"),
        ("# migrate-openrouter: ignore[url-check]: it stays", "it stays"),
        ("# migrate-openrouter: ignore - it stays", "it stays"),
        ("/* migrate-openrouter: ignore because it stays */", "it stays"),
        ("<!-- migrate-openrouter: ignore it stays -->", "it stays"),
        ("# migrate-openrouter: ignore", ""),
    ],
)
def test_the_reason_is_told(comment: str, reason: str) -> None:
    file = _file("a.ini", f"{comment}\nx = 1\n")
    told = Suppressions([file]).why("url-check", "a.ini", _at(file, 2))
    assert told == "a comment says to ignore this" + (f": {reason}" if reason else "")


def test_a_document_that_shows_the_comment_is_not_silenced() -> None:
    file = _file("README.md", "```python\nx = 1  # migrate-openrouter: ignore\n```\n")
    found = Suppressions([file])
    assert found.why("setup-text", "README.md", _at(file, 2)) is None
    assert not found.unused()


def test_an_unused_one_is_told_and_a_used_one_is_not() -> None:
    file = _file("a.py", "x  # migrate-openrouter: ignore\ny  # migrate-openrouter: ignore\n")
    found = Suppressions([file])
    finding = Finding(
        rule="url-check", path="a.py", span=_at(file, 1), category=Category.CHECK, message="m", because="b", action=Action.FLAG
    )
    told = found.apply([finding])
    assert [one.action for one in told] == [Action.KEEP]
    assert [file.lines.line(one.span.start) for one in found.unused() if one.span] == [2]


def test_what_is_kept_anyway_does_not_use_a_comment() -> None:
    file = _file("a.py", "x  # migrate-openrouter: ignore\n")
    found = Suppressions([file])
    kept = Finding(rule="x", path="a.py", span=_at(file, 1), category=Category.NAME, message="m", because="b", action=Action.KEEP)
    assert found.apply([kept]) == [kept]
    assert len(found.unused()) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="#/*-<!migrateopnu:gf[] \n'\"", max_size=120))
def test_any_text_is_read_without_complaint(text: str) -> None:
    Suppressions([_file("a.txt", f"migrate-openrouter:{text}")]).unused()

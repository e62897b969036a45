"""Aligned text."""

from migrator.reports.columns import align, width


def test_columns_align_and_nothing_trails() -> None:
    text = align(("name", "n", "note"), [("a", "10", ""), ("long name", "2", "x")], right=(1,))
    assert text.splitlines() == ["name        n  note", "a          10", "long name   2  x"]


def test_wide_letters_take_two_cells() -> None:
    assert width("日本") == 4
    assert width("é") == 1
    lines = align(("a", "b"), [("日本", "x"), ("long", "y")]).splitlines()
    assert lines[1] == "日本  x"
    assert lines[2] == "long  y"

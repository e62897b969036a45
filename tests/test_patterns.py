"""Patterns that are compiled at their first use can be compiled, and are used as others are."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

import pytest

import migrator
from migrator.patterns import regex


def _patterns(value: object) -> list[re.Pattern[str]]:
    if type(value).__name__ == "_Regex":
        return [value]  # type: ignore[list-item]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list | frozenset) else ()
    return [pattern for part in inside for pattern in _patterns(part)]


def test_every_pattern_compiles() -> None:
    count = 0
    for module in pkgutil.walk_packages(migrator.__path__, "migrator."):
        if not module.name.endswith("__main__"):
            for value in vars(import_module(module.name)).values():
                for pattern in _patterns(value):
                    assert pattern.groups >= 0
                    count += 1
    assert count > 400


def test_used_as_a_compiled_one() -> None:
    word = regex(r"(?P<first>[a-z])[a-z]*", re.IGNORECASE)
    match = word.search("1 Word and more")
    assert match is not None
    assert match["first"] == "W"
    assert word.findall("ab cd") == ["a", "c"]
    assert word.sub("x", "ab 12") == "x 12"
    assert word.groupindex == {"first": 1}
    assert word.flags & re.IGNORECASE
    assert regex(rb"\d+").fullmatch(b"12") is not None


def test_not_compiled_before_its_use() -> None:
    wrong = regex("(")
    assert wrong.pattern == "("
    with pytest.raises(re.error):
        wrong.search("")

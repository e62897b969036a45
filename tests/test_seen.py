"""What a run has read is remembered for as long as it lasts, so that a complaint can be masked with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migrator.text import seen


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    seen.forget()
    yield
    seen.forget()


def test_values_are_known_from_every_text_that_was_read() -> None:
    assert seen.values() == frozenset()
    seen.note(".env", "DB_PASSWORD=tree9-house\n")
    assert seen.values() == {"tree9-house"}
    seen.note("app.py", 'password = "blue9-house"\n')
    assert seen.values() == {"tree9-house", "blue9-house"}
    seen.forget()
    assert seen.values() == frozenset()
    seen.note("app.py", 'password = "other9-house"\n')
    assert seen.values() == {"other9-house"}
    seen.forget()
    seen.note("app.py", 'password = "last9-house"\n')
    assert seen.values() == {"last9-house"}


def test_a_word_without_quotes_is_a_value_in_configuration_and_none_in_a_program() -> None:
    seen.note("app.py", "password = treehouse_by_the_lake\n")
    assert seen.values() == frozenset()
    seen.note("app.ini", "password = treehouse_by_the_lake\n")
    assert seen.values() == {"treehouse_by_the_lake"}


def test_what_texts_have_anyway_is_not_remembered() -> None:
    seen.note("app.ini", "password = changeme\npassword = tree\npassword = treehouse\n")
    assert seen.values() == frozenset()

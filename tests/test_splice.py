"""The laws of the algebra of edits, over random texts and edits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model import Edit, Span
from migrator.text.splice import Clash, invert, joined, order, splice
from tests.edited import edited_texts


def edit(start: int, end: int, old: str, new: str) -> Edit:
    return Edit(path="a.py", span=Span(start, end), old=old, new=new)


@given(edited_texts())
@settings(max_examples=100, deadline=None)
def test_the_inverse_brings_the_text_back(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case
    spliced = splice(text, edits)
    assert splice(spliced, invert(edits)) == text
    assert invert(invert(edits)) == order(edits)


@given(edited_texts(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_neither_order_nor_repetition_matters(case: tuple[str, tuple[Edit, ...]], chance: random.Random) -> None:
    text, edits = case
    shuffled = [*edits, *edits]
    chance.shuffle(shuffled)
    assert splice(text, shuffled) == splice(text, edits)


@given(edited_texts())
@settings(max_examples=100, deadline=None)
def test_text_outside_the_spans_is_untouched(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case
    spliced = splice(text, edits)
    at = shift = 0
    for one in edits:
        assert spliced[at + shift : one.span.start + shift] == text[at : one.span.start]
        at = one.span.end
        shift += len(one.new) - len(one.old)
    assert spliced[at + shift :] == text[at:]


def test_edits_that_overlap_clash() -> None:
    with pytest.raises(Clash):
        splice("abcdef", [edit(0, 3, "abc", "x"), edit(2, 4, "cd", "y")])


def test_edits_that_touch_are_taken_back_as_one() -> None:
    edits = (edit(1, 3, "bc", ""), edit(3, 3, "", ")"))
    assert splice(splice("abcd", edits), invert(edits)) == "abcd"


def test_two_insertions_at_one_place_clash() -> None:
    with pytest.raises(Clash):
        order([edit(1, 1, "", "x"), edit(1, 1, "", "y")])


def test_an_edit_that_finds_other_text_clashes() -> None:
    with pytest.raises(Clash, match=r"a\.py"):
        splice("abcdef", [edit(0, 3, "abd", "x")])


def test_neighbours_do_not_clash() -> None:
    assert splice("abcdef", [edit(0, 3, "abc", "x"), edit(3, 6, "def", "y")]) == "xy"


def test_two_edits_from_one_place_clash_whatever_they_take_away() -> None:
    for one, other in (
        (edit(1, 1, "", "x"), edit(1, 3, "bc", "y")),
        (edit(1, 3, "bc", "x"), edit(1, 3, "bc", "y")),
        (edit(1, 2, "b", "x"), edit(1, 3, "bc", "y")),
    ):
        with pytest.raises(Clash, match=r"a\.py: two edits meet at offset 1: '.' and '.'"):
            order([other, one])


def test_edits_that_touch_become_one() -> None:
    text = "abcdefgh"
    assert joined("a.py", text, []) == []
    apart = [edit(4, 5, "e", "y"), edit(1, 2, "b", "x")]
    assert joined("a.py", text, apart) == [edit(1, 2, "b", "x"), edit(4, 5, "e", "y")]
    assert joined("a.py", text, [edit(2, 3, "c", "y"), edit(1, 2, "b", "x"), edit(1, 2, "b", "x")]) == [edit(1, 3, "bc", "xy")]
    # an insertion comes before what is replaced behind it
    assert joined("a.py", text, [edit(1, 3, "bc", "y"), edit(1, 1, "", "x")]) == [edit(1, 3, "bc", "xy")]
    # one inside the other
    assert joined("a.py", text, [edit(1, 5, "bcde", "x"), edit(2, 3, "c", "y")]) == [edit(1, 5, "bcde", "xy")]
    assert joined("a.py", text, [edit(0, 1, "a", "1"), edit(1, 2, "b", "2"), edit(2, 3, "c", "3"), edit(7, 8, "h", "4")]) == [
        edit(0, 3, "abc", "123"),
        edit(7, 8, "h", "4"),
    ]

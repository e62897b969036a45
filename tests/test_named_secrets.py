"""Names of secrets are looked for by the beginnings of their words: what is found is what the pattern of the words finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrator.text.assignments import _HEADS, _LOWER_WORD, _words

_PIECES = (
    *_HEADS,
    "word",
    "phrase",
    "code",
    "wd",
    "s",
    "iz",
    "orization",
    "i_key",
    "ikey",
    "i-key",
    "_string",
    "a",
    "_",
    "-",
    " ",
    "=",
    "1",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_the_same_words_are_found(text: str) -> None:
    assert [match.span() for match in _words(text)] == [match.span() for match in _LOWER_WORD.finditer(text)]

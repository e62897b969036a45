"""Whether a text holds a whole word; asked of one text for thousands of words."""

from __future__ import annotations

import re
from functools import lru_cache

from migrator.patterns import regex

_WORD = regex(r"[A-Za-z0-9_]+")


def holds_word(text: str, word: str) -> bool:
    """Does a name stand in a text with no letter, digit or underscore beside it?"""
    if _WORD.fullmatch(word):
        return word in _words(text)
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])", text) is not None


@lru_cache(16)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))

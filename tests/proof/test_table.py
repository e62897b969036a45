"""The README's table of what is recognised and the grammar say the same: a word of one has a form, or a fixture, in the other."""

from __future__ import annotations

import re
from pathlib import Path

from tests.harness import FIXTURES
from tests.proof.grammar import CLIENTS, DELIVERIES, LANGUAGES
from tests.proof.table import BY_FIXTURES, DRAWN, WITHOUT_A_WORD

README = Path(__file__).parents[2] / "README.md"
ROWS = ("languages", "clients", "formats")
FORMS = {*LANGUAGES, *DELIVERIES, *(client for clients in CLIENTS.values() for client in clients)}


def words_of_the_table() -> set[str]:
    """What the three rows list, one word or phrase each; what is said of a row behind its list is none."""
    text = README.read_text(encoding="utf-8")
    section = text[text.index("## What it recognises") :]
    words: set[str] = set()
    for row in ROWS:
        line = re.search(rf"^\| {row} \| (.*) \|$", section, re.M)
        assert line is not None, f"the table has no row {row}"
        listed, _, more = line[1].partition(". ")
        words |= {word.replace("`", "").strip() for word in re.split(r"[,;()]|\band\b|\bwith\b", listed)}
        words |= {"Libraries with OpenRouter built in"} if more.startswith("Libraries with OpenRouter built in") else set()
    return words - {""}


def test_every_word_of_the_table_is_drawn_or_shown_by_fixtures() -> None:
    assert words_of_the_table() == {*DRAWN, *BY_FIXTURES}


def test_every_form_of_the_grammar_belongs_to_a_word_of_the_table() -> None:
    named = {form for forms in DRAWN.values() for form in forms}
    assert named | set(WITHOUT_A_WORD) == FORMS
    assert named.isdisjoint(WITHOUT_A_WORD)


def test_the_fixtures_are_there() -> None:
    assert [folder for folder in BY_FIXTURES.values() if not (FIXTURES / folder).is_dir()] == []

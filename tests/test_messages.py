"""Each sentence of a report is shown by some fixture, or by what `tests/rare_messages.py` makes for it.

A new sentence needs a fixture. `python -m tests.test_messages` names those that have none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from migrator.model import MigratorError
from migrator.reports import terminal
from migrator.reports.json import Mode, document
from tests import harness, rare_messages
from tests.messages import Sentence, sentences, single

FOLDERS = ("findings", "analysis", "routing", "plan", "reports/terminal")
"""Where the words of a report come from."""


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield single(value)
        case dict():
            for part in value.values():
                yield from _strings(part)
        case list() | tuple():
            for part in value:
                yield from _strings(part)


def shown() -> list[str]:
    """Every string of each fixture's reports, once, short ones first."""
    texts: set[str] = set()
    view = terminal.View(mode=Mode.DRY_RUN)
    views = (view, replace(view, verbose=True), replace(view, mode=Mode.CHECK), replace(view, mode=Mode.APPLY, applied=1))
    for case in harness.cases():
        with tempfile.TemporaryDirectory() as scratch:
            try:
                plan, _ = harness.planned(case, Path(scratch) / "root")
            except MigratorError as error:
                texts.add(single(str(error)))
                continue
        texts.update(_strings(document(plan, mode=Mode.DRY_RUN)))
        texts.update(single(terminal.render(plan, each)) for each in views)
    texts.update(map(single, rare_messages.texts()))
    return sorted(texts, key=len)


def without_fixture() -> list[str]:
    """Sentences that no report shows, each with its file."""
    texts = shown()
    known = [sentence for sentence in sentences(FOLDERS) if not sentence.complaint]
    assert len(known) > 300
    return sorted({_row(sentence) for sentence in known if not any(sentence.fits(text) for text in texts)})


def _row(sentence: Sentence) -> str:
    return f"{sentence.where.rpartition(':')[0]}: {' … '.join(sentence.parts)}"


def test_each_sentence_of_a_report_is_shown_by_a_fixture() -> None:
    assert without_fixture() == [], "no fixture shows these: add one, or remove the sentence"


if __name__ == "__main__":
    print("\n".join(without_fixture()))

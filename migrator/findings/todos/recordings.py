"""Recorded traffic of tests that has to be recorded anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.discover import path_kinds
from migrator.model import Todo
from migrator.patterns import regex

_ADDRESS = regex(r"openrouter\.ai/api|Host:\s*openrouter\.ai|host\"?:\s*\[?\s*\"?openrouter\.ai", re.IGNORECASE)


def recordings(analysis: Analysis) -> Iterator[Todo]:
    """Recorded requests are matched by their address: those of code that moves must be recorded anew."""
    if not any(move.urls for move in analysis.moves):
        return
    recorded = [
        path
        for path, file in sorted(analysis.repository.files.items())
        if path_kinds.is_cassette(path) and _ADDRESS.search(file.source.text)
    ]
    if recorded:
        more = f" and {len(recorded) - 3} more" if len(recorded) > 3 else ""
        yield Todo(
            title="Record the traffic of the tests anew",
            detail=f"{', '.join(recorded[:3])}{more}: the address of a request is part of what a recording is matched by.",
            command=None,
            because="a recording says what was; it is never edited",
        )

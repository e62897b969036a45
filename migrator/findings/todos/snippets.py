"""Calls that are left because they use more than was tried: what to write instead, made from their own arguments."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.model import Todo


def snippets(analysis: Analysis) -> Iterator[Todo]:
    """One chore for each place, with code to paste."""
    for path, span, code, because in sorted(analysis.explicits.snippets):
        line = analysis.repository.files[path].lines.line(span.start)
        yield Todo(
            title=f"Exchange the client at {path}:{line} by hand",
            detail=f"Start from this, and drop or replace what has no counterpart: {' '.join(code.split())}",
            command=None,
            because=because,
            where=(path,),
        )

"""What is found out about one file while its exchange is drafted."""

from __future__ import annotations

from migrator.analysis.exchange.model import Draft
from migrator.model import Edit
from migrator.records import dataclass, field
from migrator.resolve.context import Identity


@dataclass(slots=True, eq=False, kw_only=True)
class FileDraft(Draft):
    """The exchange of one file; calls in other files may belong to it."""

    edits: list[Edit] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    """Import statements that the code needs besides those that take the place of others."""
    awaited: dict[Identity, bool] = field(default_factory=dict)
    """By the `id` of the call that makes a client: are its calls awaited?"""
    snippet: list[str] = field(default_factory=list)
    """What a person can paste, line by line."""

"""Findings: what is said about each place, once the units are decided. One file a kind of place; `pronounce` calls them in order."""

from __future__ import annotations

from migrator.exposure import responses
from migrator.settle import Settlement
from migrator.surroundings import look_around
from migrator.verdicts.endpoints import own_endpoints
from migrator.verdicts.held import held
from migrator.verdicts.keys import keys_in_the_open
from migrator.verdicts.marks import marks
from migrator.verdicts.moving import moving
from migrator.verdicts.rows import rows
from migrator.verdicts.setup_text import setup_text
from migrator.verdicts.streams import streamed_usage
from migrator.verdicts.todos import todos


def pronounce(s: Settlement) -> None:
    """Write all findings and rows. The order matters: what speaks of a place later sees what was said of it before."""
    for unit in s.units:
        if unit.held:
            held(s, unit)
        else:
            moving(s, unit)
    marks(s)
    streamed_usage(s)
    s.out.findings += responses(s)
    keys_in_the_open(s)
    own_endpoints(s)
    setup_text(s)
    look_around(s)
    rows(s)
    todos(s)
    s.out.findings = list(dict.fromkeys(s.out.findings))

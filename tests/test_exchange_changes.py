"""The parts of one exchange are one change, also where this run does not make it."""

from __future__ import annotations

from pathlib import Path

from migrator import make_plan

FIXTURES = Path(__file__).parent.parent / "fixtures"


def test_parts_of_an_exchange_that_waits_are_one_change() -> None:
    """Import, constructor and calls: shown apart, each would be a change that breaks the program."""
    plan = make_plan(str(FIXTURES / "class-exchange/js-stream-sent-on/before"))
    waiting = [change for change in plan.changes if not change.selected]
    assert len(waiting) == 1
    assert len(waiting[0].findings) >= 3

"""The parts of one exchange are one change, also where this run does not make it."""

from __future__ import annotations

from pathlib import Path

from migrator import make_plan
from migrator.catalog.targets import load
from migrator.options import Options

FIXTURES = Path(__file__).parent.parent / "fixtures"


def test_parts_of_an_exchange_that_waits_are_one_change() -> None:
    """Import, constructor and calls: shown apart, each would be a change that breaks the program."""
    plan = make_plan(str(FIXTURES / "class-exchange/js-stream-sent-on/before"))
    waiting = [change for change in plan.changes if not change.selected]
    assert len(waiting) == 1
    assert len(waiting[0].findings) >= 3


def test_an_address_is_not_moved_without_the_key_beside_it() -> None:
    """`--ignore explicit-client` leaves out the read of the new key: the old key would go to the new address."""
    options = Options(target=load(), ignore=("explicit-client",))
    plan = make_plan(str(FIXTURES / "hidden-clients/address-typed-and-key-of-the-library/before"), options=options)
    assert [change for change in plan.changes if change.selected] == []

"""The reasons to hold a unit back, one file a family, in the order in which the report prefers them.

The first reason that is not for `--unsafe` is the one that is shown, so the order here is part of the behaviour.
"""

from __future__ import annotations

from migrator.analysis.blockers import external_readers
from migrator.analysis.blockers.addresses import hold_addresses
from migrator.analysis.blockers.choice import choose_names
from migrator.analysis.blockers.hidden_clients import hold_hidden
from migrator.analysis.blockers.keys import hold_keys, hold_mixed, hold_passengers
from migrator.analysis.blockers.names import hold_names
from migrator.analysis.blockers.readers import hold_readers
from migrator.analysis.blockers.registry import hold_registry
from migrator.analysis.blockers.suppressed import hold_silenced, hold_unreached
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit

_FAMILIES = (
    hold_registry,
    hold_names,
    hold_readers,
    hold_addresses,
    hold_keys,
    hold_mixed,
    hold_passengers,
    hold_hidden,
    hold_unreached,
    external_readers.holds,
)


def weigh(s: Settlement) -> None:
    """Collect for every unit why it does not move, then choose what its variables are called."""
    for unit in s.units:
        _weigh(s, unit)


def _weigh(s: Settlement, unit: Unit) -> None:
    unit.holds += hold_silenced(s, unit)  # first: what the user leaves alone takes no part in the rest
    idle = external_readers.unread(s, unit)
    unit.idle = idle if idle != unit.names else set()
    for family in _FAMILIES:
        unit.holds += family(s, unit)
    choose_names(s, unit)

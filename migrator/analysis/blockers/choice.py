"""Rename, keep, or define the new name beside the old: the last word on a unit's variables, once all reasons are known."""

from __future__ import annotations

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit
from migrator.analysis.variable_scopes import refuses_two
from migrator.options import EnvStrategy


def choose_names(s: Settlement, unit: Unit) -> None:
    """Set `unit.kept` and `unit.pinned` to what the reasons so far leave open and the user wants, and drop the reasons they answer."""
    unit.kept = {name for name in unit.names if s.kept(name)}
    unit.holds = [hold for hold in unit.holds if hold.naming not in unit.kept]
    hard = [hold for hold in unit.holds if not hold.unsafe]
    if hard and all(hold.naming for hold in hard) and s.options.env_strategy is EnvStrategy.AUTO:
        for hold in hard:
            hold.reason += " (--env-strategy keep would leave the name and move the address)"
    pinned = {id(hold.pin): hold.reason for hold in unit.holds if hold.pin is not None}
    if not pinned:
        return
    refused = "the new name is to replace it (--env-strategy rename)" if s.options.env_strategy is EnvStrategy.RENAME else ""
    if unit.kept:
        refused = "the variable is to keep its name and would give that program the new key"
    refused = refused or refuses_two(unit.envs, set(pinned), unit.urls)
    if refused:
        for hold in unit.holds:
            hold.reason += f"; {refused}" if hold.pin is not None else ""
    else:
        unit.holds = [hold for hold in unit.holds if hold.pin is None]
        unit.pinned = pinned

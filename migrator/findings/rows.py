"""The tables of a plan: what becomes of each variable and of each connection."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.analysis.connections import Connection, describe
from migrator.analysis.settle import Settlement, place
from migrator.analysis.units import Unit
from migrator.catalog import renamed
from migrator.facts.model import EnvFact
from migrator.findings import tables
from migrator.model import ConnectionRow, EnvRow, Location
from migrator.resolve.environment import VariableRole


def rows(s: Settlement) -> None:
    """Fill `env` and `connections`, the latter sorted by place."""
    for unit in s.units:
        s.out.env += [_variable(s, unit, name) for name in sorted(unit.names)]
    s.out.connections += [_connection(s, connection) for connection in s.connections]
    s.out.connections += tables.rows(s)
    s.out.connections.sort(key=lambda row: (row.path, row.line, row.client))


def _moves(s: Settlement, unit: Unit) -> bool:
    """Does this run move it?"""
    return not unit.held and (not unit.unsafe or s.options.unsafe)


def _variable(s: Settlement, unit: Unit, name: str) -> EnvRow:
    decision = _decision(s, unit, name)
    facts = [fact for fact in unit.envs if fact.name == name and fact.role is not VariableRole.MESSAGE]
    return EnvRow(
        name=name,
        new_name=renamed(name, s.target.key_env) if decision in ("rename", "additive") else None,
        decision=decision,
        because="nothing here reads it by its name" if name in unit.idle else unit.because or _why_so(decision, unit),
        readers=_places(s, (fact for fact in facts if fact.role not in (VariableRole.DEFINE, VariableRole.FORWARD))),
        definers=_places(s, (fact for fact in facts if fact.role in (VariableRole.DEFINE, VariableRole.FORWARD))),
    )


def _decision(s: Settlement, unit: Unit, name: str) -> str:
    if not _moves(s, unit) or name in unit.idle:
        return "manual"
    if name in unit.kept:
        return "keep"
    return "additive" if unit.pinned else "rename"


def _why_so(decision: str, unit: Unit) -> str:
    match decision:
        case "keep":
            return "the name was to be kept; the variable must hold a key of the target from now on"
        case "additive":
            return f"{next(iter(unit.pinned.values()))} and goes on reading the old name; the rest here moves"
        case _:
            return "every reader and definer here moves"


def _places(s: Settlement, facts: Iterable[EnvFact]) -> tuple[Location, ...]:
    return tuple(sorted({place(s, fact.path, fact.span) for fact in facts}, key=lambda p: (p.path, p.line)))


def _connection(s: Settlement, connection: Connection) -> ConnectionRow:
    fact = connection.fact
    home = next((unit for unit in s.units if any(site in unit.urls for site in connection.sites)), None)
    if not s.code(fact.path):
        decision, because = "keep", "a test"
    elif home is not None and _moves(s, home):
        decision, because = "rewrite", "address and key move together"
    else:
        decision, because = "flag", "its address does not stand in this tree"
    return ConnectionRow(
        path=fact.path,
        line=s.repository.files[fact.path].lines.line(fact.call.span.start),
        client=fact.client,
        url_from=describe(connection.urls, s.repository),
        key_from=describe(connection.keys, s.repository) if connection.keyed else "no key",
        decision=decision,
        because=(home.because if home else "") or because,
    )

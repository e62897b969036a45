"""Places that a run may not touch: those where the user wants nothing done, and files that were not given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, UrlFact
from migrator.resolve.environment import VariableRole


def hold_silenced(s: Settlement, unit: Unit) -> list[Hold]:
    """Places where the user wants nothing done hold everything that belongs to them.

    A program's file that stands alone is taken out of the unit instead: `unit.apart` names it, `unit.urls` loses its addresses.
    """
    why: dict[int, str] = {}
    for fact in unit.facts:
        rule = "base-url" if isinstance(fact, UrlFact) else "env-file" if fact.how == "dotenv" else "env-rename"
        told = s.silent(rule, fact.path, fact.span) if s.code(fact.path) and not _said(fact) else None
        if told is not None:
            why[id(fact)] = told
    if not why:
        return []
    alone = unit.apart = {path for path in s.files_of(unit) if _stands_alone(s, unit, path, why)}
    found = []
    for fact in unit.facts:
        if id(fact) not in why:
            continue
        pin = fact if isinstance(fact, EnvFact) and fact.path in alone else None
        if fact.path not in alone or pin is not None:
            reason = f"{fact.path} stays: {why[id(fact)]}"
            found.append(Hold(reason=reason, path=fact.path, offset=fact.span.start, pin=pin))
    unit.urls = [fact for fact in unit.urls if fact.path not in alone]
    return found


def _stands_alone(s: Settlement, unit: Unit, path: str, why: Mapping[int, str]) -> bool:
    """Is a program's file left alone as a whole, with both ends of each of its connections and no end of another?"""
    facts = [fact for fact in unit.facts if fact.path == path and not _said(fact)]
    if s.language(path) not in PROGRAMS or not all(id(fact) in why for fact in facts):
        return False
    if not any(connection.fact.path == path for connection in s.connections) or {fact.path for fact in unit.urls} == {path}:
        return False
    for connection in s.connections:
        ends = {site.path for site in connection.sites} | {origin.path for origin in connection.keys}
        if (connection.fact.path == path and ends - {path}) or (connection.fact.path != path and path in ends):
            return False
    return True


def _said(fact: EnvFact | UrlFact) -> bool:
    """Is it only said, not used?"""
    return isinstance(fact, EnvFact) and fact.role is VariableRole.MESSAGE


def hold_unreached(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """A variable is renamed for all its readers or for none: also when only some files were given."""
    if s.scope is None:
        return
    for fact in unit.facts:
        if fact.path not in s.scope and (s.code(fact.path) or path_kinds.is_test(fact.path)):
            reason = f"{fact.path} belongs to it and is not among the given files: run on the whole repository"
            yield Hold(reason=reason, path=fact.path)
            return

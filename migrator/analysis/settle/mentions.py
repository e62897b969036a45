"""Mentions of a variable that keep the old name, and what that means for the connections that read through them."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import asks
from migrator.analysis.detach import read_again
from migrator.analysis.model import Detachment
from migrator.analysis.settle.round import Round
from migrator.analysis.variables.decide import (
    Space,
    Uses,
    belongs_to_others,
    built_names,
    keeps_old,
    loose_readers,
    may_stand_beside,
)
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.catalog.variables import says_openrouter
from migrator.facts.model import EnvFact
from migrator.formats.tree import Attr, Name
from migrator.resolve.environment import DEFINING, VariableRole
from migrator.resolve.origins import From, origins


def read_mentions(attempt: Round, space: Space, uses: Uses) -> None:
    """What keeps the old name, and what that means for the connections that read through it."""
    name, folder = space
    for fact in attempt.analysis.mentions(name, folder):
        reason = keeps_old(attempt.analysis, fact, uses)
        if reason:
            attempt.staying[fact.identity] = reason
            uses.reasons.append((reason, fact.path, fact.span.start))
            attempt.handed += _hands_on(attempt.analysis, fact, uses)
            if fact.identity in uses.moving and (fact.role not in DEFINING or belongs_to_others(attempt.analysis, fact)):
                attempt.hold(space, asks(reason, fact.path, fact.span.start, "read the new variable there, then this moves"))
        elif _is_of_this_program(attempt.analysis, fact):
            reason = f"{fact.path} belongs to it and is not among the given files"
            attempt.hold(space, asks(reason, fact.path, None, "run on the whole repository"))
    uses.reasons += built_names(attempt.analysis, name)
    uses.reasons += loose_readers(attempt.analysis, name)
    if not says_openrouter(name) and not uses.is_address and name in openrouter()["vendors"]["key_variables"] and not uses.implicit:
        uses.reasons.append((f"libraries of that vendor may read {name} by themselves", "", None))
    if blocked := may_stand_beside(attempt.analysis, space, uses):
        attempt.hold(space, blocked)


def _is_of_this_program(analysis: Analysis, fact: EnvFact) -> bool:
    """Is a mention in a file that would have to follow, and was not given?"""
    outside = analysis.editable is not None and fact.path not in analysis.editable
    return outside and analysis.suppression_for(RuleId.ENV_RENAME, fact.path, fact.span) is None


def _hands_on(analysis: Analysis, fact: EnvFact, uses: Uses) -> list[Detachment]:
    """The old key read anew where a constant that moves is handed to another program under the old name."""
    value, node_path = fact.value, fact.node_path
    if fact.role is not VariableRole.FORWARD or node_path is None or not isinstance(value, (Name, Attr)):
        return []
    shared = [
        origin
        for origin in origins(analysis.repository, value, node_path.scope)
        if origin.kind is From.ENV
        and {reading.identity for reading in analysis.readings(origin.name, origin.path, origin.node)} & uses.moving
    ]
    edits = [read_again(analysis, fact.path, node_path.scope, value.span, origin) for origin in shared[:1]]
    return [edit for edit in edits if edit is not None]

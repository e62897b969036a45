"""Mentions of a variable that keep the old name, and what that means for the connections that read through them."""

from __future__ import annotations

from collections.abc import Container

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import asks
from migrator.analysis.detach import read_again
from migrator.analysis.model import Detachment
from migrator.analysis.settle.round import Round
from migrator.analysis.sources.references import references
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

VALUE_OF_OLD = "value"
"""A mark that no report shows: the definition around such a mention is told."""


def read_mentions(attempt: Round, space: Space, uses: Uses, moving: Container[str]) -> None:
    """What keeps the old name, and what that means for the connections that read through it. `moving`: the variables that move."""
    name, folder = space
    for fact in attempt.analysis.mentions(name, folder):
        reason = keeps_old(attempt.analysis, fact, uses, moving)
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


def keep_values(attempt: Round) -> None:
    """A definition that stands beside the new one keeps the value it is made from: `OPENROUTER_API_KEY: ${{ secrets.O }}` keeps `O`."""
    waiting = [space for space, uses in attempt.uses.items() if uses.reasons]
    while waiting:
        name, folder = waiting.pop()
        analysis = attempt.analysis
        if analysis.kept(name) or attempt.uses[name, folder].implicit:
            continue
        for fact in analysis.mentions(name, folder):
            for ref in references(fact.value) if fact.role in DEFINING else ():
                source = (ref.name, analysis.folder_of(ref.name, fact.path))
                uses = attempt.uses.get(source)
                if uses is None or ref.name == name:
                    continue
                if not uses.reasons:
                    waiting.append(source)
                for mention in analysis.readings(ref.name, fact.path, ref):
                    attempt.staying[mention.identity] = VALUE_OF_OLD
                    uses.reasons.append((f"{name} is made from it, and both names of that are set", fact.path, mention.span.start))


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

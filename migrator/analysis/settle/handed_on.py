"""Keys that are read in one place and handed on to requests elsewhere, beside a request that stays and whose key cannot be followed.

A program that keeps its settings in one object gives the same key to everything that talks to OpenRouter. Where one of those requests stays and
it cannot be seen what it is given, it may be given this key: a renamed read would then send the target's key to OpenRouter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, path_of
from migrator.analysis.decisions import asks
from migrator.analysis.settle.round import Round
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.unfollowed import unfollowed
from migrator.analysis.variables.decide import Space, Uses
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.patterns import regex

_SENDS_KEY = regex(r"authorization|bearer", re.IGNORECASE)
_UNSEEN = (SourceKind.OUT_OF_SIGHT, SourceKind.PARAMETER)


def hold_handed_on(attempt: Round) -> None:
    """Nothing moves whose key may also be what a request that stays is given."""
    places = list(_staying(attempt))
    for space, uses in attempt.uses.items() if places else ():
        if uses.is_address or not uses.moving:
            continue
        place = next((place for place in places if _may_be_given(attempt, space, uses, place[0])), None)
        if place is not None:
            path, offset, why = place
            line = attempt.analysis.repository.files[path].lines.line(offset)
            reason = f"{path}:{line} stays on OpenRouter and may be given the key that {space[0]} holds: {why}"
            way_out = f"read {space[0]} there by its name; then the rest moves"
            attempt.hold(space, asks(reason, path, offset, way_out))


def _staying(attempt: Round) -> Iterator[tuple[str, int, str]]:
    """Requests of programs that stay and are given a key which is not seen: path, offset, why they stay."""
    analysis = attempt.analysis
    for party in attempt.parties():
        path = path_of(party)
        if not analysis.applies(party) and _is_program(analysis, path) and _is_unseen(analysis, party):
            yield path, party.offset, analysis.decision(party).because
    for address in unfollowed(analysis):
        text = analysis.repository.files[address.path].source.text
        if address.takes_key and _is_program(analysis, address.path) and _SENDS_KEY.search(text):
            yield address.path, address.offset, f"/{address.endpoint} exists only at OpenRouter"


def _is_program(analysis: Analysis, path: str) -> bool:
    return analysis.code(path) and analysis.language(path) in PROGRAMS and not path_kinds.is_test(path)


def _is_unseen(analysis: Analysis, party: Party) -> bool:
    kinds = {source.kind for source in analysis.sources_of(party)}
    return not kinds.isdisjoint(_UNSEEN) and SourceKind.VARIABLE not in kinds


def _may_be_given(attempt: Round, space: Space, uses: Uses, path: str) -> bool:
    """Is the key read for others than the file that reads it, in the program of a request that stays?"""
    analysis = attempt.analysis
    name, folder = space
    if analysis.folder_of(name, path) != folder:
        return False
    reads = {
        fact.path
        for facts in analysis.facts.values()
        for fact in facts.envs
        if fact.identity in uses.moving and analysis.language(fact.path) == analysis.language(path)
    }
    users = {
        path_of(party)
        for party in attempt.parties()
        if space in attempt.readers.get(party.identity, ()) and analysis.applies(party)
    }
    return bool(reads) and not users <= reads

"""Libraries that bring OpenRouter's host, or read its key variable by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.providers import is_catalogue
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import Fact, FactKind, Facts


def hold_hidden(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """A renamed variable would leave such a library without its key; one that gets its own address and key is no reason."""
    for addition in unit.additions:
        if addition.unsure:
            yield Hold(reason=addition.unsure, path=addition.path, offset=addition.span.start, unsafe=True)
    if not unit.names:
        return
    for one in s.facts.values():
        if s.code(one.path) and s.near(unit, one.path):
            yield from _file(s, one)
    for path, reason in s.evidence_for(unit).presence.items():
        yield Hold(reason=reason, path=path)


def _file(s: Settlement, one: Facts) -> Iterator[Hold]:
    for mark in one.marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
        if _unanswered(s, mark):
            why = s.explicits.refused.get(id(mark)) or mark.note
            reason = f"{mark.text} hides OpenRouter's host or reads the key by itself. {why}"
            yield Hold(reason=reason, path=one.path, offset=mark.span.start)
    for mark in one.marked(FactKind.UNLISTED_CLIENT):
        yield Hold(reason=f"{mark.text} is a library that is not known here. {mark.note}", path=one.path, offset=mark.span.start)
    if is_catalogue(one, program=s.language(one.path) in PROGRAMS):
        return
    for mark in one.marked(FactKind.MODEL_PREFIX):
        if s.explicits.answers(mark):
            continue
        reason = f"the prefix in {mark.text} makes a library choose OpenRouter's host and read its key variable"
        yield Hold(reason=reason, path=one.path, offset=mark.span.start)


def _unanswered(s: Settlement, mark: Fact) -> bool:
    """Does a library go on with the old host because no client of its own address stands for it?"""
    if id(mark) in s.explicits.refused:
        return True
    return mark.kind is FactKind.HIDDEN_CLIENT and not s.explicit(mark) and not s.explicits.covers(mark)

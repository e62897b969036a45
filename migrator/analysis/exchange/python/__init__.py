"""Exchanges in Python, file by file: the calls on a client that other files import change with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from migrator.analysis.exchange.model import Draft, Place
from migrator.analysis.exchange.python.files import drafted
from migrator.analysis.hidden_clients.model import Analysed
from migrator.resolve.context import Identity
from migrator.routing.find.site import RoutingSite

__all__ = ["drafts"]


def drafts(analysis: Analysed, places: Sequence[Place], routing: Mapping[Identity, RoutingSite]) -> Iterable[Draft]:
    """One draft for each file and package."""
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        groups.setdefault((place.mark.path, place.exchange.module), []).append(place)
    for (path, _), group in groups.items():
        yield drafted(analysis, path, group, routing)

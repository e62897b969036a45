"""Where routing stands: request bodies and the constants, builders and configuration that flow into them.

`models`, `route`, `plugins`, `provider` and `reasoning` are common words, so a key alone never counts. An entry counts by the shape of
its value (a `provider` with `allow_fallbacks` is nothing else), or by an ordinary shape inside what is visibly a request body.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from migrator.discover import path_kinds
from migrator.facts.model import Facts
from migrator.formats.tree import Call
from migrator.model import Span
from migrator.resolve.context import NodePath, last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find.calls import look_at_assignment, look_at_call
from migrator.routing.find.elsewhere import look_at_spreads
from migrator.routing.find.groups import join, without_copies
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.scripts import look_at_script
from migrator.routing.find.search import Around, Search
from migrator.routing.find.site import Carrier, RoutingSite


def find_all(repository: Repository, facts: Mapping[str, Facts], connected: Collection[str]) -> list[RoutingSite]:
    """All sites of a repository, in path, position order, each once.

    `connected`: files that have an OpenRouter address, client or key variable; without it nothing counts. Files one import away
    whose options flow into their requests are looked at too. Tests are left alone.
    """
    by_place: dict[tuple[str, Span], RoutingSite] = {}
    objects = {id(each.node): each for path in connected if path in facts for each in facts[path].objects}
    around = Around(_calls(facts, connected), objects)
    for path in sorted(connected):
        file = repository.files.get(path)
        if file is not None and path in facts and not path_kinds.is_test(path):
            for site in _outermost(_run_search(repository, file, facts[path], around)):
                held = by_place.setdefault((site.path, site.span), site)
                if held is not site:
                    _merge(held, site)
    sites = without_copies(_outermost(sorted(by_place.values(), key=lambda site: (site.path, site.span))))
    join(repository, sites)
    return sites


def _merge(held: RoutingSite, other: RoutingSite) -> None:
    """A block that was reached in two ways: what one of them knows of the way into the request counts."""
    held.callers |= other.callers
    if held.carrier is Carrier.UNKNOWN:
        held.carrier, held.client, held.reaches_wire = other.carrier, other.client, other.reaches_wire


def _calls(facts: Mapping[str, Facts], connected: Collection[str]) -> dict[str, list[NodePath]]:
    """Calls by the last word of the callee."""
    calls: dict[str, list[NodePath]] = {}
    for path in sorted(connected):
        for node_path in facts[path].calls if path in facts else ():
            if isinstance(node_path.node, Call):
                calls.setdefault(last_name(node_path.node.func), []).append(node_path)
    return calls


def _outermost(sites: list[RoutingSite]) -> list[RoutingSite]:
    """Without those that stand inside another one of the same file and dialect."""
    kept: list[RoutingSite] = []
    for site in sorted(sites, key=lambda site: (site.path, site.span.start, -site.span.end)):
        inside = any(
            other.path == site.path
            and other.span.start <= site.span.start
            and site.span.end <= other.span.end
            and other.dialect == site.dialect
            for other in kept
        )
        if not inside:
            kept.append(site)
    return kept


def _run_search(repository: Repository, file: ParsedFile, facts: Facts, around: Around) -> list[RoutingSite]:
    search = Search(repository, file, facts.handed, around=around)
    for node_path in facts.objects:
        look_at_object(search, node_path)
        look_at_spreads(search, node_path)
    for node_path in facts.calls:
        look_at_call(search, node_path)
    for node_path in facts.stores:
        look_at_assignment(search, node_path)
    if file.module.language == "shell":
        look_at_script(search)
    return search.sites

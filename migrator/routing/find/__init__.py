"""Where routing stands: request bodies and the constants, builders and configuration that flow into them.

`models`, `route`, `plugins`, `provider` and `reasoning` are common words, so a key alone never counts. An entry counts by the shape of
its value (a `provider` with `allow_fallbacks` is nothing else), or by an ordinary shape inside what is visibly a request body.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from migrator.discover import path_kinds
from migrator.facts.model import Facts
from migrator.model import Span
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find.calls import look_at_assignment, look_at_call
from migrator.routing.find.groups import join
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.scripts import look_at_script
from migrator.routing.find.search import Search
from migrator.routing.find.site import Carrier, RoutingSite


def find_all(repository: Repository, facts: Mapping[str, Facts], connected: Collection[str]) -> list[RoutingSite]:
    """All sites of a repository, in path, position order, each once.

    `connected`: files that have an OpenRouter address, client or key variable; without it nothing counts. Files one import away
    whose options flow into their requests are looked at too. Tests are left alone.
    """
    found: dict[tuple[str, Span], RoutingSite] = {}
    for path in sorted(connected):
        file = repository.files.get(path)
        if file is not None and path in facts and not path_kinds.is_test(path):
            for site in _outermost(_run_search(repository, file, facts[path])):
                held = found.get((site.path, site.span))
                if held is None or held.carrier is Carrier.UNKNOWN:
                    found[site.path, site.span] = site
    sites = _outermost(sorted(found.values(), key=lambda site: (site.path, site.span)))
    join(repository, sites)
    return sites


def _outermost(sites: list[RoutingSite]) -> list[RoutingSite]:
    """Without those that stand inside another one of the same file and dialect."""
    kept: list[RoutingSite] = []
    for site in sorted(sites, key=lambda one: (one.path, one.span.start, -one.span.end)):
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


def _run_search(repository: Repository, file: ParsedFile, facts: Facts) -> list[RoutingSite]:
    search = Search(repository, file, facts.handed)
    for node_path in facts.objects:
        look_at_object(search, node_path)
    for node_path in facts.calls:
        look_at_call(search, node_path)
    for node_path in facts.stores:
        look_at_assignment(search, node_path)
    if file.module.language == "shell":
        look_at_script(search)
    return search.sites

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
from migrator.resolve.repository import Repository
from migrator.routing.find.calls import look_at_assignment, look_at_call
from migrator.routing.find.elsewhere import look_at_joined, look_at_spreads
from migrator.routing.find.groups import join, overriding, without_copies
from migrator.routing.find.leftovers import leftovers
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.reads import mark_read
from migrator.routing.find.scripts import filtered, look_at_script, look_at_texts
from migrator.routing.find.search import Around, Search
from migrator.routing.find.site import Carrier, RoutingSite


def find_all(
    repository: Repository, facts: Mapping[str, Facts], connected: Collection[str], distant: Collection[str] = ()
) -> list[RoutingSite]:
    """All sites of a repository, in path, position order, each once.

    `connected`: files that have an OpenRouter address, client or key variable; without it nothing counts. `distant`: files that these
    use or are used by, in some steps; there only counts what flows into a request or is certain by itself. Tests are left alone.
    """
    if not connected:
        return []
    by_place: dict[tuple[str, Span], RoutingSite] = {}
    looked = sorted({*connected, *distant})
    objects = {id(each.node): each for path in looked if path in facts for each in facts[path].objects}
    around = Around(_calls(facts, looked), objects)
    searches = [
        (Search(repository, file, facts[path].handed, around=around, distant=path not in connected), facts[path])
        for path in looked
        if path in facts and not path_kinds.is_test(path) and (file := repository.files.get(path)) is not None
    ]
    # first the requests and what is followed from them, then what stands by itself: it may be known by then where that goes
    for search, of_file in searches:
        _look_at_requests(search, of_file)
    for search, of_file in searches:
        _look_at_rest(search, of_file)
        for site in _outermost(search.sites):
            held = by_place.setdefault((site.path, site.span), site)
            if held is not site:
                _merge(held, site)
    sites = without_copies(_outermost(sorted(by_place.values(), key=lambda site: (site.path, site.span))))
    for search, _ in searches:
        sites += leftovers(repository, search.file, sites)
    sites.sort(key=lambda site: (site.path, site.span))
    join(repository, sites, around.merged)
    overriding(repository, sites)
    for search, _ in searches:
        if search.file.module.language == "shell" and (why := filtered(search)):
            for site in sites:
                if search.file.path in (site.path, *site.callers):
                    site.disturbed = site.disturbed or why
    mark_read(repository, around.calls, [search.file.path for search, _ in searches if search.program], sites)
    return sites


def _merge(held: RoutingSite, other: RoutingSite) -> None:
    """A block that was reached in two ways: what one of them knows of the way into the request counts."""
    held.callers |= other.callers
    if held.carrier is Carrier.UNKNOWN or (held.carrier is Carrier.KEYWORDS and other.carrier is Carrier.ENTRIES):
        held.carrier, held.client, held.reaches_wire = other.carrier, other.client, other.reaches_wire
        if other.owner is not None:
            held.owner, held.write = other.owner, other.write


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
    reach: dict[tuple[str, str], int] = {}
    for site in sorted(sites, key=lambda site: (site.path, site.span.start, -site.span.end)):
        key = (site.path, site.dialect)
        if site.span.end > reach.get(key, -1):  # what was kept begins no later
            kept.append(site)
            reach[key] = site.span.end
    return kept


def _look_at_requests(search: Search, facts: Facts) -> None:
    for node_path in facts.objects:
        look_at_spreads(search, node_path)
    for node_path in facts.stores:
        look_at_joined(search, node_path)
    for node_path in facts.calls:
        look_at_call(search, node_path)


def _look_at_rest(search: Search, facts: Facts) -> None:
    for node_path in facts.objects:
        look_at_object(search, node_path)
    for node_path in facts.stores:
        look_at_assignment(search, node_path)
    if search.file.module.language == "shell":
        look_at_script(search)
    elif search.program:
        look_at_texts(search)

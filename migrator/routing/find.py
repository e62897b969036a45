"""Where routing stands: request bodies and the constants, builders and configuration that flow into them.

`models`, `route`, `plugins`, `provider` and `reasoning` are common words, so a key alone never counts. An entry counts by the shape of
its value (a `provider` with `allow_fallbacks` is nothing else), or by an ordinary shape inside what is visibly a request body.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from migrator import paths
from migrator.facts import Facts
from migrator.model import Span
from migrator.place import Trail, source_name
from migrator.routing.option_calls import look_at_assignment, look_at_call
from migrator.routing.option_objects import look_at_object
from migrator.routing.search import Search
from migrator.routing.site import Carrier, RoutingSite
from migrator.scope import Scope
from migrator.tree import Alt, Arg, Assign, Attr, Call, Class, Const, Func, Item, Name, Node, Obj, Param, Return, Str, children
from migrator.world import World

_HANDS_ON = (Arg, Item, Return, Alt)
"""What hands a name on that stands in it."""


def find_all(world: World, facts: Mapping[str, Facts], connected: Collection[str]) -> list[RoutingSite]:
    """All sites of a repository, in path, position order, each once.

    `connected`: files that have an OpenRouter address, client or key variable; without it nothing counts. Files one import away
    whose options flow into their requests are looked at too. Tests are left alone.
    """
    found: dict[tuple[str, Span], RoutingSite] = {}
    for path in sorted(connected):
        file = world.files.get(path)
        if file is not None and path in facts and not paths.is_test(path):
            for site in _outermost(_run_search(Search(world, file))):
                held = found.get((site.path, site.span))
                if held is None or held.carrier is Carrier.UNKNOWN:
                    found[site.path, site.span] = site
    return _outermost(sorted(found.values(), key=lambda site: (site.path, site.span)))


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


def _run_search(search: Search) -> list[RoutingSite]:
    empty = Scope(kind=None, node=None, parent=None, path=search.file.path)  # type: ignore[arg-type]
    root = search.file.scopes.root if search.program or search.ecma else empty
    for node in search.file.module.body:
        _collect(search, node, None, root)
    for trail in search.objects:
        look_at_object(search, trail)
    for trail in search.calls:
        look_at_call(search, trail)
    for trail in search.assigns:
        look_at_assignment(search, trail)
    for group in search.targets.values():
        if len(group) > 1:
            for site in group:
                site.alone = False
    return search.sites


def _collect(search: Search, node: Node | Arg | Item | Param, up: Trail | None, scope: Scope) -> None:
    kind = type(node)
    if kind is Str or kind is Const:
        return
    if isinstance(node, Name | Attr):
        if up is not None and (isinstance(up.node, _HANDS_ON) or (isinstance(up.node, Assign) and up.node.value is node)):
            search.uses.setdefault(source_name(node), []).append(Trail(node, up, scope))
        return
    trail = Trail(node, up, scope)
    if kind is Obj:
        search.objects.append(trail)
    elif kind is Call:
        search.calls.append(trail)
    elif kind is Assign:
        search.assigns.append(trail)
    inner = search.file.scopes.opened.get(id(node), scope) if kind is Func or kind is Class else scope
    for child in children(node):
        _collect(search, child, trail, inner)

"""Clients of packages that cannot be pointed elsewhere are exchanged for those of another package, file by file.

What takes the place of a class, of its arguments, calls, errors and replies is data (`[client.successor]` in `integrations/*.toml`), and
only what was run stands there. All clients of one file are exchanged together with its imports, or none; the calls on a client that
other files import change with it. What is left says why, and what to write by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from migrator.analysis.hidden_clients.model import Analysed, Explicits, Outcomes
from migrator.analysis.successors.files import exchanged
from migrator.analysis.successors.model import Place
from migrator.facts.model import ClientFact, Fact, FactKind
from migrator.formats.tree import Call
from migrator.integrations import lookup
from migrator.integrations.schema import Client
from migrator.resolve.scopes import dotted
from migrator.routing.find.site import RoutingSite

__all__ = ["successors"]


def successors(s: Analysed, earlier: Explicits, sites: Sequence[RoutingSite]) -> Explicits:
    """`earlier` with the exchanges that were proved, and the reasons why others are not made."""
    result = Outcomes()
    routing = {id(site.holder): site for site in sites}
    known = lookup.shipped()
    for path in sorted(s.facts):
        if not s.code(path) or s.language(path) != "python":
            continue
        clients = {id(client.call): client for client in s.facts[path].clients}
        places: dict[str, list[Place]] = {}
        for mark in s.facts[path].marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
            client = clients.get(id(mark.node))
            row = client.integration if client is not None and client.integration is not None else known.named(mark.text)
            if row is not None and client is None:
                client = _options(mark, row)
            if row is not None and row.successor is not None:
                places.setdefault(row.successor.module, []).append(Place(mark=mark, row=row, client=client))
        for group in places.values():
            exchanged(s, result, path, group, routing)
    return result.beside(earlier)


def _options(mark: Fact, row: Client) -> ClientFact | None:
    """A call that makes no client but what one is given, its settings: it has neither address nor key."""
    node, step = mark.node, mark.node_path
    if not isinstance(node, Call) or step is None or dotted(node.func, step.scope) not in row.callees.get("python", ()):
        return None
    return ClientFact(path=mark.path, client=row.name, call=node, node_path=step, url=None, key=None, integration=row)

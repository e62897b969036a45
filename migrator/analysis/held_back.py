"""Connections that something beside their own sources holds back: a registry, a stored key, an address that is read nearby."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, address_marks, parties, path_of
from migrator.analysis.decisions import Decision, Verdict, asks
from migrator.analysis.hidden_clients.model import unbroken
from migrator.analysis.registries import is_chosen
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.unfollowed import unfollowed
from migrator.analysis.sources.url_context import default_of
from migrator.catalog import openrouter
from migrator.catalog.urls import UrlKind, without_version
from migrator.catalog.variables import is_address_variable
from migrator.facts.collector import FOLLOWED, PROGRAMS
from migrator.formats.tree import Arg, Import, Item, Join, Name, Node, Param, Str, children
from migrator.integrations import lookup
from migrator.integrations.schema import Package
from migrator.records import replace
from migrator.resolve.context import Identity
from migrator.resolve.environment import VariableRole
from migrator.resolve.scopes import Scope


def without_registries(analysis: Analysis) -> Analysis:
    """A client that a table or a branch chooses among other vendors' stays, although it could be given an address."""
    kept = []
    refused, staying = dict(analysis.explicits.refused), set(analysis.explicits.staying)
    for addition in analysis.explicits.additions:
        paths = [mark.node_path for mark in addition.marks if mark.node_path is not None]
        if analysis.has_several_providers(addition.path) or any(
            is_chosen(analysis, addition.path, node_path) for node_path in paths
        ):
            reason = "the program chooses between OpenRouter and other vendors here"
            refused |= {mark.identity: reason for mark in addition.marks}
            staying |= set(addition.requests)
        else:
            kept.append(addition)
    additions = unbroken(analysis.explicits.additions, kept)
    explicits = replace(analysis.explicits, additions=additions, refused=refused, staying=frozenset(staying))
    return replace(analysis, explicits=explicits)


def derived_requests(analysis: Analysis) -> Analysis:
    """A request for what only OpenRouter has whose host is cut out of an address that moves: `${origin(BASE)}/api/v1/auth/keys`."""
    connected = {id(connection.fact) for connection in analysis.connections}
    held: dict[Identity, Decision] = {}
    for path, facts in sorted(analysis.facts.items()):
        for client in facts.clients if analysis.code(path) else ():
            url = client.url
            if id(client) in connected or not isinstance(url, Join) or len(url.parts) < 2 or isinstance(url.parts[0], Str):
                continue
            asked = without_version("".join(part.value for part in url.parts if isinstance(part, Str))).strip("/")
            if asked not in openrouter()["endpoints"]["own"]:
                continue
            sources = {(scope.path, node.span) for node, scope in _made_from(url.parts[0], client.node_path.scope, 0)}
            for party in parties(analysis):
                sites = party.sites
                if analysis.decision(party).may_move and any((site.path, site.literal.span) in sources for site in sites):
                    line = analysis.repository.files[path].lines.line(client.call.span.start)
                    reason = f"/{asked} exists only at OpenRouter, and {path}:{line} asks the host of this address for it"
                    way_out = f"write https://openrouter.ai in {path}:{line}; then this moves"
                    held[party.identity] = asks(reason, path, client.call.span.start, way_out)
    for address in unfollowed(analysis):
        for party in parties(analysis) if address.bases else ():
            if analysis.decision(party).may_move and not address.bases.isdisjoint(address_marks(analysis, party)):
                line = analysis.repository.files[address.path].lines.line(address.offset)
                reason = f"{address.because}, and what {address.path}:{line} asks for it with is not followed"
                way_out = f"write https://openrouter.ai/api/v1/{address.endpoint} in {address.path}:{line}; then this moves"
                held[party.identity] = asks(reason, address.path, address.offset, way_out)
    return analysis.with_decisions(held)


_DEEPEST = 6


def _made_from(node: Node | Arg | Item | Param, scope: Scope, depth: int) -> Iterator[tuple[Str, Scope]]:
    """The texts that an expression is made from, through the values of the names in it, whatever is done with them."""
    if isinstance(node, Str):
        yield node, scope
    elif isinstance(node, Name) and depth < _DEEPEST:
        for binding in scope.lookup(node.id):
            if binding.value is not None and binding.param is None:
                yield from _made_from(binding.value, binding.scope, depth + 1)
    else:
        for child in children(node):
            yield from _made_from(child, scope, depth)


def switched_by_presence(analysis: Analysis) -> Analysis:
    """The configuration of a package that asks OpenRouter as long as the key variable is set, whatever address it is given."""
    packages = [package for package in lookup.shipped().packages.values() if package.module]
    imports: dict[str, list[tuple[Package, int]]] = {}
    held: dict[Identity, Decision] = {}
    for party in parties(analysis):
        path = path_of(party)
        request = isinstance(party, Connection) and (party.fact.integration is not None or party.fact.client == "raw-http")
        if request or not analysis.decision(party).may_move:
            continue
        if path not in imports:
            body = analysis.repository.files[path].module.body
            imported = [node for node in body if isinstance(node, Import)]
            imports[path] = [
                (package, node.span.start) for node in imported for package in packages if _is_of(node, package.module)
            ]
        for package, at in imports[path]:
            held[party.identity] = asks(package.reads, path, at, package.way_out)
    return analysis.with_decisions(held)


def _is_of(node: Import, module: str) -> bool:
    return node.module == module or node.module.startswith(f"{module}.")


def shared_stores(analysis: Analysis) -> Analysis:
    """A stored key that what stays sends too: with the new key in the store, that would go to OpenRouter. Not even `--unsafe` moves it."""
    staying: dict[tuple[str, str], Party] = {}
    for party in parties(analysis):
        if analysis.decision(party).verdict is Verdict.STAYS:
            staying |= {
                (source.name, source.path): party for source in analysis.sources_of(party) if source.kind is SourceKind.STORE
            }
    held: dict[Identity, Decision] = {}
    for party in parties(analysis):
        if not analysis.decision(party).unsafe:
            continue
        for source in analysis.sources_of(party):
            other = staying.get((source.name, source.path)) if source.kind is SourceKind.STORE else None
            if other is not None:
                path = path_of(other)
                line = analysis.repository.files[path].lines.line(other.offset)
                reason = f"its key comes from {source.name}, which {path}:{line} sends to OpenRouter too"
                way_out = f"give {path}:{line} a stored key of its own; then run with --unsafe"
                held[party.identity] = asks(reason, path, other.offset, way_out)
                break
    return analysis.with_decisions(held)


def stray_addresses(analysis: Analysis) -> Analysis:
    """A variable that is an address of OpenRouter's by its name and was followed to no request: stale, it would get the new key."""
    used = {origin.name for connection in analysis.connections for origin in connection.urls}
    used |= {
        name
        for facts in analysis.facts.values()
        for site in facts.urls
        if site.url.kind is not UrlKind.OWN or analysis.language(facts.path) in FOLLOWED
        for name, _ in default_of(site, analysis.facts)
    }
    used |= set(analysis.defined)
    held: dict[Identity, Decision] = {}
    for path, facts in sorted(analysis.facts.items()):
        strays = [
            fact
            for fact in facts.envs
            if fact.role is VariableRole.READ and fact.name not in used and is_address_variable(fact.name)
        ]
        if not strays or not analysis.code(path) or analysis.language(path) not in PROGRAMS:
            continue
        for party in parties(analysis):
            where = path_of(party)
            near = where == path or path in analysis.imported(where) or where in analysis.imported(path)
            if near and analysis.decision(party).may_move and (isinstance(party, LooseAddress) or party.keyed):
                reason = f"{strays[0].name} is read here, and what gets this address cannot be seen"
                way_out = "give it to the client where it is made, or take the read out; then this moves"
                held[party.identity] = asks(reason, path, strays[0].span.start, way_out, unsafe=True)
    return analysis.with_decisions(held)

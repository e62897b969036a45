"""Routing rules that a move would lose: a privacy or price rule without a counterpart makes the connection one that needs a word."""

from __future__ import annotations

import posixpath
import re

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, parties, path_of
from migrator.analysis.decisions import asks
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.model import Move
from migrator.analysis.sources.connections import LooseAddress
from migrator.analysis.unserved.methods import makers
from migrator.catalog.urls import UrlKind
from migrator.facts.model import FactKind
from migrator.formats.tree import Attr, Call
from migrator.model import Applicability
from migrator.records import replace
from migrator.resolve.context import Identity
from migrator.routing import find, write
from migrator.routing.find.site import RoutingSite
from migrator.routing.losses import Loss, losses

_STEPS = 3
"""Imports between a file with a connection and one whose options may still get into its requests."""


def routing_sites(analysis: Analysis) -> list[RoutingSite]:
    """Routing blocks in files that talk to OpenRouter, or that call the target already."""
    connected = {path for path in analysis.facts if calls_target(analysis, path)}
    connected |= {*analysis.files_calling_openrouter, *(path_of(party) for party in parties(analysis))}
    connected |= {fact.path for facts in analysis.facts.values() for fact in facts.envs}
    connected |= {
        mark.path
        for each in analysis.facts.values()
        for mark in each.marked(FactKind.HIDDEN_CLIENT, FactKind.UNLISTED_CLIENT, FactKind.SDK_IMPORT)
    }
    connected |= {path for path in analysis.facts if "openrouter" in path.lower()}
    # builders of requests often stand beside the client
    connected |= {path for path in analysis.facts if not connected.isdisjoint(analysis.imported(path))}
    connected = set(filter(analysis.code, connected))
    blocks = find.find_all(analysis.repository, analysis.facts, connected, _distant(analysis, connected))
    return [site for site in blocks if analysis.code(site.path)]


def _distant(analysis: Analysis, connected: set[str]) -> set[str]:
    """Files that connected ones use, or are used by, in a few steps."""
    imports = {path: analysis.imported(path) for path in analysis.facts}
    using: dict[str, set[str]] = {}
    for path, used in imports.items():
        for other in used:
            using.setdefault(other, set()).add(path)
    distant: set[str] = set()
    for table in (imports, using):
        reached = set(connected)
        for _ in range(_STEPS):
            reached |= {other for path in reached for other in table.get(path, ())}
        distant |= reached
    distant |= _named_data(analysis, connected | distant)
    return {path for path in distant - connected if path in analysis.facts and analysis.code(path)}


def _named_data(analysis: Analysis, programs: set[str]) -> set[str]:
    """Data files whose name, with its ending or without, stands in quotes in one of the programs: they may be loaded there."""
    data = {
        path for path in analysis.facts if path.endswith((".json", ".jsonc", ".yaml", ".yml", ".toml")) and path not in programs
    }
    texts = [file.source.text for path in programs if (file := analysis.repository.files.get(path)) is not None] if data else []
    named: set[str] = set()
    for path in data:
        stem = re.escape(posixpath.splitext(posixpath.basename(path))[0])
        quoted = re.compile(rf"[\"'`/]{stem}(?:\.\w+)?[\"'`]")
        if any(quoted.search(text) for text in texts):
            named.add(path)
    return named


def calls_target(analysis: Analysis, path: str) -> bool:
    """Does a file call the target already?"""
    file, target = analysis.repository.files.get(path), analysis.target
    words = (target.openai_base, target.anthropic_base, target.key_env)
    return file is not None and any(word in file.source.text for word in words if word)


def at_target(analysis: Analysis, site: RoutingSite) -> bool:
    """Is a block carried by requests that go to the target already?"""
    paths = {site.path, *site.callers}
    paths |= {other for path in paths for other in analysis.imported(path)}
    return paths.isdisjoint(analysis.asking) and any(calls_target(analysis, path) for path in paths)


def move_of(analysis: Analysis, site: RoutingSite) -> Move | None:
    """The move whose requests carry a block; None where what carries it stays."""
    if at_target(analysis, site) or site.identity in analysis.explicits.staying:
        return None
    for number in analysis.moves_rewriting.get(site.identity, ()):
        return analysis.moves[number]
    around = _call_around(analysis, site)
    if around is not None:
        return next((analysis.moves[number] for number in analysis.moves_of.get(around, ())), None)
    senders = _senders(analysis, site)
    if senders:
        numbers = sorted({number for sender in senders for number in analysis.moves_of.get(sender, ())})
        moving = [analysis.moves[number] for number in numbers]
        return next((move for move in moving if move.unsafe), moving[0]) if senders <= analysis.moves_of.keys() else None
    carriers = {party.identity for party in _carriers(analysis, site)}
    carrying = [
        move
        for move in analysis.moves
        if any(party.identity in carriers for party in move.connections)
        or any(client.path == site.path for client in move.additions)
    ]
    if carrying:  # what one of them must wait for, the block waits for
        return next((move for move in carrying if move.unsafe), carrying[0])
    if any(path_of(party) == site.path and _takes_options(party) for party in _carriers(analysis, site)):
        return None  # all requests of its own file stay
    near = [move for move in analysis.moves if site.path in analysis.files_of(move)]
    return near[0] if near else analysis.moves[0] if analysis.moves and not carriers else None


def _takes_options(party: Party) -> bool:
    """May a request carry routing options? What exists only at OpenRouter takes none."""
    return isinstance(party, LooseAddress) or party.endpoint not in (UrlKind.OWN, UrlKind.PAGE)


def _call_around(analysis: Analysis, site: RoutingSite) -> Identity | None:
    """The connection in whose own call a block is written; None where it reaches a request in another way."""
    calls = analysis.by_call.get(site.path)
    return None if calls is None else calls.first(site.span.start, site.span.end)


def _senders(analysis: Analysis, site: RoutingSite) -> set[Identity]:
    """The clients that a request is sent through whose arguments a block stands in: `client.post("/chat/completions", json={…})`."""
    facts = analysis.facts.get(site.path)
    through = {
        connection.identity
        for connection in analysis.connections
        for fact in connection.through
        if fact.path == site.path and fact.call.span.start <= site.span.start and site.span.end <= fact.call.span.end
    }
    if through:
        return through
    around = [
        step
        for step in (facts.calls if facts is not None else ())
        if step.node.span.start <= site.span.start and site.span.end <= step.node.span.end
    ]
    for step in sorted(around, key=lambda step: step.node.span.end - step.node.span.start):
        node = step.node.func if isinstance(step.node, Call) else step.node
        while isinstance(node, Attr):
            node = node.base
            made = set(makers(analysis, node, step.scope, 0))
            if made:
                return {connection.identity for connection in analysis.connections if not made.isdisjoint(connection.calls)}
    return set()


def weigh_losses(analysis: Analysis) -> Analysis:
    """Connections that carry a rule which would be lost wait for `--unsafe`, also those that are only made by being given an address."""
    for site in analysis.routing_sites:
        reason = _loss(analysis, site)
        if reason is None:
            continue
        because, offset = reason
        given = [] if at_target(analysis, site) else _additions(analysis, site)
        additions = tuple(
            replace(addition, unsure=addition.unsure or because) if addition in given else addition
            for addition in analysis.explicits.additions
        )
        way_out = "read ROUTING, and run with --unsafe if the loss is acceptable"
        waiting = asks(because, site.path, offset, way_out, unsafe=True)
        held = {party.identity: waiting for party in _carriers(analysis, site) if analysis.decision(party).verdict == "rewrite"}
        analysis = replace(analysis.with_decisions(held), explicits=replace(analysis.explicits, additions=additions))
    return analysis


def _additions(analysis: Analysis, site: RoutingSite) -> tuple[Addition, ...]:
    """The clients without an address that carry a block: those in its file, else those that it uses or is used by, else all."""
    every = analysis.explicits.additions
    near = tuple(addition for addition in every if addition.path == site.path or addition.path in site.callers)
    if near or any(path_of(party) == site.path or path_of(party) in site.callers for party in parties(analysis)):
        return near
    around = analysis.imported(site.path)
    used = (addition for addition in every if addition.path in around or site.path in analysis.imported(addition.path))
    return tuple(used) or every


def _loss(analysis: Analysis, site: RoutingSite) -> tuple[str, int] | None:
    """The first rule that the request of a block would lose and that nobody may lose without a word."""
    broken = broken_rule(site, write.compose(site, analysis.target, analysis.repository.files))
    return None if broken is None else (broken.reason, broken.span.start)


def broken_rule(site: RoutingSite, written: write.Written) -> Loss | None:
    """The first rule about privacy, region or price that the target is not known to keep."""
    return next((loss for loss in losses(site, written) if loss.applicability is Applicability.UNSAFE), None)


def _carriers(analysis: Analysis, site: RoutingSite) -> list[Party]:
    """The connections whose requests carry a block: those in its file, else those that it uses or is used by, else all."""
    every = list(parties(analysis))
    if at_target(analysis, site):
        return []
    if (around := _call_around(analysis, site)) is not None:
        return [party for party in every if party.identity == around]
    if senders := _senders(analysis, site):
        return [party for party in every if party.identity in senders]
    near = [party for party in every if path_of(party) == site.path or path_of(party) in site.callers]
    if not near:
        near = [
            party
            for party in every
            if path_of(party) in analysis.imported(site.path) or site.path in analysis.imported(path_of(party))
        ]
    return near or every

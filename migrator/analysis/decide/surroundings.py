"""The answer that the place of a connection gives: the product, other vendors beside it, its library, what a person wrote there."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks, stays
from migrator.analysis.hidden_clients import package_of
from migrator.analysis.hidden_clients.configuration import falls_back
from migrator.analysis.registries import by_shape_of_key, in_branch, in_table
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import SourceKind
from migrator.catalog import renamed
from migrator.catalog.rules import RuleId
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.facts.request_headers import headers
from migrator.formats.tree import Str
from migrator.resolve.context import NodePath

ENTRY = "add the new gateway as one more entry, with its own address and key variable"
"""The way out where OpenRouter is one of several vendors."""


def whole_tree(analysis: Analysis, path: str) -> Decision | None:
    """Is the product made for OpenRouter, or one that offers several vendors?"""
    if analysis.published_for_openrouter is not None:
        manifest, name = analysis.published_for_openrouter
        return stays(f"{name} is made for OpenRouter: there is nothing to move", manifest)
    if analysis.has_several_providers(path):
        places = analysis.evidence.files
        reason = f"OpenRouter is one of several providers here ({', '.join(places[:3])})"
        return stays(reason, places[0], None, ENTRY, registry=True)
    return None


def suppressed(analysis: Analysis, path: str, connection: Connection) -> Decision | None:
    """Did a person excuse its address or the call itself?"""
    for site in connection.sites:
        if (decision := silenced(analysis, RuleId.BASE_URL, site)) is not None:
            return decision
    told = analysis.suppression_for(RuleId.BASE_URL, path, connection.fact.call.span)
    return stays(told, path, connection.offset) if told else None


def silenced(analysis: Analysis, rule: str, site: UrlFact) -> Decision | None:
    """Did a person excuse an address in a program or a configuration file?"""
    told = analysis.suppression_for(rule, site.path, site.span) if analysis.code(site.path) else None
    return stays(f"{site.path} stays: {told}", site.path, site.span.start) if told else None


def chosen(analysis: Analysis, path: str, node_path: NodePath, sites: Sequence[UrlFact]) -> Decision | None:
    """Is it one of several vendors that the program chooses from when it runs?"""
    makers = analysis.chosen_makers
    for step in (node_path, *node_path.ancestors()):
        if step.identity in makers:
            return stays("a table of constructors chooses between OpenRouter and other vendors", path, None, ENTRY, registry=True)
    if path in analysis.vendor_siblings:
        beside = analysis.vendor_siblings[path]
        return stays(f"{beside[0]} stands beside it: one file for each vendor", path, None, ENTRY, registry=True)
    for site in sites:
        if analysis.language(site.path) in PROGRAMS and in_table(analysis, site):
            reason = "its address is one entry of a table of several vendors"
            return stays(reason, site.path, site.span.start, ENTRY, registry=True)
    if by_shape_of_key(analysis, path, node_path):
        reason = "the shape of the key decides whether this runs, and a key of the target has another one"
        return asks(reason, path, node_path.node.span.start, "change the check first; then this moves")
    if in_branch(analysis, path, node_path):
        offset = node_path.node.span.start
        return stays("the program chooses between OpenRouter and other vendors here", path, offset, ENTRY, registry=True)
    return None


def by_library(analysis: Analysis, connection: Connection) -> Decision | None:
    """Is it a client of a library that cannot be pointed elsewhere, whatever address it is given?"""
    path = connection.fact.path
    for mark in analysis.facts[path].marked(FactKind.HIDDEN_CLIENT) if path in analysis.facts else ():
        if mark.node is connection.fact.call and (why := analysis.explicits.refused.get(mark.identity)):
            return stays(
                f"`{package_of(analysis, mark)}` has OpenRouter's host built in: {why}", path, connection.offset, mark.note
            )
    if (decision := _falls_back(analysis, connection)) is not None:
        return decision
    for addition in analysis.explicits.additions:
        if addition.call is connection.fact.call and addition.unsure:
            return asks(
                addition.unsure, path, connection.offset,
                "make sure of it, then run with --unsafe", unsafe=True,
            )  # fmt: skip
    return None


def _falls_back(analysis: Analysis, connection: Connection) -> Decision | None:
    """An entry of configuration has no way to fail without its key: the library would take the old variable by itself."""
    fact, row = connection.fact, connection.fact.integration
    if row is None or not row.built_in or row.key.env is None or analysis.language(fact.path) in PROGRAMS:
        return None
    prefixed = isinstance(fact.model, Str) and row.model is not None and fact.model.value.startswith(row.model.prefix)
    names = [source.name for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE]
    new = next((renamed(name, analysis.target.key_env) for name in names if not analysis.kept(name)), None)
    why = falls_back(row.key.env, new) if prefixed and new is not None else ""
    return asks(why, fact.path, connection.offset, f"set {new} there first, then run with --unsafe", unsafe=True) if why else None


def in_library(analysis: Analysis, site: UrlFact) -> Decision | None:
    """Is an address given to a client of a library that cannot be pointed elsewhere?"""
    marks = {mark.node_identity: mark for mark in analysis.facts[site.path].marked(FactKind.HIDDEN_CLIENT)}
    covered = {mark.node_identity for addition in analysis.explicits.additions for mark in addition.marks}
    for step in site.node_path.ancestors():
        mark = marks.get(step.identity)
        if mark is not None and step.identity not in covered:
            return stays(f"`{package_of(analysis, mark)}` has OpenRouter's host built in", site.path, site.span.start, mark.note)
    return None


def passengers(analysis: Analysis, path: str) -> Decision | None:
    """Requests that carry the keys of other vendors: OpenRouter is meant to have them, the target is not."""
    for mark in analysis.facts[path].marked(FactKind.REQUEST_HEADER) if path in analysis.facts else ():
        if mark.text in headers()["secret"]:
            return asks(
                f"{mark.text} would hand other vendors' keys to the target",
                path,
                mark.span.start,
                "take the header out; then it moves",
            )
    return None

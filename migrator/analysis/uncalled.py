"""Requests in functions that nothing in this tree calls: without a caller they send no key, so they follow what shares their address."""

from __future__ import annotations

import posixpath

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import address_marks, parties
from migrator.analysis.decisions import Decision, Verdict, moves
from migrator.analysis.product import is_published
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import SourceKind
from migrator.resolve.context import Identity
from migrator.resolve.origins import From


def with_uncalled(analysis: Analysis) -> Analysis:
    """The decisions once such requests follow; one alone stays with whoever gives it a key, and so does one of a published package."""
    moving = {
        mark
        for party in parties(analysis)
        if analysis.applies(party) and any(source.kind is SourceKind.VARIABLE for source in analysis.sources_of(party))
        for mark in address_marks(analysis, party)
    }
    following: dict[Identity, Decision] = {
        connection.identity: moves("nothing in this tree calls the function that it stands in")
        for connection in analysis.connections
        if analysis.decision(connection).verdict is Verdict.ASKS
        and analysis.decision(connection).unsafe
        and moving.intersection(address_marks(analysis, connection))
        and _is_uncalled(analysis, connection)
    }
    return analysis.with_decisions(following) if following else analysis


def _is_uncalled(analysis: Analysis, connection: Connection) -> bool:
    """Does the key only come in as a parameter of functions that no call here reaches, and nobody else can call?"""
    path = connection.fact.path
    if not connection.keys or not analysis.code(path) or _in_published_package(analysis, path):
        return False
    for origin in connection.keys:
        if origin.kind is not From.PARAM or origin.param is None or analysis.callers.calls(origin.param):
            return False
        owner = analysis.callers.owner(origin.param)
        if owner is None or owner.constructs or owner.func.decorators or not owner.called_as:
            return False
    return True


def _in_published_package(analysis: Analysis, path: str) -> bool:
    """Does a manifest of a package that others can install stand in the file's folder or above it?"""
    for manifest, text in analysis.manifests:
        folder = posixpath.dirname(manifest)
        if (not folder or path.startswith(f"{folder}/")) and is_published(manifest, text):
            return True
    return False

"""Requests that stay on OpenRouter without being connections, and the reads of the key that belong to them.

A file of an HTTP client, a script of PowerShell, the health check of a Dockerfile, or a test with a reader of its own: what such a request
sends keeps the old variable, or the target's key would go to OpenRouter.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.key_sources import SourceKind
from migrator.catalog.urls import UrlKind
from migrator.facts.model import EnvFact
from migrator.formats.detect import format_of
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.environment import VariableRole

ASKED_FOR_BY_TEST = "a request of this test stays on OpenRouter, and its key may be the one that is named here"
_SEPARATOR = regex(r"^###.*$", re.MULTILINE)
"""What stands between two requests of an HTTP client's file. https://www.jetbrains.com/help/idea/exploring-http-syntax.html"""
_UNFOLLOWED = ("http", "powershell", "dockerfile", "batch")
"""Languages in which a request is not followed to its key: the addresses around a read say whose key it is."""


def of_own_request(analysis: Analysis, fact: EnvFact) -> str:
    """Is it read for a request whose address stays, such as `GET https://openrouter.ai/api/v1/credits` in an HTTP client's file?"""
    if fact.role is not VariableRole.READ:
        return ""
    known = analysis.repository.known
    blocks: list[Span] | None = known.get(("own requests", fact.path))
    if blocks is None:
        blocks = known["own requests", fact.path] = list(_blocks_that_stay(analysis, fact.path))
    at = bisect_right(blocks, fact.span.start, key=lambda block: block.start) - 1
    inside = at >= 0 and fact.span.start < blocks[at].end
    return "its request asks for what exists only at OpenRouter" if inside else ""


def _blocks_that_stay(analysis: Analysis, path: str) -> Iterator[Span]:
    """The parts of a file whose addresses of OpenRouter's API all exist only there, in order."""
    text = analysis.repository.files[path].source.text
    if format_of(path, text[:200]) not in _UNFOLLOWED:
        return
    sites = sorted((site.span.start, site.url.kind) for site in analysis.facts[path].urls)
    separated = path.endswith((".http", ".rest"))
    ends = [*(mark.start() for mark in _SEPARATOR.finditer(text) if separated), len(text)]
    start, first = 0, 0
    for end in ends:
        last = bisect_right(sites, end, lo=first, key=lambda site: site[0])
        kinds = {kind for _, kind in sites[first:last]}
        if UrlKind.OWN in kinds and not any(kind.movable for kind in kinds):
            yield Span(start, end)
        start, first = end, last


def is_asked_for_by_test(analysis: Analysis, fact: EnvFact) -> bool:
    """Does a request of the test itself stay, because where its key comes from cannot be followed: `getEnvVar("X")` of an own reader?"""
    return any(
        not analysis.applies(connection)
        and any(source.kind in (SourceKind.STORE, SourceKind.OUT_OF_SIGHT) for source in analysis.sources_of(connection))
        for connection in analysis.in_file.get(fact.path, ())
    )

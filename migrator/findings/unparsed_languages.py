"""What is said about places that no rule could understand: addresses in languages without a reader, and checks that a renamed test keeps.

Silence would be worse than a flag here: an address of the API in a Go or Swift file is as live as one in Python.
"""

from __future__ import annotations

import re

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.url_context import key_of_users
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, find_urls
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, Span
from migrator.resolve.context import LiteralRole

_PLAIN = ("text", "unread")
_UPSTREAM = re.compile(
    r"target|proxy|host|hostname|upstream|destination|origin|\w*(base_?url|api_?(host|base|url))|\w*_HOST", re.IGNORECASE
)
_REMARKS = ("#", "//", "*", "--", ";", "<!--", "/*")


def unread(s: Analysis) -> list[Finding]:
    """Flags for addresses that stay because their place cannot be read, and for key checks on renamed lines of tests."""
    found: list[Finding] = []
    for path, one in sorted(s.facts.items()):
        if s.crowded(path):
            continue
        if path_kinds.is_test(path):
            found += _checks(s, path)
        elif s.code(path):
            found += _plain(s, path) if s.language(path) in _PLAIN else [*_left(s, one.urls), *_hosts(s, one.urls)]
    return found


def _stays(path: str, span: Span, message: str, because: str) -> Finding:
    return flagged(RuleId.BASE_URL_HELD, path, span, Category.BASE_URL, message, because)


def _plain(s: Analysis, path: str) -> list[Finding]:
    """Addresses in a file of a language that has no reader."""
    file = s.repository.files[path]
    found = []
    for url in find_urls(file.source.text):
        start, end = file.lines.span(file.lines.line(url.start))
        if url.kind.movable and not file.source.text[start:end].lstrip().startswith(_REMARKS):
            because = "this language is not read as code: change it together with the key that goes there"
            found.append(_stays(path, Span(url.start, url.end), "OpenRouter's address", because))
    return found


def _left(s: Analysis, urls: list[UrlFact]) -> list[Finding]:
    """Addresses in configuration whose use cannot be seen."""
    found = []
    follows = _in_renamed(s, urls[0].path) if urls else []
    for fact in urls:
        if s.language(fact.path) in PROGRAMS or not fact.url.kind.movable or s.is_site(fact) or allows(fact):
            continue
        if any(span.start <= fact.span.start < span.end for span in follows):
            continue
        if fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST):
            because = (
                "each user supplies the key for it: they need one of the target from then on"
                if key_of_users(fact)
                else "what uses this address cannot be seen from here"
            )
            found.append(_stays(fact.path, fact.span, "OpenRouter's address stays", because))
    return found


def _in_renamed(s: Analysis, path: str) -> list[Span]:
    """The values of address variables that follow: `X=${X:-https://…}`, where the address changes together with the names."""
    return [
        Span(*fact.value.span)
        for move in s.moves
        if not move.unsafe or s.options.unsafe
        for fact in move.envs
        if fact.path == path and fact.value is not None and id(fact) not in move.staying
        if (variable := move.variable(fact.name)) is not None and variable.is_address and variable.moves
    ]


def _hosts(s: Analysis, urls: list[UrlFact]) -> list[Finding]:
    """Bare hosts that something else puts a path behind: development proxies, upstreams, split addresses that were not followed."""
    because = "the path is put behind it elsewhere: change both together"
    return [
        _stays(fact.path, fact.span, "OpenRouter's bare host", because)
        for fact in urls
        if fact.url.kind is UrlKind.HOST
        and fact.place is LiteralRole.VALUE
        and _UPSTREAM.fullmatch(fact.key.rpartition(".")[2])
        and not s.is_site(fact)
    ]


def _checks(s: Analysis, path: str) -> list[Finding]:
    """A test line that gets the new variable and still compares with the old key's shape."""
    file = s.repository.files[path]
    moving = {file.lines.line(fact.span.start) for move in s.moves for fact in move.envs if fact.path == path}
    because = f"a key of the target ({s.target.key_example}) fails this check"
    return [
        flagged(RuleId.KEY_CHECK, path, mark.span, Category.CHECK, "a key is recognised by OpenRouter's shape", because)
        for mark in s.facts[path].marked(FactKind.KEY_CHECK)
        if file.lines.line(mark.span.start) in moving
    ]

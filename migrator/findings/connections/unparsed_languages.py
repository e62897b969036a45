"""base-url-held: addresses that stay because nobody can say what uses them, in languages without a reader and in configuration.

Silence would be worse than a flag here: an address of the API in a file that is not read as code may be in use like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.analysis.sources.url_context import key_of_users
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, find_urls
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import UrlFact
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, Span
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole

_PLAIN = ("text", "unread")
_UPSTREAM = regex(
    r"target|proxy|host|hostname|upstream|destination|origin|\w*(base_?url|api_?(host|base|url))|\w*_HOST", re.IGNORECASE
)
_REMARKS = ("#", "//", "*", "--", ";", "<!--", "/*")


def unread_addresses(analysis: Analysis) -> Iterator[Finding]:
    """Flags for addresses that stay because their place cannot be read."""
    for path, facts in sorted(analysis.facts.items()):
        if analysis.has_several_providers(path) or path_kinds.is_test(path) or not analysis.code(path):
            continue
        if analysis.language(path) in _PLAIN:
            yield from _plain(analysis, path)
        else:
            yield from _left(analysis, facts.urls)
            yield from _hosts(analysis, facts.urls)


def _stays(path: str, span: Span, message: str, because: str) -> Finding:
    return flagged(RuleId.BASE_URL_HELD, path, span, Category.BASE_URL, message, because)


def _plain(analysis: Analysis, path: str) -> Iterator[Finding]:
    """Addresses in a file of a language that has no reader."""
    file = analysis.repository.files[path]
    for url in find_urls(file.source.text):
        start, end = file.lines.span(file.lines.line(url.start))
        if url.kind.movable and not file.source.text[start:end].lstrip().startswith(_REMARKS):
            because = "this language is not read as code: change it together with the key that goes there"
            yield _stays(path, Span(url.start, url.end), "OpenRouter's address", because)


def _left(analysis: Analysis, urls: Sequence[UrlFact]) -> Iterator[Finding]:
    """Addresses in configuration whose use cannot be seen."""
    follows = _in_renamed(analysis, urls[0].path) if urls else []
    commands = {fact.span for fact in urls if analysis.is_site(fact)}  # a block of commands is a text of the file as well
    for fact in urls:
        if analysis.language(fact.path) in PROGRAMS or not fact.url.kind.movable or fact.span in commands or allows(fact):
            continue
        if any(span.start <= fact.span.start < span.end for span in follows):
            continue
        if fact.place in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST):
            because = (
                "each user supplies the key for it: they need one of the target from then on"
                if key_of_users(fact, analysis.repository.files[fact.path].source.text)
                else "this address is set here but read somewhere else"
            )
            yield _stays(fact.path, fact.span, "OpenRouter's address stays", because)


def _in_renamed(analysis: Analysis, path: str) -> list[Span]:
    """The values of address variables that follow: `X=${X:-https://…}`, where the address changes together with the names."""
    return [
        Span(*fact.value.span)
        for move in analysis.moves
        if not move.unsafe or analysis.options.unsafe
        for fact in move.envs
        if fact.path == path and fact.value is not None and fact.identity not in move.staying
        if (variable := move.variable(fact.name)) is not None and variable.is_address and variable.moves
    ]


def _hosts(analysis: Analysis, urls: Iterable[UrlFact]) -> Iterator[Finding]:
    """Bare hosts that something else puts a path behind: development proxies, upstreams, split addresses that were not followed."""
    because = "the path is put behind it elsewhere: change both together"
    for fact in urls:
        if (
            fact.url.kind is UrlKind.HOST
            and fact.place is LiteralRole.VALUE
            and _UPSTREAM.fullmatch(fact.key.rpartition(".")[2])
            and not analysis.is_site(fact)
            and not allows(fact)
        ):
            yield _stays(fact.path, fact.span, "OpenRouter's bare host", because)

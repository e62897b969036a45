"""allow-list: lists of hosts that a program may call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import parties
from migrator.analysis.sources.allow_lists import allows, is_followed, is_policy
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind
from migrator.facts.model import UrlFact
from migrator.findings.edits import url_edit
from migrator.findings.flags import flagged
from migrator.findings.terms import changed, terms_of
from migrator.model import Category, Edit, Finding, Span
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole


def allow_lists(analysis: Analysis) -> Iterator[Finding]:
    """Lists of hosts that a program may call: they follow what moves, or calls are blocked.

    In a policy of browsers and in Deno's flags the host is exchanged where nothing stays on OpenRouter, else the new one is put beside
    it. Other lists are for a person to extend.
    """
    host = analysis.target.openai_base.split("://", 1)[1].split("/", 1)[0]
    move = next((move for move in analysis.moves if move.connections and (not move.unsafe or analysis.options.unsafe)), None)
    stays = move is None or _something_stays(analysis)
    for path, facts in sorted(analysis.facts.items()) if analysis.decisions else ():
        for fact in facts.urls if analysis.code(path) else ():
            if fact.place in (LiteralRole.COMPARE, LiteralRole.ASSERTION, LiteralRole.MESSAGE) or not allows(fact):
                continue
            if stays and host in fact.literal.value:
                continue
            message = "OpenRouter's host is in a list of hosts that may be called"
            change = _followed(analysis, fact, stays=stays) if move is not None and is_followed(fact) else None
            if change is not None and move is not None:
                because = "calls would be blocked after the move"
                terms = terms_of(analysis, move)
                yield changed(
                    terms, RuleId.ALLOW_LIST, path, fact.span, Category.CHECK, message, (change,), required=False, because=because
                )
            else:
                because = f"the list must be extended by {host}, or calls are blocked after the move"
                yield flagged(RuleId.ALLOW_LIST, path, fact.span, Category.CHECK, message, because)


def _followed(analysis: Analysis, fact: UrlFact, *, stays: bool) -> Edit | None:
    """The host of the target in the place of OpenRouter's, or as one more word of a policy; None where a person has to write it."""
    source = analysis.repository.files[fact.path].source
    change = url_edit(fact, source, analysis.target, host=fact.url.kind is UrlKind.HOST)
    if change is None or not stays:
        return change
    text = source.text
    before, after = text[fact.literal.inner.start : fact.span.start], text[fact.span.start : fact.literal.inner.end]
    word = _WORD.match(after)
    if word is None:
        return None
    end = fact.span.start + word.end()
    if is_policy(fact.literal.value) and before.endswith((" ", "\t", "\n")):
        between = " "
    elif re.search(r"--allow-net=\S*$", before):
        between = ","
    else:
        return None
    return Edit(path=fact.path, span=Span(end, end), old="", new=f"{between}{change.new}{text[change.span.end : end]}")


def _something_stays(analysis: Analysis) -> bool:
    """Does anything go on calling OpenRouter, as far as it can be seen?"""
    return (
        any(not analysis.applies(party) for party in parties(analysis))
        or bool(analysis.staying_readers or analysis.own_requests)
        or any(addition.unsure and not analysis.options.unsafe for addition in analysis.explicits.additions)
        or any(move.detached for move in analysis.moves)
    )


_WORD = regex(r"[^\s;\"'`,]+")

"""What else a file says about OpenRouter: checks of keys and addresses, reply fields, libraries with OpenRouter built in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients import settled
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.facts.model import Fact, FactKind
from migrator.facts.request_headers import OFF, headers
from migrator.findings.flags import flagged
from migrator.findings.hard_coded_keys import hard_coded
from migrator.findings.model_ids import model_ids
from migrator.model import Action, Category, Finding, Span

_COMMON_FIELDS = frozenset({"pricing", "context_length", "total_cost", "supported_parameters"})
"""Reply fields whose names other data has too: they count only where OpenRouter is called."""


def marks(s: Analysis) -> Iterator[Finding]:
    """File by file, first its model ids; nothing in a tree that does not talk to OpenRouter."""
    if not _talks(s):
        return
    for path, one in sorted(s.facts.items()):
        if not s.code(path):
            continue
        collapsed = s.crowded(path)
        yield from model_ids(s, one, collapsed=collapsed)
        for mark in one.marks:
            # where several providers are, the finding for the repository speaks for all but keys
            if not collapsed or mark.kind is FactKind.KEY_LITERAL:
                yield from _mark(s, mark)


def _talks(s: Analysis) -> bool:
    """Does anything in this tree talk to OpenRouter?"""
    return bool(s.decisions) or any(
        mark.kind in (FactKind.HIDDEN_CLIENT, FactKind.UNLISTED_CLIENT, FactKind.SDK_IMPORT, FactKind.MODEL_PREFIX)
        for one in s.facts.values()
        for mark in one.marks
    )


def _mark(s: Analysis, mark: Fact) -> Iterator[Finding]:
    path, span = mark.path, mark.span
    match mark.kind:
        case FactKind.KEY_CHECK:
            because = f"a key of the target ({s.target.key_example}) fails this check or takes the other branch"
            yield flagged(RuleId.KEY_CHECK, path, span, Category.CHECK, "a key is recognised by OpenRouter's shape", because)
        case FactKind.URL_CHECK:
            because = "after the move the branch is no longer taken"
            yield flagged(RuleId.URL_CHECK, path, span, Category.CHECK, "an address is recognised by OpenRouter's host", because)
        case FactKind.KEY_LITERAL:
            yield from hard_coded(s, mark)
        case FactKind.RESPONSE_FIELD if _beside(s, mark):
            message = f"{mark.text} is a reply field of OpenRouter"
            fields = openrouter()["response_fields_of" if "." in mark.text else "response_fields"]
            because = f"after the move: {fields.get(mark.text, 'absent')}"
            yield flagged(RuleId.RESPONSE_FIELD, path, span, Category.RESPONSE_FIELD, message, because)
        case FactKind.REQUEST_HEADER:
            yield from _header(s, mark)
        case FactKind.SDK_IMPORT | FactKind.HIDDEN_CLIENT if settled(s, mark, _moving(s)):
            pass
        case FactKind.SDK_IMPORT:
            yield flagged(RuleId.SDK, path, span, Category.SDK, f"{mark.text}: a library with OpenRouter built in", mark.note)
        case FactKind.HIDDEN_CLIENT:
            message = f"{mark.text}: the host is hidden in the library"
            refused = s.explicits.refused.get(id(mark), "")
            because = f"{refused}. {mark.note}" if refused not in ("", mark.note) else mark.note
            yield flagged(RuleId.HIDDEN_CLIENT, path, _head(s, mark), Category.SDK, message, because)
        case FactKind.UNLISTED_CLIENT:
            message = f"{mark.text}: a library that is not known here, named after OpenRouter"
            yield flagged(RuleId.UNLISTED_CLIENT, path, _head(s, mark), Category.SDK, message, mark.note)
        case _:
            pass


def _moving(s: Analysis) -> set[int]:
    """Marks, by `id`, that the additions of this run speak for."""
    moves = [move for move in s.moves if s.options.unsafe or not move.unsafe]
    return {id(mark) for move in moves for addition in move.additions for mark in addition.marks}


def _header(s: Analysis, mark: Fact) -> Iterator[Finding]:
    """A header that only OpenRouter acts on; one of a common name only where OpenRouter is called."""
    known = headers()
    if mark.text in known["common"] and mark.path not in s.talking:
        return
    message = f"{s.repository.files[mark.path].source.text[slice(*mark.span)]} is a request header of OpenRouter"
    action = Action.FLAG
    if mark.text in known["secret"]:
        because = "it hands other vendors' keys to whoever answers: take it out before the move"
    elif mark.text in known["lost"] and mark.note != OFF:
        because = known["lost"][mark.text]
    else:
        action = Action.KEEP
        because = f"it {'switches something off' if mark.note == OFF else 'says whose program asks'}: harmless elsewhere"
    finding = flagged(RuleId.REQUEST_HEADER, mark.path, mark.span, Category.HEADER, message, because)
    yield replace(finding, action=action)


def _head(s: Analysis, mark: Fact) -> Span:
    """The first line of a construct."""
    text = s.repository.files[mark.path].source.text
    end = text.find("\n", mark.span.start, mark.span.end)
    return Span(mark.span.start, end if end > 0 else mark.span.end)


def _beside(s: Analysis, mark: Fact) -> bool:
    """Does the mark stand in a file that has to do with OpenRouter at all?"""
    if mark.text in _COMMON_FIELDS:
        return "openrouter" in mark.path.lower() or mark.path in s.talking
    text = s.repository.files[mark.path].source.text
    return bool(re.search(r"open[_-]?router", text, re.IGNORECASE))

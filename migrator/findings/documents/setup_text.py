"""setup-text: documents that readers copy from: rewritten with `--docs`, else flagged once a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.findings.documents.docs_setup import blocks, is_history
from migrator.findings.flags import flagged
from migrator.findings.terms import keys_of
from migrator.model import Category, Finding, Span


def setup_text(analysis: Analysis) -> Iterator[Finding]:
    """Set-up text that a reader copies: once per file, for what `--docs` does not rewrite."""
    if not analysis.moves:
        return
    names = {variable.name for move in analysis.moves for variable in move.variables if variable.moves}
    applied = {move.start: keys_of(move) for move in analysis.moves if not move.unsafe or analysis.options.unsafe}
    rewritten = blocks(analysis, applied) if analysis.options.docs else []
    yield from rewritten
    for path, file in sorted(analysis.repository.files.items()):
        if not path_kinds.is_document(path) or path_kinds.is_recorded(path) or is_history(path) or analysis.code(path):
            continue
        text = _without(file.source.text, [finding.span for finding in rewritten if finding.path == path and finding.span])
        named = [
            name
            for name in sorted(names)
            if re.search(rf"(?<![A-Z0-9_]){name}(?![A-Z0-9_])[`\"']*\s*[=:]|(put|set|export|add|env)\s+[`\"']?{name}\b", text)
        ]
        address = re.search(r"https://openrouter\.ai/api", text)
        if named or address:
            what = " and ".join([*named[:1], *(["OpenRouter's address"] if address else [])])
            because = "documents are left to you; --docs rewrites blocks that are meant to be copied"
            yield flagged(RuleId.SETUP_TEXT, path, None, Category.DOCS, f"set-up text names {what}", because)


def _without(text: str, spans: Iterable[Span]) -> str:
    """A text with the parts blanked that a rewrite takes care of."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text

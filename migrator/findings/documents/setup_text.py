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
from migrator.formats.tree import RegionKind
from migrator.integrations.lookup import shipped
from migrator.model import Category, Finding, Span
from migrator.patterns import regex
from migrator.resolve.repository import ParsedFile

_INSTRUCTION = (
    r"(?<![A-Z0-9_])NAME(?![A-Z0-9_])[`\"']*\s*[=:]|(put|set|export|add|env)\s+[`\"']?NAME\b"  # a line to copy, a sentence that asks for it
    r"|^\s*\|\s*[`*]*NAME[`*]*\s*\||^\s*[-*+]\s+[`*]*NAME\b"  # a table of variables, a list of them
    r"|\b(env|environ|ENV)(\.get|\.fetch)?[.(\[]+[\"']?NAME\b|\bgetenv\([\"']NAME\b"  # code that shows how it is read
)
"""How a document tells its readers to set or read a variable, in whose place NAME stands."""
_BY_LIBRARY = regex(
    r"^[ \t]*(?:export[ \t]+|set[ \t]+|\$env:)?(?P<name>[A-Z][A-Z0-9_]*)[ \t]*[=:][ \t]*[\"']?https://(?:www\.)?openrouter\.ai/api",
    re.MULTILINE,
)


def setup_text(analysis: Analysis) -> Iterator[Finding]:
    """Set-up text that a reader copies: once per file, for what `--docs` does not rewrite."""
    if not analysis.moves:
        yield from _for_libraries(analysis)
        return
    names = {variable.name for move in analysis.moves for variable in move.variables if variable.moves}
    applied = {move.start: keys_of(move) for move in analysis.moves if not move.unsafe or analysis.options.unsafe}
    rewritten = blocks(analysis, applied) if analysis.options.docs else []
    yield from rewritten
    for path, file in sorted(analysis.repository.files.items()):
        if path_kinds.is_recorded(path) or is_history(path) or (text := _prose(analysis, path, file)) is None:
            continue
        text = _without(text, [finding.span for finding in rewritten if finding.path == path and finding.span])
        named = [name for name in sorted(names) if re.search(_INSTRUCTION.replace("NAME", name), text, re.MULTILINE)]
        address = re.search(r"https://openrouter\.ai/api", text)
        if named or address:
            what = " and ".join([*named[:1], *(["OpenRouter's address"] if address else [])])
            because = "documents are left to you; --docs rewrites blocks that are meant to be copied"
            yield flagged(RuleId.SETUP_TEXT, path, None, Category.DOCS, f"set-up text names {what}", because)


def _prose(analysis: Analysis, path: str, file: ParsedFile) -> str | None:
    """A document's text, or the prose between the cells of a notebook; None for any other file."""
    module = file.module
    if module.language == "notebook":
        return "\n".join(file.source.text[region.span.start : region.span.end] for region in module.regions_of(RegionKind.MARKUP))
    return file.source.text if path_kinds.is_document(path) and not analysis.code(path) else None


def _for_libraries(analysis: Analysis) -> Iterator[Finding]:
    """Where nothing in the tree names the address: lines that give it to a variable which a library reads by itself, `OPENAI_BASE_URL=…`."""
    for path, file in sorted(analysis.repository.files.items()):
        if not path_kinds.is_document(path) or path_kinds.is_recorded(path) or is_history(path) or analysis.code(path):
            continue
        for line in _BY_LIBRARY.finditer(file.source.text):
            if shipped().reading(line["name"]):
                message = f"set-up text gives {line['name']} OpenRouter's address"
                because = "a library reads it by itself: whoever follows the text must change address and key together"
                yield flagged(RuleId.SETUP_TEXT, path, Span(*line.span()), Category.DOCS, message, because)


def _without(text: str, spans: Iterable[Span]) -> str:
    """A text with the parts blanked that a rewrite takes care of."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text

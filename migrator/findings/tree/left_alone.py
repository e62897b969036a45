"""left-alone: every line that names OpenRouter lies in some finding, or its file has one for the whole.

What no rule spoke of stays as it is; the account says so line by line, with the reason that its place gives.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.discover.config import own_span
from migrator.discover.needles import mentions
from migrator.formats.tree import RegionKind
from migrator.model import Action, Applicability, Category, Finding, Span
from migrator.resolve.repository import ParsedFile

_REASONS: dict[RegionKind, tuple[Category, str]] = {
    RegionKind.COMMENT: (Category.NAME, "comment"),
    RegionKind.DOCSTRING: (Category.DOCS, "docstring"),
    RegionKind.STRING: (Category.NAME, "text that no connection uses"),
    RegionKind.MARKUP: (Category.DOCS, "text for people"),
    RegionKind.FENCE: (Category.DOCS, "an example in a document"),
    RegionKind.OUTPUT: (Category.OTHER, "recorded output"),
    RegionKind.TYPE: (Category.NAME, "only a name in a type"),
}
_CODE = (Category.NAME, "only a name (variable, function, label)")


def whole_file(path: str) -> tuple[Category, str] | None:
    """The one reason that holds for a whole file, for kinds of files in which no line needs one of its own."""
    if own_span(path, " "):
        return Category.OTHER, "configuration of this tool"
    if path_kinds.is_recorded(path):
        return Category.OTHER, "recorded or stored data: it says what was, not what is called"
    if path_kinds.is_locale(path):
        return Category.DOCS, "translated texts of the user interface"
    if path_kinds.is_migration(path):
        return Category.OTHER, "an applied migration is never edited"
    if path_kinds.is_document(path):
        return Category.DOCS, "a document: names and links in prose stay"
    return None


def balance(files: Iterable[ParsedFile], findings: Iterable[Finding]) -> list[Finding]:
    """Findings for everything that names OpenRouter and that no finding speaks of yet."""
    covered: dict[str, list[tuple[int, int]]] = {}
    whole: set[str] = set()
    for finding in findings:
        if finding.span is None:
            whole.add(finding.path)
        else:
            covered.setdefault(finding.path, []).append(finding.span)
    added: list[Finding] = []
    for file in files:
        if file.path in whole:
            continue
        reason = whole_file(file.path)
        if reason is not None:
            added.append(_keep(file.path, None, *reason))
            continue
        lines = {
            line
            for start, end in covered.get(file.path, ())
            for line in range(file.lines.line(start), file.lines.line(max(start, end - 1)) + 1)
        }
        for mention in mentions(file.source.text):
            line = file.lines.line(mention.start)
            if line not in lines:
                lines.add(line)
                kind = file.module.region_at(mention.start)
                added.append(_keep(file.path, mention, *(_CODE if kind is None else _REASONS[kind])))
    return added


def _keep(path: str, span: Span | None, category: Category, because: str) -> Finding:
    return Finding(
        rule=RuleId.LEFT_ALONE,
        path=path,
        span=span,
        category=category,
        message="names OpenRouter",
        because=because,
        action=Action.KEEP,
        applicability=Applicability.SAFE,
    )

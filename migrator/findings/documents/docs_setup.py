"""docs-setup: with `--docs`, blocks of a document that readers copy follow the code that moved.

Only fenced blocks, and each whole: one that also names something that only OpenRouter has, or holds what may be a key, stays as it is.
History stays as it was. Without `--docs` the document is flagged once (`setup-text`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.variables.variable_scopes import inside
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import find_urls, moved
from migrator.discover import path_kinds
from migrator.findings.edits import edit
from migrator.formats.tree import RegionKind
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.patterns import regex
from migrator.text.secrets import is_secret_shaped

_HISTORY = regex(
    r"(^|/)(CHANGELOG|CHANGES|HISTORY|NEWS|RELEASES?|RELEASE_NOTES)[^/]*$|(^|/)(changelogs?|release-notes|adr|decisions|rfcs?)/",
    re.I,
)
_SHAPE = regex(r"sk-or-[^\s\"'`#,;)]*", re.IGNORECASE)


def is_history(path: str) -> bool:
    """Does a document say what was?"""
    return bool(_HISTORY.search(path))


def blocks(analysis: Analysis, keys: Mapping[tuple[str, int], frozenset[str]]) -> list[Finding]:
    """Rewrites of copyable blocks. `keys` gives the key set of each move that this run makes, by its start."""
    moves = [move for move in analysis.moves if move.start in keys]
    findings: list[Finding] = []
    for path, file in sorted(analysis.repository.files.items()):
        if not path_kinds.is_document(path) or path_kinds.is_recorded(path) or is_history(path):
            continue
        for region in file.module.regions:
            if region.kind is RegionKind.FENCE and moves:
                findings += _block(analysis, path, region.span, moves, keys)
    return findings


def _block(
    analysis: Analysis, path: str, span: Span, moves: list[Move], keys: Mapping[tuple[str, int], frozenset[str]]
) -> list[Finding]:
    source = analysis.repository.files[path].source
    text = source.text[span.start : span.end]
    urls = find_urls(text)
    if any(not url.kind.movable for url in urls) or any(is_secret_shaped(shape[0]) for shape in _SHAPE.finditer(text)):
        return []
    near: dict[str, tuple[Variable, Move]] = {}
    for move in moves:
        for variable in move.variables:
            if variable.decision == "rename" and (not variable.folder or inside(path, variable.folder)):
                near.setdefault(variable.name, (variable, move))
    edits: list[Edit] = []
    homes: dict[tuple[str, int], Move] = {}
    for name, (variable, move) in near.items():
        for at in re.finditer(_whole(name), text):
            assert variable.new_name is not None
            edits.append(edit(path, source, Span(span.start + at.start(), span.start + at.end()), variable.new_name))
            homes[move.start] = move
    for url in urls:
        change = moved(url, analysis.target)
        if change is None:
            return []
        edits.append(edit(path, source, Span(span.start + change[0], span.start + change[1]), change[2]))
    edits += (
        edit(path, source, Span(span.start + shape.start(), span.start + shape.end()), analysis.target.key_example)
        for shape in _SHAPE.finditer(text)
    )
    rest = text
    for name in near:
        rest = re.sub(_whole(name), "", rest)
    if not edits or len(homes) > 1 or re.search(r"(?<![A-Za-z0-9_])(OPEN_?ROUTER\w*|OR)_(API_)?KEY\b", rest):
        return []
    home = next(iter(homes.values()), moves[0])
    return [
        Finding(
            rule=RuleId.DOCS_SETUP, path=path, span=rewrite.span, category=Category.DOCS, action=Action.REWRITE, applicability=Applicability.SAFE,
            message="a block that readers copy", because="it follows the code, as --docs asks", edits=(rewrite,), keys=keys[home.start], required=False,
        )
        for rewrite in sorted(edits, key=lambda rewrite: rewrite.span)
    ]  # fmt: skip


def _whole(name: str) -> str:
    return rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])"

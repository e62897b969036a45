"""`--docs`: blocks of a document that readers copy follow the code that moved.

Only fenced blocks, and each whole: one that also names something that only OpenRouter has, or holds what may be a key, stays as it is.
History stays as it was. Without `--docs` the document is flagged once (`verdicts.setup_text`).
"""

from __future__ import annotations

import re

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit
from migrator.analysis.variable_scopes import inside
from migrator.catalog import renamed
from migrator.catalog.urls import find_urls, moved
from migrator.discover import path_kinds
from migrator.findings.edits import edit
from migrator.formats.tree import RegionKind
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.text.secrets import is_secret_shaped

_HISTORY = re.compile(
    r"(^|/)(CHANGELOG|CHANGES|HISTORY|NEWS|RELEASES?|RELEASE_NOTES)[^/]*$|(^|/)(changelogs?|release-notes|adr|decisions|rfcs?)/",
    re.I,
)
_SHAPE = re.compile(r"sk-or-[^\s\"'`#,;)]*", re.IGNORECASE)


def is_history(path: str) -> bool:
    """Does a document say what was?"""
    return bool(_HISTORY.search(path))


def blocks(s: Settlement, keys: dict[int, frozenset[str]]) -> list[Finding]:
    """Rewrites of copyable blocks. `keys` gives the key set of each unit that this run moves, by `id`."""
    units = [unit for unit in s.units if id(unit) in keys]
    found: list[Finding] = []
    for path, file in sorted(s.repository.files.items()):
        if not path_kinds.is_document(path) or path_kinds.is_recorded(path) or is_history(path):
            continue
        near = [unit for unit in units if not unit.scope or inside(path, unit.scope)]
        for region in file.module.regions:
            if region.kind is RegionKind.FENCE and near:
                found += _block(s, path, region.span, near, keys)
    return found


def _block(s: Settlement, path: str, span: Span, units: list[Unit], keys: dict[int, frozenset[str]]) -> list[Finding]:
    source = s.repository.files[path].source
    text = source.text[span.start : span.end]
    urls = find_urls(text)
    if any(not url.kind.movable for url in urls) or any(is_secret_shaped(shape[0]) for shape in _SHAPE.finditer(text)):
        return []
    names = {name: unit for unit in units for name in unit.names if name not in unit.kept | unit.idle and not unit.pinned}
    edits: list[Edit] = []
    homes: dict[int, Unit] = {}
    for name, unit in names.items():
        new = renamed(name, s.target.key_env)
        for at in re.finditer(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text):
            assert new is not None
            edits.append(edit(path, source, Span(span.start + at.start(), span.start + at.end()), new))
            homes[id(unit)] = unit
    for url in urls:
        change = moved(url, s.target)
        if change is None:
            return []
        edits.append(edit(path, source, Span(span.start + change[0], span.start + change[1]), change[2]))
    edits += (
        edit(path, source, Span(span.start + shape.start(), span.start + shape.end()), s.target.key_example)
        for shape in _SHAPE.finditer(text)
    )
    if not edits or len(homes) > 1 or re.search(r"(?<![A-Za-z0-9_])(OPEN_?ROUTER\w*|OR)_(API_)?KEY\b", _blanked(text, names)):
        return []
    home = next(iter(homes.values()), units[0])
    return [
        Finding(
            rule="docs-setup", path=path, span=one.span, category=Category.DOCS, action=Action.REWRITE, applicability=Applicability.SAFE,
            message="a block that readers copy", because="it follows the code, as --docs asks", edits=(one,), keys=keys[id(home)], required=False,
        )
        for one in sorted(edits, key=lambda one: one.span)
    ]  # fmt: skip


def _blanked(text: str, names: dict[str, Unit]) -> str:
    for name in names:
        text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", "", text)
    return text

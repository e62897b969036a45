"""Programs with several providers: tables that hold addresses, key variables or constructors of other vendors, and who has to do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Evidence
from migrator.analysis.registries import vendor_traces
from migrator.facts.model import Fact, FactKind, Facts
from migrator.formats.tree import Item, Obj, Seq, Str
from migrator.integrations import lookup
from migrator.resolve.context import LiteralRole, place_of

FARTHEST = 3
"""Imports between a table and a file that still has to do with it."""


def count_providers(analysis: Analysis, facts: Iterable[Facts]) -> Evidence:
    """What the files say of other vendors, and what their manifests say of hidden readers of the key."""
    tables = [
        mark for each in facts if analysis.code(each.path) for mark in each.marked(FactKind.REGISTRY) if _is_table(analysis, mark)
    ]
    return Evidence(
        registries=tuple(tables),
        presence={
            path: package.reads
            for path, text in analysis.manifests
            for name, package in lookup.shipped().packages.items()
            if re.search(rf"(?m)(^|[\"'\s\[,]){re.escape(name)}(?=[\s\"'\[=<>~!,;]|$)", text)
        },
        vendors=frozenset(vendor for mark in tables for vendor in mark.text.split(", ")),
        bound=_bound(analysis, {mark.path for mark in tables}),
    )


def _is_table(analysis: Analysis, mark: Fact) -> bool:
    """Does a list or mapping hold more than names: an entry of its own for at least two other vendors, with an address or a key?"""
    node = mark.node_path.node if mark.node_path is not None else None
    if not isinstance(node, (Obj, Seq)):
        return False
    text = analysis.repository.files[mark.path].source.text
    parts = [item.value for item in node.items if _names_entry(item, text)] if isinstance(node, Obj) else list(node.items)
    telling = [part for part in parts if vendor_traces().search(text, *part.span)]
    return len(telling) >= 2 and (isinstance(node, Obj) or all(isinstance(part, (Obj, Seq)) for part in telling))


def _names_entry(item: Item, text: str) -> bool:
    """Is an entry one of a table? `GROQ_API_KEY: process.env.GROQ_API_KEY` only collects the environment: nothing is chosen by such a name."""
    if item.key is None:
        return False
    return not (isinstance(item.key, Str) and item.key.value in text[item.value.span.start : item.value.span.end])


def _bound(analysis: Analysis, tables: set[str]) -> frozenset[str]:
    """The files with a table, those that import one of them, and those that they import, over a few steps."""
    if not tables:
        return frozenset()
    imports = {path: analysis.imported(path) for path in analysis.facts}
    users: dict[str, set[str]] = {}
    for path, used in imports.items():
        for other in used:
            users.setdefault(other, set()).add(path)
    return frozenset(_reach(tables, imports) | _reach(tables, users))


def _reach(start: set[str], steps: dict[str, set[str]]) -> set[str]:
    reached, edge = set(start), set(start)
    for _ in range(FARTHEST):
        edge = {other for path in edge for other in steps.get(path, ())} - reached
        reached |= edge
    return reached


def is_catalogue(facts: Facts, *, program: bool) -> bool:
    """Is this a table of models: many special ids in data, or ids as the keys of a table in a program?"""
    special = facts.marked(FactKind.MODEL_VARIANT, FactKind.MODEL_ROUTER, FactKind.MODEL_PREFIX)
    if not program:
        return len(special) > 12
    keys = [mark for mark in special if mark.node_path is not None and place_of(mark.node_path) is LiteralRole.KEY]
    return len(keys) > 4 and len(keys) == len(special)

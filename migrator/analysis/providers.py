"""What the repository as a whole says: several providers, hidden readers of the key, an own client of OpenRouter."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from migrator.catalog import openrouter
from migrator.discover import path_kinds
from migrator.facts.model import Fact, FactKind, Facts
from migrator.integrations import lookup
from migrator.resolve.context import LiteralRole, place_of


@dataclass(slots=True, kw_only=True)
class Evidence:
    """Findings about the whole, each with the places it rests on."""

    registries: list[Fact] = field(default_factory=list)
    """Lists, mappings, enums and unions where OpenRouter is one of several vendors, in code that runs."""
    branches: list[Fact] = field(default_factory=list)
    siblings: list[str] = field(default_factory=list)
    """Files of other vendors beside a file of OpenRouter's."""
    presence: dict[str, str] = field(default_factory=dict)
    """Manifest path to the reason why the key variable has a reader outside the code."""
    vendors: set[str] = field(default_factory=set)

    @property
    def several(self) -> bool:
        """Is OpenRouter one of several providers here?"""
        return bool(self.registries) and (len(self.vendors) >= 2 or bool(self.branches) or bool(self.siblings))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that make it so, the strongest first."""
        counted: dict[str, int] = {}
        for mark in self.registries:
            counted[mark.path] = counted.get(mark.path, 0) + 3 + len(mark.text.split(","))
        for mark in self.branches:
            counted[mark.path] = counted.get(mark.path, 0) + 1
        return tuple(sorted(counted, key=lambda path: (-counted[path], path)))


def weigh(facts: Iterable[Facts], tree: Iterable[str], manifests: Sequence[tuple[str, str]]) -> Evidence:
    """Weigh what is known. `manifests` are (path, text) of dependency lists."""
    found = Evidence()
    for one in facts:
        if (
            path_kinds.is_test(one.path)
            or path_kinds.is_document(one.path)
            or path_kinds.is_recorded(one.path)
            or path_kinds.is_locale(one.path)
        ):
            continue
        for mark in one.marked(FactKind.REGISTRY):
            found.registries.append(mark)
            found.vendors.update(mark.text.split(", "))
        found.branches += one.marked(FactKind.BRANCH)
    found.siblings = _siblings(tree)
    for path, text in manifests:
        for package, reason in lookup.shipped().packages.items():
            if re.search(rf"(?m)(^|[\"'\s\[,]){re.escape(package)}(?=[\s\"'\[=<>~!,;]|$)", text):
                found.presence[path] = reason
    return found


def is_catalogue(one: Facts, *, program: bool) -> bool:
    """Is this a table of models: many special ids in data, or ids as the keys of a table in a program?"""
    special = one.marked(FactKind.MODEL_VARIANT, FactKind.MODEL_ROUTER, FactKind.MODEL_PREFIX)
    if not program:
        return len(special) > 12
    keys = [mark for mark in special if mark.node_path is not None and place_of(mark.node_path) is LiteralRole.KEY]
    return len(keys) > 4 and len(keys) == len(special)


def _siblings(tree: Iterable[str]) -> list[str]:
    """`providers/anthropic.py` beside `providers/openrouter.py`."""
    vendors = {re.sub(r"[^a-z]", "", name) for name in openrouter()["vendors"]["names"]} - {
        "local",
        "custom",
        "google",
        "together",
        "meta",
    }
    own: set[str] = set()
    others: dict[str, list[str]] = {}
    for path in tree:
        folder, name = posixpath.split(path)
        stem, _, end = name.partition(".")
        if not end.endswith(("py", "ts", "tsx", "js", "mjs")) or path_kinds.is_test(path) or "test" in end:
            continue
        word = re.sub(r"[^a-z]", "", stem.lower())
        word = re.sub(r"(provider|client|adapter|service|llm|model|models|backend|engine|api)$", "", word)
        if word == "openrouter":
            own.add(folder)
        elif word in vendors:
            others.setdefault(folder, []).append(path)
    return sorted(path for folder in own for path in others.get(folder, ()))

"""Tests of what stays: they set, expect and read the variable that the code they test goes on reading."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.analysis.analysis import Analysis
from migrator.analysis.variables.decide import Uses
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact
from migrator.formats.tree import Import
from migrator.resolve.modules import local_module, submodule

TESTS_WHAT_STAYS = "it tests code that stays on OpenRouter"


def tests_of_what_stays(analysis: Analysis, uses: Uses, mentions: Iterable[EnvFact]) -> frozenset[str]:
    """The tests that import modules which read the variable and stay, and none that moves."""
    paths = {fact.path for fact in mentions if path_kinds.is_test(fact.path)}
    tested = {path: _tested(analysis, path) for path in paths - uses.moving_files}
    return frozenset(path for path, files in tested.items() if files & uses.staying_files and not files & uses.moving_files)


def _tested(analysis: Analysis, path: str) -> set[str]:
    """The modules of this tree that a test imports, also as parts of a package: `from pkg import balance`."""
    file = analysis.repository.files[path]
    imports = [node for node in file.module.body if isinstance(node, Import)]
    parts = (
        local_module(analysis.repository, path, submodule(node.module, node.name)) for node in imports if node.name is not None
    )
    return {*analysis.imported(path), *(part for part in parts if part is not None)}

"""Whose names are whose, over the whole tree: variables, keys that the program gave itself, prefixes that it gave a meaning.

One file cannot know it: a test's stub of `env` follows the schema's keys, which stay where the schema is told what to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.discover import path_kinds
from migrator.facts.model import FactKind, Facts
from migrator.resolve.environment import VariableRole

_BY_SCHEMA = ("schema-key", "schema-use")


def sort_out(facts: Mapping[str, Facts]) -> None:
    """Correct what the files said each for itself."""
    named = {(path, tuple(span)) for one in facts.values() for path, span in one.named}
    prefixes = {f"openrouter{mark.text}" for one in facts.values() for mark in one.marked(FactKind.OWN_PREFIX)}
    own = _own(facts.values()) - _variables(facts.values())
    bound = {fact.name for one in facts.values() for fact in one.envs if fact.how == "worker"}
    for path, one in facts.items():
        for fact in one.envs:
            if fact.role is VariableRole.UNKNOWN and (path, tuple(fact.span)) in named:
                fact.role, fact.how = VariableRole.READ, "named"
        if path.endswith(_ENDINGS):
            one.envs = [
                fact
                for fact in one.envs
                if not (fact.how == "interface-own" and fact.name not in bound)
                and not (fact.how == "object-key" and fact.name in own and path_kinds.is_test(path))
            ]
        for mark in one.marked(FactKind.MODEL_PREFIX) if prefixes else ():
            prefix = next((prefix for prefix in prefixes if mark.text.startswith(prefix)), None)
            if prefix is not None and path.endswith(_ENDINGS):
                mark.kind, mark.text = FactKind.MODEL, mark.text[len(prefix) :]


_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro", ".html")


def _own(facts: Iterable[Facts]) -> set[str]:
    return {mark.text for one in facts if not path_kinds.is_test(one.path) for mark in one.marked(FactKind.OWN_KEY)}


def _variables(facts: Iterable[Facts]) -> set[str]:
    return {fact.name for one in facts for fact in one.envs if fact.how in _BY_SCHEMA}

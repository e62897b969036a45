"""Whose names are whose, over the whole tree: variables, keys that the program gave itself, prefixes that it gave a meaning.

One file cannot know it: a test's stub of `env` follows the schema's keys, which stay where the schema is told what to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.analysis.units import Hold
from migrator.discover import path_kinds
from migrator.facts.model import FactKind, Facts
from migrator.formats.tree import Import
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


def loose(facts: Iterable[Facts], names: Iterable[str]) -> list[Hold]:
    """Properties of something unknown that are spelled like a variable: reasons to leave a schema's keys alone."""
    facts = list(facts)
    schemas, own = _variables(facts), _own(facts)
    wanted = set(names)
    found: list[Hold] = []
    for one in sorted(facts, key=lambda one: one.path):
        for fact in one.envs:
            if fact.how == "worker" and fact.name in wanted & own and not path_kinds.is_test(one.path):
                reason = f"{fact.name} is read from something called env, and an object of this program has a key of that name too"
                found.append(Hold(reason=reason, path=one.path, offset=fact.span.start, naming=fact.name))
            node = fact.node_path.node if fact.node_path is not None else None
            if fact.name in wanted - schemas and isinstance(node, Import) and node.module.startswith("astro:env/"):
                reason = (
                    f"{fact.name} is imported by the name that Astro's schema has for it, and the schema is not to be found here"
                )
                found.append(Hold(reason=reason, path=one.path, offset=fact.span.start, naming=fact.name))
        for mark in one.marked(FactKind.LOOSE):
            if mark.text not in wanted or path_kinds.is_document(one.path) or path_kinds.is_recorded(one.path):
                continue
            if mark.text in schemas:
                reason = f"{mark.text} is the key of an environment schema, and it cannot be followed to where it is used here"
            elif mark.text not in own and not path_kinds.is_test(one.path):
                reason = f"{mark.text} is a property of something that cannot be followed here: it may be the variable"
            else:
                continue
            found.append(Hold(reason=reason, path=one.path, offset=mark.span.start, naming=mark.text))
    return found

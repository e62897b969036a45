"""Whose names are whose, over the whole tree: variables, keys that the program gave itself, prefixes that it gave a meaning.

One file cannot know it: a test's stub of `env` follows the schema's keys, which stay where the schema is told what to read.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.discover import path_kinds
from migrator.facts.model import EnvFact, Fact, FactKind, Facts
from migrator.records import replace
from migrator.resolve.environment import DEFINING, VariableRole

_BY_SCHEMA = ("schema-key", "schema-use")


def sort_out(facts: Iterable[Facts]) -> dict[str, Facts]:
    """By path: what the files say, corrected where each of them could not know it for itself."""
    facts = list(facts)
    named = {(path, tuple(span)) for each in facts for path, span in each.named}
    prefixes = {f"openrouter{mark.text}" for each in facts for mark in each.marked(FactKind.OWN_PREFIX)}
    own_keys = _own(facts) - _variables(facts)
    bound = {fact.name for each in facts for fact in each.envs if fact.how == "worker"}
    corrected = {}
    for each in facts:
        envs, marks = each.envs, each.marks
        if named:
            envs = tuple(_named(fact) if (each.path, tuple(fact.span)) in named else fact for fact in envs)
        if each.path.endswith(_ENDINGS):
            envs = tuple(
                fact
                for fact in envs
                if not (fact.how == "interface-own" and fact.name not in bound)
                and not (fact.how == "object-key" and fact.name in own_keys and path_kinds.is_test(each.path))
            )
            marks = tuple(_without_prefix(mark, prefixes) for mark in marks) if prefixes else marks
        corrected[each.path] = replace(each, envs=envs, marks=marks)
    return _in_any_letter_case(corrected)


def _in_any_letter_case(facts: dict[str, Facts]) -> dict[str, Facts]:
    """The same, where a definition in another letter case is one of the variable that a reader asks for in any.

    What such a definition takes its value from keeps its own spelling: a shell and a CI tell them apart. So does a file that has both.
    """
    read = {fact.name.casefold(): fact.name for each in facts.values() for fact in each.envs if _asked_in_any_case(fact)}
    if not read:
        return facts
    merged = {}
    for path, each in facts.items():
        own = {fact.name for fact in each.envs}
        merged[path] = replace(each, envs=tuple(_spelled_as(fact, read, own) for fact in each.envs))
    return merged


def _asked_in_any_case(fact: EnvFact) -> bool:
    return fact.how == "settings-field" or (fact.role is VariableRole.READ and ":" in fact.name)


def _spelled_as(fact: EnvFact, read: dict[str, str], own: set[str]) -> EnvFact:
    name = read.get(fact.name.casefold(), fact.name)
    return replace(fact, name=name) if fact.role in DEFINING and name not in own else fact


def _named(fact: EnvFact) -> EnvFact:
    """A name that a constant hands to a read of the environment."""
    return replace(fact, role=VariableRole.READ, how="named") if fact.role is VariableRole.UNKNOWN else fact


def _without_prefix(mark: Fact, prefixes: set[str]) -> Fact:
    """A model id whose prefix the program itself gave a meaning: the rest is the model's name."""
    prefix = next((prefix for prefix in prefixes if mark.text.startswith(prefix)), None)
    if mark.kind is not FactKind.MODEL_PREFIX or prefix is None:
        return mark
    return replace(mark, kind=FactKind.MODEL, text=mark.text[len(prefix) :])


_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro", ".html")


def _own(facts: Iterable[Facts]) -> set[str]:
    return {mark.text for each in facts if not path_kinds.is_test(each.path) for mark in each.marked(FactKind.OWN_KEY)}


def _variables(facts: Iterable[Facts]) -> set[str]:
    return {fact.name for each in facts for fact in each.envs if fact.how in _BY_SCHEMA}

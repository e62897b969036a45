"""Addresses that a workflow gives an action of its own tree: `with: {base-url: https://…}` and `X: ${{ inputs.base-url }}` in the action.

The workflow names no variable. The action says which one the input fills, so that the address belongs to that variable's readers.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from migrator.analysis.sources.references import references
from migrator.facts.model import Facts, UrlFact
from migrator.formats.tree import EnvDef, Item, Obj, Str
from migrator.records import replace

_FILES = ("action.yml", "action.yaml")


def with_owners(facts: Mapping[str, Facts]) -> dict[str, Facts]:
    """The facts of all files; an address that an action is given belongs to the variable that the action makes of it."""
    owned = dict(facts)
    for path, each in facts.items():
        if each.urls and ".github/" in f"/{path}":
            urls = tuple(replace(fact, owner=_owner(fact, facts) or fact.owner) for fact in each.urls)
            owned[path] = replace(each, urls=urls)
    return owned


def _owner(fact: UrlFact, facts: Mapping[str, Facts]) -> str:
    """The variable that an action fills with the input an address is given for; "" for an address that stands elsewhere."""
    steps = list(fact.node_path.ancestors())
    named = next((step.node for step in steps if isinstance(step.node, EnvDef) and step.node.how == "actions-with"), None)
    inner = next((step.node for step in steps if isinstance(step.node, Item)), None)
    call = next((step.node for step in steps if isinstance(step.node, Obj) and _called(step.node)), None)
    if named is not None and named.owner.startswith("interface:./"):
        called, given = named.owner.removeprefix("interface:"), named.name
    elif call is not None and inner is not None and isinstance(inner.key, Str):
        called, given = _called(call), inner.key.value
    else:
        return ""
    folder = called.removeprefix("./").rstrip("/")
    for name in _FILES:
        each = facts.get(posixpath.join(folder, name))
        for env in each.envs if each is not None else ():
            node = env.node_path.node if env.node_path is not None else None
            if isinstance(node, EnvDef) and any(
                ref.name == given and ref.owner.startswith("interface:") for ref in references(node.value)
            ):
                return env.name
    return ""


def _called(step: Obj) -> str:
    """The action of the same tree that a step uses; "" for other mappings."""
    for item in step.items:
        if (
            isinstance(item.key, Str)
            and item.key.value == "uses"
            and isinstance(item.value, Str)
            and item.value.value.startswith("./")
        ):
            return item.value.value
    return ""

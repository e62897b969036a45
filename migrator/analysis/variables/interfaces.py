"""Inputs and secrets that others hand to an action or a workflow of this tree.

Whoever uses a published action passes it an OpenRouter key today and goes on doing so: such a key must not come under the new name. An
action or workflow that only this tree calls is no interface, because its callers move with it.
"""

from __future__ import annotations

import posixpath

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.references import references
from migrator.facts.model import EnvFact
from migrator.formats.tree import EnvDef, EnvRef
from migrator.resolve.environment import VariableRole

_ACTION_FILES = ("action.yml", "action.yaml")


def called_as(path: str) -> str:
    """How a file of this tree is named by what calls it: `./.github/actions/review`, `./` for an action at the root."""
    return f"./{posixpath.dirname(path)}" if posixpath.basename(path) in _ACTION_FILES else f"./{path}"


def is_public(analysis: Analysis, path: str) -> bool:
    """May programs outside this tree hand something to this action or workflow?"""
    if path in _ACTION_FILES:
        return True
    owner = f"interface:{called_as(path)}"
    return not any(
        isinstance(node, EnvDef) and node.owner.rstrip("/") == owner
        for file in analysis.repository.files.values()
        if file.module.language == "yaml"
        for node in file.module.body
    )


def interface_reference(analysis: Analysis, fact: EnvFact) -> EnvRef | None:
    """What a definition takes from the callers of a public action or workflow, and from nowhere else."""
    if fact.role not in (VariableRole.DEFINE, VariableRole.FORWARD) or fact.how == "actions-input":
        return None
    refs = list(references(fact.value))
    if len(refs) == 1 and refs[0].owner in ("interface:inputs", "interface:workflow_call") and is_public(analysis, fact.path):
        return refs[0]
    return None


def handed_to_interface(analysis: Analysis, fact: EnvFact) -> str:
    """The public action of this tree that an entry hands a variable to: its input goes on taking the old key; "" for others."""
    if fact.role is not VariableRole.READ or fact.node_path is None:
        return ""
    for step in fact.node_path.ancestors():
        if isinstance(step.node, EnvDef) and step.node.how == "actions-with" and step.node.owner.startswith("interface:./"):
            called = step.node.owner.removeprefix("interface:./").rstrip("/")
            paths = [posixpath.join(called, name) for name in _ACTION_FILES] if not called.endswith((".yml", ".yaml")) else [called]
            return next((path for path in paths if path in analysis.facts and is_public(analysis, path)), "")
    return ""

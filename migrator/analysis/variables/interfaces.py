"""Inputs and secrets that others hand to an action or a workflow of this tree.

Whoever uses a published action passes it an OpenRouter key today and goes on doing so: such a key must not come under the new name. An
action or workflow that only this tree calls is no interface, because its callers move with it.
"""

from __future__ import annotations

import posixpath

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.references import references
from migrator.analysis.variables.published import ACTION_FILES, is_public
from migrator.facts.model import EnvFact
from migrator.formats.tree import EnvDef, EnvRef
from migrator.resolve.environment import VariableRole


def interface_reference(analysis: Analysis, fact: EnvFact, *, of_any: bool = False) -> EnvRef | None:
    """What a definition takes from the callers of a public action or workflow (of any: also one of this tree), and from nowhere else."""
    if fact.role not in (VariableRole.DEFINE, VariableRole.FORWARD) or fact.how == "actions-input":
        return None
    refs = list(references(fact.value))
    if (
        len(refs) == 1
        and refs[0].owner in ("interface:inputs", "interface:workflow_call")
        and (of_any or is_public(analysis.repository, fact.path))
    ):
        return refs[0]
    return None


def handed_to_interface(analysis: Analysis, fact: EnvFact, *, of_any: bool = False) -> str:
    """The public action of this tree that an entry hands a variable to (of any: also another one); "" for others. Its input goes on taking the old key."""
    if fact.role is not VariableRole.READ or fact.node_path is None:
        return ""
    for step in fact.node_path.ancestors():
        if isinstance(step.node, EnvDef) and step.node.how == "actions-with" and step.node.owner.startswith("interface:./"):
            called = step.node.owner.removeprefix("interface:./").rstrip("/")
            paths = [posixpath.join(called, name) for name in ACTION_FILES] if not called.endswith((".yml", ".yaml")) else [called]
            return next((path for path in paths if path in analysis.facts and (of_any or is_public(analysis.repository, path))), "")
    return ""

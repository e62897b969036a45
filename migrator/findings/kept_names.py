"""Names that stay although connections move: kept on purpose, or because somebody else's program goes on reading them."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.build import VALUE_OF_OLD
from migrator.analysis.model import Move, Variable
from migrator.analysis.variables.variable_scopes import foreign
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import holds_secret, is_env_line, placeholder_edit, redefine
from migrator.model import Action, Applicability, Category, Edit, Finding
from migrator.resolve.environment import VariableRole

_DEFINING = (VariableRole.DEFINE, VariableRole.FORWARD)


def kept_name(s: Analysis, move: Move, variable: Variable, fact: EnvFact, applied: bool) -> list[Finding]:
    """One flag a variable, at the first place that runs; what else names it is understood. Values follow where they are placeholders."""
    used = [one for one in move.envs if one.name == fact.name and one.role is not VariableRole.MESSAGE and s.code(one.path)]
    first = min(used, key=lambda one: (one.role not in _DEFINING, one.path, one.span), default=fact)
    action = Action.FLAG if fact is first else Action.KEEP
    findings = [_finding(s, fact, RuleId.ENV_KEEP, action, f"{fact.name} keeps its name", variable.because)]
    if not is_env_line(fact) or variable.is_address or not applied:
        return findings
    source = s.repository.files[fact.path].source
    example = path_kinds.is_example_env(fact.path)
    edits: tuple[Edit, ...] = placeholder_edit(fact, source, s.target)
    if holds_secret(fact, example=example):
        edits = () if s.kept(fact.name) else redefine(fact, source, fact.name, s.target, example=example, already=False)
    if edits:
        findings.append(
            Finding(
                rule=RuleId.ENV_FILE, path=fact.path, span=edits[0].span, category=Category.ENV_ASSIGN, action=Action.REWRITE,
                applicability=Applicability.UNSAFE if move.unsafe else Applicability.SAFE,
                message="the line waits for the new key", because="address and key move together", edits=edits,
                keys=frozenset({f"env:{fact.name}"}), required=False,
            )
        )  # fmt: skip
    return findings


def stays_here(s: Analysis, move: Move, fact: EnvFact, because: str = "") -> list[Finding]:
    """A mention that keeps the old name while connections beside it read the new one."""
    reason = because or move.staying.get(id(fact), "")
    if reason == VALUE_OF_OLD or (fact.role is VariableRole.READ and _around_is_told(move, fact)):
        return []
    if reason == STAYS_TOO:
        return [_finding(s, fact, RuleId.ENV_KEPT, Action.KEEP, f"{fact.name} stays here", reason)]
    reason += ", which goes on calling OpenRouter" if foreign(fact) else ""
    return [_finding(s, fact, RuleId.ENV_HELD, Action.FLAG, f"{fact.name} stays here", reason)]


STAYS_TOO = "what reads it here stays on OpenRouter"


def _around_is_told(move: Move, fact: EnvFact) -> bool:
    """Is the definition around a reference flagged already?"""
    around = {id(step.node) for step in fact.node_path.ancestors()} if fact.node_path is not None else set()
    return any(id(one) in move.staying and one.node_path is not None and id(one.node_path.node) in around for one in move.envs)


def _finding(s: Analysis, fact: EnvFact, rule: RuleId, action: Action, message: str, because: str) -> Finding:
    language = s.language(fact.path)
    category = Category.ENV_ASSIGN if is_env_line(fact) else Category.API_KEY_ENV if language in PROGRAMS else Category.ENV_REF
    return Finding(rule=rule, path=fact.path, span=fact.span, category=category, message=message, because=because, action=action)

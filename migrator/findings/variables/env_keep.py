"""env-keep, env-kept: names that stay although connections move: kept on purpose, or because somebody else's program goes on reading them."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.moves import STAYS_TOO
from migrator.analysis.settle.mentions import VALUE_OF_OLD
from migrator.analysis.variables.followed_tests import TESTS_WHAT_STAYS
from migrator.analysis.variables.variable_scopes import foreign
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import holds_secret, is_env_line, placeholder_edit, redefine
from migrator.model import Action, Applicability, Category, Edit, Finding
from migrator.resolve.environment import DEFINING, VariableRole


def kept_name(analysis: Analysis, move: Move, variable: Variable, fact: EnvFact, applied: bool) -> list[Finding]:
    """One flag a variable, at the first place that runs; what else names it is understood. Values follow where they are placeholders."""
    used = [
        other
        for other in move.envs
        if other.name == fact.name and other.role is not VariableRole.MESSAGE and analysis.code(other.path)
    ]
    first = min(used, key=lambda other: (other.role not in DEFINING, other.path, other.span), default=fact)
    action = Action.FLAG if fact is first else Action.KEEP
    findings = [_finding(analysis, fact, RuleId.ENV_KEEP, action, f"{fact.name} keeps its name", variable.because)]
    if not is_env_line(fact) or variable.is_address or not applied:
        return findings
    source = analysis.repository.files[fact.path].source
    example = path_kinds.is_example_env(fact.path)
    edits: tuple[Edit, ...] = placeholder_edit(fact, source, analysis.target)
    if holds_secret(fact, example=example):
        edits = (
            () if analysis.kept(fact.name) else redefine(fact, source, fact.name, analysis.target, example=example, already=False)
        )
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


def stays_here(analysis: Analysis, move: Move, fact: EnvFact, because: str = "") -> list[Finding]:
    """A mention that keeps the old name while connections beside it read the new one."""
    reason = because or move.staying.get(fact.identity, "")
    if reason == VALUE_OF_OLD or (fact.role is VariableRole.READ and _around_is_told(move, fact)):
        return []
    if reason in (STAYS_TOO, TESTS_WHAT_STAYS):
        return [_finding(analysis, fact, RuleId.ENV_KEPT, Action.KEEP, f"{fact.name} stays here", reason)]
    reason += ", which goes on calling OpenRouter" if foreign(fact) else ""
    return [_finding(analysis, fact, RuleId.ENV_HELD, Action.FLAG, f"{fact.name} stays here", reason)]


def _around_is_told(move: Move, fact: EnvFact) -> bool:
    """Is the definition around a reference flagged already?"""
    around = {step.identity for step in fact.node_path.ancestors()} if fact.node_path is not None else set()
    return any(
        other.identity in move.staying and other.node_path is not None and other.node_path.identity in around for other in move.envs
    )


def _finding(analysis: Analysis, fact: EnvFact, rule: RuleId, action: Action, message: str, because: str) -> Finding:
    language = analysis.language(fact.path)
    category = Category.ENV_ASSIGN if is_env_line(fact) else Category.API_KEY_ENV if language in PROGRAMS else Category.ENV_REF
    return Finding(rule=rule, path=fact.path, span=fact.span, category=category, message=message, because=because, action=action)

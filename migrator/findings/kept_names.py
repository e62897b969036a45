"""Names that stay although their connection moves: kept by the user's wish, or because somebody else's program goes on reading them."""

from __future__ import annotations

import re

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit
from migrator.analysis.variable_scopes import foreign
from migrator.catalog import renamed
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import edit, holds_secret, is_env_line, placeholder_edit
from migrator.model import Action, Applicability, Category, Edit, Finding, Source, Span, Target
from migrator.resolve.environment import VariableRole


def stands(s: Settlement, unit: Unit, fact: EnvFact) -> list[Finding] | None:
    """The findings for a place whose name stays in a unit that moves; None where the name changes there."""
    if fact.name in unit.idle:
        because = "nothing here reads it by its name: whatever does would be left behind"
        return [_finding(s, fact, "env-held", Action.FLAG, f"{fact.name} keeps its name", because)]
    if fact.name in unit.kept:
        return _kept(s, unit, fact)
    if id(fact) in unit.pinned:
        if fact.role is VariableRole.READ and _told(unit, fact):
            return []
        because = unit.pinned[id(fact)] + (", which goes on calling OpenRouter" if foreign(fact) else "")
        return [_finding(s, fact, "env-held", Action.FLAG, f"{fact.name} stays here", because)]
    return None


def _told(unit: Unit, fact: EnvFact) -> bool:
    """Is the definition around a reference flagged already?"""
    around = {id(step.node) for step in fact.node_path.ancestors()} if fact.node_path is not None else set()
    return any(id(one) in unit.pinned and one.node_path is not None and id(one.node_path.node) in around for one in unit.envs)


def _kept(s: Settlement, unit: Unit, fact: EnvFact) -> list[Finding]:
    """One flag a variable, at the first place that runs; what else names it is understood."""
    used = [one for one in unit.envs if one.name == fact.name and one.role is not VariableRole.MESSAGE and s.code(one.path)]
    first = min(
        used, key=lambda one: (one.role not in (VariableRole.DEFINE, VariableRole.FORWARD), one.path, one.span), default=fact
    )
    found = [
        _finding(
            s,
            fact,
            "env-keep",
            Action.FLAG if fact is first else Action.KEEP,
            f"{fact.name} keeps its name",
            f"it must hold a key of {s.target.title} from now on, wherever it is set",
        )
    ]
    source = s.repository.files[fact.path].source
    if is_env_line(fact) and not holds_secret(fact, example=path_kinds.is_example_env(fact.path)):
        found += [
            Finding(
                rule="env-file", path=fact.path, span=change.span, category=Category.ENV_ASSIGN, action=Action.REWRITE,
                applicability=Applicability.SAFE, message="the placeholder shows the shape of the new key",
                because="address and key move together", edits=(change,), keys=frozenset({f"env:{fact.name}"}), required=False,
            )
            for change in placeholder_edit(fact, source, s.target)
        ]  # fmt: skip
    return found


def _finding(s: Settlement, fact: EnvFact, rule: str, action: Action, message: str, because: str) -> Finding:
    language = s.language(fact.path)
    category = Category.ENV_ASSIGN if is_env_line(fact) else Category.API_KEY_ENV if language in PROGRAMS else Category.ENV_REF
    return Finding(rule=rule, path=fact.path, span=fact.span, category=category, message=message, because=because, action=action)


def beside(fact: EnvFact, source: Source, target: Target, *, already: bool) -> tuple[Edit, ...]:
    """A line of an env file for the new variable, below the old one, which stays for the program that goes on reading it."""
    new = renamed(fact.name, target.key_env)
    if already or new is None:
        return ()
    entry, text = fact.entry or fact.span, source.text
    end = "\r\n" if "\r\n" in text else "\n"
    head = re.match(r"[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?", text[entry.start : entry.end])
    value = target.key_example if path_kinds.is_example_env(fact.path) else ""
    at = Span(entry.end, entry.end)
    return (edit(fact.path, source, at, f"{end}{head[0] if head else ''}{new}={value}"),)

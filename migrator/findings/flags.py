"""Flags: findings that ask a person to look and change nothing."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.model import Action, Category, Finding, Span


def flagged(rule: RuleId, path: str, span: Span | None, category: Category, message: str, because: str) -> Finding:
    """A finding for a person to look at; `span` None speaks of the whole file."""
    return Finding(rule=rule, path=path, span=span, category=category, message=message, because=because, action=Action.FLAG)


def flag(s: Analysis, rule: RuleId, path: str, span: Span | None, category: Category, message: str, because: str) -> None:
    """Say it at once: later findings look at what has been said about a place, so that nothing is said twice."""
    s.out.findings.append(flagged(rule, path, span, category, message, because))

"""Flags: findings that ask a person to look and change nothing."""

from __future__ import annotations

from migrator.catalog.rules import RuleId
from migrator.model import Action, Category, Finding, Span


def flagged(
    rule: RuleId, path: str, span: Span | None, category: Category, message: str, because: str, *, action: Action = Action.FLAG
) -> Finding:
    """A finding for a person to look at, or to know of (`action` KEEP); `span` None speaks of the whole file."""
    return Finding(rule=rule, path=path, span=span, category=category, message=message, because=because, action=action)

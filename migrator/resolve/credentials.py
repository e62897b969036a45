"""Reads of Rails' encrypted credentials: `Rails.application.credentials.openrouter_api_key`, `credentials.dig(:openrouter, :api_key)`."""

from __future__ import annotations

from migrator.formats.tree import Attr, Call, Index, Name, Node


def store_of(node: Node | None) -> Node | None:
    """The credentials that an expression reads an entry of; None for anything else."""
    step = node
    while isinstance(step, (Attr, Index, Call)):
        if isinstance(step, Attr) and step.name == "credentials" and _is_application(step.base):
            return step if step is not node else None
        step = step.func if isinstance(step, Call) else step.base
    return None


def _is_application(node: Node) -> bool:
    """`Rails.application`"""
    owner = node.func if isinstance(node, Call) else node
    return isinstance(owner, Attr) and owner.name == "application" and isinstance(owner.base, Name) and owner.base.id == "Rails"

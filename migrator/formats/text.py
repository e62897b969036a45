"""Everything no other format claims: templates, logs, lock files, tables. Nothing in it is understood, so nothing is said."""

from __future__ import annotations

from migrator.model import Source
from migrator.tree import Module


def lower(source: Source) -> Module:
    """A module without nodes; what mentions something in it is found by its words."""
    return Module(path=source.path, language="text", body=())

"""Everything no other format claims: templates, logs, lock files, tables. Nothing in it is understood, so nothing is said."""

from __future__ import annotations

from migrator.formats.tree import Module
from migrator.model import Source


def lower(source: Source) -> Module:
    """A module without nodes; what mentions something in it is found by its words."""
    return Module(path=source.path, language="text", body=())

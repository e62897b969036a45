"""Actions and workflows of this tree: which of them others may call."""

from __future__ import annotations

import posixpath

from migrator.formats.tree import EnvDef
from migrator.resolve.repository import Repository

ACTION_FILES = ("action.yml", "action.yaml")


def called_as(path: str) -> str:
    """How a file of this tree is named by what calls it: `./.github/actions/review`, `./` for an action at the root."""
    return f"./{posixpath.dirname(path)}" if posixpath.basename(path) in ACTION_FILES else f"./{path}"


def is_public(repository: Repository, path: str) -> bool:
    """May programs outside this tree hand something to this action or workflow?"""
    if path in ACTION_FILES:
        return True
    owner = f"interface:{called_as(path)}"
    return not any(
        isinstance(node, EnvDef) and node.owner.rstrip("/") == owner
        for file in repository.files.values()
        if file.module.language == "yaml"
        for node in file.module.body
    )

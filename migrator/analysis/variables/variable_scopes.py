"""The contract of a variable: which part of a tree shares it, and what a run may do with its name.

The same name in two sub-projects is two contracts where each has its own manifest and its own env file and nothing above them (a root
`.env`, a compose file, CI) names it for both. A contract is renamed whole, keeps its name, or becomes two definitions (additive) where
somebody else's program goes on reading the old one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from migrator.catalog import is_key_variable
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact, UrlFact
from migrator.formats.tree import EnvDef
from migrator.patterns import regex

FOREIGN = ("image", "action", "mcp", "workflow")
"""Kinds of owners that are programs of their own: they go on reading the old name, and a second definition leaves them in peace."""

_LISTS_OF_OURS = regex(r"(?i)env|build.?args?$|^(script|run|command|commands|cmd|secrets?|secret-files)$")


def spaces(tree: Iterable[str], envs: Iterable[EnvFact]) -> dict[str, tuple[str, ...]]:
    """For each variable the folders that have a contract of their own; none where the tree shares one."""
    projects = {posixpath.dirname(path) for path in tree if path_kinds.is_manifest(path)} - {""}
    by_name: dict[str, list[EnvFact]] = {}
    for fact in envs:
        by_name.setdefault(fact.name, []).append(fact)
    shared: dict[str, tuple[str, ...]] = {}
    for name, facts in by_name.items():
        defining = {posixpath.dirname(fact.path) for fact in facts if fact.how == "dotenv"}
        folders = sorted(
            folder
            for folder in projects
            if any(inside(place, folder) for place in defining) and not any(inside(folder, other) for other in projects - {folder})
        )
        if len(folders) > 1 and all(any(inside(fact.path, folder) for folder in folders) for fact in facts):
            shared[name] = tuple(folders)
    return shared


def inside(path: str, folder: str) -> bool:
    """Does a path lie in a folder (or is it that folder)?"""
    return path == folder or path.startswith(f"{folder}/")


def space_of(path: str, folders: Iterable[str]) -> str:
    """The folder whose contract holds for a path; "" for the tree's."""
    return next((folder for folder in folders if inside(path, folder)), "")


def foreign(fact: EnvFact) -> str:
    """The owner of the program that a place hands the variable to, where that is somebody else's; else ""."""
    if fact.owner.partition(":")[0] in FOREIGN:
        return fact.owner
    if fact.node_path is None:
        return ""
    for step in fact.node_path.ancestors():
        node = step.node
        if isinstance(node, EnvDef) and node.owner.partition(":")[0] in FOREIGN and not _LISTS_OF_OURS.search(node.name):
            return node.owner
    return ""


def hands_over(fact: EnvFact, urls: Iterable[UrlFact]) -> str:
    """Like `foreign`, but "" where the address that program calls stands beside the variable and moves with it."""
    owner = foreign(fact)
    if not owner or _named_for_it(fact):
        return owner
    return "" if any(url.path == fact.path and url.url.kind.movable for url in urls) else owner


def _named_for_it(fact: EnvFact) -> bool:
    """Is the foreign program's own name for it OpenRouter's, so that it will call OpenRouter whatever stands beside?"""
    if fact.owner.partition(":")[0] in FOREIGN:
        return True
    assert fact.node_path is not None
    return any(isinstance(step.node, EnvDef) and is_key_variable(step.node.name.upper()) for step in fact.node_path.ancestors())

"""What only a person can do: put the new key where the program runs. The platforms are data, in `catalog/platforms.toml`.

A command never holds a value, and none is copied from the old variable: a key of OpenRouter under the new name would be sent to the
new host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit
from migrator.catalog import renamed, table
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact
from migrator.model import Todo
from migrator.resolve.environment import VariableRole


def chores(s: Settlement) -> list[Todo]:
    """Where each new name, or each kept name with its new value, has to be set."""
    found: dict[tuple[str, str | None], Todo] = {}
    for unit in s.units:
        if unit.held:
            continue
        for old in sorted(unit.names - unit.idle):
            name = old if old in unit.kept else renamed(old, s.target.key_env) or s.target.key_env
            for todo in _of(s, unit, old, name):
                found.setdefault((todo.title, todo.command), todo)
    return list(found.values())


def _of(s: Settlement, unit: Unit, old: str, name: str) -> Iterator[Todo]:
    kept = old in unit.kept
    facts = [fact for fact in unit.envs if fact.name == old and id(fact) not in unit.pinned]
    because = "the variable keeps its name and still holds the old key" if kept else "no value is ever copied from the old variable"
    yield Todo(
        title=f"Put a key of {s.target.title} into {name}" if kept else f"Create a key and set {name} where the program runs",
        detail=f"A key of {s.target.title} looks like {s.target.key_example}"
        + (f"; make one at {s.target.console}." if s.target.console else "."),
        command=None,
        because=because,
    )
    for platform in table("platforms")["platform"]:
        for where, store in _recognised(platform, facts, s, unit):
            yield Todo(
                title=f"{platform['title']}{f' {store}' if store else ''}: set {name}",
                detail=" ".join(part for part in (platform.get("detail", ""), f"Seen in {where}.") if part),
                command=platform["command"].replace("{name}", name).replace("{store}", store or "app")
                if "command" in platform
                else None,
                because=because,
            )
    for path in sorted({fact.path for fact in facts if fact.how == "dotenv" and fact.role is VariableRole.DEFINE}):
        if not path_kinds.is_example_env(path) and s.code(path):
            yield Todo(
                title=f"Fill in {name} in {path}",
                detail=f"The line {'holds the old key still' if kept else 'was left empty for you'}.",
                command=None,
                because=because,
            )
    examples = sorted({fact.path for fact in facts if fact.how == "dotenv" and path_kinds.is_example_env(fact.path)})
    if examples:
        yield Todo(
            title=f"Set {name} in your own env file",
            detail=f"{examples[0]} shows the line; files that git ignores are on each machine.",
            command=None,
            because=because,
        )


def _recognised(platform: dict[str, Any], facts: Iterable[EnvFact], s: Settlement, unit: Unit) -> Iterator[tuple[str, str]]:
    """The first place that tells of a platform, with the name of the object that holds the variable, once an object."""
    seen: set[str] = set()
    for fact in sorted(facts, key=lambda fact: (fact.path, fact.span)):
        if fact.owner == "store:continue-secrets":
            continue  # an editor's own store
        if fact.how in platform.get("hows", ()) or fact.how in platform.get("accessors", ()):
            store = fact.owner.rpartition(":")[2] if fact.owner.startswith("store:k8s") else ""
            if store not in seen and s.code(fact.path):
                seen.add(store)
                yield fact.path, store
    for path in sorted(s.files_of(unit)) if "text" in platform else ():
        if re.search(platform["text"], s.repository.files[path].source.text):
            yield path, ""
            return
    if not seen:
        patterns = [re.compile(pattern) for pattern in platform.get("paths", ())]
        known = sorted(
            path for path in s.repository.paths if s.near(unit, path) and any(pattern.search(path) for pattern in patterns)
        )
        if known:
            yield known[0], ""

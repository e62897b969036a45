"""Readers of a variable that an edit here does not reach: objects, other programs, names that belong to somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.ownership import loose
from migrator.analysis.settings_alias import alias
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.analysis.variable_scopes import hands_over
from migrator.catalog import renamed
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.resolve.environment import VariableRole

_OWNERS = {
    "image": "the image",
    "action": "the action",
    "mcp": "the MCP server",
    "workflow": "the reusable workflow",
    "interface": "the public interface",
    "sealed": "a sealed store",
}


def hold_readers(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Mentions of the variables that cannot be renamed, or not without somebody else."""
    yield from loose((one for one in s.facts.values() if s.near(unit, one.path)), unit.names)
    for fact in unit.envs:
        hold = _reader(s, unit, fact) if s.code(fact.path) else None
        if hold is not None:
            yield hold


def _reader(s: Settlement, unit: Unit, fact: EnvFact) -> Hold | None:
    path, offset = fact.path, fact.span.start
    match fact.role:
        case VariableRole.FIELD:
            refused = alias(fact, s.repository, renamed(fact.name, s.target.key_env) or "").refused
            reason = f"a settings class reads {fact.name} by the name of its field, and {refused}"
            return Hold(reason=reason, path=path, offset=offset, naming=fact.name) if refused else None
        case VariableRole.SCHEMA:
            reason = f"{fact.name} is the key of an object that others may read by that name"
            return Hold(reason=reason, path=path, offset=offset, naming=fact.name)
        case VariableRole.UNKNOWN:
            what = "in a file that cannot be read as code" if fact.how == "unread" else "where it cannot be said what for"
            named = "" if "openrouter.ai" in s.repository.files[path].source.text.lower() else fact.name
            return Hold(reason=f"{fact.name} is named {what}", path=path, offset=offset, naming=named)
        case VariableRole.FORWARD if s.language(path) in PROGRAMS:
            return Hold(reason=f"{fact.name} is handed to another program", path=path, offset=offset)
        case _ if owner := hands_over(fact, unit.urls):
            return Hold(reason=f"{fact.name} belongs to {_owner_words(owner)}", path=path, offset=offset, pin=fact)
        case _ if fact.owner and not fact.owner.startswith("store:"):
            return Hold(reason=f"{fact.name} belongs to {_owner_words(fact.owner)}", path=path, offset=offset)
        case _:
            return None


def _owner_words(owner: str) -> str:
    kind, _, name = owner.partition(":")
    return f"{_OWNERS.get(kind, kind)} {name}".strip()

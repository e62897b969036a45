"""Variables whose new name would be wrong, taken, or built where nobody sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.catalog import openrouter, renamed
from migrator.facts.model import FactKind


def hold_names(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Each name needs a new one of its own, and no program may put the old one together at run time."""
    news: dict[str, str] = {}
    for name in sorted(unit.names - unit.idle):
        new = renamed(name, s.target.key_env)
        if new is None or name.startswith(tuple(openrouter()["keys"]["foreign_prefixes"])):
            yield Hold(reason=f"{name} is named by somebody else's convention", path=_first(unit, name), naming=name)
        elif new in news:
            yield Hold(reason=f"{name} and {news[new]} would become one variable, {new}", path=_first(unit, name), naming=name)
        else:
            news[new] = name
    for one in s.facts.values():
        for mark in one.marked(FactKind.DYNAMIC_NAME):
            if s.code(mark.path) and s.near(unit, mark.path) and any(_may_build(mark.text, name) for name in unit.names):
                reason = "a variable's name is built at run time here, and the key variable fits it"
                yield Hold(reason=reason, path=mark.path, offset=mark.span.start)


def _first(unit: Unit, name: str) -> str:
    return min((fact.path for fact in unit.envs if fact.name == name), default="")


def _may_build(pattern: str, name: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\{\}", "[A-Z0-9_]+"), name))

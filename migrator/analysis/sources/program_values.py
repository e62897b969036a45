"""What a program gives a variable itself: `os.environ["X"] = load()`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.key_sources import KeySource, SourceKind, key_sources
from migrator.facts.model import EnvFact
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import origins
from migrator.resolve.repository import Repository

_ASKED = regex(r"(^|\.)(input|getpass|prompt|ask|text_input|question|password|argv)\b", re.IGNORECASE)
"""Calls and names through which a person gives a value when the program runs."""


class Known(Protocol):
    """What is asked of the analysis around it."""

    @property
    def repository(self) -> Repository:
        """All files."""
        ...

    @property
    def callers(self) -> Callers:
        """What callers give a parameter."""
        ...

    def naming_in_code(self, name: str, /, *roles: VariableRole, program: bool) -> list[EnvFact]:
        """What programs say of a variable in some roles."""
        ...


def set_by_program(known: Known, names: Iterable[str]) -> Iterator[KeySource]:
    """Every end of what programs give these variables.

    A key that is typed there is no source, because its line keeps the old name; what a person enters is the new key from then on.
    """
    for name in dict.fromkeys(names):
        for fact in sorted(known.naming_in_code(name, VariableRole.DEFINE, program=True), key=lambda fact: fact.path):
            if fact.value is None or fact.node_path is None:
                continue
            for end in key_sources(known.repository, known.callers, origins(known.repository, fact.value, fact.node_path.scope)):
                if end.kind is SourceKind.VARIABLE and end.name != name:
                    yield end
                elif end.kind in (SourceKind.STORE, SourceKind.OUT_OF_SIGHT, SourceKind.PARAMETER) and not _ASKED.search(end.name):
                    yield replace(end, kind=SourceKind.STORE)

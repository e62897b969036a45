"""The masker of one plan: the shapes of keys, and the values that the plan's own files give to names that sound secret.

A password has no shape; that it stands beside `API_KEY=` is what gives it away, and it may be quoted in a message or on
another line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from migrator.discover.path_kinds import is_example_env
from migrator.model import Plan
from migrator.patterns import regex
from migrator.text.secrets import holds_env_values, is_configuration, is_placeholder, mask, memorable, values_by_name

_SECRET_NAME = regex(r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH|DSN|COOKIE|SALT|PRIVATE", re.IGNORECASE)
_ASSIGNMENT = regex(r"^[ \t]*(?:#[ \t]*)*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_QUOTED = regex(r"""(["'`])(.*?)(?<!\\)\1""")


def masker(plan: Plan) -> Callable[[str], str]:
    """A function that masks any text of a report on this plan."""
    known = frozenset(known_values(plan))
    shortest = min(map(len, known), default=0)
    paths = frozenset(_paths(plan))

    @cache
    def masked(text: str) -> str:
        return mask(text, known if known and len(text) >= shortest else (), paths=paths)

    return masked


def _paths(plan: Plan) -> Iterator[str]:
    """The files that a report on this plan may name."""
    yield from plan.sources
    yield from (finding.path for finding in plan.findings)
    yield from (row.path for row in plan.connections)
    yield from (place.path for row in plan.env for place in (*row.readers, *row.definers))
    yield from (where.partition(":")[0] for todo in plan.todo for where in todo.where)


@lru_cache(256)
def secrets_of(path: str, text: str) -> frozenset[str]:
    """Values in a file that their names say are secret, as far as they can be told apart from words."""
    if is_example_env(path):
        return frozenset()
    return frozenset(filter(memorable, values_by_name(text, literal=is_configuration(path))))


def known_values(plan: Plan) -> tuple[str, ...]:
    """Values that must not be shown wherever they stand, each once, sorted.

    What an example file shows is public, and so is a word that a file's own name has.
    """
    values: set[str] = set()
    shown = "\n".join({finding.path for finding in plan.findings})
    for path, source in plan.sources.items():
        if holds_env_values(path) and not is_example_env(path):
            for name, written in _ASSIGNMENT.findall(source.text):
                if _SECRET_NAME.search(name):
                    quoted = _QUOTED.match(written)
                    value = quoted[2] if quoted else re.split(r"[ \t]#", written, maxsplit=1)[0].strip()
                    if len(value) >= 6 and not is_placeholder(value) and value not in shown:
                        values.add(value)
        values.update(value for value in secrets_of(path, source.text) if value not in shown)
    return tuple(sorted(values))

"""Arguments of commands that are checked in the same way: paths, rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.cli.output import PROGRAM
from migrator.model import MigratorError

if TYPE_CHECKING:
    from migrator.catalog.rules import Rule


def root_of(paths: Sequence[str]) -> Path:
    """The root of the tree that the paths lie in. Raises MigratorError where one is empty or missing."""
    from migrator.discover.files import find_root

    for path in paths:
        if not path:
            # an unset shell variable; as a Path it would be the current folder
            raise MigratorError("one of the paths is empty; for the current folder write a dot.")
        if not os.path.lexists(path):
            raise MigratorError(f"{path}: no such file or folder.")
    return find_root([Path(path) for path in paths])


def require_finished_run(root: Path) -> None:
    """Refuse a tree that a run was cut short in; asked at little cost, because it hardly ever is."""
    from migrator.apply.state import is_any_unfinished

    if is_any_unfinished():
        from migrator.apply.undo import require_finished

        require_finished(root)


def known_rule(name: str, where: str) -> None:
    """Raise MigratorError, beginning with `where`, if no rule's id begins with `name`."""
    from migrator.catalog.rules import RULES

    if not name or not any(rule.id.startswith(name) for rule in RULES):
        raise MigratorError(f"{where}: no such rule{near(name, RULES) or '.'} `{PROGRAM} rules` lists them.")


def near(name: str, rules: Sequence[Rule]) -> str:
    """A question that names the rule with the most similar id, or an empty text."""
    from difflib import get_close_matches

    near = get_close_matches(name, [rule.id for rule in rules], n=1)
    return f", did you mean {near[0]}?" if near else ""

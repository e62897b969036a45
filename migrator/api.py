"""The tool as three functions, for programs that want the plan and not the paint.

They are not called `apply` and `undo`: the modules of these names would take the place of the functions as soon as they are loaded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from migrator.apply import apply as writing
from migrator.apply.undo import Undone
from migrator.catalog.targets import load
from migrator.discover.files import find_root
from migrator.model import MigratorError, Plan, Target
from migrator.options import Options
from migrator.plan.pipeline import make_plan as plan_for
from migrator.plan.pipeline import reparse

Paths = str | Path | Sequence[str | Path]


def make_plan(paths: Paths, *, target: Target | None = None, options: Options | None = None) -> Plan:
    """What a run would do at a repository, a folder or some files. Writes nothing; raises MigratorError for bad input.

    `options` says all that the command line can say, its target included; `target` alone is short for the rest left as it is.
    What a repository says in its configuration is not read: it is the caller's to read, with `migrator.discover.config.read`.
    """
    if options is not None and target is not None:
        raise MigratorError("give a target or options, which have a target of their own, not both.")
    given = _given(paths)
    return plan_for(find_root(given), given, options or Options(target=target or load()))


def apply_plan(plan: Plan, paths: Paths, *, allow_dirty: bool = False) -> writing.Applied:
    """Write the selected changes of a plan that was made for these paths; each whole or not at all.

    Raises ApplyRefused (a file was changed since, or has uncommitted changes: nothing is written) and WriteFailed (put back).
    """
    return writing.apply(plan, find_root(_given(paths)), allow_dirty=allow_dirty, reparse=reparse)


def undo_run(paths: Paths) -> Undone:
    """Take the last run at these paths back, byte for byte; again for the one before. Raises MigratorError where there is none."""
    return writing.undo(find_root(_given(paths)))


def _given(paths: Paths) -> list[Path]:
    return [Path(path) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]

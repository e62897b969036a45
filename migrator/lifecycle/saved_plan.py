"""A plan that is kept in a file, to be looked at first and applied later: exactly it, or nothing.

The file is no authority: `check` makes the plan of the tree as it is now, with the saved options, and compares. So a file that was edited,
that belongs to another tree or version, or whose tree has changed since is refused, whoever wrote it. Its check sum only serves the
sentence that says which of these it is. The texts of the files are not in it, and what is in it is masked like a report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from migrator import __version__
from migrator.model import MigratorError, Plan
from migrator.options import Options
from migrator.plan.file import decode, encode
from migrator.plan.pipeline import make_plan
from migrator.records import dataclass
from migrator.reports.masking import masker

SCHEMA = "migrate-openrouter/saved-plan/1"
_AGAIN = "make it again with --plan-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """What a file says: options and paths to make the plan with, and the plan as data, masked."""

    options: Options
    paths: tuple[str, ...]
    """What was given, relative to the root, POSIX; `.` for the root itself."""
    tool: str
    """Version that made it."""
    digests: Mapping[str, str]
    content: Mapping[str, Any]
    """The plan as `migrator.plan.file.encode` gives it."""


def dump(plan: Plan, options: Options, paths: Sequence[Path], root: Path) -> str:
    """The document; equal plans give equal text."""
    given = [path.resolve().relative_to(root.resolve()).as_posix() for path in paths]
    body = {"options": encode(options), "paths": given, "plan": _content(plan)}
    return json.dumps({"schema": SCHEMA, "sha256": _digest(body), **body}, indent=1, sort_keys=True) + "\n"


def load(text: str, *, name: str) -> SavedPlan:
    """The value of a document that `dump` made. Raises `MigratorError`, naming `name`, for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MigratorError(f"{name}: not a saved plan: {error}.") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise MigratorError(f"{name}: not a saved plan of this version: its schema is not {SCHEMA}; {_AGAIN}.")
    body = {key: document.get(key) for key in ("options", "paths", "plan")}
    plan = body["plan"]
    if document.get("sha256") != _digest(body) or not isinstance(plan, dict):
        raise MigratorError(f"{name}: was edited since it was saved; {_AGAIN}.")
    return SavedPlan(
        options=decode(Options, body["options"], f"{name}.options"),
        paths=decode(tuple[str, ...], body["paths"], f"{name}.paths"),
        tool=decode(str, plan.get("tool"), f"{name}.plan.tool"),
        digests=decode(Mapping[str, str], plan.get("digests"), f"{name}.plan.digests"),
        content=plan,
    )


def check(saved: SavedPlan, root: Path, *, name: str) -> Plan:
    """The plan of the tree, which is the saved one. Raises `MigratorError` that says in what it differs."""
    if saved.tool != __version__:
        raise MigratorError(f"{name}: was made by version {saved.tool}, and this is {__version__}; {_AGAIN}.")
    for path in saved.paths:
        if not (root / path).resolve().is_relative_to(root.resolve()):
            raise MigratorError(f"{name}: {path} leads out of {root}; {_AGAIN}.")
        if not (root / path).exists():
            raise MigratorError(f"{name}: was made for another tree: {path} is not in {root}; {_AGAIN}.")
    now = make_plan(root, [root / path for path in saved.paths], saved.options)
    if _content(now) == saved.content:
        return now
    same = [path for path, digest in saved.digests.items() if now.digests.get(path) == digest]
    changed = sorted(path for path in saved.digests.keys() | now.digests.keys() if path not in same)
    if changed and not same:
        raise MigratorError(
            f"{name}: was made for another tree or another state of it: no file that it changes is as it was; nothing was written."
            f" {_AGAIN.capitalize()}."
        )
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise MigratorError(
            f"{name}: the tree has changed since ({', '.join(changed[:3])}{more}); nothing was written. {_AGAIN.capitalize()}."
        )
    raise MigratorError(f"{name}: the tree gives another plan now; nothing was written. {_AGAIN.capitalize()} and compare.")


def _content(plan: Plan) -> Any:
    """The plan as data, masked; tuples and lists are the same in JSON."""
    masked = masker(plan)

    def clean(value: Any) -> Any:
        match value:
            case str():
                return masked(value)
            case dict():
                return {key: clean(part) for key, part in value.items()}
            case list():
                return [clean(part) for part in value]
            case _:
                return value

    return clean(encode(plan))


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()

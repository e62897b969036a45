"""What the commands around the rewrite ask of a path: its plan, and what already talks to the target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from migrator.cli.arguments import require_finished_run, root_of
from migrator.cli.asked import default_options
from migrator.model import MigratorError
from migrator.records import replace

if TYPE_CHECKING:
    from migrator.lifecycle.already_migrated import Moved
    from migrator.model import Plan, Target
    from migrator.options import Options


def openrouter_at(base_url: str | None, key_env: str | None) -> Target:
    """OpenRouter, perhaps at another address or with its key in another variable."""
    from migrator.catalog import targets

    profile = targets.gateway("openrouter")
    profile = profile if base_url is None else targets.with_host(profile, base_url)
    return profile if key_env is None else targets.with_key_env(profile, key_env)


def plan_of(path: str, target: Target, models_from: str | None = None) -> Plan:
    """The plan of a path, with everything that the run itself would look at."""
    from migrator.plan.pipeline import make_plan

    root = root_of([path])
    require_finished_run(root)
    if models_from is not None and not Path(models_from).is_file():
        raise MigratorError(f"--models-from {models_from}: no such file.")
    return make_plan(root, [Path(path)], replace(_options(root, target), models_from=models_from))


def moved_of(path: str, target: Target) -> Moved:
    """What of the path already talks to the target, or for OpenRouter nothing: that is the plan's."""
    from migrator.lifecycle.already_migrated import Moved, look

    if target.name == "openrouter":
        return Moved(models=(), env=(), sources={})
    root = root_of([path])
    return look(root, [Path(path)], _options(root, target))


def _options(root: Path, target: Target) -> Options:
    """Those of a run over the root; OpenRouter is where code comes from, so that its plan has the usual target."""
    from migrator.catalog import targets

    return default_options(targets.load() if target.name == "openrouter" else target, root)

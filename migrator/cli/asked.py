"""`migrate-openrouter PATH`: make the plan, write it unless told not to, and show it. Knows no option parser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.apply.state import has_open_items
from migrator.cli.arguments import known_rule, require_finished_run, root_of
from migrator.cli.output import OK, hint, say_text, write_file
from migrator.cli.report import Format
from migrator.model import MigratorError
from migrator.options import EnvStrategy
from migrator.records import dataclass
from migrator.reports.text import NOTHING, Colour

if TYPE_CHECKING:
    from migrator.discover.config import Config
    from migrator.model import Plan, Target
    from migrator.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says; each field is an option of `migrate-openrouter run --help`."""

    paths: Sequence[str]
    dry_run: bool = False
    check: bool = False
    strict: bool = False
    diff: bool = False
    form: Format | None = None
    unsafe: bool = False
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    target: str | None = None
    base_url: str | None = None
    anthropic_base_url: str | None = None
    key_env: str | None = None
    env_strategy: EnvStrategy = EnvStrategy.AUTO
    docs: bool = False
    plan_out: Path | None = None
    patch_file: Path | None = None
    receipt: Path | None = None
    models_from: str | None = None
    allow_dirty: bool = False
    color: Colour = Colour.AUTO
    quiet: bool = False
    verbose: bool = False


def answer(asked: Asked, arguments: Sequence[str]) -> int:
    """The exit code of a run. `arguments`: all of the command line, to print it again. Raises `MigratorError`."""
    shape = _format(asked.form, diff=asked.diff)
    if asked.quiet and asked.verbose:
        raise MigratorError("-q and -v contradict each other.")
    if asked.strict and not asked.check and (asked.dry_run or asked.diff):
        hint("--strict decides nothing without --check: a dry run exits 0.", quiet=asked.quiet)
    from migrator.catalog import targets
    from migrator.discover import config

    chosen = targets.chosen(asked.target, asked.base_url, asked.anthropic_base_url, asked.key_env)
    root = root_of(asked.paths)
    require_finished_run(root)
    options = _options(chosen, config.read(root), asked)
    from migrator.plan.pipeline import make_plan

    given = [Path(path) for path in asked.paths]
    plan = make_plan(root, given, options)
    if asked.plan_out is not None:
        from migrator.lifecycle import saved_plan

        write_file("--plan-out", asked.plan_out, saved_plan.dump(plan, options, given, root).encode("ascii"))
    if _says_nothing(plan, asked, shape) and not has_open_items(str(root)):
        # what the report would be, and no need of all that makes one
        if not (asked.quiet or asked.check):
            say_text(NOTHING + "\n")
        return OK
    from migrator.cli.carry_out import Wanted, carry_out
    from migrator.reports.json import Mode

    mode = Mode.CHECK if asked.check else Mode.DRY_RUN if asked.dry_run or asked.diff else Mode.APPLY
    wanted = Wanted(
        form=shape,
        mode=mode,
        strict=asked.strict,
        receipt=asked.receipt,
        patch_file=asked.patch_file,
        allow_dirty=asked.allow_dirty,
        color=asked.color,
        quiet=asked.quiet,
        verbose=asked.verbose,
    )
    return carry_out(plan, root, asked.paths, arguments, wanted)


def _says_nothing(plan: Plan, asked: Asked, shape: Format) -> bool:
    return shape is Format.TEXT and plan.is_empty() and not (asked.verbose or asked.patch_file or asked.receipt)


def _format(form: Format | None, *, diff: bool) -> Format:
    if diff and form not in (None, Format.DIFF):
        raise MigratorError(f"--diff and --format {form} contradict each other: standard output holds one of them.")
    return Format.DIFF if diff else form or Format.TEXT


def default_options(target: Target, root: Path) -> Options:
    """Options of a run with nothing but a target, narrowed by the repository's own configuration."""
    from migrator.discover import config

    return _options(target, config.read(root), Asked(paths=()))


def _options(target: Target, narrowed: Config, asked: Asked) -> Options:
    from migrator.options import Options

    if both := sorted(set(asked.select) & set(asked.ignore)):
        raise MigratorError(f"--select {both[0]} and --ignore {both[0]} contradict each other.")
    for option, rules in (("--select", asked.select), ("--ignore", asked.ignore)):
        for rule in rules:
            known_rule(rule, f"{option} {rule}")
    for word in narrowed.ignore:
        known_rule(word.value, f"{word.where}: ignore {word.value!r}")
    if asked.models_from is not None and not os.path.isfile(asked.models_from):
        raise MigratorError(f"--models-from {asked.models_from}: no such file.")
    return Options(
        target=target,
        unsafe=asked.unsafe,
        select=tuple(asked.select),
        ignore=(*asked.ignore, *(word.value for word in narrowed.ignore)),
        include=tuple(asked.include),
        exclude=(*asked.exclude, *(word.value for word in narrowed.exclude)),
        env_strategy=asked.env_strategy,
        keep_variables=tuple(word.value for word in narrowed.keep),
        docs=asked.docs,
        models_from=asked.models_from,
    )

"""`migrate-openrouter PATH`: make the plan, write it unless told not to, and show it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.arguments import known_rule, require_finished_run, root_of
from migrator.cli.output import hint, write_file
from migrator.cli.parameters import AnthropicUrl, BaseUrl, KeyEnv, TargetName
from migrator.cli.report import Format
from migrator.cli.usage import complete_rule
from migrator.model import MigratorError
from migrator.options import EnvStrategy
from migrator.reports.text import Colour

if TYPE_CHECKING:
    from migrator.discover.config import Config
    from migrator.model import Target
    from migrator.options import Options


def run(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Repositories, folders or single files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if something would be rewritten.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Also exit 1 while something is left for a person.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print a patch for `git apply`.")] = False,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="What to print: a report, a JSON document, a patch, or the findings for a service.",
            show_default="text",
        ),
    ] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Also make the changes that are only probably right.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Only these rules, or rules that begin so.", autocompletion=complete_rule),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="RULE", help="Not these rules.", autocompletion=complete_rule)] = None,
    include: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only files that match.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Not files that match.")] = None,
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    env_strategy: Annotated[
        EnvStrategy, typer.Option(help="auto: rename the key's variable where every reader moves; rename: always; keep: never.")
    ] = EnvStrategy.AUTO,
    docs: Annotated[bool, typer.Option("--docs", help="Also rewrite set-up blocks of documents.")] = False,
    plan_out: Annotated[
        Path | None, typer.Option("--plan-out", metavar="FILE", help="Also save the plan, for the apply command.")
    ] = None,
    patch_file: Annotated[Path | None, typer.Option("--patch-file", metavar="FILE", help="Also write the patch to a file.")] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A run writes its record there (.md and .json); --check and --dry-run read what is open from it."
        ),
    ] = None,
    models_from: Annotated[
        str | None, typer.Option(metavar="FILE", help="A saved answer of the target's /models to check model ids against.")
    ] = None,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Write files that have uncommitted changes.")] = False,
    color: Annotated[Colour, typer.Option(help="Colours on standard output.")] = Colour.AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary, and no hints.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Fold nothing.")] = False,
) -> int:
    """Move the code at PATH off OpenRouter (the default command)."""
    shape = _format(form, diff=diff)
    if quiet and verbose:
        raise MigratorError("-q and -v contradict each other.")
    if strict and not check and (dry_run or diff):
        hint("--strict decides nothing without --check: a dry run exits 0.", quiet=quiet)
    from migrator.catalog import targets
    from migrator.discover import config

    chosen = targets.chosen(target, base_url, anthropic_base_url, key_env)
    root = root_of(paths)
    require_finished_run(root)
    options = _options(
        chosen,
        config.read(root),
        unsafe=unsafe,
        select=select or [],
        ignore=ignore or [],
        include=include or [],
        exclude=exclude or [],
        env_strategy=env_strategy,
        docs=docs,
        models_from=models_from,
    )
    from migrator.plan.pipeline import make_plan

    given = [Path(path) for path in paths]
    plan = make_plan(root, given, options)
    if plan_out is not None:
        from migrator.lifecycle import saved_plan

        write_file("--plan-out", plan_out, saved_plan.dump(plan, options, given, root).encode("ascii"))
    from migrator.cli.carry_out import Wanted, carry_out
    from migrator.reports.json import Mode

    mode = Mode.CHECK if check else Mode.DRY_RUN if dry_run or diff else Mode.APPLY
    wanted = Wanted(
        form=shape,
        mode=mode,
        strict=strict,
        receipt=receipt,
        patch_file=patch_file,
        allow_dirty=allow_dirty,
        color=color,
        quiet=quiet,
        verbose=verbose,
    )
    return carry_out(plan, root, paths, context.obj or (), wanted)


def _format(form: Format | None, *, diff: bool) -> Format:
    if diff and form not in (None, Format.DIFF):
        raise MigratorError(f"--diff and --format {form} contradict each other: standard output holds one of them.")
    return Format.DIFF if diff else form or Format.TEXT


def default_options(target: Target, root: Path) -> Options:
    """Options of a run with nothing but a target, narrowed by the repository's own configuration."""
    from migrator.discover import config

    return _options(
        target,
        config.read(root),
        unsafe=False,
        select=[],
        ignore=[],
        include=[],
        exclude=[],
        env_strategy=EnvStrategy.AUTO,
        docs=False,
        models_from=None,
    )


def _options(
    target: Target,
    narrowed: Config,
    *,
    unsafe: bool,
    select: Sequence[str],
    ignore: Sequence[str],
    include: Sequence[str],
    exclude: Sequence[str],
    env_strategy: EnvStrategy,
    docs: bool,
    models_from: str | None,
) -> Options:
    from migrator.options import Options

    if both := sorted(set(select) & set(ignore)):
        raise MigratorError(f"--select {both[0]} and --ignore {both[0]} contradict each other.")
    for option, rules in (("--select", select), ("--ignore", ignore)):
        for rule in rules:
            known_rule(rule, f"{option} {rule}")
    for word in narrowed.ignore:
        known_rule(word.value, f"{word.where}: ignore {word.value!r}")
    if models_from is not None and not os.path.isfile(models_from):
        raise MigratorError(f"--models-from {models_from}: no such file.")
    return Options(
        target=target,
        unsafe=unsafe,
        select=tuple(select),
        ignore=(*ignore, *(word.value for word in narrowed.ignore)),
        include=tuple(include),
        exclude=(*exclude, *(word.value for word in narrowed.exclude)),
        env_strategy=env_strategy,
        keep_variables=tuple(word.value for word in narrowed.keep),
        docs=docs,
        models_from=models_from,
    )

"""The options of `migrate-openrouter PATH`, as the parser of the command line takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.asked import Asked, answer
from migrator.cli.parameters import AnthropicUrl, BaseUrl, KeyEnv, TargetName
from migrator.cli.report import Format
from migrator.cli.usage import complete_rule
from migrator.options import EnvStrategy
from migrator.reports.text import Colour


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
    return answer(
        Asked(
            paths=paths,
            dry_run=dry_run,
            check=check,
            strict=strict,
            diff=diff,
            form=form,
            unsafe=unsafe,
            select=select or [],
            ignore=ignore or [],
            include=include or [],
            exclude=exclude or [],
            target=target,
            base_url=base_url,
            anthropic_base_url=anthropic_base_url,
            key_env=key_env,
            env_strategy=env_strategy,
            docs=docs,
            plan_out=plan_out,
            patch_file=patch_file,
            receipt=receipt,
            models_from=models_from,
            allow_dirty=allow_dirty,
            color=color,
            quiet=quiet,
            verbose=verbose,
        ),
        context.obj or (),
    )

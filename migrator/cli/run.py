"""`migrate-openrouter PATH`: make the plan, write it unless told not to, and show it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.arguments import known_rule, require_finished_run, root_of
from migrator.cli.output import OK, OPEN, PARTIAL, PROGRAM, OutputFailed, complain, hint, say, say_text
from migrator.model import MigratorError
from migrator.options import EnvStrategy
from migrator.reports.text import Colour, wants_colour

if TYPE_CHECKING:
    from migrator.discover.config import Config
    from migrator.model import Plan, Target
    from migrator.options import Options
    from migrator.reports.json import Mode


class Format(StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    JSON = "json"
    DIFF = "diff"


def run(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Repositories, folders or single files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if something would be rewritten.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Also exit 1 while something is left for a person.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print a patch for `git apply`.")] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to print: a report, a JSON document or a patch.", show_default="text")
    ] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Also make the changes that are only probably right.")] = False,
    select: Annotated[list[str] | None, typer.Option(metavar="RULE", help="Only these rules, or rules that begin so.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="RULE", help="Not these rules.")] = None,
    include: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only files that match.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Not files that match.")] = None,
    target: Annotated[str | None, typer.Option(metavar="NAME", help="The new gateway.", show_default="synapse-garden")] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Its OpenAI base URL; with --key-env and no --target, any other gateway."),
    ] = None,
    anthropic_base_url: Annotated[str | None, typer.Option(metavar="URL", help="Its base URL for Anthropic's clients.")] = None,
    key_env: Annotated[str | None, typer.Option(metavar="NAME", help="The variable that holds its key.")] = None,
    env_strategy: Annotated[
        EnvStrategy, typer.Option(help="auto: rename the key's variable where every reader moves; rename: always; keep: never.")
    ] = EnvStrategy.AUTO,
    docs: Annotated[bool, typer.Option("--docs", help="Also rewrite set-up blocks of documents.")] = False,
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

    plan = make_plan(root, [Path(path) for path in paths], options)
    from migrator.reports.json import Mode

    mode = Mode.CHECK if check else Mode.DRY_RUN if dry_run or diff else Mode.APPLY
    applied = 0
    if mode is Mode.APPLY:
        plan, applied = _apply(plan, root, allow_dirty=allow_dirty)
    code = exit_code(plan, mode=mode.value, strict=strict)
    done = "The files were written" if applied else "No file was written"
    try:
        _report(plan, root, paths, context.obj or (), shape, mode=mode, applied=applied, color=color, quiet=quiet, verbose=verbose)
    except OutputFailed as failed:
        complain(f"the report could not be written to standard output ({failed}). {done}.")
        return code if mode is not Mode.DRY_RUN else PARTIAL
    except BaseException as error:
        error.add_note(f"{done}; only the report of it failed." if applied else f"{done}.")
        raise
    return code


def exit_code(plan: Plan, *, mode: str, strict: bool) -> int:
    """The exit code of a run that came to its end. Unreadable files win: what they hold, nobody knows."""
    from migrator.model import Action

    if plan.problems:
        return PARTIAL
    open_flags = strict and any(finding.action is Action.FLAG for finding in plan.findings)
    pending = any(finding.action is Action.REWRITE for finding in plan.findings)
    match mode:
        case "check" if pending or open_flags:
            return OPEN
        case "apply" if open_flags:
            return OPEN
        case _:
            return OK


def _format(form: Format | None, *, diff: bool) -> Format:
    if diff and form not in (None, Format.DIFF):
        raise MigratorError(f"--diff and --format {form} contradict each other: standard output holds one of them.")
    return Format.DIFF if diff else form or Format.TEXT


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


def _apply(plan: Plan, root: Path, *, allow_dirty: bool) -> tuple[Plan, int]:
    """Write the plan. The plan as it turned out, and how many of its rewrites were done.

    What could not be written after all is a problem of the plan, and its changes are the user's to look at.
    """
    if not any(change.selected for change in plan.changes):
        return plan, 0
    from dataclasses import replace

    from migrator.apply.apply import apply
    from migrator.model import Action
    from migrator.plan.pipeline import reparse

    done = apply(plan, root, allow_dirty=allow_dirty, reparse=reparse)
    fallen = frozenset(done.withdrawn)
    lost = {index for change in plan.changes if change.id in fallen for index in change.findings}
    findings = tuple(
        replace(finding, action=Action.FLAG, because="Its change was withdrawn, because one of its files could not be written.")
        if index in lost and finding.action is Action.REWRITE
        else finding
        for index, finding in enumerate(plan.findings)
    )
    plan = replace(
        plan,
        findings=findings,
        changes=tuple(replace(change, selected=change.selected and change.id not in fallen) for change in plan.changes),
        problems=(*plan.problems, *done.undone),
    )
    return plan, sum(finding.action is Action.REWRITE for finding in findings) if done.written else 0


def _report(
    plan: Plan,
    root: Path,
    paths: Sequence[str],
    given: Sequence[str],
    shape: Format,
    *,
    mode: Mode,
    applied: int,
    color: Colour,
    quiet: bool,
    verbose: bool,
) -> None:
    match shape:
        case Format.JSON:
            from migrator.reports import json

            say(json.render(plan, mode=mode, applied=applied).encode("utf-8"))
        case Format.DIFF:
            from migrator.reports import diff

            patch = diff.patch(plan)
            say(patch.data)
            for path in patch.omitted:
                complain(f"note: {path}: left out of the patch, which would show a secret; the run itself changes it.")
            if patch.omitted:
                complain(f"note: the patch is not whole, do not apply it alone: {_again(given, paths)} makes the whole change.")
        case Format.TEXT:
            say_text(_page(plan, root, paths, given, mode=mode, applied=applied, color=color, quiet=quiet, verbose=verbose))
    if shape is not Format.TEXT or quiet:
        for problem in plan.problems:
            where = f"{problem.path}:{problem.line}" if problem.line else problem.path
            complain(f"{where}: {problem.message}" + (f"; {problem.remedy}" if problem.remedy else ""))


def _page(
    plan: Plan,
    root: Path,
    paths: Sequence[str],
    given: Sequence[str],
    *,
    mode: Mode,
    applied: int,
    color: Colour,
    quiet: bool,
    verbose: bool,
) -> str:
    from shutil import get_terminal_size

    from migrator.reports import terminal

    screen = sys.stdout is not None and sys.stdout.isatty()
    columns = max(40, get_terminal_size().columns) if screen or os.environ.get("COLUMNS") else 100
    # a path that looks like an option is one only in front of `--`
    first = f"-- {shlex.quote(paths[0])}" if paths[0].startswith("-") else shlex.quote(paths[0])
    prefix, inside = _standing(root)
    view = terminal.View(
        mode=mode,
        width=min(columns, 110),
        cut=columns if screen else None,
        colour=wants_colour(color, os.environ, terminal=screen),
        verbose=verbose,
        applied=applied,
        again=_again(given, paths),
        undo=f"{PROGRAM} undo {first}",
        prefix=prefix,
        inside=inside,
    )
    if terminal.is_empty(plan) and (quiet or mode.value == "check"):
        # as the front door does, which answers most such calls
        return ""
    return terminal.summary(plan, view) + "\n" if quiet else terminal.render(plan, view)


def _standing(root: Path) -> tuple[str, str]:
    """How the paths of the report, which start at the root, are to be read from the current folder, so that a terminal can open them.

    What leads from it to the root, with its slash, and where it lies in the root; one of them is empty.
    """
    here = Path.cwd()
    if here == root:
        return "", ""
    if here.is_relative_to(root):
        return "", here.relative_to(root).as_posix()
    return f"{(root.relative_to(here) if root.is_relative_to(here) else root).as_posix()}/", ""


def _again(given: Sequence[str], paths: Sequence[str]) -> str:
    """The command line of this run, to copy, without what kept it from writing."""
    end = given.index("--") if "--" in given else len(given)
    kept = [word for word in given[:end] if word not in ("--dry-run", "--check", "--strict", "--diff")]
    return f"{PROGRAM} {shlex.join((*kept, *given[end:]) if given else paths)}"

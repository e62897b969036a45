"""The small commands: `undo`, `done`, `apply`, `guard`, `explain`, `rules`, `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.arguments import near, require_finished_run, root_of
from migrator.cli.output import OK, OPEN, PARTIAL, PROGRAM, OutputFailed, complain, hint, say, say_text
from migrator.cli.parameters import AnthropicUrl, BaseUrl, KeyEnv, TargetName
from migrator.cli.report import Format
from migrator.cli.usage import complete_item, complete_rule
from migrator.model import MigratorError
from migrator.reports.text import Colour


def undo(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="What the run was given; the current folder if left out.")] = ".",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not list the files.")] = False,
) -> int:
    """Take the last run back, byte for byte. Once more: the run before it."""
    from migrator.apply.apply import undo as take_back
    from migrator.reports.text import count, escape

    done = take_back(root_of([path]))
    restored = f"{count(len(done.restored), 'file')} restored."
    lines = [f"restored {escape(name)}" for name in done.restored] + [f"already as before {escape(name)}" for name in done.already]
    try:
        say_text("".join(f"{line}\n" for line in lines if not quiet))
    except OutputFailed as failed:
        complain(f"the list could not be written to standard output ({failed}). {restored}")
    except BaseException as error:
        error.add_note(f"{restored} Only the list of them failed.")
        raise
    for problem in done.left:
        complain(f"{problem.path}: {problem.message}; {problem.remedy}")
    hint(restored, quiet=quiet)
    return PARTIAL if done.left else OK


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan that --plan-out saved.")],
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="The tree it was made for; the current folder if left out.")] = ".",
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Write files that have uncommitted changes.")] = False,
    receipt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a record of the run there, as Markdown and JSON.")
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="What to print.", show_default="text")] = None,
    color: Annotated[Colour, typer.Option(help="Colours on standard output.")] = Colour.AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary, and no hints.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Fold nothing.")] = False,
) -> int:
    """Do exactly what a saved plan says. It is refused where the tree gives another plan by now."""
    from migrator.cli.carry_out import Wanted, carry_out
    from migrator.lifecycle import saved_plan
    from migrator.reports.json import Mode
    from migrator.text.regular import read_given

    try:
        text = read_given(file).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MigratorError(f"{file}: cannot be read ({reason}).") from None
    root = root_of([path])
    require_finished_run(root)
    saved = saved_plan.load(text, name=str(file))
    plan = saved_plan.check(saved, root, name=str(file))
    wanted = Wanted(
        form=form or Format.TEXT,
        mode=Mode.APPLY,
        receipt=receipt,
        allow_dirty=allow_dirty,
        color=color,
        quiet=quiet,
        verbose=verbose,
    )
    return carry_out(plan, root, [path], context.obj or (), wanted)


def done(
    items: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Ids of what is done, or how they begin.", autocompletion=complete_item),
    ] = None,
    path: Annotated[str, typer.Option(metavar="PATH", help="The tree; the current folder if left out.")] = ".",
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
) -> int:
    """List what runs left for you, or mark it as done. `--check --strict` passes when nothing is open."""
    from migrator.catalog import targets
    from migrator.cli.asked import default_options
    from migrator.lifecycle import open_items
    from migrator.plan.pipeline import make_plan
    from migrator.reports.text import escape

    root = root_of([path])
    require_finished_run(root)
    ledger = open_items.read(root)
    plan = make_plan(root, [root], default_options(targets.chosen(target, base_url, anthropic_base_url, key_env), root))
    known = {item.id: item for item in (*ledger.items, *open_items.items_of(plan))}
    if items:
        chosen = [open_items.matching(wanted, known.values()) for wanted in items]
        open_items.mark(root, [item.id for item in chosen])
        for item in chosen:
            say_text(f"done {item.short_id}  {escape(item.title)}\n")
    done = open_items.read(root).done(known.values())
    left = [item for item in known.values() if item.id not in done]
    if not items:
        for item in left:
            place = f"  {escape(item.place)}" if item.place else ""
            say_text(f"{item.short_id}  {escape(item.title)}{place}\n")
    hint(f"{len(left)} open." if left else "nothing is open.", quiet=False)
    return OK


def guard(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Repositories, folders or single files.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not list the lines.")] = False,
) -> int:
    """Fail while a line names OpenRouter without an excuse. For a code base that has moved; a comment or `exclude` excuses."""
    from migrator.lifecycle.guard import look
    from migrator.reports.text import count, escape, shorten
    from migrator.text.secrets import mask

    root = root_of(paths)
    require_finished_run(root)
    seen = look(root, [Path(path) for path in paths])
    if not quiet:
        say_text("".join(f"{escape(row.path)}:{row.line}: {shorten(escape(mask(row.text)), 120)}\n" for row in seen.sights))
    for problem in seen.problems:
        complain(f"{problem.path}: {problem.message}; {problem.remedy}")
    if seen.sights:
        hint(
            f"{count(len(seen.sights), 'line')} still {'names' if len(seen.sights) == 1 else 'name'} OpenRouter; excuse one with a comment:"
            " migrate-openrouter: ignore REASON",
            quiet=quiet,
        )
    return PARTIAL if seen.problems else OPEN if seen.sights else OK


def explain(
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="The id of a rule, as a report shows it.", autocompletion=complete_rule)
    ],
) -> int:
    """Say what a rule looks for, what it does and why."""
    from migrator.catalog.rules import RULES

    match = next((known for known in RULES if known.id == rule), None)
    if match is None:
        raise MigratorError(f"{rule}: no such rule{near(rule, RULES) or '.'} `{PROGRAM} rules` lists them.")
    source = f"\nSource: {match.source}\n" if match.source else ""
    say_text(f"{match.id}: {match.title}\n\n{match.about.strip()}\n{source}")
    return OK


def rules() -> int:
    """List the rules."""
    from migrator.catalog.rules import RULES

    width = max((len(rule.id) for rule in RULES), default=0)
    say_text("".join(f"{rule.id:<{width}}  {rule.title}\n" for rule in RULES))
    return OK


def schema() -> int:
    """Print the JSON Schema of the JSON report."""
    from migrator.reports.json import schema as text

    say(text().encode("utf-8"))
    return OK

"""The small commands: `undo`, `explain`, `rules`, `schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from migrator.cli.arguments import near, root_of
from migrator.cli.output import OK, PARTIAL, PROGRAM, OutputFailed, complain, hint, say, say_text
from migrator.model import MigratorError


def undo(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="What the run was given; the current folder if left out.")] = ".",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not list the files.")] = False,
) -> int:
    """Take the last run back, byte for byte; again for the one before."""
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


def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="The id of a rule, as a report shows it.")]) -> int:
    """Say what a rule looks for, what it does and why."""
    from migrator.catalog.rules import RULES

    found = next((known for known in RULES if known.id == rule), None)
    if found is None:
        raise MigratorError(f"{rule}: no rule is called so{near(rule, RULES)}; `{PROGRAM} rules` lists them.")
    source = f"\nSource: {found.source}\n" if found.source else ""
    say_text(f"{found.id}: {found.title}\n\n{found.about.strip()}\n{source}")
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

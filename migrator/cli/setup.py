"""The commands around a first run: `doctor` and `init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.arguments import require_finished_run, root_of
from migrator.cli.output import OK, OPEN, columns, hint, say_text
from migrator.cli.parameters import AnthropicUrl, BaseUrl, KeyEnv, TargetName
from migrator.cli.report import Form


def doctor(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="The tree; the current folder if left out.")] = ".",
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    env_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Look for keys in this file, not in the environment.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Text, or one JSON document.")] = Form.TEXT,
) -> int:
    """Show versions, state folder, extras and what is sent where. Sends nothing; exits 1 on a fault."""
    from migrator.catalog import targets
    from migrator.live import doctor as examining

    chosen = targets.chosen(target, base_url, anthropic_base_url, key_env)
    seen = examining.examine(root_of([path]).resolve(), chosen, env_file, os.environ)
    say_text(f"{examining.dump(seen) if form is Form.JSON else examining.render(seen, width=columns())}\n")
    return OPEN if seen.failed() else OK


def init(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="The repository; the current folder if left out.")] = ".",
) -> int:
    """Write .migrate-openrouter.toml, with comments. An existing file is never overwritten."""
    from migrator.discover.config import write_starter

    root = root_of([path])
    require_finished_run(root)
    written = write_starter(root)
    say_text(f"Wrote {written}\n")
    hint("it narrows nothing yet: edit it, then look at the dry run.", quiet=False)
    return OK

"""Arguments and options that several commands have, with their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.report import Form
from migrator.cli.usage import complete_target


class Listing(StrEnum):
    """The values of `inventory --format`."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Where = Annotated[str, typer.Argument(metavar="[PATH]", help="The repository whose models and features are checked.")]
TargetName = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="NAME", help="The new gateway.", show_default="synapse-garden", autocompletion=complete_target
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Its OpenAI base URL; with --key-env and no --target, any other gateway."),
]
AnthropicUrl = Annotated[
    str | None, typer.Option("--anthropic-base-url", metavar="URL", help="Its base URL for Anthropic's clients.")
]
KeyEnv = Annotated[str | None, typer.Option("--key-env", metavar="NAME", help="The variable that holds its key.")]
EnvFile = Annotated[Path | None, typer.Option("--env-file", metavar="FILE", help="Read keys from this file, not the environment.")]
CaFile = Annotated[
    Path | None, typer.Option("--ca-file", metavar="FILE", help="PEM file of authorities to trust; also SSL_CERT_FILE.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Send what costs money without asking; needed without a terminal.")]
FormatOption = Annotated[Form, typer.Option("--format", help="Text, or one JSON document for a record.")]

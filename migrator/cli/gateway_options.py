"""The options by which every command is told the new gateway."""

from __future__ import annotations

from typing import Annotated

import typer

from migrator.cli.usage import complete_target

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

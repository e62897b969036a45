"""What is said of a command line that is not understood, what `--help` shows first, and what a shell completes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Protocol, runtime_checkable

from migrator.cli.output import PROGRAM
from migrator.model import MigratorError

MAIN_OPTIONS = (
    "--dry-run", "--check", "--strict", "--diff", "--format", "--unsafe", "--target", "--base-url", "--key-env", "--include",
    "--exclude", "--select", "--ignore", "--receipt", "--quiet", "--verbose",
)  # fmt: skip
"""Options of `run` that the first page of help lists; the others stand in `run --help`."""


@runtime_checkable
class UsageError(Protocol):
    """A complaint of the option parser. By its shape: some versions of typer carry their own copy of click, others do not."""

    exit_code: int
    ctx: Any

    def format_message(self) -> str:
        """The parser's own sentence."""
        ...


def complaint(error: UsageError) -> str:
    """The parser's complaint as the other complaints are written: what was given, what is wrong with it, what to do."""
    option = getattr(error, "option_name", None)
    param = getattr(error, "param", None)
    message = str(getattr(error, "message", "") or "").rstrip(".")
    if option is not None and hasattr(error, "possibilities"):
        text = f"{option}: no such option{did_you_mean(option, error.possibilities or ())}"
    elif option is not None:
        text = f"{option}: {_lower(message.removeprefix(f'Option {option!r} '))}"
    elif hasattr(error, "param_type"):  # nothing was given
        text = f"{param.make_metavar(error.ctx) if param is not None else 'an argument'} is missing".replace("{", "").replace(
            "}", ""
        )
    elif param is not None:
        name = max(param.opts, key=len) if param.param_type_name == "option" else param.make_metavar(error.ctx)
        text = f"{name}: {_lower(message)}"
    else:
        text = _lower(message or error.format_message().rstrip("."))
    command = getattr(error.ctx, "info_name", "") or ""
    known = f"{PROGRAM} {command}" if command and command != PROGRAM else PROGRAM
    return f"{text}{'' if text.endswith('?') else '.'} See {known} --help"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names what looks most like a word, or an empty text."""
    near = get_close_matches(word, sorted(set(known)), n=1)
    return f", did you mean {near[0]}?" if near else ""


def refuse_misspelt_command(argv: Sequence[str], commands: Collection[str]) -> None:
    """Raise MigratorError where the first word is neither a path nor a command and looks like one of the commands."""
    word = next((word for word in argv if word and not word.startswith("-")), "")
    if word not in commands and word.isidentifier() and not os.path.lexists(word) and (hint := did_you_mean(word, commands)):
        raise MigratorError(f"{word}: no such command, file or folder{hint}")


def write_main_options(formatter: Any, context: Any, command: Any) -> None:
    """The section of the first page of help with the options that a run takes most often."""
    records = [
        record for param in command.params if set(param.opts) & set(MAIN_OPTIONS) and (record := param.get_help_record(context))
    ]
    with formatter.section("Main options of a run"):
        formatter.write_dl(records)


def complete_target(incomplete: str) -> list[str]:
    """Names of profiled gateways."""
    from migrator.catalog import targets

    return [name for name in targets.names() if name.startswith(incomplete)]


def complete_gateway(incomplete: str) -> list[str]:
    """The same, with the one that is left."""
    return [name for name in ("openrouter", *complete_target("")) if name.startswith(incomplete)]


def complete_rule(incomplete: str) -> list[tuple[str, str]]:
    """Ids of rules with their titles."""
    from migrator.catalog.rules import RULES

    return [(rule.id, rule.title) for rule in RULES if rule.id.startswith(incomplete)]


def complete_item(incomplete: str) -> list[tuple[str, str]]:
    """Ids of what earlier runs over the current folder left open, with their titles."""
    from pathlib import Path

    from migrator.discover.files import find_root
    from migrator.lifecycle import open_items

    try:
        left = open_items.read(find_root([Path()])).open()
    except MigratorError:
        return []
    return [(item.short_id, item.title) for item in left if item.id.startswith(incomplete)]


def _lower(text: str) -> str:
    """The first letter in lower case, unless the first word is a name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]

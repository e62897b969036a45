"""The command line: parse, call, render, exit.

Standard output carries the answer and nothing else; progress, hints and complaints go to standard error. What a command needs is
imported inside it: completion, `--help` and a wrong option should not wait for parsers.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Annotated, Any

import typer
import typer.core

from migrator import __version__
from migrator.cli.commands import apply, done, explain, guard, rules, schema, undo
from migrator.cli.endings import Interrupted, asked_for, ended
from migrator.cli.output import OK, PROGRAM, USAGE, complain, say_text
from migrator.cli.run import run
from migrator.cli.setup import doctor, init
from migrator.cli.usage import refuse_misspelt_command, write_main_options

_LIVE_COMMANDS = frozenset({"preflight", "verify", "inventory", "retire", "estimate", "rehearse", "prove"})
"""Registered by `lifecycle` only when one of them, or the list of commands, is asked for."""

_HELP = (
    "Moves a code base off OpenRouter: code, .env files and configuration, all or nothing, and back with undo."
    f"\n\n`{PROGRAM} PATH --dry-run` shows what it would do at PATH, `{PROGRAM} PATH` does it; their options are those of the"
    f" command run, which need not be named: `{PROGRAM} run --help`."
)
_EPILOG = (
    "Exit codes: 0 done, or nothing to do; 1 --check found work, or --strict and something is left for you; 2 wrong usage or"
    " configuration, nothing was touched; 3 some files could not be read or written, the others are done; 4 a live check failed, or prove found a difference;"
    " 5 internal error, everything was put back; 130, 143 interrupted."
)


class _Commands(typer.core.TyperGroup):
    """Carries an interrupt past typer, which turns it into an exit, or into Abort, without its notes; by version."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise Interrupted from interrupt

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        write_main_options(formatter, ctx, self.commands["run"])
        super().format_commands(ctx, formatter)


app = typer.Typer(
    name=PROGRAM,
    cls=_Commands,
    help=_HELP,
    epilog=_EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def app_main(argv: list[str]) -> int:
    """Run the command line on the arguments (without the program's name) and return the exit code. Raises nothing."""
    return ended(lambda: _dispatch(argv), argv)


def _dispatch(argv: list[str]) -> int:
    arguments = with_command(argv)
    completing = _COMPLETING in os.environ
    if completing:
        _complete_run(os.environ)
    if arguments[0] == "run" and not completing:
        refuse_misspelt_command(argv, _commands())
    if completing or arguments[0] in _LIVE_COMMANDS or arguments[0] in ("--help", "-h"):
        from migrator.cli import lifecycle

        lifecycle.register(app)
    command = typer.main.get_command(app)
    if not argv and not completing:
        complain(f"error: no path given. Try: {PROGRAM} PATH --dry-run   (all options: {PROGRAM} --help)")
        return USAGE
    with _help_by_us() if asked_for(argv, "--help", "-h") else contextlib.nullcontext():
        code = command.main(args=arguments, prog_name=PROGRAM, standalone_mode=False, obj=tuple(argv))
    return code if isinstance(code, int) else OK


@contextlib.contextmanager
def _help_by_us() -> Iterator[None]:
    """click prints help itself, and would fail with an error of the system where standard output is full."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)) as printed:
        yield
    assert isinstance(printed.buffer, io.BytesIO)
    say_text(printed.buffer.getvalue().decode("utf-8"))


def with_command(argv: Sequence[str]) -> list[str]:
    """The arguments with the command in front: the one that is named, else `run`, so that a bare path works.

    The command is the first argument that is no option and no option's value. A folder that is called like a command is
    `./verify`, or stands after `--`.
    """
    commands = _commands()
    index = 0
    while index < len(argv) and argv[index] != "--":
        word = argv[index]
        if not word.startswith("-") or word == "-":
            if word in commands:
                return [word, *argv[:index], *argv[index + 1 :]]
            break
        index += 2 if word in _takes_value() else 1
    if not any(not word.startswith("-") for word in argv) and asked_for(argv, *_GLOBAL):
        return list(argv)
    return ["run", *argv]


_COMPLETING = f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE"


def _complete_run(environ: MutableMapping[str, str]) -> None:
    """Let a shell complete the options of `run` where it is not named, by naming it in what the shell sent.

    bash sends all words and the number of the one at the cursor, the other shells the words up to the cursor.
    """
    for name, number in (("COMP_WORDS", "COMP_CWORD"), ("_TYPER_COMPLETE_ARGS", None)):
        program, _, rest = environ.get(name, "").partition(" ")
        first = rest.split(" ", 1)[0]
        beyond = " " in rest if number is None else environ.get(number, "1") != "1"
        if first not in _commands() and (beyond or first.startswith("-")):
            environ[name] = f"{program} run {rest}"
            if number is not None and environ.get(number, "").isdecimal():
                environ[number] = str(int(environ[number]) + 1)


_GLOBAL = ("--help", "-h", "--version", "--install-completion", "--show-completion")


def _commands() -> frozenset[str]:
    named = (info.name or (info.callback.__name__ if info.callback else "") for info in app.registered_commands)
    return _LIVE_COMMANDS | frozenset(named)


def _takes_value() -> frozenset[str]:
    """The options of `run` that are followed by a value; a test compares them with the real ones."""
    lists = ("--select", "--ignore", "--include", "--exclude")
    where = ("--target", "--base-url", "--anthropic-base-url", "--key-env", "--env-strategy", "--models-from")
    files = ("--plan-out", "--patch-file", "--receipt")
    return frozenset((*lists, *where, *files, "--format", "--color"))


def _version(wanted: bool) -> None:
    if wanted:
        say_text(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    pass


for _command in (run, init, doctor, undo, done, apply, guard, explain, rules, schema):
    app.command()(_command)

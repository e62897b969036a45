"""The command line: parse, call, render, exit.

Standard output carries the answer and nothing else; progress, hints and complaints go to standard error. What a command needs is
imported inside it: completion, `--help` and a wrong option should not wait for parsers.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol, runtime_checkable

import typer
import typer.core

from migrator import __version__
from migrator.model import MigratorError
from migrator.options import EnvStrategy
from migrator.reports.text import Colour, wants_colour

if TYPE_CHECKING:
    from migrator.catalog.rules import Rule
    from migrator.discover.config import Config
    from migrator.model import Plan, Target
    from migrator.options import Options
    from migrator.reports.json import Mode

PROGRAM = "migrate-openrouter"

OK, OPEN, USAGE, PARTIAL, LIVE, INTERNAL, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 5, 130, 143
"""The exit codes; what each means is in the README and frozen by a test."""

_LIVE_COMMANDS = frozenset({"preflight", "verify", "inventory", "retire", "estimate", "rehearse"})
"""Registered by `live_cli` only when one of them, or the list of commands, is asked for."""

_HELP = (
    "Moves a code base off OpenRouter: code, .env files and configuration, all or nothing, and back with undo."
    f"\n\n`{PROGRAM} PATH --dry-run` shows what it would do at PATH, `{PROGRAM} PATH` does it; their options are those of the"
    f" command run, which need not be named: `{PROGRAM} run --help`."
)
_EPILOG = (
    "Exit codes: 0 done, or nothing to do; 1 --check found work, or --strict and something is left for you; 2 wrong usage or"
    " configuration, nothing was touched; 3 some files could not be read or written, the others are done; 4 a live check failed;"
    " 5 internal error, everything was put back; 130, 143 interrupted."
)


class Format(StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    JSON = "json"
    DIFF = "diff"


class _Interrupted(Exception):  # noqa: N818 - not an error
    """Ctrl-C, under a name of ours."""


class _Commands(typer.core.TyperGroup):
    """Carries an interrupt past typer, which turns it into an exit, or into Abort, without its notes; by version."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise _Interrupted from interrupt


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
    with _terminable():
        try:
            return _dispatch(argv)
        except MigratorError as error:
            _complain(f"error: {error}")
            return _code_of(error)
        except (_Interrupted, KeyboardInterrupt) as error:
            return _interrupted(INTERRUPTED, error.__cause__ or error)
        except typer.Abort:
            # a prompt that was answered with Ctrl-C or no input
            return _interrupted(INTERRUPTED, KeyboardInterrupt())
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else OPEN
            return _interrupted(code, stop) if code > 128 else code
        except Exception as error:
            if isinstance(error, _UsageError):
                error.show()
                return error.exit_code
            return _crashed(error, verbose=_asked_for(argv, "-v", "--verbose"))


def _code_of(error: MigratorError) -> int:
    """Refused before the first byte: 2. The system did not let a file be written, and all were put back: 3."""
    apply = sys.modules.get("migrator.apply.apply")
    return PARTIAL if apply is not None and isinstance(error, apply.WriteFailed) else USAGE


@runtime_checkable
class _UsageError(Protocol):
    """A complaint of the option parser. By its shape: some versions of typer carry their own copy of click, others do not."""

    exit_code: int

    def show(self) -> None: ...


def _dispatch(argv: list[str]) -> int:
    arguments = with_command(argv)
    completing = _COMPLETING in os.environ
    if completing:
        _complete_run(os.environ)
    if completing or arguments[0] in _LIVE_COMMANDS or arguments[0] in ("--help", "-h"):
        from migrator.cli import lifecycle

        lifecycle.register(app)
    command = typer.main.get_command(app)
    if not argv and not completing:
        _complain(f"error: no path given. Try: {PROGRAM} PATH --dry-run   (all options: {PROGRAM} --help)")
        return USAGE
    code = command.main(args=arguments, prog_name=PROGRAM, standalone_mode=False, obj=tuple(argv))
    return code if isinstance(code, int) else OK


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
    if not any(not word.startswith("-") for word in argv) and _asked_for(argv, *_GLOBAL):
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
    return frozenset((*lists, *where, "--format", "--color"))


def _asked_for(argv: Sequence[str], *options: str) -> bool:
    words = argv[: argv.index("--")] if "--" in argv else argv
    return any(word in options for word in words)


def _complain(text: str) -> None:
    from migrator.reports.text import escape

    with contextlib.suppress(OSError):
        lines = [escape(line) for line in _masked(text).splitlines()]
        print(f"{PROGRAM}: " + "\n".join(lines), file=sys.stderr, flush=True)


def _masked(text: str) -> str:
    """A complaint without secrets, those of the files that this run has read among them."""
    from migrator.text import seen
    from migrator.text.secrets import mask

    return mask(text, seen.values())


def _interrupted(code: int, error: BaseException) -> int:
    notes: list[str] = getattr(error, "__notes__", [])
    how_far = " ".join(notes) or "No file was written."
    _complain(
        f"interrupted. {how_far} Run the same command to start again, or `{PROGRAM} undo` to take the last complete run back."
    )
    return code


def _crashed(error: Exception, *, verbose: bool) -> int:
    import traceback

    if verbose:
        with contextlib.suppress(OSError):
            sys.stderr.write(_masked("".join(traceback.format_exception(error))))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    # not the exception's own words: they may quote a file
    place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    how_far = " ".join(getattr(error, "__notes__", ())) or "No file was written."
    hint = "" if verbose else " Run with -v for the details."
    _complain(f"internal error ({place}). {how_far} Please report it.{hint}")
    return INTERNAL


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP end the run in order, as Ctrl-C does; the exit code is the shell's for the signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    held = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            held[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, before in held.items():
            signal.signal(number, before)


def _say(data: bytes) -> None:
    """Bytes to standard output. A reader that has gone away (`| head`) is no error of ours."""
    if sys.stdout is None:
        # closed by the caller (`>&-`)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _mute()
    except OSError as error:
        _mute()
        raise _OutputFailed(error) from error


def _mute() -> None:
    """Standard output goes nowhere from here on: the interpreter flushes once more at exit and would complain then."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _OutputFailed(Exception):  # noqa: N818 - says what happened
    """Standard output could not be written; what the run did to files is another question."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or type(error).__name__)


def _say_text(text: str) -> None:
    _say(text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "backslashreplace"))


def _version(wanted: bool) -> None:
    if wanted:
        _say_text(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    pass


@app.command()
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
        _hint("--strict decides nothing without --check: a dry run exits 0.", quiet=quiet)
    from migrator.catalog import targets
    from migrator.discover import config

    chosen = targets.chosen(target, base_url, anthropic_base_url, key_env)
    root = _root(paths)
    _require_finished(root)
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
    except _OutputFailed as failed:
        _complain(f"the report could not be written to standard output ({failed}). {done}.")
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


def _hint(text: str, *, quiet: bool) -> None:
    if not quiet:
        _complain(f"note: {text}")


def _root(paths: Sequence[str]) -> Path:
    from migrator.discover.files import find_root

    for path in paths:
        if not path:
            # an unset shell variable; as a Path it would be the current folder
            raise MigratorError("one of the paths is empty; for the current folder write a dot.")
        if not os.path.lexists(path):
            raise MigratorError(f"{path}: no such file or folder.")
    return find_root([Path(path) for path in paths])


def _require_finished(root: Path) -> None:
    """Refuse a tree that a run was cut short in; asked at little cost, because it hardly ever is."""
    from migrator.apply.state import is_any_unfinished

    if is_any_unfinished():
        from migrator.apply.undo import require_finished

        require_finished(root)


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
            _known_rule(rule, f"{option} {rule}")
    for word in narrowed.ignore:
        _known_rule(word.value, f"{word.where}: ignore {word.value!r}")
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


def _known_rule(name: str, where: str) -> None:
    from migrator.catalog.rules import RULES

    if not name or not any(rule.id.startswith(name) for rule in RULES):
        raise MigratorError(f"{where}: no rule is called so{_near(name, RULES)}; `{PROGRAM} rules` lists them.")


def _near(name: str, rules: Sequence[Rule]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [rule.id for rule in rules], n=1)
    return f", did you mean {near[0]}?" if near else ""


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

            _say(json.render(plan, mode=mode, applied=applied).encode("utf-8"))
        case Format.DIFF:
            from migrator.reports import diff

            patch = diff.patch(plan)
            _say(patch.data)
            for path in patch.omitted:
                _complain(f"note: {path}: left out of the patch, which would show a secret; the run itself changes it.")
            if patch.omitted:
                _complain(f"note: the patch is not whole, do not apply it alone: {_again(given, paths)} makes the whole change.")
        case Format.TEXT:
            _say_text(_page(plan, root, paths, given, mode=mode, applied=applied, color=color, quiet=quiet, verbose=verbose))
    if shape is not Format.TEXT or quiet:
        for problem in plan.problems:
            where = f"{problem.path}:{problem.line}" if problem.line else problem.path
            _complain(f"{where}: {problem.message}" + (f"; {problem.remedy}" if problem.remedy else ""))


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


@app.command()
def undo(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="What the run was given; the current folder if left out.")] = ".",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not list the files.")] = False,
) -> int:
    """Take the last run back, byte for byte; again for the one before."""
    from migrator.apply.apply import undo as take_back
    from migrator.reports.text import count, escape

    done = take_back(_root([path]))
    restored = f"{count(len(done.restored), 'file')} restored."
    lines = [f"restored {escape(name)}" for name in done.restored] + [f"already as before {escape(name)}" for name in done.already]
    try:
        _say_text("".join(f"{line}\n" for line in lines if not quiet))
    except _OutputFailed as failed:
        _complain(f"the list could not be written to standard output ({failed}). {restored}")
    except BaseException as error:
        error.add_note(f"{restored} Only the list of them failed.")
        raise
    for problem in done.left:
        _complain(f"{problem.path}: {problem.message}; {problem.remedy}")
    _hint(restored, quiet=quiet)
    return PARTIAL if done.left else OK


@app.command()
def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="The id of a rule, as a report shows it.")]) -> int:
    """Say what a rule looks for, what it does and why."""
    from migrator.catalog.rules import RULES

    found = next((known for known in RULES if known.id == rule), None)
    if found is None:
        raise MigratorError(f"{rule}: no rule is called so{_near(rule, RULES)}; `{PROGRAM} rules` lists them.")
    source = f"\nSource: {found.source}\n" if found.source else ""
    _say_text(f"{found.id}: {found.title}\n\n{found.about.strip()}\n{source}")
    return OK


@app.command()
def rules() -> int:
    """List the rules."""
    from migrator.catalog.rules import RULES

    width = max((len(rule.id) for rule in RULES), default=0)
    _say_text("".join(f"{rule.id:<{width}}  {rule.title}\n" for rule in RULES))
    return OK


@app.command()
def schema() -> int:
    """Print the JSON Schema of the JSON report."""
    from migrator.reports.json import schema as text

    _say(text().encode("utf-8"))
    return OK

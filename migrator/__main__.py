"""The front door of `migrate-openrouter` and `python -m migrator`.

pre-commit calls the tool with a handful of files that almost never name OpenRouter. Those calls are answered here with nothing
but built-in modules and `os` loaded; importing the command line alone would take five times as long as looking at the files. Whatever is
not that simple goes to the command line as it came.
"""

import gc
import os
import stat
import sys

from migrator.apply.state import is_any_unfinished
from migrator.discover.needles import may_ask_openrouter, names_openrouter

NOTHING = "Nothing to migrate: no file names OpenRouter."
"""What a run without a match prints, here and in the full program."""

_QUIET = frozenset(("--check", "-q", "--quiet"))
_FLAGS = _QUIET | {"--dry-run"}
_LIMIT = 4 << 20


def main(argv: list[str] | None = None) -> int:
    """Run the tool and return its exit code; `argv` are the arguments without the program's name, by default the process's.

    A reader that closes standard output early (`| head`) only cuts what is printed: that is no failure, and nothing is said.
    """
    arguments = sys.argv[1:] if argv is None else argv
    code = 0
    try:
        code = _answer(arguments)
        if sys.stdout is not None:  # closed by the caller (`>&-`)
            sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more at exit and would complain then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        code = 130
    return code


def _answer(arguments: list[str]) -> int:
    if not _nothing_here(arguments):
        # what grows are trees that are all still in use: looking for cycles in them every 700 objects costs a quarter of a run over
        # many files, and looking once in five million a fifth of one over two thousand
        gc.disable()
        code = _in_full(arguments)
        gc.freeze()  # at its end the interpreter would look through all of it once more
        return code
    if not _QUIET.intersection(arguments):
        print(NOTHING)
    return 0


def _in_full(arguments: list[str]) -> int:
    if not any(name.endswith("_COMPLETE") for name in os.environ):  # a shell asks how a word goes on
        from migrator.cli.plain import plain_main

        code = plain_main(arguments)
        if code is not None:
            return code
    from migrator.cli.app import app_main

    return app_main(arguments)


def _nothing_here(arguments: list[str]) -> bool:
    """True where the arguments are readable text files, none of which names OpenRouter; False also where this cannot be told."""
    paths: list[str] = []
    rest = False
    for argument in arguments:
        if rest or not argument.startswith("-"):
            paths.append(argument)
        elif argument == "--":
            rest = True
        elif argument not in _FLAGS:
            return False
    # a bare first word may be the name of a command
    plain = bool(paths) and ("." in paths[0] or "/" in paths[0]) and all(_unrelated(path) for path in paths)
    return plain and not is_any_unfinished()


def _unrelated(path: str) -> bool:
    try:
        state = os.lstat(path)
        if not stat.S_ISREG(state.st_mode) or state.st_size > _LIMIT:
            return False
        with open(path, "rb", buffering=0) as file:
            data = file.readall()
    except (OSError, ValueError):
        return False
    return (
        b"\0" not in data
        and data[:2] not in (b"\xff\xfe", b"\xfe\xff")
        and not names_openrouter(data)
        and not may_ask_openrouter(data)
    )


if __name__ == "__main__":
    sys.exit(main())

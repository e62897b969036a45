"""The pipeline in one place: discover, sift, and only where something matches, the rest. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from migrator import __version__
from migrator.discover import path_kinds
from migrator.discover.files import Discovery, discover
from migrator.discover.needles import DIALECT, may_ask_openrouter
from migrator.discover.prefilter import Sifted, sift, sift_for
from migrator.discover.unsearched import look, named
from migrator.model import MigratorError, Plan, Source, Target
from migrator.options import Options
from migrator.records import replace


def make_plan(root: Path, given: Sequence[Path], options: Options, *, progress: Callable[[int, int], None] | None = None) -> Plan:
    """The plan for some paths of a tree. Raises MigratorError for bad input.

    Files that were not given are read too, so that no variable is renamed for some of its readers; they are not edited and not spoken
    of. `progress` is told (done, all) while files are lowered.
    """
    files = discover(root, given, include=options.include, exclude=options.exclude)
    if options.include and not files.files:
        raise MigratorError(f"--include {options.include[0]}: no file that may be looked at matches.")
    sifted = sift(root, files.files, _names_of(options.target))
    moved = _moved(root, files, sifted)
    sifted = replace(sifted, sources={**sifted.sources, **moved})
    unsearched = look(root, files)
    excluded = _excluded(root, files, given, options)
    files = replace(files, skipped=(*unsearched.skipped, *named(sorted(excluded), "left out with --exclude")))
    if not sifted.sources and not sifted.not_edited and not sifted.unparsed:
        return Plan(
            tool=__version__,
            target=options.target,
            skipped=tuple(sorted({*files.skipped, *sifted.skipped}, key=lambda skip: (skip.path, skip.reason))),
            problems=tuple(
                sorted({*files.problems, *sifted.problems}, key=lambda problem: (problem.path, problem.line, problem.message))
            ),
            scanned=sifted.scanned,
        )
    from migrator.plan.build import plan_of  # parsers and rules: most of a run's start-up, and of no use to a tree without a match

    beside = _beside(root, files, sifted, given, options)
    around = sift(root, beside).sources | excluded | unsearched.readers
    foreign = dict.fromkeys(excluded, "it is left out with --exclude") | dict.fromkeys(
        unsearched.readers, "it belongs to another repository"
    )
    return plan_of(
        root, files, sifted, around, options, progress, beside=frozenset(beside), moved=frozenset(moved), foreign=foreign
    )


def _excluded(root: Path, files: Discovery, given: Sequence[Path], options: Options) -> dict[str, bytes]:
    """Matching files that the user, or the repository's own configuration, leaves out."""
    if not options.exclude:
        return {}
    everything = discover(root, given, include=options.include)
    taken = frozenset(files.files)
    sifted = sift(root, [path for path in everything.files if path not in taken])
    return sifted.sources | sifted.unparsed


def _names_of(target: Target) -> frozenset[bytes]:
    """What a program that calls the target has in its text: a host, or the variable of the key."""
    hosts = (urlsplit(base).netloc.encode() for base in (target.openai_base, target.anthropic_base) if base)
    return frozenset((*hosts, target.key_env.encode()))


def _moved(root: Path, files: Discovery, sifted: Sifted) -> dict[str, bytes]:
    """Files that call the target already, where something may still ask it in OpenRouter's words, though nothing names OpenRouter.

    Both is needed: a word of the options stands in many programs, and a program that calls the target has nothing left to move.
    """
    calling = sifted.beside
    if not calling:
        return {}
    asking = {path: data for path, data in calling.items() if may_ask_openrouter(data)}
    others = [path for path in files.files if not any(path in known for known in (sifted.sources, sifted.not_edited, calling))]
    return calling if sift_for(root, others, frozenset(DIALECT)) else asking


def _beside(root: Path, files: Discovery, sifted: Sifted, given: Sequence[Path], options: Options) -> list[str]:
    """Files of the tree that were not given: other readers of a variable that is about to be renamed, users of what a given file makes.

    Beside single files that is the whole tree. Around a folder it is what can set its variables from above: files of the folders
    that hold it, and deployment files beside those.
    """
    if not sifted.sources or (not options.include and any(path.resolve() == root.resolve() for path in given)):
        return []
    whole = discover(root, [root])
    given_files = frozenset(files.files)
    others = [path for path in whole.files if path not in given_files]
    if not options.include and not options.exclude and all(path.is_dir() for path in given):
        above = {"", *(folder for path in given for folder in _ancestors(path.resolve().relative_to(root.resolve()).as_posix()))}
        others = [path for path in others if _sets_from(path, above)]
    return others


def _ancestors(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]


def _sets_from(path: str, above: set[str]) -> bool:
    """Can this file give variables to a project below one of the folders `above`?"""
    parts = path.split("/")
    return any(
        "/".join(parts[:index]) in above and (index == len(parts) - 1 or path_kinds.is_deployment(parts[index]))
        for index in range(len(parts))
    )


def reparse(source: Source) -> None:
    """Lower a file again after it was written; raises `Unreadable` where it no longer parses. Python has to be read by libcst."""
    from migrator.formats import lower
    from migrator.formats.detect import format_of

    if format_of(source.path, source.text) == "python":
        from migrator.formats.python import lower_exactly

        lower_exactly(source.path, source.text)
    else:
        lower(source)

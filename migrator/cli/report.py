"""What a run prints: the report in the form that was asked for, and complaints beside it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.cli.output import PROGRAM, columns, complain, say, say_text
from migrator.model import Action, Finding, OpenItem, Plan
from migrator.records import dataclass
from migrator.reports.text import Colour, wants_colour

if TYPE_CHECKING:
    from migrator.reports.json import Mode


class Format(StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    JSON = "json"
    DIFF = "diff"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"
    JUNIT = "junit"


class Form(StrEnum):
    """The values of `--format` where there are two."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A plan, what became of it, and how it is to be shown."""

    plan: Plan
    root: Path
    paths: Sequence[str]
    """As they were given."""
    given: Sequence[str]
    """All arguments of the command line."""
    mode: Mode
    applied: int
    """Findings that were written."""
    earlier: tuple[OpenItem, ...]
    """What runs before left open and the plan does not say by itself."""
    done: frozenset[str]
    """Ids of flags and to-dos that a person marked as done."""
    strict: bool
    color: Colour
    quiet: bool
    verbose: bool

    def open_flags(self) -> Iterator[Finding]:
        """Flags that were not marked as done."""
        flags = [finding for finding in self.plan.findings if finding.action is Action.FLAG]
        if not self.done:
            yield from flags
        elif flags:
            from migrator.reports.json import fingerprints, lines_of
            from migrator.reports.masking import masker

            ids = fingerprints(self.plan, lines_of(self.plan), masker(self.plan))
            pairs = zip(self.plan.findings, ids, strict=True)
            yield from (finding for finding, identity in pairs if finding.action is Action.FLAG and identity not in self.done)


def undo_command(report: Report) -> str:
    """The command line that takes this run back."""
    whole = len(report.paths) == 1 and os.path.isdir(report.paths[0])
    # of single files the tree is named: a run is taken back as a whole
    path = report.paths[0] if whole else os.path.relpath(report.root)
    # a path that looks like an option is one only in front of `--`
    return f"{PROGRAM} undo {'-- ' if path.startswith('-') else ''}{shlex.quote(path)}"


def show(report: Report, form: Format) -> None:
    """Print a report. Raises `OutputFailed`."""
    plan = report.plan
    match form:
        case Format.TEXT:
            say_text(_page(report))
        case Format.DIFF:
            from migrator.reports import diff

            patch = diff.patch(plan)
            say(patch.data)
            say_omitted(patch.omitted, report)
        case _:
            say(_document(report, form).encode("utf-8", "backslashreplace"))
    if form is not Format.TEXT or report.quiet:
        for problem in plan.problems:
            where = f"{problem.path}:{problem.line}" if problem.line else problem.path
            complain(f"{where}: {problem.message}" + (f"; {problem.remedy}" if problem.remedy else ""))


def say_omitted(omitted: Sequence[str], report: Report) -> None:
    """Name the files that a patch leaves out."""
    for path in omitted:
        complain(f"note: {path}: left out of the patch, which would show a secret; the run itself changes it.")
    if omitted:
        again = _again(report.given, report.paths)
        complain(f"note: the patch is not whole, do not apply it alone: {again} makes the whole change.")


def _document(report: Report, form: Format) -> str:
    """The report for a program: every form is made from the JSON document."""
    from migrator.reports import json

    if form is Format.JSON:
        return json.render(report.plan, mode=report.mode, applied=report.applied, earlier=report.earlier)
    from migrator.reports import github, junit, markdown, sarif

    document = json.document(report.plan, mode=report.mode, applied=report.applied, earlier=report.earlier)
    match form:
        case Format.SARIF:
            return sarif.render(document)
        case Format.JUNIT:
            return junit.render(document, strict=report.strict)
        case Format.GITHUB:
            if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
                _append(summary, markdown.render(document, longest=_LONGEST_SUMMARY))
            return github.render(document)
        case _:
            return markdown.render(document)


_LONGEST_SUMMARY = 900_000
"""Characters of a job's summary; GitHub takes 1 MiB of a step."""


def _append(path: str, text: str) -> None:
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        complain(f"note: the summary of the job could not be written to {path} ({error.strerror}).")


def _page(report: Report) -> str:
    from migrator.reports import terminal

    screen = sys.stdout is not None and sys.stdout.isatty()
    prefix, inside = _path_prefix(report.root)
    view = terminal.View(
        mode=report.mode,
        width=columns(),
        cut=columns(sys.maxsize) if screen else None,
        colour=wants_colour(report.color, os.environ, terminal=screen),
        verbose=report.verbose,
        applied=report.applied,
        again=_again(report.given, report.paths),
        undo=undo_command(report),
        earlier=report.earlier,
        done=report.done,
        prefix=prefix,
        inside=inside,
    )
    if terminal.is_empty(report.plan) and not report.earlier and (report.quiet or report.mode.value == "check"):
        # as the front door does, which answers most such calls
        return ""
    return terminal.summary(report.plan, view) + "\n" if report.quiet else terminal.render(report.plan, view)


def _path_prefix(root: Path) -> tuple[str, str]:
    """How the paths of the report, which start at the root, are to be read from the current folder, so that a terminal can open them.

    What leads from it to the root, with its slash, and where it lies in the root; one of them is empty.
    """
    current = Path.cwd()
    if current == root:
        return "", ""
    if current.is_relative_to(root):
        return "", current.relative_to(root).as_posix()
    return f"{(root.relative_to(current) if root.is_relative_to(current) else root).as_posix()}/", ""


def _again(given: Sequence[str], paths: Sequence[str]) -> str:
    """The command line of this run, to copy, without what kept it from writing."""
    end = given.index("--") if "--" in given else len(given)
    kept = [word for word in given[:end] if word not in ("--dry-run", "--check", "--strict", "--diff")]
    return f"{PROGRAM} {shlex.join((*kept, *given[end:]) if given else paths)}"

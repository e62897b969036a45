"""Runs one fixture folder through every law that holds for each fixture; `fixtures/README.md` is the manual of the format.

A law is a function from a `Run` to the complaints it has. Nothing here knows a single fixture.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from migrator.apply import apply as applying
from migrator.apply.apply import Applied
from migrator.apply.undo import undo
from migrator.catalog import is_key_variable, targets
from migrator.discover import config
from migrator.discover.files import discover
from migrator.model import Action, Applicability, Edit, Finding, MigratorError, Plan, RoutingRow
from migrator.options import EnvStrategy, Options
from migrator.plan.file import dump, load
from migrator.plan.offered import may_offer
from migrator.plan.pipeline import make_plan, reparse
from migrator.reports import diff, github, junit, markdown, sarif, terminal
from migrator.reports.json import Mode, document, schema
from migrator.text.source import Lines, encode
from tests import patches

FIXTURES = Path(__file__).parent.parent / "fixtures"
MENTION = re.compile(r"open[_-]?router|sk-or-", re.IGNORECASE)
_PLANTED = re.compile(r"@@(REAL_KEY|NEW_KEY|SECRET)(_\d+)?@@")
_KEY_LEFT = re.compile(r"sk-or-v1-[0-9a-f]{16}|mg_live_[0-9a-f]{16}")
_OLD_HOST = re.compile(r"(?<![\w-])openrouter\.ai(?::443)?/(api|v1)\b", re.IGNORECASE)

Tree = dict[str, "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a link of a tree, as law 1 compares it."""

    data: bytes
    mode: int
    """0: a link, and `data` is where it points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One `[[expect]]` table: a finding that must be there."""

    path: str
    line: int
    action: str
    rule: str | None = None
    category: str | None = None
    because: str = ""
    """Words that the reason holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One folder with `before/`, perhaps `after/`, and `case.toml`."""

    id: str
    folder: Path
    title: str
    row: str = ""
    options: tuple[str, ...] = ()
    expect: tuple[Expected, ...] = ()
    never: tuple[str, ...] = ()
    """Rules that must neither rewrite nor flag anything here."""
    quiet: bool = False
    """Nothing may be flagged."""
    todo: tuple[str, ...] = ()
    allowed: Mapping[str, str] = field(default_factory=dict)
    """Files that name the new variable and keep an address of OpenRouter's API, with the reason."""
    git: bool = False

    @property
    def refusal(self) -> bool:
        """Must the tree be left alone?"""
        return not (self.folder / "after").is_dir()


_KEYS = {"title", "row", "options", "expect", "never", "quiet", "todo", "allowed", "git"}


def cases() -> list[Case]:
    """Every fixture, in order of its folder: `topic/case`, or `topic/library/case`."""
    return [read(path.parent) for path in sorted((*FIXTURES.glob("*/*/case.toml"), *FIXTURES.glob("*/*/*/case.toml")))]


def read(folder: Path) -> Case:
    """The fixture in a folder. Raises `ValueError` for a key that nobody reads: a misspelt one would assert nothing."""
    table = tomllib.loads((folder / "case.toml").read_text("utf-8"))
    name = folder.relative_to(FIXTURES).as_posix() if folder.is_relative_to(FIXTURES) else folder.name
    if unknown := table.keys() - _KEYS:
        raise ValueError(f"{name}/case.toml: unknown keys {sorted(unknown)}; there are {sorted(_KEYS)}")
    return Case(
        id=name,
        folder=folder,
        title=table["title"],
        row=table.get("row", ""),
        options=tuple(table.get("options", ())),
        expect=tuple(Expected(**entry) for entry in table.get("expect", ())),
        never=tuple(table.get("never", ())),
        quiet=table.get("quiet", False),
        todo=tuple(entry.get("contains", "") for entry in table.get("todo", ())),
        allowed={entry["path"]: entry["reason"] for entry in table.get("allowed", ())},
        git=table.get("git", False),
    )


# -- trees -------------------------------------------------------------------------------------------------------------------------


def planted(case: str, token: str) -> str:
    """What stands in the place of a token: the shape of a secret, made here so that no file of ours holds one."""
    body = hashlib.sha256(f"{case} {token}".encode()).hexdigest()
    return {"REAL": f"sk-or-v1-{body}", "NEW_": f"mg_live_{body[:32]}"}.get(token[2:6], f"Zq{body[:22]}")


def planted_tokens(folder: Path) -> set[str]:
    """The tokens for secrets that stand in the files of a folder."""
    texts = (path.read_bytes().decode("utf-8", "replace") for path in _files(folder) if not path.is_symlink())
    return {match[0] for text in texts for match in _PLANTED.finditer(text)}


def lay(folder: Path, root: Path, case: str) -> tuple[str, ...]:
    """Copy a tree, put secrets in the place of their tokens, and return these secrets."""
    shutil.copytree(folder, root, symlinks=True)
    made: set[str] = set()

    def plant(match: re.Match[str]) -> str:
        made.add(planted(case, match[0]))
        return planted(case, match[0])

    for path in _files(root):
        data = path.read_bytes() if not path.is_symlink() else b""
        if b"@@" in data:
            text = data.decode("utf-8", "surrogateescape")
            path.write_bytes(_PLANTED.sub(plant, text).encode("utf-8", "surrogateescape"))
    return tuple(sorted(made))


def _files(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(folder for folder in folders if folder != ".git" and not (Path(place) / folder).is_symlink())
        yield from (Path(place) / name for name in sorted(names))


def tree(root: Path) -> Tree:
    """Everything below a root but git's own files."""
    found: Tree = {}
    for path in _files(root):
        link = path.is_symlink()
        data = os.fsencode(os.readlink(path)) if link else path.read_bytes()
        found[path.relative_to(root).as_posix()] = Entry(data, 0 if link else path.stat().st_mode & 0o777)
    return found


def differences(wanted: Tree, got: Tree, *, modes: bool = True) -> list[str]:
    """What differs, with a small diff of each file."""
    complaints = [f"{path}: is missing" for path in sorted(wanted.keys() - got.keys())]
    complaints += [f"{path}: should not be there" for path in sorted(got.keys() - wanted.keys())]
    for path in sorted(wanted.keys() & got.keys()):
        left, right = wanted[path], got[path]
        if left.data != right.data:
            complaints.append(f"{path} (-wanted +got):\n{_diff(left.data, right.data)}")
        elif bool(left.mode & 0o100) != bool(right.mode & 0o100) or (modes and left.mode != right.mode):
            complaints.append(f"{path}: mode {left.mode:o} became {right.mode:o}")
    return complaints


def _diff(wanted: bytes, got: bytes) -> str:
    left, right = (data.decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (wanted, got))
    rows = [row if row.endswith("\n") else f"{row}\n\\ no end of line\n" for row in difflib.unified_diff(left, right, n=1)][2:]
    text = "".join(row.rstrip("\r\n") + ("␍\n" if row.endswith("\r\n") else "\n") for row in rows[:40])
    return "".join(f"      {row}\n" for row in text.splitlines()) or "      (only line ends differ)\n"


# -- options -----------------------------------------------------------------------------------------------------------------------


def options_of(case: Case, root: Path) -> Options:
    """The options that the flags of a fixture mean on the command line, and those of the tree's own configuration."""
    parser = argparse.ArgumentParser(prog=case.id, exit_on_error=False)
    for flag in ("--unsafe", "--docs"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--target", "--base-url", "--anthropic-base-url", "--key-env", "--models-from"):
        parser.add_argument(flag)
    for flag in ("--select", "--ignore", "--include", "--exclude"):
        parser.add_argument(flag, action="append", default=[])
    parser.add_argument("--env-strategy", type=EnvStrategy, default=EnvStrategy.AUTO)
    given = parser.parse_args([word for option in case.options for word in shlex.split(option)])
    target = targets.chosen(given.target, given.base_url, given.anthropic_base_url, given.key_env)
    own = config.read(root)
    return Options(
        target=target,
        unsafe=given.unsafe,
        select=tuple(given.select),
        ignore=(*given.ignore, *(word.value for word in own.ignore)),
        include=tuple(given.include),
        exclude=(*given.exclude, *(word.value for word in own.exclude)),
        env_strategy=given.env_strategy,
        keep_variables=tuple(word.value for word in own.keep),
        docs=given.docs,
        models_from=None if given.models_from is None else str(case.folder / given.models_from),
    )


# -- runs --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A fixture that was planned, applied, planned again and undone; what the laws look at."""

    case: Case
    options: Options
    secrets: tuple[str, ...]
    before: Tree
    wanted: Tree
    plan: Plan
    turned: Plan
    """The plan when the files come in the opposite order."""
    saved: str
    """The plan as a document."""
    loaded: Plan
    wide: Plan
    """The plan with `--unsafe`."""
    applied: Applied
    after: Tree
    again: Plan
    """The plan for the result."""
    swapped: Plan | None
    """The plan for the result with the target's addresses spelled as OpenRouter's again: it shows every connection."""
    restored: Tree
    journals: str
    root: str


def planned(case: Case, root: Path) -> tuple[Plan, tuple[str, ...]]:
    """The plan for a fixture's tree, laid out at `root`, and the secrets in it."""
    secrets = lay(case.folder / "before", root, case.id)
    return make_plan(root, [root], options_of(case, root)), secrets


def run(case: Case, scratch: Path) -> Run:
    """Everything that the laws need, done once."""
    root, state = scratch / "root", scratch / "state"
    secrets = lay(case.folder / "before", root, case.id)
    wanted_root = root if case.refusal else scratch / "wanted"
    if not case.refusal:
        lay(case.folder / "after", wanted_root, case.id)
    if case.git:
        _commit(root)
    before, wanted, options = tree(root), tree(wanted_root), options_of(case, root)
    plan = make_plan(root, [root], options)
    wide = make_plan(root, [root], replace(options, unsafe=True)) if may_offer(plan) else plan
    with _turned():
        turned = make_plan(root, [root], options)
    saved = dump(plan)
    loaded = load(saved)
    applied = applying.apply(loaded, root, allow_dirty=not case.git, state=state, reparse=reparse)
    after = tree(root)
    again = make_plan(root, [root], options) if applied.written else plan
    journals = "".join(path.read_text("utf-8") for path in sorted(state.rglob("*")) if path.is_file())
    swapped = _swapped(scratch / "swapped", root, options) if applied.written else None
    if applied.written:
        undo(root, state=state)
    return Run(
        case=case, options=options, secrets=secrets, before=before, wanted=wanted, plan=plan, turned=turned, saved=saved, loaded=loaded, wide=wide,
        applied=applied, after=after, again=again, swapped=swapped, restored=tree(root), journals=journals, root=str(root),
    )  # fmt: skip


def _commit(root: Path) -> None:
    identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=/dev/null",
    ]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "before"]):
        subprocess.run(["git", "-C", str(root), "-c", "core.autocrlf=false", *words], check=True, capture_output=True)


@contextmanager
def _turned() -> Iterator[None]:
    """Let discovery give the files in the opposite order."""
    forward = discover

    def backward(*args: Any, **more: Any) -> Any:
        found = forward(*args, **more)
        return replace(found, files=tuple(reversed(found.files)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("migrator.plan.pipeline.discover", backward)
        yield


def _swapped(place: Path, root: Path, options: Options) -> Plan:
    """The plan for a tree whose addresses all read as OpenRouter's, so that moved connections are listed again."""
    shutil.copytree(root, place, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    bases = {options.target.openai_base: "https://openrouter.ai/api/v1"}
    if options.target.anthropic_base:
        bases[options.target.anthropic_base] = "https://openrouter.ai/api"
    for path in _files(place):
        if not path.is_symlink():
            data = path.read_bytes()
            for new, old in bases.items():
                data = data.replace(new.encode(), old.encode())
            path.write_bytes(data)
    return make_plan(place, [place], options)


# -- laws --------------------------------------------------------------------------------------------------------------------------


def result_is_as_written(run: Run) -> Iterator[str]:
    """1: apply(plan(before)) == after, bytes, whole tree."""
    yield from differences(run.wanted, run.after, modes=False)
    for problem in run.applied.undone:
        yield f"not written: {problem.path}: {problem.message}"


def second_run_finds_nothing(run: Run) -> Iterator[str]:
    """2: planning the result yields no rewrite at or above the same applicability."""
    floor = Applicability.UNSAFE if run.options.unsafe else Applicability.SAFE
    for finding in run.again.findings:
        if finding.action is Action.REWRITE and finding.applicability >= floor:
            yield f"{finding.path}: still to rewrite after a run: {finding.rule}: {finding.message}"
    for change in run.again.changes:
        if change.selected:
            yield f"still selected after a run: {change.title}"


def undo_restores(run: Run) -> Iterator[str]:
    """3: undo brings every byte back."""
    yield from differences(run.before, run.restored)


def plan_survives_saving(run: Run) -> Iterator[str]:
    """4: load(dump(plan)) == plan. The loaded plan is the one that was applied, so law 1 says the rest."""
    if run.loaded != run.plan:
        yield "the loaded plan is another one"
    if dump(run.loaded) != run.saved:
        yield "the loaded plan is saved as another text"


def what_parsed_still_does(run: Run) -> Iterator[str]:
    """5: every file that parsed still does."""
    known = {problem.path for problem in run.plan.problems}
    for problem in run.again.problems:
        if problem.path not in known:
            yield f"{problem.path}:{problem.line}: no longer read: {problem.message}"
    for path, entry in run.before.items():
        new = run.after.get(path)
        if new is not None and entry != new and _parses(path, entry.data) and not _parses(path, new.data):
            yield f"{path}: no longer parses"


def _parses(path: str, data: bytes) -> bool:
    try:
        match path.rpartition(".")[2]:
            case "py":
                ast.parse(data)
            case "json" | "ipynb":
                json.loads(data)
            case "toml":
                tomllib.loads(data.decode())
            case _:
                pass
    except (ValueError, SyntaxError):
        return False
    return True


def only_planned_bytes_change(run: Run) -> Iterator[str]:
    """6: bytes outside the edits are untouched, and so are modes and links."""
    edits = run.plan.edits()
    for path, entry in run.before.items():
        new = run.after.get(path)
        if new is None:
            continue
        if entry.mode != new.mode:
            yield f"{path}: mode {entry.mode:o} became {new.mode:o}"
        source = run.plan.sources.get(path)
        if path not in edits or source is None:
            if entry.data != new.data and path not in edits and not _linked(path, run):
                yield f"{path}: changed without an edit"
            continue
        text = source.text
        for edit in reversed(edits[path]):
            text = text[: edit.span.start] + edit.new + text[edit.span.end :]
        if entry.mode and new.data != encode(source, text):
            yield f"{path}: other bytes than the edits say (-edits +file):\n{_diff(encode(source, text), new.data)}"


def _linked(path: str, run: Run) -> bool:
    """Was the file written through a link to it?"""
    place = Path(run.root)
    return any(not entry.mode and (place / name).resolve() == (place / path).resolve() for name, entry in run.before.items())


def order_does_not_matter(run: Run) -> Iterator[str]:
    """7: the order of files does not change the plan. Hash seeds are tried in `test_laws.py`, they need other processes."""
    if dump(run.turned) != run.saved:
        rows = list(difflib.unified_diff(run.saved.splitlines(), dump(run.turned).splitlines(), n=0, lineterm=""))[2:14]
        yield "another plan when the files come in another order:\n      " + "\n      ".join(rows)


def no_secret_comes_out(run: Run) -> Iterator[str]:
    """8: nothing that looks like a secret in the plan, the journal or any report."""
    for name, text in {"the plan": run.saved, "the journal": run.journals, **reports(run)}.items():
        if any(secret in text or secret[9:] in text for secret in run.secrets):
            yield f"a planted secret stands in {name}"
        elif _KEY_LEFT.search(text):
            yield f"something like a key stands in {name}"
        if run.root in text and name != "the journal":
            yield f"an absolute path stands in {name}"


def reports(run: Run) -> dict[str, str]:
    """Every report, by its name."""
    view = terminal.View(mode=Mode.DRY_RUN, width=100)
    return {
        "the terminal report": terminal.render(run.plan, view),
        "the verbose report": terminal.render(run.plan, replace(view, verbose=True, colour=True)),
        "the quiet report": terminal.summary(run.plan, view),
        "the JSON report": json.dumps(_document(run), ensure_ascii=False),
        "the report of the second run": json.dumps(document(run.again, mode=Mode.CHECK), ensure_ascii=False),
        "the patch": diff.render(run.plan),
        "the SARIF log": sarif.render(_document(run)),
        "the annotations": github.render(_document(run)),
        "the Markdown": markdown.render(_document(run)),
        "the JUnit report": junit.render(_document(run), strict=True),
    }


def _document(run: Run) -> dict[str, Any]:
    return document(run.plan, mode=Mode.DRY_RUN)


@cache
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(schema()))


@cache
def _sarif_validator() -> Any:
    """Of OASIS's schema (github.com/oasis-tcs/sarif-spec e0583813), descriptions taken out."""
    import jsonschema

    return jsonschema.Draft4Validator(json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8")))


def report_holds_its_contract(run: Run) -> Iterator[str]:
    """The JSON report validates, counts right, and accounts for every line that names OpenRouter."""
    report = _document(run)
    for error in list(_validator().iter_errors(report))[:3]:
        yield f"the report breaks its schema at {error.json_path}: {error.message[:200]}"
    yield from unaccounted(report, run.before)


def unaccounted(report: Mapping[str, Any], files: Tree) -> Iterator[str]:
    """Lines that name OpenRouter and that no finding and no skip speaks of."""
    skipped = [skip["path"] for skip in report["skipped"]]
    failed = {problem["path"] for problem in report["problems"]}
    lines: dict[str, list[tuple[int, int]]] = {}
    for found in report["findings"]:
        lines.setdefault(found["path"], []).append((found["line"], found["end_line"]))
    for path, entry in files.items():
        if (
            not entry.mode
            or path in failed
            or any(path == skip or (skip.endswith("/") and path.startswith(skip)) for skip in skipped)
        ):
            continue
        ranges = lines.get(path, [])
        if any(start == 0 for start, _ in ranges):
            continue
        text = entry.data.decode("utf-8", "replace")
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
            if MENTION.search(line) and not any(start <= number <= end for start, end in ranges):
                yield f"{path}:{number}: names OpenRouter and no finding accounts for it"


def expectations_hold(run: Run) -> Iterator[str]:
    """What `case.toml` says about findings and chores."""
    lines = {path: Lines(source.text) for path, source in run.plan.sources.items()}
    for want in run.case.expect:
        if not any(_meets(finding, want, lines) for finding in run.plan.findings):
            here = [_shown(finding, lines) for finding in run.plan.findings if finding.path == want.path]
            yield f"no finding is {want}; there are:\n      " + "\n      ".join(here or ["none in this file"])
    for finding in run.plan.findings:
        if finding.action is Action.KEEP:
            continue
        if finding.rule in run.case.never:
            yield f"{finding.rule} must not speak here: {_shown(finding, lines)}"
        if run.case.quiet and finding.action is Action.FLAG:
            yield f"nothing should be flagged here: {_shown(finding, lines)}"
    for words in run.case.todo:
        if not any(words.lower() in f"{todo.title} {todo.detail} {todo.command or ''}".lower() for todo in run.plan.todo):
            yield f"no chore says {words!r}; there are: {[todo.title for todo in run.plan.todo]}"


def _meets(finding: Finding, want: Expected, lines: Mapping[str, Lines]) -> bool:
    start, end = _lines(finding, lines)
    return (
        finding.path == want.path
        and (start <= want.line <= end)
        and finding.action.value == want.action
        and want.rule in (None, finding.rule)
        and want.category in (None, finding.category.value)
        and want.because in finding.because
    )


def _lines(finding: Finding, lines: Mapping[str, Lines]) -> tuple[int, int]:
    if finding.span is None:
        return 0, 0
    found = lines[finding.path]
    return found.line(finding.span.start), found.line(max(finding.span.start, finding.span.end - 1))


def _shown(finding: Finding, lines: Mapping[str, Lines]) -> str:
    line = _lines(finding, lines)[0]
    return f"{finding.path}:{line} {finding.action} {finding.rule} [{finding.category}] {finding.message} ({finding.because})"


def what_is_offered_is_what_unsafe_writes(run: Run) -> Iterator[str]:
    """A run with `--unsafe` writes what this one writes and what it offers, and nothing else; no edit belongs to two changes."""
    offered: Counter[Edit] = Counter()
    for change in run.plan.changes:
        if not change.selected and change.applicability is Applicability.UNSAFE:
            offered.update({edit for index in change.findings for edit in run.plan.findings[index].edits})
    for edit in (edit for edit, number in offered.items() if number > 1):
        yield f"{edit.path}: two changes offer to write {edit.new!r} at {edit.span}"
    written, wide = (({edit for edits in plan.edits().values() for edit in edits}) for plan in (run.plan, run.wide))
    for edit in offered.keys() - wide:
        yield f"{edit.path}: {edit.new!r} at {edit.span} is offered, and a run with --unsafe does not write it"
    for edit in wide - written - offered.keys():
        yield f"{edit.path}: a run with --unsafe writes {edit.new!r} at {edit.span}, and it is not offered"


def the_text_counts_what_it_shows(run: Run) -> Iterator[str]:
    """The places that the first line counts are those below it, shown or folded; a file without edits is none of its files."""
    plan = run.plan
    for verbose in (False, True):
        shown = terminal.render(plan, terminal.View(mode=Mode.DRY_RUN, width=100, verbose=verbose))
        chosen = [plan.findings[index] for change in plan.changes if change.selected for index in change.findings]
        wanted = sum(bool(finding.edits) for finding in chosen)
        _, _, section = shown.partition("\n\nWHAT WILL CHANGE")
        section = section.partition("\n\n")[0]
        counted = sum(map(_places, section.splitlines()))
        if counted != wanted:
            yield f"{wanted} places are announced, and {counted} are listed (verbose: {verbose})"
        head = shown.replace("\n", " ").partition("OpenRouter ->")[0]
        size = f"{wanted} place{'s' if wanted != 1 else ''} in {(files := len(plan.edits()))} file{'s' if files != 1 else ''}"
        if chosen and size not in head:
            yield f"the first line does not say {size}: {head}"


def _places(line: str) -> int:
    """How many places a line under WHAT WILL CHANGE stands for."""
    if more := re.match(r"    and (?:(\d+) more places?|parts of these places)", line):
        return int(more[1] or 0)
    if not (place := re.fullmatch(r"    (?!and |  )\S.*?:\d+(?:  \((?:(\d+) places|part of another place)\))?", line)):
        return 0
    return int(place[1] or 1) if "(part of" not in line else 0


def routing_is_told_as_it_stands(run: Run) -> Iterator[str]:
    """Every routing row that is called written stands in the file and in the patch, and no other; text and JSON say the same.

    Its line is one that the patch changes, and each word of its new form stands in a line that the patch puts in.
    """
    patched_lines = patches.hunks(diff.render_bytes(run.plan))
    shown = terminal.render(run.plan, terminal.View(mode=Mode.DRY_RUN, width=100, verbose=True))
    patched = {line[6:] for line in diff.render(run.plan).splitlines() if line.startswith("+++ b/")}
    for row, told in zip(run.plan.routing, _document(run)["routing"], strict=True):
        where = f"{row.path}:{row.line}: {row.field}"
        if told["written"] != row.written:
            yield f"{where}: the JSON report says written: {told['written']}, the plan {row.written}"
        if row.status not in ("translated", "caveat") or row.becomes in (None, row.value):
            continue
        if not row.written and "not written" not in shown:
            yield f"{where}: is not written, and the text report does not say so"
        text = run.after[row.path].data.decode("utf-8", "replace")
        anywhere = "\n".join(entry.data.decode("utf-8", "replace") for entry in run.after.values()).lower()
        if row.written and run.before[row.path] == run.after[row.path]:
            yield f"{where}: is called written, and the file is as it was"
        if row.written and row.path not in patched:
            yield f"{where}: is called written, and the patch does not touch the file"
        for word in re.findall(r"[A-Za-z][\w./-]*", row.becomes or "") if row.written and row.becomes != "removed" else ():
            if word not in ("with", "true", "false") and word.lower() not in anywhere:
                yield f"{where}: is called written, and {word} does not stand in the tree"
        if row.written and row.path in patched_lines:
            yield from _is_in_the_patch(where, row, patched_lines[row.path])
        if (
            not row.written
            and row.field.rpartition(".")[2].partition("[")[0] not in re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()
        ):
            yield f"{where}: is called not written, and the option is gone"


def _is_in_the_patch(where: str, row: RoutingRow, hunks: Sequence[patches.Hunk]) -> Iterator[str]:
    if row.becomes == f"{row.field.rpartition('.')[2]}: {row.value}":
        return  # the entry may stay as it is while the object around it gets another name
    touched = {number for hunk in hunks for number in hunk.touched}
    added = b"".join(hunk.added for hunk in hunks).decode("utf-8", "replace").lower()
    if row.line not in touched:
        yield f"{where}: is called written, and the patch does not change line {row.line}"
    for word in re.findall(r"[A-Za-z][\w./-]*", row.becomes or "") if row.becomes != "removed" else ():
        if word not in ("with", "true", "false") and word.lower() not in added:
            yield f"{where}: is called written, and the patch puts {word} in nowhere"


def the_patch_makes_the_tree(run: Run) -> Iterator[str]:
    """The patch makes of each file that it shows what the run makes of it."""
    for path, hunks in patches.hunks(diff.render_bytes(run.plan)).items():
        if path not in run.before or path not in run.after:
            yield f"{path}: is in the patch and not in the tree"
        else:
            try:
                made = patches.applied(run.before[path].data, hunks)
            except (ValueError, IndexError) as error:
                yield f"{path}: the patch does not fit the file: {error}"
                continue
            if made != run.after[path].data:
                yield f"{path}: the patch makes other bytes than the run"


def no_key_goes_to_the_wrong_host(run: Run) -> Iterator[str]:
    """No connection sends the new key to OpenRouter or an old key to the new host, once the plan is applied."""
    if run.swapped is None:
        return
    target = run.options.target
    news = {row.new_name for row in run.plan.env if row.new_name and row.decision in ("rename", "additive")} | {target.key_env}
    keeps = run.options.env_strategy is EnvStrategy.KEEP
    kept = {row.name for row in run.plan.env if row.decision in ("keep",)} | set(run.options.keep_variables)
    host = target.openai_base.split("://", 1)[1].split("/", 1)[0]
    for row in run.swapped.connections:
        olds = _sides(row.url_from, run, host)
        keys = set(re.findall(r"env (\w+)", row.key_from))
        if "old" in olds and keys & news:
            yield f"{row.path}:{row.line}: {row.client} sends {', '.join(sorted(keys & news))} to OpenRouter ({row.url_from})"
        wrong = {key for key in keys if is_key_variable(key)} - news - kept
        if "new" in olds and wrong and not keeps:
            yield f"{row.path}:{row.line}: {row.client} sends {', '.join(sorted(wrong))} to the new host ({row.url_from})"
    for path, entry in run.after.items():
        text = entry.data.decode("utf-8", "replace")
        names = [name for name in sorted(news) if re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text)]
        if names and _OLD_HOST.search(text) and path not in run.case.allowed:
            yield f"{path}: names {names[0]} and still has an address of OpenRouter's API; say why under [[allowed]] if it is right"


def _sides(url_from: str, run: Run, host: str) -> set[str]:
    """`old`, `new` or both: where a connection's address leads in the result."""
    sides: set[str] = set()
    for path, line in re.findall(r"literal (\S+):(\d+)", url_from):
        rows = run.after[path].data.decode("utf-8", "replace").splitlines() if path in run.after else []
        sides |= _side(rows[int(line) - 1 : int(line)], host)
    for name in re.findall(r"env (\w+)", url_from):
        pattern = re.compile(rf"\b{name}\b.*")
        for entry in run.after.values():
            sides |= _side((row[0] for row in pattern.finditer(entry.data.decode("utf-8", "replace"))), host)
    return sides


def _side(rows: Iterable[str], host: str) -> set[str]:
    return {side for row in rows for side, needle in (("old", "openrouter.ai"), ("new", host)) if needle in row.lower()}


def every_format_says_the_same(run: Run) -> Iterator[str]:
    """SARIF, annotations, Markdown and JUnit carry the findings and counts of the JSON report."""
    report = _document(run)
    listed = Counter(row["rule"] for row in report["findings"] if row["action"] != "keep")
    whole = json.loads(sarif.render(report))
    for error in list(_sarif_validator().iter_errors(whole))[:3]:
        yield f"the SARIF log breaks the schema of SARIF 2.1.0 at {error.json_path}: {error.message[:200]}"
    log = whole["runs"][0]
    if Counter(result["ruleId"] for result in log["results"]) != listed:
        yield "the SARIF log has other results"
    if len({result["partialFingerprints"]["primaryLocationLineHash"] for result in log["results"]}) != listed.total():
        yield "two results of the SARIF log have one fingerprint"
    lines = github.render(report).splitlines()
    said = sum(int(more[1]) if (more := re.search(r"::and (\d+) more;", line)) else 1 for line in lines[:-1])
    if said != listed.total() + len(report["problems"]):
        yield f"{said} annotations stand for {listed.total()} findings"
    page = markdown.render(report, longest=10_000_000)
    flags = sum(row["action"] == "flag" for row in report["findings"])
    if page.count("\n- [ ] ") != flags + len(report["todo"]):
        yield "the Markdown has other boxes"
    suites = ElementTree.fromstring(junit.render(report, strict=True))
    wanted = {
        "tests": len(report["findings"]) + len(report["problems"]),
        "failures": listed.total(),
        "errors": len(report["problems"]),
    }
    if {name: int(suites.attrib[name]) for name in wanted} != wanted or len(suites.findall(".//failure")) != listed.total():
        yield "the JUnit report has other counts"


LAWS: Sequence[Callable[[Run], Iterator[str]]] = (
    result_is_as_written,
    second_run_finds_nothing,
    undo_restores,
    plan_survives_saving,
    what_parsed_still_does,
    only_planned_bytes_change,
    order_does_not_matter,
    no_secret_comes_out,
    report_holds_its_contract,
    expectations_hold,
    what_is_offered_is_what_unsafe_writes,
    the_text_counts_what_it_shows,
    routing_is_told_as_it_stands,
    the_patch_makes_the_tree,
    no_key_goes_to_the_wrong_host,
    every_format_says_the_same,
)


def complaints(case: Case, scratch: Path) -> list[str]:
    """What the laws say against a fixture, each with the law's name; a refusal to apply or undo is one too."""
    try:
        done = run(case, scratch)
    except MigratorError as error:
        return [f"the run itself: {error}"]
    return [f"{law.__name__}: {complaint}" for law in LAWS for complaint in law(done)]

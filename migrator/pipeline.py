"""The pipeline in one place: discover, sift, lower, read, settle, account, group. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrator import __version__, paths
from migrator.discover import discover
from migrator.model import Action, Category, Finding, Plan, Problem, Skip, Source
from migrator.options import Options
from migrator.sift import sift, sift_for
from migrator.source import Undecodable, decode
from migrator.tree import Module, Unreadable
from migrator.world import File, World

MAX_FETCHED = 400
"""Files beyond the matching ones that may be read to follow a constant."""


def make_plan(root: Path, given: Sequence[Path], options: Options) -> Plan:
    """The plan for some paths of a tree. Raises MigratorError for bad input."""
    found = discover(root, given, include=options.include, exclude=options.exclude)
    sifted = sift(root, found.files)
    problems: list[Problem] = [*found.problems, *sifted.problems]
    files: dict[str, File] = {}
    for path, data in sifted.sources.items():
        file = _file(path, data, problems)
        if file is not None:
            files[path] = file
    fetched = 0

    def fetch(path: str) -> File | None:
        nonlocal fetched
        if path not in known or fetched >= MAX_FETCHED:
            return None
        fetched += 1
        try:
            data = (root / path).read_bytes()
        except OSError:
            return None
        file = _file(path, data, []) if b"\0" not in data[:8192] and len(data) < 1 << 20 else None
        if file is not None:
            world.files[path] = file
        return file

    known = frozenset(found.files)
    world = World(files=dict(files), paths=known, fetch=fetch)
    return _plan(world, files, root, options, found.skipped, sifted, problems, known)


def _plan(
    world: World,
    files: dict[str, File],
    root: Path,
    options: Options,
    skipped: Sequence[Skip],
    sifted: object,
    problems: list[Problem],
    known: frozenset[str],
) -> Plan:
    from migrator.ledger import balance
    from migrator.plan import group
    from migrator.reading import read
    from migrator.settle import Settlement
    from migrator.sift import Sifted

    assert isinstance(sifted, Sifted)
    facts = [read(file, world) for _, file in sorted(files.items())]
    manifests = [(path, file.source.text) for path, file in files.items() if paths.is_manifest(path)]
    extra = [path for path in known if paths.is_manifest(path) and path not in files]
    manifests += [
        (path, data.decode("utf-8", "replace"))
        for path, data in sift_for(root, extra, frozenset({b"mem0ai", b"aider-chat"})).items()
    ]
    settled = Settlement(world, facts, options, manifests).run()
    findings = settled.findings
    findings += [_aside(path) for path in sorted(sifted.aside)]
    findings += [_unread(problem) for problem in problems if problem.path in sifted.sources]
    findings += balance(files.values(), findings)
    ordered = tuple(sorted(findings, key=_position))
    changes = group(ordered, unsafe=options.unsafe)
    touched = {edit.path for change in changes for index in change.findings for edit in ordered[index].edits}
    return Plan(
        tool=__version__,
        target=options.target,
        changes=changes,
        findings=ordered,
        env=tuple(settled.env),
        connections=tuple(settled.connections),
        routing=tuple(settled.routing),
        models=tuple(settled.models),
        todo=tuple(settled.todo),
        skipped=tuple(sorted({*skipped, *sifted.skipped}, key=lambda skip: (skip.path, skip.reason))),
        problems=tuple(sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message))),
        scanned=sifted.scanned,
        matched=len(sifted.sources),
        digests={path: files[path].source.digest for path in sorted(touched)},
        sources={path: file.source for path, file in sorted(files.items())},
    )


def _position(finding: Finding) -> tuple[str, int, int, str, str]:
    start, end = finding.span if finding.span is not None else (-1, -1)
    return finding.path, start, end, finding.rule, finding.message


def _file(path: str, data: bytes, problems: list[Problem]) -> File | None:
    """Decode and lower one file. What cannot be read is a problem; the others go on."""
    from migrator.formats import lower

    lenient = paths.is_document(path) or paths.is_recorded(path)
    try:
        source = decode(path, data, lenient=lenient)
    except Undecodable as complaint:
        problems.append(
            Problem(
                path=path,
                line=complaint.line,
                message=complaint.message,
                remedy="Save the file as UTF-8, or leave it out with --exclude.",
            )
        )
        return None
    try:
        module = lower(source)
    except Unreadable as complaint:
        problems.append(
            Problem(
                path=path, line=complaint.line, message=complaint.message, remedy="Mend the file, or leave it out with --exclude."
            )
        )
        module = Module(path=path, language="unread", body=())
    return File(source, module)


def _aside(path: str) -> Finding:
    return Finding(
        rule="not-edited", path=path, span=None, category=Category.DEPENDENCY, message="a lock, minified or generated file names OpenRouter",
        because="its generator writes it anew; run that after the migration", action=Action.KEEP,
    )  # fmt: skip


def _unread(problem: Problem) -> Finding:
    return Finding(
        rule="not-read", path=problem.path, span=None, category=Category.OTHER, message=f"names OpenRouter but cannot be read: {problem.message}",
        because="what it says about OpenRouter is not known; look at it yourself", action=Action.FLAG,
    )  # fmt: skip


def reparse(source: Source) -> None:
    """Lower a file again after it was written; raises `Unreadable` where it no longer parses."""
    from migrator.formats import lower

    lower(source)

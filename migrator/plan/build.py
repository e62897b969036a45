"""From the bytes of the matching files to the plan: lower, read, settle, pronounce, account, group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from migrator import __version__
from migrator.analysis import blockers
from migrator.analysis.settle import Settlement
from migrator.discover import path_kinds
from migrator.discover.files import Found
from migrator.discover.prefilter import Sifted, sift_for
from migrator.facts.read import read
from migrator.facts.related_files import MAX_BYTES, MAX_FETCHED, beyond
from migrator.findings import pronounce, routing
from migrator.findings.coverage import balance
from migrator.findings.unparsed_languages import unread
from migrator.formats.tree import Module, Unreadable
from migrator.integrations import lookup
from migrator.model import Action, Category, Finding, Plan, Problem
from migrator.options import Options
from migrator.plan.group import group
from migrator.plan.suppressions import Suppressions
from migrator.resolve.repository import ParsedFile, Repository
from migrator.text.source import Undecodable, decode


def plan_of(
    root: Path,
    found: Found,
    sifted: Sifted,
    around: dict[str, bytes],
    options: Options,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """The plan for what was found and sifted. `around` are matching files that were not given: read, but neither edited nor spoken of."""
    problems: list[Problem] = [*found.problems, *sifted.problems]
    everything = {**around, **sifted.sources}
    files: dict[str, ParsedFile] = {}
    for done, (path, data) in enumerate(everything.items(), 1):
        file = _file(path, data, problems if path in sifted.sources else [])
        if file is not None:
            files[path] = file
        if progress is not None:
            progress(done, len(everything))
    known = frozenset(found.files) | frozenset(around)
    repository = Repository(files=dict(files), paths=known)
    repository.fetch = _fetcher(root, known, repository)
    facts = [read(file, repository) for _, file in sorted(files.items())]
    facts += beyond(root, repository, facts, known, lambda path, data: _file(path, data, []))
    suppressions = Suppressions(file for path, file in files.items() if path in sifted.sources)
    settlement = Settlement(
        repository,
        facts,
        options,
        _manifests(root, files, known),
        scope=frozenset(sifted.sources) if around else None,
        silent=lambda rule, path, span: _off(rule, options) or suppressions.why(rule, path, span),
    )
    settlement.form_units()
    blockers.weigh(settlement)
    settled = settlement.out
    routes = routing.sites(settlement)
    routing.weigh(settlement, routes)
    pronounce(settlement)
    routing.pronounce_routing(settlement, routes)
    routing.pronounce_models(settlement)
    settled.findings += unread(settlement)
    given = frozenset(found.files)
    findings = [finding for finding in settled.findings if finding.path in given]
    findings += [_aside(path) for path in sorted(sifted.aside)]
    findings += [_unread(problem) for problem in problems if problem.path in sifted.sources]
    findings += balance([file for path, file in files.items() if path in sifted.sources], findings)
    findings = [*suppressions.apply(_switched(findings, options)), *suppressions.unused()]
    ordered, changes = group(tuple(sorted(findings, key=_position)), unsafe=options.unsafe)
    touched = {edit.path for change in changes for index in change.findings for edit in ordered[index].edits}
    spoken = {finding.path for finding in ordered} | set(sifted.sources)
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
        skipped=tuple(sorted({*found.skipped, *sifted.skipped}, key=lambda skip: (skip.path, skip.reason))),
        problems=tuple(sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message))),
        scanned=sifted.scanned,
        matched=len(sifted.sources),
        digests={path: repository.files[path].source.digest for path in sorted(touched)},
        sources={path: file.source for path, file in sorted(repository.files.items()) if path in spoken},
    )


def _fetcher(root: Path, known: frozenset[str], repository: Repository) -> Callable[[str], ParsedFile | None]:
    """Reads a file that no needle matched, to follow a constant into it; a bounded number of times."""
    asked: set[str] = set()

    def fetch(path: str) -> ParsedFile | None:
        if path not in known or path in asked or len(asked) >= MAX_FETCHED:
            return None
        asked.add(path)
        try:
            data = (root / path).read_bytes()
        except OSError:
            return None
        file = _file(path, data, []) if b"\0" not in data[:8192] and len(data) < MAX_BYTES else None
        if file is not None:
            repository.files[path] = file
        return file

    return fetch


def _manifests(root: Path, files: dict[str, ParsedFile], known: frozenset[str]) -> list[tuple[str, str]]:
    """Dependency lists as (path, text): those that match, and the others as far as they name a package that matters."""
    found = [(path, file.source.text) for path, file in files.items() if path_kinds.is_manifest(path)]
    others = sorted(path for path in known if path_kinds.is_manifest(path) and path not in files)
    packages = frozenset(name.encode() for name in lookup.shipped().packages)
    return found + [(path, data.decode("utf-8", "replace")) for path, data in sift_for(root, others, packages).items()]


def _switched(findings: list[Finding], options: Options) -> list[Finding]:
    """What the user switched off stays and says so; a change that needs it falls with it."""
    if not options.select and not options.ignore:
        return findings
    kept: list[Finding] = []
    for finding in findings:
        off = _off(finding.rule, options)
        if off and finding.action is not Action.KEEP:
            finding = replace(finding, action=Action.KEEP, because=off)
        kept.append(finding)
    return kept


def _off(rule: str, options: Options) -> str | None:
    """Why the user's choice of rules leaves this one out; None where it is in."""
    off = (options.select and not rule.startswith(options.select)) or (options.ignore and rule.startswith(options.ignore))
    return f"the rule {rule} is switched off for this run" if off else None


def _position(finding: Finding) -> tuple[str, int, int, str, str]:
    start, end = finding.span if finding.span is not None else (-1, -1)
    return finding.path, start, end, finding.rule, finding.message


def _file(path: str, data: bytes, problems: list[Problem]) -> ParsedFile | None:
    """Decode and lower one file. What cannot be read is a problem; the others go on."""
    from migrator.formats import lower

    lenient = path_kinds.is_document(path) or path_kinds.is_recorded(path)
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
    return ParsedFile(source, module)


def _aside(path: str) -> Finding:
    if path.endswith("worker-configuration.d.ts"):
        return Finding(
            rule="not-edited", path=path, span=None, category=Category.DEPENDENCY, message="generated types of a Worker name the key variable",
            because="run `wrangler types` after the migration, or the code no longer type-checks", action=Action.FLAG,
        )  # fmt: skip
    return Finding(
        rule="not-edited", path=path, span=None, category=Category.DEPENDENCY, message="a lock, minified or generated file names OpenRouter",
        because="its generator writes it anew; run that after the migration", action=Action.KEEP,
    )  # fmt: skip


def _unread(problem: Problem) -> Finding:
    return Finding(
        rule="not-read", path=problem.path, span=None, category=Category.OTHER, message=f"names OpenRouter but cannot be read: {problem.message}",
        because="what it says about OpenRouter is not known; look at it yourself", action=Action.FLAG,
    )  # fmt: skip

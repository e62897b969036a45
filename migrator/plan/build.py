"""From the bytes of the matching files to the plan: lower, read, analyse, report, account, group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from migrator import __version__
from migrator.analysis.build import analyse
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.discover.files import Discovery
from migrator.discover.prefilter import Sifted, sift_for
from migrator.facts.importers import importers
from migrator.facts.model import Facts
from migrator.facts.read import read
from migrator.facts.receivers import receivers
from migrator.facts.related_files import MAX_BYTES, MAX_FETCHED, related_facts
from migrator.findings import report
from migrator.findings.models.routing import written_rows
from migrator.findings.tree.left_alone import balance
from migrator.findings.tree.not_edited import not_edited, not_read
from migrator.formats.tree import Module, Unreadable
from migrator.integrations import lookup
from migrator.model import Action, Finding, Plan, Problem, Source
from migrator.options import Options
from migrator.patterns import regex
from migrator.plan.boundaries import fault, without_faulty
from migrator.plan.group import group
from migrator.plan.hard_links import linked_outside
from migrator.plan.offered import may_offer, with_offers
from migrator.plan.suppressions import Suppressions
from migrator.records import dataclass, replace
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.settings_classes import forget_spellings
from migrator.text import seen
from migrator.text.regular import read_regular
from migrator.text.source import Undecodable, decode, salvage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the stages over the whole tree start from."""

    root: Path
    discovery: Discovery
    sifted: Sifted
    files: Mapping[str, ParsedFile]
    known: frozenset[str]
    """Every path that may be read."""
    beside: frozenset[str]
    """Paths of files that were not given and may use what a given file makes."""
    edited: frozenset[str]
    """Paths of what names OpenRouter among the given files: they may be edited and are spoken of."""
    options: Options
    problems: tuple[Problem, ...]
    moved: frozenset[str]
    """Files that do not name OpenRouter and call the target."""
    foreign: Mapping[str, str]
    """Files whose programs go on as they are, with the reason."""

    @property
    def editable(self) -> frozenset[str] | None:
        """The paths that may be edited, those included that take part without a word of OpenRouter; None where nothing else is read."""
        if len(self.files) == len(self.edited) and not self.beside:
            return None
        return self.edited | (frozenset(self.discovery.files) - frozenset(self.sifted.not_edited))


_LATER = frozenset((RuleId.ROUTING, RuleId.MODEL_VARIANT, RuleId.MODEL_ROUTER, RuleId.MODEL_PREFIX, RuleId.MODEL_MISSING))
"""Rules that speak of what a program asks the target for in OpenRouter's words, after it has moved."""


def plan_of(
    root: Path,
    discovery: Discovery,
    sifted: Sifted,
    around: dict[str, bytes],
    options: Options,
    progress: Callable[[int, int], None] | None = None,
    *,
    beside: frozenset[str] = frozenset(),
    moved: frozenset[str] = frozenset(),
    foreign: Mapping[str, str] | None = None,
) -> Plan:
    """The plan for what was found and sifted. `around` are matching files that were not given: read, but neither edited nor spoken of.

    `beside`: all files that were not given and may take part; those that use what a given file makes are read too.
    `moved`: files that do not name OpenRouter and call the target; only what they ask it in OpenRouter's words is spoken of.
    `foreign`: those of `around` whose programs go on as they are whatever happens here, with the reason.
    """
    seen.forget()
    problems: list[Problem] = [*discovery.problems, *sifted.problems]
    everything = {**around, **sifted.sources}
    files = {path: _unparsed(salvage(path, data)) for path, data in sifted.unparsed.items()}
    for done, (path, data) in enumerate(everything.items(), 1):
        files[path] = _file(path, data, problems if path in sifted.sources else [])
        if progress is not None:
            progress(done, len(everything))
    reading = _Reading(
        root=root,
        discovery=discovery,
        sifted=sifted,
        files=files,
        known=frozenset(discovery.files) | frozenset(around),
        beside=beside,
        edited=frozenset(sifted.sources) | frozenset(sifted.unparsed),
        options=options,
        problems=tuple(problems),
        moved=moved,
        foreign=foreign or {},
    )
    plan, lost = without_faulty(lambda faulty: _judged(reading, faulty), sorted(reading.known))
    plan = replace(plan, todo=(*plan.todo, *linked_outside(root, plan.digests)))
    plan = replace(plan, named=_named(plan, reading.known))
    return replace(plan, problems=_in_order({*plan.problems, *lost.values()})) if lost else plan


def _judged(reading: _Reading, faulty: frozenset[str]) -> Plan:
    """The plan, with what `--unsafe` would change beyond it as a plan with that option has it."""
    plan = _judge(reading, faulty)
    if reading.options.unsafe or not may_offer(plan):
        return plan
    return with_offers(plan, _judge(replace(reading, options=replace(reading.options, unsafe=True)), faulty))


def _judge(reading: _Reading, faulty: frozenset[str]) -> Plan:
    """All stages after lowering. `faulty` are paths on which an earlier attempt failed: they count as files that cannot be read."""
    root, options, known, sifted = reading.root, reading.options, reading.known, reading.sifted
    files = {path: _unparsed(file.source) if path in faulty else file.renewed() for path, file in reading.files.items()}
    repository = Repository(files=dict(files), paths=known)
    repository.fetch = _fetcher(root, known - faulty, repository)
    facts = [read(file, repository) for _, file in sorted(files.items())]
    facts += related_facts(root, repository, facts, (known | reading.beside) - faulty, _quietly)
    facts += importers(root, repository, facts, (known | reading.beside) - faulty, _quietly)
    facts += receivers(repository, facts)
    suppressions = Suppressions(file for path, file in files.items() if path in reading.edited)
    analysis = analyse(
        repository,
        facts,
        options,
        _manifests(root, files, known),
        editable=reading.editable,
        suppression_for=lambda rule, path, span: (
            _off(rule, options) or reading.foreign.get(path) or suppressions.why(rule, path, span)
        ),
        reread=lambda names: _read_again(root, repository, known - faulty, names),
    )
    told = report(analysis)
    given = frozenset(reading.discovery.files)
    findings = [
        finding
        for finding in told.findings
        if finding.path in given and (finding.path not in reading.moved or finding.rule in _LATER)
    ]
    findings += [not_edited(path) for path in sorted(sifted.not_edited)]
    findings += [not_read(problem.path, problem.message) for problem in reading.problems if problem.path in reading.edited]
    findings += [not_read(path, "an internal error of this tool") for path in sorted(faulty & reading.edited)]
    findings += balance([file for path, file in files.items() if path in reading.edited], findings)
    findings = [*suppressions.apply(_switched(findings, options)), *suppressions.unused()]
    ordered, changes = group(tuple(sorted(findings, key=_position)), unsafe=options.unsafe)
    touched = {edit.path for change in changes for index in change.findings for edit in ordered[index].edits}
    spoken = {finding.path for finding in ordered} | set(sifted.sources)
    plan = Plan(
        tool=__version__,
        target=options.target,
        changes=changes,
        findings=ordered,
        env=told.env,
        connections=told.connections,
        models=told.models,
        todo=told.todo,
        skipped=tuple(sorted({*reading.discovery.skipped, *sifted.skipped}, key=lambda skip: (skip.path, skip.reason))),
        problems=_in_order(reading.problems),
        scanned=sifted.scanned,
        matched=len(reading.edited),
        digests={path: repository.files[path].source.digest for path in sorted(touched)},
        sources={path: file.source for path, file in sorted(repository.files.items()) if path in spoken},
    )
    return replace(plan, routing=written_rows(told.routing, plan.edits()))


_WORD = regex(r"[^\s,;()`'\"]+")


def _named(plan: Plan, known: frozenset[str]) -> tuple[str, ...]:
    """Paths of the tree that stand in sentences."""
    texts = [*(finding.because for finding in plan.findings), *(finding.message for finding in plan.findings)]
    texts += [row.because for row in (*plan.env, *plan.offered_env)] + [change.because for change in plan.changes]
    texts += [text for todo in plan.todo for text in (todo.title, todo.detail, todo.because)] + [row.note for row in plan.routing]
    words = {word for text in set(texts) for word in _WORD.findall(text)}
    return tuple(sorted(known & {word.partition(":")[0].rstrip(".") for word in words}))


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message)))


def _read_again(root: Path, repository: Repository, known: frozenset[str], names: frozenset[str]) -> list[Facts]:
    """Facts of all files once more, for variables whose names do not say OpenRouter; files that name nothing else are read too."""
    others = sorted(path for path in known if path not in repository.files)
    for path, data in sift_for(root, others, frozenset(name.encode() for name in names)).items():
        if len(data) < MAX_BYTES:
            repository.files[path] = _quietly(path, data)
    forget_spellings(repository)
    facts = [read(file, repository, names) for _, file in sorted(repository.files.items())]
    facts += importers(root, repository, facts, known, _quietly, names)
    return facts + receivers(repository, facts, names)


def _fetcher(root: Path, known: frozenset[str], repository: Repository) -> Callable[[str], ParsedFile | None]:
    """Reads a file that no needle matched, to follow a constant into it; a bounded number of times."""
    asked: set[str] = set()

    def fetch(path: str) -> ParsedFile | None:
        if path not in known or path in asked or len(asked) >= MAX_FETCHED:
            return None
        asked.add(path)
        try:
            data = read_regular(root / path)
        except OSError:
            return None
        if b"\0" in data[:8192] or len(data) >= MAX_BYTES:
            return None
        repository.files[path] = file = _file(path, data, [])
        return file

    return fetch


def _manifests(root: Path, files: dict[str, ParsedFile], known: frozenset[str]) -> list[tuple[str, str]]:
    """Dependency lists as (path, text): those that match, and the others as far as they name a package that matters."""
    manifests = [(path, file.source.text) for path, file in files.items() if path_kinds.is_manifest(path)]
    others = sorted(path for path in known if path_kinds.is_manifest(path) and path not in files)
    packages = frozenset(name.encode() for name in lookup.shipped().packages)
    return manifests + [(path, data.decode("utf-8", "replace")) for path, data in sift_for(root, others, packages).items()]


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


def _file(path: str, data: bytes, problems: list[Problem]) -> ParsedFile:
    """Decode and lower one file. One that cannot be read is a problem; its text still says which variables it names."""
    from migrator.formats import lower

    lenient = path_kinds.is_document(path) or path_kinds.is_recorded(path)
    try:
        source = decode(path, data, lenient=lenient)
    except Undecodable as complaint:
        remedy = "Save the file as UTF-8, or leave it out with --exclude."
        problems.append(Problem(path=path, line=complaint.line, message=complaint.message, remedy=remedy))
        return _unparsed(salvage(path, data))
    except Exception as error:
        problems.append(fault(path, error))
        return _unparsed(salvage(path, data))
    try:
        seen.note(path, source.text)
        return ParsedFile(source, lower(source))
    except Unreadable as complaint:
        remedy = "Mend the file, or leave it out with --exclude."
        problems.append(Problem(path=path, line=complaint.line, message=complaint.message, remedy=remedy))
    except Exception as error:
        problems.append(fault(path, error))
    return _unparsed(source)


def _quietly(path: str, data: bytes) -> ParsedFile:
    """A file that does not name OpenRouter: whether it can be read is nobody's concern."""
    return _file(path, data, [])


def _unparsed(source: Source) -> ParsedFile:
    """A file that no stage looks into, except for the names in its text."""
    return ParsedFile(source, Module(path=source.path, language="unread", body=()))

"""Dependencies follow the code: what an exchanged class needs is listed, and what nothing imports any more is not.

A manifest changes in the same change as the code that needs it. Lock files and compiled requirements are told, with the command that
writes them anew. One `Ecosystem` a language says how its manifests are read and written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from string import Template

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.model import Move
from migrator.catalog import table
from migrator.catalog.rules import RuleId
from migrator.facts.manifests import ancestors, ecosystem_of, manifests_of, project_of
from migrator.facts.manifests.model import Ecosystem, Form, Listed, Manifest, split
from migrator.facts.model import FactKind
from migrator.findings.dependencies.commands import installed_by_command
from migrator.findings.dependencies.edits import beside, removed, replaced
from migrator.findings.terms import keys_of
from migrator.integrations.exchange import Packages
from migrator.model import Action, Applicability, Category, Edit, Finding, Span, Todo
from migrator.records import replace


def dependencies(analysis: Analysis) -> Iterator[Finding | Todo]:
    """Findings for manifests and chores for lock files, for every move that is made."""
    wanted: dict[Packages, list[tuple[Move, Addition]]] = {}
    for move in analysis.moves:
        for addition in move.additions if not move.unsafe or analysis.options.unsafe else ():
            if addition.packages is not None:
                wanted.setdefault(addition.packages, []).append((move, addition))
    for packages, pairs in sorted(wanted.items(), key=lambda item: (item[0].language, item[0].needs, item[0].drops)):
        ecosystem = ecosystem_of(packages.language)
        if ecosystem is None:
            continue
        projects: dict[str, list[tuple[Move, Addition]]] = {}
        for move, addition in pairs:
            projects.setdefault(project_of(analysis.repository, ecosystem, addition.path, packages.drops), []).append(
                (move, addition)
            )
        for folder, users in sorted(projects.items()):
            yield from _follow(analysis, ecosystem, packages, folder, users)


def _follow(
    analysis: Analysis, ecosystem: Ecosystem, packages: Packages, folder: str, users: list[tuple[Move, Addition]]
) -> Iterator[Finding | Todo]:
    """One project: its manifests list what the exchanged classes need."""
    manifests = manifests_of(analysis.repository, ecosystem, folder)
    needed = ecosystem.normal(split(packages.needs)[0])
    dropped = ecosystem.normal(packages.drops) if packages.drops else ""
    goes = bool(dropped) and not _still_used(analysis, ecosystem, packages.drops, folder, [addition for _, addition in users])
    keys = frozenset().union(*(keys_of(move) for move, _ in users))
    unsafe = any(move.unsafe for move, _ in users)
    by_command = list(installed_by_command(analysis, packages, folder))
    changed: list[str] = []
    told: list[Manifest] = []
    for manifest in manifests:
        if not any(ecosystem.normal(entry.package) == dropped for entry in manifest.listed) or not dropped:
            continue
        if manifest.generated or manifest.hashed or not _editable(analysis, manifest.path):
            told.append(manifest)
            continue
        for finding in _in_place(analysis, ecosystem, packages, manifest, goes=goes):
            yield _tied(finding, keys, unsafe=unsafe)
            changed.append(manifest.path)
    listed = {ecosystem.normal(entry.package) for manifest in manifests for entry in manifest.listed if not _told_elsewhere(entry)}
    if not changed and not told and needed not in listed:
        home = _home(analysis, ecosystem, manifests)
        if home is None:
            yield from () if by_command else (_install(ecosystem, packages, folder, users),)
        else:
            yield _tied(_added(analysis, ecosystem, packages, home), keys, unsafe=unsafe)
            changed.append(home.path)
    yield from _compiled(packages, told)
    yield from by_command
    if changed:
        yield from _locks(analysis, ecosystem, packages, changed)


def _tied(finding: Finding, keys: frozenset[str], *, unsafe: bool) -> Finding:
    return replace(finding, keys=keys, applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE)


# -- which manifests -----------------------------------------------------------------------------------------------------------------


def _home(analysis: Analysis, ecosystem: Ecosystem, manifests: Iterable[Manifest]) -> Manifest | None:
    """The manifest that gets what none lists yet: the first kind in order of priority that lists anything."""
    ranked = [
        (ecosystem.priority.index(posixpath.basename(manifest.path)), manifest.path, manifest)
        for manifest in manifests
        if posixpath.basename(manifest.path) in ecosystem.priority
        and any(not _told_elsewhere(entry) for entry in manifest.listed)
        and not manifest.generated
        and not manifest.hashed
        and _editable(analysis, manifest.path)
    ]
    return min(ranked, key=lambda row: row[:2])[2] if ranked else None


def _told_elsewhere(entry: Listed) -> bool:
    """Does an entry only speak of a package that another list asks for?"""
    return entry.limit or entry.form is Form.NAME


def _editable(analysis: Analysis, path: str) -> bool:
    return analysis.editable is None or path in analysis.editable


def _still_used(analysis: Analysis, ecosystem: Ecosystem, package: str, folder: str, additions: list[Addition]) -> bool:
    """Is the package named anywhere in the project's code where it does not go?"""
    module = ecosystem.module(package)
    word = re.compile(rf"(?<![\w@/-]){re.escape(module)}(?![\w-])")
    gone = {place for addition in additions for place in addition.gone}
    moving = {mark.identity for addition in additions for mark in addition.marks}
    for path, facts in analysis.facts.items():
        if not (path == folder or path.startswith(f"{folder}/") or not folder) or ecosystem.matches(path):
            continue
        if analysis.repository.files[path].module.language not in ("python", "notebook", "ecma"):
            continue
        imports = [mark for mark in facts.marked(FactKind.SDK_IMPORT, FactKind.HIDDEN_CLIENT) if mark.identity not in moving]
        spans = [span for other, span in gone if other == path]
        text = analysis.repository.files[path].source.text
        for match in word.finditer(text):
            inside = any(span.start <= match.start() and match.end() <= span.end for span in spans)
            if not inside and any(
                mark.span.start <= match.start() < mark.span.end or mark.kind is FactKind.HIDDEN_CLIENT for mark in imports
            ):
                return True
        if any(_imports(mark.node, module) and (path, mark.span) not in gone for mark in imports):
            return True
    return False


def _imports(node: object, module: str) -> bool:
    name = getattr(node, "module", "")
    return isinstance(name, str) and (name == module or name.startswith((f"{module}.", f"{module}/")))


# -- what is written -----------------------------------------------------------------------------------------------------------------


def _in_place(analysis: Analysis, ecosystem: Ecosystem, packages: Packages, manifest: Manifest, *, goes: bool) -> Iterator[Finding]:
    """The entries of the old package in one manifest: exchanged, taken out, or followed by one for the new package."""
    text = analysis.repository.files[manifest.path].source.text
    old, new = ecosystem.normal(packages.drops), ecosystem.normal(split(packages.needs)[0])
    for entry in manifest.listed:
        if ecosystem.normal(entry.package) != old or (entry.limit and not goes):
            continue
        there = any(ecosystem.normal(other.package) == new and other.group == entry.group for other in manifest.listed)
        if goes and (there or entry.limit):
            edit, message = removed(entry, text), f"{packages.drops} is not needed any more"
        elif goes:
            edit, message = replaced(ecosystem, entry, packages.needs, text), f"{packages.drops} becomes {packages.needs}"
        elif not there:
            edit, message = beside(ecosystem, entry, packages.needs, text), f"{packages.needs} beside {packages.drops}"
        else:
            continue
        because = f"nothing imports {packages.drops} any more" if goes else f"other code still imports {packages.drops}"
        yield _finding(entry, edit, message, because)


def _added(analysis: Analysis, ecosystem: Ecosystem, packages: Packages, manifest: Manifest) -> Finding:
    """The new package at the end of the manifest's first list."""
    entries = [entry for entry in manifest.listed if not _told_elsewhere(entry)]
    entry = max((entry for entry in entries if entry.group == entries[0].group), key=lambda entry: entry.span)
    edit = beside(ecosystem, entry, packages.needs, analysis.repository.files[manifest.path].source.text)
    return _finding(entry, edit, f"{packages.needs} is needed", "the class that is used from now on comes from it")


def _finding(entry: Listed, edit: Edit, message: str, because: str) -> Finding:
    return Finding(
        rule=RuleId.DEPENDENCY, path=entry.path, span=Span(*entry.span), category=Category.DEPENDENCY, message=message, because=because,
        action=Action.REWRITE, edits=(edit,),
    )  # fmt: skip


# -- what is told --------------------------------------------------------------------------------------------------------------------


def _install(ecosystem: Ecosystem, packages: Packages, folder: str, users: list[tuple[Move, Addition]]) -> Todo:
    return Todo(
        title=f"Install {packages.needs}",
        detail=f"No file that lists dependencies was seen{f' in {folder}' if folder else ''}.",
        command=Template(ecosystem.install).substitute(requirement=packages.needs),
        because="the class that is used from now on comes from it",
        where=tuple(sorted({addition.path for _, addition in users})),
    )


def _compiled(packages: Packages, manifests: Iterable[Manifest]) -> Iterator[Todo]:
    for manifest in manifests:
        yield Todo(
            title=f"List {packages.needs} for {manifest.path}",
            detail=_why_told(packages, manifest),
            command=manifest.generated or None,
            because="the class that is used from now on comes from it",
            where=(manifest.path,),
        )


def _why_told(packages: Packages, manifest: Manifest) -> str:
    if manifest.generated:
        return f"{manifest.path} is made from another file: add {packages.needs} there, then make it anew."
    if manifest.hashed:
        return (
            f"{manifest.path} pins each version with its hashes: put {packages.needs} with its hashes in place of {packages.drops}."
        )
    return f"{manifest.path} is not among the given files: add {packages.needs} there."


def _locks(analysis: Analysis, ecosystem: Ecosystem, packages: Packages, changed: list[str]) -> Iterator[Todo]:
    """The lock files beside and above the manifests that change."""
    rows = {row["name"]: row["command"] for row in table("lock_files")["lock"] if row["language"] == ecosystem.language}
    above = {folder for path in changed for folder in ancestors(path)}
    for path in sorted(analysis.repository.paths):
        if posixpath.basename(path) in rows and posixpath.dirname(path) in above:
            yield Todo(
                title=f"Write {path} anew",
                detail=f"{', '.join(sorted(set(changed)))} lists {packages.needs}.",
                command=rows[posixpath.basename(path)],
                because="a lock file is written by its package manager",
                where=(path,),
            )

"""What `--unsafe` would write beyond a plan, and what it too would leave held back.

A plan without `--unsafe` is judged as if nothing that needs it moved: variables of such a connection keep their names. What is said of the
other run is therefore taken from the plan of that run, so that what is offered is what would be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from migrator.catalog.rules import HELD_RULES
from migrator.discover import path_kinds
from migrator.model import Action, Applicability, Change, ConnectionRow, Edit, EnvRow, Finding, Plan, Span
from migrator.plan.group import id_of, title_of
from migrator.records import dataclass, replace

_Place = tuple[str, str, Span | None]
_STRETCH = 256
"""Characters of a file that are looked up together."""
_Row = TypeVar("_Row", EnvRow, ConnectionRow)


def may_offer(plan: Plan) -> bool:
    """Does a part of this plan wait for `--unsafe`? Only then a second plan has to be made."""
    return any(finding.edits and finding.applicability is Applicability.UNSAFE for finding in plan.findings)


def with_offers(plain: Plan, wide: Plan) -> Plan:
    """`plain` with the changes that `wide`, the plan of the same tree with `--unsafe`, would make beyond it.

    Of places that are held back in both, the reason is that of `wide`: it is what remains to be settled.
    """
    written = {edit for edits in plain.edits().values() for edit in edits}
    waits = {_place(finding): finding.because for finding in plain.findings if finding.action is not Action.REWRITE}
    offers = [offer for change in wide.changes if change.selected and (offer := _offer(wide, change, written, waits)).members]
    own = [change for change in plain.changes if change.selected or change.applicability is not Applicability.UNSAFE]
    fixed = {index for change in own for index in change.findings}
    offered = [finding for offer in offers for finding in offer.members]
    others = [finding for index, finding in enumerate(plain.findings) if index not in fixed]
    stays = _Standing(wide, offered, [plain.findings[index] for index in sorted(fixed)]).findings(others)
    pool = [*(plain.findings[index] for index in sorted(fixed)), *offered, *stays]
    at_of = {id(finding): at for at, finding in enumerate(sorted(pool, key=_position))}
    changes = [replace(change, findings=tuple(sorted(at_of[id(plain.findings[i])] for i in change.findings))) for change in own]
    taken = {change.id for change in own}
    for offer in offers:
        changes.append(offer.change(at_of, taken))
        taken.add(changes[-1].id)
    findings = tuple(sorted(pool, key=_position))
    edited = {edit.path for finding in findings for edit in finding.edits}
    known = frozenset(plain.env)
    return replace(
        plain,
        findings=findings,
        changes=tuple(sorted(changes, key=lambda change: change.findings)),
        env=_held_in_both(plain.env, wide.env, lambda row: (row.name, row.readers, row.definers), "manual"),
        offered_env=tuple(row for row in wide.env if row.new_name is not None and row not in known),
        connections=_held_in_both(
            plain.connections, wide.connections, lambda row: (row.path, row.line, row.client, row.url_from), "flag"
        ),
        digests={path: digest for path, digest in sorted({**wide.digests, **plain.digests}.items()) if path in edited},
        sources={**wide.sources, **plain.sources},
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one change of the plan with `--unsafe` makes beyond the plain plan."""

    because: str
    members: Sequence[Finding]

    def change(self, at_of: dict[int, int], taken: set[str]) -> Change:
        name = id_of(self.members)
        return Change(
            id=name if name not in taken else f"{name}-unsafe",
            title=title_of(self.members),
            applicability=Applicability.UNSAFE,
            because=self.because,
            findings=tuple(sorted(at_of[id(finding)] for finding in self.members)),
            selected=False,
        )


def _offer(wide: Plan, change: Change, written: set[Edit], waits: Mapping[_Place, str]) -> _Offer:
    """`waits`: why the plain plan leaves a place. It is the reason for what is sound and only follows something that is not."""
    made = [wide.findings[index] for index in change.findings]
    made = [finding for finding in made if finding.action is Action.REWRITE and not written.issuperset(finding.edits)]
    because = change.because
    if change.applicability is not Applicability.UNSAFE:
        because = next((waits[_place(finding)] for finding in made if _place(finding) in waits), because)
    members = []
    for finding in made:
        # shown where it matters; tests and messages follow it later
        quiet = not finding.required or path_kinds.is_test(finding.path)
        action = Action.KEEP if quiet else Action.FLAG
        members.append(replace(finding, action=action, applicability=Applicability.UNSAFE, because=because or finding.because))
    return _Offer(because, members)


class _Standing:
    """What is said of places that neither run changes, and that no change of the plain plan speaks of."""

    def __init__(self, wide: Plan, offered: Iterable[Finding], fixed: Iterable[Finding]) -> None:
        self._wide, self._offered = _Index(wide.findings), _Index(offered)
        self._held = [finding for finding in wide.findings if _is_held(finding)]
        self._places = {_place(finding) for finding in wide.findings}
        self._told = {_place(finding) for finding in (*offered, *fixed)}

    def findings(self, plain: Sequence[Finding]) -> list[Finding]:
        """Each finding of the plain plan, or what stands for it."""
        told = [instead for finding in plain for instead in self._instead_of(finding)]
        spoken = {(finding.path, finding.span) for finding in told}
        return told + [each for each in self._held if (each.path, each.span) not in spoken and self._is_new(each)]

    def _instead_of(self, finding: Finding) -> Iterator[Finding]:
        if _place(finding) in self._told or (_place(finding) not in self._places and self._offered.about(finding)):
            return
        if not finding.edits and not _is_held(finding):
            self._told.add(_place(finding))
            yield finding
            return
        here = self._wide.about(finding)
        same = [each for each in here if _place(each) == _place(finding)]
        for each in same or here or [finding]:
            if self._is_new(each):
                yield replace(each, edits=(), action=Action.FLAG if each.action is Action.REWRITE else each.action)

    def _is_new(self, finding: Finding) -> bool:
        if _place(finding) in self._told:
            return False
        self._told.add(_place(finding))
        return True


class _Index:
    """Findings by the place that they speak of; a file may have tens of thousands."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._near: dict[tuple[str, int], list[Finding]] = {}
        for finding in findings:
            for part in _parts(finding):
                self._near.setdefault(part, []).append(finding)

    def about(self, finding: Finding) -> list[Finding]:
        """Those whose place has a part in common with that of a finding."""
        near = {id(each): each for part in _parts(finding) for each in self._near.get(part, ())}
        return [each for each in near.values() if _overlap(each, finding)]


def _parts(finding: Finding) -> Iterator[tuple[str, int]]:
    """Its path, with a number for each stretch of the file that its place touches; -1 for the whole file."""
    if finding.span is None:
        yield finding.path, -1
        return
    for part in range(finding.span.start // _STRETCH, max(finding.span.end - 1, finding.span.start) // _STRETCH + 1):
        yield finding.path, part


def _is_held(finding: Finding) -> bool:
    return finding.rule in HELD_RULES and finding.action is Action.FLAG


def _overlap(one: Finding, other: Finding) -> bool:
    if one.span is None or other.span is None:
        return one.span == other.span
    return one.span.start < max(other.span.end, other.span.start + 1) and other.span.start < max(one.span.end, one.span.start + 1)


def _place(finding: Finding) -> _Place:
    return finding.rule, finding.path, finding.span


def _position(finding: Finding) -> tuple[str, int, int, str, str]:
    start, end = finding.span if finding.span is not None else (-1, -1)
    return finding.path, start, end, finding.rule, finding.message


def _held_in_both(plain: Sequence[_Row], wide: Sequence[_Row], key: Callable[[_Row], object], held: str) -> tuple[_Row, ...]:
    """The rows of the plain plan, with the reasons of the other one where both leave it to a person."""
    other = {key(row): row for row in wide if row.decision == held}
    return tuple(other.get(key(row), row) if row.decision == held else row for row in plain)

"""Findings to changes: the unit of consent is a connected component of findings that share a key."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from migrator.analysis.groups import Groups
from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability, Change, Finding
from migrator.records import replace

_FOLLOWING = (RuleId.ROUTING, RuleId.DEPENDENCY)
"""Rules of what is changed because a connection moves."""


def group(findings: tuple[Finding, ...], *, unsafe: bool) -> tuple[tuple[Finding, ...], tuple[Change, ...]]:
    """The changes, in the order of their first finding, and the findings as they now stand.

    A change is as trustworthy as its weakest required part, and applied whole or not at all: where one required part stays, the
    others are flags.
    """
    groups = Groups()
    having = [index for index, finding in enumerate(findings) if finding.edits]
    first: dict[frozenset[str], int] = {}
    for index in having:
        keys = findings[index].keys
        same = first.setdefault(keys, index)  # all findings of a move have all of its keys
        groups.join([("finding", index), *([("finding", same)] if same != index else (("key", key) for key in sorted(keys)))])
    members: dict[object, list[int]] = {}
    for index in having:
        members.setdefault(groups.find(("finding", index)), []).append(index)
    changes = []
    for indices in members.values():
        required = [findings[i] for i in indices if findings[i].required] or [findings[i] for i in indices]
        applicability = min(finding.applicability for finding in required)
        weakest = [finding for finding in required if finding.applicability is applicability]
        # what follows from the move has a reason of its own, as an entry of a manifest has: that of the move is told most often
        own = [finding for finding in weakest if finding.rule not in _FOLLOWING]
        told = Counter(finding.because for finding in own or weakest)
        because = max(told, key=lambda reason: told[reason])
        selected = applicability is Applicability.SAFE or (unsafe and applicability is Applicability.UNSAFE)
        selected = selected and all(findings[i].action is Action.REWRITE for i in indices if findings[i].required)
        if unsafe and not selected and applicability is Applicability.UNSAFE:
            applicability = Applicability.MANUAL  # a part of it stays, so that the option does not help
        members_of = [findings[i] for i in indices]
        changes.append(
            Change(
                id=id_of(members_of),
                title=title_of(members_of),
                applicability=applicability,
                because=because,
                findings=tuple(indices),
                selected=selected,
            )
        )
    changes.sort(key=lambda change: change.findings)
    left: dict[int, str] = {}
    for change in changes:
        if not change.selected:
            left |= dict.fromkeys(change.findings, _because(findings, change))
    stands = tuple(
        replace(finding, action=Action.FLAG, because=left[index]) if index in left and finding.action is Action.REWRITE else finding
        for index, finding in enumerate(findings)
    )
    return stands, tuple(changes)


def _because(findings: tuple[Finding, ...], change: Change) -> str:
    """Why a change is not made: the reason of the part that stays, where there is one."""
    stays = next((f for f in (findings[i] for i in change.findings) if f.required and f.action is Action.KEEP), None)
    return f"part of the change stays, in {stays.path}: {stays.because}" if stays else change.because


def id_of(members: Sequence[Finding]) -> str:
    """An id for a change: of what ties its findings together."""
    text = "\n".join(sorted(_keys(members)))
    return "c" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]


def _keys(members: Sequence[Finding]) -> set[str]:
    return set[str]().union(*{finding.keys for finding in members})


def title_of(members: Sequence[Finding]) -> str:
    """What a change does, and in how many files."""
    names = sorted({key.removeprefix("env:").partition("@")[0] for key in _keys(members) if key.startswith("env:")})
    files = len({finding.path for finding in members})
    where = f"{files} file{'s' if files != 1 else ''}"
    if all(finding.rule == RuleId.ROUTING for finding in members):
        return f"Translate OpenRouter's options for the target ({where})"
    return (
        f"Move {', '.join(names)} and {'its' if len(names) == 1 else 'their'} addresses ({where})"
        if names
        else f"Move OpenRouter's address ({where})"
    )

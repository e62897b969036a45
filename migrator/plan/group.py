"""Findings to changes: the unit of consent is a connected component of findings that share a key."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from migrator.analysis.groups import Groups
from migrator.catalog.rules import RuleId
from migrator.model import Action, Applicability, Change, Finding


def group(findings: tuple[Finding, ...], *, unsafe: bool) -> tuple[tuple[Finding, ...], tuple[Change, ...]]:
    """The changes, in the order of their first finding, and the findings as they now stand.

    A change is as trustworthy as its weakest required part, and applied whole or not at all: where one required part stays, the
    others are flags.
    """
    groups = Groups()
    having = [index for index, finding in enumerate(findings) if finding.edits]
    for index in having:
        groups.join([("finding", index), *(("key", key) for key in sorted(findings[index].keys))])
    members: dict[object, list[int]] = {}
    for index in having:
        members.setdefault(groups.find(("finding", index)), []).append(index)
    changes = []
    for indices in members.values():
        required = [findings[i] for i in indices if findings[i].required] or [findings[i] for i in indices]
        applicability = min(finding.applicability for finding in required)
        weakest = next(finding for finding in required if finding.applicability is applicability)
        selected = applicability is Applicability.SAFE or (unsafe and applicability is Applicability.UNSAFE)
        selected = selected and all(findings[i].action is Action.REWRITE for i in indices if findings[i].required)
        changes.append(
            Change(
                id=_id(findings, indices),
                title=_title(findings, indices),
                applicability=applicability,
                because=weakest.because,
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


def _id(findings: tuple[Finding, ...], indices: list[int]) -> str:
    text = "\n".join(sorted({key for i in indices for key in findings[i].keys}))
    return "c" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]


def _title(findings: tuple[Finding, ...], indices: list[int]) -> str:
    names = sorted(
        {key.removeprefix("env:").partition("@")[0] for i in indices for key in findings[i].keys if key.startswith("env:")}
    )
    files = len({findings[i].path for i in indices})
    where = f"{files} file{'s' if files != 1 else ''}"
    if all(findings[i].rule == RuleId.ROUTING for i in indices):
        return f"Translate OpenRouter's options for the target ({where})"
    return (
        f"Move {', '.join(names)} and {'its' if len(names) == 1 else 'their'} addresses ({where})"
        if names
        else f"Move OpenRouter's address ({where})"
    )

"""Findings to changes: the unit of consent is a connected component of findings that share a key."""

from __future__ import annotations

import hashlib

from migrator.model import Action, Applicability, Change, Finding
from migrator.units import Groups


def group(findings: tuple[Finding, ...], *, unsafe: bool) -> tuple[Change, ...]:
    """Changes of all findings with edits, in the order of their first finding. A change is as trustworthy as its weakest required part."""
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
    return tuple(sorted(changes, key=lambda change: change.findings))


def _id(findings: tuple[Finding, ...], indices: list[int]) -> str:
    text = "\n".join(sorted({key for i in indices for key in findings[i].keys}))
    return "c" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]


def _title(findings: tuple[Finding, ...], indices: list[int]) -> str:
    names = sorted({key.removeprefix("env:") for i in indices for key in findings[i].keys if key.startswith("env:")})
    files = len({findings[i].path for i in indices})
    where = f"{files} file{'s' if files != 1 else ''}"
    return f"Move {', '.join(names)} and its addresses ({where})" if names else f"Move OpenRouter's address ({where})"

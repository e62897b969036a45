"""What stands around the code that moves: lists of allowed hosts, secret scanners, recorded traffic, and the project's own purpose."""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.findings.flags import flag
from migrator.model import Action, Category, Finding, Todo
from migrator.resolve.context import LiteralRole

_SCANNER = re.compile(
    r"(^|/)(\.?gitleaks[^/]*\.toml|\.secrets\.baseline|\.?trufflehog[^/]*|\.gitguardian\.ya?ml|\.ggshield[^/]*|\.talismanrc|\.secretlintrc[^/]*"
    r"|\.git-secrets[^/]*|detect-secrets[^/]*|\.whispers\.ya?ml|\.noseyparker[^/]*)$",
    re.IGNORECASE,
)


def is_scanner(path: str) -> bool:
    """Is this the rule book of a tool that looks for secrets?"""
    return bool(_SCANNER.search(path))


def look_around(s: Analysis) -> None:
    """Add the findings and chores that belong to no unit."""
    for path, one in sorted(s.facts.items()):
        if is_scanner(path):
            _scanner(s, path)
        elif s.code(path) and s.decisions:
            for fact in one.urls:
                if fact.place not in (LiteralRole.COMPARE, LiteralRole.ASSERTION, LiteralRole.MESSAGE) and allows(fact):
                    host = s.target.openai_base.split("://", 1)[1].split("/", 1)[0]
                    message = "OpenRouter's host is in a list of hosts that may be called"
                    because = f"the list must be extended by {host}, or calls are blocked after the move"
                    flag(s, RuleId.ALLOW_LIST, path, fact.span, Category.CHECK, message, because)
    _recordings(s)
    found = s.product
    if found is not None:
        s.out.findings = [_quiet(finding, found[0]) for finding in s.out.findings]
        message = f"{found[1]} is made for OpenRouter: there is nothing to move"
        because = "a client, tool or plugin for one gateway is written anew for another, not repointed"
        flag(s, RuleId.OPENROUTER_PRODUCT, found[0], None, Category.OTHER, message, because)


def _quiet(finding: Finding, path: str) -> Finding:
    if finding.action is Action.KEEP or finding.category is Category.API_KEY_LITERAL:
        return finding
    return replace(finding, action=Action.KEEP, because=f"the project is made for OpenRouter: see {path}")


def _scanner(s: Analysis, path: str) -> None:
    """The old shape stays in the list; the new one belongs beside it."""
    s.out.findings = [finding for finding in s.out.findings if finding.path != path]
    shapes = ", ".join(s.target.key_prefixes)
    s.out.findings.append(
        Finding(
            rule=RuleId.SECRET_SCANNER, path=path, span=None, category=Category.CHECK, action=Action.KEEP,
            message="a secret scanner knows the shape of OpenRouter's keys",
            because=f"old keys may still turn up; add the shape of the new ones{f' ({shapes})' if shapes else ''} beside it",
        )
    )  # fmt: skip


_ADDRESS = re.compile(r"openrouter\.ai/api|Host:\s*openrouter\.ai|host\"?:\s*\[?\s*\"?openrouter\.ai", re.IGNORECASE)


def _recordings(s: Analysis) -> None:
    """Recorded requests are matched by their address: those of code that moves must be recorded anew."""
    if not any(move.urls for move in s.moves):
        return
    recorded = [
        path
        for path, file in sorted(s.repository.files.items())
        if path_kinds.is_cassette(path) and _ADDRESS.search(file.source.text)
    ]
    if recorded:
        more = f" and {len(recorded) - 3} more" if len(recorded) > 3 else ""
        s.out.todo.append(
            Todo(
                title="Record the traffic of the tests anew",
                detail=f"{', '.join(recorded[:3])}{more}: the address of a request is part of what a recording is matched by.",
                command=None,
                because="a recording says what was; it is never edited",
            )
        )

"""What stands around the code that moves: lists of allowed hosts, secret scanners, recorded traffic, and the project's own purpose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.allow_lists import allows
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.findings.flags import flagged
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


def allow_lists(s: Analysis) -> Iterator[Finding]:
    """Lists of hosts that a program may call."""
    host = s.target.openai_base.split("://", 1)[1].split("/", 1)[0]
    for path, facts in sorted(s.facts.items()) if s.decisions else ():
        for fact in facts.urls if s.code(path) else ():
            if fact.place not in (LiteralRole.COMPARE, LiteralRole.ASSERTION, LiteralRole.MESSAGE) and allows(fact):
                message = "OpenRouter's host is in a list of hosts that may be called"
                because = f"the list must be extended by {host}, or calls are blocked after the move"
                yield flagged(RuleId.ALLOW_LIST, path, fact.span, Category.CHECK, message, because)


def openrouter_product(s: Analysis) -> Iterator[Finding]:
    """A package that is made for OpenRouter."""
    if s.product is not None:
        manifest, name = s.product
        message = f"{name} is made for OpenRouter: there is nothing to move"
        because = "a client, tool or plugin for one gateway is written anew for another, not repointed"
        yield flagged(RuleId.OPENROUTER_PRODUCT, manifest, None, Category.OTHER, message, because)


def quieted(s: Analysis, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Nothing moves in a package that is made for OpenRouter: what was found there is told, and nobody is asked to look. Keys still are."""
    for finding in findings:
        if (
            s.product is None
            or finding.action is Action.KEEP
            or finding.category is Category.API_KEY_LITERAL
            or finding.rule == RuleId.OPENROUTER_PRODUCT
        ):
            yield finding
        else:
            yield replace(finding, action=Action.KEEP, because=f"the project is made for OpenRouter: see {s.product[0]}")


def secret_scanners(s: Analysis) -> Iterator[Finding]:
    """The old shape stays in the list; the new one belongs beside it."""
    shapes = ", ".join(s.target.key_prefixes)
    for path in sorted(filter(is_scanner, s.facts)):
        yield Finding(
            rule=RuleId.SECRET_SCANNER, path=path, span=None, category=Category.CHECK, action=Action.KEEP,
            message="a secret scanner knows the shape of OpenRouter's keys",
            because=f"old keys may still turn up; add the shape of the new ones{f' ({shapes})' if shapes else ''} beside it",
        )  # fmt: skip


_ADDRESS = re.compile(r"openrouter\.ai/api|Host:\s*openrouter\.ai|host\"?:\s*\[?\s*\"?openrouter\.ai", re.IGNORECASE)


def recordings(s: Analysis) -> Iterator[Todo]:
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
        yield Todo(
            title="Record the traffic of the tests anew",
            detail=f"{', '.join(recorded[:3])}{more}: the address of a request is part of what a recording is matched by.",
            command=None,
            because="a recording says what was; it is never edited",
        )

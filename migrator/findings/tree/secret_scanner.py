"""secret-scanner: rules of tools that look for secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.model import Action, Category, Finding
from migrator.patterns import regex

_SCANNER = regex(
    r"(^|/)(\.?gitleaks[^/]*\.toml|\.secrets\.baseline|\.?trufflehog[^/]*|\.gitguardian\.ya?ml|\.ggshield[^/]*|\.talismanrc|\.secretlintrc[^/]*"
    r"|\.git-secrets[^/]*|detect-secrets[^/]*|\.whispers\.ya?ml|\.noseyparker[^/]*)$",
    re.IGNORECASE,
)


def _is_scanner(path: str) -> bool:
    """Is this the rule book of a tool that looks for secrets?"""
    return bool(_SCANNER.search(path))


def secret_scanners(analysis: Analysis) -> Iterator[Finding]:
    """The old shape stays in the list; the new one belongs beside it."""
    shapes = ", ".join(analysis.target.key_prefixes)
    for path in sorted(filter(_is_scanner, analysis.facts)):
        yield Finding(
            rule=RuleId.SECRET_SCANNER, path=path, span=None, category=Category.CHECK, action=Action.KEEP,
            message="a secret scanner knows the shape of OpenRouter's keys",
            because=f"old keys may still turn up; add the shape of the new ones{f' ({shapes})' if shapes else ''} beside it",
        )  # fmt: skip

"""several-providers: programs that choose between OpenRouter and other vendors. What their registries hold is one finding a repository."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, parties, path_of
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.model import Category, Finding

_MOST_FILES = 7
"""Files of a program with several providers that are named one by one."""


def several_providers(analysis: Analysis) -> Iterator[Finding]:
    """One finding for the repository, and a short list of files a person would look at."""
    registries = registry_parties(analysis)
    refused = [
        facts.path for facts in analysis.facts.values() if any(mark.identity in analysis.explicits.refused for mark in facts.marks)
    ]
    tables = (analysis.tables and not analysis.moves) or any(path in analysis.tables for path in refused)
    if not (registries or analysis.evidence.registries or tables):
        return
    files = (
        analysis.evidence.files
        or tuple(analysis.tables)
        or tuple(dict.fromkeys(analysis.decision(party).path for party in registries))
    )
    first = files[0]
    vendors = ", ".join(sorted(analysis.evidence.vendors)[:6]) or "see the files"
    message = f"OpenRouter is one of several providers ({vendors}); registry files: {', '.join(files[:5])}"
    because = "the new gateway is an entry to be added beside it: name, address, key variable, default and stored choices are yours to decide"
    yield flagged(RuleId.SEVERAL_PROVIDERS, first, None, Category.REGISTRY, message, because)
    others = sorted({path_of(party) for party in registries} - {first}, key=lambda path: (path not in files, path))
    for path in others[:_MOST_FILES]:
        message = "binds OpenRouter's address or key variable in a program with several providers"
        yield flagged(RuleId.SEVERAL_PROVIDERS, path, None, Category.REGISTRY, message, f"see {first}")


def registry_parties(analysis: Analysis) -> list[Party]:
    """Connections that stay because a registry chooses them."""
    return [party for party in parties(analysis) if analysis.decision(party).registry]


def is_read_by_registries_only(analysis: Analysis, name: str) -> bool:
    """Is a variable read by nothing but what is chosen from a registry? The finding for that speaks for it."""
    registries = registry_parties(analysis)
    if analysis.evidence.bound and registries:
        return True
    readers = [party for party in parties(analysis) if any(source.name == name for source in analysis.sources_of(party))]
    return bool(readers) and all(analysis.decision(party).registry for party in readers)

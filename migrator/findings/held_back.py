"""What stays: the places of connections that do not move, the causes, and programs where OpenRouter is one of several providers."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, parties, path_of
from migrator.analysis.decisions import Decision, Verdict
from migrator.analysis.sources.connections import LooseAddress
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import is_env_line
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, Span
from migrator.resolve.environment import VariableRole

_MOST_FILES = 7
"""Files of a program with several providers that are named one by one."""


def held_back(s: Analysis) -> Iterator[Finding]:
    """Flags for everything that stays and waits for a person, and for each cause."""
    moving = {id(site) for move in s.moves for site in move.urls}
    registries = [party for party in parties(s) if s.decision(party).registry]
    refused = [facts.path for facts in s.facts.values() if any(id(mark) in s.explicits.refused for mark in facts.marks)]
    if registries or s.evidence.registries or (s.tables and not s.moves) or any(path in s.tables for path in refused):
        yield from _registry(s, registries)
    for party in parties(s):
        decision = s.decision(party)
        if not decision.may_move and not decision.registry and not _is_own_endpoint(party):
            yield from _party(s, party, decision, moving)
    for variable in s.variables:
        if variable.decision == "manual" and not _only_registries(s, variable.name, registries):
            for fact in s.mentions(variable.name, variable.folder):
                yield from _mention(s, fact, variable.because)


def _is_own_endpoint(party: Party) -> bool:
    """Does it call what only OpenRouter has? The finding for that says all there is to say."""
    return not isinstance(party, LooseAddress) and party.endpoint in (UrlKind.OWN, UrlKind.PAGE)


def _party(s: Analysis, party: Party, decision: Decision, moving: set[int]) -> Iterator[Finding]:
    sites = [party.site] if isinstance(party, LooseAddress) else party.sites
    because = decision.because + (f": {decision.way_out}" if decision.way_out else "")
    for site in sites:
        if id(site) not in moving and s.code(site.path):
            yield flagged(
                RuleId.BASE_URL_HELD, site.path, site.span, Category.BASE_URL, "OpenRouter's address stays for now", because
            )
    if decision.verdict is Verdict.ASKS and not sites:
        path = path_of(party)
        yield flagged(
            RuleId.BASE_URL_HELD, path, _line(s, path, party.offset), Category.CLIENT, "this client stays for now", because
        )
    if decision.path in s.repository.files and (s.editable is None or decision.path in s.editable):
        yield from _cause(s, decision)


def _mention(s: Analysis, fact: EnvFact, because: str) -> Iterator[Finding]:
    if not s.code(fact.path) or fact.role is VariableRole.MESSAGE:
        return
    category = Category.API_KEY_ENV if s.language(fact.path) in PROGRAMS else Category.ENV_REF
    category = Category.ENV_ASSIGN if is_env_line(fact) else category
    yield flagged(RuleId.ENV_HELD, fact.path, fact.span, category, f"{fact.name} keeps its name for now", because)


def _line(s: Analysis, path: str, offset: int) -> Span:
    file = s.repository.files[path]
    start, end = file.lines.span(file.lines.line(offset))
    return Span(offset, start + len(file.source.text[start:end].rstrip("\r\n")))


def _cause(s: Analysis, decision: Decision) -> Iterator[Finding]:
    """The line that a reason points at."""
    if decision.offset is not None:
        because = decision.because + (f": {decision.way_out}" if decision.way_out else "")
        span = _line(s, decision.path, decision.offset)
        yield flagged(RuleId.HOLDS_BACK, decision.path, span, Category.OTHER, "this holds the migration back", because)


def _only_registries(s: Analysis, name: str, registries: list[Party]) -> bool:
    """Is a variable read by nothing but what is chosen from a registry? Its finding speaks for it."""
    if s.evidence.bound and registries:
        return True
    readers = [party for party in registries if any(source.name == name for source in s.sources_of(party))]
    others = [
        party for party in parties(s) if party not in registries and any(source.name == name for source in s.sources_of(party))
    ]
    return bool(readers) and not others


def _registry(s: Analysis, registries: list[Party]) -> Iterator[Finding]:
    """Several providers: one finding for the repository, and a short list of files a person would look at."""
    files = s.evidence.files or tuple(s.tables) or tuple(dict.fromkeys(s.decision(party).path for party in registries))
    first = files[0]
    vendors = ", ".join(sorted(s.evidence.vendors)[:6]) or "see the files"
    message = f"OpenRouter is one of several providers ({vendors}); registry files: {', '.join(files[:5])}"
    because = "the new gateway is an entry to be added beside it: name, address, key variable, default and stored choices are yours to decide"
    yield flagged(RuleId.SEVERAL_PROVIDERS, first, None, Category.REGISTRY, message, because)
    touched = sorted({path_of(party) for party in registries} - {first}, key=lambda path: (path not in files, path))
    for path in touched[:_MOST_FILES]:
        message = "binds OpenRouter's address or key variable in a program with several providers"
        yield flagged(RuleId.SEVERAL_PROVIDERS, path, None, Category.REGISTRY, message, f"see {first}")

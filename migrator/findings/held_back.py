"""Units that stay: their places, the places that hold them back, and trees where OpenRouter is one of several providers."""

from __future__ import annotations

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import is_env_line
from migrator.findings.flags import flag
from migrator.model import Action, Category, Span
from migrator.resolve.environment import VariableRole


def held(s: Settlement, unit: Unit) -> None:
    """Flags for everything that waits, and for each cause where nothing is said about its line yet."""
    if any(hold.registry for hold in unit.holds):
        _registry(s, unit)
        return
    because = f"held back: {unit.because}"
    for site in unit.urls:
        flag(s, "base-url-held", site.path, site.span, Category.BASE_URL, "OpenRouter's address stays for now", because)
    for fact in unit.envs:
        if not s.code(fact.path) or fact.role is VariableRole.MESSAGE:
            continue
        category = Category.API_KEY_ENV if s.language(fact.path) in PROGRAMS else Category.ENV_REF
        category = Category.ENV_ASSIGN if is_env_line(fact) else category
        flag(s, "env-held", fact.path, fact.span, category, f"{fact.name} keeps its name for now", because)
    for hold in unit.holds:
        if hold.path in s.repository.files and (s.scope is None or hold.path in s.scope):
            _cause(s, hold)


def _cause(s: Settlement, hold: Hold) -> None:
    """The line that a reason points at."""
    if hold.offset is None:
        return
    file = s.repository.files[hold.path]
    start, end = file.lines.span(file.lines.line(hold.offset))
    end = start + len(file.source.text[start:end].rstrip("\r\n"))
    said = any(
        finding.path == hold.path
        and finding.action is Action.FLAG
        and finding.span
        and finding.span.start < end
        and finding.span.end > start
        for finding in s.out.findings
    )
    if not said:
        span = Span(hold.offset, end)
        flag(s, "holds-back", hold.path, span, Category.OTHER, "this holds the migration back", hold.reason)


def _registry(s: Settlement, unit: Unit) -> None:
    """Several providers: one finding for the repository, and a short list of files a person would look at."""
    files = s.evidence.files or tuple(s.evidence.siblings)
    first = files[0]
    if not any(finding.rule == "several-providers" for finding in s.out.findings):
        vendors = ", ".join(sorted(s.evidence.vendors)[:6]) or "see the files"
        message = f"OpenRouter is one of several providers ({vendors}); registry files: {', '.join(files[:5])}"
        because = "the new gateway is an entry to be added beside it: name, address, key variable, default and stored choices are yours to decide"
        flag(s, "several-providers", first, None, Category.REGISTRY, message, because)
    touched = sorted(
        {
            fact.path
            for fact in unit.facts
            if s.code(fact.path) and not (isinstance(fact, EnvFact) and fact.role is VariableRole.MESSAGE)
        }
        - {first},
        key=lambda path: (
            path not in files,
            not any(site.path == path for site in unit.urls),
            s.language(path) not in PROGRAMS,
            path,
        ),
    )
    for path in touched[:7]:
        if any(finding.path == path and finding.span is None and finding.action is Action.FLAG for finding in s.out.findings):
            continue
        message = "binds OpenRouter's address or key variable in a program with several providers"
        flag(s, "several-providers", path, None, Category.REGISTRY, message, f"see {first}")

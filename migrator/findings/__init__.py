"""Findings: what is said about each place, once the units are decided. One file a kind of place; `pronounce` calls them in order."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.findings.dependencies import dependencies
from migrator.findings.documents.setup_text import setup_text
from migrator.findings.endpoints import own_endpoints
from migrator.findings.exposure import responses
from migrator.findings.hard_coded_keys import keys_in_the_open
from migrator.findings.held_back import held_back
from migrator.findings.marks import marks
from migrator.findings.moving import moving
from migrator.findings.rows import rows
from migrator.findings.streamed_usage import streamed_usage
from migrator.findings.surroundings import look_around
from migrator.findings.todos.all import todos
from migrator.findings.todos.outside_addresses import outside_addresses
from migrator.model import Action, Finding


def pronounce(s: Analysis) -> None:
    """Write all findings and rows. The order matters: what speaks of a place later sees what was said of it before."""
    for move in s.moves:
        moving(s, move)
    held_back(s)
    s.out.findings += outside_addresses(s)
    marks(s)
    streamed_usage(s)
    s.out.findings += responses(s)
    keys_in_the_open(s)
    own_endpoints(s)
    setup_text(s)
    look_around(s)
    rows(s)
    todos(s)
    dependencies(s)
    s.out.findings = _once(s)


def _once(s: Analysis) -> list[Finding]:
    """Each thing once a line: two producers may come to the same place."""
    seen: set[tuple[str, str, int, str]] = set()
    once: list[Finding] = []
    for finding in dict.fromkeys(s.out.findings):
        line = s.repository.files[finding.path].lines.line(finding.span.start) if finding.span is not None else 0
        mark = (finding.rule, finding.path, line, finding.message)
        if finding.action is not Action.FLAG or mark not in seen:
            once.append(finding)
        seen.add(mark)
    return once

"""key-check, url-check: code that recognises a key by its shape or an address by its host."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.model import Fact, FactKind
from migrator.findings.flags import flagged
from migrator.findings.marks import facts_of
from migrator.model import Category, Finding


def key_checks(analysis: Analysis) -> Iterator[Finding]:
    """Checks in code, and those on lines of a test that get the new variable."""
    for mark in facts_of(analysis, FactKind.KEY_CHECK):
        yield _key_check(analysis, mark)
    for path, facts in sorted(analysis.facts.items()):
        if path_kinds.is_test(path) and not analysis.has_several_providers(path):
            line_of = analysis.repository.files[path].lines.line
            lines = {line_of(fact.span.start) for move in analysis.moves for fact in move.envs if fact.path == path}
            for mark in facts.marked(FactKind.KEY_CHECK):
                if line_of(mark.span.start) in lines:
                    yield _key_check(analysis, mark)


def _key_check(analysis: Analysis, mark: Fact) -> Finding:
    message = "a key is recognised by OpenRouter's shape"
    because = f"a key of the target ({analysis.target.key_example}) is not recognised here: add its prefix"
    return flagged(RuleId.KEY_CHECK, mark.path, mark.span, Category.CHECK, message, because)


def url_checks(analysis: Analysis) -> Iterator[Finding]:
    """Comparisons of an address with OpenRouter's host."""
    message, because = "an address is recognised by OpenRouter's host", "after the move the branch is no longer taken"
    for mark in facts_of(analysis, FactKind.URL_CHECK):
        yield flagged(RuleId.URL_CHECK, mark.path, mark.span, Category.CHECK, message, because)

"""hard-coded-key: keys in the code; flagged wherever they stand, also where a read of the new variable takes their place."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import parties, path_of
from migrator.analysis.decisions import Verdict
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.facts.model import FactKind
from migrator.facts.variables import form_of
from migrator.findings.flags import flagged
from migrator.findings.marks import facts_of
from migrator.formats.tree import EnvDef
from migrator.model import Category, Finding, Span
from migrator.patterns import regex
from migrator.text.secrets import is_placeholder

_REAL_KEY = regex(r"sk-or-v1-([0-9a-f]{64})(?![0-9a-f])")


def hard_coded_keys(analysis: Analysis) -> Iterator[Finding]:
    """Keys in the code, and keys of full length anywhere; an obvious placeholder is none."""
    for mark in facts_of(analysis, FactKind.KEY_LITERAL, several_providers=True):
        if not is_placeholder(mark.text) and not analysis.defines_env(mark):
            yield _key(analysis, mark.path, mark.span)
    yield from _keys_of_full_length(analysis)


def _keys_of_full_length(analysis: Analysis) -> Iterator[Finding]:
    """Keys wherever they stand, in comments, documents, tests and recordings too; only an env file is their place."""
    for path in sorted(analysis.facts):
        file = analysis.repository.files[path]
        text = file.source.text
        env_lines = [
            node.span for node in file.module.body if isinstance(node, EnvDef) and form_of(path, node, text) in ("dotenv", "envrc")
        ]
        for match in _REAL_KEY.finditer(text):
            drawn = len(set(match[1])) > 5
            if drawn and not any(start <= match.start() < end for start, end in env_lines):
                yield _key(analysis, path, Span(*match.span()))


def _key(analysis: Analysis, path: str, span: Span) -> Finding:
    near = [party for party in parties(analysis) if path_of(party) == path]
    stays = bool(near) and all(analysis.decision(party).verdict is Verdict.STAYS for party in near)
    name = openrouter()["images"]["variable"] if stays else analysis.target.key_env  # what stays needs OpenRouter's key
    because = f"revoke it; read {name} from the environment"
    return flagged(RuleId.HARD_CODED_KEY, path, span, Category.API_KEY_LITERAL, "a key stands in the file", because)

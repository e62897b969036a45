"""Keys in the open: they are flagged wherever they stand, and never moved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.facts.model import Fact
from migrator.facts.variables import form_of
from migrator.findings.flags import flagged
from migrator.formats.tree import EnvDef
from migrator.model import Category, Finding, Span
from migrator.text.secrets import is_placeholder

_REAL_KEY = re.compile(r"sk-or-v1-([0-9a-f]{64})(?![0-9a-f])")


def hard_coded(s: Analysis, mark: Fact) -> Iterator[Finding]:
    """A key in the code; an env file is its place, and an obvious placeholder is none."""
    if not is_placeholder(mark.text) and not s.defines_env(mark):
        yield _key(s, mark.path, mark.span)


def keys_in_the_open(s: Analysis) -> Iterator[Finding]:
    """A key of full length is flagged wherever it stands, in comments, documents, tests and recordings too; only an env file is its place."""
    for path in sorted(s.facts):
        file = s.repository.files[path]
        text = file.source.text
        env_lines = [
            node.span for node in file.module.body if isinstance(node, EnvDef) and form_of(path, node, text) in ("dotenv", "envrc")
        ]
        for match in _REAL_KEY.finditer(text):
            drawn = len(set(match[1])) > 5
            if drawn and not any(start <= match.start() < end for start, end in env_lines):
                yield _key(s, path, Span(*match.span()))


def _key(s: Analysis, path: str, span: Span) -> Finding:
    because = f"revoke it; read {s.target.key_env} from the environment"
    return flagged(RuleId.HARD_CODED_KEY, path, span, Category.API_KEY_LITERAL, "a key stands in the file", because)

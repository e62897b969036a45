"""env-file: lines of env files that define a variable of a move."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Variable
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact
from migrator.findings.edits import beside, defined_elsewhere, holds_secret, redefine, rename
from migrator.findings.terms import Terms, changed
from migrator.model import Action, Category, Finding


def env_line(analysis: Analysis, terms: Terms, variable: Variable, fact: EnvFact) -> Iterator[Finding]:
    """A line of an env file: renamed without its value, or followed by one for the new name."""
    new = variable.new_name
    assert new is not None
    file = analysis.repository.files[fact.path]
    example = path_kinds.is_example_env(fact.path)
    secret = not variable.is_address and holds_secret(fact, example=example)
    already = defined_elsewhere(fact, analysis.facts[fact.path].envs, file.module, new, example=example)
    if variable.decision == "additive":
        edits = () if already else beside(fact, file.source, analysis.target, new, empty=not variable.is_address and not example)
        if edits:
            yield changed(terms, RuleId.ENV_FILE, fact.path, fact.span, Category.ENV_ASSIGN, f"{new} beside {fact.name}", edits)
        return
    if variable.is_address:
        edits = rename(fact, file.source, new)
    else:
        edits = redefine(fact, file.source, new, analysis.target, example=example, already=already)
    if edits:
        span = fact.entry if fact.entry and not secret else fact.span
        yield changed(terms, RuleId.ENV_FILE, fact.path, span, Category.ENV_ASSIGN, f"{fact.name} becomes {new}", edits)
        return
    yield Finding(
        rule=RuleId.ENV_FILE, path=fact.path, span=fact.span, category=Category.ENV_ASSIGN, action=Action.KEEP,
        message="a switched-off line holds an old key", because="its value must not come under the new name",
    )  # fmt: skip

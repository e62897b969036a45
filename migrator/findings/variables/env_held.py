"""env-held: variables that keep their name for now, because a reader or a definer cannot move."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Variable
from migrator.analysis.moves import UNREAD
from migrator.catalog import renamed
from migrator.catalog.rules import RuleId
from migrator.catalog.variables import says_openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.connections.several_providers import is_read_by_registries_only
from migrator.findings.edits import is_env_line
from migrator.findings.flags import flagged
from migrator.formats.tree import Str
from migrator.model import Action, Category, Finding
from migrator.resolve.environment import VariableRole
from migrator.text.words import holds_word


def variables_held(analysis: Analysis) -> Iterator[Finding]:
    """A flag at each mention of a variable that waits for a person."""
    for variable in analysis.variables:
        if variable.decision != "manual" or is_read_by_registries_only(analysis, variable.name):
            continue
        if variable.is_address and not says_openrouter(variable.name) and variable.name not in analysis.defined:
            continue  # an address of some gateway: the connection that may take it tells why it stays
        for fact in analysis.mentions(variable.name, variable.folder):
            if analysis.code(fact.path) and fact.role is not VariableRole.MESSAGE and not _shown_empty(fact):
                category = Category.API_KEY_ENV if analysis.language(fact.path) in PROGRAMS else Category.ENV_REF
                category = Category.ENV_ASSIGN if is_env_line(fact) else category
                message = f"{fact.name} keeps its name for now"
                if (new := _beside_new_name(analysis, variable, fact)) and variable.because == UNREAD:
                    because = f"it stands beside {new}, for what still takes the old name: remove it when nothing does"
                    yield flagged(RuleId.ENV_HELD, fact.path, fact.span, category, message, because, action=Action.KEEP)
                else:
                    yield flagged(RuleId.ENV_HELD, fact.path, fact.span, category, message, variable.because)


def _beside_new_name(analysis: Analysis, variable: Variable, fact: EnvFact) -> str | None:
    """The new name, where the file has it beside the old one: a run left both."""
    new = renamed(variable.name, analysis.target.key_env)
    text = analysis.repository.files[fact.path].source.text
    return new if new and holds_word(text, new) else None


def _shown_empty(fact: EnvFact) -> bool:
    """Is it a line that is switched off and holds nothing: `# OPENROUTER_API_KEY=`?"""
    return fact.commented and (fact.value is None or (isinstance(fact.value, Str) and not fact.value.value))

"""Whether an address variable has a value in the tree: a default where it is read, or a definition."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.url_context import default_of
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.model import Category, Finding
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import From


def has_default(s: Analysis, name: str) -> bool:
    """Does a program go on without the variable, at an address that stands in it?"""
    if any(name in (other for other, _ in default_of(site)) for facts in s.facts.values() for site in facts.urls):
        return True
    if any(
        name in connection.variables and any(origin.kind is From.LITERAL for origin in connection.urls)
        for connection in s.connections
    ):
        return True
    reads = (fact for facts in s.facts.values() for fact in facts.envs if fact.name == name)
    return any(fact.role in (VariableRole.READ, VariableRole.FIELD) and fact.value is not None for fact in reads)


def outside_addresses(s: Analysis) -> Iterator[Finding]:
    """Address variables whose value stands nowhere in the tree: the move is whole only once somebody sets the new one."""
    for variable in s.variables:
        if not variable.is_address or not variable.moves or has_default(s, variable.name) or variable.name in s.defined:
            continue
        for fact in s.mentions(variable.name, variable.folder):
            if fact.role in (VariableRole.READ, VariableRole.FIELD) and s.code(fact.path):
                message = f"{variable.new_name} has no value in this repository"
                because = f"set it to {s.target.openai_base} wherever {variable.name} is set, before the new key"
                yield flagged(RuleId.ADDRESS_OUTSIDE, fact.path, fact.span, Category.BASE_URL, message, because)
                break

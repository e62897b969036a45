"""address-outside: address variables that nothing in the tree gives a value, neither a default where they are read nor a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.url_context import default_of, env_owner
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, host_only
from migrator.findings.flags import flagged
from migrator.model import Category, Finding
from migrator.resolve.context import last_name
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import From


def new_value(analysis: Analysis, name: str) -> str:
    """The address that the new variable is to be set to: with the path that the old one held, where it holds more than the base."""
    written = [site for site in analysis.defined.get(name, ()) if site.url.kind.movable]
    written += [
        site
        for facts in analysis.facts.values()
        for site in facts.urls
        if site.url.kind.movable and name in (other for other, _ in default_of(site, analysis.facts))
    ]
    if analysis.target.anthropic_base is not None and written and all(site.url.kind is UrlKind.ANTHROPIC_BASE for site in written):
        return analysis.target.anthropic_base
    hosts = [
        site
        for facts in analysis.facts.values()
        for site in facts.urls
        if site.url.kind is UrlKind.HOST
        and (env_owner(site) == name or name in (other for other, _ in default_of(site, analysis.facts)))
    ]
    if hosts and not written:  # the program puts scheme and path around it
        return host_only(hosts[0].url, analysis.target)
    paths = {site.url.path.strip("/") for site in written}
    if not written:
        paths = {_asked_for(connection, name) for connection in analysis.connections if name in connection.variables}
    path = paths.pop() if len(paths) == 1 else ""
    return f"{analysis.target.openai_base}/{path}" if path and not re.search(r"[{}$<>]", path) else analysis.target.openai_base


def _asked_for(connection: Connection, name: str) -> str:
    """What a plain request that gets its whole address from the variable asks for."""
    whole = [origin for origin in connection.urls if origin.kind is From.ENV and origin.name == name]
    raw = connection.fact.client == "raw-http" and last_name(connection.fact.call.func).lower() != "get"
    return "chat/completions" if raw and whole and not any(origin.prefix or origin.suffix for origin in whole) else ""


def has_default(analysis: Analysis, name: str) -> bool:
    """Does each program go on without the variable, at an address that stands in it?"""
    if any(
        fact.name == name and fact.value is None and (fact.role is VariableRole.FIELD or fact.how == "settings-alias")
        for path, facts in analysis.facts.items()
        if analysis.code(path)
        for fact in facts.envs
    ):
        return False
    if any(
        name in (other for other, _ in default_of(site, analysis.facts)) for facts in analysis.facts.values() for site in facts.urls
    ):
        return True
    if any(
        name in connection.variables and any(origin.kind is From.LITERAL for origin in connection.urls)
        for connection in analysis.connections
    ):
        return True
    reads = [fact for facts in analysis.facts.values() for fact in facts.envs if fact.name == name]
    return any(fact.role in (VariableRole.READ, VariableRole.FIELD) and fact.value is not None for fact in reads)


def outside_addresses(analysis: Analysis) -> Iterator[Finding]:
    """Address variables whose value stands nowhere in the tree: the move is whole only once somebody sets the new one."""
    for variable in analysis.variables:
        if (
            not variable.is_address
            or not variable.moves
            or has_default(analysis, variable.name)
            or variable.name in analysis.defined
        ):
            continue
        for fact in analysis.mentions(variable.name, variable.folder):
            if fact.role in (VariableRole.READ, VariableRole.FIELD) and analysis.code(fact.path):
                message = f"{variable.new_name} has no value in this repository"
                because = f"set it to {new_value(analysis, variable.name)} wherever {variable.name} is set, before the new key"
                yield flagged(RuleId.ADDRESS_OUTSIDE, fact.path, fact.span, Category.BASE_URL, message, because)
                break

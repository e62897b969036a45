"""Variables whose names do not say that they are OpenRouter's: connections that were followed to them tell of them."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party
from migrator.analysis.hidden_clients import explicits
from migrator.analysis.sources.key_sources import SourceKind, key_sources
from migrator.analysis.sources.loose_addresses import loose_addresses
from migrator.analysis.sources.program_values import set_by_program
from migrator.analysis.sources.url_context import default_of, env_owner
from migrator.catalog import is_key_variable
from migrator.facts.variables import speaks_of
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import From, origins
from migrator.resolve.settings_classes import usual_spellings


def plain_names(analysis: Analysis) -> frozenset[str]:
    """Variables that a key or an address comes from and that no reader of files has been told of."""
    names: set[str] = set()
    for connection in analysis.connections:
        if analysis.code(connection.fact.path):
            names |= {source.name for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE}
            names |= {
                name
                for origin in connection.urls
                if origin.kind is From.ENV
                for name, _, _ in analysis.made_from(origin.name, origin.path, origin.node)
            }
    for addition in explicits(analysis).additions:
        names |= addition.names
    names |= _of_exchanged_classes(analysis)
    for loose in loose_addresses(analysis):
        names |= {source.name for source in analysis.sources_of(loose) if source.kind is SourceKind.VARIABLE}
        names |= {name for name, _ in default_of(loose.site, analysis.facts)}
        if (owner := env_owner(loose.site)) is not None:
            names.add(owner)  # the only place that says whose address the variable holds may be an example file
    names |= {spelling for name in names & _of_settings(analysis) for spelling in usual_spellings(name)}
    unread = _of_files_without_facts(analysis)
    # a name that is not in capitals is no word that is looked for in texts, whatever it says
    return frozenset(
        name
        for name in names | unread
        if (not speaks_of(name) or name != name.upper() or name in unread) and name.replace(".", "_").isidentifier()
    )


def _of_files_without_facts(analysis: Analysis) -> set[str]:
    """Variables of connections that are read in a file which was only followed into, and has to be read for them."""
    return {
        origin.name
        for connection in analysis.connections
        for origin in (*connection.urls, *connection.keys)
        if origin.kind is From.ENV and origin.node is not None and origin.path not in analysis.facts
    }


def _of_settings(analysis: Analysis) -> set[str]:
    """Variables that a field of a settings class reads by its own name."""
    return {fact.name for facts in analysis.facts.values() for fact in facts.envs if fact.role is VariableRole.FIELD}


def _of_exchanged_classes(analysis: Analysis) -> set[str]:
    """Variables that are the keys of clients whose class has to go."""
    names: set[str] = set()
    for path, facts in analysis.facts.items():
        for client in facts.clients if analysis.code(path) else ():
            row = client.integration
            if row is None or row.exchange is None:
                continue
            keys = origins(analysis.repository, client.key, client.key_scope or client.node_path.scope) if client.key else ()
            ends = key_sources(analysis.repository, analysis.callers, keys)
            own = {source.name for source in ends if source.kind is SourceKind.VARIABLE}
            own |= {row.key.env} if client.key is None and row.key.env is not None else set()
            set_here = set_by_program(analysis, own)
            names |= own | {source.name for source in set_here if source.kind is SourceKind.VARIABLE}
    return names


def keys_among(analysis: Analysis, names: frozenset[str]) -> frozenset[str]:
    """The variables that a connection takes its key from, of `names` and of those that name OpenRouter and do not say key: `OPENROUTER`."""
    parties: list[Party] = [*analysis.connections, *loose_addresses(analysis)]
    keys = {source.name for party in parties for source in analysis.sources_of(party) if source.kind is SourceKind.VARIABLE}
    return frozenset(name for name in keys if name in names or (speaks_of(name) and not is_key_variable(name)))

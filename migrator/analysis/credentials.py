"""Keys in Rails' encrypted credentials and in an application's stored settings: a program reads the new key from an entry of its own.

The file cannot be edited without its master key, and the old entry holds OpenRouter's key. What moves reads `credentials.mg_key`, which
gives nothing until somebody has put the new key there; what stays goes on reading the old entry. Likewise what users stored on their
devices stays under its old name, which nothing reads any more.
https://guides.rubyonrails.org/security.html#custom-credentials
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import moving_sites
from migrator.analysis.framework_settings.of_connections import EnvironmentSetting, environment_settings
from migrator.analysis.framework_settings.spring import RenamedSetting, renamed_setting
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.sources.stored_entries import StoredEntry, renamed_entry, stored_entry
from migrator.catalog.rules import RuleId
from migrator.facts.model import EnvFact
from migrator.formats.tree import EnvRef
from migrator.model import Edit, Span
from migrator.resolve.context import Identity
from migrator.resolve.credentials import store_of
from migrator.resolve.environment import DEFINING, READING
from migrator.resolve.settings_files import shadowed_by


def entries_of(analysis: Analysis, party: Connection | LooseAddress) -> list[KeySource]:
    """The entries that a connection's key may come from."""
    return [source for source in analysis.sources_of(party) if source.kind is SourceKind.CREDENTIAL]


def entry_name(analysis: Analysis) -> str:
    """What the new entry is called: the new variable in small letters."""
    return analysis.target.key_env.lower()


def new_reads(analysis: Analysis, party: Connection | LooseAddress) -> list[Detachment]:
    """The reads of a connection's key with the new entry in place of the old one."""
    reads: list[Detachment] = [*_renamed_entries(analysis, party), *_renamed_settings(analysis, party)]
    for source in entries_of(analysis, party):
        store = store_of(source.node)
        if source.node is None or store is None:
            continue
        text = analysis.repository.files[source.path].source.text
        start, end = source.node.span
        strict = "!" if text[start:end].endswith("!") or ".fetch(" in text[start:end] else ""
        new = f"{text[store.span.start : store.span.end]}.{entry_name(analysis)}{strict}"
        edit = Edit(path=source.path, span=source.node.span, old=text[start:end], new=new)
        reads.append(
            Detachment(
                path=source.path,
                span=source.node.span,
                message="the key is read from a new entry of Rails' credentials",
                edits=(edit,),
                because="the old entry holds OpenRouter's key and stays as it is",
                rule=RuleId.ENV_RENAME,
            )
        )
    return reads


def stored_entries(analysis: Analysis, party: Connection | LooseAddress) -> Iterator[StoredEntry]:
    """The entries on the device that a connection's key may come from."""
    for source in analysis.sources_of(party):
        if source.kind is SourceKind.ENTRY and source.node is not None and source.scope is not None:
            entry = stored_entry(analysis.repository, source.node, source.scope)
            if entry is not None:
                yield entry


def _renamed_entries(analysis: Analysis, party: Connection | LooseAddress) -> Iterator[Detachment]:
    for entry in stored_entries(analysis, party):
        new = renamed_entry(entry.name, analysis.target.key_env)
        for path, literal in entry.places:
            start, end = literal.inner
            old = analysis.repository.files[path].source.text[start:end]
            yield Detachment(
                path=path,
                span=literal.span,
                message=f"the stored entry {entry.name} becomes {new}",
                edits=(Edit(path=path, span=literal.inner, old=old, new=new),),
                because="what users stored under the old name is OpenRouter's key, and is not read any more",
                rule=RuleId.ENV_RENAME,
            )


def _renamed_settings(analysis: Analysis, party: Connection | LooseAddress) -> Iterator[Detachment]:
    """The settings of a connection's key and address that an old variable would give before the file or the default."""
    urls = party.urls if isinstance(party, Connection) else ()
    nodes = [(source.path, source.node) for source in analysis.sources_of(party)] + [(origin.path, origin.node) for origin in urls]
    if isinstance(party, LooseAddress):
        nodes += [(party.path, step.node) for step in party.site.node_path.ancestors() if isinstance(step.node, EnvRef)]
    named: dict[str, tuple[RenamedSetting, str]] = {}
    for place, node in nodes:
        setting = shadowed_by(analysis.repository, place, node) if isinstance(node, EnvRef) else ""
        renamed = renamed_setting(analysis.repository, setting, analysis.target.key_env) if setting else None
        if renamed is not None and isinstance(node, EnvRef):
            named[renamed.name.lower()] = (renamed, f"Spring reads {node.name} by itself for the old name, before any file")
    for each in environment_settings(analysis, party):
        if each.renamed is not None:
            because = f"{each.framework} reads {each.variables[0]} by itself for the old name, before any file"
            named.setdefault(each.name.lower(), (each.renamed, because))
            yield from _definitions(analysis, each)
    for renamed, because in named.values():
        edits = [(path, span, renamed.word) for path, span in renamed.places]
        edits += [(path, Span(at, at), renamed.annotation) for path, at in renamed.fields]
        for path, span, new in edits:
            old = analysis.repository.files[path].source.text[span.start : span.end]
            yield Detachment(
                path=path,
                span=span,
                message=f"the setting {renamed.name} becomes {renamed.new}",
                edits=(Edit(path=path, span=span, old=old, new=new.upper() if old and old.isupper() else new),),
                because=because,
                rule=RuleId.ENV_RENAME,
            )


def _follows(analysis: Analysis, fact: EnvFact, moving: Container[Identity]) -> bool:
    """Does a definition hand a value through by its name, or give an address that moves? Under the new name no other one may be read."""
    if fact.value is None:
        return True
    start, end = fact.value.span
    sites = [site.identity for site in analysis.facts[fact.path].urls if start <= site.span.start < end]
    return bool(sites) and all(site in moving for site in sites)


def _definitions(analysis: Analysis, setting: EnvironmentSetting) -> Iterator[Detachment]:
    """Where the tree gives a variable of Spring's a value that the setting takes by itself."""
    if setting.framework != "Spring" or not setting.is_address:
        return
    moving = moving_sites(analysis)
    read = {fact.name for facts in analysis.facts.values() for fact in facts.envs if fact.role in READING}
    for path, facts in sorted(analysis.facts.items()):
        for fact in facts.envs if analysis.code(path) else ():
            if (
                fact.name in setting.variables
                and fact.name not in read
                and fact.role in DEFINING
                and _follows(analysis, fact, moving)
            ):
                yield Detachment(
                    path=path,
                    span=fact.span,
                    message=f"{fact.name} becomes {setting.new_variable}",
                    edits=(Edit(path=path, span=fact.span, old=fact.name, new=setting.new_variable),),
                    because=f"Spring reads it by itself for {setting.name}",
                    rule=RuleId.ENV_RENAME,
                )

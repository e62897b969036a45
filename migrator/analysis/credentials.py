"""Keys in Rails' encrypted credentials and in an application's stored settings: a program reads the new key from an entry of its own.

The file cannot be edited without its master key, and the old entry holds OpenRouter's key. What moves reads `credentials.mg_key`, which
gives nothing until somebody has put the new key there; what stays goes on reading the old entry. Likewise what users stored on their
devices stays under its old name, which nothing reads any more.
https://guides.rubyonrails.org/security.html#custom-credentials
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.sources.stored_entries import StoredEntry, renamed_entry, stored_entry
from migrator.catalog.rules import RuleId
from migrator.model import Edit
from migrator.resolve.credentials import store_of


def entries_of(analysis: Analysis, party: Connection | LooseAddress) -> list[KeySource]:
    """The entries that a connection's key may come from."""
    return [source for source in analysis.sources_of(party) if source.kind is SourceKind.CREDENTIAL]


def entry_name(analysis: Analysis) -> str:
    """What the new entry is called: the new variable in small letters."""
    return analysis.target.key_env.lower()


def new_reads(analysis: Analysis, party: Connection | LooseAddress) -> list[Detachment]:
    """The reads of a connection's key with the new entry in place of the old one."""
    reads: list[Detachment] = list(_renamed_entries(analysis, party))
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

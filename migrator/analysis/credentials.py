"""Keys in Rails' encrypted credentials: a program reads the new key from an entry of its own, which a person creates.

The file cannot be edited without its master key, and the old entry holds OpenRouter's key. What moves reads `credentials.mg_key`, which
gives nothing until somebody has put the new key there; what stays goes on reading the old entry.
https://guides.rubyonrails.org/security.html#custom-credentials
"""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource, SourceKind
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
    reads: list[Detachment] = []
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

"""Address and key that a library reads by itself under its own names: both values change together, and another key must not go along."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import LooseAddress
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.url_context import env_owner
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.integrations import lookup
from migrator.model import Todo


def library_addresses(analysis: Analysis) -> Iterator[Todo]:
    """Address variables of libraries that each user sets in a file of his own, shown by an example in the tree."""
    for loose, owner in _moving(analysis):
        if not path_kinds.is_example_env(loose.path):
            continue
        keys = " and ".join(_keys(analysis, loose))
        base = analysis.target.anthropic_base if loose.site.url.kind is UrlKind.ANTHROPIC_BASE else analysis.target.openai_base
        yield Todo(
            title=f"Set {owner} to {base} in your own env file, in one step with {keys}",
            detail=f"{loose.path} shows both lines; a program that has one of them new and the other old sends a key to the wrong host.",
            command=None, because="a library reads both by these names, so neither can get a new one", kind="set", variable=owner,
            where=(loose.path,), secret=False, value=base,
        )  # fmt: skip


def other_keys(analysis: Analysis) -> Iterator[Todo]:
    """Keys of the vendor that such a library takes as well, where they are set."""
    taken = {name for loose, _ in _moving(analysis) for name in _keys(analysis, loose)}
    where: dict[str, set[str]] = {}
    for loose, owner in _moving(analysis):
        for row in lookup.shipped().reading(owner):
            if row.key.env is not None and row.key.env not in taken:
                line = analysis.repository.files[loose.path].lines.line(loose.offset)
                where.setdefault(row.key.env, set()).add(f"{loose.path}:{line}")
    for name, places in sorted(where.items()):
        yield Todo(
            title=f"Do not set {name} where this address is set",
            detail=f"The library takes {name} too and sends it to {analysis.target.title}: {', '.join(sorted(places))}.",
            command=None, because="a library takes every key that it knows by name", kind="decide", variable=name, where=tuple(sorted(places)),
            secret=True,
        )  # fmt: skip


def _moving(analysis: Analysis) -> Iterator[tuple[LooseAddress, str]]:
    """Addresses that move and are given to a variable which a library reads by itself, and which the program does not read under a new name."""
    renamed = {variable.name for move in analysis.moves for variable in move.variables if variable.moves}
    for loose in analysis.loose:
        owner = env_owner(loose.site)
        if (
            owner is not None
            and owner not in renamed
            and analysis.code(loose.path)
            and analysis.applies(loose)
            and lookup.shipped().reading(owner)
        ):
            yield loose, owner


def _keys(analysis: Analysis, loose: LooseAddress) -> list[str]:
    return sorted({source.name for source in analysis.sources_of(loose) if source.kind is SourceKind.VARIABLE})

"""Does a manifest leave room for the version of a package that an exchanged class needs?"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.analysis.hidden_clients.model import Analysed
from migrator.facts.manifests import excluded
from migrator.integrations.exchange import Packages


def too_old(analysis: Analysed, packages: Packages | None, paths: Iterable[str]) -> str:
    """What keeps the package too old for the files at `paths`, with its place; "" where nothing does."""
    if packages is None:
        return ""
    entry = excluded(analysis.repository, packages, paths)
    if entry is None:
        return ""
    file = analysis.repository.file(entry.path)
    line = f":{file.lines.line(entry.span.start)}" if file is not None else ""
    return f"{entry.path}{line} asks for {entry.package} {entry.bound}, and {packages.needs} is needed"

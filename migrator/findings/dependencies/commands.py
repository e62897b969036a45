"""Commands that install a package outside of a manifest: in an image, a workflow, a notebook, a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.integrations.exchange import Packages
from migrator.model import Todo

_INSTALL = r"\b(?:pip3?|uv|poetry|pdm|pixi|pipenv|conda|mamba|npm|pnpm|yarn|bun)[ \t]+(?:pip[ \t]+)?(?:install|add|i)\b"


def installed_by_command(analysis: Analysis, packages: Packages, project: str) -> Iterator[Todo]:
    """One chore with all places of a project, and above it, where a command installs the package that goes."""
    if not packages.drops:
        return
    words = re.compile(rf"{_INSTALL}(?:[^\n]|\\\n)*?(?<![\w@/-]){re.escape(packages.drops)}(?![\w-])")
    places = []
    for path, file in sorted(analysis.repository.files.items()):
        folder = path.rpartition("/")[0]
        if project and not path.startswith(f"{project}/") and not f"{project}/".startswith(f"{folder}/" if folder else ""):
            continue
        if packages.drops in file.source.text:
            matches = words.finditer(file.source.text)
            places += [f"{path}:{file.lines.line(match.end() - 1)}" for match in matches]
    if places:
        yield Todo(
            title=f"Install {packages.needs} where a command installs {packages.drops}",
            detail="Commands are not edited.",
            command=None,
            because="the class that is used from now on comes from it",
            where=tuple(dict.fromkeys(places)),
        )

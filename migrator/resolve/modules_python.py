"""Which file of this tree an import of Python means: relative to the importing file, or from a folder above it or its `src`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.resolve.repository import Repository


def find(repository: Repository, importer: str, module: str) -> str | None:
    """The file that `module` means where `importer` imports it; None for a package from elsewhere."""
    folder_of_importer = posixpath.dirname(importer)
    level = len(module) - len(module.lstrip("."))
    parts = module.lstrip(".").replace(".", "/")
    if level:
        base = folder_of_importer
        for _ in range(level - 1):
            base = posixpath.dirname(base)
        roots = [base]
    else:
        roots = [*_upwards(folder_of_importer)]
        roots += [posixpath.join(root, "src") for root in roots]
    for root in roots:
        stem = posixpath.join(root, parts) if parts else root
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate.lstrip("/") in repository.paths:
                return candidate.lstrip("/")
    return None


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""

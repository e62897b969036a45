"""Which file of this tree an import means."""

from __future__ import annotations

import posixpath

from migrator.resolve import modules_ecma, modules_languages, modules_python
from migrator.resolve.repository import Repository

_PYTHON = (".py", ".pyi", ".ipynb", ".pyw")


def local_module(repository: Repository, importer: str, module: str) -> str | None:
    """The file of this tree that an import means; None for a package from elsewhere."""
    key = (posixpath.dirname(importer), module)
    if key not in repository.known_modules:
        if importer.endswith(_PYTHON):
            find = modules_python.find
        elif importer.endswith(modules_languages.ENDINGS):
            find = modules_languages.find
        else:
            find = modules_ecma.find
        repository.known_modules[key] = find(repository, importer, module)
    return repository.known_modules[key]


def is_local(repository: Repository, name: str | None, importer: str) -> bool:
    """Does a dotted name start in this tree rather than in an installed package?"""
    if name is None:
        return False
    if name.partition(":")[0] in repository.paths:  # `config.py:Client`
        return True
    module = name.replace("()", "")
    while module:
        if local_module(repository, importer, module):
            return True
        head, _, _ = module.rpartition(".")
        if head == module:
            break
        module = head
    return False


def submodule(module: str, name: str) -> str:
    """The module `name` of the package `module`, as an import spells it: `..` and `config` → `..config`."""
    return f"{module}{'' if module.endswith('.') else '.'}{name}"

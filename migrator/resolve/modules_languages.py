"""Which file of this tree an import means in the languages of `formats.languages`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from migrator.formats.tree import Import
from migrator.patterns import regex
from migrator.resolve.repository import Repository


def find(repository: Repository, importer: str, module: str) -> str | None:
    """The file that `module` means where `importer` imports it; None for a package from elsewhere."""
    finder = _FINDERS.get(posixpath.splitext(importer)[1])
    return None if finder is None else finder(repository, importer, module)


def _folder_of(repository: Repository, folder: str, suffix: str) -> str | None:
    """The first file of a folder: the others are seen from it."""
    files = sorted(path for path in repository.paths if path.endswith(suffix) and posixpath.dirname(path) == folder)
    return next((path for path in files if not path.endswith(f"_test{suffix}")), None)


_GO_MODULE = regex(r"^module\s+(\S+)", re.MULTILINE)


def _go(repository: Repository, importer: str, module: str) -> str | None:
    """A package of the module that a `go.mod` above names: https://go.dev/ref/mod#resolve-pkg-mod"""
    folder = posixpath.dirname(importer)
    while True:
        manifest = posixpath.join(folder, "go.mod")
        if manifest in repository.paths:
            file = repository.file(manifest)
            named = _GO_MODULE.search(file.source.text) if file else None
            if named and (module == named[1] or module.startswith(f"{named[1]}/")):
                return _folder_of(repository, posixpath.join(folder, module[len(named[1]) + 1 :]).rstrip("/"), ".go")
            return None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


_DART_PACKAGE = regex(r"^name:[ \t]*[\"']?(\w+)", re.MULTILINE)


def _dart(repository: Repository, importer: str, module: str) -> str | None:
    """A library beside the importing one, or one of the package that a `pubspec.yaml` above names: https://dart.dev/guides/packages"""
    folder = posixpath.dirname(importer)
    beside = posixpath.normpath(posixpath.join(folder, module))
    if beside in repository.paths:
        return beside
    package, _, rest = module.partition("/")
    while True:
        manifest = posixpath.join(folder, "pubspec.yaml")
        if manifest in repository.paths:
            file = repository.file(manifest)
            named = _DART_PACKAGE.search(file.source.text) if file else None
            path = posixpath.join(folder, "lib", rest)
            return path if named and named[1] == package and path in repository.paths else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _java(repository: Repository, _importer: str, module: str) -> str | None:
    """A class by its file, or a package by any file of its folder: `com.acme.Config` is `…/com/acme/Config.java`."""
    path = module.replace(".", "/")
    ends = (f"{path}.java", f"{path}.kt")
    exact = sorted(file for file in repository.paths if file.endswith(ends) and f"/{file}".endswith((f"/{ends[0]}", f"/{ends[1]}")))
    if exact or "/" not in path:
        return exact[0] if exact else None
    inside = sorted(
        file for file in repository.paths if file.endswith((".java", ".kt")) and f"/{posixpath.dirname(file)}".endswith(f"/{path}")
    )
    return next((file for file in inside if "/test/" not in file), None)


_PSR4 = regex(r'"([A-Za-z0-9_\\]+)\\\\"\s*:\s*"([^"]*)"')


def _php(repository: Repository, importer: str, module: str) -> str | None:
    """A namespace by a file of its folder, as `composer.json` maps them; `App` is `app` in Laravel: https://www.php-fig.org/psr/psr-4/"""
    folder = posixpath.dirname(importer)
    while True:
        manifest = posixpath.join(folder, "composer.json")
        if manifest in repository.paths or not folder:
            break
        folder = posixpath.dirname(folder)
    file = repository.file(manifest) if manifest in repository.paths else None
    roots = dict(_PSR4.findall(file.source.text)) if file is not None else {}
    for prefix, root in (roots or {"App": "app/"}).items():
        space = prefix.replace("\\\\", ".").replace("\\", ".")
        if module == space or module.startswith(f"{space}."):
            rest = module[len(space) + 1 :].replace(".", "/")
            path = posixpath.normpath(posixpath.join(folder, root, rest))
            beside = _folder_of(repository, path.removeprefix("./"), ".php")
            if beside is not None or f"{path}.php" in repository.paths:
                return beside or f"{path}.php"
    return None


_RUST_PACKAGE = regex(r"^\[package\][^\[]*?^name\s*=\s*\"([\w-]+)\"", re.MULTILINE | re.DOTALL)


def _crate(repository: Repository, name: str) -> str | None:
    """The folder of the package of this tree that a path begins with: https://doc.rust-lang.org/cargo/reference/manifest.html"""
    if ("crates",) not in repository.known:
        crates: dict[str, str] = {}
        for manifest in sorted(path for path in repository.paths if posixpath.basename(path) == "Cargo.toml"):
            file = repository.file(manifest)
            match = _RUST_PACKAGE.search(file.source.text) if file is not None else None
            if match is not None:
                crates.setdefault(match[1].replace("-", "_"), posixpath.dirname(manifest))
        repository.known[("crates",)] = crates
    crates_by_name: dict[str, str] = repository.known[("crates",)]
    return crates_by_name.get(name)


def _declares(repository: Repository, importer: str, name: str) -> bool:
    """Does a file say `mod name;`? Its own modules are seen by their name alone."""
    file = repository.file(importer)
    return file is not None and any(
        isinstance(node, Import) and node.local == name and node.module == f"self.{name}" for node in file.module.body
    )


def _rust(repository: Repository, importer: str, module: str) -> str | None:
    """A module by its file, from the crate's root, the module itself or the one above: https://doc.rust-lang.org/reference/items/modules.html"""
    first, *rest = module.split(".")
    folder, file = posixpath.split(importer)
    inner_folder = folder if file in ("main.rs", "lib.rs", "mod.rs") else posixpath.join(folder, file.removesuffix(".rs"))
    root = folder
    while root and f"{posixpath.dirname(root)}/Cargo.toml".lstrip("/") not in repository.paths:
        root = posixpath.dirname(root)
    if first == "self":
        base = inner_folder
    elif first == "super":
        base = posixpath.dirname(inner_folder)
    elif first == "crate":
        base = root
    elif _declares(repository, importer, first):
        base, rest = inner_folder, [first, *rest]
    elif (
        crate := _crate(repository, first)
    ) is not None:  # the library beside a program of the same package, or one of the workspace
        base = posixpath.join(crate, "src")
    else:
        return None
    path = posixpath.join(base, *rest)
    choices = (f"{path}.rs", f"{path}/mod.rs") if rest else (f"{path}/main.rs", f"{path}/lib.rs", f"{path}.rs", f"{path}/mod.rs")
    return next((choice for choice in choices if choice in repository.paths), None)


_FINDERS: dict[str, Callable[[Repository, str, str], str | None]] = {
    ".go": _go,
    ".dart": _dart,
    ".java": _java,
    ".kt": _java,
    ".kts": _java,
    ".php": _php,
    ".rs": _rust,
}
ENDINGS = tuple(_FINDERS)
"""Endings of the files whose imports are understood here."""

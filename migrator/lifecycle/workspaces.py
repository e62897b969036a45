"""Which packages of a repository use which others, by their manifests: a key belongs to what is deployed, not to the library it calls through.

Read are the names and dependencies of `package.json`, `pyproject.toml`, `Cargo.toml`, `go.mod` and `composer.json`. Imports by a bare relative path
are not followed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any

from migrator.model import MigratorError
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.text.regular import read_regular

_LARGEST = 4 << 20
_PYTHON_NAME = regex(r"^[A-Za-z0-9][\w.-]*")
_GO_MODULE = regex(r"^module\s+(\S+)", re.MULTILINE)
_GO_REQUIRE = regex(r"^\s*(?:require\s+)?([\w.-]+/[\w./-]+)\s+v", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A manifest: the folder, the names it goes by, and the names it depends on."""

    folder: str
    names: frozenset[str]
    needs: frozenset[str]


def users(root: Path) -> Mapping[str, frozenset[str]]:
    """For each folder with a manifest, the folders that use it, directly or through others. Raises `MigratorError` for a bad root."""
    packages = _packages(root)
    by_name = {name: package.folder for package in packages for name in package.names}
    direct: dict[str, set[str]] = {}
    for package in packages:
        for need in package.needs:
            other = by_name.get(need)
            if other is not None and other != package.folder:
                direct.setdefault(other, set()).add(package.folder)
    return {folder: frozenset(_reached(folder, direct)) for folder in direct}


def _reached(folder: str, direct: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    queue = [folder]
    while queue:
        for user in direct.get(queue.pop(), ()):
            if user not in seen:
                seen.add(user)
                queue.append(user)
    return seen - {folder}


def _packages(root: Path) -> list[Package]:
    from migrator.discover.files import discover

    packages: list[Package] = []
    for path in discover(root, [root]).files:
        reader = _READERS.get(path.rpartition("/")[2])
        if reader is None:
            continue
        try:
            names, needs = reader(read_regular(root / path, _LARGEST).decode("utf-8-sig"), dirname(path))
        except (OSError, ValueError, AttributeError, TypeError, MigratorError):
            continue  # a broken manifest says nothing here; the run tells it where it matters
        packages.append(Package(folder=dirname(path) or ".", names=frozenset(filter(None, names)), needs=frozenset(needs)))
    return packages


_Names = tuple[Iterable[str], Iterable[str]]


def _node(text: str, folder: str) -> _Names:
    data: dict[str, Any] = json.loads(text)
    kinds = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
    needs: set[str] = set()
    for kind in kinds:
        for name, version in (data.get(kind) or {}).items():
            needs.add(name)
            if isinstance(version, str) and version.startswith(("file:", "link:")):
                needs.add("./" + normpath(f"{folder}/{version.partition(':')[2]}"))
    return (str(data.get("name") or ""), f"./{folder}"), needs


def _python(text: str, folder: str) -> _Names:
    data = tomllib.loads(text)
    project, tools = data.get("project") or {}, data.get("tool") or {}
    poetry = tools.get("poetry") or {}
    rows = [
        *(project.get("dependencies") or ()),
        *(row for rows in (project.get("optional-dependencies") or {}).values() for row in rows),
    ]
    rows += [*(poetry.get("dependencies") or {}), *((tools.get("uv") or {}).get("sources") or {})]
    needs = {_plain(match[0]) for row in rows if (match := _PYTHON_NAME.match(str(row)))}
    return (_plain(str(project.get("name") or poetry.get("name") or "")), f"./{folder}"), needs


def _plain(name: str) -> str:
    """A Python distribution's name as PEP 503 compares it, apart from names of other languages."""
    return f"python:{re.sub(r'[-_.]+', '-', name).lower()}" if name else ""


def _rust(text: str, folder: str) -> _Names:
    data = tomllib.loads(text)
    name = (data.get("package") or {}).get("name")
    return (f"rust:{name}" if name else "", f"./{folder}"), {f"rust:{need}" for need in data.get("dependencies") or {}}


def _go(text: str, folder: str) -> _Names:
    match = _GO_MODULE.search(text)
    return (f"go:{match[1]}" if match else "", f"./{folder}"), {f"go:{need}" for need in _GO_REQUIRE.findall(text)}


def _php(text: str, folder: str) -> _Names:
    data: dict[str, Any] = json.loads(text)
    name = data.get("name")
    return (f"php:{name}" if name else "", f"./{folder}"), {f"php:{need}" for need in data.get("require") or {}}


_READERS: Mapping[str, Callable[[str, str], _Names]] = {
    "package.json": _node,
    "pyproject.toml": _python,
    "Cargo.toml": _rust,
    "go.mod": _go,
    "composer.json": _php,
}

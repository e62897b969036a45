"""Imports point one way, and only the live commands can reach the network.

Facts up, decisions down, text last: a module that knew something to its right could decide before all the facts are there, or write
before all the decisions are. Every module belongs to one layer, and imports for the type checker alone count like the others.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import migrator

PACKAGE = Path(migrator.__file__).parent

LAYERS: tuple[tuple[str, ...], ...] = (
    ("records", "patterns"),
    ("model", "options"),
    ("text", "discover", "catalog"),
    ("integrations",),
    ("formats",),
    ("resolve",),
    ("facts",),
    ("routing",),
    ("analysis",),
    ("findings",),
    ("plan",),
    ("reports", "apply", "live", "lifecycle"),
    ("api",),
    ("cli",),
    ("__main__",),
)
"""From left to right: a module or a folder at the top of the package. What stands in one row may import each other, without circles."""

FORMATS: tuple[tuple[str, ...], ...] = (
    ("tree", "operators", "spans", "interpolation", "detect", "parsing"),
    ("python", "ecma", "shell", "languages"),
    ("config",),
    ("documents",),
)
"""The same inside `formats`: what stands in one row imports nothing of its neighbours."""

MOST_MODULES = {"": 8}
"""Modules directly in a folder, other than `__init__`; 20 where nothing is said."""

_SERVERS_AND_CLIENTS = ("httpx", "httpcore", "requests", "aiohttp", "urllib3", "websockets", "uvicorn", "starlette")
_STANDARD = (
    "socket",
    "ssl",
    "http.client",
    "http.server",
    "urllib.request",
    "asyncio",
    "socketserver",
    "ftplib",
    "smtplib",
    "xmlrpc",
)
NETWORK = frozenset((*_SERVERS_AND_CLIENTS, *_STANDARD))


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()
"""`formats.python` to its file; the package itself is the empty name."""


def _imports(path: Path) -> set[str]:
    """Whole names of what a file imports: when it runs, inside functions, and for the type checker alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module), level=0):
                names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.ImportFrom():
                raise AssertionError(f"{path.name}:{node.lineno}: a relative import, which hides where it points")
    return names


@cache
def _ours(module: str) -> frozenset[str]:
    """Modules of the package that a module imports, without the package itself."""
    prefix = "migrator."
    names = (name.removeprefix(prefix) for name in _imports(MODULES[module]) if name.startswith(prefix))
    return frozenset(name for name in names if name in MODULES and name != module)


def _layer(module: str) -> int:
    head = module.split(".")[0]
    return next(number for number, names in enumerate(LAYERS) if head in names)


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {""}))
def test_no_module_imports_a_later_layer(module: str) -> None:
    assert {other for other in _ours(module) if other and _layer(other) > _layer(module)} == set()


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name.startswith("formats.")))
def test_formats_build_on_one_another(module: str) -> None:
    row = {name: number for number, names in enumerate(FORMATS) for name in names}
    head = module.split(".")[1]
    others = {name.split(".")[1] for name in _ours(module) if name.startswith("formats.")} - {head}
    assert {other for other in others if row[head] and row[other] >= row[head]} == set()


def test_no_module_reaches_itself() -> None:
    # a folder's own module is left out: importing any of its files runs it
    graph = {module: {name for name in _ours(module) if not module.startswith(f"{name}.")} for module in MODULES}
    assert _circle(graph) == []


def test_no_folder_reaches_itself() -> None:
    graph: dict[str, set[str]] = {}
    for module in MODULES.keys() - {""}:
        for other in _ours(module) - {""}:
            here, there = _folder(module), _folder(other)
            if here and there and not f"{there}.".startswith(f"{here}.") and not f"{here}.".startswith(f"{there}."):
                graph.setdefault(here, set()).add(there)
    assert _circle(graph) == []


def _folder(module: str) -> str:
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def test_no_folder_is_a_crowd() -> None:
    count = Counter(_folder(module) for module, path in MODULES.items() if path.name != "__init__.py")
    assert {folder: number for folder, number in count.items() if number > MOST_MODULES.get(folder, 20)} == {}


def test_the_nouns_import_only_how_classes_are_made() -> None:
    assert _ours("model") == {"records"}


def test_every_module_has_a_layer() -> None:
    heads = {module.split(".")[0] for module in MODULES} - {""}
    assert heads == {name for names in LAYERS for name in names}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_live_modules_can_open_a_connection(module: str) -> None:
    reached = {name for name in _imports(MODULES[module]) if name in NETWORK or name.split(".")[0] in NETWORK}
    assert module.startswith("live.") or reached == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_the_live_commands_import_live_modules(module: str) -> None:
    live = {name for name in _ours(module) if name == "live" or name.startswith("live.")}
    assert module in ("cli.gateways", "cli.setup") or module.startswith("live") or live == set()


def test_what_is_imported_is_a_dependency() -> None:
    declared = {"libcst", "dotenv", "yaml", "rich", "typer", "httpx", "starlette", "uvicorn", "trustme", "stringzilla"}
    declared |= {"tree_sitter", "tree_sitter_bash", "tree_sitter_javascript", "tree_sitter_typescript"}
    heads = {name.split(".")[0] for path in MODULES.values() for name in _imports(path)}
    assert heads - set(sys.stdlib_module_names) - {"migrator"} <= declared

"""Imports point one way, and only the live commands can reach the network.

Facts up, decisions down, text last: a module that knew something to its right could decide before all the facts are there, or write
before all the decisions are. Judged by what a module can reach, so that a detour over a small module is no way round.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import migrator

PACKAGE = Path(migrator.__file__).parent

STAGES: tuple[tuple[str, ...], ...] = (
    ("model",),
    ("tree",),
    ("source", "splice"),
    ("formats",),
    ("facts", "rules"),
    ("settle",),
    ("holds",),
    ("verdicts",),
    ("pipeline", "plan_file"),
    ("apply", "reports"),
    ("cli", "live_cli"),
    ("__main__",),
)
"""From left to right; a name stands for a module or for a folder. What is not named here may stand anywhere between."""

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
    """Whole names of what a file imports when it runs, also inside functions; not what only a type checker sees."""
    names: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while pending:
        node = pending.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pending += node.orelse
                continue
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module), level=0):
                names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.ImportFrom():
                raise AssertionError(f"{path.name}:{node.lineno}: a relative import, which hides where it points")
        pending += ast.iter_child_nodes(node)
    return names


@cache
def _ours(module: str) -> frozenset[str]:
    """Modules of the package that a module imports, without the package itself."""
    prefix = "migrator."
    names = (name.removeprefix(prefix) for name in _imports(MODULES[module]) if name.startswith(prefix))
    return frozenset(name for name in names if name in MODULES and name != module)


@cache
def _reach(module: str) -> frozenset[str]:
    seen: set[str] = set()
    pending = [module]
    while pending:
        for name in _ours(pending.pop()) - seen:
            seen.add(name)
            pending.append(name)
    return frozenset(seen)


def _stage(module: str) -> int | None:
    for number, names in enumerate(STAGES):
        if module in names or module.split(".")[0] in names:
            return number
    return None


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_reaches_one_to_its_right(module: str) -> None:
    own = _stage(module)
    if own is not None:
        wrong = {other for other in _reach(module) if (stage := _stage(other)) is not None and stage > own}
        assert wrong == set()


def test_no_module_reaches_itself() -> None:
    # a folder's own module is left out: importing any of its files runs it
    graph = {module: {name for name in _ours(module) if not module.startswith(f"{name}.")} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_nouns_import_nothing_of_ours() -> None:
    assert _ours("model") == frozenset()


def test_every_stage_exists() -> None:
    heads = {module.split(".")[0] for module in MODULES}
    assert {name for names in STAGES for name in names} <= heads


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_live_modules_can_open_a_connection(module: str) -> None:
    reached = {name for name in _imports(MODULES[module]) if name in NETWORK or name.split(".")[0] in NETWORK}
    assert module.startswith("live.") or reached == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_the_live_commands_import_live_modules(module: str) -> None:
    live = {name for name in _ours(module) if name == "live" or name.startswith("live.")}
    assert module == "live_cli" or module.startswith("live") or live == set()


def test_what_is_imported_is_a_dependency() -> None:
    declared = {"libcst", "dotenv", "yaml", "rich", "typer", "httpx", "starlette", "uvicorn"}
    declared |= {"tree_sitter", "tree_sitter_bash", "tree_sitter_javascript", "tree_sitter_typescript"}
    heads = {name.split(".")[0] for path in MODULES.values() for name in _imports(path)}
    assert heads - set(sys.stdlib_module_names) - {"migrator"} <= declared

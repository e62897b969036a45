"""One fault tried: in a child process the module is imported with it, and the tests run until one fails."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.record import FIXTURE, HERE

SURVIVED, KILLED, SLOW = "survived", "killed", "too slow"


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from other text than its file holds."""

    def __init__(self, name: str, path: Path, data: bytes) -> None:
        self.name, self.path, self.data = name, path, data

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        is_package = self.path.name == "__init__.py"
        spec = importlib.util.spec_from_loader(fullname, self, origin=str(self.path), is_package=is_package)
        if spec is not None and is_package:
            spec.submodule_search_locations = [str(self.path.parent)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.data, str(self.path), "exec"), module.__dict__)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")


def try_mutant(mutant: Mutant, tests: Sequence[str], *, seconds: float) -> str:
    """What the tests say to a fault. The parent must not have imported the tool."""
    assert not any(name == "migrator" or name.startswith("migrator.") for name in sys.modules)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        code = 1
        with contextlib.suppress(BaseException):
            code = _run(mutant, tests)
        os._exit(code)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return SURVIVED if os.waitstatus_to_exitcode(status) == 0 else KILLED
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return SLOW


def _address(name: str) -> str:
    """How pytest is asked for a test: without parameters whose text it would take apart, and then for all of them."""
    test, bracket, parameters = name.partition("[")
    return name if bracket and re.fullmatch(r"[\w.-]+\]", parameters) else test


def _run(mutant: Mutant, tests: Sequence[str]) -> int:
    """0 where all tests pass."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    path = HERE / mutant.path
    sys.meta_path.insert(0, _Finder(_module_name(mutant.path), path, mutant.applied(path.read_bytes())))
    named = list(dict.fromkeys(str(HERE / _address(name)) for name in tests if not name.startswith(FIXTURE)))
    if named and pytest.main(["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", *named]) != 0:
        return 1
    folders = [name.removeprefix(FIXTURE) for name in tests if name.startswith(FIXTURE)]
    return _run_fixtures(folders) if folders else 0


def _run_fixtures(names: Sequence[str]) -> int:
    from tests import harness

    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            if harness.complaints(harness.read(harness.FIXTURES / name), Path(folder)):
                return 1
    return 0

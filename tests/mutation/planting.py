"""A fault put into the tool that is loaded already: the code of one function is exchanged, or one value of a module."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import Mutant
from tests.mutation.record import HERE
from tests.mutation.remembered import forget


class NotPlanted(Exception):  # noqa: N818 - says that there is nothing to try
    """The fault stands where nothing can be exchanged: in a signature, a decorator or the body of a class."""


def plant(mutant: Mutant) -> None:
    """Let this process run with a fault. Raises `NotPlanted`."""
    module = importlib.import_module(mutant.path.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__"))
    path = HERE / mutant.path
    code = compile(mutant.applied(path.read_bytes()), str(path), "exec")
    if mutant.function == "module":
        _exchange_values(module, code)
    else:
        _exchange_code(module, code, mutant.function.split("."))
    forget((str(HERE.joinpath(*mutant.path.split("/")[:2])),))


def _exchange_values(module: ModuleType, code: CodeType) -> None:
    """The values that the module would have with the fault, wherever they were imported to."""
    space: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    other = ModuleType(module.__name__)
    other.__dict__.update(space)
    exec(code, other.__dict__)
    changed = {
        name: (module.__dict__[name], value)
        for name, value in other.__dict__.items()
        if name in module.__dict__ and not name.startswith("__") and _content(value) != _content(module.__dict__[name])
    }
    if not changed:
        raise NotPlanted
    for loaded in [loaded for name, loaded in sys.modules.items() if name.startswith(("migrator", "tests"))]:
        for name, (old, new) in changed.items():
            if loaded.__dict__.get(name) is old:
                setattr(loaded, name, new)


def _content(value: Any) -> Any:
    """What two values have to be alike in; None for what is no plain value, like a function, which is exchanged otherwise."""
    match value:
        case tuple() | list():
            return [_content(part) for part in value]
        case dict():
            return {key: _content(part) for key, part in value.items()}
        case int() | str() | bytes() | float() | frozenset() | set():
            return value
    pattern = getattr(value, "pattern", None)  # a regular expression, compiled or not yet
    return None if pattern is None else (pattern, getattr(value, "flags", 0))


def _exchange_code(module: ModuleType, code: CodeType, names: list[str]) -> None:
    """The code of the outermost function that a fault stands in; what is nested in it comes with it."""
    holder: Any = module
    for name in names:
        inside = [const for const in code.co_consts if isinstance(const, CodeType) and const.co_name == name]
        holder = holder.__dict__.get(name)
        if len(inside) != 1 or holder is None:
            raise NotPlanted
        code = inside[0]
        if not isinstance(holder, type):
            break
    function = _function(holder)
    if function is None or function.__code__ == code:
        raise NotPlanted
    try:
        function.__code__ = code
    except ValueError:
        raise NotPlanted from None


def _function(value: Any) -> FunctionType | None:
    """The function inside of what decorators made of it, its remembered answers forgotten."""
    while not isinstance(value, FunctionType):
        if hasattr(value, "cache_clear"):
            value.cache_clear()
        match value:
            case property():
                value = value.fget
            case functools.cached_property():
                value = value.func
            case classmethod() | staticmethod():
                value = value.__func__
            case _ if hasattr(value, "__wrapped__"):
                value = value.__wrapped__
            case _:
                return None
    return value.__wrapped__ if hasattr(value, "__wrapped__") else value

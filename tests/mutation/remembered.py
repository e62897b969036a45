"""Answers that functions with `@cache` remember: while they do, a test that asks again runs none of the function's lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def forget(folders: tuple[str, ...]) -> None:
    """Let functions of modules below some folders forget their answers, so that each test reaches what it would reach alone."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and path.startswith(folders):
            for remembering in _remembering(vars(module).values()):
                remembering.cache_clear()


def _remembering(values: Any) -> Iterator[Any]:
    for value in list(values):
        if isinstance(value, type):
            yield from _remembering(vars(value).values())
        elif hasattr(value, "cache_clear"):
            yield value
        elif hasattr(value, "__func__") and hasattr(value.__func__, "cache_clear"):
            yield value.__func__

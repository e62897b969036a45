"""Stubs of tests that know OpenRouter by its host alone: `nock("https://openrouter.ai").post("/api/v1/…")`, `url.includes("openrouter.ai")`.

They follow the code that they stub, or the suite goes red; where the path says that an endpoint of OpenRouter's own is meant, they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.catalog.urls import UrlKind, endpoint_kind
from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Attr, Call, Item, Obj, Str
from migrator.model import Target
from migrator.resolve.context import LiteralRole, NodePath, last_name

_STUBBING = ("nock", "get", "scope", "pool", "fetchMock")
_API = re.compile(r"^/?api/v1(?=/|$)")


def follows(fact: UrlFact, target: Target) -> bool:
    """Does a bare host in a test follow the address that moves?"""
    if fact.url.kind is not UrlKind.HOST:
        return False
    paths = list(_paths(fact.node_path))
    if paths:
        served = [(prefix := _API.match(path)) is not None and endpoint_kind(path[prefix.end() :]).movable for path in paths]
        return all(served) and target.openai_base.endswith("/api/v1")
    return fact.place is LiteralRole.COMPARE


def _paths(node_path: NodePath) -> Iterator[str]:
    """Paths that the calls chained to a stub's host name, and those of the options beside it."""
    child: object = node_path.node
    for step in node_path.ancestors():
        match step.node:
            case Arg() | Attr():
                pass
            case Call(func=func, args=args):
                name = last_name(func)
                if any(arg is child for arg in args) and name not in _STUBBING:
                    return
                if not any(arg is child for arg in args):
                    yield from _written(args)
            case _:
                return
        child = step.node


def _written(args: tuple[Arg, ...]) -> Iterator[str]:
    for arg in args:
        match arg.value:
            case Str(value=value) if value.startswith("/"):
                yield value
            case Obj(items=items):
                for item in items:
                    match item:
                        case Item(key=Str(value="path" | "pathname"), value=Str(value=value)):
                            yield value
                        case _:
                            pass
            case _:
                pass

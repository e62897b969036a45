"""Addresses in two pieces: the host in one literal, the path in another.

`HTTPSConnection("openrouter.ai")` with `.request("POST", "/api/v1/…")`, `{ hostname: "openrouter.ai", path: "/api/v1/…" }`, and a bare
`https://openrouter.ai` that something like `/api/v1` is put behind. The host alone is swapped, and only where the path is one that the
target serves under the same prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.analysis.sources.connections import Connection
from migrator.catalog.urls import UrlKind, endpoint_kind
from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Call, Class, Func, Item, Node, Obj, Param, Str, children
from migrator.model import Target
from migrator.patterns import regex
from migrator.resolve.context import Identity, last_name
from migrator.resolve.origins import From
from migrator.resolve.repository import Repository

_CONNECTIONS = frozenset({"HTTPSConnection", "HTTPConnection", "HTTPSConnectionPool"})
_HOST_KEYS = frozenset({"hostname", "host"})
_PATH_KEYS = frozenset({"path", "pathname", "basePath"})
_API = regex(r"^/?api/v1(?=/|$)")


def movable_hosts(
    repository: Repository, urls: Iterable[UrlFact], connections: Iterable[Connection], target: Target
) -> frozenset[Identity]:
    """The identities of the bare hosts that may be swapped on their own."""
    if not target.openai_base.endswith("/api/v1"):
        return frozenset()
    hosts = {(fact.path, fact.literal.span): fact for fact in urls if fact.url.kind is UrlKind.HOST}
    served: set[Identity] = set()
    refused: set[Identity] = set()
    for host in hosts.values():
        paths = [path for path in _beside(host, repository.files[host.path].module.body) if _API.match(path)]
        if paths:
            (served if all(_served(path) for path in paths) else refused).add(host.identity)
    for connection in connections:
        for origin in connection.urls:
            if (
                origin.kind is From.LITERAL
                and isinstance(origin.node, Str)
                and (fact := hosts.get((origin.path, origin.node.span)))
                and (origin.suffix or fact.identity not in served)  # the path may be an argument of its own
            ):
                (served if _served(origin.suffix) else refused).add(fact.identity)
    return frozenset(served - refused)


def _served(path: str) -> bool:
    prefix = _API.match(path)
    return prefix is not None and endpoint_kind(path[prefix.end() :]).movable


def _beside(fact: UrlFact, module: tuple[Node, ...]) -> Iterator[str]:
    """Paths that stand beside a host in an options object, or go through a connection made with it.

    A connection is used in the function that makes it, or else anywhere in its file (a global, an attribute of an object).
    """
    for step in fact.node_path.ancestors():
        match step.node:
            case Item(key=Str(value=key)) if key in _HOST_KEYS and step.up is not None and isinstance(step.up.node, Obj):
                for item in step.up.node.items:
                    if isinstance(item.key, Str) and item.key.value in _PATH_KEYS and isinstance(item.value, Str):
                        yield item.value.value
                return
            case Arg(name=name) if name in _HOST_KEYS and step.up is not None and isinstance(step.up.node, Call):
                # Swift's `Configuration(token: key, host: "openrouter.ai", basePath: "/api/v1")`
                yield from (arg.value.value for arg in step.up.node.args if arg.name in _PATH_KEYS and isinstance(arg.value, Str))
                return
            case Call(func=func) if last_name(func) in _CONNECTIONS:
                maker = next((outer.node for outer in step.ancestors() if isinstance(outer.node, Func)), None)
                paths = list(_requested(maker)) if maker is not None else []
                yield from paths or (path for node in module for path in _requested(node))
                return
            case Func() | Class():
                return
            case _:
                pass


def _requested(node: Node | Arg | Item | Param) -> Iterator[str]:
    if isinstance(node, Call) and last_name(node.func) in ("request", "putrequest", "urlopen"):
        yield from (arg.value.value for arg in node.args if isinstance(arg.value, Str) and arg.value.value.startswith("/"))
    for child in children(node):
        if not isinstance(child, Str):
            yield from _requested(child)

"""Keys that are picked out of a list: `process.env.OPENROUTER_API_KEYS.split(",").map((key) => key.trim())[i]` is that variable."""

from __future__ import annotations

from migrator.formats.tree import Assign, Attr, Call, Index, Name, Node, Other, Seq, Str
from migrator.resolve.context import last_name
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

DEEPEST = 8
_PICKING = frozenset({"at", "pop", "shift", "find", "get", "next", "popleft"})
_CHOOSING = frozenset({"choice", "cycle", "next", "sample"})
_LISTING = frozenset(
    {"split", "splitlines", "map", "filter", "sort", "slice", "concat", "flat", "reverse", "strip", "trim", "list", "toString"}
)


def members_of_list(repository: Repository, node: Node, scope: Scope) -> tuple[Origin, ...] | None:
    """Where the members of the list come from that one is picked out of; None where it is no such list, or is not understood."""
    match node:
        case Index(base=base, key=key) if not isinstance(key, Str):
            return _list(repository, base, scope, 0)
        case Call(func=Attr(name=name, base=base)) if name in _PICKING:
            return _list(repository, base, scope, 0)
        case Call(func=func, args=(first, *_)) if last_name(func) in _CHOOSING:
            return _list(repository, first.value, scope, 0)
        case Name():  # what a loop goes through
            return _list(repository, node, scope, 0)
        case _:
            return None


def _list(repository: Repository, node: Node, scope: Scope, depth: int) -> tuple[Origin, ...] | None:
    if depth > DEEPEST:
        return None
    match node:
        case Call(func=Attr(name=name, base=base)) if name in _LISTING:
            return _list(repository, base, scope, depth + 1)
        case Other(kind="comprehension", children=(_, *rest)):
            loops = [
                part.value for part in rest if isinstance(part, Assign) and part.value is not None
            ]  # and not what it filters by
            return _list(repository, loops[-1] if loops else rest[-1], scope, depth + 1) if rest else None
        case Seq(items=items):
            return _all(repository, [(item, scope) for item in items], depth)
        case Name() | Attr() | Call() | Index():
            members: list[Origin] = []
            for origin in origins(repository, node, scope):
                if origin.kind is From.ENV or (
                    origin.kind is From.LITERAL and isinstance(origin.node, Str) and not origin.node.value
                ):
                    members.append(origin)
                elif (
                    origin.kind is From.UNKNOWN and origin.node is not None and origin.node is not node and origin.scope is not None
                ):
                    more = _list(repository, origin.node, origin.scope, depth + 1)
                    if more is None:
                        return None
                    members += more
                else:
                    return None
            return tuple(members) or None
        case _:
            return None


def _all(repository: Repository, parts: list[tuple[Node, Scope]], depth: int) -> tuple[Origin, ...] | None:
    every: list[Origin] = []
    for part, scope in parts:
        members = _list(repository, part, scope, depth + 1)
        if members is None:
            return None
        every += members
    return tuple(every)

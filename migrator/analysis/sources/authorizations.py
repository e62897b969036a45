"""Headers that carry a key and are written apart from the call that sends them.

`session.headers["Authorization"] = …`, `request.setRequestHeader("Authorization", …)`, the headers that go through a connection made
before, the options of a helper that is not followed. A request whose own key is out of sight is sent with one of those: to take
another key that merely is read in the same file would send a key to a host that it does not belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from migrator.facts.model import ClientFact, Facts
from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Func, Index, Join, Node, Obj, Seq, Str
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.context import Identity, NodePath, identity_of
from migrator.resolve.objects import entries, objects
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

AUTHORIZATION = ("authorization", "x-api-key", "api-key")
"""Headers that carry a key, in small letters."""
_LINE = regex(r"(?:authorization|x-api-key|api-key)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Authorization:
    """One header that carries a key."""

    value: Node
    node_path: NodePath
    """Where it is written."""
    filled: bool
    """Is it put into something that was made before, and no entry of a display?"""

    @property
    def scope(self) -> Scope:
        """Where `value` is to be read."""
        return self.node_path.scope


def authorizations(repository: Repository, facts: Facts) -> Iterator[Authorization]:
    """The headers with keys that a file writes and that belong to no request it was followed to."""
    taken = {value for client in facts.clients for value in _sent(repository, client)}
    for written in _written(facts):
        if identity_of(written.scope.path, written.value) not in taken:
            yield written


def nearest(written: list[Authorization], node_path: NodePath) -> tuple[list[Authorization], bool]:
    """Those that stand closest to a place, and whether they share a function or class with it."""
    around = _owners(node_path)
    shared = [len(around & _owners(header.node_path)) for header in written]
    most = max(shared, default=0)
    return [header for header, count in zip(written, shared, strict=True) if count == most], most > 0


def _owners(node_path: NodePath) -> set[Identity]:
    return {step.identity for step in node_path.ancestors() if isinstance(step.node, Func | Class)}


def _sent(repository: Repository, client: ClientFact) -> Iterator[Identity]:
    if client.headers is None:
        return
    for obj, scope in objects(repository, client.headers, client.headers_scope or client.node_path.scope):
        for item, where in entries(repository, obj, scope):
            yield identity_of(where.path, item.value)


def _written(facts: Facts) -> Iterator[Authorization]:
    for node_path in facts.objects:
        for item in node_path.node.items if isinstance(node_path.node, Obj) else ():
            if isinstance(item.key, Str) and item.key.value.lower() in AUTHORIZATION:
                yield Authorization(item.value, node_path, filled=False)
    for node_path in facts.stores:
        match node_path.node:
            case Assign(targets=(Index(key=Str(value=key)) | Attr(name=key),), value=value) if (
                value is not None and key.lower() in AUTHORIZATION
            ):
                yield Authorization(value, node_path, filled=True)
    for node_path in facts.calls:
        if isinstance(node_path.node, Call):
            for value in _in_call(node_path.node.args):
                yield Authorization(value, node_path, filled=True)


def _in_call(args: tuple[Arg, ...]) -> Iterator[Node]:
    """`setRequestHeader("Authorization", …)`, `dict(Authorization=…)`, `["Authorization: Bearer " + …]`."""
    for arg, following in zip_longest(args, args[1:]):
        if arg.name is not None and arg.name.lower() in AUTHORIZATION:
            yield arg.value
        elif isinstance(arg.value, Str) and arg.value.value.lower() in AUTHORIZATION and following is not None:
            yield following.value
        for line in arg.value.items if isinstance(arg.value, Seq) else (arg.value,):
            match line:
                case Join(parts=[Str(value=head), *_]) if _LINE.match(head):
                    yield line
                case _:
                    pass

"""Keys that a program sends to another service in the body of a request: `{ openrouter_api_key: process.env.OPENROUTER_API_KEY }`.

That service goes on calling OpenRouter with what it is given, so it must go on being given the old key.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.formats.tree import Alt, Attr, Call, Index, Join, Name, Node, Obj
from migrator.records import dataclass
from migrator.resolve.context import Identity, identity_of, last_name
from migrator.resolve.objects import objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.scopes import Scope

DEEPEST = 4
"""Functions that hand a body on before it is sent."""
_WRITERS = ("stringify", "dumps", "encode")


@dataclass(frozen=True, slots=True)
class SentKey:
    """An entry of a request's body that a variable is the value of."""

    value: Node
    scope: Scope
    origin: Origin
    shorthand: bool

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.scope.path


def sent_keys(analysis: Analysis) -> Iterator[SentKey]:
    """Entries of the bodies of all requests that do not go to OpenRouter, each once."""
    known = {connection.fact.call_identity for connection in analysis.connections}
    seen: set[Identity] = set()
    for path, facts in sorted(analysis.facts.items()):
        for client in facts.clients if analysis.code(path) else ():
            if client.client == "raw-http" and client.body is not None and client.call_identity not in known:
                for sent in inside(analysis, client.body, client.node_path.scope, 0):
                    identity = identity_of(sent.path, sent.value)
                    if identity not in seen:
                        seen.add(identity)
                        yield sent


def inside(analysis: Analysis, node: Node, scope: Scope, depth: int = 0) -> Iterator[SentKey]:
    """The entries of a request's body that a variable is the value of, wherever the body is put together."""
    if depth > DEEPEST:
        return
    match node:
        case Call(args=(first, *_)) if last_name(node.func) in _WRITERS:
            yield from inside(analysis, first.value, scope, depth)
        case Obj(items=items):
            for item in items:
                if isinstance(item.value, (Name, Attr, Index, Call, Alt, Join)) and item.key is not None:
                    for origin in origins(analysis.repository, item.value, scope):
                        if origin.kind is From.ENV:
                            yield SentKey(item.value, scope, origin, item.shorthand)
                else:
                    yield from inside(analysis, item.value, scope, depth + 1)
        case Name(id=name):
            for binding in scope.lookup(name):
                if binding.param is not None:
                    for value, where in analysis.callers.given(binding.param).values:
                        yield from inside(analysis, value, where, depth + 1)
            for obj, inner in objects(analysis.repository, node, scope):
                yield from inside(analysis, obj, inner, depth + 1)
        case _:
            pass

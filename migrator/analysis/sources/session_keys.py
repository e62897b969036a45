"""Keys that a session or an instance of a library sends with each of its requests, wherever these go.

`session.headers["Authorization"] = …`, `httpx.Client(headers=…)`, `axios.create({ headers })` and `axios.defaults.headers` are written once and
go with a request to another service as well, if that is sent through the same session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from migrator.analysis.sources.authorizations import AUTHORIZATION
from migrator.discover import path_kinds
from migrator.facts.collector import FOLLOWED
from migrator.facts.model import ClientFact, Facts
from migrator.formats.tree import Assign, Attr, Call, Func, Index, Node, Obj, Str
from migrator.resolve.context import NodePath, source_name
from migrator.resolve.env_schemas import values
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_Sent = tuple[Node, Scope, bool]
"""A key, where it is to be read, and whether a request's own header takes its place: an interceptor puts its header over that."""
_OF_LIBRARY = ("axios",)
"""Libraries whose own defaults go with every request."""


def keys_of_session(repository: Repository, facts: Mapping[str, Facts], client: ClientFact) -> tuple[tuple[Origin, ...], bool]:
    """Where the keys come from that are sent with a request because of what it is sent through, and whether its own header replaces them."""
    func, scope = client.call.func, client.node_path.scope
    if client.client != "raw-http" or scope.module().language not in FOLLOWED:
        return (), True
    name = source_name(func)
    if name.partition(".")[0] in _OF_LIBRARY:
        found = _of_library(repository, facts, name.partition(".")[0])
    elif isinstance(func, Attr):
        found = [*_of_maker(repository, func.base, scope), *_put_into(repository, facts, func.base, client)]
    else:
        found = []
    keys = tuple(origin for value, where, _ in found for origin in origins(repository, value, where))
    return keys, all(replaced for _, _, replaced in found)


def _of_maker(repository: Repository, receiver: Node, scope: Scope) -> Iterator[_Sent]:
    """The headers that a session was made with: `httpx.Client(headers=…)`, `axios.create({ headers })`."""
    for made, where in values(repository, receiver, scope):
        for arg in made.args if isinstance(made, Call) else ():
            if arg.name == "headers":
                yield from _authorizing(repository, arg.value, where)
            elif arg.name is None:
                for obj, inner in objects(repository, arg.value, where):
                    for item, outer in entries(repository, obj, inner):
                        if isinstance(item.key, Str) and item.key.value == "headers":
                            yield from _authorizing(repository, item.value, outer)


def _authorizing(repository: Repository, headers: Node, scope: Scope) -> Iterator[_Sent]:
    for obj, inner in objects(repository, headers, scope):
        for item, where in entries(repository, obj, inner):
            if isinstance(item.key, Str) and item.key.value.lower() in AUTHORIZATION:
                yield item.value, where, True
            elif isinstance(item.key, Str) and item.key.value == "common":
                yield from _authorizing(repository, item.value, where)


def _put_into(repository: Repository, facts: Mapping[str, Facts], receiver: Node, client: ClientFact) -> Iterator[_Sent]:
    """The headers that are put into a session where it is used or made: `session.headers.update(…)`, `http.defaults.headers.common.X = …`."""
    places = {(client.path, source_name(receiver))}
    for made, scope in values(repository, receiver, client.node_path.scope):
        body = repository.files[scope.path].module.body if scope.path in facts else ()
        for node in body:
            if isinstance(node, Assign) and node.value is made:
                places |= {(scope.path, source_name(target)) for target in node.targets}
    for path, name in sorted(places):
        if name:
            own = re.compile(rf"{re.escape(name)}\.(?:headers|defaults\.headers|interceptors)\b")
            yield from _written(repository, facts[path], own)


def _of_library(repository: Repository, facts: Mapping[str, Facts], library: str) -> list[_Sent]:
    """The headers that some file of the tree sets for all requests of a library; looked for once, not for each request."""
    question = ("library headers", library, len(facts))  # files are added while it is found out which belong together
    known: list[_Sent] | None = repository.known.get(question)
    if known is None:
        own = re.compile(rf"{library}\.(?:defaults\.headers|interceptors)\b")
        known = repository.known[question] = [
            sent
            for path in sorted(facts)
            if not path_kinds.is_test(path)
            and repository.files[path].module.language in FOLLOWED
            and own.search(repository.files[path].source.text)
            for sent in _written(repository, facts[path], own)
        ]
    return known


def _written(repository: Repository, facts: Facts, own: re.Pattern[str]) -> Iterator[_Sent]:
    """Keys among the headers that a file writes into what a pattern names, or in a function that is given to it."""
    for step in facts.stores:
        match step.node:
            case Assign(targets=(Index(base=base, key=Str(value=key)) | Attr(base=base, name=key),), value=value) if (
                value is not None
            ):
                if key.lower() in AUTHORIZATION and (own.match(source_name(base)) or _inside(step, own)):
                    yield value, step.scope, not _inside(step, own)
                elif own.match(f"{source_name(base)}.{key}"):
                    yield from _authorizing(repository, value, step.scope)
            case _:
                pass
    for step in facts.calls:
        if isinstance(step.node, Call) and own.match(source_name(step.node.func)):
            for arg in step.node.args:
                if arg.name is not None and arg.name.lower() in AUTHORIZATION:
                    yield arg.value, step.scope, True
                elif isinstance(arg.value, Obj) or arg.name is None:
                    yield from _authorizing(repository, arg.value, step.scope)


def _inside(step: NodePath, own: re.Pattern[str]) -> bool:
    """Does a place stand in a function that is given to an interceptor?"""
    around = [each.node for each in step.ancestors()]
    return any(isinstance(node, Func) for node in around) and any(
        isinstance(node, Call) and own.match(source_name(node.func)) for node in around
    )

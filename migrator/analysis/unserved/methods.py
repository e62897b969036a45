"""Clients that ask for what the target does not serve: `client.responses.create(…)` posts to /responses.

The path stands nowhere in the program, so that the address alone would move into a request that fails. What asks for which path is data
(`[endpoints.resources]` and `[endpoints.asking]` of `catalog/openrouter.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks
from migrator.analysis.sources.connections import Connection
from migrator.catalog import openrouter
from migrator.facts.collector import FOLLOWED
from migrator.facts.model import ClientFact
from migrator.formats.tree import Attr, Call, Const, Name, Node, Obj, Str
from migrator.model import Target
from migrator.records import dataclass
from migrator.resolve.context import Identity, NodePath, identity_of, last_name
from migrator.resolve.env_schemas import values
from migrator.resolve.scopes import Scope

_RESPONSES = "responses"
_RAW = ("with_raw_response", "with_streaming_response")
"""Members between a resource and its method that change the reply and not the request."""
_COPIES = ("with_options", "withOptions", "copy")
_OFF = ("False", "false", "None", "null", "undefined")
_FAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A call that asks for something which the target does not serve."""

    path: str
    at: int
    words: str
    """`client.responses.create`."""
    endpoint: str
    way_out: str
    client: Node
    """What is asked: a client, or the call around it."""
    scope: Scope


def weigh_methods(analysis: Analysis) -> Analysis:
    """Clients of which something is asked that the target does not serve wait for a person."""
    clients = {
        connection.fact.call_identity: connection
        for connection in analysis.connections
        if connection.fact.integration is not None and analysis.decision(connection).may_move
    }
    held: dict[Identity, Decision] = {}
    for asked in _asked(analysis) if clients else ():
        for connection in _asked_of(analysis, asked, clients):
            held.setdefault(connection.identity, _decision(analysis, asked))
    return analysis.with_decisions(held)


def _decision(analysis: Analysis, asked: _Asked) -> Decision:
    line = analysis.repository.files[asked.path].lines.line(asked.at)
    way_out = f"{asked.way_out} in {asked.path}:{line}; then this moves"
    return asks(
        f"`{asked.words}` posts to /{asked.endpoint}, which {analysis.target.title} does not serve", asked.path, asked.at, way_out
    )


def _asked(analysis: Analysis) -> Iterator[_Asked]:
    """Every call that asks for an endpoint which the target lacks."""
    wanted = _unserved(analysis.target)
    responses = _RESPONSES in wanted.values()
    chosen = _chooses_chat(analysis)
    for path, facts in sorted(analysis.facts.items()):
        if not wanted or not analysis.code(path) or analysis.language(path) not in FOLLOWED:
            continue
        for node_path in facts.calls:
            found = _resource(node_path, wanted)
            if found is None and responses:
                found = _posts_to_responses(node_path, chat=chosen)
            if found is not None:
                yield found


def _unserved(target: Target) -> dict[str, str]:
    """Resources of the OpenAI client with their endpoint, as far as OpenRouter has it and the target lacks it."""
    resources: dict[str, str] = openrouter()["endpoints"]["resources"]
    return {name: endpoint for name, endpoint in resources.items() if endpoint not in target.endpoints}


def _chooses_chat(analysis: Analysis) -> bool:
    """Does some program of the tree say that agents ask /chat/completions?"""
    words: list[str] = openrouter()["endpoints"]["asking"]["chat"]
    return any(
        word in analysis.repository.files[path].source.text
        for path in analysis.facts
        if analysis.language(path) in FOLLOWED and analysis.code(path)
        for word in words
    )


def _resource(node_path: NodePath, wanted: Mapping[str, str]) -> _Asked | None:
    """A call `CLIENT.RESOURCE.METHOD(…)` of one of these resources; None for other calls."""
    call = node_path.node
    if not isinstance(call, Call) or not isinstance(call.func, Attr):
        return None
    node: Node = call.func.base
    while isinstance(node, Attr) and node.name in _RAW:
        node = node.base
    names: list[str] = []
    while isinstance(node, Attr):
        names.insert(0, node.name)
        endpoint = wanted.get(".".join(names))
        if endpoint is not None:
            words = f"{_said(node.base)}.{'.'.join(names)}.{call.func.name}"
            way_out = (
                "write chat.completions.create, or use a client of its own," if endpoint == _RESPONSES else "use another client"
            )
            return _found(node_path, call, words, endpoint, node.base, way_out)
        node = node.base
    return None


def _posts_to_responses(node_path: NodePath, *, chat: bool) -> _Asked | None:
    """A class, an argument or a function of a library that posts to /responses; None for other calls. `chat`: the tree chooses otherwise."""
    call = node_path.node
    assert isinstance(call, Call)
    asking = openrouter()["endpoints"]["asking"]
    word = last_name(call.func)
    if word in asking["classes"]:
        return _found(node_path, call, f"{word}(…)", _RESPONSES, call, f"write {asking['classes'][word]}")
    if word in asking["functions"] and not chat:
        return _found(
            node_path, call, f"{word}(…)", _RESPONSES, call, f"call {asking['functions'][word]} too, or use another client"
        )
    if isinstance(call.func, Attr) and word == _RESPONSES and call.args and _is_model(call.args[0].value):
        words = f"{_said(call.func.base)}.responses(…)"
        return _found(node_path, call, words, _RESPONSES, call.func.base, "write `.chat(…)`")
    names = asking["arguments"].get(word, ())
    for name, value in _options(call) if names else ():
        if name in names and not (isinstance(value, Const) and value.text in _OFF):
            return _found(
                node_path, call, f"{word}({name}=…)", _RESPONSES, call, f"leave `{name}` out, or send it with extra_body,"
            )
    return None


def _is_model(node: Node) -> bool:
    return not isinstance(node, Str) or "/" in node.value


def _options(call: Call) -> Iterator[tuple[str, Node]]:
    """Keyword arguments, and the entries of an object that is the argument."""
    for arg in call.args:
        if arg.name is not None:
            yield arg.name, arg.value
        for item in arg.value.items if isinstance(arg.value, Obj) and arg.name is None else ():
            if isinstance(item.key, Str):
                yield item.key.value, item.value


def _found(node_path: NodePath, call: Call, words: str, endpoint: str, client: Node, way_out: str) -> _Asked:
    scope = node_path.scope
    return _Asked(path=scope.path, at=call.span.start, words=words, endpoint=endpoint, way_out=way_out, client=client, scope=scope)


def _said(node: Node) -> str:
    match node:
        case Name(id=name) | Attr(name=name):
            return name
        case _:
            return "client"


# -- which clients are asked ---------------------------------------------------------------------------------------------------------


def _asked_of(analysis: Analysis, asked: _Asked, clients: Mapping[Identity, Connection]) -> list[Connection]:
    """The clients that are asked; where that is not in view those near it, if there are no others near it."""
    around = asked.client.span
    inside = [
        connection
        for connection in clients.values()
        if isinstance(asked.client, Call) and connection.fact.path == asked.path and around.start <= connection.offset < around.end
    ]
    made = [] if inside else list(makers(analysis, asked.client, asked.scope, 0))
    known = [*inside, *(clients[maker] for maker in made if maker in clients)]
    if known or made or isinstance(asked.client, Call):
        return known
    near = {asked.path, *analysis.imported(asked.path)}
    near |= {path for path in analysis.facts if asked.path in analysis.imported(path)}
    others = [fact for path in near if path in analysis.facts for fact in analysis.facts[path].clients if fact.client == "openai"]
    if any(fact.call_identity not in clients for fact in others):
        return []
    return [clients[fact.call_identity] for fact in others]


def makers(analysis: Analysis, node: Node, scope: Scope, depth: int) -> Iterator[Identity]:
    """The calls of known clients that an expression may stand for, also through its arguments and what callers give a parameter."""
    if depth > _FAR:
        return
    for value, inner in values(analysis.repository, node, scope):
        if not isinstance(value, Call):
            continue
        if any(fact.call_identity == identity_of(inner.path, value) for fact in _clients_of(analysis, inner.path)):
            yield identity_of(inner.path, value)
        elif isinstance(value.func, Attr) and value.func.name in _COPIES:
            yield from makers(analysis, value.func.base, inner, depth + 1)
        else:
            for arg in value.args:
                if isinstance(arg.value, Name | Attr | Call):
                    yield from makers(analysis, arg.value, inner, depth + 1)
    for binding in scope.lookup(node.id) if isinstance(node, Name) else ():
        if binding.param is not None:
            for given, outer in analysis.callers.given(binding.param).values:
                yield from makers(analysis, given, outer, depth + 1)


def _clients_of(analysis: Analysis, path: str) -> tuple[ClientFact, ...]:
    if path not in analysis.facts:
        return ()
    return tuple(fact for fact in analysis.facts[path].clients if fact.integration is not None)

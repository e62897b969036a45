"""Clients and requests in the languages of `formats.languages`, from the rows of `integrations/*.toml`.

These languages give a client its address and key in more ways than arguments: by setters in a chain (`builder().baseUrl(x)`), by
functions that make options (`WithBaseURL(x)`), by assignments to what was made (`config.BaseURL = x`), in a block that gets it
(`configure do |config|`). The name in the table is the same in all of them. A request takes its key from the header that the function
around it sets, or else its class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.facts import retrofit
from migrator.facts.model import ClientFact, FactKind
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Str,
    children,
    nodes,
)
from migrator.integrations import lookup
from migrator.integrations.schema import Argument, Client
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.modules import is_local
from migrator.resolve.objects import entries, objects
from migrator.resolve.passing import result_of
from migrator.resolve.scopes import Scope

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_AUTHORIZATION = ("authorization", "x-api-key", "api-key")
_BEARER = frozenset(
    {
        "bearer_auth",
        "withToken",
        "setBearerAuth",
        "bearerAuth",
        "bearer",
        "AuthenticationHeaderValue",
        "bearerToken",
        "SetAuthToken",
    }
)
"""Functions that make the header of a key: `bearer_auth(key)`, `new AuthenticationHeaderValue("Bearer", key)`."""
_SCHEMES = ("bearer", "token")
_BODIES = ("body", "json", "data", "content", "extra_body")


def read(walk: Walk, node: Call, name: str | None, node_path: NodePath) -> None:
    """A call that makes a client of a known library, or sends a request. `name` is the callee's, where it can be said."""
    _own_path(walk, node, node_path)
    client = _client(walk.language, name) if name is not None else None
    if client is not None and not _takes_address(name, node, node_path):
        return
    if client is not None and client.built_in and name is not None and "()" in name:
        return  # a use of the client; its construction is what counts
    if client is None or name is None or is_local(walk.repository, name, walk.path):
        return
    settings = _Settings(walk, node, node_path)
    url = settings.given(walk.language, client.url)
    key, scope = settings.given(walk.language, client.key), None
    if url is None and (given := settings.address_by_position()) is not None:
        url, key = given
    if client.built_in and url is None:
        if key is not None or not client.key.names.get(walk.language):
            walk.mark(FactKind.HIDDEN_CLIENT, node.span, client.name, client.advice, node_path, node)
        return
    if key is None and client.key.env is None:
        own = _own_header(walk, node_path, settings.whole)
        key, scope = (own, None) if own is not None else _header(walk, node_path)
    if url is not None and source_name(node.func) == retrofit.BUILDER:
        requests = list(retrofit.requests(walk, url, settings.named("create"), node_path))
        walk.facts.clients += [_request(client, request, node_path, key, scope) for request in requests]
        if requests:
            return
    walk.facts.clients.append(
        ClientFact(
            path=walk.path,
            client=client.name,
            call=node,
            node_path=node_path,
            url=url,
            key=key,
            key_scope=scope,
            body=next((value for word in _BODIES if (value := settings.named(word)) is not None), None),
            implicit_key=client.key.env,
            implicit_url=client.url.env,
        )
    )


_SENDS = regex(
    r"(?:get|post|put|patch|delete|head|request|uri|fetch|send|exchange)(?:\w*async|forobject|forentity)?(?:request)?|run_request",
    re.IGNORECASE,
)


def _own_path(walk: Walk, node: Call, node_path: NodePath) -> None:
    """`client.get("/credits")`, `client.get().uri("/credits")`: a path that only OpenRouter has, asked of a client with an address of its own."""
    if not isinstance(node.func, Attr) or not _SENDS.fullmatch(node.func.name):
        return
    for arg in node.args[:2]:
        text = arg.value.value if isinstance(arg.value, Str) else ""
        path = text.partition("?")[0].strip("/").removeprefix("v1/")
        if path in openrouter()["endpoints"]["own"]:
            walk.mark(FactKind.OWN_ENDPOINT, Span(*arg.value.inner), text=path, node_path=node_path, node=arg.value)  # type: ignore[union-attr]


def kept_as(node_path: NodePath) -> str:
    """The field or variable that keeps a client: `_dio` of `_dio = Dio(…)`."""
    for step in node_path.ancestors():
        if isinstance(step.node, Assign) and step.node.targets:
            return last_name(step.node.targets[0])
        if isinstance(step.node, Class) or (isinstance(step.node, Func) and step.node.name):
            break
    return ""


def _request(client: Client, request: retrofit.Request, builder: NodePath, key: Node | None, scope: Scope | None) -> ClientFact:
    """A request of an interface; `key` is that of the builder, which its header takes the place of."""
    own = [*_keys(request.func.body), *_static_headers(request.func)]
    return ClientFact(
        path=request.scope.path,
        client=client.name,
        call=request.call,
        node_path=request.node_path,
        url=request.url,
        url_scope=builder.scope,
        key=either(own) if own else key,
        key_scope=request.scope if own else scope or builder.scope,
    )


def _static_headers(func: Func) -> Iterator[Node]:
    """`@Headers("Authorization: Bearer …")`: a key that stands in the annotation itself."""
    for mark in func.decorators:
        for text in nodes(mark) if isinstance(mark, Call) and last_name(mark.func) == "Headers" else ():
            if isinstance(text, Str) and text.value.lower().startswith("authorization:"):
                yield text


def _takes_address(name: str | None, node: Call, node_path: NodePath) -> bool:
    """Is an address meant by a call that may be given other things too: an option of cURL, an address of a .NET client?"""
    match name:
        case "Uri":
            return _is_base(node_path)
        case "curl_setopt":
            return len(node.args) > 2 and source_name(node.args[1].value) == "CURLOPT_URL"
        case _:
            return True


def _is_base(node_path: NodePath) -> bool:
    """Is an address given to a .NET client as the one that its requests start from?"""
    match node_path.up.node if node_path.up is not None else None:
        case Assign(targets=targets):
            return any(isinstance(target, Attr) and target.name == "BaseAddress" for target in targets)
        case Arg(name="BaseAddress"):  # `new HttpClient { BaseAddress = new Uri(…) }`
            return True
        case _:
            return False


_BETWEEN = regex(r"\.\w+\(\)")
_PACKAGE = regex(r"^(?:[a-z_]\w*[./])+(?=[A-Z])")


def _client(language: str, name: str) -> Client | None:
    """The client by the callee's whole name, or by the name that it has without its package: a star import does not say it."""
    known = lookup.shipped()
    names = [name]
    if "()." in name:  # `Http.withToken().timeout().post`: what stands between says how
        names.append(_BETWEEN.sub("", name))
    for spelling in (*names, *(_PACKAGE.sub("", name) for name in names)):
        client = known.client(language, spelling) or known.built_in(language, spelling)
        if client is not None:
            return client
    return None


class _Settings:
    """What a client is given, by whatever way, under which names."""

    def __init__(self, walk: Walk, node: Call, node_path: NodePath) -> None:
        self.walk, self.node, self.node_path = walk, node, node_path
        self.pairs: list[tuple[str, Node]] = list(self._arguments(node, node_path.scope))
        self.positional = [arg.value for arg in node.args if arg.name is None and not arg.star]
        self.whole = self._chain()
        self._variable(self.whole)

    def given(self, language: str, argument: Argument) -> Node | None:
        """The values under the argument's names, or the one at its position."""
        values = [node for name in argument.names.get(language, ()) for word, node in self.pairs if word == name]
        if not values and argument.at is not None and argument.at < len(self.positional):
            return self.positional[argument.at]
        return either(values)

    def address_by_position(self) -> tuple[Node, Node | None] | None:
        """`AddOpenAIChatCompletion(model, new Uri(address), key)`: an address among the arguments, and what comes after it."""
        for index, value in enumerate(self.positional[1:], 1):
            if self.walk.language == "csharp" and isinstance(value, Call) and last_name(value.func) == "Uri":
                return value, next(iter(self.positional[index + 1 :]), None)
        return None

    def named(self, name: str) -> Node | None:
        """The value under one name."""
        return either([node for word, node in self.pairs if word == name])

    def _arguments(self, node: Call, scope: Scope, depth: int = 0) -> Iterator[tuple[str, Node]]:
        for arg in node.args:
            value = arg.value
            if arg.name is not None:
                yield arg.name, value
            if isinstance(value, Call):
                if value.args and arg.name is None:
                    yield last_name(value.func), value.args[0].value
                if depth < 2:
                    yield from self._arguments(value, scope, depth + 1)
            elif isinstance(value, Func) and value.params:
                yield from _assigned(value.params[0].name, value.body)
            elif isinstance(value, Name) and depth == 0 and (made := self._made(value, scope)) is not None:
                yield from made
            elif isinstance(value, Obj | Name) and arg.name is None and depth == 0:
                for obj, inner in objects(self.walk.repository, value, scope):
                    for item, _ in entries(self.walk.repository, obj, inner):
                        if isinstance(item.key, Str):
                            yield item.key.value, item.value
                        elif isinstance(item.key, Name):
                            yield item.key.id, item.value

    def _made(self, name: Name, scope: Scope) -> list[tuple[str, Node]] | None:
        """What an object has that was made before and is handed over by its name: `new Client(key, options)`."""
        binding = next(iter(reversed(scope.lookup(name.id))), None)
        if binding is None or not isinstance(binding.value, Call):
            return None
        around = _around(self.node_path)
        body = around.body if around is not None else self.walk.file.module.body
        return [*self._arguments(binding.value, binding.scope, 1), *_assigned(name.id, body)]

    def _chain(self) -> NodePath:
        """Setters that are called on what the call makes; the last call of the chain."""
        step = self.node_path
        while (up := step.up) is not None:
            if isinstance(up.node, Attr) and up.node.base is step.node and up.up is not None:
                over = up.up.node
                if isinstance(over, Call) and over.func is up.node:
                    if over.args:
                        self.pairs.append((up.node.name, over.args[0].value))
                    step = up.up
                    continue
            if isinstance(up.node, Other) and up.node.kind == "paren":  # `Dio()..options.baseUrl = x`
                for part in up.node.children:
                    if isinstance(part, Assign) and part.value is not None and isinstance(part.targets[0], Attr):
                        self.pairs.append((part.targets[0].name, part.value))
                step = up
                continue
            break
        return step

    def _variable(self, whole: NodePath) -> None:
        """Assignments to parts of what the call makes, and setters that are called on it."""
        up = whole.up
        if up is None or not isinstance(up.node, Assign) or not up.node.targets:
            return
        name = source_name(up.node.targets[0])
        around = _around(self.node_path)
        if name:
            self.pairs += _assigned(name, around.body if around is not None else self.walk.file.module.body)


def _assigned(name: str, body: tuple[Node, ...]) -> Iterator[tuple[str, Node]]:
    """What is given to parts of a variable: `name.part = value`, `name.part(value)`, `name.Header.Set("part", value)`."""
    stack: list[Node | Arg | Item | Param] = list(reversed(body))
    while stack:
        node = stack.pop()
        match node:
            case Assign(targets=(Attr(base=base, name=part), *_), value=value) if value is not None and source_name(base) == name:
                yield part, value
            case Assign(targets=(Index(base=base, key=Str(value=part)), *_), value=value) if (
                value is not None and source_name(base) == name
            ):
                yield part, value
            case Call(func=Attr(base=base, name=part), args=(first, *_)) if source_name(base) == name:
                yield part, first.value
            case _:
                pass
        stack += reversed(children(node))


def either(values: list[Node]) -> Node | None:
    """One node for several values that all may be meant."""
    if len(values) < 2:
        return values[0] if values else None
    return Alt(Span(values[0].span.start, values[-1].span.end), tuple(values))


def _around(node_path: NodePath) -> Func | Class | None:
    """The function (with a name) around a call, or the class where it stands in none."""
    for step in node_path.ancestors():
        if isinstance(step.node, Class) or (isinstance(step.node, Func) and step.node.name):
            return step.node
    return None


def _own_header(walk: Walk, node_path: NodePath, whole: NodePath) -> Node | None:
    """What the header with the key holds that is set in the call's own chain, or on the variable that the call is given to.

    A function may send several requests, each with a key of its own.
    """
    if whole.node is not node_path.node and (values := list(_keys((whole.node,)))):  # type: ignore[arg-type]
        return either(values)
    up = whole.up
    if up is None or not isinstance(up.node, Assign) or not up.node.targets or not isinstance(up.node.targets[0], Name):
        return None
    name = up.node.targets[0].id
    around = _around(node_path)
    stack: list[Node | Arg | Item | Param] = list(reversed(around.body if around is not None else walk.file.module.body))
    values = []
    while stack:
        node = stack.pop()
        target = node.func if isinstance(node, Call) else node.targets[0] if isinstance(node, Assign) and node.targets else None
        if isinstance(target, Index):
            target = target.base
        if target is not None and source_name(target).partition(".")[0] == name and (value := _key(node)) is not None:
            values.append(value)
            continue
        stack += reversed(children(node))
    return either(values)


def _header(walk: Walk, node_path: NodePath) -> tuple[Node | None, Scope | None]:
    """What the header with the key holds: of the function around a request, else of its class, with the scope it is to be read in."""
    body: tuple[Node, ...] = ()
    for step in node_path.ancestors():
        if isinstance(step.node, Func) and step.node.name:
            values = list(_keys(step.node.body))
            if values:
                return either(values), None
        elif isinstance(step.node, Class):
            body = step.node.body
            break
    else:
        values = list(_keys(walk.file.module.body))
        if values:
            return either(values), None
    name = kept_as(node_path)
    users = [member for member in body if isinstance(member, Func) and name and member.name and _uses(member, name)]
    for member in body:
        if isinstance(member, Func) and users and member not in users:
            continue  # another client of the class may send the key that is put into a header there
        if isinstance(member, Func) and (values := list(_keys(member.body))):
            return either(values), _opened(walk, member)
        if isinstance(member, Assign) and (values := list(_keys((member,)))):
            return either(values), _within_function(walk, member, values[0])
    return None, None


def _uses(member: Func, name: str) -> bool:
    """Is a request sent through the client that is kept under a name?"""
    return any(
        isinstance(node, Call) and any(isinstance(part, Name | Attr) and last_name(part) == name for part in nodes(node.func))
        for node in nodes(member)
    )


def _within_function(walk: Walk, member: Assign, value: Node) -> Scope | None:
    """The scope of the function without a name that a value stands in: `Interceptor { chain -> … }`."""
    inside = [
        node
        for node in nodes(member)
        if isinstance(node, Func) and node.span.start <= value.span.start and value.span.end <= node.span.end
    ]
    return _opened(walk, inside[-1]) if inside else None


def _opened(walk: Walk, member: Func) -> Scope | None:
    """A scope in which the names of a method mean what they mean there."""
    return walk.file.scopes.opened_by(member)


def _keys(body: tuple[Node, ...]) -> Iterator[Node]:
    """Values of headers that carry a key."""
    stack: list[Node | Arg | Item | Param] = list(reversed(body))
    while stack:
        node = stack.pop()
        value = _key(node)
        if value is not None:
            yield value
            continue
        stack += reversed(children(node))


def _key(node: Node | Arg | Item | Param) -> Node | None:
    match node:
        case Call(args=args) if args:
            word = last_name(node.func)
            if word in _BEARER:
                return args[-1].value
            for index, arg in enumerate(args):
                if _names_header(arg.value) and len(args) > 1:
                    rest = [other.value for other in args[index + 1 :]] or [args[0].value]
                    if isinstance(rest[0], Str) and rest[0].value.lower() in _SCHEMES and len(rest) > 1:
                        return result_of(rest[1])
                    return rest[0]
        case Item(key=key, value=value) if key is not None and _names_header(key):
            return value
        case Assign(targets=(Index(key=key), *_), value=value) if value is not None and _names_header(key):
            return value
        case Assign(targets=(Attr(name="Authorization" | "authorization"), *_), value=value) if value is not None:
            if isinstance(value, Call) and value.args:  # `new("Bearer", key)`
                return value.args[-1].value
            return value
        case Join(parts=(Str(value=text), *_)) if text.lower().startswith("authorization:"):
            return node
        case _:
            pass
    return None


def _names_header(node: Node) -> bool:
    if isinstance(node, Str):
        return node.value.lower() in _AUTHORIZATION
    written = source_name(node).rpartition(".")[2].lower()
    return written in ("authorization", "authorizationheader")

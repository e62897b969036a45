"""Calls that make a client or send a request, and libraries that hide the host they speak to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.catalog.urls import find_urls
from migrator.facts import language_clients
from migrator.facts.gateway_choice import chooses_openrouter
from migrator.facts.model import ClientFact, FactKind
from migrator.facts.own_requests import read_own_request
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Alt, Arg, Attr, Call, Func, Import, Index, Item, Join, Name, Node, Obj, Other, Str
from migrator.integrations import lookup
from migrator.integrations.schema import Client, Model
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.definitions import qualified_names
from migrator.resolve.environment import access
from migrator.resolve.modules import is_local, local_module
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import From, origins
from migrator.resolve.scopes import Scope, dotted, package

if TYPE_CHECKING:
    from migrator.facts.collector import Walk


_REQUESTS = frozenset(
    {
        "get", "post", "put", "patch", "delete", "request", "stream", "fetch", "urlopen", "Request", "axios", "got", "ky", "$fetch", "ofetch", "send",
        "open", "useFetch", "superagent", "fetchWithRetry", "fetchWithTimeout", "sse_connect", "connect_sse", "aconnect_sse", "EventSource",
        "fetchEventSource", "requestUrl", "UrlFetchApp", "build_request", "urlretrieve", "head", "GM_xmlhttpRequest", "httpRequest", "safeFetch",
        "fetchJson", "client", "http", "curl", "wget", "goto",
    }
)  # fmt: skip
"""Last words of calls that send one request; the address is the first argument that holds one."""
_HEADERS_AT = {"request": 3, "Request": 2}
"""Where Python's own `HTTPConnection.request` and `urllib.request.Request` take headers without a keyword."""
_HEADERS = ("default_headers", "defaultHeaders", "headers", "extra_headers")


_OPTIONS = regex(
    r"(?i)(?:^|_|\b)(?:base_?url|api_?key|api_?base|endpoint|configuration|default_?headers|url|token|key|model|model_?name)$"
)
"""Names of arguments that the makers of clients take."""


def callee_name(walk: Walk, node: Call, scope: Scope) -> str | None:
    """The qualified name of a callee; that of a known library where the program calls it by a name of its own."""
    name = dotted(node.func, scope)
    if walk.language in LANGUAGES or not _may_make(node, ecma=walk.ecma):
        return name
    if name is not None and "." in name and "()" not in name and not _is_own(walk, name):
        return name
    return _known_name(walk, node.func, scope) or name


def _is_own(walk: Walk, name: str) -> bool:
    return name.startswith(".") or is_local(walk.repository, name, walk.path)


def _known_name(walk: Walk, node: Node, scope: Scope) -> str | None:
    """The name of the maker of clients that an expression stands for."""
    known = lookup.shipped()
    for name in qualified_names(walk.repository, node, scope):
        if known.client(walk.language, name) is not None or known.built_in(walk.language, name) is not None:
            return name
    return None


def _may_make(node: Call, *, ecma: bool) -> bool:
    """Could a call make a client, by its arguments? Asked of every call, before anything is followed."""
    if not node.args:
        return last_name(node.func)[:1].isupper()
    for arg in node.args:
        if arg.star or (arg.name is not None and _OPTIONS.search(arg.name)):
            return True
        if ecma and isinstance(arg.value, Obj):
            if any(item.key is None or (isinstance(item.key, Str) and _OPTIONS.search(item.key.value)) for item in arg.value.items):
                return True
        elif ecma and isinstance(arg.value, Name | Attr | Call) and last_name(node.func)[:1].isupper():
            return True
    return False


_VERB = regex(r"(?i)(?:^|_)(?:method|verb)$|Method$")
"""Names of what is given in front of an address: the method of a request."""
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def may_be_client(word: str, name: str | None) -> bool:
    """Could a call without texts and functions among its arguments be one of a client, by its last word and its qualified name?"""
    return word in _REQUESTS or word == "__init__" or (name is not None and lookup.shipped().knows(name))


def read_client(walk: Walk, node: Call, name: str | None, node_path: NodePath) -> None:
    """A call that makes a client of a known library, or sends a request. `name` is the callee's, where it can be said."""
    if walk.language in LANGUAGES:
        language_clients.read(walk, node, name, node_path)
        return
    known = lookup.shipped()
    client = _by_model(walk, known.clients(walk.language, name), node, node_path) if name is not None else None
    if client is not None and is_local(walk.repository, name, walk.path):
        client = None
    if client is None:
        client = _super_client(walk, node, node_path)
    if client is not None:
        _client(walk, client, node, node_path, walk.language)
    elif (args := _handed_arguments(node)) is not None:
        _request(walk, node, node_path, args, handed=True)
    elif last_name(node.func) in _REQUESTS and not _asks_by_word(walk, node) and access(node, node_path.scope) is None:
        _request(walk, node, node_path, node.args)
    elif node.args and walk.language in ("python", "ecma"):
        read_own_request(walk, node, node_path)


_HANDED = ("get", "post", "put", "patch", "delete", "request", "stream", "urlopen", "fetch")
_FIRST_TWO = 2


def _handed_arguments(node: Call) -> tuple[Arg, ...] | None:
    """The arguments that a function which sends a request is called with by another one; None for other calls.

    `retry(requests.post, url, headers=…)`, `asyncio.to_thread(requests.post, url)`, `loop.run_in_executor(None, requests.post, url)`.
    """
    for at, arg in enumerate(node.args[:_FIRST_TWO]):
        if arg.name is not None or arg.star or not isinstance(arg.value, Name | Attr):
            continue
        rest = node.args[at + 1 :]
        if last_name(arg.value) in _HANDED and any(other.name in (None, "url") for other in rest):
            return rest
    return None


def _asks_by_word(walk: Walk, node: Call) -> bool:
    """`row.get("name")`, `row.get("name", 0)`: most calls of such a name are given a word, which is no address and no path."""
    first = node.args[0] if node.args else None
    if first is None or not isinstance(first.value, Str):
        return False
    word = first.value.value
    if len(node.args) > 1 and (
        # a method may stand in front of an address, and in JavaScript a body behind one counts
        last_name(node.func) != "get" or walk.ecma or not walk.program or first.name or first.star or word.upper() in _METHODS
    ):
        return False
    if "/" in word or "openrouter" in word.lower():
        return False
    return word.partition("?")[0] not in openrouter()["endpoints"]["own"]


def _by_model(walk: Walk, rows: tuple[Client, ...], node: Call, node_path: NodePath) -> Client | None:
    """Which of several clients a call makes: the one whose prefix its model has, else the first."""
    for row in rows[1:]:
        assert row.model is not None
        names = row.model.names.get(walk.language, ())
        positional = [arg.value for arg in node.args if arg.name is None and not arg.star]
        at = row.model.at
        model = next((arg.value for arg in node.args if arg.name in names), None)
        if model is None and at is not None and at < len(positional):
            model = positional[at]
        if _begins(walk, model, node_path, row.model):
            return row
    return rows[0] if rows else None


def read_entry(walk: Walk, node: Obj, node_path: NodePath) -> None:
    """A mapping whose entries are the arguments of a client: `"litellm_params": {"model": …}` in a list of a router's models."""
    around = node_path.up.node if node_path.up is not None else None
    if not isinstance(around, Item) or not isinstance(around.key, Str) or around.value is not node:
        return
    yaml = walk.language == "yaml"
    language = "python" if yaml else walk.language
    client = lookup.shipped().client(language, around.key.value)
    if client is None or not client.mapping:
        return
    args = tuple(
        Arg(item.span, item.value, item.key.value if isinstance(item.key, Str) else None, star=item.key is None)
        for item in node.items
    )
    call = Call(node.span, Name(around.key.span, around.key.value), args, node.span.end - 1)
    if yaml:
        model = next((arg.value for arg in args if client.model is not None and arg.name in client.model.names[language]), None)
        if _begins(walk, model, node_path, client.model):
            _client(walk, client, call, node_path, language)
        return
    _client(walk, client, call, node_path, language)
    read_hidden_call(walk, call, around.key.value, node_path)


def _client(walk: Walk, client: Client, node: Call, node_path: NodePath, language: str) -> None:
    positional = [arg for arg in node.args if arg.name is None and not arg.star]
    options = [
        pair for arg in node.args if arg.name is None or arg.star for pair in objects(walk.repository, arg.value, node_path.scope)
    ]

    def given(names: tuple[str, ...], at: int | None) -> tuple[Node | None, Scope | None]:
        """An argument, and where it is to be read if not where the call stands."""
        for wanted in names:
            head, _, tail = wanted.partition(".")
            for arg in node.args:
                if arg.name == head and not tail:
                    return arg.value, None
            for obj, scope in options:
                for item, item_scope in entries(walk.repository, obj, scope):
                    if not (isinstance(item.key, Str) and item.key.value == head):
                        continue
                    if not tail:
                        return item.value, item_scope
                    for inner, inner_scope in objects(walk.repository, item.value, item_scope):
                        for entry, entry_scope in entries(walk.repository, inner, inner_scope):
                            if isinstance(entry.key, Str) and entry.key.value == tail:
                                return entry.value, entry_scope
        return (positional[at].value if at is not None and at < len(positional) else None), None

    model = given(client.model.names.get(language, ()), client.model.at)[0] if client.model is not None else None
    url, url_scope = given(client.url.names.get(language, ()), client.url.at)
    key, key_scope = given(client.key.names.get(language, ()), client.key.at)
    headers, headers_scope = given(_HEADERS, None)
    body, _ = given(("extra_body", "extraBody", "model_kwargs", "modelKwargs"), None)
    walk.facts.clients.append(
        ClientFact(
            path=walk.path,
            client=client.name,
            call=node,
            node_path=node_path,
            url=url,
            url_scope=url_scope,
            key=key,
            key_scope=key_scope,
            headers=headers,
            headers_scope=headers_scope,
            body=body,
            implicit_key=client.key.env if model is None or _begins(walk, model, node_path, client.model) else None,
            implicit_url=client.url.env,
            model=model,
            integration=client,
        )
    )


def _super_client(walk: Walk, node: Call, node_path: NodePath) -> Client | None:
    """`super().__init__(base_url=…)` in a subclass of a known client."""
    if not (isinstance(node.func, Attr) and node.func.name == "__init__" and last_name(node.func.base) == "super"):
        return None
    owner = node_path.scope.enclosing_class()
    if owner is None or owner.parent is None:
        return None
    for base in owner.bases:
        name = _known_name(walk, base.value, owner.parent)
        client = lookup.shipped().client(walk.language, name) if name is not None else None
        if client is not None:
            return client
    return None


_OPTIONS_WITH_VALUE = frozenset(
    {
        "-X", "--request", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-o", "--output", "-w",
        "--write-out", "-u", "--user", "-m", "--max-time", "--connect-timeout", "--retry", "--retry-delay", "-A", "--user-agent", "-e", "--referer",
        "-F", "--form", "-b", "--cookie", "-c", "--cookie-jar", "-x", "--proxy", "-K", "--config", "-D", "--dump-header", "--cacert", "--post-data",
        "--method", "--body-data", "--post-file", "-O", "-T", "--timeout",
    }
)  # fmt: skip
"""Options of `curl` and `wget` whose next word is theirs. (`-O` takes one for wget, and none for curl, where an address says itself.)"""


def _words(words: list[Node]) -> list[Node]:
    """The words of a command that may be its address: no options, and not what belongs to one."""
    kept: list[Node] = []
    before = ""
    for word in words:
        text = word.value if isinstance(word, Str) else ""
        if not text.startswith("-") and (before not in _OPTIONS_WITH_VALUE or (before == "-O" and "://" in text)):
            kept.append(word)
        before = text
    return kept


def _request(walk: Walk, node: Call, node_path: NodePath, args: tuple[Arg, ...], *, handed: bool = False) -> None:
    """A call that sends a request. `handed`: another function sends it, and may add a key of its own where it is given no headers."""
    if walk.ecma and len(args) == 1 and _described(walk, node, args[0].value, node_path):
        return
    candidates = [arg.value for arg in args if not arg.star and arg.name in (None, "url", "input", "endpoint")]
    candidates = candidates[:2] if walk.program else _words(candidates)[:2]
    options = [arg.value for arg in args if arg.name is None][1:3] + [arg.value for arg in args if arg.name == "options"]
    headers = next((arg.value for arg in args if arg.name == "headers"), None)
    base = next((item.value for option in options if isinstance(option, Obj) for item in option.items if _is_base(item)), None)
    body = next((arg.value for arg in args if arg.name in ("json", "data", "content")), None)
    for option in options:
        for obj, scope in objects(walk.repository, option, node_path.scope):
            for item, _ in entries(walk.repository, obj, scope):
                if isinstance(item.key, Str) and item.key.value == "headers" and headers is None:
                    headers = item.value
                if isinstance(item.key, Str) and item.key.value in ("body", "json", "data") and body is None:
                    body = item.value
    if headers is None:
        positional = [arg.value for arg in args if arg.name is None and not arg.star]
        at = _HEADERS_AT.get(last_name(node.func)) if walk.language == "python" else None
        headers = positional[at] if at is not None and at < len(positional) else None
    if len(candidates) > 1 and isinstance(candidates[0], Str):
        text = candidates[0].value
        if text.upper() in _METHODS or (not walk.program and not text.startswith(("http", "/"))):
            candidates.reverse()  # request("POST", url), curl -sS url
        elif walk.program:
            candidates = candidates[:1]  # what stands behind an address, or is the default of an entry, is no address
    elif len(candidates) > 1 and isinstance(candidates[0], Name | Attr) and _is_second(candidates[0], candidates[1], headers):
        candidates.reverse()  # request(method, url), send(session, f"{base}/credits", headers=headers)
    if base is not None and candidates and walk.ecma:
        candidates = [_behind(base, candidates[0]) or candidates[0]]
    if handed and headers is None:
        return
    for candidate in candidates:
        if isinstance(candidate, Other) and candidate.kind == "+":  # the sum of two names, which an address is one of
            candidate = Join(candidate.span, candidate.children)
        if isinstance(candidate, (Str, Join, Name, Attr, Call, Index, Alt)):
            head = candidate.parts[0] if isinstance(candidate, Join) and candidate.parts else candidate
            if isinstance(head, Str) and head.value and "://" not in head.value and "openrouter" not in head.value.lower():
                _relative_endpoint(walk, head, node_path)
            if isinstance(candidate, Str) and not _may_carry_key(walk, node, candidate, headers or body):
                continue
            walk.facts.clients.append(
                ClientFact(
                    path=walk.path,
                    client="raw-http",
                    call=node,
                    node_path=node_path,
                    url=candidate,
                    key=None,
                    headers=headers,
                    body=body,
                )
            )
            return


def _may_carry_key(walk: Walk, node: Call, address: Str, given: Node | None) -> bool:
    """Is a written address OpenRouter's, or another service's that is sent a key, which goes on with it?"""
    if "openrouter" in address.value.lower():
        return True
    if "://" not in address.value:
        return False
    if walk.program and isinstance(node.func, Attr) and not _sends_alone(node.func):
        return True
    words = (arg.name if walk.program else arg.value.value if isinstance(arg.value, Str) else None for arg in node.args)
    return given is not None or not _CARRIERS.isdisjoint(words)


def _sends_alone(func: Attr) -> bool:
    """`requests.get`: does a function send only what it is given, and nothing that a session adds?"""
    return source_name(func).partition(".")[0] in _WITHOUT_SESSION


_WITHOUT_SESSION = frozenset(("requests", "httpx", "urllib", "urllib3", "got", "ky", "window", "globalThis"))
"""Modules whose functions send no headers of a session; axios has defaults of its own."""


_CARRIERS = frozenset(("auth", "params", "cookies", "-H", "--header", "-u", "--user"))
"""Arguments of a request, and options of a command, that may carry a key beside headers and a body."""


_BASES = ("baseURL", "prefixUrl")
"""Entries of a request's options with the address that its path is put behind, of axios, ofetch, ky and got."""


def _is_base(item: Item) -> bool:
    return isinstance(item.key, Str) and item.key.value in _BASES


def _behind(base: Node | None, path: Node | None) -> Node | None:
    """A path behind the base that stands beside it: `axios({ baseURL, url: "/models" })`; the path alone where there is none."""
    if base is None or path is None or (isinstance(path, Str) and "://" in path.value):
        return path
    return Join(base.span, (base, path))


def _described(walk: Walk, node: Call, options: Node, node_path: NodePath) -> bool:
    """`axios({ method: "post", url, headers, data })`, `$.ajax({ url, headers })`: a request that is one object."""
    if not isinstance(options, Obj | Name):
        return False
    for obj, scope in objects(walk.repository, options, node_path.scope):
        given = {item.key.value: item.value for item, _ in entries(walk.repository, obj, scope) if isinstance(item.key, Str)}
        url = next((given[name] for name in ("url", "uri") if name in given), None)
        url = _behind(next((given[name] for name in _BASES if name in given), None), url)
        if scope.path != walk.path or not isinstance(url, Str | Join | Name | Attr | Call | Index | Alt):
            continue
        headers = next((given[name] for name in ("headers", "header") if name in given), None)
        body = next((given[name] for name in ("data", "body", "json") if name in given), None)
        if isinstance(url, Str) and not _may_carry_key(walk, node, url, headers or body):
            continue
        walk.facts.clients.append(
            ClientFact(
                path=walk.path,
                client="raw-http",
                call=node,
                node_path=node_path,
                url=url,
                url_scope=scope,
                key=None,
                headers=headers,
                headers_scope=scope,
                body=body,
            )
        )
        return True
    return False


def _is_second(first: Node, second: Node, headers: Node | None) -> bool:
    """Is the second of two arguments the address, and the first the method or what sends the request?"""
    return _VERB.search(last_name(first)) is not None or (
        headers is not None
        and isinstance(second, Join)
        and any(isinstance(part, Str) and "/" in part.value for part in second.parts)
    )


def _relative_endpoint(walk: Walk, node: Str, node_path: NodePath) -> None:
    """`http.get("/credits")` on a client that has its address from elsewhere; a decorator of that form is a route of the program."""
    path = node.value.partition("?")[0]
    around = node_path.up.node if node_path.up is not None else None
    route = isinstance(around, Func) and any(decorator is node_path.node for decorator in around.decorators)
    if path.strip("/") in openrouter()["endpoints"]["own"] and not route:
        walk.mark(FactKind.OWN_ENDPOINT, Span(*node.inner), text=path.strip("/"), node_path=node_path, node=node)


def read_hidden_call(walk: Walk, node: Call, name: str, node_path: NodePath) -> None:
    """A call into a library that has OpenRouter's host built in."""
    if "()" in name:
        return  # a use of the client; its construction is what counts
    client = lookup.shipped().built_in(walk.language, name)
    if client is None or is_local(walk.repository, name, walk.path) or _elsewhere(walk, node):
        return
    fact = walk.facts.clients[-1] if walk.facts.clients else None
    if fact is not None and fact.call is node and fact.integration is not None and fact.integration.built_in:
        client = fact.integration  # of several by the same callee, the one that an argument chooses
    if client.model is not None and not _chosen_by_prefix(walk, client.model, node):
        return
    walk.mark(FactKind.HIDDEN_CLIENT, node.span, client.name, client.advice, node_path, node)


def read_hidden_import(walk: Walk, node: Import, node_path: NodePath) -> None:
    """An import of a library that has OpenRouter's host built in."""
    imported = package(node.module)
    client = lookup.shipped().built_in_import(walk.language, imported, node.name)
    if client is None or local_module(walk.repository, walk.path, node.module) or _shadowed(walk, node.module):
        return
    walk.mark(FactKind.SDK_IMPORT, node.span, client.name, client.advice, node_path, node)


def _shadowed(walk: Walk, module: str) -> bool:
    """Is the package's name an own module that an import without a path could mean?"""
    return bool(walk.path.endswith(".py") and local_module(walk.repository, walk.path, module.split(".")[0]))


def _chosen_by_prefix(walk: Walk, model: Model, node: Call) -> bool:
    """May the model of this call be one whose prefix makes the library choose OpenRouter's host?"""
    client = walk.facts.clients[-1] if walk.facts.clients else None
    return client is not None and client.call is node and _begins(walk, client.model, client.node_path, model)


def _begins(walk: Walk, node: Node | None, node_path: NodePath, model: Model | None) -> bool:
    """May a name of a model have the prefix?"""
    ways = origins(walk.repository, node, node_path.scope) if node is not None and model is not None else ()
    return any(chooses_openrouter(model, origin, node_path.scope) for origin in ways if model)


def _elsewhere(walk: Walk, node: Call) -> bool:
    """Is a client that could hide OpenRouter's host given another address than OpenRouter's?"""
    client = walk.facts.clients[-1] if walk.facts.clients else None
    if client is None or client.call is not node or client.url is None:
        return False
    ways = origins(walk.repository, client.url, client.url_scope or client.node_path.scope)
    return bool(ways) and all(
        origin.kind is From.LITERAL and isinstance(origin.node, Str) and not find_urls(origin.node.value) for origin in ways
    )

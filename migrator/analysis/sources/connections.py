"""Connections: the calls that talk to OpenRouter, each with where its URL and its key come from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from migrator.analysis.sources.authorizations import authorizations
from migrator.analysis.sources.callers import Callers
from migrator.analysis.sources.given.addresses import GivenAddresses, given_addresses
from migrator.analysis.sources.key_sources import SourceKind, key_sources, made_values
from migrator.analysis.sources.references import commands
from migrator.analysis.sources.session_keys import keys_of_session
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind, endpoint_kind, find_urls, without_version
from migrator.catalog.variables import named_endpoint, says_openrouter
from migrator.facts.model import ClientFact, Facts, UrlFact
from migrator.formats.tree import Arg, Attr, Call, EnvRef, Index, Item, Join, Name, Node, Obj, Param, Str, children
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field, replace
from migrator.resolve.context import Identity, last_name, source_name
from migrator.resolve.follow import HANDED_BACK, line_of_env_file
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.settings_files import setting_name

_AUTHORIZATION = ("authorization", "x-api-key", "api-key")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LooseAddress:
    """An address that requests go to, with no known client around it: an options object, a constant, an entry of configuration."""

    site: UrlFact
    keys: tuple[Origin, ...]
    """What stands beside it as its key."""
    typed: Str | None = None
    """A key that is written beside it; often a placeholder."""

    @property
    def identity(self) -> Identity:
        """That of its address."""
        return self.site.identity

    @property
    def sites(self) -> tuple[UrlFact, ...]:
        """That address alone, under the name that `Connection` has for its own."""
        return (self.site,)

    @property
    def path(self) -> str:
        """Where it stands."""
        return self.site.path

    @property
    def offset(self) -> int:
        """Where it stands in the file."""
        return self.site.span.start


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Connection:
    """One client or request that goes to OpenRouter."""

    fact: ClientFact
    urls: tuple[Origin, ...]
    keys: tuple[Origin, ...]
    sites: tuple[UrlFact, ...] = ()
    """The literals in this tree that its address starts from."""
    variables: tuple[str, ...] = ()
    """Variables its address may come from."""
    endpoint: UrlKind = UrlKind.BASE
    """What is called, as far as the address says."""
    path: str = ""
    keyed: bool = True
    """False: it certainly sends no key."""
    unplaced: bool = False
    """Its key is OpenRouter's by name, and where its address comes from cannot be seen."""
    given: GivenAddresses = field(default_factory=GivenAddresses)
    """What callers give for the address."""
    outside: str = ""
    """The variable that its library takes the address from, where the call gives none and no file of the tree sets it."""
    through: tuple[ClientFact, ...] = ()
    """The requests that its call gives the address to, where they stand in a class or function that is called."""
    complete: bool = True
    """Is it seen what every other call gives these requests?"""
    also: tuple[ClientFact, str] | None = None
    """One of these that asks for what exists only at OpenRouter, beside others that do not, and what it asks for."""

    @property
    def identity(self) -> Identity:
        """That of its call."""
        return self.fact.identity

    @property
    def offset(self) -> int:
        """Where the call stands in its file."""
        return self.fact.call.span.start

    @property
    def calls(self) -> tuple[Identity, ...]:
        """The call that makes it, and those that send its requests in what is called."""
        return (self.fact.call_identity, *(fact.call_identity for fact in self.through))

    def answers(self, call: Node | None) -> bool:
        """Does a call get address and key from here, and from nowhere that is not seen?"""
        if not (self.sites or self.variables):
            return False
        return call is self.fact.call or (self.complete and any(fact.call is call for fact in self.through))

    @property
    def rides(self) -> bool:
        """Are the address and the key of an account page both asked of one client that is handed over, `client.base_url`, `client.api_key`?

        Then it goes where that client goes, with that client's key.
        """
        owners = [
            {
                origin.node.base.id
                for origin in group
                if isinstance(origin.node, Attr) and isinstance(origin.node.base, Name) and origin.node.name in HANDED_BACK
            }
            for group in (self.urls, self.keys)
        ]
        return self.endpoint is UrlKind.OWN and bool(owners[0] & owners[1])

    @property
    def key_variables(self) -> tuple[str, ...]:
        """Variables its key may come from."""
        return tuple(dict.fromkeys(origin.name for origin in self.keys if origin.kind is From.ENV))


def connections(
    repository: Repository,
    facts: Iterable[Facts],
    defined: Mapping[str, list[UrlFact]],
    callers: Callers,
    names: frozenset[str] = frozenset(),
) -> list[Connection]:
    """All connections to OpenRouter.

    `defined` names the variables that some file gives an OpenRouter address, `names` those that are known to hold its key.
    """
    facts = list(facts)
    by_literal = {(fact.path, fact.literal.span): fact for each in facts for fact in each.urls}
    clients = [client for each in facts for client in each.clients]
    matches = {
        client.identity: connection
        for client in clients
        if (connection := _connection(repository, client, by_literal, defined, callers, names))
    }
    # a variable that one client has OpenRouter's address from gives it to every other one too
    shared: dict[str, list[UrlFact]] = {
        name: [] for connection in matches.values() for name in connection.variables if name not in defined
    }
    if shared:
        rest = [client for client in clients if client.identity not in matches and client.url is not None]
        more = ((client, _connection(repository, client, by_literal, {**defined, **shared}, callers, names)) for client in rest)
        matches |= {client.identity: connection for client, connection in more if connection is not None}
    made = list(matches.values())
    return sorted(made, key=lambda connection: (connection.fact.path, connection.fact.call.span))


def _endpoint(
    literals: Collection[Origin], urls: Iterable[Origin], variables: Collection[str], given: Iterable[UrlFact]
) -> tuple[UrlKind, str]:
    """What a request asks for, and its path: what exists only at OpenRouter first; the base where no path is added.

    `given`: the addresses that files of the tree give its variables.
    """
    given = tuple(given)
    kinds: list[tuple[UrlKind, str]] = [(site.url.kind, site.url.path) for site in given if site.url.kind is UrlKind.OWN]
    if not given and not literals:
        kinds += [(UrlKind.OWN, endpoint) for name in variables if (endpoint := named_endpoint(name))]
    for origin in literals:
        assert isinstance(origin.node, Str)
        for url in find_urls(origin.node.value)[:1]:
            if url.kind is UrlKind.BASE or (url.kind is UrlKind.HOST and origin.suffix.lstrip("/").startswith("api/v1")):
                path = origin.suffix if url.kind is UrlKind.BASE else origin.suffix.lstrip("/").removeprefix("api/v1")
                kinds.append(
                    (endpoint_kind(path) if not url.path else endpoint_kind(url.path + path), (url.path + path).strip("/"))
                )
            else:
                kinds.append((url.kind, url.path))
    kinds += [
        (
            endpoint_kind(without_version(origin.suffix)) if origin.suffix else UrlKind.BASE,
            without_version(origin.suffix).strip("/"),
        )
        for origin in urls
        if origin.kind is From.ENV and origin.name in variables
    ]
    kinds.sort(key=lambda pair: pair[0] is not UrlKind.OWN)
    return kinds[0] if kinds else (UrlKind.BASE, "")


def _connection(
    repository: Repository,
    fact: ClientFact,
    by_literal: Mapping[tuple[str, Span], UrlFact],
    defined: Mapping[str, list[UrlFact]],
    callers: Callers,
    names: frozenset[str],
) -> Connection | None:
    scope = fact.node_path.scope
    urls = origins(repository, fact.url, fact.url_scope or scope) if fact.url is not None else ()
    urls = tuple(_with_makers(repository, callers, urls))
    if fact.url is None and fact.implicit_url in defined:
        urls = (Origin(kind=From.ENV, path=fact.path, name=str(fact.implicit_url)),)
    literals = [
        origin for origin in urls if isinstance(origin.node, Str) and origin.kind is From.LITERAL and find_urls(origin.node.value)
    ]
    if fact.url is None and not urls:
        return _outside(repository, fact, callers)
    variables = tuple(
        dict.fromkeys(
            origin.name
            for origin in urls
            if origin.kind is From.ENV
            and (origin.name in defined or ("OPENROUTER" in origin.name.upper() and not is_key_variable(origin.name)))
        )
    )
    if not literals and not variables:
        return _unplaced(repository, fact, urls, callers, names)
    given = given_addresses(repository, callers, urls, frozenset(defined))
    urls = tuple(dict.fromkeys([*urls, *given.sources]))
    literals += [origin for origin in given.sources if origin.kind is From.LITERAL]
    sites = [site for origin in literals if origin.node is not None and (site := by_literal.get((origin.path, origin.node.span)))]
    # the variables that may take the place of an address are addresses too, whatever they are called
    others = [origin.name for origin in urls if origin.kind is From.ENV and not is_key_variable(origin.name)]
    variables = tuple(dict.fromkeys([*variables, *others]))
    sites += [site for name in variables for site in defined.get(name, ())]
    endpoint, path = _endpoint(literals, urls, variables, [site for name in variables for site in defined.get(name, ())])
    read_by_people = endpoint is UrlKind.PAGE and fact.key is None and fact.headers is None
    keys, keyed = ((), False) if read_by_people else key_origins(repository, fact)
    return Connection(
        fact=fact,
        urls=urls,
        keys=keys,
        sites=tuple(sites),
        variables=variables,
        endpoint=endpoint,
        path=path,
        keyed=keyed,
        given=given,
    )


def _with_makers(repository: Repository, callers: Callers, urls: Iterable[Origin]) -> Iterator[Origin]:
    """Where an address comes from that is a field of a class, by what those give it who make one, in any file.

    Only where all of them give OpenRouter's: one class may be the client of several vendors, each with a key of its own.
    """
    for origin in urls:
        values = made_values(repository, callers, origin) if origin.kind is From.UNKNOWN else []
        given = [origins(repository, value, where) for value, where in values]
        if given and all(map(_is_openrouters, given)):
            for way in (way for ways in given for way in ways):
                yield replace(way, prefix=origin.prefix + way.prefix, suffix=way.suffix + origin.suffix)
        else:
            yield origin


def _is_openrouters(ways: Collection[Origin]) -> bool:
    """Is a value OpenRouter's address, whichever way it comes?"""
    texts = [way.node.value for way in ways if way.kind is From.LITERAL and isinstance(way.node, Str) and way.node.value]
    named = any(way.kind is From.ENV and says_openrouter(way.name) and not is_key_variable(way.name) for way in ways)
    known = all(way.kind in (From.LITERAL, From.ENV) for way in ways)
    return known and all(find_urls(text) for text in texts) and (bool(texts) or named)


def _unplaced(
    repository: Repository, fact: ClientFact, urls: tuple[Origin, ...], callers: Callers, names: frozenset[str]
) -> Connection | None:
    """A client whose key is OpenRouter's by name and whose address comes from somewhere that is not followed."""
    urls = tuple(origin for origin in urls if not (isinstance(origin.node, Str) and not origin.node.value))
    if any(map(_stored_for_openrouter, urls)):  # a setter that the framework calls gives nothing else
        urls = tuple(origin for origin in urls if origin.param is None or callers.given(origin.param).calls)
    if not urls or any(origin.kind in (From.LITERAL, From.PARAM) for origin in urls):
        return None
    keys, keyed = key_origins(repository, fact)
    stored = any(map(_stored_for_openrouter, urls)) and any(
        _stored_for_openrouter(origin) or (origin.kind is From.ENV and says_openrouter(origin.name.upper())) for origin in keys
    )
    given = {origin.name for origin in keys if origin.kind is From.ENV}
    if (
        not given and may_get_key_later(fact) and not _beside_another(repository, callers, fact)
    ):  # `request.headers.set("Authorization", …)` behind `new Request(…)`
        headers = authorizations(repository, callers.facts[fact.path])
        later = [origin for header in headers for origin in origins(repository, header.value, header.scope)]
        given = {origin.name for origin in later if origin.kind is From.ENV}
    if not given and keyed and all(origin.kind is From.UNKNOWN and origin.node is None for origin in keys):
        sent, _ = keys_of_session(repository, callers.facts, fact)
        given = {origin.name for origin in sent if origin.kind is From.ENV}
        keys = sent or keys
    if not given and keys and all(origin.kind is From.PARAM for origin in keys):
        sources = key_sources(repository, callers, keys)
        given = {source.name for source in sources if source.kind is SourceKind.VARIABLE}
    if not stored and not any(is_key_variable(name.upper()) or name in names for name in given):
        return None
    variables = tuple(dict.fromkeys(origin.name for origin in urls if origin.kind is From.ENV))
    endpoint, path = _asked(urls, variables)
    return Connection(
        fact=fact, urls=urls, keys=keys, variables=variables, keyed=keyed, unplaced=not variables, endpoint=endpoint, path=path
    )


def _beside_another(repository: Repository, callers: Callers, fact: ClientFact) -> bool:
    """Does a client of the same kind in the file go to OpenRouter's own address? A key that is put into some header there is that one's."""
    return any(
        isinstance(origin.node, Str) and find_urls(origin.node.value)
        for other in callers.facts[fact.path].clients
        if other is not fact and other.client == fact.client and other.url is not None
        for origin in origins(repository, other.url, other.url_scope or other.node_path.scope)
    )


def _stored_for_openrouter(origin: Origin) -> bool:
    """`entries["OPENROUTER_URL"]`, `store.get("openrouter_key")`: an entry of something that is not followed, under OpenRouter's name."""
    match origin.node:
        case Index(key=Str(value=name)):
            pass
        case Call(func=Attr(name="get"), args=(Arg(value=Str(value=name)), *_)):
            pass
        case _:
            asked = setting_name(origin.node, origin.scope) if origin.node is not None and origin.scope is not None else ""
            name = re.sub(r"\W", "_", asked)  # `openrouter.base-url` of Spring, `OpenRouter:BaseUrl` of .NET
    return origin.kind is From.UNKNOWN and says_openrouter(name.upper())


def takes_address_from_outside(fact: ClientFact) -> bool:
    """Is a client of a known library given a key and no address, so that the library reads a variable for it?"""
    row = fact.integration
    if row is None or row.built_in or fact.implicit_url is None or fact.url is not None or fact.key is None:
        return False
    if fact.client == "openai-legacy":  # its address is an attribute of the module
        return False
    # `client.with_options(api_key=…)` goes on with the address of its client
    derived = {callee.rpartition(".")[2] for callees in row.callees.values() for callee in callees if "()" in callee}
    return last_name(fact.call.func) not in derived


def _outside(repository: Repository, fact: ClientFact, callers: Callers) -> Connection | None:
    """A client whose keys are all OpenRouter's by name and whose address stands in the environment that it runs in."""
    if not takes_address_from_outside(fact) or _assigned_later(repository, fact):
        return None
    keys, keyed = key_origins(repository, fact)
    sources = [source for source in key_sources(repository, callers, keys) if source.kind is not SourceKind.PLACEHOLDER]
    if not sources or not all(source.kind is SourceKind.VARIABLE and is_key_variable(source.name) for source in sources):
        return None
    return Connection(fact=fact, urls=(), keys=keys, keyed=keyed, outside=str(fact.implicit_url))


def _assigned_later(repository: Repository, fact: ClientFact) -> bool:
    """Does the file give some client its address by an assignment, `client.base_url = …`?"""
    names = (
        "|".join(name.rpartition(".")[2] for row in fact.integration.url.names.values() for name in row) if fact.integration else ""
    )
    return _assigns(repository.files[fact.path].source.text, names)


@lru_cache(64)
def _assigns(text: str, names: str) -> bool:
    return re.search(rf"\.(?:{names})\s*=[^=]", text) is not None


def _asked(urls: Iterable[Origin], variables: Iterable[str]) -> tuple[UrlKind, str]:
    """What is asked for behind a base that a variable gives; what only OpenRouter has counts most."""
    ends = [
        without_version(origin.suffix) for origin in urls if origin.kind is From.ENV and origin.name in variables and origin.suffix
    ]
    kinds = sorted(((endpoint_kind(end), end.strip("/")) for end in ends), key=lambda pair: pair[0] is not UrlKind.OWN)
    return kinds[0] if kinds else (UrlKind.BASE, "")


def key_origins(repository: Repository, fact: ClientFact) -> tuple[tuple[Origin, ...], bool]:
    """Where the key of a client or request can come from, and whether it sends one at all."""
    scope = fact.node_path.scope
    if fact.key is not None:
        return origins(repository, fact.key, fact.key_scope or scope), True
    if fact.headers is not None:
        pairs = objects(repository, fact.headers, fact.headers_scope or scope)
        values: list[Origin] = []
        for obj, inner in pairs:
            given = [
                (item, item_scope)
                for item, item_scope in entries(repository, obj, inner)
                if isinstance(item.key, Str) and item.key.value.lower() in _AUTHORIZATION
            ]
            if given and given[-1][0] in obj.items:
                given = given[-1:]  # written after what is spread, it takes its place
            for item, item_scope in given:
                values += origins(repository, item.value, item_scope)
        if values:
            return tuple(values), True
        if pairs and all(item.key is not None for obj, _ in pairs for item in obj.items):
            if fact.client == "raw-http" and not _plain_receiver(fact.call.func):
                return (Origin(kind=From.UNKNOWN, path=fact.path, name="a session built elsewhere"),), True
            return (), False
        return (Origin(kind=From.UNKNOWN, path=fact.path, name="headers built elsewhere"),), True
    carrying = [arg for arg in fact.call.args if carries_key(arg)]
    refs = [node for arg in carrying for node in _refs(arg)]
    refs = refs or [node for node in _refs(fact.call) if is_key_variable(node.name.upper())]
    written = [origin for node in refs for origin in origins(repository, node, scope)]
    written += [
        Origin(kind=From.UNKNOWN, path=fact.path, name="the output of a command", node=node, scope=scope)
        for arg in carrying
        for node in commands(arg.value)
        if line_of_env_file(node) is None
    ]
    if not written and fact.client == "raw-http":
        written = [Origin(kind=From.LITERAL, path=fact.path, node=arg.value) for arg in carrying if isinstance(arg.value, Str)]
    if written:
        return tuple(written), True
    if fact.client == "raw-http":
        plain = not any(arg.star or arg.name in ("auth", "cookies") for arg in fact.call.args) and _plain_receiver(fact.call.func)
        return (() if plain else (Origin(kind=From.UNKNOWN, path=fact.path, name="a session built elsewhere"),)), not plain
    if fact.implicit_key is not None:
        return (Origin(kind=From.ENV, path=fact.path, name=fact.implicit_key),), True
    if fact.client in _WITHOUT_SESSION and not _HEADER.search(repository.files[fact.path].source.text):
        return (), False
    return (Origin(kind=From.UNKNOWN, path=fact.path, name="not given"),), True


def _refs(node: Node | Arg | Item | Param) -> Iterator[EnvRef]:
    """References to variables inside a command."""
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        if not isinstance(child, Str):
            yield from _refs(child)


_WITHOUT_SESSION = ("net-http-ruby", "net-http-get", "php-curl")
"""Clients whose requests carry what stands beside them, and nothing that a session adds."""
_PASSED_ON = regex(
    r"\b(?:dict|Headers|list)\(\s*(?:request|req)\.headers\b|\bheaders\s*[=:]\s*(?:request|req)\.headers\b|\.\.\.(?:request|req)\.headers\b"
)
"""The headers of a request that came in, on their way to another one."""


@lru_cache(maxsize=256)
def passed_on(text: str) -> re.Match[str] | None:
    """Where a program passes requests on with the headers that they came with. Asked for each address of a file."""
    return _PASSED_ON.search(text)


def may_get_key_later(fact: ClientFact) -> bool:
    """Can a request without a key be given one after its call: the object of a request, headers that stand outside of the call?"""
    if last_name(fact.call.func) == "Request":
        return True
    return fact.headers is not None and not _inside(fact.headers, fact.call)


def _inside(node: Node, call: Node) -> bool:
    return isinstance(node, Obj) and call.span.start <= node.span.start and node.span.end <= call.span.end


_HEADER = regex(r"authorization|bearer|api-key", re.IGNORECASE)


def carries_key(arg: Arg) -> bool:
    """Is an argument of a command a header that carries a key?"""
    parts = arg.value.parts if isinstance(arg.value, Join) else (arg.value,)
    return any(isinstance(part, Str) and _HEADER.search(part.value) for part in parts)


def _plain_receiver(func: Node) -> bool:
    """`requests.get`, `fetch`: no session that could add a key."""
    return source_name(func).split(".")[0] in ("requests", "httpx", "fetch", "axios", "urllib", "urlopen", "got", "ky")


def describe(origins: Iterable[Origin], repository: Repository) -> str:
    """Where a value comes from, in words: `literal config.py:12`, `env OPENROUTER_BASE_URL`, `parameter api_key`."""
    words: list[str] = []
    for origin in origins:
        if origin.kind is From.LITERAL and origin.node is not None:
            file = repository.files.get(origin.path)
            line = file.lines.line(origin.node.span.start) if file else 0
            words.append(f"literal {origin.path}:{line}")
        elif origin.kind is From.ENV:
            words.append(f"env {origin.name}")
        elif origin.kind is From.PARAM:
            words.append(f"parameter {origin.name}")
        else:
            words.append(f"unknown: {origin.name}" if origin.name else "unknown")
    return " or ".join(dict.fromkeys(words)) or "not given"

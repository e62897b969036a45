"""Readers of a variable that stay with OpenRouter and are no connection that is seen here: libraries, images, actions, packages.

Each of them goes on reading the old variable. None holds anything back, because a second variable can stand beside the first.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients import package_of
from migrator.analysis.model import StayingReader
from migrator.analysis.providers import is_catalogue
from migrator.analysis.sources.connections import takes_address_from_outside
from migrator.analysis.sources.key_sources import KeySource, SourceKind, key_sources
from migrator.analysis.variables.foreign_requests import foreign_requests
from migrator.analysis.variables.handed_keys import handed_keys
from migrator.analysis.variables.keys_of_unfollowed import keys_of_unfollowed
from migrator.catalog import is_key_variable, openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, Fact, FactKind, Facts
from migrator.formats.tree import Arg, Attr, Call, EnvDef, If, Import, Index, Item, Name, Node, Obj, Param, Str, children
from migrator.integrations import lookup
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.origins import From, origins
from migrator.resolve.scopes import Scope, dotted

_COMPOSE = regex(r"(^|/)[^/]*compose[^/]*\.ya?ml$")
_ACTION = regex(r"\buses:[ \t]*[\"']?(?!\./)([\w./-]*open-?router[\w./-]*@[\w./-]+)", re.IGNORECASE)
_COUNTED = regex(
    r"\bstarts[wW]ith\(\s*[\"'](?:export )?[A-Z][A-Z0-9_]+=?[\"']\s*\)(?:(?!starts[wW]ith).){0,200}?(?:\[\s*[1-9]\d*\s*:|\b(?:slice|substring|substr)\(\s*[1-9])",
    re.DOTALL,
)
_PREFIX_LIBRARIES = (
    "litellm", "crewai", "dspy", "smolagents", "instructor", "pydantic_ai", "langchain.chat_models", "agents", "google.adk", "browser_use",
    "camel", "haystack", "deepeval", "opik", "ragas", "@mastra/", "@voltagent/", "multi-llm-ts", "token.js", "aisuite", "autogen", "strands",
)  # fmt: skip
"""Libraries that take the prefix `openrouter` of a model's name for OpenRouter's host and key."""


def staying_readers(analysis: Analysis) -> Iterator[StayingReader]:
    """All of them, in the order of the files."""
    by_prefix = any(facts.marked(FactKind.MODEL_PREFIX) for facts in analysis.facts.values()) and _chooses_by_prefix(analysis)
    for _, facts in sorted(analysis.facts.items()):
        if analysis.code(facts.path):
            yield from _libraries(analysis, facts)
            yield from _prefixes(analysis, facts, by_prefix)
            yield from _handed_on(analysis, facts)
            yield from _without_address(analysis, facts)
            yield from _action(analysis, facts)
            yield from handed_keys(analysis, facts)
            yield from foreign_requests(analysis, facts)
            yield from _counted(analysis, facts)
            yield from _for_old_host(analysis, facts)
    yield from keys_of_unfollowed(analysis)
    variable = openrouter()["images"]["variable"]
    for path, reason in analysis.evidence.presence.items():
        yield StayingReader(name=variable, path=path, offset=None, because=reason)
    yield from _images(analysis, variable)
    chat_server = _chat_server(analysis)
    if chat_server:
        reason = f"LibreChat takes {variable} for a switch: it reroutes another endpoint of its own"
        yield StayingReader(name=variable, path=chat_server, offset=None, because=reason)


def _libraries(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    for mark in facts.marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
        if not unanswered(analysis, mark):
            continue
        refused = analysis.explicits.refused.get(mark.identity)
        why = f": {refused}" if refused else f". {mark.note}"
        reason = f"`{package_of(analysis, mark)}` has OpenRouter's host built in or reads the key by itself{why}"
        for name, readings in sorted(_variables_of(analysis, mark).items()):
            yield StayingReader(name=name, path=facts.path, offset=mark.span.start, because=reason, readings=readings)
    for mark in facts.marked(FactKind.UNLISTED_CLIENT):
        reason = f"{mark.text} is a library that is not known here. {mark.note}"
        for name, readings in sorted(_variables_of(analysis, mark).items()):
            yield StayingReader(name=name, path=facts.path, offset=mark.span.start, because=reason, readings=readings)
    yield from _proxy_entries(analysis, facts)


_ASKED_OF_TYPES = ("isinstance", "issubclass", "cast", "register", "spec")


def _handed_on(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """`pool.map(completion, …)`: a function with OpenRouter built in that is called out of sight gets the keys that are read beside it."""
    known = lookup.shipped()
    called = {id(client.call.func) for client in facts.clients}
    for uses in facts.handed.values() if analysis.language(facts.path) in ("python", "notebook") else ():
        for use in uses:
            around = use.up.up.node if use.up is not None and use.up.up is not None else None
            asked = isinstance(around, Call) and isinstance(use.node, Name | Attr) and _may_be_imported(use.node, use.scope)
            name = dotted(use.node, use.scope) if asked and isinstance(use.node, Name | Attr) else None
            row = known.built_in("python", name) if name is not None and "()" not in name else None
            if row is None or name not in row.callees.get("python", ()) or id(use.node) in called:
                continue
            if not isinstance(around, Call) or last_name(around.func) in _ASKED_OF_TYPES:
                continue
            reason = f"{name} is handed on there, and what it is called with is not known here. {row.advice}"
            for variable, readings in sorted(analysis.keys_in_sight(facts.path).items()):
                yield StayingReader(
                    name=variable, path=facts.path, offset=use.node.span.start, because=reason, readings=tuple(readings)
                )


def _may_be_imported(node: Node, scope: Scope) -> bool:
    """Could a name lead to an import without a call on the way? Most are given something else."""
    while isinstance(node, Attr):
        node = node.base
    bindings = scope.lookup(node.id) if isinstance(node, Name) and node.id not in _OWNERS else []
    last = bindings[-1] if bindings else None
    return last is None or last.imported is not None or isinstance(last.value, Name | Attr)


_OWNERS = ("self", "this", "cls")


def _prefixes(analysis: Analysis, facts: Facts, by_prefix: bool) -> Iterator[StayingReader]:
    """`by_prefix`: some library in use takes the prefix for a choice. A command that is given one, `aider --model openrouter/…`, does so itself."""
    if is_catalogue(facts, program=analysis.language(facts.path) in PROGRAMS):
        return
    for mark in facts.marked(FactKind.MODEL_PREFIX):
        if analysis.explicits.answers(mark) or not (by_prefix or _in_command(analysis, mark)):
            continue
        reason = f"the prefix in {mark.text} makes a library choose OpenRouter's host and read its key variable"
        beside = _given_beside(facts, mark)
        for name in sorted({openrouter()["images"]["variable"], *(fact.name for fact in beside)}):
            readings = tuple(fact for fact in beside if fact.name == name)
            yield StayingReader(name=name, path=facts.path, offset=mark.span.start, because=reason, readings=readings)


def _in_command(analysis: Analysis, mark: Fact) -> bool:
    around = mark.node_path.ancestors() if mark.node_path is not None else ()
    return analysis.language(mark.path) not in PROGRAMS and any(isinstance(step.node, Call) for step in around)


def _without_address(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """Clients without an address whose key need not be OpenRouter's: who gets it is decided where the program runs.

    Only a read inside the call keeps the old name: elsewhere the program may use the value for more than this client.
    """
    for client in facts.clients:
        if client.identity in analysis.connected or client.key is None or not takes_address_from_outside(client):
            continue
        keys = origins(analysis.repository, client.key, client.key_scope or client.node_path.scope)
        for source in key_sources(analysis.repository, analysis.callers, keys):
            if source.kind is SourceKind.VARIABLE and source.node is not None and source.path == facts.path:
                start, end = source.node.span
                if not (client.call.span.start <= start and end <= client.call.span.end):
                    continue
                readings = tuple(analysis.readings(source.name, source.path, source.node))
                reason = f"a client there is given no address and takes the one in {client.implicit_url} or its vendor's"
                yield StayingReader(
                    name=source.name, path=facts.path, offset=client.call.span.start, because=reason, readings=readings
                )


def _proxy_entries(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """Entries of a proxy's configuration that go on to OpenRouter: `model: openrouter/*` with its key."""
    moving = [addition.call for addition in analysis.explicits.additions]
    for client in facts.clients if analysis.language(facts.path) == "yaml" else ():
        row = client.integration
        if row is None or not row.mapping or client.url is not None or any(client.call is call for call in moving):
            continue  # an entry with an address is a connection, which is decided by itself
        span = client.call.span
        inside = [fact for fact in facts.envs if span.start <= fact.span.start < span.end]
        for name in sorted({*(fact.name for fact in inside), *([row.key.env] if row.key.env and not inside else [])}):
            readings = tuple(fact for fact in inside if fact.name == name)
            because = "an entry whose model the proxy asks OpenRouter for"
            yield StayingReader(name=name, path=facts.path, offset=span.start, because=because, readings=readings)


def _given_beside(facts: Facts, mark: Fact) -> list[EnvFact]:
    """The key that stands beside such a model, in the same call or entry: it goes where the model goes."""
    around = mark.node_path.ancestors() if mark.node_path is not None else ()
    holder = next((step.node for step in around if isinstance(step.node, Call | Obj)), None)
    if holder is None:
        return []
    return [fact for fact in facts.envs if holder.span.start <= fact.span.start < holder.span.end]


def unanswered(analysis: Analysis, mark: Fact) -> bool:
    """Does a library go on with the old host because no client of its own address stands for it?"""
    if mark.identity in analysis.explicits.refused:
        return True
    return mark.kind is FactKind.HIDDEN_CLIENT and not analysis.explicit(mark) and not analysis.explicits.covers(mark)


def _variables_of(analysis: Analysis, mark: Fact) -> dict[str, tuple[EnvFact, ...]]:
    """The variables a call of such a library is given as its key, with where they are read; its own where it is given none."""
    names: dict[str, tuple[EnvFact, ...]] = {}
    for source in _key_sources(analysis, mark):
        if source.kind is SourceKind.VARIABLE:
            readings = analysis.readings(source.name, source.path, source.node)
            names[source.name] = (*names.get(source.name, ()), *readings)
        elif source.kind in (SourceKind.OUT_OF_SIGHT, SourceKind.PARAMETER):
            # what a caller gives, as an entry of its options, is often read where these are put together
            far = source.kind is SourceKind.OUT_OF_SIGHT
            for name, reads in analysis.keys_in_sight(mark.path, far=far).items():
                names[name] = (*names.get(name, ()), *reads)
    if not names and _is_given_key(mark):
        names = {name: tuple(reads) for name, reads in analysis.keys_in_sight(mark.path, far=False).items()}
    return names or {openrouter()["images"]["variable"]: ()}


def _is_given_key(mark: Fact) -> bool:
    """Is a call given a key, wherever that comes from?"""
    args = mark.node.args if isinstance(mark.node, Call) else ()
    return any(
        (arg.name is not None and "key" in arg.name.lower())
        or (isinstance(arg.value, Obj) and any(map(_says_key, arg.value.items)))
        for arg in args
    )


def _key_sources(analysis: Analysis, mark: Fact) -> Iterator[KeySource]:
    """Every end of what a call may be given as its key."""
    if not isinstance(mark.node, Call) or mark.node_path is None:
        return
    for arg in mark.node.args:
        if arg.name is not None and "key" not in arg.name.lower():
            continue
        items = arg.value.items if isinstance(arg.value, Obj) else ()
        for node, told in [(item.value, _says_key(item)) for item in items] or [(arg.value, arg.name is not None)]:
            keys = origins(analysis.repository, node, mark.node_path.scope)
            for source in key_sources(analysis.repository, analysis.callers, keys):
                if told or source.kind is SourceKind.VARIABLE:
                    yield source


def _says_key(item: Item) -> bool:
    return isinstance(item.key, Str) and "key" in item.key.value.lower()


def _chooses_by_prefix(analysis: Analysis) -> bool:
    """Is a library in use that chooses OpenRouter by a prefix, or a configuration of one?"""
    return (
        any(
            isinstance(node, Import) and node.module.startswith(_PREFIX_LIBRARIES)
            for file in analysis.repository.files.values()
            if file.module.language in PROGRAMS
            for node in file.module.body
        )
        or any(re.search(rf"[\"'\s]({'|'.join(map(re.escape, _PREFIX_LIBRARIES))})", text) for _, text in analysis.manifests)
        or any("litellm_params" in file.source.text for file in analysis.repository.files.values())
    )


def _action(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """An action that is named for OpenRouter and can see the job's environment."""
    names = sorted({fact.name for fact in facts.envs if fact.how == "actions-env" and not fact.owner})
    match = _ACTION.search(analysis.repository.files[facts.path].source.text) if names else None
    if match is not None:
        reason = f"the action {match[1]} may read the variable out of the job's environment"
        for name in names:
            yield StayingReader(name=name, path=facts.path, offset=match.start(1), because=reason)


def _for_old_host(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """`if (config.url.includes("openrouter.ai")) headers.Authorization = KEY`: a key that is only given to requests to the old host."""
    for mark in facts.marked(FactKind.URL_CHECK):
        steps = list(mark.node_path.ancestors()) if mark.node_path is not None else []
        branch = next((step for step in steps if isinstance(step.node, If) and _within(mark.span, step.node.test)), None)
        for node in branch.node.body if branch is not None and isinstance(branch.node, If) else ():
            for part in _names_in(node):
                for origin in origins(analysis.repository, part, branch.scope) if branch is not None else ():
                    if origin.kind is From.ENV and is_key_variable(origin.name):
                        readings = tuple(analysis.readings(origin.name, origin.path, origin.node))
                        because = "the key is only given to requests to OpenRouter's host there"
                        yield StayingReader(
                            name=origin.name, path=facts.path, offset=mark.span.start, because=because, readings=readings
                        )


def _within(span: Span, node: Node) -> bool:
    return node.span.start <= span.start and span.end <= node.span.end


def _names_in(node: Node | Arg | Item | Param) -> Iterator[Node]:
    if isinstance(node, Name | Attr | Index):
        yield node
        return
    for child in children(node):
        if not isinstance(child, Str):
            yield from _names_in(child)


def _counted(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """`if line.startswith("X="): key = line[19:]`: a line of an env file that is cut at the length of the old name."""
    text = analysis.repository.files[facts.path].source.text
    for match in _COUNTED.finditer(text) if "starts" in text and analysis.language(facts.path) in PROGRAMS else ():
        readings = tuple(fact for fact in facts.envs if match.start() <= fact.span.start < match.end())
        for name in sorted({fact.name for fact in readings}):
            because = "the line is cut at the length of the old name"
            yield StayingReader(name=name, path=facts.path, offset=match.start(), because=because, readings=readings)


def _images(analysis: Analysis, variable: str) -> Iterator[StayingReader]:
    """Images that read the variable by themselves out of an env file that they are given whole."""
    readers = [re.compile(pattern) for pattern in openrouter()["images"]["readers"]]
    for path in sorted(analysis.repository.paths):
        file = analysis.repository.file(path) if _COMPOSE.search(path) and analysis.code(path) else None
        for name, image in _env_file_services(file.module.body if file else ()):
            if any(reader.search(image) for reader in readers):
                reason = f"the image {image} (service {name}) reads {variable} out of its env file by itself"
                yield StayingReader(name=variable, path=path, offset=None, because=reason)


def _env_file_services(body: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """Name and image of the services that get a whole env file."""
    for root in body:
        for services in _entries(root, "services"):
            for service in services.items if isinstance(services, Obj) else ():
                images = [image.value for image in _entries(service.value, "image") if isinstance(image, Str)]
                if images and any(_entries(service.value, "env_file")) and not any(_entries(service.value, "build")):
                    yield service.key.value if isinstance(service.key, Str) else "", images[0]


def _entries(node: Node, key: str) -> list[Node]:
    """The values of a key in a mapping."""
    items = node.items if isinstance(node, Obj) else ()
    return [item.value for item in items if isinstance(item.key, Str) and item.key.value == key]


def _chat_server(analysis: Analysis) -> str:
    """Where the tree says that LibreChat runs; "" where it does not.

    LibreChat sends its built-in OpenAI endpoint to OpenRouter once the variable is set:
    https://www.librechat.ai/docs/configuration/dotenv
    """
    for path in sorted(analysis.repository.paths):
        if posixpath.basename(path).startswith("librechat.y"):
            return path
    for facts in analysis.facts.values():
        for fact in facts.envs:
            node = fact.node_path.node if fact.node_path is not None else None
            if isinstance(node, EnvDef) and "librechat" in node.owner.lower() and not fact.commented:
                return fact.path
    return ""

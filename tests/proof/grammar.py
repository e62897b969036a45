"""What a generated application is made of, and how one is drawn from a seed.

An application is a value: it can be compared, made smaller and written down. `render` turns it into files, `deploy` into processes.
The forms are those of the README's table of what is recognised, and those that must be held back.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import cycle
from typing import Any

OLD_BASE = "https://openrouter.ai/api/v1"
LANGUAGES = ("python", "typescript", "javascript", "shell")
PLACES = ("inline", "constant", "module", "barrel", "function", "object")
"""Where a value stands: in the call, in the script, in a module beside, behind a re-export, in a function of a module, in a class or object there."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key with all its sources."""

    form: str
    """How it is read; see KEY_FORMS."""
    names: tuple[str, ...]
    """Variables and entries that it can come from, in the order in which the program asks for them."""
    place: str = "inline"


@dataclass(frozen=True, slots=True)
class Address:
    """The base address of one or more connections."""

    form: str
    """`literal`, `default` and `or-default` (a variable with OpenRouter's address behind it), `required` (a variable alone), `settings`, `library`."""
    name: str = ""
    place: str = "inline"
    base: str = "openai"
    """Whose clients it is made for: `anthropic` has no version in its path."""


@dataclass(frozen=True, slots=True)
class Call:
    """One connection."""

    client: str
    address: int
    """Index into `Program.addresses`."""
    key: int
    endpoint: str = "chat"
    """`chat`, `embeddings`, `models`, `credits` or `key`; the last two exist at OpenRouter only."""
    wrapper: str = "direct"
    """`direct`, `global` (made when the module loads), `factory` (a function in a module), `class` (takes the key as a parameter), `class-both` (and
    the address), `class-optional` (takes a key or reads it)."""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the variables come to the process."""

    kind: str = "host"
    """`host`, `dotenv` (a `.env` in the tree), `own-dotenv` (a `.env` that the tool does not see, `.env.example` in the tree), `compose`, `workflow`,
    `docker`, `launcher` (a shell script that exports), `password-store` (one that asks `pass` for the key), `make` (a Makefile that exports),
    `docker-run` (a script that hands them to a container), `env-file` (compose with an `env_file` that the tool does not see), `systemd`,
    `kubernetes`, `terraform`, `composite` (an action of the repository that a workflow uses)."""
    address: str = "literal"
    """Whether the tree gives the addresses as a `literal`, passes them on (`through`), or passes them on with a `default`."""
    example: bool = False
    alias: str = ""
    """The host's variable that the tree gives to the process as the library's own key variable: `OPENAI_API_KEY: ${OPENROUTER_API_KEY}`."""


@dataclass(frozen=True, slots=True)
class Program:
    """An application."""

    language: str
    keys: tuple[Key, ...]
    addresses: tuple[Address, ...]
    scripts: tuple[tuple[Call, ...], ...]
    delivery: Delivery = Delivery()
    unset: tuple[str, ...] = ()
    """Variables that this deployment does not set."""
    extras: tuple[str, ...] = ()
    """Mentions of the first key's variable, which decide nothing about a connection; see EXTRAS."""


ENV_FORMS = {
    "python": (
        "index",
        "get",
        "getenv",
        "getenv-empty",
        "guarded",
        "from-import",
        "parameter",
        "settings",
        "settings-alias",
        "settings-both",
        "settings-prefix",
        "decouple",
    ),
    "typescript": ("property", "subscript", "empty", "asserted", "destructured", "require-env", "guarded", "zod"),
    "javascript": ("property", "subscript", "empty", "destructured", "require-env", "guarded"),
    "shell": ("plain", "braces", "empty", "message", "variable"),
}
"""Ways to read one variable."""
CHAIN_FORMS = {
    "python": ("or", "nested"),
    "typescript": ("or", "nullish"),
    "javascript": ("or", "nullish"),
    "shell": ("fallback",),
}
"""Ways to read one variable and, where it is not set, another."""
SHARED_FORMS = frozenset({"index", "get", "getenv", "from-import", "property", "subscript", "empty", "plain", "braces"})
"""Ways to read a variable that another key of the program may read too."""
STORE_FORMS = {
    "python": (
        "or-config",
        "config",
        "or-file",
        "file",
        "path-variable",
        "bag",
        "merged-bag",
        "secrets",
        "or-secrets",
        "list",
        "hard-coded",
    ),
    "typescript": ("or-config", "config", "or-file", "bag", "list", "hard-coded"),
    "javascript": ("or-config", "config", "or-file", "bag", "list", "hard-coded"),
    "shell": ("or-file", "file", "hard-coded", "read-file", "loop", "argument"),
}
"""Ways in which a key comes from something that is not (only) the environment."""
CLIENTS = {
    "python": (
        "openai",
        "openai-async",
        "httpx",
        "requests",
        "urllib",
        "httpx-client",
        "session",
        "http.client",
        "session-headers",
        "request-later",
        "passed-on",
        "requests-request",
        "httpx-async",
        "httpx-with",
        "aiohttp",
        "to-thread",
        "langchain",
        "anthropic",
        "anthropic-key",
        "passed-without-headers",
    ),
    "typescript": (
        "openai",
        "fetch",
        "axios",
        "create-openrouter",
        "openai-compatible",
        "create-openai",
        "fetch-later",
        "request-later",
        "axios-create",
        "axios-request",
        "axios-config",
        "axios-options",
        "langchain-js",
        "anthropic",
        "anthropic-key",
    ),
    "javascript": (
        "openai",
        "fetch",
        "axios",
        "create-openrouter",
        "fetch-later",
        "request-later",
        "axios-create",
        "axios-request",
        "axios-config",
        "axios-options",
        "langchain-js",
        "anthropic",
        "anthropic-key",
    ),
    "shell": ("curl", "curl-body", "curl-heredoc", "function", "curl-url"),
}
"""`session-headers`, `fetch-later` and `request-later` are given the key apart from the call that sends it; `passed-on` and `to-thread` are sent by a
function that is given the one that sends, `passed-without-headers` by one that adds the key; `function` is one of a script that is given the path."""
ANTHROPIC_CLIENTS = frozenset({"anthropic", "anthropic-key"})
"""Clients of Anthropic's SDK, which are given a token or a key."""
LATE_CLIENTS = frozenset({"session-headers", "fetch-later", "request-later", "passed-on", "passed-without-headers", "function"})
"""Clients whose key or path stands apart: what shares an address or a key with one that stays may be held back."""
LIBRARY_CLIENTS = ANTHROPIC_CLIENTS | {
    "openai",
    "openai-async",
    "langchain",
    "langchain-js",
    "create-openrouter",
    "openai-compatible",
    "create-openai",
}
NEEDS = {
    "requests": "requests",
    "session": "requests",
    "session-headers": "requests",
    "passed-on": "requests",
    "requests-request": "requests",
    "to-thread": "requests",
    "passed-without-headers": "requests",
    "langchain": "langchain_openai",
    "aiohttp": "aiohttp",
    "settings": "pydantic_settings",
    "settings-alias": "pydantic_settings",
    "settings-both": "pydantic_settings",
    "settings-prefix": "pydantic_settings",
    "decouple": "decouple",
}
"""Forms that need a package which may not be installed."""
KEY_NAMES = (
    "OPENROUTER_API_KEY",
    "LLM_API_KEY",
    "OPENROUTER_KEY",
    "OPENROUTER",
    "OpenRouter_API_Key",
    "openrouter_api_key",
    "or_key",
    "AI_TOKEN",
    "OPENROUTER_API_KEY_PROD",
    "VITE_OPENROUTER_API_KEY",
)
ADDRESS_NAMES = (
    "OPENROUTER_BASE_URL",
    "OPENROUTER_URL",
    "OPENROUTER_API_BASE",
    "LLM_BASE_URL",
    "AI_ENDPOINT",
)
DELIVERIES = (
    "host",
    "dotenv",
    "own-dotenv",
    "compose",
    "workflow",
    "docker",
    "launcher",
    "password-store",
    "make",
    "docker-run",
    "env-file",
    "systemd",
    "kubernetes",
    "terraform",
    "composite",
)
OPTIONS = ("temperature", "order", "only", "title", "sort")
EXTRAS = (
    "comment",
    "log",
    "readme",
    "labels",
    "union",
    "required-list",
    "asserted",
    "foreign-reader",
    "broken-file",
    "manifest",
    "vendor-client",
)
"""A comment, a logged object, a document, a table of vendors, a type; a list of names that the program checks, an assertion that the variable is set; a reader
in a language that is not read as code, a file that does not parse, a manifest of another project that names OpenRouter's package; a client of OpenAI's own."""


SERVICE = "other-service"
"""A request to another service that carries the first key: through the same session, or with a header of its own."""
SERVICE_CLIENTS = frozenset(
    {"session-headers", "httpx-client", "session", "requests", "httpx", "axios-create", "axios", "fetch", "curl"}
)
"""Clients of a first call that such a request is written for."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be drawn: a subset of the grammar."""

    languages: Sequence[str] = LANGUAGES
    deliveries: Sequence[str] = DELIVERIES
    without: frozenset[str] = frozenset()
    """Forms, clients, options and features that are not drawn."""

    def of(self, values: Sequence[str]) -> tuple[str, ...]:
        """Those of some values that may be drawn."""
        return tuple(value for value in values if value not in self.without)


def draw(seed: int | str, scope: Scope) -> Program:
    """The application of a seed."""
    rng = random.Random(f"application {seed}")
    language = rng.choice(tuple(scope.languages))
    if "library" not in scope.without and language != "shell" and rng.random() < 0.08:
        return _library_pair(rng, language, scope)
    known = scope.of(KEY_NAMES)
    names = cycle(rng.sample(sorted(set(known)), len(set(known))))
    keys = tuple(_key(rng, language, scope, names) for _ in range(1 if "two-keys" in scope.without else rng.choice((1, 1, 1, 2))))
    known = scope.of(ADDRESS_NAMES)
    address_names = cycle(rng.sample(known, len(known)))
    addresses = tuple(_address(rng, language, scope, address_names) for _ in range(rng.choice((1, 1, 1, 2))))
    if language != "shell" and rng.random() < 0.12:
        addresses = (*addresses, replace(_address(rng, language, scope, address_names), base="anthropic"))
    scripts = tuple(
        tuple(_call(rng, language, scope, len(keys), addresses) for _ in range(rng.choice((1, 1, 2, 3))))
        for _ in range(rng.choice((1, 1, 1, 2)))
    )
    delivery = Delivery(rng.choice(scope.of(scope.deliveries)), rng.choice(("literal", "through", "default")), rng.random() < 0.3)
    extras = _some(rng, scope.of(EXTRAS), 0.1)
    if SERVICE not in scope.without and random.Random(f"service {seed}").random() < 0.2:  # the other draws stay what they were
        extras = (*extras, SERVICE)
    program = tidy(Program(language, keys, addresses, scripts, delivery, extras=extras))
    return tidy(replace(program, unset=_unset(rng, program.keys, program.addresses)))


def _some(rng: random.Random, values: Sequence[str], share: float) -> tuple[str, ...]:
    return tuple(value for value in values if rng.random() < share)


def _key(rng: random.Random, language: str, scope: Scope, names: Any) -> Key:
    kind = rng.choices((ENV_FORMS, CHAIN_FORMS, STORE_FORMS), (6, 1.5, 2))[0]
    forms = scope.of(kind[language]) or scope.of(ENV_FORMS[language])
    form = rng.choice(forms)
    first = "OPENROUTER_API_KEY" if rng.random() < 0.5 else next(names)
    if form in ("or", "nested", "nullish", "fallback"):
        other = next(names)
        return Key(form, (first, f"{first}_2" if other == first else other), _place_for(rng, language, scope))
    if form == "list":
        first = "OPENROUTER_API_KEYS"
    elif form == "path-variable":
        first += "_FILE"
    elif form == "settings-prefix" and "_" not in first:
        first += "_KEY"
    return Key(form, (first,), _place_for(rng, language, scope))


def _place_for(rng: random.Random, language: str, scope: Scope) -> str:
    place = rng.choice(scope.of(PLACES))
    return "inline" if language == "shell" and "shell-constant" in scope.without else place


def _address(rng: random.Random, language: str, scope: Scope, names: Any) -> Address:
    forms = ["literal", "literal", "default", "default", "required"]
    if language != "shell":
        forms.append("or-default")
    if language == "python" and "settings" not in scope.without:
        forms.append("settings")
    form = rng.choice([form for form in forms if form not in scope.without] or ["literal"])
    place = _place_for(rng, language, scope)
    return Address(form, "" if form == "literal" else next(names), place)


def _call(rng: random.Random, language: str, scope: Scope, keys: int, addresses: tuple[Address, ...]) -> Call:
    client = rng.choice(scope.of(CLIENTS[language]))
    fitting = [index for index, each in enumerate(addresses) if (each.base == "anthropic") == (client in ANTHROPIC_CLIENTS)]
    if not fitting:  # a client of Anthropic's, and no address for it
        client, fitting = "openai", [index for index, each in enumerate(addresses) if each.base == "openai"]
    endpoint = rng.choices(("chat", "embeddings", "models", "credits", "key"), (12, 1, 1, 2, 1))[0]
    if client in LIBRARY_CLIENTS or client.startswith("curl-") or endpoint in scope.without:
        endpoint = "chat"
    wrapper = (
        rng.choice(scope.of(("direct", "direct", "direct", "global", "factory", "class", "class-both", "class-optional")))
        if language != "shell"
        else "direct"
    )
    options = _some(rng, scope.of(OPTIONS), 0.12) if endpoint == "chat" else ()
    if client in ANTHROPIC_CLIENTS:
        options = ()
    return Call(client, rng.choice(fitting), rng.randrange(keys), endpoint, wrapper, options)


_PAIRS = ("dotenv", "own-dotenv", "compose", "workflow", "docker", "launcher", "password-store", "make", "env-file", "systemd")


def _library_pair(rng: random.Random, language: str, scope: Scope) -> Program:
    """A client that takes address or key from variables that the library reads by itself."""
    library = rng.choice(
        scope.of(("openai", "anthropic", *(("create-openrouter",) if language != "python" else ()))) or ("openai",)
    )
    options = () if library == "anthropic" else _some(rng, scope.of(OPTIONS[:1]), 0.1)
    call = Call(library, 0, 0, "chat", rng.choice(("direct", "global")), options)
    kinds = [kind for kind in scope.of(scope.deliveries) if kind in _PAIRS or library == "create-openrouter"]
    delivery = Delivery(rng.choice(kinds), "literal", rng.random() < 0.3)
    if library == "create-openrouter":
        return tidy(Program(language, (Key("library", ("OPENROUTER_API_KEY",)),), (Address("literal"),), ((call,),), delivery))
    if delivery.kind in ("compose", "workflow", "launcher") and "alias" not in scope.without and rng.random() < 0.6:
        delivery = replace(delivery, alias="OPENROUTER_API_KEY")
    key, address = ("OPENAI_API_KEY", "OPENAI_BASE_URL") if library == "openai" else ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
    return tidy(
        Program(
            language,
            (Key("library", (key,)),),
            (Address("library", address, base="openai" if library == "openai" else "anthropic"),),
            ((call,),),
            delivery,
        )
    )


def _unset(rng: random.Random, keys: tuple[Key, ...], addresses: tuple[Address, ...]) -> tuple[str, ...]:
    unset = {address.name for address in addresses if address.form in ("default", "or-default", "settings") and rng.random() < 0.6}
    for key in keys:
        sources = len(key.names) + key.form.startswith("or-")
        if sources > 1:
            kept = rng.randrange(sources)
            unset |= {name for index, name in enumerate(key.names) if index != kept and rng.random() < 0.5}
    return tuple(sorted(unset))


def tidy(program: Program) -> Program:
    """The same application without what it does not use, and without combinations that cannot be written."""
    used_keys = sorted({call.key for calls in program.scripts for call in calls})
    used_addresses = sorted({call.address for calls in program.scripts for call in calls})
    seen: set[str] = set()
    keys: list[Key] = []
    for index in used_keys:
        key = program.keys[index]
        shared = key.form in SHARED_FORMS and all(other.form in SHARED_FORMS for other in keys)
        names = tuple(name if shared or name not in seen else f"{name}_{index + 1}" for name in key.names)
        seen |= set(names)
        keys.append(Key(key.form, names, _place(program.language, key.place, key.form)))
    addresses = []
    for index in used_addresses:
        address = program.addresses[index]
        addresses.append(replace(address, place=_place(program.language, address.place, address.form)))
    scripts = tuple(
        tuple(
            Call(
                call.client,
                used_addresses.index(call.address),
                used_keys.index(call.key),
                call.endpoint,
                _wrapper(call),
                call.options,
            )
            for call in calls
        )
        for calls in program.scripts
        if calls
    )
    known = {name for key in keys for name in key.names} | {address.name for address in addresses}
    unset = tuple(name for name in program.unset if name in known)
    delivery = program.delivery
    if delivery.kind not in ("dotenv", "own-dotenv") and any(key.form == "bag" for key in keys):
        delivery = replace(delivery, kind="dotenv")
    if any(address.form == "library" for address in addresses):
        delivery = replace(delivery, address="literal")
    if not any(key.form == "library" for key in keys) or delivery.kind not in ("compose", "workflow", "launcher"):
        delivery = replace(delivery, alias="")
    # what a library reads by itself OpenAI's own client reads too
    pair = any(key.form == "library" for key in keys)
    extras = tuple(extra for extra in program.extras if not (extra == "vendor-client" and pair))
    return Program(program.language, tuple(keys), tuple(addresses), scripts, delivery, unset, extras)


def _place(language: str, place: str, form: str) -> str:
    if language == "shell":
        return {"module": "module", "constant": "constant"}.get(place, "inline")
    if form.startswith("settings") or (form == "zod" and place in ("inline", "function", "object")):
        return "module"
    if form in ("guarded", "destructured") and place == "object":
        return "module"
    if form in ("guarded", "destructured", "bag", "merged-bag", "config", "or-config") and place == "inline":
        return "constant"
    return place


def _wrapper(call: Call) -> str:
    if call.client == "passed-without-headers" and call.wrapper.startswith("class"):
        return "direct"
    return (
        "direct"
        if call.client
        in (
            "openai-async",
            "urllib",
            "http.client",
            "fetch",
            "axios",
            "fetch-later",
            "request-later",
            "passed-on",
            "session-headers",
            "requests-request",
            "httpx-async",
            "httpx-with",
            "aiohttp",
            "to-thread",
            "axios-create",
            "axios-request",
            "axios-config",
            "axios-options",
            "passed-without-headers",
        )
        and call.wrapper == "global"
        else call.wrapper
    )


def values(thing: Any) -> Any:
    """An application as plain values for JSON."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: values(getattr(thing, field.name)) for field in fields(thing)}
    return [values(entry) for entry in thing] if isinstance(thing, tuple) else thing

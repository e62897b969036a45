"""One walk over a lowered file: from nodes to `Facts`. The only module between the tree and the rules that knows both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from migrator import ecma_reading, paths
from migrator.access import Role, access, env_mapping
from migrator.edits import form_of
from migrator.facts import KEY_SHAPE, TOKEN, ClientFact, EnvFact, Facts, Mark, MarkKind, UrlFact
from migrator.knowledge import is_key_variable, openrouter
from migrator.model import Span
from migrator.place import Place, Trail, last_name, place_of, source_name
from migrator.rules.clients import BY_CALLEE, REQUESTS, Client
from migrator.rules.hidden import HIDDEN, Hidden
from migrator.scope import Scope, ScopeKind, dotted, package
from migrator.settings_fields import fields, reads_environment
from migrator.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Compare,
    Const,
    EnvDef,
    EnvRef,
    Func,
    Import,
    Index,
    Item,
    Join,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Param,
    RegionKind,
    Seq,
    Str,
    children,
)
from migrator.urls import find_urls
from migrator.values import From
from migrator.world import File, World

PROGRAMS = ("python", "notebook", "ecma")
_NAMES_IT = re.compile(r"open[_-]?router", re.IGNORECASE)
_VARIANTS = re.compile(
    r"^(?:openrouter[/:])?(~?)([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*?)((?::(?:free|extended|thinking|batch|beta|nitro|floor|exacto|online))+)$"
)
_SUFFIX = re.compile(r"^:(?:free|extended|thinking|nitro|floor|exacto|online)$")
_PREFIXED = re.compile(r"^(?:litellm/)?openrouter[/:](~?[a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._:-]*)$")
_ROUTER = re.compile(r"^(?:openrouter/)?openrouter/([a-z][a-z0-9-]*)(?::[a-z]+)?$")
_ALIAS = re.compile(r"^~[a-z0-9-]+/[A-Za-z0-9._-]+-latest$|^(?:[a-z0-9-]+/[A-Za-z0-9._-]+)?@preset/[A-Za-z0-9_-]+$")
_MODEL = re.compile(r"^([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)$")
_KEY_NAME = re.compile(
    r"^(api[_-]?key|apikey|openai_api_key|openAIApiKey|auth_token|authToken|token|key|authorization|x-api-key|bearer)$",
    re.IGNORECASE,
)


_ENVIRONMENT = re.compile(r"envs?|environ(ment)?s?|env_?vars|environment_?variables|extra_env|container_?env", re.IGNORECASE)
"""Names of what another program is given as its environment."""
_SPAWNING = frozenset(
    {"run", "Popen", "spawn", "exec", "execa", "spawnSync", "execSync", "call", "check_call", "check_output", "fork", "execFile"}
)
_SCHEMAS = frozenset(
    {
        "object",
        "createEnv",
        "cleanEnv",
        "parseEnv",
        "defineEnv",
        "validateEnv",
        "envsafe",
        "looseObject",
        "strictObject",
        "defineConfig",
    }
)
# calls that keep a value under a name of the program's own
_STORING = frozenset(
    {
        "getItem", "setItem", "removeItem", "getItemAsync", "setItemAsync", "deleteItemAsync", "getCookie", "setCookie", "useLocalStorage", "useStorage",
        "getattr", "setattr", "hasattr", "getValueAsync", "setValueAsync", "get_password", "set_password", "store", "getSetting", "setSetting",
        "useState", "createContext", "Symbol",
    }
)  # fmt: skip


def read(file: File, world: World) -> Facts:
    """All facts of one file."""
    walk = _Walk(file, world)
    walk.run()
    return walk.facts


class _Walk:
    """The walk's state: where it is and what it found."""

    def __init__(self, file: File, world: World) -> None:
        self.file, self.world = file, world
        self.text = file.source.text
        self.path = file.path
        self.program = file.module.language in PROGRAMS
        self.root = file.scopes.root if self.program else Scope(ScopeKind.MODULE, None, None, file.path)
        self.ecma = file.module.language == "ecma"
        self.facts = Facts(self.path)
        self.seen_names: set[tuple[int, int]] = set()
        """Spans of variable names that a fact already speaks of."""
        self.test = paths.is_test(self.path)
        self.hidden_names: dict[str, Hidden] = {}
        """Local names that stand for something of a library that hides the host."""

    def run(self) -> None:
        module = self.file.module
        scope = self.root
        if not self.program:
            # what the format itself calls a definition or a reference comes first: its text is then no mere string
            # and a definition before the document that it stands in, because it knows whose name that is
            for node in sorted(module.body, key=lambda node: not isinstance(node, EnvDef)):
                self.variables(node, None)
        for node in module.body:
            self.visit(node, None, scope)
        self.leftovers(module)
        self.facts.envs.sort(key=lambda fact: fact.span)
        self.facts.urls.sort(key=lambda fact: fact.span)
        self.facts.marks.sort(key=lambda mark: mark.span)

    # -- walking -----------------------------------------------------------------------------------------------------------------

    def variables(self, node: Node | Arg | Item | Param, up: Trail | None) -> None:
        """Definitions and references of variables in a configuration file."""
        trail = Trail(node, up, self.root)
        if isinstance(node, EnvDef):
            self.on_env_def(node, trail)
        elif isinstance(node, EnvRef):
            self.on_env_ref(node, trail)
        for child in children(node):
            if not isinstance(child, Str):
                self.variables(child, trail)

    def visit(self, node: Node | Arg | Item | Param, up: Trail | None, scope: Scope) -> None:
        kind = type(node)
        if kind is Name:
            return
        if kind is Str:
            self.string(node, Trail(node, up, scope))  # type: ignore[arg-type]
            return
        trail = Trail(node, up, scope)
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, node, trail)
        inner = self.file.scopes.opened.get(id(node), scope) if kind is Func or kind is Class else scope
        for child in children(node):
            self.visit(child, trail, inner)

    def mark(
        self, kind: MarkKind, span: Span, text: str = "", note: str = "", trail: Trail | None = None, node: Node | None = None
    ) -> None:
        self.facts.marks.append(Mark(kind=kind, path=self.path, span=span, text=text, note=note, trail=trail, node=node))

    def env(self, name: str, span: Span, role: Role, how: str, trail: Trail | None, **more: object) -> None:
        if (span.start, span.end) in self.seen_names:
            return
        self.seen_names.add((span.start, span.end))
        self.facts.envs.append(EnvFact(path=self.path, name=name, span=span, role=role, how=how, trail=trail, **more))  # type: ignore[arg-type]

    # -- literals ----------------------------------------------------------------------------------------------------------------

    def string(self, node: Str, trail: Trail) -> None:
        start, end = node.inner
        raw = self.text[start:end]
        if not raw:
            return
        lowered = raw.lower()
        if "openrouter" in lowered or "open_router" in lowered:
            place = place_of(trail)
            for url in find_urls(raw):
                self.facts.urls.append(
                    UrlFact(path=self.path, url=url, base=start, place=place, trail=trail, literal=node, key=self.key_of(trail))
                )
            if (start, end) not in self.seen_names and (place is not Place.STATEMENT or not self.program):
                self.tokens(raw, start, place, trail)
            self.vendor(node, raw, place, trail)
        elif lowered == "or_api_key":
            self.tokens(raw, start, place_of(trail), trail)
        if "sk-or" in lowered:
            self.key_shape(node, raw, trail)
        if "/" in raw or ":" in raw or raw.startswith("@"):
            self.model(node, trail)

    def tokens(self, raw: str, start: int, place: Place, trail: Trail) -> None:
        for token in TOKEN.finditer(raw):
            span = Span(start + token.start(), start + token.end())
            whole = token[0] == raw.strip()
            role: Role | None
            if not whole or place is Place.MESSAGE:  # in a script a text of several words is said, not used
                role, how = Role.MESSAGE, "text"
            elif place is Place.LIST:
                role, how = Role.LIST, "list"
            elif place is Place.COMPARE:
                role, how = Role.ASK, "compared"
            elif place is Place.KEY and not self.subscripts_environment(trail):
                continue
            elif self.test:
                role, how = Role.DEFINE, "test"
            else:
                role, how = self.literal_role(trail), "literal"
            if role is not None:
                self.env(token[0], span, role, how, trail)

    def subscripts_environment(self, trail: Trail) -> bool:
        """`env_vars["X"]`: a subscript of something that is called like an environment."""
        step = trail.up
        return step is not None and isinstance(step.node, Index) and (self.test or self.environment_like(step.node.base))

    @staticmethod
    def environment_like(node: Node) -> bool:
        return bool(re.search(r"env|secret", source_name(node), re.IGNORECASE))

    def literal_role(self, trail: Trail) -> Role | None:
        """A variable's name as a value: handed to the program's own reader of variables, or unknown; None: a name of another kind."""
        step = trail.up
        if (
            step is not None
            and isinstance(step.node, Arg)
            and step.node.name in ("envvar", "env", "env_var", "envVar", "key_env", "api_key_env")
        ):
            return Role.READ
        if step is not None and isinstance(step.node, Seq) and step.up is not None and isinstance(step.up.node, Arg):
            if step.up.node.name in ("envvar", "envVar"):
                return Role.READ
        if step is not None and isinstance(step.node, Arg) and step.up is not None and isinstance(call := step.up.node, Call):
            word = last_name(call.func)
            if word in ("append", "push", "add", "extend", "insert", "unshift"):
                return Role.LIST
            if word in _STORING or (word == "get" and not self.environment_like(call.func)):
                return None
            for func, inner in self.world.functions(call.func, trail.scope):
                from migrator.access import env_helper

                index = env_helper(func, inner)
                if index is not None and index < len(call.args) and call.args[index] is step.node:
                    return Role.READ
        return Role.UNKNOWN

    def key_of(self, trail: Trail) -> str:
        """The name of what is given this value."""
        for step in trail.ancestors():
            match step.node:
                case Item(key=Str(value=name)):
                    return name
                case Arg(name=str(name)):
                    return name
                case Param(name=name):
                    return name
                case EnvDef(name=name):
                    return name
                case Assign(targets=targets) if targets:
                    return source_name(targets[0]) or (
                        targets[0].key.value if isinstance(targets[0], Index) and isinstance(targets[0].key, Str) else ""
                    )
                case Func() | Class():
                    return ""
                case _:
                    pass
        return ""

    def key_shape(self, node: Str, raw: str, trail: Trail) -> None:
        place = place_of(trail)
        for found in KEY_SHAPE.finditer(raw):
            span = Span(node.inner.start + found.start(), node.inner.start + found.end())
            if (
                place in (Place.COMPARE, Place.ASSERTION)
                or "\\" in raw
                or "[" in raw[found.end() :][:2]
                or "^" in raw[: found.start()]
            ):
                self.mark(MarkKind.KEY_CHECK, span, found[0], trail=trail)
            else:
                self.mark(MarkKind.KEY_LITERAL, span, found[0], place.value, trail=trail)

    def vendor(self, node: Str, raw: str, place: Place, trail: Trail) -> None:
        if place is Place.COMPARE and "openrouter.ai" in raw.lower():
            self.mark(MarkKind.URL_CHECK, node.inner, raw, trail=trail)
        elif place is Place.COMPARE and raw.lower() in ("openrouter", "open_router", "open-router"):
            self.mark(MarkKind.BRANCH, node.inner, raw, trail=trail)

    def model(self, node: Str, trail: Trail) -> None:
        value = node.value
        if len(value) > 120 or " " in value:
            return
        creators = openrouter()["models"]["creators"]
        if found := _ROUTER.match(value):
            if place_of(trail) not in (Place.KEY, Place.MESSAGE) or self.under_models(trail):
                self.mark(MarkKind.MODEL_ROUTER, node.inner, value, found[1], trail)
        elif found := _PREFIXED.match(value):
            self.mark(MarkKind.MODEL_PREFIX, node.inner, value, found[2], trail)
        elif found := _VARIANTS.match(value):
            self.mark(MarkKind.MODEL_VARIANT, node.inner, value, found[4], trail)
        elif _SUFFIX.match(value) and self.program:
            self.mark(MarkKind.MODEL_VARIANT, node.inner, value, value, trail)
        elif _ALIAS.match(value) and not any(isinstance(step.node, Import) for step in trail.ancestors()):
            self.mark(MarkKind.MODEL_ROUTER, node.inner, value, "alias", trail)
        elif (found := _MODEL.match(value)) and found[1] in creators and place_of(trail) is not Place.MESSAGE:
            self.mark(MarkKind.MODEL, node.inner, value, found[1], trail)

    def under_models(self, trail: Trail) -> bool:
        return "model" in self.key_of(trail).lower()

    # -- nodes -------------------------------------------------------------------------------------------------------------------

    def on_access(self, node: Node, trail: Trail) -> None:
        found = access(node, trail.scope)
        if found is None or not (_NAMES_IT.search(found.name) or self.interesting(found.name)):
            return
        if found.how == "worker" and ecma_reading.own_property(self, node, trail):
            return
        role = found.role
        up = trail.up
        if role is Role.READ and up is not None:
            if (isinstance(up.node, Assign) and any(target is node for target in up.node.targets)) or (
                isinstance(up.node, Other) and up.node.kind == "del"
            ):
                role = Role.DEFINE
        self.env(found.name, found.name_span, role, found.how, trail, value=found.default)

    def interesting(self, name: str) -> bool:
        return name in _OTHER_VARIABLES

    def on_call(self, node: Call, trail: Trail) -> None:
        self.on_access(node, trail)
        name = dotted(node.func, trail.scope)
        client = BY_CALLEE.get(name) if name is not None and not self.world.is_local(name, self.path) else None
        if client is None and name is None:
            client = self.super_client(node, trail)
        if client is None and name in ("functools.partial", "partial") and node.args:
            inner = dotted(node.args[0].value, trail.scope)
            client = BY_CALLEE.get(inner) if inner else None
        if client is not None:
            self.client(client, node, trail)
        elif last_name(node.func) in REQUESTS:
            self.request(node, trail)
        if name in ("environ.Env", "environ.FileAwareEnv", "environs.Env"):
            for arg in node.args:
                if arg.name and arg.name_span and _NAMES_IT.search(arg.name):
                    self.env(arg.name, arg.name_span, Role.LIST, "env-scheme", trail)
        word = last_name(node.func)
        if word == "get" and node.args and isinstance(node.args[0].value, Str):
            self.response_field(
                node.args[0].value.value, node.args[0].value.inner, node.func.base if isinstance(node.func, Attr) else node, trail
            )
        if name is not None:
            self.hidden_call(node, name, trail)
        if self.ecma:
            ecma_reading.read_call(self, node, trail)

    def super_client(self, node: Call, trail: Trail) -> Client | None:
        """`super().__init__(base_url=…)` in a subclass of a known client."""
        if not (isinstance(node.func, Attr) and node.func.name == "__init__" and last_name(node.func.base) == "super"):
            return None
        owner = trail.scope.enclosing_class()
        for base in owner.bases if owner and owner.parent else ():
            assert owner is not None and owner.parent is not None
            name = dotted(base.value, owner.parent)
            if name in BY_CALLEE:
                return BY_CALLEE[name]
        return None

    def client(self, client: Client, node: Call, trail: Trail) -> None:
        positional = [arg for arg in node.args if arg.name is None and not arg.star]
        options = [pair for arg in node.args if arg.name is None or arg.star for pair in self.world.objects(arg.value, trail.scope)]

        def given(names: tuple[str, ...], at: int | None) -> Node | None:
            for wanted in names:
                head, _, tail = wanted.partition(".")
                for arg in node.args:
                    if arg.name == head and not tail:
                        return arg.value
                for obj, scope in options:
                    for item, _scope in self.world.entries(obj, scope):
                        if not (isinstance(item.key, Str) and item.key.value == head):
                            continue
                        if not tail:
                            return item.value
                        for inner, inner_scope in self.world.objects(item.value, scope):
                            for entry, _ in self.world.entries(inner, inner_scope):
                                if isinstance(entry.key, Str) and entry.key.value == tail:
                                    return entry.value
            return positional[at].value if at is not None and at < len(positional) else None

        self.facts.clients.append(
            ClientFact(
                path=self.path,
                client=client.name,
                call=node,
                trail=trail,
                url=given(client.url, client.url_at),
                key=given(client.key, client.key_at),
                headers=given(client.headers, None),
                body=given(("extra_body", "extraBody", "model_kwargs", "modelKwargs"), None),
                implicit_key=client.key_env,
                implicit_url=client.url_env,
            )
        )

    def request(self, node: Call, trail: Trail) -> None:
        candidates = [arg.value for arg in node.args if not arg.star and arg.name in (None, "url", "input", "endpoint")][:2]
        options = [arg.value for arg in node.args if arg.name is None][1:3]
        headers = next((arg.value for arg in node.args if arg.name == "headers"), None)
        body = next((arg.value for arg in node.args if arg.name in ("json", "data", "content")), None)
        for option in options:
            for obj, scope in self.world.objects(option, trail.scope):
                for item, _ in self.world.entries(obj, scope):
                    if isinstance(item.key, Str) and item.key.value == "headers" and headers is None:
                        headers = item.value
                    if isinstance(item.key, Str) and item.key.value in ("body", "json", "data") and body is None:
                        body = item.value
        if (
            candidates
            and isinstance(candidates[0], Str)
            and not candidates[0].value.startswith(("http", "/"))
            and len(candidates) > 1
        ):
            candidates.reverse()  # request("POST", url)
        for candidate in candidates:
            if isinstance(candidate, (Str, Join, Name, Attr, Call, Index, Alt)):
                if isinstance(candidate, Str) and "openrouter" not in candidate.value.lower():
                    self.relative_endpoint(candidate, trail)
                    continue
                self.facts.clients.append(
                    ClientFact(
                        path=self.path,
                        client="raw-http",
                        call=node,
                        trail=trail,
                        url=candidate,
                        key=None,
                        headers=headers,
                        body=body,
                    )
                )
                return

    def relative_endpoint(self, node: Str, trail: Trail) -> None:
        """`http.get("/credits")` on a client that has its address from elsewhere; a decorator of that form is a route of the program."""
        path = node.value.partition("?")[0]
        around = trail.up.node if trail.up is not None else None
        route = isinstance(around, Func) and any(decorator is trail.node for decorator in around.decorators)
        if "/" in path and path.strip("/") in openrouter()["endpoints"]["own"] and not route:
            self.mark(MarkKind.OWN_ENDPOINT, Span(*node.inner), text=path.strip("/"), trail=trail, node=node)

    def hidden_call(self, node: Call, name: str, trail: Trail) -> None:
        if "()" in name:
            return  # a use of the client; its construction is what counts
        head = name
        for hidden in HIDDEN:
            for module in hidden.modules:
                if head.startswith(f"{module}.") and (
                    not hidden.callees or head[len(module) + 1 :].split(".")[-1] in hidden.callees
                ):
                    if not self.world.is_local(module, self.path) and not self.elsewhere(node):
                        self.mark(MarkKind.HIDDEN_CLIENT, node.span, hidden.name, hidden.what, trail, node)
                    return

    def on_import(self, node: Import, trail: Trail) -> None:
        if ecma_reading.read_import(self, node, trail):
            return
        imported = package(node.module)
        for hidden in HIDDEN:
            for module in hidden.modules:
                if imported == module or imported.startswith((f"{module}.", f"{module}/")):
                    if hidden.callees and node.name not in hidden.callees:
                        continue
                    if not self.world.local_module(self.path, node.module) and not self.shadowed(node.module):
                        self.mark(MarkKind.SDK_IMPORT, node.span, hidden.name, hidden.what, trail, node)
                        return

    def shadowed(self, module: str) -> bool:
        """Is the package's name an own module that an import without a path could mean?"""
        return bool(self.path.endswith(".py") and self.world.local_module(self.path, module.split(".")[0]))

    def elsewhere(self, node: Call) -> bool:
        """Is a client that could hide OpenRouter's host given another address than OpenRouter's?"""
        client = self.facts.clients[-1] if self.facts.clients else None
        if client is None or client.call is not node or client.url is None:
            return False
        origins = self.world.origins(client.url, client.trail.scope)
        return bool(origins) and all(
            origin.kind is From.LITERAL and isinstance(origin.node, Str) and not find_urls(origin.node.value) for origin in origins
        )

    def on_const(self, node: Const, trail: Trail) -> None:
        if self.ecma:
            ecma_reading.read_const(self, node, trail)

    def on_index(self, node: Index, trail: Trail) -> None:
        self.on_access(node, trail)
        if self.ecma:
            ecma_reading.read_index(self, node, trail)
            if isinstance(node.key, Str):
                ecma_reading.read_attr(self, node, node.key.value, node.key.inner, trail)
        if isinstance(node.key, Str):
            self.response_field(node.key.value, node.key.inner, node.base, trail)

    def on_attr(self, node: Attr, trail: Trail) -> None:
        self.on_access(node, trail)
        if self.ecma:
            ecma_reading.read_attr(self, node, node.name, node.name_span, trail)
        self.response_field(node.name, node.name_span, node.base, trail)

    def response_field(self, name: str, span: Span, base: Node, trail: Trail) -> None:
        if not self.program or self.test:
            return
        up = trail.up
        if up is not None and isinstance(up.node, Assign) and any(target is trail.node for target in up.node.targets):
            return
        owner = source_name(base).lower().rpartition(".")[2]
        if name in openrouter()["response_fields"]:
            self.mark(MarkKind.RESPONSE_FIELD, span, name, trail=trail)
        elif name == "cost" and ("usage" in owner or "usage" in source_name(base).lower()):
            self.mark(MarkKind.RESPONSE_FIELD, span, "usage.cost", trail=trail)
        elif name == "images" and ("message" in owner or "delta" in owner or "choice" in owner):
            self.mark(MarkKind.RESPONSE_FIELD, span, "message.images", trail=trail)
        elif name.lower().startswith(("x-openrouter-", "x-generation-id")) and "headers" in owner:
            self.mark(MarkKind.RESPONSE_FIELD, span, name, trail=trail)

    def on_item(self, node: Item, trail: Trail) -> None:
        if isinstance(node.key, Str):
            key = node.key.value
            if self.ecma:
                ecma_reading.read_vendor_options(self, node, trail)
            if self.program and TOKEN.fullmatch(key):
                self.schema_key(node, key, trail)

    def schema_key(self, node: Item, key: str, trail: Trail) -> None:
        """A variable's name as the key of an object: an environment handed on, a schema, a stub, or a name of the program's own."""
        assert isinstance(node.key, Str)
        if self.ecma and ecma_reading.read_key(self, node, key, trail):
            return
        role = self.object_role(trail)
        if role is None:
            self.seen_names.add((node.key.inner.start, node.key.inner.end))
        else:
            self.env(key, node.key.inner, role, "object-key", trail, value=node.value)

    def object_role(self, trail: Trail) -> Role | None:
        """What an object with a variable's name among its keys is for; None: only this program gives its keys a meaning."""
        if self.test:
            return Role.DEFINE
        for step in trail.ancestors():
            match step.node:
                case Obj(items=items) if any(item.key is None and env_mapping(item.value, step.scope) for item in items):
                    return Role.FORWARD
                case Arg(name=str(name)) | Item(key=Str(value=name)) if _ENVIRONMENT.fullmatch(name):
                    return Role.FORWARD
                case Call() as call:
                    word = last_name(call.func)
                    if word in _SPAWNING:
                        return Role.FORWARD
                    if word == "from_dict" and isinstance(call.func, Attr) and last_name(call.func.base) == "Secret":
                        return Role.DEFINE
                    if word in ("update", "assign") and isinstance(call.func, Attr) and env_mapping(call.func.base, step.scope):
                        return Role.DEFINE
                    if word in _SCHEMAS:
                        return Role.SCHEMA
                case Func() | Class():
                    return None
                case _:
                    pass
        return None

    def on_compare(self, node: Compare, trail: Trail) -> None:
        del node, trail

    def on_join(self, node: Join, trail: Trail) -> None:
        if not node.parts:
            return
        tail = "".join(part.value if isinstance(part, Str) else "{}" for part in node.parts)
        if re.search(r"_API_?KEY\b|_KEY\b", tail) and re.search(r"\{\}_?(API_)?KEY|\{\}_API", tail) and self.program:
            if re.fullmatch(r"(\{\}|[A-Z_])+", tail):
                self.mark(MarkKind.DYNAMIC_NAME, node.span, tail, trail=trail)

    def on_env_def(self, node: EnvDef, trail: Trail) -> None:
        role = Role.FORWARD if node.value is None else Role.DEFINE
        if any(isinstance(part, EnvRef) and part.name == node.name for part in _refs(node.value)):
            role = Role.FORWARD
        if _NAMES_IT.search(node.name) or self.interesting(node.name):
            self.env(
                node.name,
                node.name_span,
                role,
                form_of(self.path, node, self.text),
                trail,
                owner=node.owner,
                value=node.value,
                entry=node.span,
                commented=node.commented,
            )

    def on_env_ref(self, node: EnvRef, trail: Trail) -> None:
        if _NAMES_IT.search(node.name) or self.interesting(node.name):
            self.env(node.name, node.name_span, Role.READ, node.how, trail, owner=node.owner, value=node.default)

    def on_class(self, node: Class, trail: Trail) -> None:
        if node.kind == "enum" or any(
            last_name(base.value) in ("Enum", "StrEnum", "IntEnum", "TextChoices") for base in node.bases
        ):
            members = [part for part in node.body if isinstance(part, Assign) and part.targets]
            texts = [part.value.value if isinstance(part.value, Str) else source_name(part.targets[0]) for part in members]
            self.registry(node.span, texts, "enum", trail)
        if self.ecma:
            ecma_reading.read_class(self, node, trail)
        if reads_environment(self.world, node, trail.scope):
            self.settings(node, trail)

    def settings(self, node: Class, trail: Trail) -> None:
        for part, target, name, literal in fields(node):
            if _NAMES_IT.search(name):
                step = Trail(part, trail, trail.scope)
                if literal is not None:
                    self.env(name, literal.inner, Role.READ, "settings-alias", step)
                else:
                    self.env(name, target.span, Role.FIELD, "settings-field", step, value=part.value)

    def on_obj(self, node: Obj, trail: Trail) -> None:
        if not self.program or len(node.items) < 2:
            return
        texts: list[str] = []
        creator = _creator(node)
        for item in node.items:
            if isinstance(item.key, Str):
                texts.append(item.key.value)
            elif isinstance(item.key, Attr):
                texts.append(item.key.name)
            if isinstance(item.value, Str) and len(item.value.value) < 60 and item.value.value != creator:
                texts.append(item.value.value)
        self.registry(node.span, texts, "mapping", trail)

    def on_seq(self, node: Seq, trail: Trail) -> None:
        if not self.program or len(node.items) < 2:
            return
        texts = [part.value for part in node.items if isinstance(part, Str)]
        for part in node.items:
            if isinstance(part, Obj):
                creator = _creator(part)
                texts += [
                    item.value.value
                    for item in part.items
                    if isinstance(item.value, Str)
                    and isinstance(item.key, Str)
                    and item.key.value in _NAMING
                    and item.value.value != creator
                ]
            elif isinstance(part, Seq) and part.items and isinstance(part.items[0], Str):
                texts.append(part.items[0].value)
            elif isinstance(part, Attr):
                texts.append(part.name)
        self.registry(node.span, texts, "list", trail)

    def on_other(self, node: Other, trail: Trail) -> None:
        if node.kind == "type":
            texts = [part.value for part in node.children if isinstance(part, Str)]
            if len(texts) > 1:
                self.registry(node.span, texts, "union", trail)

    def registry(self, span: Span, texts: list[str], note: str, trail: Trail) -> None:
        """OpenRouter as one of several vendors in one list, mapping, enum or union."""
        own = False
        others: set[str] = set()
        vendors, variables = _vendors()
        for text in texts:
            if is_key_variable(text) or _squash(text) == "openrouter":
                own = True
            elif text in variables:
                others.add(text.split("_")[0].lower())
            elif _squash(text) in vendors:
                others.add(_squash(text))
        if own and others:
            self.mark(MarkKind.REGISTRY, span, ", ".join(sorted(others)), note, trail)

    # -- what no node spoke of ---------------------------------------------------------------------------------------------------

    def leftovers(self, module: Module) -> None:
        """Names of key variables in files that are no programs, where no node speaks of them: a reader that cannot be read."""
        if self.ecma:
            ecma_reading.unseen(self)
        if self.program or paths.is_document(self.path) or paths.is_recorded(self.path):
            return
        quiet = [
            region.span
            for region in module.regions
            if region.kind in (RegionKind.COMMENT, RegionKind.MARKUP, RegionKind.FENCE, RegionKind.OUTPUT, RegionKind.DOCSTRING)
        ]
        for token in TOKEN.finditer(self.text):
            span = Span(*token.span())
            if not is_key_variable(token[0]) or (span.start, span.end) in self.seen_names:
                continue
            if any(start <= span.start < end for start, end in quiet):
                continue
            if (
                module.language != "text"
                or _ACCESS.search(self.text[max(0, span.start - 12) : span.start])
                or _GIVES.match(self.text, span.end)
            ):
                self.env(token[0], span, Role.UNKNOWN, "unread", None)


# how a language without a reader names a variable that it reads, and how it gives one a value; prose does neither
_ACCESS = re.compile(r"(?:[$%{(\[\"'@]|env[.:]|ENV[.:]|export |-e |--env[ =]|\b(?:name|key|env|var):)\s*[\"']?$")
_GIVES = re.compile(r"\s*(?:=|:\s*[\"'$\w])")

_OTHER_VARIABLES = frozenset(openrouter()["base_urls"]["variables"]) | {"OR_API_KEY"}

_HANDLERS: dict[type, Callable[..., None]] = {
    Const: _Walk.on_const,
    Call: _Walk.on_call,
    Import: _Walk.on_import,
    Index: _Walk.on_index,
    Attr: _Walk.on_attr,
    Item: _Walk.on_item,
    Join: _Walk.on_join,
    EnvDef: _Walk.on_env_def,
    EnvRef: _Walk.on_env_ref,
    Class: _Walk.on_class,
    Obj: _Walk.on_obj,
    Seq: _Walk.on_seq,
    Other: _Walk.on_other,
}


_NAMING = ("id", "value", "name", "key", "provider", "type", "slug")


def _creator(node: Obj) -> str:
    """The maker of a catalogue entry's model: `provider: "anthropic"` beside `id: "anthropic/claude-…"` is no choice of a provider."""
    for item in node.items:
        if (
            isinstance(item.value, Str)
            and isinstance(item.key, Str)
            and item.key.value in ("id", "model", "slug", "value")
            and "/" in item.value.value
        ):
            return item.value.value.partition("/")[0]
    return ""


def _squash(text: str) -> str:
    return re.sub(r"[\s_.-]", "", text).lower()


@cache
def _vendors() -> tuple[frozenset[str], frozenset[str]]:
    vendors = openrouter()["vendors"]
    return frozenset(_squash(name) for name in vendors["names"]), frozenset(vendors["key_variables"])


def _refs(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield node
        for child in children(node):
            if not isinstance(child, (Arg, Item, Param)):
                yield from _refs(child)

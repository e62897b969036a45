"""Where routing stands: request bodies and the constants, builders and configuration that flow into them.

`models`, `route`, `plugins`, `provider` and `reasoning` are common words, so a key alone never counts. An entry counts by the shape of
its value (a `provider` with `allow_fallbacks` is nothing else), or by an ordinary shape inside what is visibly a request body.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from migrator import paths
from migrator.facts import Facts
from migrator.knowledge import table
from migrator.model import Span
from migrator.place import Trail, last_name, saying, source_name
from migrator.routing import fields, ids
from migrator.routing.settings import Settings, Unknown, Value
from migrator.routing.shapes import DISTINCT, PREFERENCES, Shape, at_key, policy, shape, variant, weak
from migrator.routing.site import Carrier, Entry, RoutingSite
from migrator.scope import Scope, dotted
from migrator.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Return,
    Seq,
    Str,
    children,
)
from migrator.world import File, World

Tree = Node | Arg | Item | Param
_PROGRAMS = ("python", "notebook", "ecma")
_BODY_NAME = re.compile(
    r"(body|payload|params?|kwargs|data|request|req|extra|options|opts|json|args|config|settings)$", re.IGNORECASE
)
_POLICY_NAME = re.compile(r"(provider|routing|prefs|preferences|route)", re.IGNORECASE)
_REQUEST_KEYS = frozenset(
    {"model", "messages", "prompt", "max_tokens", "temperature", "stream", "top_p", "max_completion_tokens", "input"}
)
_AI_SDK = frozenset(
    {"generateText", "streamText", "generateObject", "streamObject", "embed", "embedMany", "ToolLoopAgent", "Agent"}
)
_SAMPLERS = frozenset(
    {
        "seed", "top_k", "top_a", "min_p", "repetition_penalty", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs",
        "stop", "top_p", "temperature", "parallel_tool_calls", "verbosity", "prediction", "structured_outputs",
    }
)  # fmt: skip
_OPTIONS = frozenset({*table("routing")["keys"]["strong"], *table("routing")["keys"]["weak"]})
_STRONG = frozenset(table("routing")["keys"]["strong"])


def find_all(world: World, facts: Mapping[str, Facts], connected: Collection[str]) -> list[RoutingSite]:
    """All sites of a repository, in path, position order, each once. `connected`: files that have an OpenRouter connection."""
    found: dict[tuple[str, Span], RoutingSite] = {}
    for path in sorted(connected):
        file = world.files.get(path)
        if file is not None and path in facts:
            for site in find(world, facts[path], file, connected=True):
                held = found.get((site.path, site.span))
                if held is None or held.carrier is Carrier.UNKNOWN:
                    found[site.path, site.span] = site
    return _outermost(sorted(found.values(), key=lambda site: (site.path, site.span)))


def find(world: World, facts: Facts, file: File, *, connected: bool) -> list[RoutingSite]:
    """The routing blocks of a file, and of files one import away that flow into its requests (their `path` differs).

    `connected`: the file has an OpenRouter address, client or key variable. Without it nothing counts. Tests are left alone.
    """
    del facts
    if not connected or paths.is_test(file.path):
        return []
    return _outermost(_Search(world, file).run())


def _outermost(sites: list[RoutingSite]) -> list[RoutingSite]:
    """Without those that stand inside another one of the same file and dialect."""
    kept: list[RoutingSite] = []
    for site in sorted(sites, key=lambda one: (one.path, one.span.start, -one.span.end)):
        inside = any(
            other.path == site.path
            and other.span.start <= site.span.start
            and site.span.end <= other.span.end
            and other.dialect == site.dialect
            for other in kept
        )
        if not inside:
            kept.append(site)
    return kept


class _Search:
    """One walk over a file that looks at objects, calls and assignments."""

    def __init__(self, world: World, file: File) -> None:
        self.world, self.file = world, file
        self.text = file.source.text
        self.program = file.module.language in _PROGRAMS
        self.ecma = file.module.language == "ecma" or file.module.language == "markup"
        self.sites: list[RoutingSite] = []
        self.uses: dict[str, list[Trail]] = {}
        """Where a name (`payload`, `self.payload`) is handed on: as an argument, an entry or a spread."""
        self.objects: list[Trail] = []
        self.calls: list[Trail] = []
        self.assigns: list[Trail] = []
        self.targets: dict[object, list[RoutingSite]] = {}
        """Sites by the binding list of the name that they add to."""

    def run(self) -> list[RoutingSite]:
        from migrator.scope import Scope as AnyScope

        empty = AnyScope(kind=None, node=None, parent=None, path=self.file.path)  # type: ignore[arg-type]
        root = self.file.scopes.root if self.program or self.ecma else empty
        for node in self.file.module.body:
            self.collect(node, None, root)
        for trail in self.objects:
            self.object(trail)
        for trail in self.calls:
            self.call(trail)
        for trail in self.assigns:
            self.assign(trail)
        for group in self.targets.values():
            if len(group) > 1:
                for site in group:
                    site.alone = False
        return self.sites

    def collect(self, node: Node | Arg | Item | Param, up: Trail | None, scope: Scope) -> None:
        trail = Trail(node, up, scope)
        match node:
            case Name() | Attr():
                if up is not None and (
                    isinstance(up.node, Arg | Item | Return | Alt) or (isinstance(up.node, Assign) and up.node.value is node)
                ):
                    self.uses.setdefault(source_name(node), []).append(trail)
                return
            case Str() | Const():
                return
            case Obj():
                self.objects.append(trail)
            case Call():
                self.calls.append(trail)
            case Assign():
                self.assigns.append(trail)
            case _:
                pass
        inner = self.file.scopes.opened.get(id(node), scope) if isinstance(node, Func | Class) else scope
        for child in children(node):
            self.collect(child, trail, inner)

    # -- objects -------------------------------------------------------------------------------------------------------------------------

    def object(self, trail: Trail) -> None:
        node = trail.node
        assert isinstance(node, Obj)
        pairs = {fields.wire_name(item.key.value): item for item in node.items if isinstance(item.key, Str)}
        if "gateway" in pairs and "providerOptions" in (key_above(trail), _stored_under(trail)[0]):
            self.gateway_block(trail, pairs["gateway"])
            return
        wanted = {name: item for name, item in pairs.items() if name in _STRONG}
        model = pairs.get("model")
        has_variant = model is not None and variant(model.value)
        if not wanted and not has_variant:
            weight = policy(node) if pairs and key_above(trail) not in ("provider", "gateway") else Shape.NO
            if weight is Shape.CERTAIN or (weight and set(pairs) <= PREFERENCES and _POLICY_NAME.search(_given_to(trail))):
                self.loose_policy(trail)
            return
        carrier, client, name = self.carrier(trail)
        root = self.spread_into(trail)
        asking = bool(_REQUEST_KEYS & set(pairs)) or root is not trail or self.added(trail)
        body = carrier is Carrier.JSON_BODY and key_above(trail) not in ("extraBody", "modelKwargs", "extraBodyProperties")
        strict = carrier is not Carrier.UNKNOWN and (asking or not body)
        if re.search(r"\bresponses\b", client):
            wanted.pop("reasoning", None)  # the Responses API has a field of that name and shape itself
        shapes = {key: shape(key, item.value, trail.scope, self.world) for key, item in wanted.items()}
        loose = strict or (self.program and asking) or bool(self.program and name and _BODY_NAME.search(name))
        loose = (loose and "role" not in pairs) or Shape.CERTAIN in shapes.values()
        limit = Shape.STRICT if strict and "role" not in pairs else Shape.REQUEST if loose else Shape.CERTAIN
        chosen = {key: wanted[key] for key, shape in shapes.items() if shape >= limit}
        if not chosen and not (has_variant and strict and limit is Shape.STRICT):
            return
        beside = {key: item for key, item in pairs.items() if key in _OPTIONS and key not in _STRONG and weak(key, item.value)}
        entries = self.entries({**chosen, **beside}, trail.scope)
        settings = self.settings(entries, pairs, trail, carrier)
        if not entries and not isinstance(settings.model, str):
            return
        literal = model.value if model else self.model_beside(trail, carrier)
        self.add(trail, node, carrier, client, name, entries, settings, literal, root)

    def model_beside(self, trail: Trail, carrier: Carrier) -> Node | None:
        """The model of the call that takes an `extra_body`."""
        outer = self.outer_call(trail) if carrier is Carrier.EXTRA_BODY else None
        return next((arg.value for arg in outer.args if arg.name == "model"), None) if outer is not None else None

    def spread_into(self, trail: Trail) -> Trail:
        """The object that this one is spread into at last; itself where it is not."""
        for step in trail.ancestors():
            match step.node:
                case Alt() | Other():
                    continue
                case Item(key=None) if step.up is not None:
                    return self.spread_into(step.up)
                case _:
                    break
        return trail

    def added(self, trail: Trail) -> bool:
        """`body.update({…})`, `Object.assign(body, {…})`."""
        up = trail.up.up if trail.up is not None and isinstance(trail.up.node, Arg) else None
        return up is not None and isinstance(up.node, Call) and last_name(up.node.func) in ("update", "assign")

    def entries(self, chosen: Mapping[str, Item], scope: Scope) -> list[Entry]:
        found = [
            Entry(
                name=name,
                span=item.span,
                key=item.key.span if item.key is not None else None,
                value=item.value,
                literal=fields.value(item.value, scope, self.world, self.text)[1] and not item.shorthand,
            )
            for name, item in chosen.items()
        ]
        return sorted(found, key=lambda entry: entry.span)

    def settings(self, entries: list[Entry], pairs: Mapping[str, Item], trail: Trail, carrier: Carrier) -> Settings:
        options = {
            entry.name: _normalised(entry.name, fields.value(entry.value, trail.scope, self.world, self.text)[0])
            for entry in entries
        }
        given: dict[str, Node] = {name: item.value for name, item in pairs.items()}
        outer = (
            self.outer_call(trail) if carrier in (Carrier.EXTRA_BODY, Carrier.PROVIDER_OPTIONS, Carrier.MODEL_SETTINGS) else None
        )
        for arg in outer.args if outer is not None else ():
            if arg.name is not None:
                given.setdefault(arg.name, arg.value)
        model: str | Unknown | None
        if "model" in given:
            read = fields.value(given["model"], trail.scope, self.world, self.text)[0]
            model = read if isinstance(read, str) else Unknown("given elsewhere")
        elif (
            carrier is Carrier.JSON_BODY
            and "messages" in pairs
            and isinstance(trail.node, Obj)
            and all(item.key is not None for item in trail.node.items)
        ):
            model = None
        else:
            model = Unknown("given elsewhere")
        closed = isinstance(trail.node, Obj) and all(isinstance(item.key, Str) for item in trail.node.items)
        complete = closed and "messages" in given and (outer is None or not any(arg.star for arg in outer.args))
        return Settings(
            model=model,
            options=options,
            uses=_uses(given, options),
            parameters=frozenset(name for name in given if name in _SAMPLERS and name not in ("temperature", "top_p")),
            complete=complete,
        )

    def outer_call(self, trail: Trail) -> Call | None:
        for step in trail.ancestors():
            if isinstance(step.node, Call) and last_name(step.node.func) not in ("dict", "dumps", "stringify"):
                return step.node
            if isinstance(step.node, Func | Class | Assign | Return):
                return None
        return None

    def add(
        self,
        trail: Trail,
        holder: Obj | Call | Assign,
        carrier: Carrier,
        client: str,
        name: str,
        entries: list[Entry],
        settings: Settings,
        model: Node | None = None,
        root: Trail | None = None,
    ) -> None:
        spans = [entry.span for entry in entries]
        form = ids.parse(settings.model) if isinstance(settings.model, str) else None
        if isinstance(model, Str) and form is not None and not form.plain:
            spans.append(model.span)
        if not spans:
            return
        named = self.named(entries)
        if isinstance(model, Str):
            named["model"] = model.span
        site = RoutingSite(
            path=self.file.path,
            span=Span(min(span.start for span in spans), max(span.end for span in spans)),
            dialect="openrouter",
            carrier=carrier,
            client=client,
            settings=settings,
            entries=tuple(entries),
            holder=holder,
            scope=trail.scope,
            outer=self.outer_call(trail) if carrier is Carrier.EXTRA_BODY else None,
            reaches_wire=None if carrier is Carrier.UNKNOWN else carrier is not Carrier.UNSENT,
            model=model if isinstance(model, Str) else None,
            spans=named,
            related=tuple(
                dict.fromkeys(place for entry in entries for place in fields.places(entry.value, trail.scope, self.world))
            ),
        )
        self.sites.append(site)
        bindings = trail.scope.lookup(name) if name else []
        key: object = id(bindings) if bindings else name or (id(root.node) if root is not None else id(site))
        self.targets.setdefault(key, []).append(site)

    def named(self, entries: list[Entry]) -> dict[str, Span]:
        found: dict[str, Span] = {}
        for entry in entries:
            found[entry.name] = entry.span
            node = entry.value
            if entry.name == "provider" and isinstance(node, Obj):
                for item in node.items:
                    if isinstance(item.key, Str):
                        found[f"provider.{fields.wire_name(item.key.value)}"] = item.span
            if entry.name in ("plugins", "tools") and isinstance(node, Seq):
                for part in node.items:
                    word = at_key(part, "id" if entry.name == "plugins" else "type") if isinstance(part, Obj) else None
                    if isinstance(word, Str):
                        found[f"{entry.name}[{word.value}]"] = part.span
        return found

    # -- the way to the request ----------------------------------------------------------------------------------------------------------

    def carrier(self, trail: Trail, depth: int = 0) -> tuple[Carrier, str, str]:
        """How an object gets into a request, the callee, and the name it is given to first."""
        child: Tree = trail.node
        for step in trail.ancestors():
            node = step.node
            match node:
                case Alt() | Other(kind="await" | "paren" | "and" | "type-assert"):
                    pass
                case Item(key=None):
                    return self.spread(step, depth)
                case Item(key=Str(value=key)):
                    found = self.under(key, step)
                    return (found, self.callee(step), "") if found else (Carrier.UNKNOWN, self.callee(step), "")
                case Arg(name=str(name), star=False):
                    match name:
                        case "extra_body":
                            return (Carrier.UNSENT if self.ecma else Carrier.EXTRA_BODY), self.callee(step), ""
                        case "json" | "data" | "content" | "body":
                            return Carrier.JSON_BODY, self.callee(step), ""
                        case "model_kwargs":
                            return Carrier.UNSENT, self.callee(step), ""
                        case _:
                            return Carrier.UNKNOWN, self.callee(step), name
                case Arg():
                    pass
                case Call(func=func):
                    word = last_name(func)
                    if word in ("stringify", "dumps"):
                        outer = self.outer_call(step)
                        if outer is not None and saying(outer):
                            return Carrier.UNKNOWN, "", ""
                        return Carrier.JSON_BODY, self.callee(step), ""
                    if saying(node):
                        return Carrier.UNKNOWN, "", ""
                    if word in ("dict", "freeze", "copy", "deepcopy", "cast"):
                        child = node
                        continue
                    if word in ("update", "assign", "setdefault") and depth < 4:
                        name = source_name(func.base) if word != "assign" and isinstance(func, Attr) else _first_name(node)
                        return (*self.flow(name, step, depth)[:2], name)
                    return self.argument(node, child, step)
                case Assign(targets=targets) if targets:
                    name = source_name(targets[0])
                    if (
                        isinstance(targets[0], Index)
                        and isinstance(targets[0].key, Str)
                        and targets[0].key.value in ("extra_body", "extraBody")
                    ):
                        return self.under(targets[0].key.value, step) or Carrier.UNKNOWN, "", ""
                    if (
                        isinstance(targets[0], Index)
                        or not name
                        or (isinstance(trail.node, Name | Attr) and name == source_name(trail.node))
                    ):
                        return Carrier.UNKNOWN, "", ""
                    return (*self.flow(name, step, depth)[:2], name)
                case Return():
                    pass
                case Func(name=name):
                    return Carrier.UNKNOWN, "", name
                case Seq() | Class() | Param():
                    return Carrier.UNKNOWN, "", ""
                case _:
                    pass
            child = node
        return Carrier.UNKNOWN, "", ""

    def under(self, key: str, step: Trail) -> Carrier | None:
        """What the key above an object says about where it goes."""
        match key:
            case "extra_body":
                return Carrier.UNSENT if self.ecma else Carrier.EXTRA_BODY
            case "extraBody" | "extraBodyProperties" | "modelKwargs" | "body" | "json":
                return Carrier.JSON_BODY
            case "data" if self.callee(step).split(".")[0] in ("axios", "http", "client"):
                return Carrier.JSON_BODY
            case "openrouter" if step.up is not None and key_above(step.up) in ("providerOptions", "provider_options"):
                return Carrier.PROVIDER_OPTIONS
            case _:
                return None

    def spread(self, step: Trail, depth: int) -> tuple[Carrier, str, str]:
        """An object that is spread into another one goes where that goes."""
        if step.up is None or depth > 4:
            return Carrier.UNKNOWN, "", ""
        return self.carrier(step.up, depth + 1)

    def argument(self, call: Call, child: Tree, step: Trail) -> tuple[Carrier, str, str]:
        """An object by position in a call."""
        written = source_name(call.func)
        word = last_name(call.func)
        at = next((index for index, arg in enumerate(call.args) if arg is child), 0)
        star = isinstance(child, Arg) and child.star
        if (
            self.ecma
            and at == 0
            and word in ("create", "stream", "parse", "runTools")
            and re.search(r"completions|messages|chat", written)
        ):
            return Carrier.OPENAI_JS, written, ""
        if self.ecma and at == 1 and self.is_model_factory(call, step.scope):
            return Carrier.MODEL_SETTINGS, written, ""
        if self.ecma and at == 1 and word in ("post", "request", "axios"):
            return Carrier.JSON_BODY, written, ""
        if star and word in ("create", "parse", "completion", "acompletion", "send"):
            return Carrier.KEYWORDS, written, ""
        return Carrier.UNKNOWN, written, ""

    def is_model_factory(self, call: Call, scope: Scope) -> bool:
        """`openrouter("id", {…})`, `openrouter.chat("id", {…})` of the AI SDK's provider."""
        func = (
            call.func.base
            if isinstance(call.func, Attr) and call.func.name in ("chat", "completion", "languageModel")
            else call.func
        )
        name = dotted(func, scope) or ""
        return name.startswith("@openrouter/ai-sdk-provider.") or (
            isinstance(func, Name) and bool(re.fullmatch(r"open_?router\w*|or", func.id, re.IGNORECASE)) and "://" not in name
        )

    def flow(self, name: str, trail: Trail, depth: int) -> tuple[Carrier, str, str]:
        """Where a name is handed to. Two different ways make none that can be relied on."""
        if depth > 3 or not name:
            return Carrier.UNKNOWN, "", name
        bindings = trail.scope.lookup(name)
        found: dict[Carrier, str] = {}
        for use in self.uses.get(name, ()):
            if bindings and use.scope.lookup(name) is not bindings:
                continue
            carrier, client, _ = self.carrier(use, depth + 1)
            if carrier is not Carrier.UNKNOWN:
                found.setdefault(carrier, client)
        if len(found) == 1:
            carrier, client = next(iter(found.items()))
            return carrier, client, name
        return Carrier.UNKNOWN, "", name

    def callee(self, step: Trail) -> str:
        for up in step.ancestors():
            if isinstance(up.node, Call) and last_name(up.node.func) not in ("stringify", "dumps", "dict"):
                return source_name(up.node.func)
            if isinstance(up.node, Func | Class):
                break
        return ""

    # -- the gateway dialect -------------------------------------------------------------------------------------------------------------

    def gateway_block(self, trail: Trail, item: Item) -> None:
        """`providerOptions: {gateway: {…}}`: written for the gateway already; the question is whether this client sends it."""
        read, _ = fields.value(item.value, trail.scope, self.world, self.text)
        gateway: dict[str, Value] = read if isinstance(read, dict) else {"*": read}
        holder = trail.node
        assert isinstance(holder, Obj)
        assert trail.up is not None
        outer = next((step for step in trail.ancestors() if isinstance(step.node, Obj)), None)
        reaches: bool | None = None
        base = _stored_under(trail)[1]
        if base is not None:
            reaches = True if self.flow(source_name(base), trail, 0)[0] in (Carrier.JSON_BODY, Carrier.EXTRA_BODY) else None
        elif outer is None:
            arg = trail.up.node
            reaches = False if isinstance(arg, Arg) and arg.name == "providerOptions" else None
        else:
            inner = next((step for step in outer.ancestors() if isinstance(step.node, Item)), None)
            nested = (
                inner is not None
                and inner.up is not None
                and isinstance(outer.up, Trail)
                and outer.up.node is inner.node
                and key_above(inner.up) == "providerOptions"
            )
            carrier = self.carrier(outer)[0]
            call = self.outer_call(outer)
            if nested or carrier in (Carrier.JSON_BODY, Carrier.EXTRA_BODY, Carrier.OPENAI_JS):
                reaches = True
            elif call is not None and last_name(call.func) in _AI_SDK:
                if self.own_gateway(call, trail.scope):
                    return
                reaches = False
            elif carrier is Carrier.UNSENT:
                reaches = False
        spans = (
            {f"gateway.{part.key.value}": part.span for part in item.value.items if isinstance(part.key, Str)}
            if isinstance(item.value, Obj)
            else {}
        )
        self.sites.append(
            RoutingSite(
                path=self.file.path,
                span=item.span,
                dialect="gateway",
                carrier=Carrier.UNSENT if reaches is False else Carrier.JSON_BODY if reaches else Carrier.UNKNOWN,
                client=self.callee(trail),
                settings=Settings(),
                entries=(),
                holder=holder,
                scope=trail.scope,
                reaches_wire=reaches,
                gateway=gateway,
                spans=spans,
            )
        )

    def own_gateway(self, call: Call, scope: Scope) -> bool:
        """Does an AI SDK call go to the gateway that its package has built in (a plain id, `gateway("id")`)?"""
        for obj, _ in (pair for arg in call.args for pair in self.world.objects(arg.value, scope)):
            model = at_key(obj, "model")
            if isinstance(model, Str | Join):
                return True
            if isinstance(model, Call) and (dotted(model.func, scope) or "").rpartition(".")[2].startswith(
                ("gateway", "createGateway")
            ):
                return True
        return False

    # -- policies that stand alone -------------------------------------------------------------------------------------------------------

    def loose_policy(self, trail: Trail) -> None:
        """A provider object by itself: a constant, a default, an argument, an entry of a configuration under another name."""
        node = trail.node
        assert isinstance(node, Obj)
        value, literal = fields.value(node, trail.scope, self.world, self.text)
        client = self.carrier(trail)[1]
        spans = {f"provider.{fields.wire_name(item.key.value)}": item.span for item in node.items if isinstance(item.key, Str)}
        self.sites.append(
            RoutingSite(
                path=self.file.path,
                span=node.span,
                dialect="openrouter",
                carrier=Carrier.UNKNOWN,
                client=client,
                settings=Settings(model=Unknown("given elsewhere"), options={"provider": _normalised("provider", value)}),
                entries=(Entry(name="provider", span=node.span, key=None, value=node, literal=literal),),
                holder=node,
                scope=trail.scope,
                reaches_wire=None,
                spans=spans,
            )
        )

    # -- calls and assignments -----------------------------------------------------------------------------------------------------------

    def call(self, trail: Trail) -> None:
        node = trail.node
        assert isinstance(node, Call)
        word = last_name(node.func)
        named = {fields.wire_name(arg.name): arg for arg in node.args if arg.name is not None}
        self.elsewhere(node, trail)
        if word == "setdefault" and len(node.args) == 2 and isinstance(node.args[0].value, Str) and isinstance(node.func, Attr):
            self.stored(trail, node, node.args[0].value, node.func.base, node.args[1].value, node.span)
            return
        if not named:
            return
        own = re.search(r"\bresponses\b", source_name(node.func))  # the Responses API has a `reasoning` of the same shape itself
        wanted = {name: arg for name, arg in named.items() if name in _STRONG and not (own and name == "reasoning")}
        prefers = (
            {name: arg for name, arg in named.items() if name in PREFERENCES} if _vendor_call(word) or DISTINCT & set(named) else {}
        )
        if not wanted and not prefers:
            return
        request = (
            bool({"model", "messages", "extra_body"} & set(named))
            or _vendor_call(word)
            or word in ("completion", "acompletion", "send")
        )
        shapes = {name: shape(name, arg.value, trail.scope, self.world) for name, arg in wanted.items()}
        request = request or Shape.CERTAIN in shapes.values()
        chosen = {
            name: arg
            for name, arg in wanted.items()
            if shapes[name] is Shape.CERTAIN
            or (request and shapes[name] >= Shape.REQUEST)
            or (shapes[name] is Shape.STRICT and _vendor_call(word))
        }
        if not chosen and not prefers:
            return
        entries = [
            Entry(
                name=name,
                span=arg.span,
                key=arg.name_span,
                value=arg.value,
                literal=fields.value(arg.value, trail.scope, self.world, self.text)[1],
            )
            for name, arg in chosen.items()
        ]
        items = {name: Item(span=arg.span, key=None, value=arg.value) for name, arg in named.items()}
        settings = self.settings(entries, items, trail, Carrier.KEYWORDS)
        if prefers:
            prefs = {name: fields.value(arg.value, trail.scope, self.world, self.text)[0] for name, arg in prefers.items()}
            settings = Settings(model=settings.model, options={**settings.options, "provider": prefs}, uses=settings.uses)
            entries += [
                Entry(name=f"provider.{name}", span=arg.span, key=arg.name_span, value=arg.value, literal=False)
                for name, arg in prefers.items()
            ]
        entries.sort(key=lambda entry: entry.span)
        model = named["model"].value if "model" in named else None
        self.add(trail, node, Carrier.KEYWORDS, source_name(node.func), "", entries, settings, model)

    def elsewhere(self, call: Call, trail: Trail) -> None:
        """`extra_body=ROUTING` with the constant in another file: its options flow into this request."""
        for arg in call.args:
            if not isinstance(arg.value, Name | Attr) or arg.name not in ("extra_body", "json", "model_kwargs", None):
                continue
            for inner, scope in fields.follow(arg.value, trail.scope, self.world):
                if (
                    not isinstance(inner, Obj)
                    or scope.path == self.file.path
                    or (other := self.world.files.get(scope.path)) is None
                ):
                    continue
                if paths.is_test(scope.path):
                    continue
                search = _Search(self.world, other)
                search.object(Trail(inner, None, scope))
                for item in inner.items:
                    if isinstance(item.value, Obj) and not search.sites:
                        search.object(Trail(item.value, Trail(item, Trail(inner, None, scope), scope), scope))
                for site in search.sites:
                    site.carrier, site.client = Carrier.UNKNOWN, source_name(call.func)
                    self.sites.append(site)

    def assign(self, trail: Trail) -> None:
        """`payload["provider"] = …`, `body.provider = …`, `payload["provider"]["only"] = …`, `self.provider = {…}`."""
        node = trail.node
        assert isinstance(node, Assign)
        if node.value is None or len(node.targets) != 1:
            return
        match node.targets[0]:
            case Index(base=base, key=Str() as key):
                self.stored(trail, node, key, base, node.value, node.span)
            case Attr(base=base, name=name, name_span=span) if self.ecma and source_name(base) not in ("this", "self"):
                self.stored(trail, node, Str(span, name, span, True), base, node.value, node.span)
            case _:
                pass

    def stored(self, trail: Trail, holder: Assign | Call, key: Str, base: Node, value: Node, span: Span) -> None:
        name = fields.wire_name(key.value)
        owner = source_name(base)
        inner = isinstance(base, Index) and isinstance(base.key, Str) and base.key.value == "provider"
        inner = (
            inner
            or (isinstance(base, Attr) and base.name == "provider")
            or bool(isinstance(base, Name) and _POLICY_NAME.search(owner))
        )
        if inner and name in PREFERENCES and (name in DISTINCT or isinstance(value, Seq | Name | Attr | Call | Index | Alt)):
            part, _ = fields.value(value, trail.scope, self.world, self.text)
            options: dict[str, Value] = {"provider": {name: part}}
            entry = Entry(name="provider", span=span, key=None, value=value, literal=False)
            self.add(
                trail,
                holder,
                Carrier.UNKNOWN,
                "",
                "",
                [entry],
                Settings(model=Unknown("given elsewhere"), options=options),
            )
            return
        if name not in _STRONG or isinstance(base, Call):
            return
        weight = shape(name, value, trail.scope, self.world)
        carrier, client, _ = self.flow(owner, trail, 0)
        known = self.world.objects(base, trail.scope)
        keys = {item.key.value for obj, _ in known for item in obj.items if isinstance(item.key, Str)}
        strict = carrier is not Carrier.UNKNOWN and bool(keys & _REQUEST_KEYS if known else _BODY_NAME.search(owner))
        strict = strict or carrier is Carrier.EXTRA_BODY or bool(re.search(r"extra_?body$", owner, re.IGNORECASE))
        if weight < (Shape.STRICT if strict else Shape.REQUEST if _BODY_NAME.search(owner) else Shape.CERTAIN):
            return
        entry = Entry(
            name=name, span=span, key=key.inner, value=value, literal=fields.value(value, trail.scope, self.world, self.text)[1]
        )
        settings = Settings(
            model=Unknown("given elsewhere"),
            options={name: _normalised(name, fields.value(value, trail.scope, self.world, self.text)[0])},
        )
        self.add(trail, holder, carrier, client, owner, [entry], settings)


def _stored_under(trail: Trail) -> tuple[str, Node | None]:
    """`payload["providerOptions"] = {…}`, `payload.providerOptions = {…}`: the key and what it is a key of."""
    up = trail.up.node if trail.up is not None else None
    match up.targets[0] if isinstance(up, Assign) and len(up.targets) == 1 else None:
        case Index(base=base, key=Str(value=key)):
            return key, base
        case Attr(base=base, name=name):
            return name, base
        case _:
            return "", None


def _given_to(trail: Trail) -> str:
    """The key, keyword or name that an object is given to."""
    for step in trail.ancestors():
        if isinstance(step.node, Assign) and step.node.targets:
            return source_name(step.node.targets[0])
        if isinstance(step.node, Item | Arg):
            return key_above(trail)
        if not isinstance(step.node, Alt | Other):
            break
    return ""


def key_above(trail: Trail) -> str:
    """The key that an object is the value of."""
    for step in trail.ancestors():
        match step.node:
            case Item(key=Str(value=key)):
                return key
            case Arg(name=str(name)):
                return name
            case Alt() | Other():
                continue
            case _:
                return ""
    return ""


def _vendor_call(word: str) -> bool:
    return bool(re.search(r"open_?router", word, re.IGNORECASE))


def _first_name(call: Call) -> str:
    return source_name(call.args[0].value) if call.args else ""


def _uses(given: Mapping[str, Node], options: Mapping[str, Value]) -> frozenset[str]:
    """What the request visibly uses of the things that `has` can require."""
    found: set[str] = set()
    if "tools" in given or "functions" in given:
        found.add("tools")
    kind = at_key(given["response_format"], "type") if "response_format" in given else None
    if isinstance(kind, Str) and kind.value == "json_schema":
        found.add("json_schema")
    if "reasoning" in options or "reasoning_effort" in given:
        found.add("reasoning")
    return frozenset(found)


def _normalised(name: str, value: Value) -> Value:
    """Client spellings of the fields of an object, as they are on the wire."""
    if name == "provider" and isinstance(value, dict):
        return {fields.wire_name(key) if re.fullmatch(r"\w+", key) else key: part for key, part in value.items()}
    if name == "reasoning" and isinstance(value, dict):
        return {fields.wire_name(key) if re.fullmatch(r"\w+", key) else key: part for key, part in value.items()}
    return value

"""A routing site from its parts: entries, settings, places."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.catalog import table
from migrator.formats.tree import Assign, Call, Item, Node, Obj, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name
from migrator.resolve.scopes import Scope
from migrator.routing import model_ids
from migrator.routing.find import values
from migrator.routing.find.carriers import outer_call
from migrator.routing.find.search import Search
from migrator.routing.find.shapes import at_key
from migrator.routing.find.site import Carrier, Entry, RoutingSite, Write
from migrator.routing.find.stores import Owner
from migrator.routing.model import Settings, Unknown, Value

BODY_NAME = regex(r"(body|payload|params?|kwargs|data|request|req|extra|options|opts|json|args|config|settings)$", re.IGNORECASE)
POLICY_NAME = regex(r"(provider|routing|prefs|preferences|route)", re.IGNORECASE)
REQUEST_KEYS = frozenset(
    {"model", "messages", "prompt", "max_tokens", "temperature", "stream", "top_p", "max_completion_tokens", "input"}
)
_SAMPLERS = frozenset(
    {
        "seed", "top_k", "top_a", "min_p", "repetition_penalty", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs",
        "stop", "top_p", "temperature", "parallel_tool_calls", "verbosity", "prediction", "structured_outputs",
    }
)  # fmt: skip
OPTIONS = frozenset({*table("routing")["keys"]["strong"], *table("routing")["keys"]["weak"]})
STRONG = frozenset(table("routing")["keys"]["strong"])


def entries_of(search: Search, chosen: Mapping[str, Item], scope: Scope) -> list[Entry]:
    """The options of an object as entries of a site, in text order."""
    entries = [
        Entry(
            name=name,
            span=item.span,
            key=item.key.span if item.key is not None else None,
            value=item.value,
            literal=values.value(item.value, scope, search.repository, search.text)[1] and not item.shorthand,
        )
        for name, item in chosen.items()
    ]
    return sorted(entries, key=lambda entry: entry.span)


def settings_of(search: Search, entries: list[Entry], pairs: Mapping[str, Item], node_path: NodePath, carrier: Carrier) -> Settings:
    """What the options, the model and the parameters around them are, as far as they can be read."""
    options = {
        entry.name: normalised(entry.name, values.value(entry.value, node_path.scope, search.repository, search.text)[0])
        for entry in entries
    }
    given: dict[str, Node] = {name: item.value for name, item in pairs.items()}
    outer = outer_call(node_path) if carrier in (Carrier.EXTRA_BODY, Carrier.PROVIDER_OPTIONS, Carrier.MODEL_SETTINGS) else None
    for arg in outer.args if outer is not None else ():
        if arg.name is not None:
            given.setdefault(arg.name, arg.value)
    model: str | Unknown | None
    if "model" in given:
        read = values.value(given["model"], node_path.scope, search.repository, search.text)[0]
        model = read if isinstance(read, str) else Unknown("given elsewhere")
    elif (
        carrier is Carrier.JSON_BODY
        and "messages" in pairs
        and isinstance(node_path.node, Obj)
        and all(item.key is not None for item in node_path.node.items)
    ):
        model = None
    else:
        model = Unknown("given elsewhere")
    closed = isinstance(node_path.node, Obj) and all(isinstance(item.key, Str) for item in node_path.node.items)
    complete = closed and "messages" in given and (outer is None or not any(arg.star for arg in outer.args))
    return Settings(
        model=model,
        options=options,
        uses=_uses(given, options, outer_call(node_path)),
        parameters=frozenset(name for name in given if name in _SAMPLERS and name not in ("temperature", "top_p")),
        several=_names_models(pairs),
        complete=complete,
    )


def _names_models(pairs: Mapping[str, Item]) -> bool:
    """Does `providerOptions.gateway` beside the options name models?"""
    options = pairs.get("provider_options")
    gateway = at_key(options.value, "gateway") if options is not None else None
    return gateway is not None and at_key(gateway, "models") is not None


def add_site(
    search: Search,
    node_path: NodePath,
    holder: Obj | Call | Assign,
    carrier: Carrier,
    client: str,
    owner: Owner | None,
    entries: list[Entry],
    settings: Settings,
    model: Node | None = None,
    write: Write | None = None,
) -> None:
    """Note a site, unless nothing in it can be rewritten."""
    spans = [entry.span for entry in entries]
    form = model_ids.parse(settings.model) if isinstance(settings.model, str) else None
    if isinstance(model, Str) and form is not None and not form.plain:
        spans.append(model.span)
    if not spans:
        return
    named = _named_spans(entries)
    if isinstance(model, Str):
        named["model"] = model.span
    site = RoutingSite(
        path=search.file.path,
        span=Span(min(span.start for span in spans), max(span.end for span in spans)),
        dialect="openrouter",
        carrier=carrier,
        client=client,
        settings=settings,
        entries=tuple(entries),
        holder=holder,
        scope=node_path.scope,
        outer=outer_call(node_path) if carrier is Carrier.EXTRA_BODY else None,
        embedded=search.embedded,
        owner=owner.key if owner is not None else None,
        name=owner.name if owner is not None else "",
        root=owner.root if owner is not None else None,
        write=write if write is not None else Write() if owner is None else Write(how=owner.how, sometimes=owner.sometimes),
        reaches_wire=None if carrier is Carrier.UNKNOWN else carrier is not Carrier.UNSENT,
        model=model if isinstance(model, Str) else None,
        spans=named,
        related=tuple(
            dict.fromkeys(place for entry in entries for place in values.places(entry.value, node_path.scope, search.repository))
        ),
    )
    search.sites.append(site)


def _named_spans(entries: list[Entry]) -> dict[str, Span]:
    spans: dict[str, Span] = {}
    for entry in entries:
        spans[entry.name] = entry.span
        node = entry.value
        if entry.name == "provider" and isinstance(node, Obj):
            for item in node.items:
                if isinstance(item.key, Str):
                    spans[f"provider.{values.wire_name(item.key.value)}"] = item.span
        if entry.name in ("plugins", "tools") and isinstance(node, Seq):
            for part in node.items:
                word = at_key(part, "id" if entry.name == "plugins" else "type") if isinstance(part, Obj) else None
                if isinstance(word, Str):
                    spans[f"{entry.name}[{word.value}]"] = part.span
    return spans


def _made_of_a_class(given: Mapping[str, Node], around: Call | None) -> bool:
    """`parse(response_format=Answer)`, `response_format: zodResponseFormat(…)`: the client makes a JSON schema of it."""
    form = given.get("response_format")
    if isinstance(form, Call) and last_name(form.func).startswith("zod"):
        return True
    return form is not None and not isinstance(form, Obj) and around is not None and last_name(around.func) == "parse"


def _uses(given: Mapping[str, Node], options: Mapping[str, Value], around: Call | None) -> frozenset[str]:
    """What the request visibly uses of the things that `has` can require."""
    uses: set[str] = set()
    if "tools" in given or "functions" in given:
        uses.add("tools")
    kind = at_key(given["response_format"], "type") if "response_format" in given else None
    if (isinstance(kind, Str) and kind.value == "json_schema") or _made_of_a_class(given, around):
        uses.add("json_schema")
    if "reasoning" in options or "reasoning_effort" in given:
        uses.add("reasoning")
    return frozenset(uses)


def normalised(name: str, value: Value) -> Value:
    """Client spellings of the fields of an object, as they are on the wire."""
    if name == "provider" and isinstance(value, dict):
        return {values.wire_name(key) if re.fullmatch(r"\w+", key) else key: part for key, part in value.items()}
    if name == "reasoning" and isinstance(value, dict):
        return {values.wire_name(key) if re.fullmatch(r"\w+", key) else key: part for key, part in value.items()}
    return value

"""Calls and assignments that carry routing options."""

from __future__ import annotations

import re

from migrator.formats.tree import Alt, Assign, Attr, Call, Index, Item, Name, Node, Obj, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.objects import objects
from migrator.routing.find import values
from migrator.routing.find.carriers import carrier_of, way_of_chain
from migrator.routing.find.elsewhere import look_at_arguments, look_at_entries
from migrator.routing.find.search import Search
from migrator.routing.find.shapes import DISTINCT, PREFERENCES, Shape, shape
from migrator.routing.find.site import Carrier, Entry, Write
from migrator.routing.find.site_parts import BODY_NAME, POLICY_NAME, REQUEST_KEYS, STRONG, add_site, normalised, settings_of
from migrator.routing.find.stores import Chain, Form, How, Step, chain_of, owner_of, owner_of_chain, target_of
from migrator.routing.model import Settings, Unknown

_ABOUT_ANSWERS = regex(
    r"error|exception|warning|report|log(?:ger)?(?:$|_)|record|event|respon[sd]|result|reply|parse|extract|format|usage|cost|metric",
    re.IGNORECASE,
)

_OPTIONS = STRONG | PREFERENCES


def look_at_call(search: Search, node_path: NodePath) -> None:
    """Options that are arguments: `completion(…, provider={…})`."""
    node = node_path.node
    assert isinstance(node, Call)
    word = last_name(node.func)
    look_at_arguments(search, node, node_path)
    named = {values.wire_name(arg.name): arg for arg in node.args if arg.name is not None}
    if word == "setdefault" and len(node.args) == 2 and isinstance(node.args[0].value, Str) and isinstance(node.func, Attr):
        base = chain_of(node.func.base, ecma=search.ecma)
        key = node.args[0].value
        if base is not None and not (isinstance(node.args[1].value, Obj) and not node.args[1].value.items):
            step = Step(key.value, key.span, Form.INDEX)
            _stored(search, node_path, node, Chain(base.root, (*base.steps, step)), node.args[1].value, How.DEFAULT)
        return
    if search.of_language and word in _PUTS and look_at_put(search, node_path, node):
        return
    if not named:
        return
    if not search.ecma and _of_a_body(search, node_path, node, word, frozenset(named)):
        return
    if named.keys().isdisjoint(_OPTIONS):
        return
    of_responses = re.search(
        r"\bresponses\b", source_name(node.func)
    )  # the Responses API has a `reasoning` of the same shape itself
    wanted = {name: arg for name, arg in named.items() if name in STRONG and not (of_responses and name == "reasoning")}
    if word.endswith("Model") and word[:1].isupper() and isinstance(getattr(wanted.get("provider"), "value", None), Name | Attr):
        del wanted["provider"]  # `OpenRouterModel(id, provider=provider)`: what sends its requests
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
    shapes = {name: shape(name, arg.value, node_path.scope, search.repository) for name, arg in wanted.items()}
    request = (request and not search.distant) or Shape.CERTAIN in shapes.values()
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
            literal=values.value(arg.value, node_path.scope, search.repository, search.text)[1],
        )
        for name, arg in chosen.items()
    ]
    items = {name: Item(span=arg.span, key=None, value=arg.value) for name, arg in named.items()}
    settings = settings_of(search, entries, items, node_path, Carrier.KEYWORDS)
    if prefers:
        prefs = {name: values.value(arg.value, node_path.scope, search.repository, search.text)[0] for name, arg in prefers.items()}
        settings = Settings(model=settings.model, options={**settings.options, "provider": prefs}, uses=settings.uses)
        entries += [
            Entry(name=f"provider.{name}", span=arg.span, key=arg.name_span, value=arg.value, literal=False)
            for name, arg in prefers.items()
        ]
    entries.sort(key=lambda entry: entry.span)
    model = named["model"].value if "model" in named else None
    add_site(search, node_path, node, Carrier.KEYWORDS, source_name(node.func), None, entries, settings, model)


_PUTS = frozenset(("put", "set", "Add", "add", "addProperty", "TryAdd", "insert", "putJsonObject", "putIfAbsent", "store"))
"""Methods that put an entry into a map or a JSON object."""


def look_at_put(search: Search, node_path: NodePath, node: Call) -> bool:
    """`body.put("provider", preferences)`: is it an entry of a body that is told by this?"""
    key = node.args[0].value if len(node.args) == 2 else None
    if not isinstance(key, Str) or values.wire_name(key.value) not in _OPTIONS:
        return False
    base = chain_of(node.func.base, ecma=False) if isinstance(node.func, Attr) else None
    chain = base or Chain(Name(Span(*node.span), ""), ())
    chain = Chain(chain.root, (*chain.steps, Step(key.value, key.span, Form.INDEX)))
    before = len(search.sites)
    value = node.args[1].value
    _stored(search, node_path, node, chain, value, How.MERGE)
    name = values.wire_name(key.value)
    if (
        len(search.sites) == before
        and not search.distant
        and (name in DISTINCT or (name == "provider" and _prefers(search, value)))
    ):
        read, literal = values.value(value, node_path.scope, search.repository, search.text)
        options = {
            "provider": {name: read} if name in DISTINCT else read if isinstance(read, dict) else Unknown(_written(search, value))
        }
        entry = Entry(name="provider", span=node.span, key=None, value=value, literal=literal)
        add_site(
            search, node_path, node, Carrier.UNKNOWN, "", None, [entry], Settings(model=Unknown("given elsewhere"), options=options)
        )
    return True


def _written(search: Search, value: Node) -> str:
    return " ".join(search.text[value.span.start : value.span.end].split())


def _prefers(search: Search, value: Node) -> bool:
    """Does an expression name preferences of OpenRouter's: `buildJsonObject { put("data_collection", "deny") }`?"""
    return re.search(rf"[\"'](?:{'|'.join(sorted(PREFERENCES))})[\"']", search.text[value.span.start : value.span.end]) is not None


def _of_a_body(search: Search, node_path: NodePath, node: Call, word: str, named: frozenset[str]) -> bool:
    """`dict(model=…, provider={…})`, `body.update(provider={…})`: keyword arguments that become entries. Is nothing else to be said of them?"""
    if values.display(node) is not None:
        carrier, client, _ = carrier_of(search, node_path)
        if carrier not in (Carrier.JSON_BODY, Carrier.EXTRA_BODY):
            return False
        made = owner_of(node_path, ecma=False)
        look_at_entries(search, node_path, carrier, client, made.key, how=made.how, name=made.name)
        return True
    base = chain_of(node.func.base, ecma=False) if word == "update" and isinstance(node.func, Attr) else None
    if base is None:
        return False
    if base.steps and base.steps[-1].name == "provider" and named <= PREFERENCES:
        _merged_keywords(search, node_path, node, base)
        return True
    carrier, client = way_of_chain(search, node_path, base, len(base.steps))
    owner = owner_of_chain(base, node_path, len(base.steps), How.MERGE)
    look_at_entries(search, node_path, carrier, client, owner.key, how=How.MERGE, name=owner.name)
    return False


def _merged_keywords(search: Search, node_path: NodePath, call: Call, chain: Chain) -> None:
    """`body["provider"].update(sort="price")`: keyword arguments that become fields of the provider object."""
    steps = len(chain.steps) - 1
    carrier, client = way_of_chain(search, node_path, chain, steps)
    read = {
        arg.name: values.value(arg.value, node_path.scope, search.repository, search.text)
        for arg in call.args
        if arg.name is not None
    }
    entries = [
        Entry(name=f"provider.{arg.name}", span=arg.span, key=arg.name_span, value=arg.value, literal=read[arg.name][1])
        for arg in call.args
        if arg.name is not None
    ]
    add_site(
        search,
        node_path,
        call,
        Carrier.ENTRIES if carrier in (Carrier.JSON_BODY, Carrier.EXTRA_BODY) and len(entries) == len(call.args) else carrier,
        client,
        owner_of_chain(chain, node_path, steps, How.MERGE),
        entries,
        Settings(model=Unknown("given elsewhere"), options={"provider": {name: value for name, (value, _) in read.items()}}),
        write=Write(how=How.MERGE, inside=True, container=chain.steps[-1], several=True),
    )


def look_at_assignment(search: Search, node_path: NodePath) -> None:
    """`payload["provider"] = …`, `body.provider = …`, `payload["provider"]["only"] = …`, `search.provider = {…}`."""
    node = node_path.node
    assert isinstance(node, Assign)
    if node.value is None or len(node.targets) != 1:
        return
    chain = target_of(node.targets[0], ecma=search.ecma)
    if chain is None or not chain.steps or (search.ecma and source_name(chain.root) == "search"):
        return
    how = How.MERGE
    if node.augmented:
        sign = search.text[node.targets[0].span.end : node.value.span.start].strip()
        if sign not in ("??=", "||="):
            return
        how = How.DEFAULT
    _stored(search, node_path, node, chain, node.value, how)


def _stored(search: Search, node_path: NodePath, holder: Assign | Call, chain: Chain, value: Node, how: How) -> None:
    """One option that a statement puts into a body or into its provider object."""
    *above, key = chain.steps
    name = values.wire_name(key.name)
    owner = source_name(chain.root)
    if name in PREFERENCES and above and above[-1].name == "provider":
        _stored_inside(search, node_path, holder, chain, value, how)
    elif name in PREFERENCES and not above and POLICY_NAME.search(owner):
        if name in DISTINCT or isinstance(value, Seq | Name | Attr | Call | Index | Alt):
            _stored_inside(search, node_path, holder, chain, value, how)
    elif name in STRONG and (not above or above[-1].name in ("extra_body", "extraBody", "openrouter")):
        _stored_option(search, node_path, holder, chain, value, how)


def _stored_inside(search: Search, node_path: NodePath, holder: Assign | Call, chain: Chain, value: Node, how: How) -> None:
    """`body["provider"]["order"] = …`, `prefs["order"] = …`."""
    *above, key = chain.steps
    name = values.wire_name(key.name)
    part, literal = values.value(value, node_path.scope, search.repository, search.text)
    container = above[-1] if above else None
    carrier, client = way_of_chain(search, node_path, chain, len(above) - 1) if above else (Carrier.UNKNOWN, "")
    add_site(
        search,
        node_path,
        holder,
        carrier,
        client,
        owner_of_chain(chain, node_path, max(len(above) - 1, 0), how),
        [Entry(name="provider", span=holder.span, key=_inner(key, holder), value=value, literal=literal)],
        Settings(model=Unknown("given elsewhere"), options={"provider": {name: part}}),
        write=Write(how=how, inside=True, container=container),
    )


def _inner(step: Step, holder: Assign | Call) -> Span:
    """Where a key stands without its quotes."""
    first = holder.args[0].value if isinstance(holder, Call) else None
    if isinstance(first, Str):
        return first.inner
    return Span(step.span.start + 1, step.span.end - 1) if step.form is Form.INDEX else step.span


def _stored_option(search: Search, node_path: NodePath, holder: Assign | Call, chain: Chain, value: Node, how: How) -> None:
    """`body["provider"] = …`, `kwargs["extra_body"]["models"] = …`."""
    *above, key = chain.steps
    name = values.wire_name(key.name)
    owner = source_name(chain.root)
    weight = shape(name, value, node_path.scope, search.repository)
    carrier, client = way_of_chain(search, node_path, chain, len(above))
    known = objects(search.repository, chain.root, node_path.scope) if not above else ()
    keys = {item.key.value for obj, _ in known for item in obj.items if isinstance(item.key, Str)}
    strict = carrier is not Carrier.UNKNOWN and bool(keys & REQUEST_KEYS if known else BODY_NAME.search(owner))
    strict = strict or carrier is Carrier.EXTRA_BODY or bool(re.search(r"extra_?body$", owner, re.IGNORECASE))
    loose = BODY_NAME.search(owner) and not search.distant
    if weight < (Shape.STRICT if strict else Shape.REQUEST if loose else Shape.CERTAIN):
        return
    part, literal = values.value(value, node_path.scope, search.repository, search.text)
    add_site(
        search,
        node_path,
        holder,
        carrier,
        client,
        owner_of_chain(chain, node_path, len(above), how),
        [Entry(name=name, span=holder.span, key=_inner(key, holder), value=value, literal=literal)],
        Settings(model=Unknown("given elsewhere"), options={name: normalised(name, part)}),
        write=Write(how=how),
    )


def _vendor_call(word: str) -> bool:
    """Does a callee's name say that it asks OpenRouter, and not only that it speaks of an answer: `OpenRouterError(provider=name)`?"""
    return bool(re.search(r"open_?router", word, re.IGNORECASE)) and not _ABOUT_ANSWERS.search(word)

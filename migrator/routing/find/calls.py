"""Calls and assignments that carry routing options."""

from __future__ import annotations

import re

from migrator.discover import path_kinds
from migrator.formats.tree import Alt, Assign, Attr, Call, Index, Item, Name, Node, Obj, Seq, Str
from migrator.model import Span
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.objects import objects
from migrator.routing.find import values
from migrator.routing.find.carriers import flow_of
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.search import Search
from migrator.routing.find.shapes import DISTINCT, PREFERENCES, Shape, shape
from migrator.routing.find.site import Carrier, Entry
from migrator.routing.find.site_parts import BODY_NAME, POLICY_NAME, REQUEST_KEYS, STRONG, add_site, normalised, settings_of
from migrator.routing.model import Settings, Unknown, Value


def look_at_call(search: Search, node_path: NodePath) -> None:
    """Options that are arguments: `completion(…, provider={…})`."""
    node = node_path.node
    assert isinstance(node, Call)
    word = last_name(node.func)
    named = {values.wire_name(arg.name): arg for arg in node.args if arg.name is not None}
    _from_elsewhere(search, node, node_path)
    if word == "setdefault" and len(node.args) == 2 and isinstance(node.args[0].value, Str) and isinstance(node.func, Attr):
        _stored(search, node_path, node, node.args[0].value, node.func.base, node.args[1].value, node.span)
        return
    if not named:
        return
    own = re.search(r"\bresponses\b", source_name(node.func))  # the Responses API has a `reasoning` of the same shape itself
    wanted = {name: arg for name, arg in named.items() if name in STRONG and not (own and name == "reasoning")}
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
    add_site(search, node_path, node, Carrier.KEYWORDS, source_name(node.func), "", entries, settings, model)


def _from_elsewhere(search: Search, call: Call, node_path: NodePath) -> None:
    """`extra_body=ROUTING` with the constant in another file: its options flow into this request."""
    for arg in call.args:
        if not isinstance(arg.value, Name | Attr) or arg.name not in ("extra_body", "json", "model_kwargs", None):
            continue
        for inner, scope in values.follow(arg.value, node_path.scope, search.repository):
            if (
                not isinstance(inner, Obj)
                or scope.path == search.file.path
                or (other := search.repository.files.get(scope.path)) is None
            ):
                continue
            if path_kinds.is_test(scope.path):
                continue
            there = Search(search.repository, other)
            look_at_object(there, NodePath(inner, None, scope))
            for item in inner.items:
                if isinstance(item.value, Obj) and not there.sites:
                    look_at_object(there, NodePath(item.value, NodePath(item, NodePath(inner, None, scope), scope), scope))
            for site in there.sites:
                site.carrier, site.client = Carrier.UNKNOWN, source_name(call.func)
                search.sites.append(site)


def look_at_assignment(search: Search, node_path: NodePath) -> None:
    """`payload["provider"] = …`, `body.provider = …`, `payload["provider"]["only"] = …`, `search.provider = {…}`."""
    node = node_path.node
    assert isinstance(node, Assign)
    if node.value is None or len(node.targets) != 1:
        return
    match node.targets[0]:
        case Index(base=base, key=Str() as key):
            _stored(search, node_path, node, key, base, node.value, node.span)
        case Attr(base=base, name=name, name_span=span) if search.ecma and source_name(base) not in ("this", "search"):
            _stored(search, node_path, node, Str(span, name, span, True), base, node.value, node.span)
        case _:
            pass


def _stored(search: Search, node_path: NodePath, holder: Assign | Call, key: Str, base: Node, value: Node, span: Span) -> None:
    name = values.wire_name(key.value)
    if name not in STRONG and name not in PREFERENCES:
        return
    owner = source_name(base)
    inner = isinstance(base, Index) and isinstance(base.key, Str) and base.key.value == "provider"
    inner = (
        inner or (isinstance(base, Attr) and base.name == "provider") or bool(isinstance(base, Name) and POLICY_NAME.search(owner))
    )
    if inner and name in PREFERENCES and (name in DISTINCT or isinstance(value, Seq | Name | Attr | Call | Index | Alt)):
        part, _ = values.value(value, node_path.scope, search.repository, search.text)
        options: dict[str, Value] = {"provider": {name: part}}
        entry = Entry(name="provider", span=span, key=None, value=value, literal=False)
        add_site(
            search,
            node_path,
            holder,
            Carrier.UNKNOWN,
            "",
            "",
            [entry],
            Settings(model=Unknown("given elsewhere"), options=options),
        )
        return
    if name not in STRONG or isinstance(base, Call):
        return
    weight = shape(name, value, node_path.scope, search.repository)
    carrier, client, _ = flow_of(search, owner, node_path, 0)
    known = objects(search.repository, base, node_path.scope)
    keys = {item.key.value for obj, _ in known for item in obj.items if isinstance(item.key, Str)}
    strict = carrier is not Carrier.UNKNOWN and bool(keys & REQUEST_KEYS if known else BODY_NAME.search(owner))
    strict = strict or carrier is Carrier.EXTRA_BODY or bool(re.search(r"extra_?body$", owner, re.IGNORECASE))
    if weight < (Shape.STRICT if strict else Shape.REQUEST if BODY_NAME.search(owner) else Shape.CERTAIN):
        return
    entry = Entry(
        name=name,
        span=span,
        key=key.inner,
        value=value,
        literal=values.value(value, node_path.scope, search.repository, search.text)[1],
    )
    settings = Settings(
        model=Unknown("given elsewhere"),
        options={name: normalised(name, values.value(value, node_path.scope, search.repository, search.text)[0])},
    )
    add_site(search, node_path, holder, carrier, client, owner, [entry], settings)


def _vendor_call(word: str) -> bool:
    return bool(re.search(r"open_?router", word, re.IGNORECASE))

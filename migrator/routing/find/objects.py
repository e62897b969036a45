"""Objects that carry routing options, and provider objects that stand alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Item, Node, Obj, Other, Str
from migrator.records import replace
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.routing.find import values
from migrator.routing.find.carriers import carrier_of, outer_call, way_of_chain
from migrator.routing.find.gateway_blocks import gateway_block, stored_under
from migrator.routing.find.search import Search, first_name, key_above
from migrator.routing.find.shapes import PREFERENCES, Shape, policy, shape, variant, weak
from migrator.routing.find.site import Carrier, Entry, RoutingSite, Write
from migrator.routing.find.site_parts import (
    BODY_NAME,
    OPTIONS,
    POLICY_NAME,
    REQUEST_KEYS,
    STRONG,
    add_site,
    entries_of,
    normalised,
    settings_of,
)
from migrator.routing.find.stores import Chain, How, merged_into, owner_of, owner_of_chain
from migrator.routing.model import Settings, Unknown


def look_at_object(search: Search, node_path: NodePath) -> None:
    """An object that holds options of a request, the gateway's block, or is a policy itself."""
    node = node_path.node
    assert isinstance(node, Obj)
    pairs = {values.wire_name(item.key.value): item for item in node.items if isinstance(item.key, Str)}
    inside = merged_into(node_path, ecma=search.ecma)
    if inside is not None and pairs and set(pairs) <= PREFERENCES:
        _merged_policy(search, node_path, pairs, inside)
        return
    if "gateway" in pairs and "providerOptions" in (key_above(node_path), stored_under(node_path)[0]):
        gateway_block(search, node_path, pairs["gateway"])
        return
    wanted = {name: item for name, item in pairs.items() if name in STRONG}
    model = pairs.get("model")
    has_variant = model is not None and variant(model.value)
    if not wanted and not has_variant:
        weight = policy(node) if pairs and key_above(node_path) not in ("provider", "gateway") else Shape.NO
        foreign, asked = set(pairs) - PREFERENCES, set(pairs) & PREFERENCES
        if (weight is Shape.CERTAIN and len(foreign) <= len(asked)) or (
            weight and set(pairs) <= PREFERENCES and POLICY_NAME.search(_given_to(node_path))
        ):
            _loose_policy(search, node_path)
        return
    carrier, client, name = carrier_of(search, node_path)
    if carrier is Carrier.UNKNOWN:
        carrier, client = search.around.carriers.get(owner_of(node_path, ecma=search.ecma).key, (carrier, client, ""))[:2]
    root = _spread_into(search, node_path)
    asking = (
        client == "transformRequestBody"
        or id(node) in search.given
        or bool(REQUEST_KEYS & set(pairs))
        or root is not node_path
        or _added(node_path)
    )
    body = carrier is Carrier.JSON_BODY and key_above(node_path) not in ("extraBody", "modelKwargs", "extraBodyProperties")
    strict = carrier is not Carrier.UNKNOWN and (asking or not body)
    if re.search(r"\bresponses\b", client):
        wanted.pop("reasoning", None)  # the Responses API has a field of that name and shape itself
    shapes = {key: shape(key, item.value, node_path.scope, search.repository) for key, item in wanted.items()}
    loose = strict or (search.program and asking) or bool(search.program and name and BODY_NAME.search(name))
    options = len(pairs) > 1 and set(pairs) <= STRONG and min(shapes.values(), default=Shape.NO) >= Shape.REQUEST
    loose = loose or (search.program and options)
    if search.distant and carrier is Carrier.UNKNOWN:
        strict = loose = False
    loose = (loose and "role" not in pairs) or Shape.CERTAIN in shapes.values()
    limit = Shape.STRICT if strict and "role" not in pairs else Shape.REQUEST if loose else Shape.CERTAIN
    chosen = {key: wanted[key] for key, shape in shapes.items() if shape >= limit}
    if not chosen and not (has_variant and strict and limit is Shape.STRICT):
        return
    beside = {key: item for key, item in pairs.items() if key in OPTIONS and key not in STRONG and weak(key, item.value)}
    entries = entries_of(search, {**chosen, **beside}, node_path.scope)
    settings = settings_of(search, entries, pairs, node_path, carrier)
    if not entries and not isinstance(settings.model, str):
        return
    literal = model.value if model else _model_beside(node_path, carrier)
    owner = owner_of(node_path, ecma=search.ecma)
    add_site(search, node_path, node, carrier, client, owner, entries, settings, literal)


def _merged_policy(search: Search, node_path: NodePath, pairs: Mapping[str, Item], chain: Chain) -> None:
    """`body["provider"].update({"sort": "price"})`: fields for the provider object of a body."""
    node = node_path.node
    assert isinstance(node, Obj)
    read, _ = values.value(node, node_path.scope, search.repository, search.text)
    steps = len(chain.steps) - 1
    carrier, client = way_of_chain(search, node_path, chain, steps)
    add_site(
        search,
        node_path,
        node,
        carrier,
        client,
        owner_of_chain(chain, node_path, steps, How.MERGE),
        [replace(entry, name=f"provider.{entry.name}") for entry in entries_of(search, pairs, node_path.scope)],
        Settings(model=Unknown("given elsewhere"), options={"provider": normalised("provider", read)}),
        write=Write(how=How.MERGE, inside=True, container=chain.steps[-1], several=True),
    )


def _model_beside(node_path: NodePath, carrier: Carrier) -> Node | None:
    """The model of the call that takes an `extra_body`."""
    outer = outer_call(node_path) if carrier is Carrier.EXTRA_BODY else None
    return next((arg.value for arg in outer.args if arg.name == "model"), None) if outer is not None else None


def _spread_into(search: Search, node_path: NodePath) -> NodePath:
    """The object that this one is spread into at last; itself where it is not."""
    for step in node_path.ancestors():
        match step.node:
            case Alt() | Other():
                continue
            case Item(key=None) if step.up is not None:
                return _spread_into(search, step.up)
            case _:
                break
    return node_path


def _added_to(step: NodePath) -> str:
    """The name that a call of `update`, `assign` adds an argument to; "" for other calls."""
    call = step.up.node if step.up is not None else None
    if not isinstance(call, Call) or last_name(call.func) not in ("update", "assign"):
        return ""
    return source_name(call.func.base) if isinstance(call.func, Attr) and call.func.name == "update" else first_name(call)


def _added(node_path: NodePath) -> bool:
    """`body.update({…})`, `Object.assign(body, {…})`."""
    up = node_path.up.up if node_path.up is not None and isinstance(node_path.up.node, Arg) else None
    return up is not None and isinstance(up.node, Call) and last_name(up.node.func) in ("update", "assign")


def _loose_policy(search: Search, node_path: NodePath) -> None:
    """A provider object by itself: a constant, a default, an argument, an entry of a configuration under another name."""
    node = node_path.node
    assert isinstance(node, Obj)
    value, literal = values.value(node, node_path.scope, search.repository, search.text)
    client = carrier_of(search, node_path)[1]
    spans = {f"provider.{values.wire_name(item.key.value)}": item.span for item in node.items if isinstance(item.key, Str)}
    search.sites.append(
        RoutingSite(
            path=search.file.path,
            span=node.span,
            dialect="openrouter",
            carrier=Carrier.UNKNOWN,
            client=client,
            settings=Settings(model=Unknown("given elsewhere"), options={"provider": normalised("provider", value)}),
            entries=(Entry(name="provider", span=node.span, key=None, value=node, literal=literal),),
            holder=node,
            scope=node_path.scope,
            reaches_wire=None,
            spans=spans,
        )
    )


def _given_to(node_path: NodePath) -> str:
    """The key, keyword or name that an object is given to."""
    for step in node_path.ancestors():
        if isinstance(step.node, Assign) and step.node.targets:
            return source_name(step.node.targets[0])
        if isinstance(step.node, Arg) and step.node.name is None and (added := _added_to(step)):
            return added
        if isinstance(step.node, Item | Arg):
            return key_above(node_path)
        if not isinstance(step.node, Alt | Other):
            break
    return ""

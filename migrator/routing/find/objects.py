"""Objects that carry routing options, and provider objects that stand alone."""

from __future__ import annotations

import re

from migrator.formats.tree import Alt, Arg, Assign, Call, Item, Node, Obj, Other, Str
from migrator.resolve.context import Trail, last_name, source_name
from migrator.routing.find import values
from migrator.routing.find.carriers import carrier_of, outer_call
from migrator.routing.find.gateway_blocks import gateway_block, stored_under
from migrator.routing.find.search import Search, key_above
from migrator.routing.find.shapes import PREFERENCES, Shape, policy, shape, variant, weak
from migrator.routing.find.site import Carrier, Entry, RoutingSite
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
from migrator.routing.model import Settings, Unknown


def look_at_object(search: Search, trail: Trail) -> None:
    """An object that holds options of a request, the gateway's block, or is a policy itself."""
    node = trail.node
    assert isinstance(node, Obj)
    pairs = {values.wire_name(item.key.value): item for item in node.items if isinstance(item.key, Str)}
    if "gateway" in pairs and "providerOptions" in (key_above(trail), stored_under(trail)[0]):
        gateway_block(search, trail, pairs["gateway"])
        return
    wanted = {name: item for name, item in pairs.items() if name in STRONG}
    model = pairs.get("model")
    has_variant = model is not None and variant(model.value)
    if not wanted and not has_variant:
        weight = policy(node) if pairs and key_above(trail) not in ("provider", "gateway") else Shape.NO
        if weight is Shape.CERTAIN or (weight and set(pairs) <= PREFERENCES and POLICY_NAME.search(_given_to(trail))):
            _loose_policy(search, trail)
        return
    carrier, client, name = carrier_of(search, trail)
    root = _spread_into(search, trail)
    asking = bool(REQUEST_KEYS & set(pairs)) or root is not trail or _added(trail)
    body = carrier is Carrier.JSON_BODY and key_above(trail) not in ("extraBody", "modelKwargs", "extraBodyProperties")
    strict = carrier is not Carrier.UNKNOWN and (asking or not body)
    if re.search(r"\bresponses\b", client):
        wanted.pop("reasoning", None)  # the Responses API has a field of that name and shape itself
    shapes = {key: shape(key, item.value, trail.scope, search.world) for key, item in wanted.items()}
    loose = strict or (search.program and asking) or bool(search.program and name and BODY_NAME.search(name))
    loose = (loose and "role" not in pairs) or Shape.CERTAIN in shapes.values()
    limit = Shape.STRICT if strict and "role" not in pairs else Shape.REQUEST if loose else Shape.CERTAIN
    chosen = {key: wanted[key] for key, shape in shapes.items() if shape >= limit}
    if not chosen and not (has_variant and strict and limit is Shape.STRICT):
        return
    beside = {key: item for key, item in pairs.items() if key in OPTIONS and key not in STRONG and weak(key, item.value)}
    entries = entries_of(search, {**chosen, **beside}, trail.scope)
    settings = settings_of(search, entries, pairs, trail, carrier)
    if not entries and not isinstance(settings.model, str):
        return
    literal = model.value if model else _model_beside(trail, carrier)
    add_site(search, trail, node, carrier, client, name, entries, settings, literal, root)


def _model_beside(trail: Trail, carrier: Carrier) -> Node | None:
    """The model of the call that takes an `extra_body`."""
    outer = outer_call(trail) if carrier is Carrier.EXTRA_BODY else None
    return next((arg.value for arg in outer.args if arg.name == "model"), None) if outer is not None else None


def _spread_into(search: Search, trail: Trail) -> Trail:
    """The object that this one is spread into at last; itself where it is not."""
    for step in trail.ancestors():
        match step.node:
            case Alt() | Other():
                continue
            case Item(key=None) if step.up is not None:
                return _spread_into(search, step.up)
            case _:
                break
    return trail


def _added(trail: Trail) -> bool:
    """`body.update({…})`, `Object.assign(body, {…})`."""
    up = trail.up.up if trail.up is not None and isinstance(trail.up.node, Arg) else None
    return up is not None and isinstance(up.node, Call) and last_name(up.node.func) in ("update", "assign")


def _loose_policy(search: Search, trail: Trail) -> None:
    """A provider object by itself: a constant, a default, an argument, an entry of a configuration under another name."""
    node = trail.node
    assert isinstance(node, Obj)
    value, literal = values.value(node, trail.scope, search.world, search.text)
    client = carrier_of(search, trail)[1]
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
            scope=trail.scope,
            reaches_wire=None,
            spans=spans,
        )
    )


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

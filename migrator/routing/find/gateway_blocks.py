"""Blocks that are written in the gateway dialect already."""

from __future__ import annotations

from migrator.formats.tree import Arg, Assign, Attr, Call, Index, Item, Join, Node, Obj, Str
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.objects import objects
from migrator.resolve.scopes import Scope, dotted
from migrator.routing.find import values
from migrator.routing.find.carriers import callee_of, carrier_of, flow_of, outer_call
from migrator.routing.find.search import Search, key_above
from migrator.routing.find.shapes import at_key
from migrator.routing.find.site import Carrier, RoutingSite
from migrator.routing.model import Settings, Value

_AI_SDK = frozenset(
    {"generateText", "streamText", "generateObject", "streamObject", "embed", "embedMany", "ToolLoopAgent", "Agent"}
)


def gateway_block(search: Search, node_path: NodePath, item: Item) -> None:
    """`providerOptions: {gateway: {…}}`: written for the gateway already; the question is whether this client sends it."""
    read, _ = values.value(item.value, node_path.scope, search.repository, search.text)
    gateway: dict[str, Value] = read if isinstance(read, dict) else {"*": read}
    holder = node_path.node
    assert isinstance(holder, Obj)
    assert node_path.up is not None
    outer = next((step for step in node_path.ancestors() if isinstance(step.node, Obj)), None)
    reaches: bool | None = None
    base = stored_under(node_path)[1]
    if base is not None:
        reaches = True if flow_of(search, source_name(base), node_path, 0)[0] in (Carrier.JSON_BODY, Carrier.EXTRA_BODY) else None
    elif outer is None:
        arg = node_path.up.node
        reaches = False if isinstance(arg, Arg) and arg.name == "providerOptions" else None
    else:
        inner = next((step for step in outer.ancestors() if isinstance(step.node, Item)), None)
        nested = (
            inner is not None
            and inner.up is not None
            and isinstance(outer.up, NodePath)
            and outer.up.node is inner.node
            and key_above(inner.up) == "providerOptions"
        )
        carrier = carrier_of(search, outer)[0]
        call = outer_call(outer)
        if nested or carrier in (Carrier.JSON_BODY, Carrier.EXTRA_BODY, Carrier.OPENAI_JS):
            reaches = True
        elif call is not None and last_name(call.func) in _AI_SDK:
            if _own_gateway(search, call, node_path.scope):
                return
            reaches = False
        elif carrier is Carrier.UNSENT:
            reaches = False
    spans = (
        {f"gateway.{part.key.value}": part.span for part in item.value.items if isinstance(part.key, Str)}
        if isinstance(item.value, Obj)
        else {}
    )
    search.sites.append(
        RoutingSite(
            path=search.file.path,
            span=item.span,
            dialect="gateway",
            carrier=Carrier.UNSENT if reaches is False else Carrier.JSON_BODY if reaches else Carrier.UNKNOWN,
            client=callee_of(node_path),
            settings=Settings(),
            entries=(),
            holder=holder,
            scope=node_path.scope,
            reaches_wire=reaches,
            gateway=gateway,
            spans=spans,
        )
    )


def _own_gateway(search: Search, call: Call, scope: Scope) -> bool:
    """Does an AI SDK call go to the gateway that its package has built in (a plain id, `gateway("id")`)?"""
    for obj, _ in (pair for arg in call.args for pair in objects(search.repository, arg.value, scope)):
        model = at_key(obj, "model")
        if isinstance(model, Str | Join):
            return True
        if isinstance(model, Call) and (dotted(model.func, scope) or "").rpartition(".")[2].startswith(
            ("gateway", "createGateway")
        ):
            return True
    return False


def stored_under(node_path: NodePath) -> tuple[str, Node | None]:
    """`payload["providerOptions"] = {…}`, `payload.providerOptions = {…}`: the key and what it is a key of."""
    up = node_path.up.node if node_path.up is not None else None
    match up.targets[0] if isinstance(up, Assign) and len(up.targets) == 1 else None:
        case Index(base=base, key=Str(value=key)):
            return key, base
        case Attr(base=base, name=name):
            return name, base
        case _:
            return "", None

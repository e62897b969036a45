"""Headers of a request that only OpenRouter acts on: harmless ones, those whose effect stops, and one that carries other keys."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from migrator.catalog import openrouter
from migrator.facts.model import FactKind
from migrator.formats.tree import Assign, Call, Index, Item, Node, Str
from migrator.model import Span
from migrator.resolve.context import NodePath, last_name

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

OFF = "off"
"""Note of a header whose value switches off what it names: nothing is lost."""
_GIVING = frozenset(("set", "append", "header", "setHeader", "set_header", "add_header", "setRequestHeader", "setdefault"))
"""Methods that take a header's name and then its value."""
_SWITCHED_OFF = frozenset(("false", "0", "off", "no", "none", "disabled"))


@cache
def headers() -> dict[str, Any]:
    """The catalog's headers by what becomes of them: `attribution`, `lost`, `secret`, and `common`, whose names others use too."""
    table = openrouter()["headers"]
    return {**table, "all": frozenset((*table["attribution"], *table["lost"], *table["secret"]))}


def read_request_header(walk: Walk, node: Str, name: str, node_path: NodePath) -> None:
    """A literal that is such a header's name (`name`, in lower case), where a request is given it."""
    if name not in headers()["all"] or not walk.program or walk.test:
        return
    given, value = _given(node_path)
    if given:
        off = isinstance(value, Str) and value.value.lower() in _SWITCHED_OFF
        walk.mark(FactKind.REQUEST_HEADER, Span(*node.inner), name, OFF if off else "", node_path, value)


def _given(node_path: NodePath) -> tuple[bool, Node | None]:
    """Is the name at the end of the node_path given to a request, and with what value?"""
    up = node_path.up
    match up.node if up is not None else None:
        case Item(key=key, value=value) if key is node_path.node:
            return True, value
        case Index() as index if up is not None and up.up is not None and isinstance(up.up.node, Assign):
            assign = up.up.node
            return any(target is index for target in assign.targets), assign.value
        case _:
            pass
    call = up.up.node if up is not None and up.up is not None else None
    if isinstance(call, Call) and len(call.args) == 2 and call.args[0].value is node_path.node and last_name(call.func) in _GIVING:
        return True, call.args[1].value
    return False, None

"""What only OpenRouter has, asked for through functions of the program itself: `get_json(f"{BASE}/credits", HEADERS)`.

Such a function is no client that is known, and the address that it asks is made where it is called. So the call counts as the request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog import openrouter
from migrator.catalog.urls import UrlKind, find_urls, without_version
from migrator.facts.model import ClientFact, FactKind
from migrator.formats.tree import Alt, Attr, Call, Index, Join, Name, Node, Obj, Other, Str
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole, NodePath, last_name, place_of, sends_nothing
from migrator.resolve.objects import entries, objects

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_ADDRESS = (None, "url", "endpoint", "uri", "input")
_SAYS_KEY = regex(r"key|token|bearer|credential", re.IGNORECASE)
_AUTHORIZATION = ("authorization", "x-api-key", "api-key")
_USED = (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST)


def read_joined_endpoint(walk: Walk, node: Join | Other, node_path: NodePath) -> None:
    """`f"{BASE}/credits"`: an address whose base stands elsewhere."""
    path = joined_endpoint(node) if walk.language in ("python", "ecma") else ""
    if path and place_of(node_path) in _USED:
        walk.mark(FactKind.JOINED_ENDPOINT, node.span, path, node_path=node_path, node=node)


def joined_endpoint(node: Node) -> str:
    """The path that only OpenRouter has behind a base that stands elsewhere; "" for any other expression."""
    match node:
        case Join(parts=(Str(value=""), head, Str(value=path), *_)) | Join(parts=(head, Str(value=path), *_)):
            pass
        case Other(kind="+", children=(head, Str(value=path), *_)):
            pass
        case _:
            return ""
    asked = without_version(re.split(r"[?#]", path)[0]).strip("/")
    return asked if not isinstance(head, Str) and asked in openrouter()["endpoints"]["own"] else ""


def read_own_request(walk: Walk, node: Call, node_path: NodePath) -> None:
    """A call of any function that is given such an address beside headers or a key."""
    if sends_nothing(node) or last_name(node.func)[:1].isupper():
        return
    url = next((arg.value for arg in node.args[:2] if arg.name in _ADDRESS and not arg.star and _is_own(arg.value)), None)
    if url is None:
        return
    headers = key = None
    for arg in node.args:
        if arg.value is url or arg.star:
            continue
        if arg.name == "headers":
            headers = arg.value
        elif headers is None and arg.name is None:
            headers = _headers(walk, arg.value, node_path)
        if key is None and _SAYS_KEY.search(arg.name or last_name(arg.value)) and isinstance(arg.value, Name | Attr | Index | Call):
            key = arg.value
    if headers is not None or key is not None:
        walk.facts.clients.append(
            ClientFact(
                path=walk.path,
                client="raw-http",
                call=node,
                node_path=node_path,
                url=url,
                key=key if headers is None else None,
                headers=headers,
            )
        )


def _is_own(node: Node) -> bool:
    if isinstance(node, Str):
        return "openrouter" in node.value.lower() and any(url.kind is UrlKind.OWN for url in find_urls(node.value)[:1])
    return bool(joined_endpoint(node))


def _headers(walk: Walk, node: Node, node_path: NodePath) -> Node | None:
    """The headers among the options of a call, or what is itself headers: it has the one that carries a key."""
    if not isinstance(node, Name | Attr | Obj | Alt):
        return None
    for obj, scope in objects(walk.repository, node, node_path.scope):
        for item, _ in entries(walk.repository, obj, scope):
            name = item.key.value.lower() if isinstance(item.key, Str) else ""
            if name == "headers":
                return item.value
            if name in _AUTHORIZATION:
                return node
    return None

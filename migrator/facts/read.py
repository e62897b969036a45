"""One walk over a lowered file: from nodes to `Facts`. Which reader is asked about which node is decided here, and only here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from migrator.catalog.urls import find_urls
from migrator.facts import ecma
from migrator.facts.clients import read_client, read_hidden_call, read_hidden_import
from migrator.facts.collector import Walk
from migrator.facts.model import KEY_SHAPE, TOKEN, Facts, MarkKind, UrlFact
from migrator.facts.model_ids import read_model
from migrator.facts.provider_lists import read_enum, read_list, read_mapping, read_union
from migrator.facts.request_headers import read_request_header
from migrator.facts.response_fields import is_response_field, read_response_field
from migrator.facts.variables import (
    read_access,
    read_built_name,
    read_definition,
    read_leftovers,
    read_object_key,
    read_reference,
    read_scheme,
    read_settings,
    read_tokens,
)
from migrator.formats.tree import (
    PARTS,
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    EnvDef,
    EnvRef,
    Func,
    Import,
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
from migrator.model import Span
from migrator.resolve.context import Place, Trail, key_of, last_name, place_of, source_name
from migrator.resolve.environment import maybe_variable
from migrator.resolve.repository import File, World
from migrator.resolve.scopes import Scope, dotted


def read(file: File, world: World) -> Facts:
    """All facts of one file."""
    walk = Walk(file, world)
    module = file.module
    if not walk.program:
        # what the format itself calls a definition or a reference comes first: its text is then no mere string
        # and a definition before the document that it stands in, because it knows whose name that is
        for node in sorted(module.body, key=lambda node: not isinstance(node, EnvDef)):
            _variables(walk, node, None)
    for node in module.body:
        _visit(walk, node, None, walk.root)
    read_leftovers(walk, module)
    facts = walk.facts
    facts.envs.sort(key=lambda fact: fact.span)
    facts.urls.sort(key=lambda fact: fact.span)
    facts.marks.sort(key=lambda mark: mark.span)
    return facts


def _variables(walk: Walk, node: Node | Arg | Item | Param, up: Trail | None) -> None:
    """Definitions and references of variables in a configuration file."""
    trail = Trail(node, up, walk.root)
    if isinstance(node, EnvDef):
        read_definition(walk, node, trail)
    elif isinstance(node, EnvRef):
        read_reference(walk, node, trail)
    for child in children(node):
        if not isinstance(child, Str):
            _variables(walk, child, trail)


def _visit(walk: Walk, node: Node | Arg | Item | Param, up: Trail | None, scope: Scope) -> None:
    """A node and what is in it; scopes open where functions and classes begin."""
    kind = type(node)
    trail = Trail(node, up, scope)
    handler = _HANDLERS.get(kind)
    if handler is not None:
        handler(walk, node, trail)
    parts = PARTS.get(kind)
    if parts is None:
        return
    if kind is Func or kind is Class:
        scope = walk.file.scopes.opened.get(id(node), scope)
    hands_on = kind in _HANDS_ON
    for child in parts(node):
        if isinstance(child, (Name, Attr)):
            if hands_on:
                _handed(walk, child, trail, scope)
            if isinstance(child, Name) or (isinstance(child.base, Name) and not _tells(child.name)):
                continue
        elif isinstance(child, Const) and not child.text.startswith("/"):
            continue
        _visit(walk, child, trail, scope)


@lru_cache(1 << 14)
def _tells(name: str) -> bool:
    """Could somebody want to know of a property of this name? Nobody does of most."""
    return maybe_variable(name) or is_response_field(name)


def _handed(walk: Walk, node: Name | Attr, up: Trail, scope: Scope) -> None:
    around = up.node
    if not isinstance(around, Assign) or around.value is node:
        walk.facts.handed.setdefault(source_name(node), []).append(Trail(node, up, scope))


_HANDS_ON = frozenset((Arg, Item, Return, Alt, Assign))
"""What hands a name on that stands in it; an assignment hands on its value."""


def _on_string(walk: Walk, node: Str, trail: Trail) -> None:
    start, end = node.inner
    raw = walk.text[start:end]
    if not raw:
        return
    lowered = raw.lower()
    if "openrouter" in lowered or "open_router" in lowered:
        place = place_of(trail)
        for url in find_urls(raw):
            walk.facts.urls.append(
                UrlFact(path=walk.path, url=url, base=start, place=place, trail=trail, literal=node, key=key_of(trail))
            )
        if (start, end) not in walk.seen_names and (place is not Place.STATEMENT or not walk.program):
            read_tokens(walk, raw, start, place, trail)
        _vendor(walk, node, raw, place, trail)
    elif lowered == "or_api_key":
        read_tokens(walk, raw, start, place_of(trail), trail)
    if "sk-or" in lowered:
        _key_shape(walk, node, raw, trail)
    if "-" in raw:
        read_request_header(walk, node, lowered, trail)
    if "/" in raw or ":" in raw or raw.startswith("@"):
        read_model(walk, node, trail)


def _key_shape(walk: Walk, node: Str, raw: str, trail: Trail) -> None:
    place = place_of(trail)
    for found in KEY_SHAPE.finditer(raw):
        span = Span(node.inner.start + found.start(), node.inner.start + found.end())
        if place in (Place.COMPARE, Place.ASSERTION) or "\\" in raw or "[" in raw[found.end() :][:2] or "^" in raw[: found.start()]:
            walk.mark(MarkKind.KEY_CHECK, span, found[0], trail=trail)
        else:
            walk.mark(MarkKind.KEY_LITERAL, span, found[0], place.value, trail=trail)


def _vendor(walk: Walk, node: Str, raw: str, place: Place, trail: Trail) -> None:
    if place is Place.COMPARE and "openrouter.ai" in raw.lower():
        walk.mark(MarkKind.URL_CHECK, node.inner, raw, trail=trail)
    elif place is Place.COMPARE and raw.lower() in ("openrouter", "open_router", "open-router"):
        walk.mark(MarkKind.BRANCH, node.inner, raw, trail=trail)


def _on_const(walk: Walk, node: Const, trail: Trail) -> None:
    if walk.ecma:
        ecma.read_const(walk, node, trail)


def _on_index(walk: Walk, node: Index, trail: Trail) -> None:
    read_access(walk, node, trail)
    if walk.ecma:
        ecma.read_index(walk, node, trail)
        if isinstance(node.key, Str):
            ecma.read_attr(walk, node, node.key.value, node.key.inner, trail)
    if isinstance(node.key, Str):
        read_response_field(walk, node.key.value, node.key.inner, node.base, trail)


def _on_attr(walk: Walk, node: Attr, trail: Trail) -> None:
    if not _tells(node.name):
        return
    read_access(walk, node, trail)
    if walk.ecma:
        ecma.read_attr(walk, node, node.name, node.name_span, trail)
    read_response_field(walk, node.name, node.name_span, node.base, trail)


def _on_item(walk: Walk, node: Item, trail: Trail) -> None:
    if isinstance(node.key, Str):
        key = node.key.value
        if walk.ecma:
            ecma.read_vendor_options(walk, node, trail)
        if walk.program and TOKEN.fullmatch(key):
            read_object_key(walk, node, key, trail)


def _on_call(walk: Walk, node: Call, trail: Trail) -> None:
    read_access(walk, node, trail)
    name = dotted(node.func, trail.scope)
    read_client(walk, node, name, trail)
    if name in ("environ.Env", "environ.FileAwareEnv", "environs.Env"):
        read_scheme(walk, node, trail)
    walk.facts.calls.append(trail)
    if node.args and isinstance(key := node.args[0].value, Str) and last_name(node.func) == "get":
        read_response_field(walk, key.value, key.inner, node.func.base if isinstance(node.func, Attr) else node, trail)
    elif name in ("getattr", "hasattr") and len(node.args) > 1 and isinstance(key := node.args[1].value, Str):
        read_response_field(walk, key.value, key.inner, node.args[0].value, trail)
    if name is not None:
        read_hidden_call(walk, node, name, trail)
    if walk.ecma:
        ecma.read_call(walk, node, trail)


def _on_import(walk: Walk, node: Import, trail: Trail) -> None:
    if not ecma.read_import(walk, node, trail):
        read_hidden_import(walk, node, trail)


def _on_object(walk: Walk, node: Obj, trail: Trail) -> None:
    walk.facts.objects.append(trail)
    read_mapping(walk, node, trail)


def _on_assign(walk: Walk, node: Assign, trail: Trail) -> None:
    if node.targets and not isinstance(node.targets[0], Name):
        walk.facts.stores.append(trail)


def _on_class(walk: Walk, node: Class, trail: Trail) -> None:
    read_enum(walk, node, trail)
    if walk.ecma:
        ecma.read_class(walk, node, trail)
    read_settings(walk, node, trail)


_HANDLERS: dict[type, Callable[..., None]] = {
    Str: _on_string,
    Const: _on_const,
    Call: _on_call,
    Import: _on_import,
    Index: _on_index,
    Attr: _on_attr,
    Item: _on_item,
    Join: read_built_name,
    EnvDef: read_definition,
    EnvRef: read_reference,
    Class: _on_class,
    Obj: _on_object,
    Assign: _on_assign,
    Seq: read_list,
    Other: read_union,
}

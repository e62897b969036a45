"""One walk over a lowered file: from nodes to `Facts`. Which reader is asked about which node is decided here, and only here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from migrator.catalog.urls import find_urls
from migrator.facts import ecma
from migrator.facts.clients import callee_name, may_be_client, read_client, read_entry, read_hidden_call, read_hidden_import
from migrator.facts.collector import Walk
from migrator.facts.model import KEY_SHAPE, TOKEN, FactKind, Facts, UrlFact
from migrator.facts.model_ids import read_model, read_models_inside
from migrator.facts.own_requests import read_joined_endpoint
from migrator.facts.provider_lists import read_enum, read_keywords_as_mapping, read_list, read_mapping, read_union
from migrator.facts.request_headers import read_request_header
from migrator.facts.response_fields import is_response_field, read_response_field
from migrator.facts.senders import with_added_headers
from migrator.facts.unlisted_clients import drop_imports_of_calls, read_unlisted_call, read_unlisted_import
from migrator.facts.variables import (
    read_access,
    read_built_name,
    read_definition,
    read_keywords,
    read_leftovers,
    read_object_key,
    read_reference,
    read_scheme,
    read_settings,
    read_settings_keywords,
    read_tokens,
)
from migrator.formats.detect import LANGUAGES
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
from migrator.records import replace
from migrator.resolve.context import LiteralRole, NodePath, key_of, last_name, place_of, source_name
from migrator.resolve.environment import maybe_variable
from migrator.resolve.follow import parts
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope


def read(file: ParsedFile, repository: Repository, names: frozenset[str] = frozenset()) -> Facts:
    """All facts of one file. `names`: further variables that are of interest, whatever they are called."""
    parts.share(repository, file)
    parts.name_components(repository, file)
    walk = Walk(file, repository, names)
    module = file.module
    if not walk.program:
        # what the format itself calls a definition or a reference comes first: its text is then no mere string
        # and a definition before the document that it stands in, because it knows whose name that is
        for node in sorted(module.body, key=lambda node: not isinstance(node, EnvDef)):
            _variables(walk, node, None)
    for node in module.body:
        _visit(walk, node, None, walk.root)
    read_leftovers(walk, module)
    read_models_inside(walk)
    drop_imports_of_calls(walk)
    return walk.facts.facts()


def _variables(walk: Walk, node: Node | Arg | Item | Param, up: NodePath | None) -> None:
    """Definitions and references of variables in a configuration file."""
    node_path = NodePath(node, up, walk.root)
    if isinstance(node, EnvDef):
        read_definition(walk, node, node_path)
        if node.value is not None and not node.commented:
            walk.owned.append((node.value.span, node.name))
    elif isinstance(node, EnvRef):
        read_reference(walk, node, node_path)
    for child in children(node):
        if not isinstance(child, Str):
            _variables(walk, child, node_path)


def _visit(walk: Walk, node: Node | Arg | Item | Param, up: NodePath | None, scope: Scope) -> None:
    """A node and what is in it; scopes open where functions and classes begin."""
    kind = type(node)
    node_path = NodePath(node, up, scope)
    handler, parts, hands_on = _WAYS[kind]
    if handler is not None:
        handler(walk, node, node_path)
    if parts is None:
        return
    if kind is Func or kind is Class:
        scope = walk.file.scopes.opened_by(node, scope)
    for child in parts(node):
        kind = type(child)
        if kind is Name:
            if hands_on:
                _record_use(walk, child, node_path, scope)
            continue
        if kind is Attr:
            if hands_on:
                _record_use(walk, child, node_path, scope)
            if type(child.base) is Name and not _is_interesting_property(child.name):
                continue
        elif kind is Const and not child.text.startswith("/"):
            continue
        _visit(walk, child, node_path, scope)


@lru_cache(1 << 14)
def _is_interesting_property(name: str) -> bool:
    """Could somebody want to know of a property of this name? Nobody does of most."""
    return maybe_variable(name) or is_response_field(name)


def _record_use(walk: Walk, node: Name | Attr, up: NodePath, scope: Scope) -> None:
    around = up.node
    if not isinstance(around, Assign) or around.value is node:
        walk.facts.handed.setdefault(source_name(node), []).append(NodePath(node, up, scope))


_HANDS_ON = frozenset((Arg, Item, Return, Alt, Assign))
"""What hands a name on that stands in it; an assignment hands on its value."""


def _on_string(walk: Walk, node: Str, node_path: NodePath) -> None:
    start, end = node.inner
    raw = walk.text[start:end]
    if not raw:
        return
    lowered = raw.lower()
    if "openrouter" in lowered or "open_router" in lowered:
        place = place_of(node_path)
        for url in find_urls(raw):
            walk.facts.urls.append(
                UrlFact(
                    path=walk.path,
                    url=url,
                    base=start,
                    place=place,
                    node_path=node_path,
                    literal=node,
                    key=key_of(node_path),
                    owner=_owner(walk, start + url.start),
                )
            )
        if (start, end) not in walk.seen_names and (place is not LiteralRole.STATEMENT or not walk.program):
            read_tokens(walk, raw, start, place, node_path)
        _vendor(walk, node, raw, place, node_path)
    elif lowered == "or_api_key" or (walk.names and any(name in raw for name in walk.names)):
        place = place_of(node_path)
        if (start, end) not in walk.seen_names and (place is not LiteralRole.STATEMENT or not walk.program):
            read_tokens(walk, raw, start, place, node_path)
    if "sk-or" in lowered:
        _key_shape(walk, node, raw, node_path)
    if "-" in raw:
        read_request_header(walk, node, lowered, node_path)
    if "/" in raw or ":" in raw or raw.startswith("@"):
        read_model(walk, node, node_path)


def _owner(walk: Walk, at: int) -> str:
    """The variable that configuration gives the value at an offset."""
    return walk.owner.first(at, at + 1) or ""


def _key_shape(walk: Walk, node: Str, raw: str, node_path: NodePath) -> None:
    place = place_of(node_path)
    for match in KEY_SHAPE.finditer(raw):
        span = Span(node.inner.start + match.start(), node.inner.start + match.end())
        if (
            place in (LiteralRole.COMPARE, LiteralRole.ASSERTION)
            or "\\" in raw
            or "[" in raw[match.end() :][:2]
            or "^" in raw[: match.start()]
            or _tested_by_command(walk, match[0], node_path)
        ):
            walk.mark(FactKind.KEY_CHECK, span, match[0], node_path=node_path)
        else:
            walk.mark(FactKind.KEY_LITERAL, span, match[0], place.value, node_path=node_path)


_TESTS = ("[[", "[", "test", "case", "grep", "egrep", "rg", "expr")


def _tested_by_command(walk: Walk, shape: str, node_path: NodePath) -> bool:
    """`[[ $key == sk-or-v1-* ]]`: does a script compare something with the beginning of a key?"""
    if walk.program:
        return False
    calls = (step.node for step in node_path.ancestors() if isinstance(step.node, Call))
    call = next(calls, None)
    return (call is not None and last_name(call.func) in _TESTS) or (
        walk.language in ("shell", "powershell") and shape.endswith("*")
    )


def _vendor(walk: Walk, node: Str, raw: str, place: LiteralRole, node_path: NodePath) -> None:
    if place is LiteralRole.COMPARE and "openrouter.ai" in raw.lower():
        walk.mark(FactKind.URL_CHECK, node.inner, raw, node_path=node_path)
    elif place is LiteralRole.COMPARE and raw.lower() in ("openrouter", "open_router", "open-router"):
        walk.mark(FactKind.BRANCH, node.inner, raw, node_path=node_path)


def _on_const(walk: Walk, node: Const, node_path: NodePath) -> None:
    if walk.ecma:
        ecma.read_const(walk, node, node_path)


def _on_index(walk: Walk, node: Index, node_path: NodePath) -> None:
    read_access(walk, node, node_path)
    if walk.ecma:
        ecma.read_index(walk, node, node_path)
        if isinstance(node.key, Str):
            ecma.read_attr(walk, node, node.key.value, node.key.inner, node_path)
    if isinstance(node.key, Str):
        read_response_field(walk, node.key.value, node.key.inner, node.base, node_path)


def _may_be_setting(node: Attr) -> bool:
    """`configuration.GetSection("A:B").Value`, `configuration.GetSection("A").Get<T>()!.B`"""
    return isinstance(node.base, Call) and (node.name == "Value" or last_name(node.base.func) == "Get")


def _on_attr(walk: Walk, node: Attr, node_path: NodePath) -> None:
    if not (_is_interesting_property(node.name) or _may_be_setting(node)):
        return
    read_access(walk, node, node_path)
    if walk.ecma:
        ecma.read_attr(walk, node, node.name, node.name_span, node_path)
    read_response_field(walk, node.name, node.name_span, node.base, node_path)


def _on_item(walk: Walk, node: Item, node_path: NodePath) -> None:
    if isinstance(node.key, Str):
        key = node.key.value
        if walk.ecma:
            ecma.read_vendor_options(walk, node, node_path)
        if walk.program and (TOKEN.fullmatch(key) or key in walk.names):
            read_object_key(walk, node, key, node_path)


_CALLS_LATER = {"to_thread": 0, "submit": 0, "partial": 0, "run_sync": 0, "run_in_threadpool": 0, "run_in_executor": 1}
"""Last words of callees that are given a function and what to call it with, and the position of the function among their arguments."""
_SENDERS = frozenset(("get", "post", "put", "patch", "delete", "request", "stream", "urlopen", "fetch"))
"""Functions that send what they are called with, `requests.get`: whatever is given one and an address calls it with that."""


def _called_later(node: Call) -> Call | None:
    """`asyncio.to_thread(completion, model=…)`, `retry(requests.get, URL)` as the call that it makes; None for other calls."""
    at = _CALLS_LATER.get(last_name(node.func), _sender_at(node))
    if at is None or len(node.args) <= at or any(arg.star for arg in node.args[: at + 1]):
        return None
    func = node.args[at].value
    return replace(node, func=func, args=node.args[at + 1 :]) if isinstance(func, Name | Attr) else None


def _sender_at(node: Call) -> int | None:
    """The position of a function that sends among the arguments, where something to call it with stands behind it."""
    for at, arg in enumerate(node.args[:-1]):
        if arg.name is None and isinstance(arg.value, Name | Attr) and last_name(arg.value) in _SENDERS:
            return at if isinstance(arg.value, Attr) or arg.value.id in ("fetch", "urlopen") else None
    return None


_NOTHING, _NAMED, _TEXT, _JOINED, _SENDER = 0, 1, 2, 4, 8


def _given(args: tuple[Arg, ...]) -> int:
    """What kinds of arguments a call has: most readers have nothing to do where a certain kind is missing."""
    found = _NOTHING
    for arg in args:
        value = arg.value
        if arg.name is not None:
            found |= _NAMED
        kind = type(value)
        if kind is Str:
            found |= _TEXT
        elif kind is Name or kind is Attr:
            if last_name(value) in _SENDERS:
                found |= _SENDER
        elif kind is Join or kind is Other:
            found |= _JOINED
    return found


def _on_call(walk: Walk, node: Call, node_path: NodePath) -> None:
    given = _given(node.args)
    described = walk.language in LANGUAGES  # there the client's reader knows what it is given, and says it
    if given & _TEXT or described:
        read_access(walk, node, node_path)
    name = callee_name(walk, node, node_path.scope)
    word = last_name(node.func)
    if (given & _SENDER or word in _CALLS_LATER) and (later := _called_later(node)) is not None:
        made = NodePath(later, node_path.up, node_path.scope)
        callee = callee_name(walk, later, node_path.scope)
        before = len(walk.facts.clients)
        read_client(walk, later, callee, made)
        if len(walk.facts.clients) > before and word not in _CALLS_LATER:
            walk.facts.clients[-1] = with_added_headers(walk, node, walk.facts.clients[-1])
        if callee is not None and not described:
            read_hidden_call(walk, later, callee, made)
            read_unlisted_call(walk, later, callee, made)
    elif described or given & (_SENDER | _TEXT | _JOINED) or may_be_client(word, name):
        read_client(walk, node, name, node_path)
    if name in _SCHEMES:
        read_scheme(walk, node, node_path)
    if given & _NAMED:
        read_keywords(walk, node, node_path)
        read_keywords_as_mapping(walk, node, node_path)
        read_settings_keywords(walk, node, node_path)
    walk.facts.calls.append(node_path)
    if given & _TEXT:
        _asked_by_word(walk, node, word, name, node_path)
    if name is not None:
        if not described:
            read_hidden_call(walk, node, name, node_path)
        read_unlisted_call(walk, node, name, node_path)
    if walk.ecma:
        ecma.read_call(walk, node, node_path)
    elif isinstance(node.func, Attr) and node.func.name in _MAKES_JSON and isinstance(node.func.base, Name | Attr):
        up = NodePath(node.func, node_path, node_path.scope)
        walk.facts.handed.setdefault(source_name(node.func.base), []).append(NodePath(node.func.base, up, node_path.scope))


_MAKES_JSON = frozenset(("to_json", "toJson"))


_SCHEMES = frozenset(("environ.Env", "environ.FileAwareEnv", "environs.Env"))


def _asked_by_word(walk: Walk, node: Call, word: str, name: str | None, node_path: NodePath) -> None:
    """`reply.get("usage")`, `getattr(reply, "usage")`"""
    if isinstance(key := node.args[0].value, Str) and word == "get":
        read_response_field(walk, key.value, key.inner, node.func.base if isinstance(node.func, Attr) else node, node_path)
    elif name in ("getattr", "hasattr") and len(node.args) > 1 and isinstance(key := node.args[1].value, Str):
        read_response_field(walk, key.value, key.inner, node.args[0].value, node_path)


def _on_import(walk: Walk, node: Import, node_path: NodePath) -> None:
    if not ecma.read_import(walk, node, node_path):
        read_hidden_import(walk, node, node_path)
        read_unlisted_import(walk, node, node_path)


def _on_object(walk: Walk, node: Obj, node_path: NodePath) -> None:
    walk.facts.objects.append(node_path)
    if walk.program or walk.language == "yaml":
        read_entry(walk, node, node_path)
    read_mapping(walk, node, node_path)


def _on_assign(walk: Walk, node: Assign, node_path: NodePath) -> None:
    joins = node.augmented or (isinstance(node.value, Other) and node.value.kind == "|")
    if node.targets and (joins or not isinstance(node.targets[0], Name)):
        walk.facts.stores.append(node_path)


def _on_class(walk: Walk, node: Class, node_path: NodePath) -> None:
    read_enum(walk, node, node_path)
    if walk.ecma:
        ecma.read_class(walk, node, node_path)
    read_settings(walk, node, node_path)


def _on_join(walk: Walk, node: Join, node_path: NodePath) -> None:
    read_built_name(walk, node, node_path)
    read_joined_endpoint(walk, node, node_path)


def _on_other(walk: Walk, node: Other, node_path: NodePath) -> None:
    read_union(walk, node, node_path)
    if node.kind == "+":
        read_joined_endpoint(walk, node, node_path)


_HANDLERS: dict[type, Callable[..., None]] = {
    Str: _on_string,
    Const: _on_const,
    Call: _on_call,
    Import: _on_import,
    Index: _on_index,
    Attr: _on_attr,
    Item: _on_item,
    Join: _on_join,
    EnvDef: read_definition,
    EnvRef: read_reference,
    Class: _on_class,
    Obj: _on_object,
    Assign: _on_assign,
    Seq: read_list,
    Other: _on_other,
}


class _Ways(dict[type, tuple[Callable[..., None] | None, Callable[[Any], tuple[Any, ...]] | None, bool]]):
    """For each kind of node its reader, its parts, and whether it hands on a name that stands in it; a file has thousands of nodes."""

    def __missing__(self, kind: type) -> tuple[Callable[..., None] | None, Callable[[Any], tuple[Any, ...]] | None, bool]:
        self[kind] = (_HANDLERS.get(kind), PARTS.get(kind), kind in _HANDS_ON)
        return self[kind]


_WAYS = _Ways()

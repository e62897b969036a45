"""Options that come from elsewhere: constants and functions of other modules, parameters, files that the program loads.

A request's argument is followed like every other value. Each object that it may stand for is a part of the body where it is written,
in its own file; what cannot be followed is left to the search at its own place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from migrator.discover import path_kinds
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Index, Item, Name, Node, Obj, Other, Str
from migrator.records import dataclass, replace
from migrator.resolve import follow as resolve
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.scopes import Scope
from migrator.routing.find.carriers import carrier_of
from migrator.routing.find.loaded import loaded
from migrator.routing.find.objects import look_at_object
from migrator.routing.find.reads import callers
from migrator.routing.find.search import Search
from migrator.routing.find.shapes import PREFERENCES, Shape, shape
from migrator.routing.find.site import Carrier, Entry, Write
from migrator.routing.find.site_parts import STRONG, add_site, entries_of, settings_of
from migrator.routing.find.stores import How, Owner, owner_of
from migrator.routing.find.values import wire_name
from migrator.routing.model import Settings, Unknown

_ARGUMENTS = (
    "extra_body",
    "json",
    "data",
    "body",
    "model_kwargs",
    "generation_kwargs",
    "additional_kwargs",
    "extraBody",
    "modelKwargs",
)
_HANDING_ON = frozenset(("stringify", "dumps", "dict", "freeze", "copy", "deepcopy", "cast", "update", "assign", "setdefault"))
"""Callees that `carrier_of` goes through: what any other one is given by position, and in Python without a star, is no body."""
_MERGERS = ("dict", "assign", "merge", "defaults", "ChainMap", "OrderedDict")
"""Callees that make one object of their arguments."""


def look_at_arguments(search: Search, call: Call, node_path: NodePath) -> None:
    """Every argument of a call that is no display and goes into a request."""
    plain = search.ecma or last_name(call.func) in _HANDING_ON
    for arg in call.args:
        if (arg.name is None and not plain and not arg.star) or (arg.name is not None and arg.name not in _ARGUMENTS):
            continue
        if isinstance(arg.value, Name | Attr | Index | Call | Other | Alt):
            path = NodePath(arg.value, NodePath(arg, node_path, node_path.scope), node_path.scope)
            _look(search, arg.value, path, source_name(call.func))
            _unseen(search, call, arg, node_path.scope)


def look_at_spreads(search: Search, node_path: NodePath) -> None:
    """`{model, messages, ...ROUTING}`: what is spread into a body is a part of it."""
    node = node_path.node
    if isinstance(node, Obj) and any(item.key is None and not isinstance(item.value, Obj) for item in node.items):
        carrier, client, _ = carrier_of(search, node_path)
        if carrier is not Carrier.UNKNOWN:
            _spreads(search, node, node_path.scope, _Way(carrier, client), set())


def look_at_joined(search: Search, node_path: NodePath) -> None:
    """`body = {…} | ROUTING`, `body |= ROUTING`: what is joined with a body is a part of it."""
    node = node_path.node
    if not isinstance(node, Assign) or not (node.augmented or isinstance(node.value, Other)):
        return
    stack = [(node.value, node_path)]
    while stack:
        part, up = stack.pop()
        if isinstance(part, Other) and part.kind == "|":
            stack += [(child, NodePath(part, up, node_path.scope)) for child in part.children]
        elif isinstance(part, Name | Attr | Index | Call) and (isinstance(up.node, Other) or node.augmented):
            at = NodePath(part, up, node_path.scope)
            carrier, client, _ = carrier_of(search, at)
            if carrier is not Carrier.UNKNOWN:
                _follow(search, part, node_path.scope, _Way(carrier, client, owner_of(at, ecma=search.ecma).key), set())


@dataclass(frozen=True, slots=True)
class _Way:
    """How what is followed gets into a request."""

    carrier: Carrier
    client: str
    into: object = None
    """The owner of the object that it becomes a part of, where that is another one."""


def _spreads(search: Search, node: Obj, scope: Scope, way: _Way, seen: set[int]) -> None:
    for item in node.items:
        if item.key is None and not isinstance(item.value, Obj):
            _follow(search, item.value, scope, way, seen)


def _look(search: Search, value: Node, node_path: NodePath, client: str) -> None:
    carrier, callee, _ = carrier_of(search, node_path)
    if carrier is Carrier.UNKNOWN or (isinstance(value, Call) and last_name(value.func) in ("stringify", "dumps")):
        return
    into = None
    step = node_path.up.up if node_path.up is not None else None
    if step is not None and isinstance(step.node, Call) and last_name(step.node.func) in ("update", "assign"):
        into = owner_of(node_path, ecma=search.ecma).key
    _follow(search, value, node_path.scope, _Way(carrier, callee or client, into), set())


def _follow(search: Search, node: Node, scope: Scope, way: _Way, seen: set[int]) -> None:
    if isinstance(node, Other) and node.kind == "|":
        _merged(search, node.children, scope, way, seen)
        return
    for value in resolve.follow(search.repository, node, scope):
        part = value.param if value.kind is Kind.PARAMETER else value.node
        if (
            part is not None and id(part) in seen
        ):  # a parameter that is handed on to a function of its own name: `super().__init__(**kwargs)`
            continue
        seen.add(id(part))
        if value.kind is Kind.OBJECT and isinstance(value.node, Obj):
            _look_there(search, value.node, value.scope, way, seen)
        elif isinstance(value.node, Other) and value.node.kind == "|":
            _merged(search, value.node.children, value.scope, way, seen)
        elif value.kind is Kind.PARAMETER:
            _look_at_callers(search, value, way, seen)
        elif value.node is not None and (from_file := loaded(search.repository, value.node, value.scope)) is not None:
            body, file = from_file
            _look_there(search, body, file.scopes.root, way, seen)


def _merged(search: Search, parts: Sequence[Node], scope: Scope, way: _Way, seen: set[int]) -> None:
    """`{…} | ROUTING`: displays are one object with what stands beside them."""
    into = way.into
    for display in parts:
        at = search.around.objects.get(id(display)) if isinstance(display, Obj) else None
        into = into if at is None else owner_of(at, ecma=False).key
    for part in parts:
        _follow(search, part, scope, way if isinstance(part, Obj) else replace(way, into=into), seen)


def _look_there(search: Search, node: Obj, scope: Scope, way: _Way, seen: set[int]) -> None:
    """An object of a body that stands in another place, perhaps in another file."""
    file = search.repository.files.get(scope.path)
    if file is None or path_kinds.is_test(scope.path):
        return
    if file.module.language not in ("yaml", "toml") and not file.source.text.startswith("{", node.span.start):
        call = _call_at(search, node, scope)
        if call is None:
            _record(search, node, scope, way)
            return
        _look_at_parts(search, call, way, seen)
        return
    there = search if scope.path == search.file.path else Search(search.repository, file, around=search.around)
    before = len(there.sites)
    there.given[id(node)] = (way.carrier, way.client)
    at = search.around.objects.get(id(node)) or NodePath(node, None, scope)
    _own(search, owner_of(at, ecma=there.ecma).key, way)
    look_at_object(there, at)
    for item in node.items:
        if isinstance(item.value, Obj) and isinstance(item.key, Str) and item.key.value in _ARGUMENTS:
            look_at_object(there, NodePath(item.value, NodePath(item, at, scope), scope))
    _spreads(there, node, scope, way, seen)
    _take(search, there, before)


def _own(search: Search, owner: object, way: _Way) -> None:
    """What other statements put into the same object goes the same way."""
    search.around.carriers.setdefault(owner, (way.carrier, way.client, search.file.path))
    if way.into is not None and way.into != owner:
        search.around.merged.append((way.into, owner))


def _take(search: Search, there: Search, before: int) -> None:
    """The sites that were seen in another file belong to the requests of this one."""
    for site in there.sites[before:]:
        site.callers = frozenset((*site.callers, search.file.path))
    if there is not search:
        search.sites += there.sites[before:]


def _call_at(search: Search, node: Obj, scope: Scope) -> NodePath | None:
    """`dict(a=1)`, `Object.assign({}, a)` whose result an object is."""
    for word in _MERGERS:
        for path in search.around.calls.get(word, ()):
            if path.scope.path == scope.path and path.node.span == node.span:
                return path
    return None


def _look_at_parts(search: Search, path: NodePath, way: _Way, seen: set[int]) -> None:
    """The arguments of a call that makes one object of them."""
    call = path.node
    assert isinstance(call, Call)
    made = owner_of(path, ecma=False)
    owner = made.key
    _own(search, owner, way)
    look_at_entries(search, path, way.carrier, way.client, owner, how=made.how, name=made.name)
    for arg in call.args:
        if arg.name is None:
            _follow(search, arg.value, path.scope, way if isinstance(arg.value, Obj) else replace(way, into=owner), seen)


def look_at_entries(
    search: Search,
    path: NodePath,
    carrier: Carrier,
    client: str,
    owner: object,
    names: Collection[str] | None = None,
    how: How = How.MAKE,
    name: str = "",
) -> None:
    """Keyword arguments that become entries of a body. `names`: only these; `name`: what the body is called, where it has a name."""
    call = path.node
    file = search.repository.files.get(path.scope.path)
    if not isinstance(call, Call) or file is None or path_kinds.is_test(path.scope.path):
        return
    there = search if path.scope.path == search.file.path else Search(search.repository, file, around=search.around)
    before = len(there.sites)
    items = {
        arg.name: Item(arg.span, Str(arg.name_span or arg.span, arg.name, arg.name_span or arg.span, exact=True), arg.value)
        for arg in call.args
        if arg.name is not None and (names is None or arg.name in names)
    }
    chosen = {
        name: item
        for name, item in items.items()
        if name in STRONG and shape(name, item.value, path.scope, search.repository) is not Shape.NO
    }
    if not chosen:
        return
    entries = entries_of(there, chosen, path.scope)
    settings = settings_of(there, entries, items, path, Carrier.ENTRIES)
    sent = Carrier.ENTRIES if carrier in (Carrier.JSON_BODY, Carrier.EXTRA_BODY) and file.module.language == "python" else carrier
    model = items["model"].value if "model" in items else None
    held = Owner(owner, how, name=name) if owner is not None else None
    add_site(there, path, call, sent, client, held, entries, settings, model, Write(how=how))
    _take(search, there, before)


def _record(search: Search, node: Obj, scope: Scope, way: _Way) -> None:
    """A record that is dumped into a request: its fields have defaults elsewhere, so that nothing can be said but that it asks for something."""
    keys = {wire_name(item.key.value) for item in node.items if isinstance(item.key, Str)}
    for item in node.items:
        for value in resolve.follow(search.repository, item.value, scope) if item.key is None else ():
            keys |= {wire_name(name) for name in value.inner.names} if value.inner is not None else set()
    if scope.path == search.file.path and keys & (PREFERENCES | STRONG):
        words = " ".join(search.text[node.span.start : node.span.end].split())[:80]
        entry = Entry(name="provider", span=node.span, key=None, value=node, literal=False)
        settings = Settings(model=Unknown("given elsewhere"), options={"provider": Unknown(words)})
        add_site(search, NodePath(node, None, scope), node, way.carrier, way.client, None, [entry], settings)


def _unseen(search: Search, call: Call, arg: Arg, scope: Scope) -> None:
    """`extra_body=options`, `create(**options)` where nothing in this tree says what the options are: told at the call."""
    every = arg.star and arg.name is None and last_name(call.func) in ("create", "parse", "completion", "acompletion")
    if search.ecma or search.distant or not (arg.name == "extra_body" or every):
        return
    known = {Kind.OBJECT, Kind.CONSTANT, Kind.TEXT, Kind.SEQUENCE}
    open_ = [value for value in resolve.follow(search.repository, arg.value, scope) if value.kind not in known]
    if not open_ or any(_reached(search, value) for value in open_):
        return
    words = " ".join(search.text[arg.span.start if every else arg.value.span.start : arg.value.span.end].split())[:80]
    name = "arguments" if every else "extra_body"
    entry = Entry(name=name, span=arg.span, key=arg.name_span, value=arg.value, literal=False)
    settings = Settings(model=Unknown("given elsewhere"), options={name: Unknown(words)})
    add_site(search, NodePath(call, None, scope), call, Carrier.EXTRA_BODY, source_name(call.func), None, [entry], settings)


def _reached(search: Search, value: Value) -> bool:
    """Was the value found after all, at a caller or in a file that is loaded?"""
    if value.kind is Kind.PARAMETER:
        return next(callers(search.repository, search.around.calls, value), None) is not None
    return value.node is not None and loaded(search.repository, value.node, value.scope) is not None


def _look_at_callers(search: Search, value: Value, way: _Way, seen: set[int]) -> None:
    """What the calls in this tree give for a parameter: one argument, or all that have no parameter of their own."""
    for path, func in callers(search.repository, search.around.calls, value):
        call = path.node
        assert isinstance(call, Call)
        params = [param for param in func.params if param.name not in ("self", "cls")]
        at = next((at for at, param in enumerate(params) if param is value.param), None)
        named = [arg for arg in call.args if arg.name is not None]
        plain = [arg for arg in call.args if arg.name is None]
        if at is None:
            continue
        if params[at].name.startswith("**"):
            taken = {param.name for param in params}
            look_at_entries(search, path, way.carrier, way.client, way.into, {arg.name for arg in named if arg.name} - taken)
            given = [arg.value for arg in plain if arg.star]
        elif params[at].name.startswith("*") or _is_rest(search, value):
            given = [arg.value for arg in plain[at:]]
        else:
            given = [arg.value for arg in named if arg.name == value.name]
            if not given and at < len(plain) and not any(arg.star for arg in plain[: at + 1]):
                given = [plain[at].value]
        for node in given:
            _follow(search, node, path.scope, way, seen)


def _is_rest(search: Search, value: Value) -> bool:
    """`...rest` of JavaScript."""
    file = search.repository.files.get(value.scope.path)
    return file is not None and value.param is not None and file.source.text.startswith("...", value.param.span.start)

"""What a call gives: results of this tree's functions and classes, and of the well-known calls that hand on what they are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Attr, Call, Const, Func, Item, Join, Name, Node, Obj, Seq, Str
from migrator.records import replace
from migrator.resolve.context import last_name, source_name
from migrator.resolve.environment import env_helper
from migrator.resolve.follow.classes import is_enum
from migrator.resolve.follow.functions import Arguments, keyword_items, results
from migrator.resolve.follow.members import member
from migrator.resolve.follow.names import imported_values
from migrator.resolve.follow.question import Question, changed, unknown, written
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.passing import handed_on
from migrator.resolve.scopes import Scope

_SAME_METHODS = frozenset({"get_secret_value", "toString", "valueOf", "copy", "unwrap", "getValue", "value", "deepcopy"})
"""Methods that give what they are called on."""
_TRIMMING = frozenset({"strip", "rstrip", "lstrip", "trim", "trimEnd", "trimStart", "removesuffix", "removeprefix"})
"""Methods that may take something from the ends of a text."""
_CHANGING = frozenset(
    {"replace", "replaceAll", "encode", "decode", "lower", "upper", "toLowerCase", "format", "expandtabs", "casefold", "split"}
)
"""Methods that give the text on which they are called, changed."""
_WRAPPERS = frozenset(
    {
        "str", "String", "SecretStr", "HttpUrl", "AnyHttpUrl", "AnyUrl", "URL", "Url", "Uri", "urlsplit", "urlparse", "deepcopy", "copy", "freeze", "seal", "structuredClone",
        "MappingProxyType", "frozendict", "list", "tuple", "Headers", "resolve", "run", "run_until_complete", "ref", "shallowRef", "readonly",
        "reactive", "unref", "toRaw", "defineConfig", "Secret", "cloneDeep", "next", "anext", "iter",
    }
)  # fmt: skip
"""Callees that give their first argument."""
_CHANGING_WRAPPERS = frozenset(
    {"quote", "unquote", "ensureTrailingSlash", "encodeURI", "stringify", "dumps", "parse_obj_as", "dedent"}
)
_JOINING = frozenset({"urljoin", "urlJoin"})
_FIELDS = frozenset(
    {"Field", "field", "PrivateAttr", "attrib", "ib", "Option", "Argument", "mapped_column", "Query", "Header", "Factory"}
)
_ONCE = frozenset({"once", "memoize", "memo", "cache", "lazy", "useCallback", "debounce", "lru_cache", "cached", "wraps"})
"""Callees that give a function that does what their argument does."""
_CALLED_ONCE = frozenset({"useMemo", "computed", "useState", "to_thread"})
"""Callees that call their first argument, or keep it, and give what comes of it."""
_OBJECTS = frozenset(
    {"dict", "assign", "SimpleNamespace", "Namespace", "OrderedDict", "ChainMap", "merge", "defaults", "fromEntries", "Map"}
)
_SPREADING = frozenset({"asdict", "vars", "model_dump", "_asdict", "dict", "to_dict", "toJSON", "toObject"})
"""What gives the fields of a record as an object."""
_DUMP_OPTIONS = frozenset({"exclude_none", "mode", "by_alias", "exclude_unset", "exclude_defaults", "warnings"})
"""Arguments of such a call that choose among the fields, or how they are written."""


def call_values(question: Question, node: Call, scope: Scope) -> Iterable[Value]:
    """The values of a call that reads no variable."""
    word = last_name(node.func)
    if scope.module().language in LANGUAGES and (same := handed_on(node)) is not None:
        return [value for part in same for value in question.follow(part, scope)]
    for form in (_joined, _text, _object, _default, _got, _module, _partial, _applied):
        values = form(question, node, word, scope)
        if values is not None:
            return values
    called = list(_called(question, node, scope))
    if scope.module().language in LANGUAGES and all(value.kind is Kind.UNKNOWN for value in called):
        called = _accessed(question, node, scope) or _made_by_class(question, node, scope) or called
    return called or (unknown(node, scope, written(node)),)


def _accessed(question: Question, node: Call, scope: Scope) -> list[Value]:
    """`settings.getApiKey()`, `settings.apiKey()`: accessors that Lombok and records write for a field of a class of this tree."""
    func = node.func
    if scope.module().language != "java" or node.args or not isinstance(func, Attr):
        return []
    getter = re.fullmatch(r"(?:get|is)([A-Z])(\w*)", func.name)
    name = f"{getter[1].lower()}{getter[2]}" if getter is not None else func.name
    taken = question.made(func, lambda: Attr(func.span, func.base, name, func.name_span), name)
    # a field that is injected is known by its type, and besides as one that others set
    values = [value for value in question.follow(taken, scope) if value.kind is not Kind.UNKNOWN or value.node is not taken]
    return [] if any(value.kind in (Kind.UNKNOWN, Kind.ABSENT, Kind.OUTSIDE, Kind.DECLARED) for value in values) else list(values)


def _made_by_class(question: Question, node: Call, scope: Scope) -> list[Value]:
    """`Args::parse()`, `Config.fromJson(x)`: a method of a class of this tree that stands nowhere in it makes an instance."""
    if not isinstance(node.func, Attr):
        return []
    word = node.func.name
    return [
        Value(kind=Kind.INSTANCE, node=node, scope=scope, inner=owner.inner, name=owner.name)
        for owner in question.follow(node.func.base, scope)
        if owner.kind is Kind.CLASS and owner.inner is not None and word not in owner.inner.names
    ]


def _base(node: Call) -> Node | None:
    return node.func.base if isinstance(node.func, Attr) else None


# -- texts -----------------------------------------------------------------------------------------------------------------------------


def _joined(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """`urljoin(base, "x")`, `new URL("x", base)`, `"/".join([base, "x"])`, `[base, "x"].join("/")`, `base.concat("x")`."""
    args = [arg.value for arg in node.args if arg.name is None and not arg.star]
    base = _base(node)
    if word in _JOINING and len(args) >= 2:
        return (_path(question, node, args[0], args[1:], scope),)
    if word == "URL" and len(args) == 2:
        return (_path(question, node, args[1], args[:1], scope),)
    if word == "join" and base is not None and len(args) == 1:
        separator, listed = (base, args[0]) if isinstance(base, Str) else (args[0], base)
        if isinstance(separator, Str):
            return _listed(question, node, separator, listed, scope)
    if word == "join" and source_name(node.func) in ("path.join", "posixpath.join", "path.posix.join", "urlJoin") and args:
        return (_path(question, node, args[0], args[1:], scope),)
    if word == "concat" and base is not None and args and not isinstance(base, Seq):
        return (Value(kind=Kind.JOIN, node=question.made(node, lambda: Join(node.span, (base, *args))), scope=scope),)
    return None


def _path(question: Question, node: Call, head: Node, tail: list[Node], scope: Scope) -> Value:
    """A path put to an address, with one slash between them."""

    def build() -> Join:
        parts: list[Node] = [head]
        for part in tail:
            texts = [value.node for value in question.follow(part, scope) if isinstance(value.node, Str)]
            if len(texts) == 1:
                parts.append(Str(part.span, f"/{texts[0].value.lstrip('/')}", part.span, False))
            else:
                parts += [Str(part.span, "/", part.span, False), part]
        return Join(node.span, tuple(parts))

    return Value(kind=Kind.JOIN, node=question.made(node, build), scope=scope)


def _listed(question: Question, node: Call, separator: Str, listed: Node, scope: Scope) -> Iterable[Value] | None:
    values = question.follow(listed, scope)
    if len(values) != 1 or not isinstance(values[0].node, Seq) or values[0].kind is not Kind.SEQUENCE:
        return None
    items, inner = values[0].node.items, values[0].scope

    def build() -> Join:
        parts = [part for item in items for part in (separator, item)][1:]
        return Join(node.span, tuple(parts))

    return (Value(kind=Kind.JOIN, node=question.made(node, build), scope=inner),)


def _text(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """Calls that give a text that they are given, perhaps changed."""
    base = _base(node)
    args = node.args
    if word == "cast" and args:
        return question.follow(args[-1].value, scope)
    if word in ("replace", "_replace", "model_copy", "evolve") and any(arg.name for arg in args):
        return _replaced(question, node, base if word in ("_replace", "model_copy") else args[0].value, scope)
    if word in _TRIMMING or word in _CHANGING or word in _SAME_METHODS:
        subject = base if base is not None else args[0].value if args else None
        if subject is not None and (base is None or not _is_library(question, base, scope)):
            return _method(question, subject, word, scope)
        if args:
            return _method(question, args[0].value, word, scope)
    if (
        word in _WRAPPERS and args and args[0].name is None and not (word == "String" and len(args) > 1)
    ):  # Go's `flag.String("key", …)`
        return question.follow(args[0].value, scope)
    if word in _CHANGING_WRAPPERS and args:
        return changed(question.follow(args[0].value, scope), exact=False)
    return None


def _is_library(question: Question, base: Node, scope: Scope) -> bool:
    """Is a callee's owner a module from elsewhere, so that what is changed is the argument: `copy.copy(x)`, `_.cloneDeep(x)`?"""
    return isinstance(base, Name) and all(
        value.kind is Kind.OUTSIDE and value.name.partition(".")[0] in ("copy", "dataclasses", "lodash", "codecs", "attrs", "_")
        for value in question.follow(base, scope)
    )


def _method(question: Question, subject: Node, word: str, scope: Scope) -> Iterator[Value]:
    for value in question.follow(subject, scope):
        if (
            word in _SAME_METHODS
            or value.kind in (Kind.OBJECT, Kind.SEQUENCE)
            or (word in _TRIMMING and isinstance(value.node, Str) and value.node.value.strip(" /\n") == value.node.value)
        ):
            yield value
        else:
            yield replace(value, exact=False)


# -- objects ---------------------------------------------------------------------------------------------------------------------------


def _replaced(question: Question, node: Call, subject: Node | None, scope: Scope) -> Iterable[Value] | None:
    """`replace(settings, url=…)`: the record with some of its fields given anew."""
    if subject is None:
        return None

    def build() -> Obj:
        updates = (arg for arg in node.args if arg.name == "update")
        spreads = (Item(node.span, None, subject), *(Item(arg.span, None, arg.value) for arg in updates))
        return Obj(node.span, (*spreads, *keyword_items(arg for arg in node.args if arg.name not in (None, "update", "deep"))))

    return (Value(kind=Kind.OBJECT, node=question.made(node, build), scope=scope),)


def _object(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """Calls that make an object out of objects, of arguments by name or of pairs."""
    base = _base(node)
    dumps = base is not None and all(arg.name in _DUMP_OPTIONS for arg in node.args)
    if word in _SPREADING and dumps and base is not None:
        return (
            Value(kind=Kind.OBJECT, node=question.made(node, lambda: Obj(node.span, (Item(node.span, None, base),))), scope=scope),
        )
    if word in ("asdict", "vars") and len(node.args) == 1:
        return (Value(kind=Kind.OBJECT, node=_of_arguments(question, node), scope=scope),)
    if word not in _OBJECTS or not node.args:
        return None
    first = node.args[0].value
    if word in ("dict", "fromEntries", "Map", "OrderedDict") and node.args[0].name is None and not node.args[0].star:
        pairs = _pairs(question, node, first, scope)
        if pairs is not None:
            return pairs
    return (Value(kind=Kind.OBJECT, node=_of_arguments(question, node), scope=scope),)


def _of_arguments(question: Question, node: Call) -> Obj:
    """The object that the arguments of a call make together."""

    def build() -> Obj:
        given = tuple(Item(arg.span, None, arg.value) for arg in node.args if arg.name is None)
        return Obj(node.span, (*given, *keyword_items(arg for arg in node.args if arg.name is not None)))

    return question.made(node, build, "arguments")


def _pairs(question: Question, node: Call, listed: Node, scope: Scope) -> Iterable[Value] | None:
    """`dict([("a", 1)])`, `new Map([["a", 1]])`."""
    values = question.follow(listed, scope)
    if len(values) != 1 or not isinstance(values[0].node, Seq):
        return None
    inner = values[0].scope
    items = [
        Item(pair.span, pair.items[0], pair.items[1])
        for pair in values[0].node.items
        if isinstance(pair, Seq) and len(pair.items) == 2
    ]
    return (Value(kind=Kind.OBJECT, node=question.made(node, lambda: Obj(node.span, tuple(items)), "pairs"), scope=inner),)


def _default(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """`Field("x")`, `field(default_factory=lambda: "x")`: what a field has that nothing is given."""
    if word not in _FIELDS:
        return None
    default = next((arg.value for arg in node.args if arg.name in ("default", "default_factory", "factory")), None)
    if default is None and node.args and node.args[0].name is None and not isinstance(node.args[0].value, Const):
        default = node.args[0].value
    if default is None:
        return (Value(kind=Kind.DECLARED, node=None, scope=scope, name=word),)
    values = question.follow(default, scope)
    if any(arg.name in ("default_factory", "factory") for arg in node.args) or isinstance(default, Func):
        return [made for value in values for made in _apply(question, value, node, (), scope)]
    return values


def _got(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """`obj.get("key", default)`, `getattr(obj, "key", default)`, `list.at(0)`."""
    base, args = _base(node), node.args
    if word in ("getattr", "get") and base is None and len(args) >= 2 and args[1].name is None:
        base, args = args[0].value, args[1:]
    elif base is None or word not in ("get", "getattr", "setdefault", "at", "pop", "__getitem__") or not args:
        return None
    key = args[0].value
    keys = [value.node.value for value in question.follow(key, scope) if isinstance(value.node, Str) and value.exact]
    if word == "at" and isinstance(key, Const):
        keys = [key.text]
    owners = question.follow(base, scope)
    if all(owner.kind in (Kind.FUNCTION, Kind.CLASS, Kind.INSTANCE) for owner in owners) and isinstance(node.func, Attr):
        return None  # a method of this tree that is called so
    values = [value for owner in owners for word in keys for value in _under(question, owner, word, node, scope)]
    if len(args) > 1 and not args[1].star:
        values += question.follow(args[1].value, scope)
    return values or (unknown(node, scope, written(node)),)


def _under(question: Question, owner: Value, key: str, node: Call, scope: Scope) -> Iterable[Value]:
    if owner.kind is Kind.OUTSIDE:
        return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=f"{owner.name}.{last_name(node.func)}()"),)
    return member(question, owner, key, node, scope)


def _module(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """`require("./x")`, `import("./x")` and `import_module("x")` in the middle of an expression."""
    python = scope.module().language == "python"
    words = (
        ("import_module",) if python else ("require", "import", "import_module")
    )  # `require("X")` is a function of a program's own there
    if word in words and node.args and isinstance(node.args[0].value, Str):
        module = node.args[0].value.value
        return imported_values(question, module, None, question.made(node, lambda: Name(node.span, "*")), scope)
    return None


# -- functions -------------------------------------------------------------------------------------------------------------------------


def _partial(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """`partial(f, …)`, `f.bind(this, …)`: the same callee with arguments that it has already."""
    if word in ("partial", "partialmethod") and node.args:
        subject, rest = node.args[0].value, node.args[1:]
    elif word == "bind" and (base := _base(node)) is not None and node.args:
        subject, rest = base, node.args[1:]
    else:
        return None
    given = tuple((arg, scope) for arg in rest)
    return (replace(value, given=(*value.given, *given)) for value in question.follow(subject, scope))


def _applied(question: Question, node: Call, word: str, scope: Scope) -> Iterable[Value] | None:
    """Callees that call, or wrap, the function that they are given."""
    if word in _ONCE and node.args and node.args[0].name is None:
        values = question.follow(node.args[0].value, scope)
        return values if any(value.kind in (Kind.FUNCTION, Kind.CLASS) for value in values) else None
    if word in _CALLED_ONCE and node.args:
        values = question.follow(node.args[0].value, scope)
        if word == "useState":
            return (
                Value(kind=Kind.SEQUENCE, node=question.made(node, lambda: Seq(node.span, (node.args[0].value,))), scope=scope),
            )
        if any(value.kind is Kind.FUNCTION for value in values):
            return [made for value in values for made in _apply(question, value, node, (), scope)]
    return None


def _called(question: Question, node: Call, scope: Scope) -> Iterator[Value]:
    if isinstance(node.func, Func):  # called where it stands
        for value in question.follow(node.func, scope):
            yield from _apply(question, value, node, _arguments(node, scope), scope)
        return
    for value in question.follow(node.func, scope):
        yield from _apply(question, value, node, _arguments(node, scope), scope)


def _arguments(node: Call, scope: Scope) -> Arguments:
    return tuple((arg, scope) for arg in node.args)


def _apply(question: Question, callee: Value, node: Call, arguments: Arguments, scope: Scope) -> Iterable[Value]:
    """What comes of calling one value."""
    match callee.kind:
        case Kind.FUNCTION:
            return _results(question, callee, node, arguments, scope)
        case Kind.CLASS:
            return _instance(question, callee, node, arguments, scope)
        case Kind.INSTANCE:
            values = [
                result
                for method in member(question, callee, "__call__", node, scope)
                if method.kind is Kind.FUNCTION
                for result in results(question, method, arguments)
            ]
            return values or (callee,)
        case Kind.OUTSIDE:
            return (Value(kind=Kind.OUTSIDE, node=node, scope=scope, name=f"{callee.name}()"),)
        case _:
            return (unknown(node, scope, written(node)),)


def _instance(question: Question, callee: Value, node: Call, arguments: Arguments, scope: Scope) -> Iterable[Value]:
    if callee.inner is not None and node.args and is_enum(question, callee.inner):
        return question.follow(node.args[0].value, scope)
    return (
        Value(kind=Kind.INSTANCE, node=node, scope=scope, inner=callee.inner, given=(*callee.given, *arguments), name=callee.name),
    )


def _results(question: Question, callee: Value, node: Call, arguments: Arguments, scope: Scope) -> Iterator[Value]:
    """The results of a function of this tree; the variable where it is one that reads a variable by the name it is given."""
    func, inner = callee.node, callee.inner
    assert isinstance(func, Func)
    assert inner is not None
    known = question.repository.known
    key = ("env_helper", id(func))
    if key not in known:
        known[key] = (func, env_helper(func, inner))
    helper = known[key][1]
    name = ""
    positional = [*callee.given, *arguments]
    if helper is not None and helper < len(positional):
        arg, arg_scope = positional[helper]
        name = next((value.node.value for value in question.follow(arg.value, arg_scope) if isinstance(value.node, Str)), "")
        if name:
            yield Value(kind=Kind.VARIABLE, node=node, scope=scope, name=name)
    values = results(question, callee, arguments)
    if not name:
        yield from values
        return
    spare = [value for value in values if value.kind in (Kind.TEXT, Kind.JOIN, Kind.VARIABLE) and value.name != name]
    yield from changed(spare, default_of=name)

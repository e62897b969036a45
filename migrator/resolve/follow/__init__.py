"""What an expression may stand for, through names, attributes, calls, imports and everything else that a program hands values on with.

The one place where a value is followed: addresses, variables, objects, classes, functions, environment schemas and routing options are
readers of its answer (`origins`, `objects`, `definitions`, `env_schemas`, `routing/find/values`), so that what one of them sees through,
all of them do. Nothing is executed and nothing is guessed: what cannot be followed is a value of kind `UNKNOWN` that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import (
    Alt,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    EnvRef,
    Func,
    If,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Raise,
    Return,
    Seq,
    Str,
    nodes,
)
from migrator.records import replace
from migrator.resolve.context import last_name, source_name
from migrator.resolve.environment import Access, access, env_mapping
from migrator.resolve.follow.calls import call_values
from migrator.resolve.follow.classes import is_enum
from migrator.resolve.follow.django_config import django_values
from migrator.resolve.follow.env_lines import from_line
from migrator.resolve.follow.flask_config import flask_values
from migrator.resolve.follow.framework_config import configured_values
from migrator.resolve.follow.functions import results
from migrator.resolve.follow.members import HANDED_OVER, member
from migrator.resolve.follow.names import definition_values, name_values
from migrator.resolve.follow.question import Question, absent, changed, unknown
from migrator.resolve.follow.shell import made_of
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.follow.viper_config import viper_values
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope
from migrator.resolve.settings_files import setting

_TRANSPARENT = frozenset(("await", "and", "paren", "type-assert", "decoration"))
"""What hands on the last of its parts."""
_URL_PARTS = frozenset(("host", "hostname", "path", "request_uri", "absoluteString", "AbsoluteUri", "uri"))
"""Properties by which a program hands on parts of an address that it has taken apart."""
_TAKEN_APART = frozenset(("host", "hostname", "path", "netloc", "pathname", "origin", "href"))
"""The same in Python (`urlsplit(URL).path`) and JavaScript (`new URL(url).pathname`), where they are taken from a text."""
HANDED_BACK = frozenset(("api_key", "apiKey", "base_url", "baseURL"))
"""Attributes by which a client of a library gives back what it was made with."""
_TEXTS = (Kind.TEXT, Kind.JOIN, Kind.VARIABLE)
_NOTHING = frozenset(("nil", "null", "None", "undefined", "NULL", "nullptr"))
"""Constants that have no attributes."""
_READING = frozenset(
    {
        "get", "pop", "setdefault", "getenv", "getEnv", "get_env", "getOrThrow", "requireEnv", "require_env", "config", "env", "str",
        "from_env_var", "secret_from_env", "from_env", "getSecret", "defineSecret", "get_secret", "get_key",
    }
)  # fmt: skip
"""Last words of callees that may read a variable by its name."""


def follow(repository: Repository, node: Node | None, scope: Scope) -> tuple[Value, ...]:
    """What an expression may stand for where it is read in `scope`; empty for nothing."""
    if node is None:
        return ()
    question = Question(repository, answer)
    return question.follow(node, scope) or (unknown(node, scope, source_name(node) or type(node).__name__.lower()),)


def ask(repository: Repository) -> Question:
    """A question of several parts: everything that is followed with it shares one budget."""
    return Question(repository, answer)


def answer(question: Question, node: Node, scope: Scope) -> Iterable[Value]:
    """The values of one expression; only `Question.follow` calls this."""
    match node:
        case Name(id=name):
            return _called_by_name(question, name_values(question, node, name, scope), scope)
        case Const():
            return (Value(kind=Kind.CONSTANT, node=node, scope=scope),)
        case Obj():
            return (Value(kind=Kind.OBJECT, node=node, scope=scope),)
        case Seq():
            return (Value(kind=Kind.SEQUENCE, node=node, scope=scope),)
        case Join():
            return (Value(kind=Kind.JOIN, node=node, scope=scope),)
        case Alt(parts=parts, test=test):
            return _alternatives(question, parts, scope, chained=test is None)
        case Attr() | Index() | Call():
            return _read(question, node, scope)
        case Func() | Class():
            return definition_values(question, node, scope)
        case Assign(value=value) if value is not None:
            return question.follow(value, scope)
        case EnvRef(name=name) if given := made_of(question.repository, name, scope.path):
            return [value for part, inner in given for value in question.follow(part, inner)]
        case EnvRef(name=name, default=default):
            read = Value(kind=Kind.VARIABLE, node=node, scope=scope, name=name)
            return (read, *(question.follow(default, scope) if default is not None else ()))
        case Raise() | Return():
            return ()
        case If(body=body, orelse=orelse):  # in languages in which a branch has a value: that of its last statement
            return [value for part in (body, orelse) if part for value in question.follow(part[-1], scope)]
        case Other():
            return _other(question, node, scope)
        case _:
            return (unknown(node, scope, source_name(node) or type(node).__name__.lower()),)


def _called_by_name(question: Question, values: Iterable[Value], scope: Scope) -> Iterable[Value]:
    """The same values, in a language in which a method without parameters is called by its name alone with what it gives."""
    visibility = scope.module().visibility
    if visibility is None or not visibility.calls:
        return values
    return [
        result
        for value in values
        for result in (
            results(question, value, ())
            if value.kind is Kind.FUNCTION and isinstance(value.node, Func) and not value.node.params
            else (value,)
        )
    ]


def _alternatives(question: Question, parts: tuple[Node, ...], scope: Scope, *, chained: bool) -> Iterator[Value]:
    """One of several values. In `a or b`, `a || b`, `a ?? b` (`chained`) nothing never comes out but last, and nothing behind a certain one."""
    for part in parts:
        values = question.follow(part, scope)
        for value in values:
            nothing = value.kind is Kind.CONSTANT or (isinstance(value.node, Str) and not value.node.value)
            if not (chained and nothing) or part is parts[-1]:
                yield value
        if chained and values and all(map(_is_certain, values)) and not _is_setting(question, part, scope):
            return


def _is_setting(question: Question, node: Node, scope: Scope) -> bool:
    """Is this a setting that a file of the tree gives, and that another file or the environment may give differently?"""
    return scope.module().language in LANGUAGES and setting(question.repository, node, scope) is not None


def _is_certain(value: Value) -> bool:
    """Is this a literal that counts as true?"""
    match value.node:
        case Str(value=text):
            return bool(text) and value.exact and value.kind is Kind.TEXT
        case Obj(items=items) | Seq(items=items):
            return bool(items)
        case _:
            return False


def _other(question: Question, node: Other, scope: Scope) -> Iterable[Value]:
    parts = node.children
    if node.kind in _TRANSPARENT and parts:
        return question.follow(parts[-1], scope)
    match node.kind, parts:
        case "each", (source,):
            return _elements(question, source, scope)
        case "comprehension", (Name(id=element), Assign(targets=(Name(id=target),), value=source), *tests) if (
            element == target and source is not None and not any(isinstance(test, Assign) for test in tests)
        ):  # `[key for key in KEYS if key]`
            values = list(question.follow(source, scope))
            return values if all(value.kind is Kind.SEQUENCE for value in values) else (unknown(node, scope, "other"),)
        case "+", (_, *_):
            return _sum(question, node, scope)
        case "|", (_, _):  # `DEFAULTS | {…}`
            values = [value for part in parts for value in question.follow(part, scope)]
            if values and all(value.kind is Kind.OBJECT for value in values):
                return (Value(kind=Kind.OBJECT, node=question.made(node, lambda: _merged(node)), scope=scope),)
            return (unknown(node, scope, "other"),)
        case "substitution", _ if (read := line_of_env_file(node)) is not None:
            return question.follow(read, scope)
        case "substitution", _:
            return (unknown(node, scope, "the output of a command"),)
        case "field", _:
            return (unknown(node, scope, "a field that others set"),)
        case _:
            return (unknown(node, scope, "other"),)


def line_of_env_file(node: Node) -> Node | None:
    """The variable that a command takes out of an env file, as `$(grep X .env | cut -d= -f2)` does; None for other commands."""
    refs = [part for part in nodes(node) if isinstance(part, EnvRef)]
    names = {ref.name for ref in refs}
    return refs[0] if len(names) == 1 and all(ref.how == "shell-pattern" for ref in refs) else None


def _merged(node: Other) -> Node:
    return Obj(node.span, tuple(Item(part.span, None, part) for part in node.children))


def _sum(question: Question, node: Other, scope: Scope) -> Iterable[Value]:
    """`BASE + PATH`, `COMMON + ["x"]`: a text or a list, as the parts are."""
    values = [question.follow(part, scope) for part in node.children]
    if any(value.kind is Kind.SEQUENCE for group in values for value in group):
        made = question.made(node, lambda: Seq(node.span, tuple(Other(part.span, "star", (part,)) for part in node.children)))
        return (Value(kind=Kind.SEQUENCE, node=made, scope=scope),)
    return (Value(kind=Kind.JOIN, node=question.made(node, lambda: Join(node.span, node.children)), scope=scope),)


def _elements(question: Question, source: Node, scope: Scope) -> Iterator[Value]:
    """What a loop's variable is given."""
    for value in question.follow(source, scope):
        if value.kind is Kind.SEQUENCE and isinstance(value.node, Seq):
            for item in value.node.items:
                yield from question.follow(item, value.scope)
        elif value.kind is Kind.OBJECT and isinstance(value.node, Obj):
            yield from (
                entry for item in value.node.items if item.key is not None for entry in question.follow(item.key, value.scope)
            )
        else:
            yield unknown(source, scope, source_name(source) or "each")


# -- reads -----------------------------------------------------------------------------------------------------------------------------


def _read(question: Question, node: Attr | Index | Call, scope: Scope) -> Iterable[Value]:
    """An attribute, a subscript or a call: the environment first, because reading it is an attribute, a subscript or a call too."""
    read = access(node, scope) or _named_access(question, node, scope)
    if read is None and scope.module().language in LANGUAGES:
        entries = setting(question.repository, node, scope)
        if entries is not None:
            values = [value for part, inner in entries for value in question.follow(part, inner)]
            return values or (unknown(node, scope, "a setting that no file here gives a value"),)
    if read is not None:
        default = question.follow(read.default, scope) if read.default is not None else ()
        return (Value(kind=Kind.VARIABLE, node=node, scope=scope, name=read.name), *changed(default, default_of=read.name))
    if given := flask_values(question, node, scope) or django_values(question, node, scope):
        return given
    if bound := viper_values(question, node, scope):
        return bound
    if isinstance(node, Call | Index) and (line := from_line(question, node, scope)) is not None:
        return (line,)
    match node:
        case Attr(base=Attr(base=owner) as member_of, name="value" | "_value_") if _is_enum(question, owner, scope):
            return question.follow(member_of, scope)
        case Attr(base=Name(id="self"), name="class") if scope.module().language == "ruby":
            around = scope.enclosing_class()
            return (
                () if around is None else (Value(kind=Kind.CLASS, node=around.node, scope=around.parent or around, inner=around),)
            )
        case Attr(base=base, name=name):
            if configured := configured_values(question, node, scope):
                return configured
            owners = _without_nothing(question.follow(base, scope))
            values = _of_declared(question, owners, node, scope)
            values = values or [value for owner in owners for value in member(question, owner, name, node, scope)]
            if len(owners) > 1 and scope.module().language in LANGUAGES and all(owner.kind is Kind.CLASS for owner in owners):
                # a module or class that is opened in several files: what one of them lacks another has
                values = [value for value in values if value.kind is not Kind.UNKNOWN] or values
            values = list(_called_by_name(question, values, scope))
            if name in HANDED_BACK and all(value.kind in (Kind.UNKNOWN, Kind.OUTSIDE, Kind.ABSENT) for value in values):
                values = [value for owner in owners for value in _handed_back(question, owner, name)] or values
            if name in _TAKEN_APART and owners and all(owner.kind in _TEXTS for owner in owners):
                return owners
            if (
                name in _URL_PARTS
                and scope.module().language in LANGUAGES
                and all(v.kind in (Kind.UNKNOWN, Kind.ABSENT) for v in values)
            ):
                return question.follow(base, scope)
            return values or (absent(node, scope),)
        case Index(base=base, key=key):
            return _entry(question, node, base, key, scope)
        case _:
            return call_values(question, node, scope)


def _without_nothing(owners: tuple[Value, ...]) -> tuple[Value, ...]:
    """What may have an attribute: `return nil, err` beside `return settings, nil` gives no settings that anybody reads a key of."""
    some = tuple(owner for owner in owners if not (isinstance(owner.node, Const) and owner.node.text in _NOTHING))
    return some or owners


def _of_declared(question: Question, owners: tuple[Value, ...], node: Attr, scope: Scope) -> list[Value]:
    """What a field that a framework fills has by its declared class, where that reads it from a variable; nothing else is said by this."""
    others = tuple(owner for owner in owners if not _is_unfilled(owner))
    if len(others) == len(owners) or not all(owner.kind is Kind.DECLARED for owner in others):
        return []
    values = [value for owner in others for value in member(question, owner, node.name, node, scope)]
    is_read = any(value.kind is Kind.VARIABLE for value in values) and all(value.kind in _TEXTS for value in values)
    handed = node.name in HANDED_OVER and all(value.kind is Kind.DECLARED for value in values)
    return values if is_read or handed else []


def _is_unfilled(owner: Value) -> bool:
    return owner.kind is Kind.UNKNOWN and isinstance(owner.node, Other) and owner.node.kind == "field"


def _handed_back(question: Question, owner: Value, name: str) -> Iterable[Value]:
    """`client.api_key`, `client.baseURL` of a client of a library: what it was given when it was made."""
    for given, scope in kept_argument(owner, name):
        yield from question.follow(given, scope)


def kept_argument(owner: Value, name: str) -> Iterator[tuple[Node, Scope]]:
    """The argument that a call was given under a name, where the value comes from a call that is not of this tree."""
    call = owner.node
    if not isinstance(call, Call) or owner.kind not in (Kind.UNKNOWN, Kind.OUTSIDE):
        return
    for arg in call.args:
        if arg.name == name:
            yield arg.value, owner.scope
        elif isinstance(arg.value, Obj):
            yield from (
                (item.value, owner.scope) for item in arg.value.items if isinstance(item.key, Str) and item.key.value == name
            )


def _is_enum(question: Question, node: Node, scope: Scope) -> bool:
    values = question.follow(node, scope)
    return any(value.kind is Kind.CLASS and value.inner is not None and is_enum(question, value.inner) for value in values)


def _named_access(question: Question, node: Attr | Index | Call, scope: Scope) -> Access | None:
    """An access to the environment by a name that is a constant: `os.environ[KEY]`, `process.env[KEY]`, `os.getenv(KEY)`."""
    match node:
        case Index(base=base, key=Name() | Attr() as key) if env_mapping(base, scope):
            for value in question.follow(key, scope):
                if isinstance(value.node, Str):
                    return access(Index(node.span, base, value.node), scope)
        case Call(func=func, args=(first, *rest)) if (
            isinstance(first.value, Name | Attr) and first.name is None and not first.star and last_name(func) in _READING
        ):
            for value in question.follow(first.value, scope):
                if isinstance(value.node, Str):
                    return access(replace(node, args=(replace(first, value=value.node), *rest)), scope)
        case _:
            pass
    return None


def _entry(question: Question, node: Index, base: Node, key: Node, scope: Scope) -> Iterable[Value]:
    keys = _keys(question, key, scope)
    owners = question.follow(base, scope)
    if keys and all(word.lstrip("-").isdecimal() for word in keys) and owners and all(owner.kind in _TEXTS for owner in owners):
        return changed(owners, exact=False)  # a part of a text: `KEYS.split(",")[0]`
    values = [value for owner in owners for word in keys for value in member(question, owner, word, node, scope)]
    return values or (absent(node, scope),)


def _keys(question: Question, key: Node, scope: Scope) -> list[str]:
    """The constant keys that a subscript may have; empty where one is not constant."""
    if isinstance(key, Str):
        return [key.value]
    words: list[str] = []
    for value in question.follow(key, scope):
        match value.node:
            case Str(value=word) if value.exact:
                words.append(word)
            case Const(text=word):
                words.append(word)
            case _:
                return []
    return words

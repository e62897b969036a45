"""What a record says that is dumped into a request: `asdict(Rules(only=["azure"]))`, `PREFERENCES.model_dump(exclude_none=True)`.

The fields are those of the class, with the arguments of the constructor or with their defaults. Nothing is said of a class that has a
base in this tree or methods that change what is dumped, nor of an instance that other statements change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Const, Func, Name, Node, Obj
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve import follow as resolve
from migrator.resolve.context import last_name, source_name
from migrator.resolve.follow.values import Kind
from migrator.resolve.follow.values import Value as Followed
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope, returns
from migrator.routing.model import Unknown, Value

_DECORATORS = ("dataclass", "define", "frozen", "attrs", "s")
_MODELS = ("BaseModel", "Struct")
_CHANGING = regex(
    r"model_serializer|field_serializer|field_validator|model_validator|computed_field|alias_generator|serialize_by_alias"
)
_SETS_ITSELF = regex(
    r"\bself\.\w+(?:\.\w+)*\s*(?:\[[^\]\n]*\]\s*)?[-+|]?=(?!=)|\bsetattr\(\s*self\b|\bself\.\w+\.(?:append|extend|update|pop|remove)\("
)
_METHODS = frozenset(("model_dump", "dict", "asdict", "__post_init__", "__init__", "__attrs_post_init__"))
_CHOOSING = regex(r"\b(?:exclude_unset|exclude_defaults|exclude|include|by_alias|filter|dict_factory|value_serializer)\s*=")
_WITHOUT_NULL = regex(r"\bexclude_none\s*=\s*True\b")

Reader = Callable[[Node, Scope], Value]
"""Reads a field's value in a scope."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A class that is a record, and the call that makes an instance of it."""

    of: Class
    scope: Scope
    """The scope that the class opens."""
    call: Call
    call_scope: Scope
    arguments: tuple[tuple[Arg, Scope], ...]
    """What it is made with, and where each is to be read."""

    @property
    def models(self) -> bool:
        """Is it a model whose constructor takes keywords only?"""
        return any(last_name(base.value) in _MODELS for base in self.of.bases)


def read_record(repository: Repository, dumped: Obj, scope: Scope, read: Reader) -> dict[str, Value] | None:
    """What a dump of a record says; None where that cannot be said. `dumped`: the object that `follow` makes of the dumping call."""
    record = _record(repository, dumped, scope)
    file = repository.files.get(scope.path)
    if record is None or file is None:
        return None
    words = file.source.text[dumped.span.start : dumped.span.end]
    if _CHOOSING.search(words):
        return None
    fields = _fields(repository, record, read, 0)
    return None if fields is None else _without_null(fields) if _WITHOUT_NULL.search(words) else fields


def places_of_record(repository: Repository, dumped: Obj, scope: Scope) -> Iterator[tuple[str, Span]]:
    """Where the parts of a dumped record stand: the call that makes it, and the classes with their defaults."""
    record = _record(repository, dumped, scope)
    waiting = [record] if record is not None else []
    while waiting:
        record = waiting.pop()
        yield record.call_scope.path, record.call.span
        yield record.scope.path, record.of.span
        for _, node, inner in _given(record) or ():
            nested = _instance(repository, node, inner) if node is not None else None
            waiting += [nested] if nested is not None and nested.of is not record.of else []


def _without_null(fields: dict[str, Value]) -> dict[str, Value]:
    return {name: _without_null(part) if isinstance(part, dict) else part for name, part in fields.items() if part is not None}


def _record(repository: Repository, dumped: Obj, scope: Scope) -> _Record | None:
    spread = dumped.items[0] if len(dumped.items) == 1 else None
    if spread is None or spread.key is not None or _is_changed(repository, spread.value):
        return None
    return _instance(repository, spread.value, scope)


def _instance(repository: Repository, node: Node, scope: Scope) -> _Record | None:
    values = resolve.follow(repository, node, scope)
    value: Followed | None = values[0] if len(values) == 1 else None
    if value is None or value.kind is not Kind.INSTANCE or value.inner is None:
        return None
    of = value.inner.node
    if not isinstance(value.node, Call) or not isinstance(of, Class) or not value.exact:
        return None
    file = repository.files.get(value.inner.path)
    plain = any(last_name(mark.func if isinstance(mark, Call) else mark) in _DECORATORS for mark in of.decorators) and not of.bases
    model = len(of.bases) == 1 and last_name(of.bases[0].value) in _MODELS
    if file is None or not (plain or model) or _CHANGING.search(file.source.text, of.span.start, of.span.end):
        return None
    if any(isinstance(part, Func) and part.name in _METHODS for part in of.body) or _SETS_ITSELF.search(
        file.source.text, of.span.start, of.span.end
    ):
        return None
    arguments = value.given or tuple((arg, value.scope) for arg in value.node.args)
    return _Record(of, value.inner, value.node, value.scope, arguments)


def _is_changed(repository: Repository, node: Node) -> bool:
    """Do statements of any file change an instance of this name after it was made?"""
    if not isinstance(node, Name | Attr):
        return False
    word = source_name(node).rpartition(".")[2]
    name = re.escape(word)
    change = rf"\b{name}(?:\.\w+)+\s*(?:\[[^\]\n]*\]\s*)?[-+|]?=(?!=)|\b{name}(?:\.\w+)+\.(?:append|extend|insert|remove|update|pop|clear)\s*\(|(?<!asdict)(?<!vars)(?<!print)(?<!len)(?<!replace)\((?:[^()\n]*,)?\s*(?:\w+\s*=\s*)?(?:\w+\.)*{name}\s*[,)]"
    return any(word in file.source.text and re.search(change, file.source.text) for file in repository.files.values())


def _given(record: _Record) -> list[tuple[str, Node | None, Scope]] | None:
    """Each field with what it is given; None for a field's node that is not given at all."""
    if any(arg.star for arg, _ in record.arguments):
        return None
    positional = [pair for pair in record.arguments if pair[0].name is None]
    named = {arg.name: (arg, scope) for arg, scope in record.arguments if arg.name is not None}
    fields = [
        part
        for part in record.of.body
        if isinstance(part, Assign) and part.annotation is not None and isinstance(part.targets[0], Name)
    ]
    if len(positional) > len(fields) or (positional and record.models):
        return None
    given: list[tuple[str, Node | None, Scope]] = []
    for at, part in enumerate(fields):
        name = part.targets[0]
        assert isinstance(name, Name)
        pair = named.get(name.id) or (positional[at] if at < len(positional) else None)
        given.append((name.id, pair[0].value, pair[1]) if pair is not None else (name.id, _default(part.value), record.scope))
    return given


def _default(node: Node | None) -> Node | None:
    """The value that a field's default stands for; None where it has none, or one that cannot be said."""
    if not isinstance(node, Call) or last_name(node.func) not in ("field", "Field", "ib", "attrib"):
        return node
    if any(arg.name in ("init", "exclude", "validator", "converter") for arg in node.args):
        return None
    for arg in node.args:
        if arg.name in (None, "default"):
            return None if isinstance(arg.value, Const) and arg.value.text == "..." else arg.value
        if arg.name in ("default_factory", "factory"):
            made = returns(arg.value) if isinstance(arg.value, Func) else ()
            return made[0] if len(made) == 1 else None
    return None


def _fields(repository: Repository, record: _Record, read: Reader, depth: int) -> dict[str, Value] | None:
    given = _given(record)
    if given is None or depth > 3:
        return None
    fields: dict[str, Value] = {}
    for name, node, scope in given:
        if node is None:
            return None
        nested = _instance(repository, node, scope)
        value: Value | None = _fields(repository, nested, read, depth + 1) if nested is not None else read(node, scope)
        if value is None and nested is not None:
            value = Unknown(name)
        fields[name] = value
    return fields

"""From nodes to values: what a request says, with every part that is not a literal marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Const,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Seq,
    Str,
    children,
)
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve import follow as resolve
from migrator.resolve.context import last_name
from migrator.resolve.follow.values import Kind
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope
from migrator.routing.find.records import Reader, places_of_record, read_record
from migrator.routing.model import Unknown, Value

_MAX_STEPS = 8
_MAX_PLACES = 3
"""Literals inside of literals whose places are named."""
_LITERALS = (Kind.TEXT, Kind.CONSTANT, Kind.OBJECT, Kind.SEQUENCE)
_TRUE, _FALSE = ("True", "true", "yes", "on"), ("False", "false", "no", "off")
_NULL = ("None", "null", "undefined", "~", "")
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(1 << 12)
def wire_name(key: str) -> str:
    """A key as OpenRouter spells it on the wire: `allowFallbacks` and `openrouter_provider` are client spellings."""
    return _CAMEL.sub("_", key).lower().removeprefix("openrouter_")


def constant(text: str) -> Value | None:
    """A number, boolean or null from its source text; `Unknown` for others (regular expressions, dates)."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text in _NULL:
        return None
    try:
        number = float(text.replace("_", "").removesuffix("n"))
    except ValueError:
        return Unknown(text)
    if number != number or number in (float("inf"), float("-inf")):
        return Unknown(text)
    return int(number) if number.is_integer() and not re.search(r"[.eE]", text) else number


def value(node: Node | None, scope: Scope, repository: Repository, text: str, depth: int = 0) -> tuple[Value, bool]:
    """The value of an expression and whether all of it is written at this place.

    What names, attributes, subscripts and calls stand for in this tree is followed (then the second is False); everything else that is
    no literal is `Unknown`. `text` is the text of the file that the node stands in.
    """
    match node:
        case None:
            return None, True
        case Str(value=words):
            return words, True
        case Const(text=words):
            return constant(words), True
        case Seq(items=parts):
            return _sequence(parts, scope, repository, text, depth)
        case Obj(items=items):
            return _object(items, scope, repository, text, depth)
        case _ if depth < _MAX_STEPS:
            return _followed(node, scope, repository, text, depth), False
        case _:
            return Unknown(_words(node, text)), False


def _followed(node: Node, scope: Scope, repository: Repository, text: str, depth: int) -> Value:
    """The one value that an expression stands for; unknown where there are several, or one that is not known."""
    values: list[Value] = []
    if _overridden(node, scope, repository):
        return Unknown(_words(node, text))
    for match in resolve.follow(repository, node, scope):
        if match.kind is Kind.ABSENT or _is_empty(match.kind, match.node):
            continue  # declared without a value: what it is given later counts
        file = repository.files.get(match.path)
        if file is None or not match.exact:
            return Unknown(_words(node, text))
        if match.kind is Kind.JOIN and isinstance(match.node, Join):
            parts = [value(part, match.scope, repository, file.source.text, depth + 1)[0] for part in match.node.parts]
            read: Value = "".join(map(str, parts)) if parts and all(isinstance(part, str) for part in parts) else Unknown("")
        elif match.kind in _LITERALS and _as_written(match.node, file):
            read = value(match.node, match.scope, repository, file.source.text, depth + 1)[0]
        elif isinstance(match.node, Obj) and file.module.language in ("python", "notebook"):
            fields = read_record(repository, match.node, match.scope, _reader(repository, depth + 1))
            read = Unknown("") if fields is None else fields
        else:
            read = Unknown("")
        if isinstance(read, Unknown):
            return Unknown(_words(node, text))
        values.append(read)
    return values[0] if values and all(read == values[0] for read in values) else Unknown(_words(node, text))


def _overridden(node: Node, scope: Scope, repository: Repository) -> bool:
    """Is it a member of the class around it that a class of this tree which inherits from that one gives another value?"""
    if not isinstance(node, Attr) or not isinstance(node.base, Name) or node.base.id not in ("self", "this", "cls"):
        return False
    around = scope.enclosing_class()
    if around is None or not around.name:
        return False
    return any(
        node.name in inner.names and any(last_name(base.value) == around.name for base in inner.bases)
        for file in repository.files.values()
        if around.name in file.source.text
        for inner in file.scopes.opened.values()
    )


def _reader(repository: Repository, depth: int) -> Reader:
    """Reads the fields of a record, which may stand in other files."""

    def read(node: Node, scope: Scope) -> Value:
        file = repository.files.get(scope.path)
        return Unknown("") if file is None else value(node, scope, repository, file.source.text, depth)[0]

    return read


def _is_empty(kind: Kind, node: Node | None) -> bool:
    """Is it a name that stands for nothing yet: `let x;`, `x: dict`? One that is nothing on one way is not: nothing is asked for there."""
    return kind is Kind.UNKNOWN and node is None


def _as_written(node: Node | None, file: ParsedFile) -> bool:
    """Is an object all that its text says? The fields of a record have defaults elsewhere."""
    return (
        not isinstance(node, Obj) or file.module.language == "yaml" or file.source.text.startswith(("{", "dict("), node.span.start)
    )


def display(call: Call) -> Obj | None:
    """`dict(a=1, b=2)` as the display that it stands for; None for other calls."""
    if not isinstance(call.func, Name) or call.func.id != "dict" or not call.args or any(arg.name is None for arg in call.args):
        return None
    items = [
        Item(arg.span, Str(arg.name_span or arg.span, arg.name or "", arg.name_span or arg.span, exact=True), arg.value)
        for arg in call.args
    ]
    return Obj(call.span, tuple(items))


def _object(items: tuple[Item, ...], scope: Scope, repository: Repository, text: str, depth: int) -> tuple[Value, bool]:
    read: dict[str, Value] = {}
    is_literal = True
    for item in items:
        key = item.key.value if isinstance(item.key, Str) else None
        if key is None and item.key is not None:
            computed = value(item.key, scope, repository, text, depth + 1)[0]
            key, is_literal = computed if isinstance(computed, str) else None, False
        if key is not None:
            read[key], literal = value(item.value, scope, repository, text, depth)
            is_literal = is_literal and literal and not item.shorthand
            continue
        is_literal = False
        inner = value(item.value, scope, repository, text, depth + 1)[0] if item.key is None and depth < _MAX_STEPS else None
        if isinstance(inner, dict):
            read |= inner
        else:
            read[_words(item, text)] = Unknown(_words(item, text))
    return read, is_literal


def _sequence(parts: tuple[Node, ...], scope: Scope, repository: Repository, text: str, depth: int) -> tuple[Value, bool]:
    """A list, with those lists in place that are spread into it."""
    read: list[Value] = []
    is_literal = True
    for part in parts:
        spread = part.children if isinstance(part, Other) and part.kind in ("star", "spread") else ()
        if len(spread) == 1 and isinstance(spread[0], Name | Attr | Seq) and depth < _MAX_STEPS:
            inner, _ = value(spread[0], scope, repository, text, depth + 1)
            if isinstance(inner, list):
                read += inner
                is_literal = False
                continue
        one, literal = value(part, scope, repository, text, depth)
        read.append(one)
        is_literal = is_literal and literal
    return read, is_literal


def _words(node: Node | Item, text: str) -> str:
    return " ".join(text[node.span.start : node.span.end].split())[:80]


# -- where a name leads ----------------------------------------------------------------------------------------------------------------------


def follow(node: Node, scope: Scope, repository: Repository) -> list[tuple[Node, Scope]]:
    """The expressions that a name, property or call may stand for; a `Name` for each that cannot be said (a caller decides)."""
    if not isinstance(node, Name | Attr | Index | Call | Alt):
        return [(node, scope)]
    pairs: list[tuple[Node, Scope]] = []
    for match in resolve.follow(repository, node, scope):
        plain = match.kind in _LITERALS and match.node is not None and match.exact
        pairs.append((match.node, match.scope) if plain and match.node is not None else (Name(node.span, match.name), match.scope))
    return pairs


def literals(node: Node, scope: Scope, repository: Repository) -> list[tuple[Node, Scope]]:
    """Of the expressions that another one stands for those that are literals: texts, numbers, objects, lists."""
    values = resolve.follow(repository, node, scope)
    return [(match.node, match.scope) for match in values if match.kind in _LITERALS and match.node is not None]


def places(node: Node, scope: Scope, repository: Repository) -> Iterator[tuple[str, Span]]:
    """Where the literals stand that an expression is made of, outside of the expression itself."""
    stack: list[tuple[Node, Scope, int]] = [(node, scope, 0)]
    seen: set[tuple[str, int]] = set()
    while stack:
        part, inner, depth = stack.pop()
        if isinstance(part, Name | Attr | Index | Call | Alt):
            for match, match_scope in follow(part, inner, repository):
                mark = (match_scope.path, match.span.start)
                inside = match_scope.path == inner.path and part.span.start <= match.span.start and match.span.end <= part.span.end
                if isinstance(match, Obj):
                    yield from places_of_record(repository, match, match_scope)
                if not isinstance(match, Name) and mark not in seen and not inside:
                    seen.add(mark)
                    yield match_scope.path, match.span
                    if depth < _MAX_PLACES:
                        stack.append((match, match_scope, depth + 1))
        elif isinstance(part, Obj | Seq | Other):
            stack += [(child, inner, depth) for child in nodes(children(part))]


def nodes(parts: Iterable[Node | Arg | Item | Param]) -> Iterator[Node]:
    """The values among arguments, entries and nodes; functions and statements are left out."""
    for part in parts:
        match part:
            case Item(value=inner) | Arg(value=inner):
                yield inner
            case Param() | Func() | Assign():
                pass
            case _:
                yield part

"""From nodes to values: what a request says, with every part that is not a literal marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from migrator.formats.tree import (
    Arg,
    Assign,
    Attr,
    Call,
    Const,
    Func,
    Index,
    Item,
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
from migrator.resolve import follow as resolve
from migrator.resolve.follow.values import Kind
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope
from migrator.routing.model import Unknown, Value

_MAX_STEPS = 8
_PLAIN = frozenset((Kind.TEXT, Kind.CONSTANT, Kind.OBJECT, Kind.SEQUENCE))
_TRUE, _FALSE = ("True", "true", "yes", "on"), ("False", "false", "no", "off")
_NULL = ("None", "null", "undefined", "~", "")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


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

    A constant of this file or of one that is imported is followed (then the second is False); everything else that is no literal
    is `Unknown`. `text` is the text of the file that the node stands in.
    """
    match node:
        case None:
            return None, True
        case Str(value=words):
            return words, True
        case Const(text=words):
            return constant(words), True
        case Seq(items=parts):
            pairs = [value(part, scope, repository, text, depth) for part in parts]
            return [one for one, _ in pairs], all(here for _, here in pairs)
        case Obj(items=items):
            return _object(items, scope, repository, text, depth)
        case Call() if (shown := display(node)) is not None:
            return _object(shown.items, scope, repository, text, depth)[0], False
        case Name() | Attr() | Index() | Call() if depth < _MAX_STEPS:
            found = follow(node, scope, repository)
            if len(found) == 1 and not isinstance(found[0][0], Name | Attr):
                inner, inner_scope = found[0]
                file = repository.files.get(inner_scope.path)
                if file is not None:
                    return value(inner, inner_scope, repository, file.source.text, depth + 1)[0], False
            return Unknown(_words(node, text)), False
        case _:
            return Unknown(_words(node, text)), False


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
    found: dict[str, Value] = {}
    here = True
    for item in items:
        if isinstance(item.key, Str):
            found[item.key.value], one = value(item.value, scope, repository, text, depth)
            here = here and one and not item.shorthand
            continue
        here = False
        inner = value(item.value, scope, repository, text, depth + 1)[0] if item.key is None and depth < _MAX_STEPS else None
        if isinstance(inner, dict):
            found |= inner
        else:
            found[_words(item, text)] = Unknown(_words(item, text))
    return found, here


def _words(node: Node | Item, text: str) -> str:
    return " ".join(text[node.span.start : node.span.end].split())[:80]


# -- where a name leads ----------------------------------------------------------------------------------------------------------------------


def follow(node: Node, scope: Scope, repository: Repository) -> list[tuple[Node, Scope]]:
    """The expressions that a name, property or call may stand for; a `Name` for each that cannot be said (a caller decides)."""
    if not isinstance(node, Name | Attr | Index | Call):
        return [(node, scope)]
    found: list[tuple[Node, Scope]] = []
    for value in resolve.follow(repository, node, scope):
        plain = value.kind in _PLAIN and value.node is not None and value.exact
        found.append((value.node, value.scope) if plain and value.node is not None else (Name(node.span, value.name), value.scope))
    return found


def places(node: Node, scope: Scope, repository: Repository) -> Iterator[tuple[str, Span]]:
    """Where the literals stand that an expression is made of, outside of the expression itself."""
    stack: list[tuple[Node, Scope, int]] = [(node, scope, 0)]
    seen: set[tuple[str, int]] = set()
    while stack:
        here, inner, depth = stack.pop()
        if isinstance(here, Name | Attr):
            for found, found_scope in follow(here, inner, repository):
                mark = (found_scope.path, found.span.start)
                if not isinstance(found, Name) and mark not in seen:
                    seen.add(mark)
                    yield found_scope.path, found.span
                    if depth < 3:
                        stack.append((found, found_scope, depth + 1))
        elif isinstance(here, Obj | Seq | Other):
            stack += [(part, inner, depth) for part in nodes(children(here))]


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

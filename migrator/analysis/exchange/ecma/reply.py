"""Fields of replies in the spelling of the class that takes over, wherever a reply is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from migrator.analysis.exchange.ecma.words import is_typed, snake
from migrator.analysis.exchange.model import Part
from migrator.analysis.exchange.paths import node_paths
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Func, Index, Item, Name, Node, Obj, Other, Param, Return, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.resolve.context import NodePath, last_name
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Scope

_STEPS = 16
"""Names and members that are followed back to the call that a value comes from."""
_TELLING = regex(r"log|error|warn|info|debug|dir|trace|\w*(?:Error|Exception)")
"""Calls that show a reply to people: how its fields are spelled there changes nothing for a program."""


@dataclass(slots=True, eq=False, kw_only=True)
class ReplyPart(Part):
    """The reads of replies in one file."""

    returned: set[str] = field(default_factory=set)
    """Names of functions that give a whole reply to their callers."""


def reply_fields(file: ParsedFile, calls: Sequence[Call], fields: frozenset[str], wider: frozenset[str]) -> ReplyPart:
    """All reads of the replies' fields in the file of the calls."""
    place = ReplyPart(path=file.path, span=calls[0].span)
    # by `id`: the very nodes of one tree are walked once more
    reader = _Reader(file, {id(call) for call in calls}, {id(path.node): path for path in node_paths(file)}, place)
    for node_path in reader.paths.values():
        reader.read(node_path, fields)
    asked = {snake(name) for name in wider}
    if is_typed(file.path) and any(edit.new.partition(":")[0] in asked for edit in place.edits):
        place.doubt(
            "the types of the OpenAI client know more kinds of tool calls than functions, so the type checker may ask for a test"
        )
    return place


class _Reader:
    """One file whose calls give replies."""

    def __init__(self, file: ParsedFile, calls: set[int], paths: dict[int, NodePath], place: ReplyPart) -> None:
        self.file, self.calls, self.paths, self.place = file, calls, paths, place
        self.text = file.source.text

    def read(self, node_path: NodePath, fields: frozenset[str]) -> None:
        """One node: a field, a pattern that takes fields out, a text that names one, or a reply that goes elsewhere."""
        node = node_path.node
        match node:
            case Attr(name=name, base=base, name_span=span) if name in fields:
                self._field(base, node_path.scope, name, lambda: self.place.edit(span.start, span.end, self.text, snake(name)))
            case Attr(name=name, base=base) if name != name.lower() and not _is_called(node_path):
                if self.root(base, node_path.scope) == "reply":
                    self.place.doubt(f"`{name}` of a reply has no counterpart that is known")
            case Index(base=base, key=Str(value=name) as key) if name in fields:
                inner = key.inner
                self._field(base, node_path.scope, name, lambda: self.place.edit(inner.start, inner.end, self.text, snake(name)))
            case Assign(targets=targets, value=value) if value is not None:
                for target in targets:
                    self._pattern(target, value, node_path.scope, fields)
            case Arg(value=value) | Item(key=Str(), value=value) if (
                isinstance(value, (Name, Attr, Call)) and not _is_pattern(node_path) and self._is_reply(value, node_path.scope)
            ):
                self._handed_on(node_path)
            case Return(value=value) if value is not None and self._is_reply(value, node_path.scope):
                self.place.returned |= set(_functions(node_path))
            case _:
                pass

    def _field(self, base: Node, scope: Scope, name: str, rename: object) -> None:
        root = self.root(base, scope)
        if root == "reply":
            rename()  # type: ignore[operator]
        elif root == "parameter":
            self.place.doubt(f"`{name}` is read from a parameter of a function, which may be given a reply")

    def _pattern(self, target: Node, value: Node, scope: Scope, fields: frozenset[str]) -> None:
        """`const { toolCalls } = message`."""
        if not isinstance(target, Obj) or self.root(value, scope) != "reply":
            return
        for item in target.items:
            if isinstance(item.key, Str) and item.key.value in fields:
                start, end = item.key.inner
                new = snake(item.key.value)
                if item.shorthand:
                    self.place.edit(start, start, self.text, f"{new}: ")
                else:
                    self.place.edit(start, end, self.text, new)
            if isinstance(item.value, Obj):
                self._pattern_inside(item.value, fields)

    def _pattern_inside(self, target: Obj, fields: frozenset[str]) -> None:
        if any(isinstance(item.key, Str) and item.key.value in fields for item in target.items):
            self.place.refuse("a field of the reply is taken out of it in a nested pattern")

    def _is_reply(self, node: Node, scope: Scope) -> bool:
        """Is it a whole reply, rather than something in it?"""
        return self.root(node, scope, whole=True) == "reply"

    def _handed_on(self, node_path: NodePath) -> None:
        around = (last_name(step.node.func) for step in node_path.ancestors() if isinstance(step.node, Call))
        if _TELLING.fullmatch(next((word for word in around if word != "stringify"), "")):
            return
        line = self.file.lines.line(node_path.node.span.start)
        self.place.doubt(f"a whole reply is handed on in line {line}: its fields are spelled in snake case from then on")

    # -- where a value comes from ------------------------------------------------------------------------------------------------------

    def root(self, node: Node, scope: Scope, steps: int = 0, *, whole: bool = False) -> str:
        """`reply`, `parameter` (of a function with a name), or "" for what has nothing to do with the calls."""
        if steps > _STEPS:
            return ""
        match node:
            case Call() if id(node) in self.calls:
                return "reply"
            case Attr(base=base) | Index(base=base) if not whole:
                return self.root(base, scope, steps + 1)
            case Call(func=Attr(base=base)) if not whole:
                return self.root(base, scope, steps + 1)
            case Other(children=parts) if parts:
                return self.root(parts[0], scope, steps + 1, whole=whole)
            case Alt(parts=parts):
                return next((root for part in parts if (root := self.root(part, scope, steps + 1, whole=whole))), "")
            case Name(id=name):
                return self._bound(name, scope, steps, whole=whole)
            case _:
                return ""

    def _bound(self, name: str, scope: Scope, steps: int, *, whole: bool) -> str:
        for binding in scope.lookup(name):
            if binding.param is not None:
                root = self._parameter(binding.param, steps) if not whole else ""
            elif binding.value is not None and not (whole and binding.key):
                root = self.root(binding.value, binding.scope, steps + 1, whole=whole)
            else:
                root = ""
            if root:
                return root
        return ""

    def _parameter(self, param: Param, steps: int) -> str:
        """`calls.map((call) => …)`: what is called on a reply hands parts of it to the function it is given."""
        path = self.paths.get(id(param))
        func = path.up if path is not None else None
        arg = func.up if func is not None and isinstance(func.node, Func) else None
        call = arg.up if arg is not None and isinstance(arg.node, Arg) else None
        if call is None or not isinstance(call.node, Call):
            return "parameter"
        return self.root(call.node.func.base, call.scope, steps + 1) if isinstance(call.node.func, Attr) else "parameter"


def _is_pattern(node_path: NodePath) -> bool:
    """Is this entry one of a pattern that takes values out: `const { content } = message`?"""
    up = node_path.up.up if node_path.up is not None else None
    return (
        isinstance(node_path.node, Item)
        and up is not None
        and isinstance(up.node, Param | Assign)
        and node_path.up is not None
        and (isinstance(up.node, Param) or any(target is node_path.up.node for target in up.node.targets))
    )


def _is_called(node_path: NodePath) -> bool:
    around = node_path.up.node if node_path.up is not None else None
    return isinstance(around, Call) and around.func is node_path.node


def _functions(node_path: NodePath) -> Iterator[str]:
    """The name of the function that a value is returned from: its own, or that of the constant which it is given to."""
    func = next((step for step in node_path.ancestors() if isinstance(step.node, Func)), None)
    if func is None or not isinstance(func.node, Func):
        return
    around = func.up.node if func.up is not None else None
    if func.node.name:
        yield func.node.name
    elif isinstance(around, Assign):
        yield from (target.id for target in around.targets if isinstance(target, Name))


def unread_keys(
    files: Iterable[ParsedFile], words: frozenset[str], edited: set[tuple[str, int]], done: Collection[tuple[str, Span]]
) -> str:
    """An entry that may be part of a request and was not rewritten with it; "" where there is none. `done`: calls that were read whole."""
    for file in files:
        for node_path in node_paths(file):
            node = node_path.node
            if isinstance(node, Item) and isinstance(node.key, Str) and node.key.value in words:
                around = node_path.up.node if node_path.up is not None else None
                above = node_path.up.up.node if node_path.up is not None and node_path.up.up is not None else None
                pattern = isinstance(above, (Assign, Param)) and isinstance(around, Obj)
                start = node.key.inner.start
                inside = any(path == file.path and span.start <= start < span.end for path, span in done)
                if not pattern and not inside and (file.path, start) not in edited:
                    return f"`{node.key.value}` ({file.path}:{file.lines.line(node.span.start)}) may be part of a request"
    return ""

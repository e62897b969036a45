"""The arguments of a call in the words of the class that takes over: keys in snake case, the request without what was around it."""

from __future__ import annotations

import re

from migrator.analysis.exchange.ecma.uses import Use
from migrator.analysis.exchange.ecma.words import is_typed, snake
from migrator.analysis.exchange.model import Part
from migrator.formats.tree import (
    Alt,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Func,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Seq,
    Str,
    children,
    descendants,
)
from migrator.integrations.exchange import Method, Request
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Scope, returns


@dataclass(slots=True)
class _Writer:
    """One call that is rewritten."""

    file: ParsedFile
    method: Method
    place: Part
    request: Request
    typed: bool
    """Does a type checker read the file?"""

    @property
    def text(self) -> str:
        """The file's text."""
        return self.file.source.text

    def line(self, node: Node | Item) -> int:
        """The line of a node, for people."""
        return self.file.lines.line(node.span.start)

    # -- the call --------------------------------------------------------------------------------------------------------------------

    def call(self, use: Use) -> None:
        """The callee and its arguments."""
        call, scope = use.call, use.node_path.scope
        assert isinstance(call.func, Attr)
        first, last = self.method.old.partition(".")[0], call.func
        while isinstance(last.base, Attr) and last.name != first:
            last = last.base
        if last.name != first:
            self.place.refuse(f"`{self.method.old}` is not called by its whole name")
            return
        self.place.edit(last.name_span.start, call.func.name_span.end, self.text, self.method.new)
        if not call.args or any(arg.star for arg in call.args) or len(call.args) > 2:
            self.place.refuse("its arguments are not written out")
            return
        request = self._written_out(call.args[0].value, scope)
        if request is None:
            self.place.refuse("its request is not written out where it is called")
            return
        inner = self._unwrapped(request, scope)
        if inner is not None:
            self._object(inner, scope, top=True)
        if len(call.args) == 2:
            self._options(call.args[1].value)

    def _written_out(self, node: Node, scope: Scope) -> Obj | None:
        """The object display that an argument is, here or as the value of a name that has no other use."""
        if isinstance(node, Obj):
            return node
        if not isinstance(node, Name):
            return None
        bindings = scope.lookup(node.id)
        alone = len(re.findall(rf"(?<![\w$.]){re.escape(node.id)}(?![\w$])", self.text)) == 2
        value = bindings[0].value if len(bindings) == 1 and bindings[0].annotation is None else None
        return value if isinstance(value, Obj) and alone and bindings[0].scope.path == self.file.path else None

    def _unwrapped(self, request: Obj, scope: Scope) -> Obj | None:
        """The request itself, without the key that some versions of the package want around it."""
        outer = next((item for item in request.items if isinstance(item.key, Str) and item.key.value in self.request.wrapped), None)
        if outer is None:
            return request
        if len(request.items) > 1:
            other = next(item for item in request.items if item is not outer)
            self.place.refuse(f"`{self.text[slice(*other.span)].split(':')[0]}` is given beside `{self._key(outer)}`")
            return None
        inner = self._written_out(outer.value, scope)
        if inner is None:
            self.place.refuse(f"`{self._key(outer)}` is not written out where it is called")
            return None
        if inner is outer.value:
            self._take_off(request, inner)
        else:
            assert isinstance(outer.value, Name)
            self.place.edit(request.span.start, request.span.end, self.text, outer.value.id)
        return inner

    def _take_off(self, outer: Obj, inner: Obj) -> None:
        """`{ chatRequest: { … } }` becomes `{ … }`, its lines moved to the left where they were moved to the right for it."""
        self.place.edit(outer.span.start, inner.span.start, self.text, "")
        self.place.edit(inner.span.end, outer.span.end, self.text, "")
        deeper = _indent(self.text, inner.span.start)
        less = len(deeper) - len(_indent(self.text, outer.span.start))
        if "\n" not in self.text[outer.span.start : inner.span.start] or less <= 0:
            return
        for match in re.finditer(r"\n([ \t]*)", self.text[inner.span.start : inner.span.end]):
            at = inner.span.start + match.start(1)
            if len(match[1]) >= less and self.file.module.region_at(at) is None:
                self.place.edit(at, at + less, self.text, "")

    # -- what it is given ------------------------------------------------------------------------------------------------------------

    def _key(self, item: Item) -> str:
        return item.key.value if isinstance(item.key, Str) else ""

    def _object(self, obj: Obj, scope: Scope, *, top: bool = False) -> None:
        for item in obj.items:
            if item.key is None:
                self._deep(item.value, scope)
                continue
            if not isinstance(item.key, Str) or item.key.value not in self.request.keys:
                name = self.text[slice(*item.key.span)]
                self.place.refuse(f"`{name}` (line {self.line(item)}) is not among the options that are proved to mean the same")
                continue
            self._item(item, scope, top=top)

    def _item(self, item: Item, scope: Scope, *, top: bool) -> None:
        assert isinstance(item.key, Str)
        name = item.key.value
        new = snake(name)
        if new != name:
            key = item.key.inner
            if item.shorthand:
                self.place.edit(key.start, key.start, self.text, f"{new}: ")
            else:
                self.place.edit(key.start, key.end, self.text, new)
        if top and self.typed and name in self.request.beyond:
            self.place.edit(item.span.start, item.span.start, self.text, "...{ ")
            self.place.edit(item.span.end, item.span.end, self.text, " }")
        if name in self.request.open:
            return
        if name in self.request.deep or isinstance(item.value, (Obj, Seq)):
            self._deep(item.value, scope, content=name in ("content", "toolChoice"))

    def _deep(self, node: Node, scope: Scope, *, content: bool = False) -> None:
        """A value that is made of keys: its parts are rewritten where they stand; where they stand elsewhere only a person knows."""
        match node:
            case Obj():
                self._object(node, scope)
            case Seq(items=items):
                for part in items:
                    self._deep(part, scope)
            case Alt(parts=parts):
                for part in parts:
                    self._deep(part, scope, content=content)
            case Other(children=parts, kind=kind) if kind != "jsx":
                values = (
                    parts[-1:]
                    if kind == "and"
                    else [part for part in parts if not (isinstance(part, Other) and part.kind == "type")]
                )
                for part in values:
                    self._deep(part, scope, content=content)
            case Call(args=args) if made := [arg.value for arg in args if isinstance(arg.value, Func)]:
                for func in made:
                    for value in returns(func):
                        self._deep(value, self.file.scopes.scope_of(func))
            case Str() | Join() | Const():
                pass
            case _ if content:
                pass  # a text, as far as can be seen
            case Name(id=name):
                self._named(node, name, scope)
            case _:
                self._loose(node)

    def _named(self, node: Name, name: str, scope: Scope) -> None:
        """A list or object with a name: where it is made, and what is put into it."""
        bindings = scope.lookup(name)
        values = [binding.value for binding in bindings if binding.value is not None]
        inner = [value for value in values if isinstance(value, (Obj, Seq, Call, Alt)) and _within(self.file, value)]
        if bindings and len(inner) == len(bindings):
            before = len(self.place.edits)
            for value in inner:
                self._deep(value, bindings[0].scope)
            for call in _pushes(self.file, name):
                for arg in call.args:
                    self._deep(arg.value, bindings[0].scope)
            if len(self.place.edits) == before:
                return
            if any(binding.exported for binding in bindings):
                self.place.refuse(f"`{name}` is exported, and others may want its keys as they are")
            return
        annotation = next((binding.annotation for binding in bindings if binding.annotation is not None), None)
        if annotation is not None and self._is_known_type(annotation, scope):
            return
        self._loose(node)

    def _is_known_type(self, annotation: Node, scope: Scope) -> bool:
        """Is it declared here what a parameter may hold, and is all of that sent as it is by both classes?"""
        names = [part.id for part in _names(annotation)]
        kinds = [name for name in names if name not in ("Array", "ReadonlyArray")]
        declared = [binding.cls for name in kinds for binding in scope.lookup(name) if binding.cls is not None]
        if not kinds or len(declared) != len(kinds):
            return False
        fields = [part.targets[0] for cls in declared for part in cls.body if isinstance(part, Assign) and part.targets]
        words = {field.id for field in fields if isinstance(field, Name)}
        return bool(words) and all(word in self.request.keys and snake(word) == word for word in words)

    def _loose(self, node: Node) -> None:
        told = re.sub(r"\s+", " ", self.text[slice(*node.span)])[:40]
        self.place.doubt(
            f"what `{told}` (line {self.line(node)}) holds cannot be seen here: the SDK sends only the fields it knows, the OpenAI client all"
        )

    def _options(self, node: Node) -> None:
        """The second argument."""
        if not isinstance(node, Obj):
            self.place.refuse("the options of the call are not written out where it is called")
            return
        for item in node.items:
            name = self._key(item)
            if name not in self.method.arguments:
                self.place.refuse(
                    f"`{name or '...'}` (line {self.line(item)}) is an option of the call that is not proved to mean the same"
                )
            elif (new := self.method.arguments[name]) != name and item.key is not None:
                if item.shorthand:
                    self.place.edit(item.span.start, item.span.start, self.text, f"{new}: ")
                else:
                    self.place.edit(item.key.span.start, item.key.span.end, self.text, new)


def rewritten(file: ParsedFile, use: Use) -> Part:
    """A call of a method as a call of the one that takes its place."""
    assert use.method is not None
    place = Part(path=use.path, span=use.call.span)
    typed = is_typed(use.path)
    _Writer(file, use.method, place, use.method.request or Request(), typed).call(use)
    return place


def _indent(text: str, offset: int) -> str:
    line = text.rfind("\n", 0, offset) + 1
    return text[line : line + len(text[line:]) - len(text[line:].lstrip(" \t"))]


def _within(file: ParsedFile, node: Node) -> bool:
    """Does a node stand in this file?"""
    return any(node is other for other in descendants(file.module))


def _pushes(file: ParsedFile, name: str) -> list[Call]:
    """`messages.push({ … })`."""
    return [
        node
        for node in descendants(file.module)
        if isinstance(node, Call)
        and isinstance(node.func, Attr)
        and node.func.name in ("push", "unshift")
        and isinstance(node.func.base, Name)
        and node.func.base.id == name
    ]


def _names(node: Node) -> list[Name]:
    """The names in an annotation."""
    if isinstance(node, Name):
        return [node]
    if isinstance(node, (Other, Class)):
        return [name for child in children(node) if isinstance(child, (Name, Other)) for name in _names(child)]
    return []

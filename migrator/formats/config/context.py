"""A configuration file while its variables are being looked for: the tree's accessors, with aliases followed and merges done."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.interpolation import Dialect, View, verbatim
from migrator.formats.tree import EnvDef, EnvRef, Item, Node, Obj, Seq, Str, Unreadable
from migrator.model import Source, Span
from migrator.records import dataclass, field


@dataclass(slots=True, kw_only=True)
class Document:
    """One configuration file while it is being read."""

    source: Source
    language: str
    dialect: Dialect
    views: dict[int, View] = field(default_factory=dict)
    """By identity of the node: how a scalar reads whose text is not what it says."""
    targets: dict[int, Node] = field(default_factory=dict)
    """By identity of an `Other("alias")`: what it stands for."""
    variables: list[Node] = field(default_factory=list)
    shells: list[Node] = field(default_factory=list)
    seen: set[tuple[Span, str]] = field(default_factory=set)
    budget: int = 5_000_000
    """Entries that may still be looked at, aliases followed."""
    seal: str = ""
    """Owner of everything in a document that only its own tool may write."""

    def remember(self, node: Node, view: View) -> None:
        """Keep the view of a scalar that cannot be made again from the node."""
        if not (isinstance(node, Str) and node.exact):
            self.views[id(node)] = view

    def view(self, node: Node) -> View | None:
        """How a scalar reads; None for what is not one."""
        if id(node) in self.views:
            return self.views[id(node)]
        match node:
            case Str(inner=inner, exact=True):
                return verbatim(self.source.text, *inner)
            case _:
                return None

    def follow(self, node: Node) -> Node:
        """What an alias stands for; any other node itself."""
        return self.targets.get(id(node), node)

    def fields(self, node: Node | None) -> Iterator[Item]:
        """Entries of a mapping with those that it merges in; nothing for other nodes. Raises `Unreadable` for an alias bomb."""
        pending = [] if node is None else [self.follow(node)]
        met: set[int] = set()
        while pending:
            mapping = pending.pop()
            if not isinstance(mapping, Obj) or id(mapping) in met:
                continue
            met.add(id(mapping))
            for item in mapping.items:
                self.budget -= 1
                if item.key is not None:
                    yield item
                    continue
                spread = self.follow(item.value)
                pending += [self.follow(part) for part in spread.items] if isinstance(spread, Seq) else [spread]
            if self.budget < 0:
                raise Unreadable(0, "its aliases stand for more entries than a configuration has")

    def get(self, node: Node | None, *names: str) -> Node | None:
        """The value of the first of `names` that a mapping has."""
        for name in names:
            for item in self.fields(node):
                if isinstance(item.key, Str) and item.key.value == name:
                    return self.follow(item.value)
        return None

    def entries(self, node: Node | None) -> Iterator[tuple[str, Node, Item]]:
        """Key, value and entry of each named entry of a mapping."""
        for item in self.fields(node):
            if isinstance(item.key, Str):
                yield item.key.value, self.follow(item.value), item

    def elements(self, node: Node | None) -> tuple[Node, ...]:
        """Elements of a sequence; nothing for other nodes."""
        node = None if node is None else self.follow(node)
        return tuple(self.follow(element) for element in node.items) if isinstance(node, Seq) else ()

    def text(self, node: Node | None) -> str:
        """A scalar as it reads, "" for what is not one."""
        view = None if node is None else self.view(node)
        if view is not None:
            return view.text
        return node.value if isinstance(node, Str) else ""

    def define(self, span: Span, name: str, name_span: Span, value: Node | None, how: str, owner: str = "") -> None:
        """Note a definition; the same entry reached twice under one owner is one."""
        owner = self.seal or owner
        if (name_span, owner) in self.seen:
            return
        self.seen.add((name_span, owner))
        self.variables.append(EnvDef(span, name, name_span, value, how, owner=owner))

    def refer(self, span: Span, name: str, name_span: Span, how: str, owner: str = "") -> None:
        """Note a reference that no interpolation shows."""
        if (name_span, "ref " + how) not in self.seen:
            self.seen.add((name_span, "ref " + how))
            self.variables.append(EnvRef(span, name, name_span, how, owner=owner))

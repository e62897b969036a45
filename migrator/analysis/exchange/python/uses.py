"""Where an object goes after it is made: the calls on it, and the replies they give. What leaves sight is said, with its place."""

from __future__ import annotations

from migrator.analysis.exchange.paths import node_paths
from migrator.analysis.exchange.python.mentions import uses_of, uses_of_member
from migrator.formats.tree import Alt, Assign, Attr, Call, Compare, Func, If, Index, Name, Node, Other, Return
from migrator.records import dataclass, field
from migrator.resolve.context import Identity, NodePath, source_name
from migrator.resolve.modules import local_module
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

MOST = 400
"""Steps that one object is followed; a program with more uses of one client is left to a person."""
_TESTED = ("and", "not", "paren")


@dataclass(slots=True, kw_only=True)
class Uses:
    """What is done with an object."""

    calls: list[tuple[str, NodePath, str]] = field(default_factory=list)
    """Path of the file, the call, and the chain of names between the object and it: `chat.send`."""
    members: list[tuple[str, NodePath, str]] = field(default_factory=list)
    """Path, end of the chain, and the chain, where it is no call."""
    lost: list[tuple[str, NodePath]] = field(default_factory=list)
    """Where it goes on out of sight."""
    entered: list[tuple[str, NodePath]] = field(default_factory=list)
    """`with` statements that it is given to."""


class Follower:
    """Follows one object through names, attributes of `self`, functions that give it back, and imports of other files."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.uses = Uses()
        self._seen: set[Identity] = set()

    def follow(self, path: str, made: NodePath) -> Uses:
        """Everything that is done with the value of an expression."""
        self._value(path, made)
        return self.uses

    def _value(self, path: str, step: NodePath) -> None:
        key = step.identity
        if key in self._seen:
            return
        self._seen.add(key)
        if len(self._seen) > MOST:
            self.uses.lost.append((path, step))
            return
        up = step.up
        match up.node if up is not None else None:
            case Attr(base=base) if base is step.node and up is not None:
                self._member(path, up)
            case Other(kind="await" | "paren") | Alt() if up is not None:
                self._value(path, up)
            case Assign(value=value, targets=(target,)) if value is step.node and up is not None:
                around = up.up.node if up.up is not None else None
                if isinstance(around, Other) and around.kind == "with" and up.up is not None:
                    self.uses.entered.append((path, up.up))
                self._named(path, target, up.scope, up)
            case Other(kind="with") if up is not None:
                self.uses.entered.append((path, up))
            case Return() if up is not None:
                self._returned(path, up)
            case Compare() | If():
                pass
            case Other(kind=kind) if kind in _TESTED:
                pass
            case None:
                pass
            case _:
                self.uses.lost.append((path, step))

    def _member(self, path: str, step: NodePath) -> None:
        """`client.chat.send(…)`: the chain of names to its end."""
        names = [step.node.name] if isinstance(step.node, Attr) else []
        while step.up is not None and isinstance(step.up.node, Attr) and step.up.node.base is step.node:
            step = step.up
            assert isinstance(step.node, Attr)
            names.append(step.node.name)
        if step.up is not None and isinstance(step.up.node, Call) and step.up.node.func is step.node:
            self.uses.calls.append((path, step.up, ".".join(names)))
        else:
            self.uses.members.append((path, step, ".".join(names)))

    def _named(self, path: str, target: Node, scope: Scope, step: NodePath) -> None:
        file = self.repository.files[path]
        match target:
            case Name(id=name):
                holder = scope.module() if name in scope.outer else scope
                for use in uses_of(file, name, holder):
                    self._value(path, use)
                if holder.parent is None:
                    self._imported(path, name)
            case Attr(base=Name(id="self" | "cls"), name=name):
                owner = scope.enclosing_class()
                if owner is None:
                    self.uses.lost.append((path, step))
                    return
                for use in uses_of_member(file, name, owner):
                    self._value(path, use)
                self._of_other_objects(name)
            case _:
                self.uses.lost.append((path, step))

    def _of_other_objects(self, name: str) -> None:
        """`bot.client.chat…`: the object as the attribute of something else than `self`, in any file."""
        for other, file in sorted(self.repository.files.items()):
            if file.module.language != "python" or f".{name}." not in file.source.text:
                continue
            for step in node_paths(file):
                node = step.node
                if isinstance(node, Attr) and node.name == name and source_name(node.base) not in ("self", "cls"):
                    head = step.up.node.name if step.up is not None and isinstance(step.up.node, Attr) else ""
                    if head == "chat":
                        self.uses.lost.append((other, step))

    def _returned(self, path: str, step: NodePath) -> None:
        """A function that gives the object back: what its calls give is the object too."""
        function = next((around for around in step.ancestors() if isinstance(around.node, Func)), None)
        if function is None or not isinstance(function.node, Func) or not function.node.name or function.node.decorators:
            self.uses.lost.append((path, step))
            return
        if function.scope.parent is not None:  # a method
            self.uses.lost.append((path, step))
            return
        name = function.node.name
        for use in uses_of(self.repository.files[path], name, function.scope):
            self._called(path, use)
        self._imported(path, name, called=True)

    def _called(self, path: str, use: NodePath) -> None:
        if use.up is not None and isinstance(use.up.node, Call) and use.up.node.func is use.node:
            self._value(path, use.up)
        else:
            self.uses.lost.append((path, use))

    def _imported(self, path: str, name: str, *, called: bool = False) -> None:
        """The same name in files that import it."""
        for other, file in sorted(self.repository.files.items()):
            if other == path or file.module.language != "python":
                continue
            for bindings in [scope.names for scope in (file.scopes.root, *file.scopes.opened.values())]:
                for local, entries in bindings.items():
                    for binding in entries:
                        node = binding.imported
                        if node is None or node.name != name or local_module(self.repository, other, node.module) != path:
                            continue
                        for use in uses_of(file, local, binding.scope):
                            if called:
                                self._called(other, use)
                            else:
                                self._value(other, use)


def reply_fields(repository: Repository, path: str, call: NodePath) -> tuple[set[str], list[tuple[str, NodePath]]]:
    """The names of fields that are read from a reply and from its parts, and where it goes on out of sight."""
    reader = _Reply(repository, path)
    reader.value(call)
    return reader.fields, reader.lost


class _Reply:
    """Follows a reply through its fields, names and loops in one file."""

    def __init__(self, repository: Repository, path: str) -> None:
        self.file = repository.files[path]
        self.path = path
        self.fields: set[str] = set()
        self.lost: list[tuple[str, NodePath]] = []
        self._seen: set[Identity] = set()

    def value(self, step: NodePath, *, leaf: bool = False) -> None:
        if step.identity in self._seen:
            return
        self._seen.add(step.identity)
        up = step.up
        match up.node if up is not None else None:
            case Attr(base=base, name=name) if base is step.node and up is not None:
                self.fields.add(name)
                self.value(up, leaf=name in LEAVES)
            case Index(base=base) if base is step.node and up is not None:
                self.value(up, leaf=leaf)
            case Other(kind="await" | "paren") if up is not None:
                self.value(up, leaf=leaf)
            case Assign(value=value, targets=(Name(id=name),)) if value is step.node and up is not None:
                if not leaf:
                    for use in uses_of(self.file, name, up.scope):
                        self.value(use)
            case Compare() | If() | None | Other(kind="and" | "not" | "with" | "for"):
                pass
            case Alt() if up is not None and not leaf:
                self.value(up)
            case _ if not leaf:
                self.lost.append((self.path, step))


LEAVES = frozenset((
    "content", "role", "finish_reason", "id", "arguments", "prompt_tokens", "completion_tokens", "total_tokens", "model", "created",
    "index", "refusal", "type", "name",
))  # fmt: skip
"""Fields whose values are plain texts and numbers: whoever is given one sees no difference."""

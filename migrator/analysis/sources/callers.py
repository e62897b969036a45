"""What callers give a parameter: the arguments of every call in this tree that reaches the function or constructor it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from migrator.discover import path_kinds
from migrator.facts.model import Facts
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Class, Func, Item, Name, Node, Obj, Other, Param, Str, children
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.resolve.context import NodePath, last_name
from migrator.resolve.definitions import class_of, functions
from migrator.resolve.follow import follow
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

_CONSTRUCTORS = ("__init__", "constructor", "__post_init__", "initialize", "init", "__construct")
_RECEIVERS = ("self", "cls", "this")
_DECODED = regex(
    r"\b(?:Codable|Decodable|Serializable|Deserialize|DataContract|DataMember|JsonProperty\w*|SerializedName|JsonClass|ConfigurationProperties|FromRow"
    r"|fromJson)\b|`[^`\n]*\b(?:json|yaml|toml|env|mapstructure|db|koanf):"
)
"""What says that instances of a class are made from a file, a reply or the environment."""
MOST_CALLS = 40
"""Calls of one function that are looked at: a function that is called more often is given the same thing in most of them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The function a parameter belongs to, and the class around it."""

    func: Func
    owner: Class | None
    path: str
    given_name: str = ""
    """What a function without a name of its own is assigned to: `send` of `const send = async (key) => …`."""

    @property
    def called_as(self) -> str:
        """The last word of a callee that reaches it."""
        return self.owner.name if self.owner is not None and self.constructs else self.func.name or self.given_name

    @property
    def constructs(self) -> bool:
        """Is it a constructor: by its name, or by its class's, as in Java and Dart?"""
        return self.owner is not None and (self.func.name in _CONSTRUCTORS or self.func.name == self.owner.name)


@dataclass(frozen=True, slots=True)
class Given:
    """What the callers in this tree give a parameter."""

    values: tuple[tuple[Node, Scope], ...] = ()
    calls: int = 0
    """How many calls were found; some may leave the parameter to its default."""
    at: tuple[int, ...] = ()
    """The `id` of the call that each value is given in."""


@dataclass(slots=True)
class Callers:
    """An index over all calls of the files that were read, made when the first parameter is asked about."""

    repository: Repository
    facts: Mapping[str, Facts]
    # by the `id` of a parameter: whatever follows a value hands over the very node, and a node knows no path
    _owners: dict[int, Owner] | None = None
    _calls: dict[str, list[NodePath]] = field(default_factory=dict)
    _known: dict[int, Given] = field(default_factory=dict)

    def owner(self, param: Param) -> Owner | None:
        """The function that has this parameter."""
        return self._index().get(id(param))

    def _index(self) -> dict[int, Owner]:
        if self._owners is None:
            self._owners = {}
            for path, file in self.repository.files.items():
                for func, around, name in _functions(file.module.body):
                    for part in func.params:
                        self._owners[id(part)] = Owner(func, around, path, name)
            for facts in self.facts.values():
                for call in facts.calls:
                    assert isinstance(call.node, Call)
                    self._calls.setdefault(last_name(call.node.func), []).append(call)
        return self._owners

    def given(self, param: Param) -> Given:
        """The arguments for this parameter, in the order of the files."""
        if id(param) not in self._known:
            owner = self.owner(param)
            self._known[id(param)] = Given() if owner is None else self._look_up(owner, param)
        return self._known[id(param)]

    def makers(self, holder: Scope, name: str) -> Given | None:
        """What a field of a class is given where instances of it are made, in all files; None where something else may set it too.

        `class Client(private val apiKey: String)` in Kotlin, `Client{APIKey: key}` in Go, `Client(apiKey: key)` in Swift.
        """
        self._index()
        if self._is_filled_elsewhere(holder, name):
            return None
        values: list[tuple[Node, Scope]] = []
        at: list[int] = []
        fields = field_names(holder)
        calls = self._calls.get(holder.name, [])
        program = [call for call in calls if not path_kinds.is_test(call.scope.path) and not call.in_test_module]
        for call in (program or calls)[:MOST_CALLS]:
            assert isinstance(call.node, Call)
            made = class_of(self.repository, call.node.func, call.scope)
            if made is None or made.node is not holder.node:
                continue
            positional = [arg for arg in call.node.args if arg.name is None]
            index = fields.index(name) if name in fields else len(positional)
            given = next((arg for arg in call.node.args if arg.name == name), None)
            if given is None and index < len(positional) and not any(arg.star for arg in positional[: index + 1]):
                given = positional[index]
            if given is None:
                return None  # `Client{}`, whose fields are set by something that is not seen
            values.append((given.value, call.scope))
            at.append(id(call.node))
        return Given(tuple(values), len(values), tuple(at))

    def _is_filled_elsewhere(self, holder: Scope, name: str) -> bool:
        """May a field get its value by an assignment in another file, or from what is decoded into the class?"""
        word = re.escape(holder.name)
        decoded = re.compile(rf"<{word}\??>|\b{word}(?:\.class|::class|\.self)\b|\bvar \w+ \*?(?:\w+\.)?{word}\b")
        assigned = re.compile(rf"(?<!\bself)(?<!\bthis)\.{re.escape(name)}\s*=(?!=)")
        language = holder.module().language
        for path, file in self.repository.files.items():
            text = file.source.text
            if file.module.language != language:
                continue
            if decoded.search(text) or (path != holder.path and assigned.search(text) and self._may_set(path, holder, name)):
                return True
        own, node = self.repository.files.get(holder.path), holder.node
        return (
            own is None
            or node is None
            or _DECODED.search(own.source.text, max(0, node.span.start - 200), node.span.end) is not None
        )

    def _may_set(self, path: str, holder: Scope, name: str) -> bool:
        """Does a file set a field of this name of something that may be an instance of the class, and is none of another one?"""
        stores = self.facts[path].stores if path in self.facts else ()
        bases = [
            (target.base, store.scope)
            for store in stores
            if isinstance(store.node, Assign)
            for target in store.node.targets
            if isinstance(target, Attr) and target.name == name
        ]
        for base, scope in bases:
            owners = follow(self.repository, base, scope)
            if not owners or any(value.inner is None or value.inner.node is holder.node for value in owners):
                return True
        return not bases

    def calls(self, param: Param) -> list[tuple[NodePath, Node | None]]:
        """Every call that reaches the function of a parameter, with the argument for it; None where the call leaves it out."""
        owner = self.owner(param)
        if owner is None:
            return []
        return [(call, _argument(call.node, owner.func, param)) for call in self._reaching(owner) if isinstance(call.node, Call)]

    def _reaching(self, owner: Owner) -> list[NodePath]:
        return [call for call in self._calls.get(owner.called_as, ()) if self._reaches(call, owner)][:MOST_CALLS]

    def _look_up(self, owner: Owner, param: Param) -> Given:
        values: list[tuple[Node, Scope]] = []
        at: list[int] = []
        strangers = 0
        reached = self._reaching(owner)
        for call in reached:
            assert isinstance(call.node, Call)
            argument = _argument(call.node, owner.func, param)
            if argument is not None:
                values.append((argument, call.scope))
                at.append(id(call.node))
            elif (
                param.default is None and not any(arg.star for arg in call.node.args) and call.scope.module().language in LANGUAGES
            ):
                strangers += 1  # `HashMap::new()` is no call of `Client::new(key)`
        return Given(tuple(values), len(reached) - strangers, tuple(at))

    def _reaches(self, call: NodePath, owner: Owner) -> bool:
        assert isinstance(call.node, Call)
        func = call.node.func
        if owner.owner is not None and owner.constructs:
            scope = class_of(self.repository, func, call.scope)
            return scope is None or scope.node is owner.owner or _inherits(scope, owner.owner.name)
        known = functions(self.repository, func, call.scope)
        if known:
            return any(func_known is owner.func for func_known, _ in known)
        # a method of something that cannot be followed: the name has to do, and the class's where one is written
        if owner.owner is None or not isinstance(func, Attr):
            return False
        written = last_name(func.base)
        return not written[:1].isupper() or written in (owner.owner.name, "Self") or call.scope.module().language not in LANGUAGES


def field_names(holder: Scope) -> list[str]:
    """The fields of a class in the order in which it lists them."""
    body = holder.node.body if isinstance(holder.node, Class) else ()
    return [
        part.targets[0].id
        for part in body
        if isinstance(part, Assign) and part.annotation is not None and part.targets and isinstance(part.targets[0], Name)
    ]


def _inherits(scope: Scope, name: str) -> bool:
    return any(last_name(base.value) == name for base in scope.bases)


def _functions(nodes: Iterable[Node | Arg | Item | Param]) -> Iterator[tuple[Func, Class | None, str]]:
    """Every function with the class around it and what it is assigned to, itself or as the argument of a call: `send = useCallback(…)`."""
    pending: list[tuple[Node | Arg | Item | Param, Class | None, str]] = [(node, None, "") for node in nodes]
    while pending:
        node, owner, name = pending.pop()
        if isinstance(node, Func):
            yield node, owner, name
        inner = node if isinstance(node, Class) else owner
        if isinstance(node, Assign):
            name = last_name(node.targets[0]) if len(node.targets) == 1 else ""
        elif isinstance(node, Item):
            name = node.key.value if isinstance(node.key, Str) else ""
        elif not isinstance(node, Call | Arg | Other):
            name = ""
        pending += [(child, inner, name) for child in children(node) if not isinstance(child, (Str, Name))]


def _argument(call: Call, func: Func, param: Param) -> Node | None:
    """What a call gives a parameter; None where it leaves it out."""
    for arg in call.args:
        if arg.name == param.name and not arg.star:
            return arg.value
    params = [part for part in func.params if part.name not in _RECEIVERS]
    index = next((number for number, part in enumerate(params) if part is param), None)
    positional = [arg for arg in call.args if arg.name is None and not arg.star]
    if index is not None and index < len(positional):
        return positional[index].value
    return None


def picked_by(param: Param, name: str) -> str:
    """The entry that a parameter which is taken apart gives a name: `key` for `k` of `({ key: k = "x" })`; "" for any other parameter."""
    for item in param.pattern.items if isinstance(param.pattern, Obj) else ():
        target = item.value.parts[0] if isinstance(item.value, Alt) and item.value.parts else item.value
        if isinstance(target, Name) and target.id == name and isinstance(item.key, Str):
            return item.key.value
    return ""


def entries_of(repository: Repository, argument: Node, scope: Scope, key: str) -> list[tuple[Node, Scope]] | None:
    """What an options object has under a key, or the argument itself where no key is asked for; None where it cannot be seen."""
    if not key:
        return [(argument, scope)]
    known = [(argument, scope)] if isinstance(argument, Obj) else list(objects(repository, argument, scope))
    if not known:
        return None
    parts: list[tuple[Node, Scope]] = []
    for obj, inner in known:
        for item, where in entries(repository, obj, inner):
            if item.key is None:
                return None  # something is spread that is not seen
            if isinstance(item.key, Str) and item.key.value == key:
                parts.append((item.value, where))
    return parts


def given_in(
    repository: Repository, callers: Callers, param: Param, entry: str, call: NodePath
) -> tuple[Node | None, tuple[Origin, ...]]:
    """What one call gives a parameter, or the entry `entry` of it: the argument, and where its value comes from; else the default."""
    argument = next((argument for other, argument in callers.calls(param) if other is call), None)
    if argument is not None:
        parts = entries_of(repository, argument, call.scope, entry)
        if parts is None:
            return None, (
                Origin(kind=From.UNKNOWN, path=call.scope.path, name="an option of the call", node=argument, scope=call.scope),
            )
        found = tuple(origin for part, scope in parts for origin in origins(repository, part, scope))
        return (parts[0][0] if len(parts) == 1 else None), found
    owner = callers.owner(param)
    file = repository.files.get(owner.path) if owner is not None else None
    if file is None or param.default is None:
        return None, ()
    return None, origins(repository, param.default, file.scopes.root)


def entry_of(argument: Node, key: str) -> Node | None:
    """`key` of an options object that stands as an argument."""
    for item in argument.items if isinstance(argument, Obj) else ():
        if isinstance(item.key, Str) and item.key.value == key:
            return item.value
    return None

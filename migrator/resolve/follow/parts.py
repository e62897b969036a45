"""Members of one type that are written in several files: Rust's `impl`, Swift's `extension`, C#'s `partial class`.

A part sees the fields of the type and what they are given, whichever file they stand in. `client.rs` with `impl Client { … self.base_url … }`
would otherwise send requests to an address that nobody finds.
"""

from __future__ import annotations

from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Func, Item, Name, Node, Param, Str, children
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.definitions import class_of
from migrator.resolve.follow import ask
from migrator.resolve.follow.classes import is_record
from migrator.resolve.modules import local_module
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Binding, Scope, ScopeKind

_IN_PARTS = frozenset(("rust", "swift", "csharp"))


def share(repository: Repository, file: ParsedFile) -> None:
    """Let each part of a type in this file see the members that its other parts have in other files."""
    if file.module.language not in _IN_PARTS:
        return
    for scope in list(file.scopes.opened.values()):
        if scope.kind is not ScopeKind.CLASS or not scope.name or not isinstance(scope.node, Class) or scope.node.kind != "class":
            continue
        for other in _elsewhere(repository, file, scope):
            for name, bindings in other.names.items():
                scope.names.setdefault(name, bindings)


def _elsewhere(repository: Repository, file: ParsedFile, part: Scope) -> list[Scope]:
    """The scopes of the same type in other files."""
    root = file.scopes.root
    bindings: list[Binding] = list(root.beyond(part.name)) if root.beyond is not None else []
    for binding in root.names.get(part.name, ()):
        imported = binding.imported
        if imported is not None and imported.name is not None:
            path = local_module(repository, file.path, imported.module)
            other = repository.file(path) if path is not None else None
            bindings += other.scopes.root.names.get(imported.name, []) if other is not None else []
    found = []
    for binding in bindings:
        other = repository.files.get(binding.scope.path)
        inner = other.scopes.opened_by(binding.cls) if other is not None and binding.cls is not None else None
        if inner is not None and inner is not part:
            found.append(inner)
    return found


_ROUTING = regex(r"(?i)provider|data_?collection|allow_?fallbacks|\bzdr\b|max_?price|transforms")
_WITH_HEADS = frozenset(("java", "kotlin", "csharp"))


def name_components(repository: Repository, file: ParsedFile) -> None:
    """Give the arguments of a record's constructor the names of its components: `new Provider(List.of("azure"), "deny")`.

    A body of records says under which names its values are sent nowhere but in the head of the class.
    """
    if file.module.language not in _WITH_HEADS or not _ROUTING.search(file.source.text):
        return
    stack: list[tuple[Node | Arg | Item | Param, Scope]] = [(node, file.scopes.root) for node in file.module.body]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, Call) and node.args and isinstance(node.func, Name | Attr) and last_name(node.func)[:1].isupper():
            _name(repository, node, scope)
        if isinstance(node, Func | Class):
            scope = file.scopes.opened_by(node, scope)
        stack += [(child, scope) for child in children(node) if not isinstance(child, Str)]


def _name(repository: Repository, call: Call, scope: Scope) -> None:
    if any(arg.name is not None or arg.star for arg in call.args):
        return
    holder = class_of(repository, call.func, scope)
    if holder is None or not isinstance(holder.node, Class) or not is_record(ask(repository), holder):
        return
    names = [
        part.targets[0].id
        for part in holder.node.body
        if isinstance(part, Assign) and part.annotation is not None and part.targets and isinstance(part.targets[0], Name)
    ]
    for arg, name in zip(call.args, names, strict=False):
        arg.name = name

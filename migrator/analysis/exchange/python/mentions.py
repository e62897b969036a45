"""Every place of a file that names something, with the way that leads to it: imports of a package, and what their names are used for."""

from __future__ import annotations

from migrator.analysis.exchange.paths import node_paths
from migrator.formats.tree import Attr, Import, Name
from migrator.model import Span
from migrator.records import dataclass
from migrator.resolve.context import NodePath
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Binding, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name, or a chain of attributes on one, that an import brought."""

    node_path: NodePath
    """The longest chain that has a counterpart; the name alone where none has."""
    imported: Import
    qualified: str
    """`openrouter.errors.OpenRouterError`."""


def imports_of(file: ParsedFile, package: str) -> list[Import]:
    """The imports of a package and of what is in it."""
    nodes = (step.node for step in node_paths(file) if isinstance(step.node, Import))
    return [node for node in nodes if node.module == package or node.module.startswith(f"{package}.")]


def names_of(file: ParsedFile, package: str, known: frozenset[str]) -> list[Mention]:
    """Where the names that imports of a package brought are used."""
    mentions = []
    for step in node_paths(file):
        node = step.node
        if not isinstance(node, Name):
            continue
        binding = _last(step.scope.lookup(node.id))
        imported = binding.imported if binding is not None else None
        if imported is None or not (imported.module == package or imported.module.startswith(f"{package}.")):
            continue
        mentions.append(_chain(step, imported, known))
    return mentions


def _last(bindings: list[Binding]) -> Binding | None:
    return bindings[-1] if bindings else None


def _chain(step: NodePath, imported: Import, known: frozenset[str]) -> Mention:
    """The chain of attributes on a name up to the first that is known."""
    name = imported.module if imported.name is None else f"{imported.module}.{imported.name}"
    first = Mention(node_path=step, imported=imported, qualified=name)
    while name not in known and step.up is not None and isinstance(step.up.node, Attr) and step.up.node.base is step.node:
        step = step.up
        assert isinstance(step.node, Attr)
        name = f"{name}.{step.node.name}"
    return Mention(node_path=step, imported=imported, qualified=name) if name in known else first


def uses_of(file: ParsedFile, name: str, binding_scope: Scope) -> list[NodePath]:
    """Where a name that is bound in a scope is read."""
    bindings = binding_scope.names.get(name)
    return [
        step
        for step in node_paths(file)
        if isinstance(step.node, Name) and step.node.id == name and not is_target(step) and step.scope.lookup(name) is bindings
    ]


def uses_of_member(file: ParsedFile, name: str, owner: Scope) -> list[NodePath]:
    """Where `self.name` of a class is read."""
    return [
        step
        for step in node_paths(file)
        if isinstance(step.node, Attr)
        and step.node.name == name
        and isinstance(step.node.base, Name)
        and step.node.base.id in ("self", "cls")
        and step.scope.enclosing_class() is owner
        and not is_target(step)
    ]


def is_target(step: NodePath) -> bool:
    """Is this what an assignment gives a value to?"""
    return step.up is not None and any(step.node is target for target in getattr(step.up.node, "targets", ()))


def span_of(step: NodePath) -> Span:
    """Where a mention stands."""
    return Span(*step.node.span)

"""Where the clients of a class are used: calls of methods that are known, and everything else that is done with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.analysis.exchange.paths import node_paths
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Compare, If, Import, Item, Name, Other, Return
from migrator.integrations.exchange import Exchange, Method
from migrator.resolve.context import NodePath, source_name
from migrator.resolve.definitions import qualified_names
from migrator.resolve.repository import ParsedFile, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place where a client is used."""

    path: str
    node_path: NodePath
    method: Method | None = None
    """The method that is called; None for anything else, for which `problem` says what it is."""
    problem: str = ""

    @property
    def call(self) -> Call:
        """The call of the method."""
        assert isinstance(self.node_path.node, Call)
        return self.node_path.node


def uses(repository: Repository, file: ParsedFile, exchange: Exchange) -> Iterator[Use]:
    """All uses of the class's clients in one file."""
    instance = f"{exchange.old}()"
    methods = {f"{instance}.{method.old}": method for method in exchange.methods}
    endings = {method.old.rpartition(".")[2] for method in exchange.methods}
    for node_path in node_paths(file):
        node = node_path.node
        around = node_path.up.node if node_path.up is not None else None
        if not isinstance(node, (Name, Attr, Call)) or (isinstance(around, Attr) and around.base is node):
            continue
        func = node.func if isinstance(node, Call) else node
        if isinstance(node, Call) and not isinstance(func, Attr):
            if _is_instance(repository, node_path, instance) and (problem := _handed_on(node_path, file)):
                yield Use(path=file.path, node_path=node_path, problem=problem)
            continue
        if isinstance(around, Call) and around.func is node:
            continue  # looked at together with its call
        names = qualified_names(repository, func, node_path.scope)
        if isinstance(node, Call) and (method := next((methods[name] for name in names if name in methods), None)):
            yield Use(path=file.path, node_path=node_path, method=method)
        elif member := next((name for name in names if name.startswith(f"{instance}.") and name.count("()") == 1), None):
            told = member.removeprefix(f"{instance}.")
            yield Use(path=file.path, node_path=node_path, problem=f"`{told}` has no counterpart that is proved")
        elif instance in names and (problem := _handed_on(node_path, file)):
            yield Use(path=file.path, node_path=node_path, problem=problem)
        elif isinstance(node, Call) and not names and isinstance(func, Attr) and func.name in endings:
            written = source_name(func)
            if any(written.endswith(f".{method.old}") for method in exchange.methods):
                yield Use(
                    path=file.path, node_path=node_path, problem=f"where the client of `{written}` comes from cannot be followed"
                )


def _is_instance(repository: Repository, node_path: NodePath, instance: str) -> bool:
    node = node_path.node
    return isinstance(node, Call) and instance in qualified_names(repository, node, node_path.scope)


def _handed_on(node_path: NodePath, file: ParsedFile) -> str:
    """Does a client go where its uses are not seen? What is said of it; "" where it does not."""
    child = node_path.node
    for step in node_path.ancestors():
        node = step.node
        match node:
            case Assign() | Return() | If() | Compare() | Import():
                return ""
            case Alt() | Other():
                if isinstance(node, Other) and node.kind == "jsx":
                    break
                child = node
            case Arg() | Item():
                break
            case Call(func=func) if func is child:
                return ""
            case _:
                return ""
    else:
        return ""
    text = file.source.text[slice(*node_path.node.span)]
    return f"the client `{text.split('(')[0]}` is handed on to where its uses are not seen"

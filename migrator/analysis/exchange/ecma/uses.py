"""Where the clients of a class are used: calls of methods that are known, and everything else that is done with them."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.exchange.paths import node_paths
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Compare, If, Import, Item, Name, Node, Other, Return
from migrator.integrations.exchange import Exchange, Method
from migrator.records import dataclass
from migrator.resolve.context import NodePath, source_name
from migrator.resolve.definitions import functions, qualified_names
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope, dotted


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
            if _is_instance(repository, node_path, instance) and (problem := _handed_on(repository, node_path, file, exchange)):
                yield Use(path=file.path, node_path=node_path, problem=problem)
            continue
        if isinstance(around, Call) and around.func is node:
            continue  # looked at together with its call
        names = qualified_names(repository, func, node_path.scope) or _of_parameter(repository, func, node_path.scope, exchange)
        if isinstance(node, Call) and (method := next((methods[name] for name in names if name in methods), None)):
            yield Use(path=file.path, node_path=node_path, method=method)
        elif member := next((name for name in names if name.startswith(f"{instance}.") and name.count("()") == 1), None):
            told = member.removeprefix(f"{instance}.")
            yield Use(path=file.path, node_path=node_path, problem=f"`{told}` has no counterpart that is proved")
        elif instance in names and (problem := _handed_on(repository, node_path, file, exchange)):
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


def _of_parameter(repository: Repository, node: Node, scope: Scope, exchange: Exchange) -> tuple[str, ...]:
    """What a parameter with the class for its type, or something reached from it, is called; nothing for what is none."""
    rest: list[str] = []
    while isinstance(node, Attr):
        rest.insert(0, node.name)
        node = node.base
    opened: Scope | None = scope
    while opened is not None and not (isinstance(node, Name) and node.id in opened.names):
        opened = opened.parent
    if opened is None or not isinstance(node, Name) or not _is_own(opened):
        return ()
    given = [binding.param for binding in opened.names[node.id]]
    if not all(param is not None and _is_class(repository, param.annotation, opened, exchange) for param in given):
        return ()
    return (".".join((f"{exchange.old}()", *rest)),)


def _is_class(repository: Repository, annotation: Node | None, scope: Scope, exchange: Exchange) -> bool:
    """Is a type the class?"""
    while isinstance(annotation, Other) and annotation.kind == "type" and len(annotation.children) == 1:
        child = annotation.children[0]
        annotation = child if isinstance(child, Name | Attr | Other) else None
    return isinstance(annotation, Name | Attr) and (
        dotted(annotation, scope) == exchange.old or exchange.old in qualified_names(repository, annotation, scope)
    )


def _is_taken(repository: Repository, step: NodePath, exchange: Exchange) -> bool:
    """Is an argument given to functions of this tree whose parameter has the class for its type, so that its uses there are seen?"""
    call = step.up.node if step.up is not None else None
    if not isinstance(call, Call) or not isinstance(step.node, Arg) or any(arg.star for arg in call.args):
        return False
    at = next(index for index, arg in enumerate(call.args) if arg is step.node)
    taking = functions(repository, call.func, step.scope)
    return bool(taking) and all(
        at < len(func.params)
        and inner.path == step.scope.path
        and _is_own(inner)
        and _is_class(repository, func.params[at].annotation, inner, exchange)
        for func, inner in taking
    )


def _is_own(opened: Scope) -> bool:
    """Is the function that opens a scope one that no other file can call?"""
    outer = opened.parent
    made = [] if outer is None else [binding for bindings in outer.names.values() for binding in bindings]
    named = [
        binding for binding in made if opened.node is not None and (binding.func is opened.node or binding.value is opened.node)
    ]
    return bool(named) and not any(binding.exported for binding in named)


def _handed_on(repository: Repository, node_path: NodePath, file: ParsedFile, exchange: Exchange) -> str:
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
            case Arg() if _is_taken(repository, step, exchange):
                return ""
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

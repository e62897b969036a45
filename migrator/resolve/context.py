"""What a literal is doing where it stands: a value, a comparison, a message, a key. Decided from the nodes around it, once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache

from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Compare,
    EnvDef,
    EnvRef,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Other,
    Param,
    Raise,
    Return,
    Seq,
    Str,
)
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.scopes import Scope

Identity = tuple[str, Span, str]
"""Path, span, and a name where one span may have several facts or nodes of a sort."""


def identity_of(path: str, node: Node | Arg | Item | Param) -> Identity:
    """What tells a node from all others of the tree: where it stands, and its sort."""
    return path, node.span, type(node).__name__


@dataclass(slots=True, eq=False)
class NodePath:
    """A node with the way that leads to it."""

    node: Node | Arg | Item | Param
    up: NodePath | None
    scope: Scope

    @property
    def identity(self) -> Identity:
        """What tells the node from all others of the tree."""
        return identity_of(self.scope.path, self.node)

    @property
    def in_test_module(self) -> bool:
        """Does the node stand in a module that is built for tests alone, inside of a file of the program (Rust's `#[cfg(test)]`)?"""
        return any(isinstance(step.node, Class) and step.node.kind == "tests" for step in self.ancestors())

    def ancestors(self) -> Iterator[NodePath]:
        """From the parent to the module's body."""
        node_path = self.up
        while node_path is not None:
            yield node_path
            node_path = node_path.up


class LiteralRole(StrEnum):
    """The role of a literal."""

    VALUE = "value"
    """Assigned, returned, a default, an entry of a mapping, an argument by name."""
    ARGUMENT = "argument"
    """An argument of a call by position."""
    MESSAGE = "message"
    """Text for people: logged, printed, raised, shown."""
    COMPARE = "compare"
    """Compared with, searched for, matched against."""
    ASSERTION = "assertion"
    KEY = "key"
    """The key of an entry or a subscript."""
    LIST = "list"
    """A member of a list."""
    TYPE = "type"
    STATEMENT = "statement"
    """Stands alone: a docstring."""


_COMPARING = regex(
    r"^(startswith|startsWith|endswith|endsWith|includes|indexOf|match|matches|fullmatch|test|search|contains|has|find|findall|replace|replaceAll"
    r"|removeprefix|removesuffix|strip_prefix|sub|compile|RegExp|split|count|index|lstrip|toContain|toMatch|equals|isEqual)$"
)
_ASSERTING = regex(
    r"^(assert\w*|expect|toBe|toEqual|toStrictEqual|toHaveBeenCalledWith|toHaveBeenLastCalledWith|toHaveProperty|toThrow|toHaveBeenNthCalledWith|strictEqual|deepEqual)$"
)
_SAYING = regex(
    r"^(print|pprint|rprint|log|debug|info|warn|warning|error|exception|critical|fatal|trace|success|notice|echo|secho|fail|abort|exit|toast|alert|confirm"
    r"|skip|skipif|skipIf|xfail|importorskip|write_line|markdown|caption|write|print_error|print_warning|log_error|log_info|log_warning|display|Markdown"
    r"|describe|it|header|subheader|title|text|input|getpass|prompt|Panel|ask|bail|die|usage|add_row|print_json|rule|notify|showToast|message|status_update"
    r"|puts|println|eprintln|eprint|writeln|printf|fprintf|Print(f|ln)?|Fprint(f|ln)?|Errorf?|Fatal(f|ln)?|Panicf?|panic|anyhow|debugPrint"
    r"|Infof?|Warnf?|Debugf?|WriteLine|error_log|LogError|LogInformation|LogWarning|severe|fatalError|assertionFailure|NSLog)$"
)
_SAYING_OBJECT = regex(
    r"(^|\.)(console|logger|logging|log|toast|st|click|typer|rich|sys\.stderr|sys\.stdout|process\.stderr|process\.stdout|core|vscode\.window)\.?$"
)
_TEXT_KEY = regex(
    r"^(help|description|desc|message|msg|label|placeholder|detail|details|reason|text|hint|error|tooltip|summary|prompt|href|alt|caption|epilog|usage"
    r"|instructions?|note|notes|docs?|documentation|docs_url|helpUrl|help_url|examples?|subtitle|heading|helperText|errorMessage|title|links?|homepage|aria-label)$",
    re.IGNORECASE,
)
_ERROR = regex(r"(Error|Exception|Exit|Warning|HTTPException|Abort)$")


def last_name(func: Node) -> str:
    """The last word of a callee: `post` of `requests.post`; "" where there is none."""
    # without patterns: every call of every file comes through here several times
    if isinstance(func, Attr):
        return func.name
    if isinstance(func, Name):
        return func.id
    return last_name(func.func) if isinstance(func, Call) else ""


def source_name(node: Node) -> str:
    """An expression of names as it is written (`self.client.post`), unresolved; "" for others."""
    match node:
        case Name(id=name):
            return name
        case Attr(base=base, name=name):
            return f"{source_name(base)}.{name}"
        case Call(func=func):
            return source_name(func)
        case _:
            return ""


def is_message_call(call: Call) -> bool:
    """Does this call only tell people something?"""
    name = last_name(call.func)
    if not _may_say(name):
        return False
    if _ERROR.search(name) or isinstance(call.func, Name):
        return True
    base = source_name(call.func)[: -len(name) - 1]
    if name in ("get", "post", "match", "text", "input", "write", "title", "rule", "exit"):
        return bool(_SAYING_OBJECT.search(base))
    return True


@lru_cache(1 << 12)
def _may_say(name: str) -> bool:
    return _ERROR.search(name) is not None or _SAYING.match(name) is not None


_MAKING = frozenset(
    (
        "URL", "Request", "urlparse", "urljoin", "urlsplit", "replace", "format", "append", "push", "getenv", "get", "default", "field", "setdefault",
        "set", "add", "str", "String", "quote", "rstrip",
    )
)  # fmt: skip
"""Callees that only keep an address, or make something else of it."""


def sends_nothing(call: Call) -> bool:
    """Is a call that is given an address certainly no request to it, and not handed to one?"""
    return last_name(call.func) in _MAKING or is_message_call(call)


_WRAPPERS = frozenset(
    ("format", "strip", "rstrip", "join", "trim", "String", "str", "URL", "urljoin", "SecretStr", "dedent", "lower", "encode")
)
"""Calls whose result stands for their argument."""
_TEXT_NAME = regex(r"(_|^)(help|message|msg|description|usage|docs?|text|prompt|error)$", re.IGNORECASE)


def _of_attribute(node: Other) -> LiteralRole:
    """The role of an attribute of JSX: a value of a component, or text."""
    first = node.children[0] if node.children else None
    is_value = isinstance(first, Str) and first.value not in ("src", "to", "url", "icon", "name", "id", "key")
    return LiteralRole.VALUE if is_value and isinstance(first, Str) and not _TEXT_KEY.match(first.value) else LiteralRole.MESSAGE


def _of_assignment(targets: Sequence[Node]) -> LiteralRole:
    """The role of a value by the name that it is given."""
    name = source_name(targets[0]).rpartition(".")[2] if targets else ""
    return LiteralRole.MESSAGE if _TEXT_KEY.match(name) or _TEXT_NAME.search(name) else LiteralRole.VALUE


def place_of(node_path: NodePath) -> LiteralRole:
    """The role of the literal at the end of a node_path."""
    child: Node | Arg | Item | Param = node_path.node
    through_list = False
    for step in node_path.ancestors():
        node = step.node
        match node:
            case Join() | Alt():
                if isinstance(node, Alt) and node.test is child:
                    return LiteralRole.COMPARE
            case Arg(name=name):
                if name is not None and _TEXT_KEY.match(name):
                    return LiteralRole.MESSAGE
            case Item(key=key):
                if key is child:
                    return LiteralRole.KEY
                if isinstance(key, Str) and _TEXT_KEY.match(key.value):
                    return LiteralRole.MESSAGE
                return _in_message(step, LiteralRole.LIST if through_list else LiteralRole.VALUE)
            case Seq():
                through_list = True
            case Compare():
                return LiteralRole.COMPARE
            case Raise():
                return LiteralRole.MESSAGE
            case Index():
                return LiteralRole.KEY
            case Attr():
                pass
            case Call():
                name = last_name(node.func)
                if _ASSERTING.match(name):
                    return LiteralRole.ASSERTION
                if _COMPARING.match(name) and isinstance(node.func, Attr | Name):
                    return LiteralRole.COMPARE
                if is_message_call(node):
                    return LiteralRole.MESSAGE
                if isinstance(child, Arg) and child.name is not None:
                    return _in_message(step, LiteralRole.VALUE)
                if name in _WRAPPERS:
                    child = node
                    continue
                return _in_message(step, LiteralRole.LIST if through_list else LiteralRole.ARGUMENT)
            case Other(kind="assert"):
                return LiteralRole.ASSERTION
            case Other(kind="jsx-attribute"):
                return _of_attribute(node)
            case Other(kind="jsx"):
                return LiteralRole.MESSAGE
            case Other(kind="type"):
                return LiteralRole.TYPE
            case Assign(targets=targets):
                return LiteralRole.LIST if through_list else _of_assignment(targets)
            case Return() | Param() | EnvDef() | EnvRef():
                return LiteralRole.LIST if through_list else LiteralRole.VALUE
            case Func() | Class():
                return LiteralRole.STATEMENT
            case _:
                pass
        child = node
    return LiteralRole.LIST if through_list else LiteralRole.VALUE if isinstance(node_path.up, NodePath) else LiteralRole.STATEMENT


def _in_message(node_path: NodePath, otherwise: LiteralRole) -> LiteralRole:
    """An entry or argument inside a call that only tells people something is a message too; not what gives a result that is used."""
    for step in node_path.ancestors():
        match step.node:
            case Attr() | Index() | Other(kind="await"):
                return otherwise
            case Raise():
                return LiteralRole.MESSAGE
            case Call() as call:
                return LiteralRole.MESSAGE if is_message_call(call) else otherwise
            case Func() | Class() | Assign() | Return():
                return otherwise
            case _:
                pass
    return otherwise


def key_of(node_path: NodePath) -> str:
    """The name of what is given this value."""
    for step in node_path.ancestors():
        match step.node:
            case Item(key=Str(value=name)):
                return name
            case Arg(name=str(name)):
                return name
            case Param(name=name):
                return name
            case EnvDef(name=name):
                return name
            case Assign(targets=targets) if targets:
                return source_name(targets[0]) or (
                    targets[0].key.value if isinstance(targets[0], Index) and isinstance(targets[0].key, Str) else ""
                )
            case Func() | Class():
                return ""
            case _:
                pass
    return ""

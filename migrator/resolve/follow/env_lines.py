"""A value that a program takes out of a line of an env file by itself, by the name at the line's beginning.

`if line.startswith("X="): key = line.split("=", 1)[1]`, `re.search(r"X=(.*)", text).group(1)`, `text.match(/^X=(.*)$/m)[1]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Attr, Call, Class, Const, Func, If, Index, Item, Name, Node, Param, Str, calls_in, children
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.environment import is_variable
from migrator.resolve.follow.question import Question
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.scopes import Scope

_TAKING = frozenset({"split", "rsplit", "partition", "removeprefix", "replace", "slice", "substring", "substr", "replaceAll"})
"""Methods that give what stands behind the name."""
_CUTTING = frozenset({"slice", "substring", "substr"})
_BEGINS = frozenset({"startswith", "startsWith"})
_SEARCHING = frozenset({"search", "match", "exec", "findall", "fullmatch"})
_LINE = regex(r"(?:export\s+)?([A-Z][A-Z0-9_]+)\s*=?\s*")
_PATTERN = regex(r"(?<![A-Z0-9_])([A-Z][A-Z0-9_]+)(?:\\s\*)?=")


def from_line(question: Question, node: Call | Index, scope: Scope) -> Value | None:
    """The variable whose line an expression takes a part of; None for every other expression."""
    literal = _asked(question, node, scope) or _searched(node, scope)
    if literal is None:
        return None
    text = literal.value if isinstance(literal, Str) else literal.text if isinstance(literal, Const) else ""
    match = _LINE.fullmatch(text) or _PATTERN.search(text)
    return Value(kind=Kind.VARIABLE, node=literal, scope=scope, name=match[1]) if match is not None else None


def _asked(question: Question, node: Call | Index, scope: Scope) -> Str | None:
    """The name that the line was asked for in the `if` around the expression."""
    line = _line(node)
    file = question.repository.files.get(scope.path)
    if line is None or file is None:
        return None
    body = scope.node.body if isinstance(scope.node, Func) else file.module.body
    for test in _tests(body, node):
        for call in calls_in(test):
            subject = call.func.base if isinstance(call.func, Attr) else None
            while isinstance(subject, Call) and isinstance(subject.func, Attr):  # line.strip().startswith(…)
                subject = subject.func.base
            if last_name(call.func) in _BEGINS and isinstance(subject, Name) and subject.id == line and call.args:
                first = call.args[0].value
                if isinstance(first, Str) and (match := _LINE.fullmatch(first.value)) is not None and is_variable(match[1]):
                    return first
    return None


def _line(node: Node) -> str | None:
    """The name of the line that `line.split("=", 1)[1]` and `line.removeprefix("X=")` take apart."""
    if isinstance(node, Index):
        if isinstance(node.base, Call):
            return _line(node.base)
        return node.base.id if isinstance(node.base, Name) and not _counts(node.key) else None
    if not isinstance(node, Call) or not isinstance(node.func, Attr) or node.func.name not in _TAKING:
        return None
    if node.func.name in _CUTTING and any(_counts(arg.value) for arg in node.args):
        return None
    base = node.func.base
    while isinstance(base, Call) and isinstance(base.func, Attr):
        base = base.func.base
    return base.id if isinstance(base, Name) else None


def _counts(node: Node | Arg | Item | Param) -> bool:
    """`line[19:]`: a number that fits the length of the old name alone."""
    return (isinstance(node, Const) and node.text.isdecimal() and node.text != "0") or any(map(_counts, children(node)))


def _tests(nodes: tuple[Node, ...], inside: Node) -> Iterator[Node]:
    """The conditions under which an expression is reached, from the outside in."""
    pending: list[Node | Arg | Item | Param] = list(nodes)
    while pending:
        node = pending.pop()
        if not (node.span.start <= inside.span.start and inside.span.end <= node.span.end) or isinstance(node, Func | Class):
            continue
        if isinstance(node, If) and any(part.span.start <= inside.span.start < part.span.end for part in node.body):
            yield node.test
        pending += children(node)


def _searched(node: Call | Index, scope: Scope) -> Node | None:
    """The pattern that was searched for, where it names one variable: `re.search(r"X=(.*)", text).group(1)`, `text.match(/X=(.*)/)[1]`."""
    if isinstance(node, Index):
        source: Node = node.base
    elif isinstance(node.func, Attr) and node.func.name == "group":
        source = node.func.base
    else:
        return None
    if isinstance(source, Name):
        bindings = scope.lookup(source.id)
        value = bindings[-1].value if bindings else None
        source = value if value is not None else source
    if not isinstance(source, Call) or last_name(source.func) not in _SEARCHING:
        return None
    patterns: list[Node] = [arg.value for arg in source.args if isinstance(arg.value, Str | Const)]
    if isinstance(source.func, Attr):
        patterns.append(source.func.base)
    for pattern in patterns:
        text = pattern.value if isinstance(pattern, Str) else pattern.text if isinstance(pattern, Const) else ""
        names = [name for name in _PATTERN.findall(text) if is_variable(name)]
        if len(names) == 1:
            return pattern
    return None

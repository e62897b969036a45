"""Token counts that a program reads from a stream without asking for them: OpenRouter sends them all the same, others do not."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, Facts
from migrator.findings.flags import flag
from migrator.formats.tree import Arg, Call, Const, Item, Node, Obj, Param, Str
from migrator.model import Category

_ASKING = ("include_usage", "includeUsage")
_BODY = frozenset(("model", "messages"))


def streamed_usage(s: Analysis) -> None:
    """Said at the first place of a function that reads them; nothing where any program of the tree asks."""
    reads = [mark for one in s.facts.values() for mark in one.marked(FactKind.STREAMED_USAGE) if s.code(mark.path)]
    if not reads or any(_asks(s, path) for path in s.facts):
        return
    streams = list(_streams(s))
    said: set[int] = set()
    for mark in reads:
        assert mark.node_path is not None, "usage is read in an expression"
        if id(mark.node_path.scope) in said:
            continue
        near = {mark.path} | s.imported(mark.path)
        asked = next((place for path, place in streams if path in near), None)
        if asked is not None and not s.crowded(mark.path):
            because = f"a stream carries no usage elsewhere unless stream_options asks for it with include_usage: add it to {asked}"
            message = "token counts are read from a stream that does not ask for them"
            said.add(id(mark.node_path.scope))
            flag(s, "streamed-usage", mark.path, mark.span, Category.RESPONSE_FIELD, message, because)


def _asks(s: Analysis, path: str) -> bool:
    text = s.repository.files[path].source.text
    return s.language(path) in PROGRAMS and any(word in text for word in _ASKING)


def _streams(s: Analysis) -> Iterator[tuple[str, str]]:
    """Files that talk to OpenRouter and send a request that streams, with the place of the first."""
    for path in sorted(filter(s.code, s.talking)):
        starts = list(_requests(s.facts[path]))
        if starts:
            yield path, f"{path}:{s.repository.files[path].lines.line(min(starts))}"


def _requests(one: Facts) -> Iterator[int]:
    for node_path in (*one.objects, *one.calls):
        parts = dict(_entries(node_path.node))
        if _BODY & set(parts) and _on(parts.get("stream")):
            yield node_path.node.span.start


def _entries(node: Node | Arg | Item | Param) -> Iterator[tuple[str, Node]]:
    """Named parts of an object, or named arguments of a call."""
    match node:
        case Obj(items=items):
            yield from ((item.key.value, item.value) for item in items if isinstance(item.key, Str))
        case Call(args=args):
            yield from ((arg.name, arg.value) for arg in args if arg.name is not None)
        case _:
            pass


def _on(node: Node | None) -> bool:
    return node is not None and not (isinstance(node, Const) and node.text.lower() in ("false", "none", "null", "undefined"))

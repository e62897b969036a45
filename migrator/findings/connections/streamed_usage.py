"""streamed-usage: token counts that a program reads from a stream without asking for them: OpenRouter sends them all the same, others do not."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, Facts
from migrator.facts.response_fields import STREAMING
from migrator.findings.flags import flagged
from migrator.findings.terms import keys_of, move_of_connection
from migrator.formats.tree import Arg, Attr, Call, Const, Item, Node, Obj, Param, Str
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.patterns import regex
from migrator.resolve.context import Identity, identity_of, last_name
from migrator.resolve.scopes import Scope

_ASKING = ("include_usage", "includeUsage", "stream_usage", "streamUsage")
_BODY = frozenset(("model", "messages"))


_READ_OF_A_STREAM = regex(r"\bstream(?:Text|Object)\s*\(")
_USAGE = regex(r"\b(?:total)?[uU]sage\b")


def include_usage(analysis: Analysis) -> Iterator[Finding]:
    """`createOpenAICompatible` asks a stream for its token counts only with `includeUsage`: written where somebody reads them."""
    reads = any(_reads_usage_of_a_stream(analysis, path) for path in filter(analysis.code, analysis.facts))
    for connection in analysis.connections if reads else ():
        call, path = connection.fact.call, connection.fact.path
        if last_name(call.func) != "createOpenAICompatible" or not connection.sites or not analysis.code(path):
            continue
        given = next((arg.value for arg in call.args if isinstance(arg.value, Obj) and arg.value.items), None)
        move = move_of_connection(analysis, connection)
        if given is None or move is None or any(_key(item) == "includeUsage" for item in given.items):
            continue
        moving = not move.unsafe or analysis.options.unsafe
        at = given.items[0].span.start
        text = analysis.repository.files[path].source.text
        before = text[text.rfind("\n", 0, at) + 1 : at]
        new = f"includeUsage: true,\n{before}" if not before.strip() else "includeUsage: true, "
        yield Finding(
            rule=RuleId.STREAMED_USAGE,
            path=path,
            span=Span(call.span.start, call.func.span.end),
            category=Category.CLIENT,
            message="this provider asks streams for their token counts from now on (`stream_options.include_usage`)",
            because="the code reads them; OpenRouter sends them unasked, others do not",
            action=Action.REWRITE if moving else Action.FLAG,
            applicability=Applicability.UNSAFE if move.unsafe else Applicability.SAFE,
            edits=(Edit(path=path, span=Span(at, at), old="", new=new),),
            keys=keys_of(move),
        )


def _reads_usage_of_a_stream(analysis: Analysis, path: str) -> bool:
    text = analysis.repository.files[path].source.text
    return (
        ("streamText" in text or "streamObject" in text)
        and analysis.language(path) in PROGRAMS
        and _READ_OF_A_STREAM.search(text) is not None
        and _USAGE.search(text) is not None
    )


def _key(item: Item) -> str:
    return item.key.value if isinstance(item.key, Str) else ""


def streamed_usage(analysis: Analysis) -> Iterator[Finding]:
    """Said at the first place of a function that reads them; nothing where any program of the tree asks."""
    yield from include_usage(analysis)
    reads = [
        mark for facts in analysis.facts.values() for mark in facts.marked(FactKind.STREAMED_USAGE) if analysis.code(mark.path)
    ]
    if not reads or any(_asks(analysis, path) for path in analysis.facts):
        return
    streams = list(_streams(analysis))
    said: set[Identity] = set()
    for mark in reads:
        assert mark.node_path is not None, "usage is read in an expression"
        if (function := _function(mark.node_path.scope)) in said:
            continue
        near = {mark.path} | analysis.imported(mark.path)
        asked = next((place for path, place in streams if path in near), None)
        if asked is not None and not analysis.has_several_providers(mark.path):
            because = (
                "a stream carries no usage elsewhere unless stream_options asks for it with include_usage (stream_usage=True of LangChain's"
                f" models): add it to {asked}"
            )
            message = "token counts are read from a stream that does not ask for them"
            said.add(function)
            yield flagged(RuleId.STREAMED_USAGE, mark.path, mark.span, Category.RESPONSE_FIELD, message, because)


def _function(scope: Scope) -> Identity:
    """The function, class or module around a place."""
    return identity_of(scope.path, scope.node) if scope.node is not None else (scope.path, Span(0, 0), "")


def _asks(analysis: Analysis, path: str) -> bool:
    text = analysis.repository.files[path].source.text
    return analysis.language(path) in PROGRAMS and any(word in text for word in _ASKING)


def _streams(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """Files that talk to OpenRouter and send a request that streams, with the place of the first."""
    for path in sorted(filter(analysis.code, analysis.files_calling_openrouter)):
        starts = list(_requests(analysis.facts[path]))
        if starts:
            yield path, f"{path}:{analysis.repository.files[path].lines.line(min(starts))}"


def _requests(facts: Facts) -> Iterator[int]:
    for node_path in (*facts.objects, *facts.calls):
        parts = dict(_entries(node_path.node))
        if (_BODY & set(parts) and _on(parts.get("stream"))) or (
            isinstance(node_path.node, Call) and isinstance(node_path.node.func, Attr) and node_path.node.func.name in STREAMING
        ):
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

"""Lowering of YAML: from the parser's events, never from loaded data.

Events carry a mark for every scalar and for every alias, cost the same whatever the file does with its aliases, and are put
together here without recursion, so that neither an alias bomb nor deep nesting can hurt. An alias stays a leaf, `Other("alias")`.
Their marks are exact, which is all that a grammar or a round-trip library could add.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import is_shell
from migrator.formats.config.variables import definitions, dialect_of
from migrator.formats.interpolation import Dialect, View, scalar, unescaped, verbatim
from migrator.formats.tree import Const, Item, Module, Node, Obj, Other, Region, RegionKind, Seq, Str, Unreadable
from migrator.model import Source, Span
from migrator.patterns import regex
from migrator.records import dataclass, field

LARGEST = 5_000_000
"""Characters; a YAML file beyond this is data."""
DEEPEST = 200
"""Levels of nesting; what comes later walks the tree recursively."""

_PROPERTY = regex(r"[&!][^\s,\[\]{}]*(?:\s+(?:#[^\r\n]*\s*)*)?")
_STRING_TAG = "tag:yaml.org,2002:str"
_TEMPLATE = regex(r"\{\{|\{%")
_COMMENT = regex(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*", re.MULTILINE)
_FOLD = r"[ \t]*(?:\r\n|\r|\n)[ \t]*(?P<blank>(?:(?:\r\n|\r|\n)[ \t]*)*)"
_PLAIN = regex(_FOLD)
_SINGLE = regex(rf"''|{_FOLD}")
_DOUBLE = regex(
    rf"\\(?:\r\n|\r|\n)[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)*|\\x[0-9A-Fa-f]{{2}}|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}}|\\.|{_FOLD}"
)
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def lower(source: Source) -> Module:
    """The documents of a YAML file, then what they define and read, in text order. Raises `Unreadable`."""
    text = source.text
    if len(text) > LARGEST:
        raise Unreadable(0, f"too large: a YAML file of more than {LARGEST // 1_000_000} MB is not read")
    document = Document(source=source, language="yaml", dialect=dialect_of(source))
    scalars = _Scalars()
    roots = _documents(text, document, scalars)
    nodes = definitions(document, roots)
    return Module(source.path, "yaml", (*roots, *nodes), _regions(text, scalars))


@dataclass(slots=True)
class _Scalars:
    values: list[Span] = field(default_factory=list)
    keys: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    mapping: bool
    start: int
    flow: bool
    anchor: str | None
    hint: str
    """The key under which this collection stands."""
    nodes: list[Node] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    key: Node | None = None
    merge: bool = False


def _documents(text: str, document: Document, scalars: _Scalars) -> tuple[Node, ...]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolver = yaml.resolver.Resolver()
    roots: list[Node] = []
    frames: list[_Frame] = []
    anchors: dict[str, Node] = {}

    def add(node: Node, *, merge: bool = False) -> None:
        if not frames:
            roots.append(node)
            return
        frame = frames[-1]
        if not frame.mapping:
            frame.nodes.append(node)
        elif frame.key is None:
            frame.key, frame.merge = node, merge
        else:
            key, frame.key = frame.key, None
            span = Span(key.span.start, max(key.span.end, node.span.end))
            frame.items.append(Item(span, None if frame.merge else key, node))

    try:
        for event in yaml.parse(text, Loader=loader):
            match event:
                case yaml.DocumentStartEvent():
                    anchors = {}
                case yaml.AliasEvent():
                    alias = Other(Span(_at(event.start_mark), _at(event.end_mark)), "alias", ())
                    if event.anchor in anchors:
                        document.targets[id(alias)] = anchors[event.anchor]
                    add(alias)
                case yaml.ScalarEvent():
                    frame = frames[-1] if frames else None
                    as_key = frame is not None and frame.mapping and frame.key is None
                    node = _scalar(text, event, document, resolver, as_key, _hint(frame))
                    if not isinstance(node, Const):
                        (scalars.keys if as_key else scalars.values).append(node.span)
                    if event.anchor:
                        anchors[event.anchor] = node
                    add(node, merge=as_key and event.value == "<<" and event.implicit[0])
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    if len(frames) >= DEEPEST:
                        raise Unreadable(text.count("\n", 0, _at(event.start_mark)) + 1, f"nested more than {DEEPEST} levels deep")
                    frames.append(_open(text, event, _hint(frames[-1] if frames else None)))
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    frame = frames.pop()
                    closed = _close(frame, _at(event.end_mark))
                    if frame.anchor:
                        anchors[frame.anchor] = closed
                    add(closed)
    except yaml.YAMLError as error:
        raise _refusal(text, error) from None
    except UnicodeError:
        raise Unreadable(0, "not valid YAML: it has bytes that are not UTF-8") from None
    return tuple(roots)


def _refusal(text: str, error: Exception) -> Unreadable:
    """What the parser complains of, without a value of the file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else 0
    problem = getattr(error, "problem", None) or "it has a character that YAML does not allow"
    if "nesting depth" in problem:  # libyaml of PyYAML 6.0.4 has a limit of its own
        return Unreadable(line, f"nested more than {DEEPEST} levels deep")
    template = "; it looks like a template, which is YAML only once rendered" if _TEMPLATE.search(text) else ""
    return Unreadable(line, f"not valid YAML: {problem}{template}")


def _at(mark: Any) -> int:
    """Offset of a mark; the stubs allow for events without one, which the parser never makes."""
    index: int = mark.index
    return index


def _hint(frame: _Frame | None) -> str:
    if frame is None:
        return ""
    if frame.mapping and isinstance(frame.key, Str):
        return frame.key.value
    return frame.hint


def _open(text: str, event: Any, hint: str) -> _Frame:
    from yaml.events import MappingStartEvent

    start = _skip_properties(text, event.start_mark.index, bool(event.anchor or event.tag))
    return _Frame(isinstance(event, MappingStartEvent), start, bool(event.flow_style), event.anchor, hint)


def _close(frame: _Frame, end: int) -> Obj | Seq:
    children: list[Any] = [*frame.items, *frame.nodes]
    if frame.flow or not children:
        span = Span(frame.start, max(frame.start, end if frame.flow else frame.start))
    else:
        # the parser ends a block collection where the next token begins, comments included; and starts a mapping at its first key,
        # but a sequence at its first dash
        span = Span(children[0].span.start if frame.mapping else frame.start, children[-1].span.end)
    return Obj(span, tuple(frame.items)) if frame.mapping else Seq(span, tuple(frame.nodes))


def _skip_properties(text: str, at: int, present: bool) -> int:
    """Past the anchor and the tag, which the marks of an event include."""
    while present and (match := _PROPERTY.match(text, at)):
        at = match.end()
    return at


def _scalar(text: str, event: Any, document: Document, resolver: Any, as_key: bool, hint: str) -> Node:
    import yaml

    start = _skip_properties(text, event.start_mark.index, bool(event.anchor or event.tag))
    end = max(start, event.end_mark.index)
    style = event.style
    if style in ("|", ">"):
        span, inner, view = _block(text, start, end, str(event.value), folded=style == ">")
    elif style in ("'", '"'):
        span, inner = Span(start, end), Span(start + 1, end - 1)
        view = unescaped(text, *inner, _DOUBLE if style == '"' else _SINGLE, _decode)
    else:
        end = start + len(text[start:end].rstrip())
        span = inner = Span(start, end)
        view = unescaped(text, *inner, _PLAIN, _decode)
    value = str(event.value)
    if style not in ("|", ">") and view.text != value:
        view = verbatim(text, *inner)
    if as_key:
        return Str(span, value, inner, exact=text[inner.start : inner.end] == value)
    if event.tag is None and event.implicit[0] and resolver.resolve(yaml.ScalarNode, value, (True, False)) != _STRING_TAG:
        return Const(span, text[span.start : span.end])
    dialect = document.dialect
    if dialect is not Dialect.COMPOSE and is_shell(hint):
        dialect = Dialect.EXPRESSION
    node = scalar(view, span, inner, dialect, value)
    document.remember(node, view)
    return node


def _decode(match: re.Match[str]) -> str:
    whole = match[0]
    if whole == "''":
        return "'"
    if whole[0] != "\\":
        breaks = len(re.findall(r"\r\n|\r|\n", match["blank"]))
        return "\n" * breaks if breaks else " "
    if whole[1] in "\r\n":
        return ""
    if whole[1] in "xuU" and len(whole) > 2:
        return chr(int(whole[2:], 16)) if int(whole[2:], 16) < 0x110000 else whole
    return _ESCAPES.get(whole[1], whole[1])


def _block(text: str, start: int, end: int, value: str, *, folded: bool) -> tuple[Span, Span, View]:
    """A block scalar: its span, the raw text below its indicator, and the text as read but for what ends its last line."""
    header = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?").match(text, start)
    top = min(header.end() if header else end, end)
    bottom = max(top, start + len(text[start:end].rstrip()))
    raw = text[top:bottom]
    first = next((line for line in re.split(r"\r\n|\r|\n", raw) if line.strip()), "")
    shown = next((line for line in value.split("\n") if line.strip()), "")
    indent = max(0, (len(first) - len(first.lstrip(" "))) - (len(shown) - len(shown.lstrip(" "))))
    lines = re.compile(rf"\A {{0,{indent}}}|(?P<end>\r\n|\r|\n) {{0,{indent}}}(?=(?P<next>[ \t\r\n]?))")

    def read(match: re.Match[str]) -> str:
        if match["end"] is None:
            return ""
        if not folded or match["next"]:
            return "\n"
        begin = raw.rfind("\n", 0, match.start()) + 1 + indent
        return "\n" if raw[begin : begin + 1] in (" ", "\t", "\n", "\r", "") else " "

    return Span(start, bottom), Span(top, bottom), unescaped(text, top, bottom, lines, read)


def _regions(text: str, scalars: _Scalars) -> tuple[Region, ...]:
    """Comments are what begins with a `#` outside every scalar."""
    taken = sorted((*scalars.values, *scalars.keys))
    starts = [span.start for span in taken]
    regions = [Region(span, RegionKind.STRING) for span in scalars.values if span.end > span.start]
    at = 0
    while match := _COMMENT.search(text, at):
        index = bisect_right(starts, match.start()) - 1
        if index >= 0 and match.start() < taken[index].end:
            at = taken[index].end
            continue
        regions.append(Region(Span(*match.span()), RegionKind.COMMENT))
        at = match.end()
    return tuple(sorted(regions, key=lambda region: region.span))

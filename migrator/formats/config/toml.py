"""Lowering of TOML: `tomllib` decides whether it is valid, a scanner of our own says where things stand.

The scanner may therefore be plain: it never meets a syntax error. Tables are put together as the data is, whatever order the file
has them in, so the span of a table is the smallest that holds all of its parts. tree-sitter-toml 0.7.0 in its place would save a
seventh of the time, but refuses one of twelve valid files of tomllib's own tests (blanks behind the backslash of a long string).
"""

from __future__ import annotations

import re
import tomllib

from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import is_shell
from migrator.formats.config.variables import definitions
from migrator.formats.interpolation import Dialect, View, scalar, unescaped
from migrator.formats.tree import Const, Item, Join, Module, Node, Obj, Region, RegionKind, Seq, Str, Unreadable
from migrator.model import Source, Span
from migrator.patterns import regex
from migrator.records import dataclass, field

LARGEST = 5_000_000
"""Characters; a TOML file beyond this is data."""
DEEPEST = 200
"""Levels of nesting; what comes later walks the tree recursively."""

_BLANK = regex(r"[ \t\r\n]*")
_SPACE = regex(r"[ \t]*")
_COMMENT = regex(r"#[^\r\n]*")
_BARE = regex(r"[A-Za-z0-9_-]+")
_DOTTED = regex(rf"(?<![\w.-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
"""A dotted key of too many parts, for which tomllib takes time and memory by their square."""
_LITERAL = regex(r"[^\s,\]}#=]+(?: [0-9][^\s,\]}#=]*)?")
_BASIC = regex(r'"((?:[^"\\\r\n]|\\.)*)"')
_BASIC_LONG = regex(r'"""(?:\r?\n)?((?:[^"\\]|\\.|"(?!""))*"{0,2})"""', re.DOTALL)
_EXACT = regex(r"'([^'\r\n]*)'")
_EXACT_LONG = regex(r"'''(?:\r?\n)?((?:[^']|'(?!''))*'{0,2})'''")
_ESCAPE = regex(r"\\[ \t]*\r?\n\s*|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\.|\r\n")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_WHERE = regex(r" ?\((?:at line (?P<line>\d+), column \d+|at end of document)\)")


def lower(source: Source) -> Module:
    """The table that a TOML file is, then what it defines and reads, in text order. Raises `Unreadable`."""
    text = source.text
    if len(text) > LARGEST:
        raise Unreadable(0, f"too large: a TOML file of more than {LARGEST // 1_000_000} MB is not read")
    _deep_enough(text)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = _WHERE.search(str(error))
        line = int(where["line"]) if where and where["line"] else text.count("\n") + 1
        # the complaint of the parser may quote a value, so only its kind is repeated
        problem = re.sub(r"['\"].*", "", _WHERE.sub("", str(error)), flags=re.DOTALL).strip(" :") or "syntax error"
        raise Unreadable(line, f"not valid TOML: {problem}") from None
    except RecursionError:
        raise Unreadable(0, f"nested more than {DEEPEST} levels deep") from None
    document = Document(source=source, language="toml", dialect=Dialect.PLACEHOLDER)
    regions: list[Region] = []
    root = _Scanner(text, document, regions).scan()
    _shallow_enough(root)
    nodes = definitions(document, (root,))
    return Module(source.path, "toml", (root, *nodes), tuple(sorted(regions, key=lambda region: region.span)))


def _deep_enough(text: str) -> None:
    """Refuse what nests beyond reason before a recursive parser meets it; brackets and dots in strings only make it stricter."""
    depth = 0
    if match := _DOTTED.search(text):
        raise Unreadable(text.count("\n", 0, match.start()) + 1, f"nested more than {DEEPEST} levels deep")
    for match in re.finditer(r"[\[{\]}]", text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        if depth > DEEPEST:
            raise Unreadable(text.count("\n", 0, match.start()) + 1, f"nested more than {DEEPEST} levels deep")


def _shallow_enough(root: Node) -> None:
    """The same for what dotted keys and brackets nest together."""
    level: list[Node] = [root]
    for _ in range(DEEPEST):
        below: list[Node] = []
        for node in level:
            if isinstance(node, Obj):
                below.extend(item.value for item in node.items)
            elif isinstance(node, Seq):
                below.extend(node.items)
        if not below:
            return
        level = below
    raise Unreadable(0, f"nested more than {DEEPEST} levels deep")


@dataclass(slots=True)
class _Table:
    """A table while its parts are gathered."""

    start: int
    end: int
    entries: dict[str, tuple[Str, Node | _Table | list[_Table]]] = field(default_factory=dict)

    def find(self, name: str) -> Node | _Table | list[_Table] | None:
        return self.entries[name][1] if name in self.entries else None

    def put(self, key: Str, value: Node | _Table | list[_Table]) -> None:
        self.entries[key.value] = (key, value)

    def freeze(self) -> Obj:
        items: list[Item] = []
        for key, value in self.entries.values():
            node: Node
            if isinstance(value, _Table):
                node = value.freeze()
            elif isinstance(value, list):
                node = Seq(Span(value[0].start, value[-1].end), tuple(table.freeze() for table in value))
            else:
                node = value
            items.append(Item(Span(min(key.span.start, node.span.start), max(key.span.end, node.span.end)), key, node))
        return Obj(Span(self.start, self.end), tuple(items))


class _Scanner:
    """One pass over a valid TOML text. A class because position, document and regions are needed in every step."""

    def __init__(self, text: str, document: Document, regions: list[Region]) -> None:
        self.text = text
        self.document = document
        self.regions = regions
        self.at = 0

    def scan(self) -> Obj:
        root = _Table(0, len(self.text))
        path = [root]
        while True:
            self.blank()
            if self.at >= len(self.text):
                return root.freeze()
            start = self.at
            if self.text.startswith("[", start):
                several = self.text.startswith("[[", start)
                self.at += 2 if several else 1
                keys = self.keys()
                self.at += 2 if several else 1
                path = _descend(root, keys, start, self.at, several)
            else:
                keys = self.keys()
                self.assign(path[-1], keys, start)
            for table in path:
                table.end = max(table.end, self.at)

    def assign(self, table: _Table, keys: list[Str], start: int) -> None:
        """`a.b = value`: the cursor stands at the equals sign."""
        self.at += 1
        self.at = self.skip(_SPACE)
        value = self.value(keys[-1].value)
        for key in keys[:-1]:
            below = table.find(key.value)
            if not isinstance(below, _Table):
                below = _Table(start, self.at)
                table.put(key, below)
            below.end = max(below.end, self.at)
            table = below
        table.put(keys[-1], value)

    def keys(self) -> list[Str]:
        """A dotted key; the cursor stands after it and the blanks behind it."""
        strs: list[Str] = []
        while True:
            self.at = self.skip(_SPACE)
            head = self.text[self.at]
            if head in "\"'":
                strs.append(self.string()[0])
            else:
                start = self.at
                self.at = self.skip(_BARE)
                span = Span(start, self.at)
                strs.append(Str(span, self.text[start : self.at], span, exact=True))
            self.at = self.skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return strs
            if len(strs) > DEEPEST:
                raise Unreadable(self.text.count("\n", 0, self.at) + 1, f"nested more than {DEEPEST} levels deep")
            self.at += 1

    def value(self, hint: str) -> Node:
        head = self.text[self.at]
        if head in "\"'":
            return self.string_value(hint)
        start = self.at
        if head == "[":
            self.at += 1
            nodes: list[Node] = []
            while True:
                self.blank()
                if self.text[self.at] == "]":
                    self.at += 1
                    return Seq(Span(start, self.at), tuple(nodes))
                if self.text[self.at] == ",":
                    self.at += 1
                else:
                    nodes.append(self.value(hint))
        if head == "{":
            self.at += 1
            table = _Table(start, start)
            while True:
                self.blank()
                if self.text[self.at] == "}":
                    self.at += 1
                    table.end = self.at
                    return table.freeze()
                if self.text[self.at] == ",":
                    self.at += 1
                else:
                    self.assign(table, self.keys(), self.at)
        self.at = self.skip(_LITERAL)
        return Const(Span(start, self.at), self.text[start : self.at])

    def string_value(self, hint: str) -> Str | Join:
        node, view = self.string()
        self.regions.append(Region(node.span, RegionKind.STRING))
        dialect = Dialect.EXPRESSION if is_shell(hint) else self.document.dialect
        read = scalar(view, node.span, node.inner, dialect)
        self.document.remember(read, view)
        return read

    def string(self) -> tuple[Str, View]:
        start = self.at
        head = self.text[start]
        long = self.text.startswith(head * 3, start)
        pattern = (_BASIC_LONG if long else _BASIC) if head == '"' else (_EXACT_LONG if long else _EXACT)
        match = pattern.match(self.text, start)
        if match is None:  # tomllib has accepted it, so this cannot be; but a wrong span would be worse than a refusal
            raise Unreadable(self.text.count("\n", 0, start) + 1, "a string of this file could not be located")
        self.at = match.end()
        inner = Span(*match.span(1))
        view = unescaped(self.text, *inner, _ESCAPE if head == '"' else _CRLF, _decode)
        return Str(Span(*match.span()), view.text, inner, exact=view.exact(0, len(view.text))), view

    def blank(self) -> None:
        """Past blanks, line ends and comments."""
        while True:
            self.at = self.skip(_BLANK)
            match = _COMMENT.match(self.text, self.at)
            if match is None:
                return
            self.regions.append(Region(Span(*match.span()), RegionKind.COMMENT))
            self.at = match.end()

    def skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        return match.end() if match else self.at


_CRLF = regex(r"\r\n")


def _decode(match: re.Match[str]) -> str:
    escape = match[0]
    if escape == "\r\n":
        return "\n"
    if escape[1] in "uUx" and len(escape) > 2:
        return chr(int(escape[2:], 16))
    if escape[1] in " \t\r\n":
        return ""
    return _ESCAPES.get(escape[1], escape[1])


def _descend(root: _Table, keys: list[Str], start: int, end: int, several: bool) -> list[_Table]:
    """The tables from the root to the one that a header opens."""
    path = [root]
    for index, key in enumerate(keys):
        table = path[-1]
        last = index == len(keys) - 1
        below = table.find(key.value)
        if last and several:
            if not isinstance(below, list):
                below = []
                table.put(key, below)
            below.append(_Table(start, end))
        elif not isinstance(below, _Table | list):
            below = _Table(start, end)
            table.put(key, below)
        path.append(below[-1] if isinstance(below, list) else below)
    return path

"""Bodies that a script has `jq` make: `jq -n --arg p "$1" '{model: "…", messages: [{role: "user", content: $p}], provider: {…}}'`.

The object that a program builds comes back with the spans of the file, so that it is found and edited like a body in JSON. Only the
constructor at the top of a program is read; variables and expressions in it stand for something unknown. No parser of jq is on PyPI but
the bindings of jq itself, which run programs and give no places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from migrator.formats.tree import Call, Const, Item, Join, Name, Node, Obj, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.routing.find.embedded import moved, parts_of

_OPTIONS = {"--arg": 2, "--argjson": 2, "--slurpfile": 2, "--rawfile": 2, "--indent": 1, "-L": 1, "--seq": 0}
"""Options and how many words they take."""
_FROM_FILE = regex(r"-[a-zA-Z]*f|--from-file")
_WORDS = regex(r"\b(?:model|models|messages|provider|transforms|plugins|route)\b\"?\s*:")
_BLANK = regex(r"(?:\s|#[^\n]*)*")
_KEY = regex(r"[A-Za-z_]\w*|\$[A-Za-z_]\w*")
_STRING = regex(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_LITERAL = regex(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b")
_OPENING, _CLOSING = "([{", ")]}"
ASSIGNED = regex(r"\.provider\b(?:\.(?P<name>\w+))?\s*(?:\|=|\+=|\*=|=(?!=))")
"""A filter that sets the provider object of a body or a field of it: `.provider.sort = "price"`."""
_OPTION = regex(r"\b(?:provider|models|transforms|plugins|route)\b")
_TAKEN = regex(r"\.\s*(?:provider|models|transforms|plugins|route)\b|[{,]\s*(?:provider|models|transforms|plugins|route)\s*[,}]")
"""An option that is taken from what a program is given: `{provider: .provider}`, `{model, provider}`."""


class _NotRead(Exception):  # noqa: N818
    """Something that is no plain constructor."""


def programs(call: Call) -> Iterator[Node]:
    """The words of a call of `jq` that are its program."""
    if not isinstance(call.func, Name) or call.func.id.rpartition("/")[2] != "jq":
        return
    skipped = 0
    for arg in call.args:
        word = arg.value.value if isinstance(arg.value, Str) else ""
        if arg.name is not None:
            continue  # a redirection
        if skipped:
            skipped -= 1
        elif word in _OPTIONS:
            skipped = _OPTIONS[word]
        elif not word.startswith("-") or isinstance(arg.value, Join):
            yield arg.value
            return


def file_with_program(call: Call) -> Node | None:
    """The word that names the file of a program: `jq -f body.jq`."""
    if not isinstance(call.func, Name) or call.func.id.rpartition("/")[2] != "jq":
        return None
    words = [arg.value for arg in call.args]
    named = (after for word, after in pairwise(words) if isinstance(word, Str) and _FROM_FILE.fullmatch(word.value))
    return next(named, None)


def touches(node: Node, text: str) -> bool:
    """Does a program read or change options of the body that it is given?"""
    pattern = _OPTION if constructed(node, text) is None else _TAKEN
    return pattern.search(text, node.span.start, node.span.end) is not None


def constructed(node: Node, text: str) -> Obj | None:
    """The object that a program builds; None where it builds none, or does something else too."""
    if not isinstance(node, Str | Join) or not _WORDS.search(text, node.span.start, node.span.end):
        return None
    parts = parts_of(node, text)
    if parts is None:
        return None
    plain, starts, unknown = parts
    try:
        reader = _Reader(plain)
        reader.blank()
        if not plain.startswith("{", reader.at):
            return None
        body = reader.object()
        reader.blank()
    except _NotRead:
        return None
    if reader.at < len(plain):
        return None
    placed = moved(body, starts, unknown)
    return placed if isinstance(placed, Obj) else None


class _Reader:
    """One pass over a program. A class because the position is needed in every step."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def object(self) -> Obj:
        start = self.at
        items: list[Item] = []
        self.at += 1
        while True:
            self.blank()
            if self.text.startswith("}", self.at):
                self.at += 1
                return Obj(Span(start, self.at), tuple(items))
            if items:
                if not self.text.startswith(",", self.at):
                    raise _NotRead
                self.at += 1
                self.blank()
            items.append(self.entry())

    def entry(self) -> Item:
        start = self.at
        key: Node | None = None
        if (match := _STRING.match(self.text, start)) is not None and "\\" not in match[1]:
            key = Str(Span(*match.span()), match[1], Span(*match.span(1)), exact=True)
        elif (match := _KEY.match(self.text, start)) is not None:
            span = Span(*match.span())
            key = Str(span, match[0].removeprefix("$"), span, exact=not match[0].startswith("$"))
        else:
            raise _NotRead
        self.at = match.end()
        self.blank()
        if not self.text.startswith(":", self.at):
            return Item(Span(start, match.end()), key, Join(Span(start, match.end()), ()), shorthand=True)
        self.at += 1
        self.blank()
        value = self.value("}")
        return Item(Span(start, value.span.end), key, value)

    def value(self, end: str) -> Node:
        """A literal where nothing follows it but a comma or the end of what it stands in, else an expression."""
        start = self.at
        try:
            node = self.literal()
            stop = self.at
            self.blank()
            if node is not None and self.text[self.at : self.at + 1] in (",", end):
                self.at = stop
                return node
        except _NotRead:
            pass
        self.at = start
        self.expression(end)
        return Join(Span(start, start + len(self.text[start : self.at].rstrip())), ())

    def literal(self) -> Node | None:
        if self.text.startswith("{", self.at):
            return self.object()
        if self.text.startswith("[", self.at):
            return self.array()
        if (match := _STRING.match(self.text, self.at)) is not None and "\\" not in match[1]:
            self.at = match.end()
            return Str(Span(*match.span()), match[1], Span(*match.span(1)), exact=True)
        if (match := _LITERAL.match(self.text, self.at)) is not None:
            self.at = match.end()
            return Const(Span(*match.span()), match[0])
        return None

    def array(self) -> Seq:
        start = self.at
        parts: list[Node] = []
        self.at += 1
        while True:
            self.blank()
            if self.text.startswith("]", self.at):
                self.at += 1
                return Seq(Span(start, self.at), tuple(parts))
            if parts:
                if not self.text.startswith(",", self.at):
                    raise _NotRead
                self.at += 1
                self.blank()
            parts.append(self.value("]"))

    def expression(self, end: str) -> None:
        """Past an expression, to the comma or bracket that ends it."""
        depth = 0
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == '"':
                match = _STRING.match(self.text, self.at)
                if match is None:
                    raise _NotRead
                self.at = match.end()
                continue
            if not depth and letter in ("," + end):
                return
            depth += letter in _OPENING
            depth -= letter in _CLOSING
            if depth < 0:
                raise _NotRead
            self.at += 1
        raise _NotRead

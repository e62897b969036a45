"""Jupyter notebooks: the code cells are one Python program, written as JSON strings.

The JSON is never rebuilt. Each code cell's text is decoded together with a map from its offsets to those of the file, lowered as
Python, and every place in the tree is carried back through the map; so an edit of a URL or a name changes those characters and
nothing else of the file. Values that nobody needs (outputs run to megabytes) are stepped over by the standard decoder.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from migrator.formats import python
from migrator.formats.tree import (
    Arg,
    Call,
    EnvDef,
    EnvRef,
    Item,
    Join,
    Module,
    Name,
    Node,
    Param,
    Region,
    RegionKind,
    Str,
    Unreadable,
    children,
)
from migrator.model import Source, Span
from migrator.patterns import regex
from migrator.text.source import Lines

_HOW = "notebook-magic"
# `int` refuses numbers of more than 4300 digits; no number matters here
_DECODER = json.JSONDecoder(parse_int=float)
_BLANK = regex(r"[ \t\r\n]*")


def lower(source: Source) -> Module:
    """The tree of all code cells, in order. A cell that is not Python is one of the module's errors. Raises `Unreadable`."""
    text = source.text
    reading = _Reading(text)
    try:
        reading.read()
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise Unreadable(0, "the JSON is too deeply nested to be read safely") from None
    if not reading.known:
        raise Unreadable(1, "not a notebook: the JSON has no list of cells")
    lines = Lines(text)
    cells, regions = reading.codes, reading.regions
    body: list[Node] = []
    errors: list[tuple[int, str]] = []
    if not _is_python(reading.language):
        errors.append((1, f"the notebook's language is {reading.language}; only Python cells are read"))
        cells = []
    for strings in cells:
        cell = _Cell.read(text, strings)
        masked = _mask(cell.code)
        if masked is None:
            continue
        try:
            module = python.lower_text(source.path, masked.code)
        except Unreadable as refusal:
            starts = Lines(cell.code).starts
            line = starts[min(max(refusal.line, 1), len(starts)) - 1]
            errors.append((lines.line(cell.start(line)), refusal.message))
            body_nodes: Iterable[Node] = masked.variables
        else:
            body_nodes = sorted((*module.body, *masked.variables), key=lambda node: node.span)
            regions += (Region(cell.span(region.span), region.kind) for region in module.regions)
        body += body_nodes
        _carry(body_nodes, cell, text)
    regions.sort(key=lambda region: region.span)
    return Module(path=source.path, language="notebook", body=tuple(body), regions=tuple(regions), errors=tuple(errors))


def _is_python(language: str) -> bool:
    return not language or "python" in language.lower()


# --- JSON ------------------------------------------------------------------------------------------------------------------


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The value at `start` and where it ends."""
    return _DECODER.raw_decode(text, start)


def _skip(text: str, start: int) -> int:
    return _decode(text, start)[1]


def _blank(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    return start if match is None else match.end()


def _series(text: str, start: int, closing: str, entry: Callable[[int], int]) -> int:
    """Entries separated by commas, from the opening bracket at `start`; where the closing one ends."""
    at = _blank(text, start + 1)
    if text[at : at + 1] == closing:
        return at + 1
    while True:
        at = _blank(text, entry(at))
        separator = text[at : at + 1]
        if separator == closing:
            return at + 1
        if separator != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = _blank(text, at + 1)


def _elements(text: str, start: int, element: Callable[[int], int]) -> int:
    """Give the start of each element of the array at `start` to `element`, which answers with its end."""
    return _series(text, start, "]", element) if text[start : start + 1] == "[" else _skip(text, start)


def _members(text: str, start: int, wanted: Mapping[str, Callable[[int], int]]) -> int:
    """Give the start of the value of each wanted member of the object at `start` to its function; step over the others."""

    def member(at: int) -> int:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key, at = _decode(text, at)
        at = _blank(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _blank(text, at + 1)
        taken = wanted.get(key)
        return _skip(text, at) if taken is None else taken(at)

    return _series(text, start, "}", member) if text[start : start + 1] == "{" else _skip(text, start)


class _Reading:
    """One pass over a notebook's JSON that keeps what a cell says and where; each method reads a value and returns where it ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.codes: list[list[Span]] = []
        """The string literals (with quotes) of each code cell's source."""
        self.regions: list[Region] = []
        """What is no code."""
        self.language = ""
        self.known = False
        """Are there cells?"""
        self._kind = ""
        self._strings: list[Span] = []
        self._whole = Span(0, 0)

    def read(self) -> None:
        """The whole document. Raises `json.JSONDecodeError`."""
        wanted = {"cells": self.cells, "worksheets": self.sheets, "metadata": self.metadata}
        end = _members(self.text, _blank(self.text, 0), wanted)
        if (rest := _blank(self.text, end)) != len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, rest)

    def recorded(self, start: int) -> int:
        end = _skip(self.text, start)
        if end - start > 2:
            self.regions.append(Region(Span(start, end), RegionKind.OUTPUT))
        return end

    def metadata(self, start: int) -> int:
        value, _ = _decode(self.text, start)
        if isinstance(value, dict):
            for section, key in (("kernelspec", "language"), ("language_info", "name")):
                part = value.get(section)
                if isinstance(part, dict) and isinstance(part.get(key), str):
                    self.language = part[key]
        return self.recorded(start)

    def cells(self, start: int) -> int:
        self.known = self.known or self.text[start : start + 1] == "["
        return _elements(self.text, start, self.cell)

    def sheets(self, start: int) -> int:
        return _elements(self.text, start, lambda at: _members(self.text, at, {"cells": self.cells}))

    def cell(self, start: int) -> int:
        self._kind, self._strings, self._whole = "", [], Span(0, 0)
        wanted = {
            "cell_type": self.cell_type,
            "source": self.source,
            "input": self.source,  # version 3 of the format
            "outputs": self.recorded,
            "metadata": self.recorded,
            "attachments": self.recorded,
        }
        end = _members(self.text, start, wanted)
        if self._kind == "code":
            self.codes.append(self._strings)
        elif self._strings:
            self.regions.append(Region(self._whole, RegionKind.MARKUP))
        return end

    def cell_type(self, start: int) -> int:
        value, end = _decode(self.text, start)
        self._kind = value if isinstance(value, str) else ""
        return end

    def source(self, start: int) -> int:
        # of two members with one name, readers see the last
        self._strings.clear()
        end = _elements(self.text, start, self.string) if self.text[start : start + 1] == "[" else self.string(start)
        self._whole = Span(start, end)
        return end

    def string(self, start: int) -> int:
        end = _skip(self.text, start)
        if self.text[start] == '"':
            self._strings.append(Span(start, end))
        return end


# --- a cell's text and where it stands ---------------------------------------------------------------------------------------

_ESCAPE = regex(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


class _Cell:
    """The text of a cell, and for each stretch of it where that stands in the file."""

    __slots__ = ("_at", "_there", "_width", "code")

    def __init__(self) -> None:
        self.code = ""
        self._at: list[int] = []
        self._there: list[int] = []
        self._width: list[int] = []
        """Characters of the file that one character of the text takes: 1 in plain stretches, more for an escape."""

    @classmethod
    def read(cls, text: str, strings: Iterable[Span]) -> _Cell:
        """Decode the literals (with quotes) that a cell's source is written with."""
        cell = cls()
        pieces: list[str] = []
        size = 0

        def add(piece: str, start: int, width: int) -> None:
            nonlocal size
            if piece:
                cell._at.append(size)
                cell._there.append(start)
                cell._width.append(width)
                pieces.append(piece)
                size += len(piece)

        for start, end in strings:
            done = start + 1
            for match in _ESCAPE.finditer(text, done, end - 1):
                add(text[done : match.start()], done, 1)
                add(json.loads(f'"{match[0]}"'), match.start(), len(match[0]))
                done = match.end()
            add(text[done : end - 1], done, 1)
        cell.code = "".join(pieces)
        return cell

    def start(self, offset: int) -> int:
        """Where the character at `offset` begins in the file."""
        if not self._at:
            return 0
        if offset >= len(self.code):
            return self._end(len(self.code))
        index = bisect_right(self._at, offset) - 1
        return self._there[index] + offset - self._at[index]

    def _end(self, offset: int) -> int:
        """Where the character before `offset` ends in the file."""
        index = bisect_right(self._at, offset - 1) - 1
        return self._there[index] + offset - 1 - self._at[index] + self._width[index]

    def span(self, span: Span) -> Span:
        """The same stretch in the file."""
        start = self.start(span.start)
        return Span(start, self._end(span.end) if span.end > span.start else start)


def _carry(nodes: Iterable[Node], cell: _Cell, text: str) -> None:
    """Move every place in these trees from the cell to the file; each node once, for the subject of a `match` hangs in several places."""
    seen: set[int] = set()
    waiting: list[Node | Arg | Item | Param] = list(nodes)
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for name in ("span", "inner", "name_span", "module_span", "local_span"):
            if (span := getattr(node, name, None)) is not None:
                setattr(node, name, cell.span(span))
        match node:
            case Call():
                node.close = cell.start(node.close)
            case Str():
                node.exact = node.exact and text[node.inner.start : node.inner.end] == node.value
        waiting += children(node)


# --- what IPython adds to Python ---------------------------------------------------------------------------------------------


class _Masked(NamedTuple):
    """A cell's text with what is not Python overwritten by as many characters that are, and the variables that this was about."""

    code: str
    variables: list[Node]


_PYTHON_CELLS = frozenset(("capture", "debug", "memit", "prun", "px", "py", "pypy", "python", "python3", "time", "timeit"))
_TIMED = regex(r"%(?:time|timeit|prun|memit)[ \t]+(?![-\s])")
_CELL_MAGIC = regex(r"\s*%%(\w+)[^\r\n]*")
_MAGIC = regex(
    r"""(?:[ \t]*|[^=\#\r\n'"(]*=[ \t]*(?=[!%]))
        ( %%?[A-Za-z_][^\r\n]*
        | ![^\r\n]*
        | \?\??[\w.*%]+[ \t]*(?=[\r\n]|\Z)
        | %?[\w.*]+\?\??[ \t]*(?=[\r\n]|\Z)
        | (?:pip3?|conda|mamba|uv)[ \t]+(?:install|uninstall|pip|add|list|show|freeze)\b[^\r\n]* )
    """,
    re.VERBOSE,
)
_ENV = regex(r"%(?:set_)?env[ \t]+([A-Za-z_]\w*)(?:(?:[ \t]*=[ \t]*|[ \t]+)(\S.*)|([ \t]*=))?\Z", re.DOTALL)
_VARIABLE = regex(r"\$(\w+)|\{(\w+)\}")
_LINE_END = regex(r"\r?\n|\r")
_VISIBLE = regex(r"[^\r\n]")
_REST = regex(
    r"""( \#[^\r\n]*
        | "{3}(?:[^"\\]|\\.|"(?!""))*(?:"{3}|\\?\Z) | '{3}(?:[^'\\]|\\.|'(?!''))*(?:'{3}|\\?\Z)
        | "(?:[^"\\\r\n]|\\.)*"? | '(?:[^'\\\r\n]|\\.)*'?
        | \\\r?\n )
      | ([(\[{]) | ([)\]}]) | (\r?\n|\r)
    """,
    re.VERBOSE | re.DOTALL,
)


def _mask(code: str) -> _Masked | None:
    """Python of the same length; None for a cell in another language."""
    first = _CELL_MAGIC.match(code)
    if first is not None and first[1] not in _PYTHON_CELLS:
        return None
    pieces: list[str] = []
    variables: list[Node] = []
    done = at = 0
    while at < len(code):
        match = _MAGIC.match(code, at)
        if match is None:
            at = _line_end(code, at)
            continue
        start, end = match.span(1)
        assigned = "=" in code[at:start]
        while code[end - 1] == "\\" and end < len(code):
            end = _physical_end(code, _physical_end(code, end, past=True))
        pieces.append(code[done:start])
        done = at = end
        if (timed := _TIMED.match(code, start)) is not None:
            # `0    ;f(x)`: what is timed is a statement of the program
            pieces.append("0".ljust(timed.end() - start - 1) + ";")
            done = timed.end()
            at = _line_end(code, done)
            continue
        if (variable := _variable(code, start, end)) is not None:
            variables.append(variable)
        filler = "pass" if end - start >= 4 and not assigned else "0"
        hidden = _VISIBLE.sub(" ", code[start:end])
        pieces.append(filler + hidden[len(filler) :])
        at = _physical_end(code, end, past=True)
    pieces.append(code[done:])
    return _Masked("".join(pieces), variables)


def _line_end(code: str, start: int) -> int:
    """Where the next statement's line begins: behind the first line end outside of strings and brackets."""
    depth = 0
    for match in _REST.finditer(code, start):
        match match.lastindex:
            case 2:
                depth += 1
            case 3:
                depth -= 1
            case 4 if depth <= 0:
                return match.end()
    return len(code)


def _physical_end(code: str, start: int, *, past: bool = False) -> int:
    """Where the line that `start` is on ends, or the next one begins."""
    match = _LINE_END.search(code, start)
    if match is None:
        return len(code)
    return match.end() if past else match.start()


def _variable(code: str, start: int, end: int) -> EnvDef | EnvRef | None:
    """`%env X=v` gives a variable a value, `%env X` reads it."""
    match = _ENV.match(code[start:end].rstrip())
    if match is None:
        return None
    name_span = Span(start + match.start(1), start + match.end(1))
    if match[3] is not None:
        nothing = Span(start + match.end(3), start + match.end(3))
        return EnvDef(Span(start, nothing.end), match[1], name_span, Str(nothing, "", nothing, True), _HOW)
    if match[2] is None:
        return EnvRef(Span(start, name_span.end), match[1], name_span, _HOW)
    inner = Span(start + match.start(2), start + match.end(2))
    return EnvDef(Span(start, inner.end), match[1], name_span, _magic_value(code, inner), _HOW)


def _magic_value(code: str, inner: Span) -> Node:
    """The rest of the line as it stands, in which IPython fills in `$name` and `{name}`."""
    parts: list[Node] = []
    done = inner.start
    for match in _VARIABLE.finditer(code, inner.start, inner.end):
        if match.start() > done:
            span = Span(done, match.start())
            parts.append(Str(span, code[done : match.start()], span, True))
        name = Span(*match.span(match.lastindex or 0))
        parts.append(Name(name, code[name.start : name.end]))
        done = match.end()
    if done < inner.end:
        span = Span(done, inner.end)
        parts.append(Str(span, code[done : inner.end], span, True))
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Str) else Join(inner, tuple(parts))

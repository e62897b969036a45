"""Languages that are read with a table each: from the kinds of syntax of their tree-sitter grammar to the one tree.

A language is one file here (`go.py`): which grammar reads it, what each kind of its syntax becomes, and what its names mean. What
languages have in common is in `lowering`, `literals`, `expressions` and `statements`, as functions that a table calls with the
grammar's own words. A grammar is loaded when the first file of its language turns up.

Where the syntax around a mention of OpenRouter could not be read, the file is text: a misread call is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from migrator.discover.needles import mentions
from migrator.formats.languages.lowering import DEPTHS, lower_statements
from migrator.formats.languages.reading import Handler, Language, Reading, positions
from migrator.formats.parsing import parse_bounded
from migrator.formats.tree import (
    Arg,
    Attr,
    EnvRef,
    Item,
    Later,
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

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

_WITHOUT = frozenset(RegionKind) - {RegionKind.COMMENT, RegionKind.STRING}
"""What no file of these languages has: whoever asks for markup needs no second parse to be told so."""
_ERROR = "The syntax here could not be read; what stands before and after it was."
_DEEP = "The code here is nested too deeply to be read; only its text literals were looked at."


@cache
def _language(name: str) -> Language:
    language = import_module(f"migrator.formats.languages.{name}").LANGUAGE
    assert isinstance(language, Language), f"{name} has no table"
    return language


@cache
def _tables(name: str) -> tuple[frozenset[str], Mapping[str, Handler | None]]:
    """What says nothing in a language, and what each kind of its syntax becomes."""
    language = _language(name)
    return language.silent | language.comments, {**language.nodes, **dict.fromkeys(language.blocks)}


@cache
def _parser(name: str) -> Parser:
    import tree_sitter

    language = _language(name)
    grammar = getattr(import_module(language.grammar), language.function)()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def lower(source: Source, name: str) -> Module:
    """A file of a language that has a table here; text where its syntax cannot be read. Raises `Unreadable`."""
    language, text = _language(name), source.text
    data = text.encode("utf-8", "replace")
    root = parse_bounded(_parser(name), data)
    plain = text.isascii()
    at: Sequence[int] = range(len(data) + 1) if plain else positions(data)
    byte_at = _bytes(text, plain)
    places = [byte_at(span.start) for span in mentions(text)]
    if root.has_error and (_astray(root, language) or any(_misread(root, place, language) for place in places)):
        return Module(path=source.path, language="text", body=())
    silent, ways = _tables(name)
    for depth in DEPTHS:
        c = Reading(text, at, language, depth, plain, silent=silent, ways=ways)
        try:
            body: tuple[Node, ...] = lower_statements(c, root.named_children)
            break
        except RecursionError:
            continue
    else:
        raise Unreadable(0, "the code is nested too deeply to be read; split it, or migrate this file by hand")
    if not _kept(text, body, lambda place: _kind_at(root, byte_at(place), language)):
        return Module(path=source.path, language="text", body=())
    lines = Lines(text)
    errors = {(lines.line(place), _DEEP) for place in c.deep}
    if root.has_error:
        errors |= {(lines.line(at[place]), _ERROR) for place in _mistakes(root)}
    known = {at[place]: _kind_at(root, place, language) for place in places}
    regions = Later(lambda: _regions(parse_bounded(_parser(name), data), at, language), known, _WITHOUT)
    return Module(
        path=source.path,
        language=name,
        body=body,
        regions=regions,
        errors=tuple(sorted(errors)),
        visibility=language.visibility,
    )


def _bytes(text: str, plain: bool) -> Callable[[int], int]:
    return (lambda place: place) if plain else (lambda place: len(text[:place].encode("utf-8", "replace")))


def _misread(root: Syntax, place: int, language: Language) -> bool:
    """Could the function (or, outside of one, the statement) around a byte not be read?"""
    around = root.descendant_for_byte_range(place, place)
    last = around
    while around is not None and around.parent is not None:
        if around.type in language.comments:
            return False
        if around.type in language.functions:
            break
        last, around = around, around.parent
    if around is None or around.parent is None:
        around = last
    return around is not None and around.has_error


def _astray(root: Syntax, language: Language) -> bool:
    """Does an error stand outside of all functions, so that what is around it may be anything?"""
    stack = [root]
    while stack:
        n = stack.pop()
        if n.type == "ERROR" or n.is_missing:
            return True
        if n.has_error and n.type not in language.functions:
            stack += n.children
    return False


_OF_INTEREST = regex(r"openrouter\.ai|OPEN_?ROUTER")


def _kept(text: str, body: tuple[Node, ...], kind: Callable[[int], RegionKind | None]) -> bool:
    """Is each text that names OpenRouter's host or variable in the tree? What a table has no place for must not be lost in silence."""
    wanted = {match.start() for match in _OF_INTEREST.finditer(text) if kind(match.start()) is RegionKind.STRING}
    wanted -= {place for place in wanted if _holds(body, place)}
    return not wanted or all(any(start <= place < end for start, end in _texts(body)) for place in wanted)


def _holds(body: tuple[Node, ...], place: int) -> bool:
    """Is a text at this place in the tree? Only nodes around it are looked into: a few of a part are written elsewhere."""
    stack: list[Node | Arg | Item | Param] = [node for node in body if node.span.start <= place < node.span.end]
    while stack:
        node = stack.pop()
        start, end = _place(node)
        if start <= place < end:
            return True
        stack += [child for child in children(node) if child.span.start <= place < child.span.end]
    return False


def _texts(body: tuple[Node, ...]) -> list[Span]:
    """Where texts and names stand in the tree."""
    spans: list[Span] = []
    stack: list[Node | Arg | Item | Param] = list(body)
    while stack:
        node = stack.pop()
        spans.append(_place(node))
        stack += children(node)
    return spans


def _place(node: Node | Arg | Item | Param) -> Span:
    """Where the text of a node itself stands; nowhere for one that is made of others."""
    if isinstance(node, Str | EnvRef | Name):
        return node.span
    if isinstance(node, Attr):  # `"#{Addresses::OPENROUTER}/models"`: a name inside of a string
        return node.name_span
    return Span(0, 0)


def _mistakes(root: Syntax) -> list[int]:
    """Bytes at which syntax errors start, outermost only."""
    starts, stack = [], [root]
    while stack:
        n = stack.pop()
        if n.type == "ERROR" or n.is_missing:
            starts.append(n.start_byte)
        elif n.has_error:
            stack += n.children
    return starts


def _kind_at(root: Syntax, place: int, language: Language) -> RegionKind | None:
    n = root.descendant_for_byte_range(place, place)
    while n is not None:
        if n.type in language.comments:
            return RegionKind.COMMENT
        if n.type in language.strings:
            return RegionKind.STRING
        n = n.parent
    return None


def _regions(root: Syntax, at: Sequence[int], language: Language) -> tuple[Region, ...]:
    """Comments and strings, in their order."""
    out: list[Region] = []
    stack = [root]
    while stack:
        n = stack.pop()
        if n.type in language.comments or n.type in language.strings:
            kind = RegionKind.COMMENT if n.type in language.comments else RegionKind.STRING
            if n.end_byte > n.start_byte:
                out.append(Region(Span(at[n.start_byte], at[n.end_byte]), kind))
        else:
            stack += reversed(n.named_children)
    return tuple(out)

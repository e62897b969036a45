"""Python read with CPython's own parser: the tree that libcst would give, at a tenth of the cost.

libcst reads every grammar alike and tells every blank, and takes thirty times as long. `ast` reads the grammar of the Python that
runs this tool and leaves out parentheses, comments and the pieces of strings; what it leaves out is looked up in the text. What
cannot be had that way, or is rare (`match`, type parameters, code nested a hundred levels deep), is `Unfamiliar`, and the whole file
is read by libcst. That both give the same tree is tested on the standard library.
"""

from __future__ import annotations

import ast
import sys
import warnings

from migrator.formats.python.quick.expressions import EXPRESSIONS
from migrator.formats.python.quick.places import COMMENT, Unfamiliar, lower_all, places
from migrator.formats.python.quick.statements import STATEMENTS
from migrator.formats.tree import Module, Region, RegionKind
from migrator.model import Span

_FRAMES = 120
"""Python frames that a file may take; what is nested more deeply is for the guard in front of libcst to judge."""


def lower(path: str, text: str) -> Module | None:
    """The tree of a Python text; None where it takes libcst to read it, or to say that it cannot be read."""
    usual = sys.getrecursionlimit()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text)
            at = places(text, EXPRESSIONS, STATEMENTS)
            sys.setrecursionlimit(min(usual, _depth() + _FRAMES))
            body = tuple(lower_all(at, parsed.body))
    except (Unfamiliar, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        sys.setrecursionlimit(usual)
    return Module(path=path, language="python", body=body, regions=_with_comments(text, at.regions))


def _depth() -> int:
    """How many frames there are."""
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def _with_comments(text: str, strings: list[Region]) -> tuple[Region, ...]:
    """Strings and comments in text order; every `#` outside of a string begins a comment."""
    strings.sort(key=lambda region: region.span)
    regions: list[Region] = []
    pos = 0
    for string in strings:
        start, end = string.span
        while (sign := text.find("#", pos, start)) >= 0:
            match = COMMENT.match(text, sign)
            assert match is not None, "there is the sign"
            regions.append(Region(Span(*match.span()), RegionKind.COMMENT))
            pos = match.end()
        regions.append(string)
        pos = end
    regions += [Region(Span(*match.span()), RegionKind.COMMENT) for match in COMMENT.finditer(text, pos)]
    return tuple(regions)

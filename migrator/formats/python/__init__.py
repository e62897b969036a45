"""Python: the tree of CPython's own parser (`quick`), else libcst's, each lowered in one hand-written pass.

libcst reads the grammars of every supported Python alike, whichever one runs this tool, and says whether a file may be edited. Its
pass is a table from node type to function, keyed by name, so that libcst is imported only where a file is parsed by it and a node
type that an older one lacks is no error.

Spans leave out parentheses around an expression (so that replacing an expression keeps them), except for tuples. Spans of parts lie
inside the span of the whole, with one exception: the subject of a `match` stands in the test of each of its cases.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from migrator.formats.python import quick
from migrator.formats.tree import Module, Region, RegionKind, Unreadable
from migrator.model import Source, Span

if TYPE_CHECKING:
    import libcst

_FRAMES = 12_000
"""Python frames allowed when the usual thousand are not enough: what the guard lets through needs at most this many."""


def lower(source: Source) -> Module:
    """The tree of a Python file. Raises `Unreadable`."""
    return lower_text(source.path, source.text)


def lower_text(path: str, text: str) -> Module:
    """As `lower`, for text that has no file of its own."""
    return quick.lower(path, text) or lower_exactly(path, text)


def lower_exactly(path: str, text: str) -> Module:
    """As `lower`, by libcst alone: what is written has to be read by it. Raises `Unreadable`."""
    from migrator.formats.python import guard

    guard.check(text)
    try:
        return _lower(path, text)
    except RecursionError:
        pass
    # five hundred adjacent strings are a long prompt, not an attack; the guard has bounded how deep this can go
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _FRAMES))
    try:
        return _lower(path, text)
    except RecursionError:
        raise Unreadable(0, guard.TOO_DEEP) from None
    finally:
        sys.setrecursionlimit(usual)


def _lower(path: str, text: str) -> Module:
    # most runs read everything with `quick`
    from migrator.formats.python.context import Places, lower_statements
    from migrator.formats.python.expressions import EXPRESSIONS
    from migrator.formats.python.spans import Inexact, locate
    from migrator.formats.python.statements import STATEMENTS

    module = _parse(text)
    try:
        spans = locate(module, text)
    except Inexact:
        raise Unreadable(0, "the parser does not give this text back unchanged, so no place in it can be trusted") from None
    at = Places(text, spans, EXPRESSIONS, STATEMENTS)
    body = lower_statements(at, module.body)
    return Module(path=path, language="python", body=tuple(body), regions=_sorted(at.regions, spans.comments))


def _parse(text: str) -> libcst.Module:
    import libcst

    try:
        return libcst.parse_module(text)
    except libcst.ParserSyntaxError as error:
        raise _complaint(text, error.raw_line) from None
    except libcst.CSTValidationError:
        # it parses, and means nothing: `"a" b"c"`
        raise _complaint(text, 0) from None
    except UnicodeEncodeError as error:
        raise Unreadable(text.count("\n", 0, error.start) + 1, "the file contains bytes that are not text") from None
    except RecursionError:
        raise
    except BaseException as error:
        # a panic of the native parser derives from BaseException
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(0, "the parser cannot read this file") from None


def _complaint(text: str, line: int) -> Unreadable:
    """What is wrong, in CPython's words: it names the mistake and the right line where libcst names neither."""
    import ast

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as error:
            return Unreadable(error.lineno or line, f"not valid Python: {error.msg}")
        except (ValueError, MemoryError, RecursionError):
            pass
    return Unreadable(line, "not valid Python: invalid syntax")


def _sorted(regions: list[Region], comments: list[tuple[int, int]]) -> tuple[Region, ...]:
    """In text order without overlap: a comment or string inside a string is part of it."""
    regions.extend(Region(Span(*span), RegionKind.COMMENT) for span in comments)
    regions.sort(key=lambda region: (region.span.start, -region.span.end))
    kept: list[Region] = []
    end = 0
    for region in regions:
        if region.span.start >= end:
            kept.append(region)
            end = region.span.end
    return tuple(kept)

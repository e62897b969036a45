"""The grammars behind `ecma`: bytes to a syntax tree, and what they have to be forgiven for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from migrator.formats.parsing import parse_bounded
from migrator.formats.tree import Unreadable
from migrator.patterns import regex

if TYPE_CHECKING:
    import tree_sitter
    from tree_sitter import Node as Syntax


@cache
def _language(grammar: str) -> tree_sitter.Language:
    from tree_sitter import Language

    if grammar == "js":
        import tree_sitter_javascript

        return Language(tree_sitter_javascript.language())
    import tree_sitter_typescript

    return Language(tree_sitter_typescript.language_tsx() if grammar == "tsx" else tree_sitter_typescript.language_typescript())


def parse(grammar: str, data: bytes) -> tuple[str, Syntax]:
    """The grammar that reads the text best, and what it read; others than the asked one are tried only after an error. Raises `Unreadable`."""
    from tree_sitter import Parser

    best: tuple[int, str, Syntax] | None = None
    endless: Unreadable | None = None
    for name, attempt in _attempts(grammar, data):
        try:
            root = parse_bounded(Parser(_language(name)), attempt)
        except Unreadable as complaint:
            endless = endless or complaint
            continue
        if not root.has_error:
            return name, root
        count = _mistaken(root)
        if best is None or count < best[0]:
            best = (count, name, root)
    if best is None:
        assert endless is not None
        raise endless
    return best[1], best[2]


def _attempts(grammar: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Which grammar is given which text, one after the other until one reads all of it."""
    yield grammar, data
    mended = data
    for pattern, put in _MENDS:
        mended = pattern.sub(put, mended)
    # JavaScript that only the other grammar reads is Flow, or TypeScript under the wrong ending.
    for name in (grammar, "tsx") if grammar == "js" else (grammar,):
        if name != grammar:
            yield name, data
        if mended != data:
            yield name, mended


def _spaces(match: re.Match[bytes]) -> bytes:
    return match[1] + b" " * (len(match[0]) - len(match[1]))


_MENDS: tuple[tuple[re.Pattern[bytes], bytes | Callable[[re.Match[bytes]], bytes]], ...] = (
    (regex(rb"(?<!&)&(?![&=]|\w+;|#\w+;)"), b"|"),
    (regex(rb"(\bfor\s*(?:await\s*)?\(\s*)(?:await\s+)?using(?=\s)"), lambda m: _spaces(m)[:-5] + b"const"),
    (regex(rb"(\bstatic\s+)accessor(?=\s+[\w$#])"), _spaces),
    (regex(rb"""(\bfrom\s*(?:"[^"\n]*"|'[^'\n]*')\s*)assert(?=\s*\{)"""), lambda m: m[1] + b"with  "),
)
"""Correct code that the grammars stumble over, and text of the same length and shape that they read; tried only after an error,
and only for the shape: every word is cut from the text itself. A bare `&` in JSX text or in an attribute can cost the rest of
the file; `|` means nothing else to the tree anywhere else (bit arithmetic, parts of a type)."""


def _mistaken(root: Syntax) -> int:
    """How many bytes stand in errors."""
    count, stack = 0, [root]
    while stack:
        n = stack.pop()
        if n.type == "ERROR":
            count += n.end_byte - n.start_byte
        elif n.has_error:
            stack += n.children
    return count


_WORD = regex(b"type|defer|source")
_GAPS = {
    "export_statement": _WORD,
    "import_statement": _WORD,
    "type_parameters": regex(rb"(?:out\s+)?\w+"),
    "template_string": regex(rb"\\[\s\S]*"),
}
"""Correct code that the grammars do not know yet and step over: `export type *`, `import defer`, `<in out T>`, a tagged `\\u`."""


def mistakes(root: Syntax, data: bytes) -> list[int]:
    """Bytes at which syntax errors start, outermost only. `data` is the text itself, not a mended one."""
    places: list[int] = []
    stack: list[tuple[Syntax, str]] = [
        (root, "")
    ]  # with what each stands in, which the tree would look for from its root each time
    while stack:
        n, around = stack.pop()
        if n.type == "ERROR" and around:
            if not ((gap := _GAPS.get(around)) and gap.fullmatch(data[n.start_byte : n.end_byte])):
                places.append(n.start_byte)
        elif n.has_error:
            stack += [(child, n.type) for child in n.children]
    if root.type == "ERROR" and not places:
        places.append(root.start_byte)
    return places


_SCRIPT = """
[(comment) (html_comment) (hash_bang_line)] @comment
[(string) (template_string)] @string
"""
_MARKUP = "[(jsx_text) (html_character_reference)] @markup"
_TYPES = """
[(type_annotation) (type_arguments) (type_parameters) (type_predicate_annotation) (asserts_annotation) (implements_clause)
 (interface_declaration) (type_alias_declaration)] @type
(as_expression "as" (_) @type)
(satisfies_expression "satisfies" (_) @type)
"""
_QUERIES = {"js": _SCRIPT + _MARKUP, "ts": _SCRIPT + _TYPES, "tsx": _SCRIPT + _MARKUP + _TYPES}


@cache
def query(grammar: str) -> tree_sitter.Query:
    """Finds what is a region: captures `comment`, `string`, `markup` and `type`."""
    from tree_sitter import Query

    return Query(_language(grammar), _QUERIES[grammar])

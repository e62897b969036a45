"""Refuses Python text that would bring the parser down before the parser sees it.

libcst's native parser recurses on the C stack: three thousand nested brackets or ten thousand `elif` end the process with a
segmentation fault, and a chain of ten thousand calls takes it minutes. Patterns of `case` are worse: it tries every reading of
a bracket twice, so ten nested ones cost a second. None of this can be caught once it has begun; one linear look can.

The scan is a rough lexer that knows where strings, f-strings and brackets begin and end; it refuses only what no person has written.
"""

from __future__ import annotations

import re

from migrator.formats.tree import Unreadable

DEPTH = 100
"""Nested brackets, f-strings and blocks. CPython stops at 200 and at 100."""
CHAIN = 800
"""Operators, calls, attributes and adjacent strings in one expression; `elif` in one statement."""
CASE_DEPTH = 6
"""Nested brackets in a `case` pattern; the time doubles or trebles with each."""
BUDGET = 4_000_000
"""Links of chains squared, summed over the file: the parser's time grows so, and this much is a second and a half."""

TOO_DEEP = "the code is too deeply nested to be read safely"

_CODE = r"""
      (\#[^\r\n]*|\\\r?\n)                                                              # 1 nothing: a comment, a continued line
    | \b(?:[fFtT][rR]?|[rR][fFtT])("{3}|'{3}|["'])                                     # 2 the quotes that open an f-string
    | ( "{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"{3}|\\?\Z)                           # 3 a string
      | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\\?\Z)
      | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"?
      | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'? )
    | ([(\[{])                                                                        # 4
    | ([)\]}])                                                                        # 5
    | ([,;])                                                                          # 6
    | ([-+*/%@&|^~.]|\b(?:and|or|not|if|else|await)\b)                                 # 7 a link of a chain
    | (\b(?:lambda|for)\b)                                                             # 8 one that survives a comma
    | [\r\n]([ \t\f]*)(?![ \t\f\r\n\#])((?:case|elif|else|def|class|import|async[ ]+def)\b)?  # 9 indent, 10 first word
"""
_FIELD_CODE = _CODE + "| (:)  # 11 a format specification"


def _compiled(code: str, plain: str) -> re.Pattern[str]:
    """A pattern that steps over words and `plain` signs before each token, and over what is no token: it never looks back."""
    words = rf"""(?: [{plain}]+ | (?! (?:and|or|not|if|else|await|lambda|for)\b | [fFrRtT]{{1,2}}["'] ) \w+ )*+"""
    return re.compile(words + "(?:" + code + "\n | . | \\Z)", re.VERBOSE | re.DOTALL)


_TOKEN = _compiled(_CODE, r"\ \t=<>!:")
_FIELD = "{"
_FIELD_TOKEN = _compiled(_FIELD_CODE, r"\ \t=<>!")
_SPEC = ":"
_SPEC_TOKEN = re.compile(r"""(\{)|(\})|(["'])""")
_TEXTS = {
    '"""': re.compile(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|("{3})""", re.DOTALL),
    "'''": re.compile(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|('{3})""", re.DOTALL),
    '"': re.compile(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|(["\r\n])""", re.DOTALL),
    "'": re.compile(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|(['\r\n])""", re.DOTALL),
}
_UNBRACKETED = frozenset(("def", "class", "import"))


def check(text: str) -> None:
    """Raise `Unreadable` where `text` holds a NUL or is nested deeper than can be parsed in bounded time and stack."""
    if (nul := text.find("\0")) >= 0:
        raise Unreadable(text.count("\n", 0, nul) + 1, "the file contains a NUL byte and is not Python text")
    if (at := _too_deep("\n" + text)) is not None:
        raise Unreadable(max(1, text.count("\n", 0, at)), TOO_DEEP)


def _too_deep(text: str) -> int | None:
    """Where the scan gives up, or None. `text` begins with a line end."""
    # one entry for each open bracket, f-string, replacement field and format specification
    modes = [""]
    chain = [0]  # links since the last comma
    kept = [0]
    limit = DEPTH
    indents = [""]
    ladders: dict[str, int] = {}
    pos = 0
    spent = 0
    match = _TOKEN.match

    def push(mode: str) -> None:
        modes.append(mode)
        chain.append(0)
        kept.append(0)

    def pop() -> None:
        nonlocal spent
        if len(modes) > 1:
            modes.pop()
            spent += chain.pop() ** 2
            kept.pop()

    while True:
        mode = modes[-1]
        if mode in _TEXTS:
            found = _TEXTS[mode].search(text, pos)
            if found is None:
                return None
            pos = found.end()
            if found.lastindex == 1:
                push(_FIELD)
            elif found.lastindex == 2:
                pop()
        elif mode == _SPEC:
            found = _SPEC_TOKEN.search(text, pos)
            if found is None:
                return None
            pos = found.end()
            if found.lastindex == 1:
                push(_FIELD)
            else:
                pop()
                pop()
                pos -= found.lastindex == 3  # a quote is left for the f-string to end at
        else:
            found = _FIELD_TOKEN.match(text, pos) if mode == _FIELD else match(text, pos)
            assert found is not None, "the end of the text is a token too"
            pos = found.end()
            kind = found.lastindex
            if kind is None:
                if pos == len(text):
                    return None
                continue
            if kind == 5:
                pop()
            elif kind == 7 or kind == 3:
                chain[-1] += 1
            elif kind == 4:
                chain[-1] += 1
                if chain[-1] > CHAIN:
                    return pos
                push("(")
                if limit == CASE_DEPTH:
                    spent += 16 << 2 * len(modes)
            elif kind == 6:
                spent += chain[-1] ** 2
                chain[-1] = 0
            elif kind == 9 or kind == 10:
                word = found[10]
                if len(modes) > 1:
                    # these words cannot stand inside brackets: one has been left open
                    if word is None or word.rsplit(" ", 1)[-1] not in _UNBRACKETED:
                        continue
                    del modes[1:], chain[1:], kept[1:]
                spent += chain[0] ** 2
                chain[0] = kept[0] = 0
                limit = CASE_DEPTH if word == "case" else DEPTH
                indent = found[9]
                while len(indent) < len(indents[-1]):
                    ladders.pop(indents.pop(), None)
                if len(indent) > len(indents[-1]):
                    indents.append(indent)
                if word == "elif":
                    ladders[indent] = ladders.get(indent, 0) + 1
                elif word != "else":
                    ladders.pop(indent, None)
                if len(indents) > DEPTH or ladders.get(indent, 0) > CHAIN:
                    return pos
            elif kind == 2:
                chain[-1] += 1
                push(found[2])
            elif kind == 8:
                kept[-1] += 1
            elif kind == 11:
                push(_SPEC)
        if len(modes) > limit + 1 or chain[-1] > CHAIN or kept[-1] > CHAIN or spent > BUDGET:
            return pos

"""Refuses Python text that would bring the parser down before the parser sees it.

libcst's native parser recurses on the C stack: three thousand nested brackets or ten thousand `elif` end the process with a
segmentation fault, and a chain of ten thousand calls takes it minutes. Patterns of `case` are worse: it tries every reading of
a bracket twice, so ten nested ones cost a second. None of this can be caught once it has begun; one linear look can.

The scan is a rough lexer that knows where strings, f-strings and brackets begin and end; it refuses only what no person has written.
"""

from __future__ import annotations

import re

from migrator.formats.tree import Unreadable
from migrator.patterns import regex

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
_SPEC_TOKEN = regex(r"""(\{)|(\})|(["'])""")
_TEXTS = {
    '"""': regex(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|("{3})""", re.DOTALL),
    "'''": regex(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|('{3})""", re.DOTALL),
    '"': regex(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|(["\r\n])""", re.DOTALL),
    "'": regex(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|(\{)|(['\r\n])""", re.DOTALL),
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
    scan = _Scan()
    modes, token = scan.modes, _TOKEN.match
    pos: int | None = 0
    while pos is not None:
        mode = modes[-1]
        if mode in _TEXTS or mode == _SPEC:
            pos = scan.literal(mode, text, pos)
        else:
            lexeme = _FIELD_TOKEN.match(text, pos) if mode == _FIELD else token(text, pos)
            assert lexeme is not None, "the end of the text is a token too"
            kind, pos = lexeme.lastindex, lexeme.end()
            if kind is None:
                if pos == len(text):
                    return None
                continue
            scan.code(lexeme, kind)
        if scan.exceeded():
            return pos
    return None


class _Scan:
    """What is open at a place of the text, and how long its chains are."""

    __slots__ = ("chain", "indents", "kept", "ladders", "limit", "longest", "modes", "spent")

    def __init__(self) -> None:
        # one entry for each open bracket, f-string, replacement field and format specification
        self.modes = [""]
        self.chain = [0]
        """Links since the last comma."""
        self.kept = [0]
        self.limit = DEPTH
        self.indents = [""]
        self.ladders: dict[str, int] = {}
        """Indent of an `if` to the `elif`s that it has so far."""
        self.longest = 0
        self.spent = 0

    def exceeded(self) -> bool:
        """Is this more than can be parsed in bounded time and stack?"""
        return (
            len(self.modes) > self.limit + 1
            or self.chain[-1] > CHAIN
            or self.kept[-1] > CHAIN
            or self.spent > BUDGET
            or len(self.indents) > DEPTH
            or self.longest > CHAIN
        )

    def push(self, mode: str) -> None:
        self.modes.append(mode)
        self.chain.append(0)
        self.kept.append(0)

    def pop(self) -> None:
        if len(self.modes) > 1:
            self.modes.pop()
            self.spent += self.chain.pop() ** 2
            self.kept.pop()

    def literal(self, mode: str, text: str, pos: int) -> int | None:
        """The next sign that counts in an f-string or a format specification, and where it ends; None at the end of the text."""
        match = (_SPEC_TOKEN if mode == _SPEC else _TEXTS[mode]).search(text, pos)
        if match is None:
            return None
        if match.lastindex == 1:
            self.push(_FIELD)
        elif mode == _SPEC:
            self.pop()
            self.pop()
            return match.end() - (match.lastindex == 3)  # a quote is left for the f-string to end at
        elif match.lastindex == 2:
            self.pop()
        return match.end()

    def code(self, match: re.Match[str], kind: int) -> None:
        """A token of code; `kind` is its group."""
        if kind == 5:
            self.pop()
        elif kind == 7 or kind == 3:
            self.chain[-1] += 1
        elif kind == 4:
            self.chain[-1] += 1
            if self.chain[-1] <= CHAIN:
                self.push("(")
                if self.limit == CASE_DEPTH:
                    self.spent += 16 << 2 * len(self.modes)
        elif kind == 6:
            self.spent += self.chain[-1] ** 2
            self.chain[-1] = 0
        elif kind == 9 or kind == 10:
            self.line(match[9], match[10])
        elif kind == 2:
            self.chain[-1] += 1
            self.push(match[2])
        elif kind == 8:
            self.kept[-1] += 1
        elif kind == 11:
            self.push(_SPEC)

    def line(self, indent: str, word: str | None) -> None:
        """The beginning of a line, and its first word if that says what kind of statement it is."""
        if len(self.modes) > 1:
            # these words cannot stand inside brackets: one has been left open
            if word is None or word.rsplit(" ", 1)[-1] not in _UNBRACKETED:
                return
            del self.modes[1:], self.chain[1:], self.kept[1:]
        self.spent += self.chain[0] ** 2
        self.chain[0] = self.kept[0] = 0
        self.limit = CASE_DEPTH if word == "case" else DEPTH
        while len(indent) < len(self.indents[-1]):
            self.ladders.pop(self.indents.pop(), None)
        if len(indent) > len(self.indents[-1]):
            self.indents.append(indent)
        if word == "elif":
            self.ladders[indent] = self.ladders.get(indent, 0) + 1
            self.longest = self.ladders[indent]
        elif word != "else":
            self.ladders.pop(indent, None)

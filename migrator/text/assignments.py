"""Secrets by the name they are given to: `DB_PASSWORD: …`, `"apiKey": "…"`, `--token …`, `Authorization: …`, `<password>…`.

A password has no shape; its name gives it away. The name is looked for first and what stands behind it is then judged, so that
the cost is one look at the text whatever its format. Two kinds of names: behind a *password* everything counts that is no
placeholder and no expression; behind a *key* or *token*, which are ordinary words of programs too, the value has to look the part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from migrator.patterns import regex
from migrator.text.shapes import is_drawn, written_share

_WORDS = (
    r"passw(?:or)?d|passphrase|passcode|pass(?![a-z])|pwd|secret|token(?!s|iz)|credential|authorization|auth(?![a-z])|api[_-]?key|key(?![a-z])"
    r"|dsn|cookie|salt(?![a-z])|webhook|connection[_-]?string|private"
)
_WORD = regex(_WORDS, re.IGNORECASE)
_LOWER_WORD = regex(_WORDS)
"""The same for text in lower case: a pattern that is blind to case tries every letter, ten times as long."""
_HEADS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "credential",
    "auth",
    "api",
    "key",
    "dsn",
    "cookie",
    "salt",
    "webhook",
    "connection",
    "private",
)
"""What each of the words begins with: most texts have few of them, and a plain search for all takes half as long as the pattern."""
_NAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_NAME_AFTER = regex(r"[A-Za-z0-9_-]*")
_PASSWORD = regex(
    r"passw(?:or)?d|passphrase|passcode|pwd|(?:^|[_.-])pass(?:$|[_.-](?:prod|dev|test|staging|\d)\w*$)|[a-z]Pass(?![a-z])",
    re.IGNORECASE,
)
_KEY_OF = regex(
    r"(?:api|access|secret|private|auth|signing|sign|encryption|encrypt|service|master|account|subscription|license|webhook|shared|storage|admin"
    r"|session|app|application|client|server|bot|user|jwt|hmac|deploy|project|public|x)[_.-]?key|[A-Z0-9]_KEY|^KEY",
    re.IGNORECASE,
)
_PLAIN_SECRET = regex(
    r"secret|token|credential|auth|dsn|cookie|salt|webhook|connection[_-]?string|private|(?<![A-Za-z])key", re.IGNORECASE
)
_BETWEEN = regex(
    r"""["'`\])]{0,3}[ \t]{0,8}(?:(?:=>|:=|\?=|===?|!==?|:|=|>)[ \t]{0,8}|,[ \t]{0,4}(?=["'`])|[ \t]{1,4}(?=["'`]))"""
    r"""|["']?[ \t]{0,4},?[ \t\r\n]{0,40}-?[ \t]{0,20}["']?(?:value|Value|VALUE|default|defaultValue)["']?[ \t]{0,4}[:=][ \t]{0,4}"""
)
"""What stands between a name and its value; the second form is that of lists of pairs, where the value may be on the next line."""
_FLAG = regex(r"[ \t]{1,4}|=")
_TYPED = regex(r"(?:[A-Za-z_][A-Za-z0-9_.\[\]| ]{0,40})[ \t]=[ \t]{0,4}")
"""`api_key: str = "…"`: a type between the name and the value."""
_QUOTED = regex(r"""([rbfuRBFU]{0,2})("{3}|'{3}|["'`])(.*?)(?<!\\)\2""", re.DOTALL)
_BARE = regex(r"""[^\s"'`<>,;&)\]}]+""")
_SCHEME = regex(r"(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Bot)[ \t]+", re.IGNORECASE)
_EXPRESSION = regex(r"[$({\[]|%\(|<[A-Za-z%]|\bprocess\.env\b|\bos\.environ|\w\(|->|=>")
_ENV_NAME = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_IDENTIFIER = regex(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*\??!?")
_ADDRESS = regex(r"(?:https?:/|\.{0,2}/|~/|[A-Za-z]:\\)")
_RUN = regex(r"[A-Za-z0-9_+/=-]{16,}")
_TOKEN = regex(r"""[^\s"'`<>,;()\[\]{}|=:][^\s"'`<>,;()\[\]{}|]{7,255}""")
_CONSTANT = regex(r"[A-Za-z_]\w*=(?:True|False|None|true|false|null|\d+(?:\.\d+)?)")
"""`allow_fallbacks=False`: an argument beside a key whose value is none."""
_TYPES = frozenset((
    "string", "bool", "boolean", "integer", "number", "float", "true", "false", "unknown", "object", "bytes", "secretstr", "optional",
    "required", "text", "sensitive", "prompt",
))  # fmt: skip
"""Kinds of values that a name is declared with; shorter ones are too short for a secret, and others count as placeholders."""


class Judge(NamedTuple):
    """What can be told of a value without its name."""

    stands_in: Callable[[str], bool]
    """Whether it is a placeholder."""
    has_head: Callable[[str], bool]
    """Whether it begins as a key of a known vendor does."""


class Secret(NamedTuple):
    """Half-open range of a text that holds a secret."""

    start: int
    end: int


def named_secrets(text: str, judge: Judge, *, literal: bool = False) -> Iterator[Secret]:
    """Where a value stands that its name says is secret, and what looks like a secret on the rest of such a line; they may overlap.

    `judge` knows placeholders and keys of vendors. `literal`: text without quotes is a value, as in configuration files, and no expression.
    """
    done = looked = 0
    rest: list[Secret] = []
    for word in _words(text.lower()) if text.isascii() else _WORD.finditer(text):
        if word.start() < done:
            continue
        before = text[max(0, word.start() - 80) : word.start()]
        start = word.start() - len(before) + len(before.rstrip(_NAME_LETTERS))
        end = _NAME_AFTER.match(text, word.end(), word.end() + 80)
        stop = end.end() if end else word.end()
        name = text[start:stop]
        line_end = text.find("\n", stop)
        line_end = len(text) if line_end == -1 else line_end
        value = _value(text, stop, name)
        if value is not None:
            at, ending, quoted, listed = value
            if _is_secret(name, text[at:ending], judge, quoted=quoted, literal=literal, listed=listed):
                yield Secret(at, ending)
                done = ending
        if _counts(name) and line_end > looked:
            looked = line_end
            rest += standing_out(text, judge, stop, line_end)
    yield from rest


def _words(text: str) -> Iterator[re.Match[str]]:
    """What `_LOWER_WORD` finds in a text in lower case."""
    starts: list[int] = []
    for head in _HEADS:
        at = text.find(head)
        while at >= 0:
            starts.append(at)
            at = text.find(head, at + 1)
    end = 0
    for start in sorted(starts):
        if start >= end and (match := _LOWER_WORD.match(text, start)) is not None:
            yield match
            end = match.end()


def standing_out(text: str, judge: Judge, start: int, end: int) -> Iterator[Secret]:
    """Words in a part of a text that look like secrets, where the text speaks of one or may hold any."""
    return (Secret(*word.span()) for word in _TOKEN.finditer(text, start, end) if _stands_out(word[0], judge))


@lru_cache(1 << 12)
def _counts(name: str) -> bool:
    """Whether a line that has this name is one on which drawn characters are secret."""
    return bool(_PASSWORD.search(name) or _KEY_OF.search(name) or _PLAIN_SECRET.search(name))


def _stands_out(token: str, judge: Judge) -> bool:
    """Whether a word of a line that speaks of a secret looks like one itself: drawn, or a password with a sign in it."""
    if judge.stands_in(token) or token.startswith(("http:", "https:")) or _CONSTANT.fullmatch(token):
        return False
    if judge.has_head(token) or any(is_drawn(run) and not _ENV_NAME.fullmatch(run) for run in _RUN.findall(token)):
        return True
    mixed = any(map(str.islower, token)) and any(map(str.isupper, token))
    return mixed and len(token) >= 10 and sum(map(str.isdigit, token)) >= 2 and written_share(token) < 0.5


def _value(text: str, stop: int, name: str) -> tuple[int, int, bool, bool] | None:
    """Where the value behind a name stands, without its quotes, whether it had any, and whether only a comma is between them."""
    between = _BETWEEN.match(text, stop)
    if name.startswith("-"):
        between = _FLAG.match(text, stop) or between
    if between is None:
        return None
    at = between.end()
    listed = between[0].strip("\"'`)]} \t") == ","
    if typed := _TYPED.match(text, at):
        at = typed.end()
    if quoted := _QUOTED.match(text, at):
        first = quoted.start(3)
        if scheme := _SCHEME.match(text, first, quoted.end(3)):
            first = scheme.end()
        return (first, quoted.end(3), True, listed) if "\n" not in quoted[3] or len(quoted[2]) == 3 else None
    if scheme := _SCHEME.match(text, at):
        at = scheme.end()
    bare = _BARE.match(text, at)
    return (*bare.span(), False, listed) if bare else None


def _is_secret(name: str, value: str, judge: Judge, *, quoted: bool, literal: bool, listed: bool) -> bool:
    if len(value) < 4 or value.lower() in _TYPES or _EXPRESSION.search(value):
        return any(is_drawn(run) and not judge.stands_in(run) for run in _RUN.findall(value))
    if judge.stands_in(value) or (_ADDRESS.match(value) and not any(map(is_drawn, _RUN.findall(value)))):
        return False
    if _PASSWORD.search(name) and not listed:
        return quoted or literal or any(not letter.isalpha() and letter not in "_.?!" for letter in value)
    if judge.has_head(value):
        return True
    if is_drawn(value):
        return not _ENV_NAME.fullmatch(value) or "_" not in value
    if not (_KEY_OF.search(name) or _PLAIN_SECRET.search(name)):
        return False
    if _ENV_NAME.fullmatch(value) or (not quoted and not literal and _IDENTIFIER.fullmatch(value)):
        return False
    return _mixed(value)


def _mixed(value: str) -> bool:
    """Letters and digits, or signs, in the way of a password: eight or more, and more than words with a number behind them."""
    if len(value) < 8 or " " in value.strip():
        return False
    if value.isdigit():
        return len(value) >= 16
    digits = sum(map(str.isdigit, value))
    signs = sum(not letter.isalnum() and letter not in "-_./:@" for letter in value)
    changes = sum(left.isdigit() != right.isdigit() for left, right in pairwise(value))
    mixed = any(map(str.islower, value)) and any(map(str.isupper, value))
    return digits > 0 and (changes >= 3 or signs > 0 or (mixed and digits >= 2))

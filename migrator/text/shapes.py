"""What a secret looks like whatever it is called: how keys of known vendors begin, and runs of characters that were drawn, not written.

The table is `secret_rules.toml`; it is read when the first text is masked.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from migrator.patterns import regex

_RULES = Path(__file__).with_name("secret_rules.toml")
_BODY = r"[A-Za-z0-9_.=+/~|-]{12,}"
_RUN = regex(r"(?<![A-Za-z0-9_+=-])[A-Za-z0-9_+-]{24,512}(?![A-Za-z0-9_+-])={0,2}")
_CLASSES = (regex("[a-z]"), regex("[A-Z]"), regex("[0-9]"))
_CHECKSUM = regex(
    r"(?:sha\d{1,3}[-:=~ ]|md5[-:= ]|@|commits?[/ ]|blob/|tree/|rev(?:ision)?[\"']?\s?[:=]\s?[\"']?|h1:|integrity.{0,12}|digest.{0,4}|etag.{0,4}"
    r"|hash[\"']?\s?[:=]\s?[\"']?)\Z",
    re.IGNORECASE,
)
_PART = regex(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_VOWEL = regex(r"[aeiouyAEIOUY]")
_CLUSTER = regex(r"[^aeiouyAEIOUY]{4,}")


@cache
def _heads() -> re.Pattern[str]:
    tables = tomllib.loads(_RULES.read_text("utf-8")).values()
    heads = sorted({head for table in tables for head in table["heads"]}, key=lambda head: (-len(head), head))
    return re.compile(rf"(?<![A-Za-z0-9_-])(?P<head>{'|'.join(map(re.escape, heads))})(?P<body>{_BODY})")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    tables = tomllib.loads(_RULES.read_text("utf-8")).values()
    return tuple(re.compile(pattern) for table in tables for pattern in table["patterns"])


def is_drawn(run: str) -> bool:
    """Whether a run of letters and digits looks drawn by a machine rather than written: mixed, long, and without words."""
    letters = sum(map(str.isalpha, run))
    digits = sum(map(str.isdigit, run))
    if letters + digits < 16 or not letters or (digits < 2 and (len(run) < 20 or run.islower() or run.isupper())):
        return False
    return written_share(run) < 0.5


def written_share(run: str) -> float:
    """How much of a run are parts of words, from 0 to 1: letters of one case, with as many vowels as words have."""
    return sum(len(part) for part in _PART.findall(run) if _pronounceable(part)) / len(run)


def _pronounceable(part: str) -> bool:
    vowels = len(_VOWEL.findall(part))
    return len(part) >= 4 and 0.25 <= vowels / len(part) <= 0.7 and not _CLUSTER.search(part)


def has_head(value: str) -> bool:
    """Whether a value begins as a key of a known vendor does, with enough behind it."""
    match = _heads().match(value)
    return match is not None and written_share(match["body"]) < 0.75


def is_anonymous_secret(run: str, before: str) -> bool:
    """Whether a run is so plainly drawn that it counts as a secret with no name beside it. `before` is what stands in front of it."""
    bare = run.rstrip("=")
    if len(bare) < 24 or not is_drawn(bare) or _CHECKSUM.search(before):
        return False
    # a checksum has one letter case; ids of models and names of folders are mixed as well, but their parts are short
    return all(kind.search(bare) for kind in _CLASSES) and max(map(len, re.split(r"[-_]", bare))) >= 20


def mask_shapes(text: str, hidden: str) -> str:
    """`text` with `hidden` for what has the shape of a known vendor's key, after the head that names its kind, and for drawn runs."""

    def by_head(match: re.Match[str]) -> str:
        return match["head"] + hidden if is_drawn(match["body"]) else match[0]

    def by_pattern(match: re.Match[str]) -> str:
        return match["head"] + hidden

    def by_look(match: re.Match[str]) -> str:
        return hidden if is_anonymous_secret(match[0], text[max(0, match.start() - 24) : match.start()]) else match[0]

    text = _heads().sub(by_head, text)
    for pattern in _patterns():
        text = pattern.sub(by_pattern, text)
    return _RUN.sub(by_look, text)

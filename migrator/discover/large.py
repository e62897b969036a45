"""What a file that is too large for any reader says of OpenRouter: searched piece by piece, so that its size costs no memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from migrator.discover.needles import names_openrouter
from migrator.patterns import regex

MOST = 1 << 30
"""Bytes; a file beyond that is not searched, and that is said."""
_AROUND = 256
"""Bytes kept before and after a match: enough for the variable's name and for how it is read."""
_NAME = 64
"""Bytes of a variable's name that may stand in front of a match."""
_KEPT = 1 << 20
"""Bytes kept at most; a data set that names the service on every line has said so by then."""
_NAMES = regex(rb"open[_-]?router|sk-or-", re.IGNORECASE)


def excerpt(pieces: Iterable[bytes]) -> bytes:
    """What stands around each match, every part on the line it has in the file; empty where nothing matches.

    `pieces` are the bytes of the file in order, none shorter than a few hundred bytes but the last.
    """
    out: list[bytes] = []
    kept = 0
    pending = b""
    wide = False
    first = True
    for piece in pieces:
        if first:
            first = False
            wide = piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        # of UTF-16 only the letters matter that ASCII has as well
        whole = pending + (piece.replace(b"\0", b"") if wide else piece)
        safe = max(0, len(whole) - 2 * _AROUND)  # a match behind it is looked at with what follows
        done, parts = _parts(whole, safe)
        out += parts
        kept += sum(map(len, parts))
        pending = whole[done:]
        if kept > _KEPT:
            pending = b""
            break
    out += _parts(pending, len(pending))[1]
    return b"".join(out) if any(part.strip(b"\n") for part in out) else b""


def _parts(whole: bytes, until: int) -> tuple[int, list[bytes]]:
    """Matches that begin before `until` with what stands around them, line ends in place of the rest; and how far that reaches."""
    parts: list[bytes] = []
    at = 0
    matches = list(_NAMES.finditer(whole)) if names_openrouter(whole) else []
    later = next((match.start() for match in matches if match.start() >= until), None)
    for match in matches:
        if match.start() >= until:
            break
        begin, end = max(at, match.start() - _AROUND), min(len(whole), match.end() + _AROUND)
        if later is not None:
            # that one comes with the next piece, its name whole
            end = max(match.end(), min(end, later - _NAME))
        if end > at:
            parts += (b"\n" * whole.count(b"\n", at, begin), whole[begin:end])
            at = end
    done = max(at, until - _AROUND)
    parts.append(b"\n" * whole.count(b"\n", at, done))
    return done, parts


def in_mib(size: int) -> str:
    """`4 MiB`, `1 GiB`."""
    return f"{size >> 30} GiB" if size >> 30 else f"{size >> 20} MiB"

"""Bytes to `Source` and back: encoding, BOM, line ends, digest. Nothing here normalises anything."""

from __future__ import annotations

import codecs
import hashlib
from bisect import bisect_right
from itertools import accumulate

from migrator.model import Source
from migrator.patterns import regex

_COOKIE = regex(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PYTHON = (".py", ".pyi", ".pyw")


class Undecodable(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """The bytes are not text in the encoding they claim. `line` is 1-based."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def decode(path: str, data: bytes, *, lenient: bool = False) -> Source:
    """The text of a file with what is needed to write it back.

    A Python file may name its encoding (PEP 263); everything else is UTF-8. UTF-16 is told by its BOM. `lenient` keeps bytes
    that are not UTF-8 as surrogates, so that prose in an old encoding can still be read and is written back unharmed.
    Raises `Undecodable`.
    """
    encoding, bom, body = "utf-8", False, data
    if data.startswith(codecs.BOM_UTF8):
        bom, body = True, data[3:]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        bom, body = True, data[2:]
    elif path.endswith(_PYTHON):
        for head in data.split(b"\n", 2)[:2]:
            if match := _COOKIE.match(head):
                encoding = match[1].decode("ascii")
                break
            if head.strip() and not head.lstrip().startswith(b"#"):
                break
    try:
        text = body.decode(encoding, "surrogateescape" if lenient else "strict")
        if text.encode(encoding, "surrogateescape") != body:
            raise Undecodable(0, f"does not survive a round trip through {encoding}")
    except LookupError:
        raise Undecodable(1, f"unknown encoding {encoding!r} in the coding comment") from None
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        at = body[error.start : error.start + 1]  # empty where a codec misses something behind the last byte
        raise Undecodable(line, f"{f'byte 0x{at.hex()}' if at else 'the end'} is not {encoding}") from None
    except (UnicodeError, ValueError, TypeError, AssertionError) as error:
        # `idna`, `undefined` and the like are codecs, but none for source text
        raise Undecodable(
            1, f"{encoding!r} in the coding comment cannot be used for source text ({type(error).__name__})"
        ) from None
    return Source(path=path, text=text, encoding=encoding, bom=bom, digest=hashlib.sha256(data).hexdigest())


def salvage(path: str, data: bytes) -> Source:
    """The text of a file that `decode` refuses, only to be searched: as UTF-8, with other bytes as surrogates."""
    text = data.decode("utf-8", "surrogateescape")
    return Source(path=path, text=text, encoding="utf-8", bom=False, digest=hashlib.sha256(data).hexdigest())


def encode(source: Source, text: str) -> bytes:
    """`text` as bytes in the encoding of `source`, its BOM in front."""
    body = text.encode(source.encoding, "surrogateescape")
    if not source.bom:
        return body
    return {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(source.encoding, codecs.BOM_UTF8) + body


class Lines:
    """Offsets to lines and columns. Lines end at LF, CRLF or a lone CR, as editors count them."""

    _END = regex(r"\r\n|\n|\r")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self.starts = [0, *(match.end() for match in self._END.finditer(text))]
        else:
            self.starts = [0, *accumulate([len(line) + 1 for line in text.split("\n")])]
            self.starts.pop()  # the last line ends where the text does

    def at(self, offset: int) -> tuple[int, int]:
        """1-based line and column (in characters) of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, offset: int) -> int:
        """1-based line of an offset."""
        return bisect_right(self.starts, offset)

    def span(self, line: int) -> tuple[int, int]:
        """Start and end offsets of a 1-based line, its line end included."""
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.starts[line - 1], end

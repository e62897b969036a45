"""Bytes to text and back, and where lines are."""

from __future__ import annotations

import codecs
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.text.source import Lines, Undecodable, decode, encode, salvage
from tests.edited import texts


@given(texts(), st.sampled_from(["utf-8", "utf-8-bom", "utf-16-le", "utf-16-be"]))
@settings(max_examples=100, deadline=None)
def test_what_was_decoded_is_encoded_to_the_same_bytes(text: str, kind: str) -> None:
    data = {
        "utf-8": lambda: text.encode(),
        "utf-8-bom": lambda: codecs.BOM_UTF8 + text.encode(),
        "utf-16-le": lambda: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        "utf-16-be": lambda: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    }[kind]()
    source = decode("a.txt", data)
    assert source.text == text
    assert encode(source, source.text) == data
    assert source.digest == hashlib.sha256(data).hexdigest()
    assert source.bom == (kind != "utf-8")


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_survive_lenient_reading_or_are_refused(data: bytes) -> None:
    try:
        source = decode("a.md", data, lenient=True)
    except Undecodable:
        return
    assert encode(source, source.text) == data


def test_a_cookie_names_the_encoding_of_a_python_file_only() -> None:
    data = "# -*- coding: latin-1 -*-\nname = 'Zoë'\r\n".encode("latin-1")
    assert {decode(name, data).encoding for name in ("a.py", "a.pyi", "a.pyw")} == {"latin-1"}
    source = decode("a.py", data)
    assert "Zoë" in source.text
    assert encode(source, source.text) == data
    with pytest.raises(Undecodable) as caught:
        decode("a.txt", data)
    assert caught.value.line == 2


def test_a_cookie_counts_in_the_second_line_but_not_after_code() -> None:
    assert decode("a.py", b"#!/usr/bin/env python\n# coding: cp1252\n").encoding == "cp1252"
    assert decode("a.py", b"x = 1\n# coding: cp1252\n").encoding == "utf-8"


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(Undecodable, match="no-such-thing"):
        decode("a.py", b"# coding: no-such-thing\n")


def test_the_line_of_a_bad_byte_is_named() -> None:
    with pytest.raises(Undecodable, match="0xff") as caught:
        decode("a.py", b"a\nb\n\xff\n")
    assert caught.value.line == 3


def test_lines_end_at_lf_crlf_and_cr() -> None:
    text = "ab\r\nc\rd\n\ne"
    lines = Lines(text)
    assert [lines.at(text.index(letter)) for letter in "abcde"] == [(1, 1), (1, 2), (2, 1), (3, 1), (5, 1)]
    assert [text[slice(*lines.span(number))] for number in range(1, 6)] == ["ab\r\n", "c\r", "d\n", "\n", "e"]
    assert lines.line(len(text)) == 5


def test_a_bad_byte_is_kept_where_the_reader_is_lenient_and_by_a_search() -> None:
    source = decode("notes.md", b"caf\xe9\n", lenient=True)
    assert source.text == "caf\udce9\n"
    assert encode(source, source.text) == b"caf\xe9\n"
    found = salvage("a.py", b"\xff\xfe\xe9 x\n")
    assert (found.path, found.text, found.encoding, found.bom) == ("a.py", "\udcff\udcfe\udce9 x\n", "utf-8", False)
    assert found.digest == hashlib.sha256(b"\xff\xfe\xe9 x\n").hexdigest()
    assert encode(found, found.text) == b"\xff\xfe\xe9 x\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\n# coding: cp1252\n", "cp1252"),  # an empty line, or one of blanks, is no code
        (b"   \n# coding: cp1252\n", "cp1252"),
        (b"  # a comment\n# coding: cp1252\n", "cp1252"),
        (b"\n\n# coding: cp1252\n", "utf-8"),  # the third line
        (b"# coding: cp1252\n# coding: cp1251\n", "cp1252"),
        (codecs.BOM_UTF8 + b"# coding: cp1252\n", "utf-8"),
    ],
)
def test_where_a_cookie_counts(data: bytes, encoding: str) -> None:
    source = decode("a.py", data)
    assert source.encoding == encoding
    assert encode(source, source.text) == data


def test_what_cannot_be_source_text_is_said_with_its_line() -> None:
    for data, line, message in (
        (b"# coding: no-such-thing\n", 1, "unknown encoding 'no-such-thing'"),
        (b"# coding: undefined\n\xe9\n", 1, "cannot be used for source text"),
        (b"# coding: utf-7\n+AGE-\n", 0, "does not survive a round trip through utf-7"),
        (codecs.BOM_UTF16_LE + b"a\x00\n\x00\x00\xd8", 2, "is not utf-16-le"),
        (codecs.BOM_UTF16_BE + b"\x00a\xd8", 1, "byte 0xd8 is not utf-16-be"),
        (codecs.BOM_UTF8 + b"\xff", 1, "byte 0xff is not utf-8"),
    ):
        with pytest.raises(Undecodable, match=message) as caught:
            decode("a.py", data)
        assert caught.value.line == line
        assert caught.value.message == str(caught.value)


def test_a_text_that_ends_too_early_for_its_codec() -> None:
    def early(data: Any, _errors: str = "strict", /) -> tuple[str, int]:
        raise UnicodeDecodeError("early", bytes(data), len(data), len(data) + 1, "more was expected")

    codec = codecs.CodecInfo(lambda text, _errors="strict": (text.encode(), len(text)), early, name="early")

    def find(name: str) -> codecs.CodecInfo | None:
        return codec if name == "early" else None

    codecs.register(find)
    try:
        with pytest.raises(Undecodable, match=r"^the end is not early$") as caught:
            decode("a.py", b"# coding: early\nx")
    finally:
        codecs.unregister(find)
    assert caught.value.line == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_last_line_ends_with_the_text(end: str) -> None:
    lines = Lines(f"ab{end}c")
    assert lines.span(2) == (2 + len(end), 3 + len(end))
    assert lines.at(3 + len(end)) == (2, 2)
    lines = Lines(f"ab{end}")
    assert lines.span(2) == (2 + len(end), 2 + len(end))
    assert lines.line(2 + len(end)) == 2
    assert lines.line(0) == 1

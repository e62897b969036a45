from __future__ import annotations

from io import StringIO

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config.dotenv import lower
from migrator.formats.tree import EnvRef, Join, RegionKind, Str, Unreadable
from migrator.text.source import decode
from tests.formats.probing import assert_spans, defined, definitions, renamed, source


def test_every_form_of_an_assignment_is_found_where_it_stands() -> None:
    text = (
        '# head\n\nexport A_KEY=one # note\nB=\'two $X\'\nC="th\\"ree"\n  D = four \nE=\nNAKED\nML="x\ny"\n\'QUOTED\'=5\nLAST=six'
    )
    module = lower(source(text, ".env"))
    assert_spans(module, text)
    assert [(entry.name, text[slice(*entry.span)]) for entry in definitions(module)] == [
        ("A_KEY", "export A_KEY=one"),
        ("B", "B='two $X'"),
        ("C", 'C="th\\"ree"'),
        ("D", "D = four"),
        ("E", "E="),
        ("NAKED", "NAKED"),
        ("ML", 'ML="x\ny"'),
        ("QUOTED", "'QUOTED'=5"),
        ("LAST", "LAST=six"),
    ]
    values = {entry.name: entry.value.value if isinstance(entry.value, Str) else None for entry in definitions(module)}
    assert values == dict(dotenv_values(stream=StringIO(text), interpolate=False))
    by_name = {entry.name: entry.value for entry in definitions(module)}
    assert isinstance(by_name["C"], Str)
    assert not by_name["C"].exact
    assert [text[slice(*region.span)] for region in module.regions if region.kind is RegionKind.COMMENT] == ["# head", "# note"]


def test_expansion_happens_outside_single_quotes_only() -> None:
    text = "A=\"x ${B:-${C}} $D_1 y\"\nE='${B}'\nF=${B}\nG=pa$$word\nH=\\$NOT\n"
    module = lower(source(text, ".env"))
    assert_spans(module, text)
    a, e, f, g, h = (entry.value for entry in definitions(module))
    assert isinstance(a, Join)
    first, reference, _, bare, last = a.parts
    assert (first, last) == (Str(first.span, "x ", first.span, exact=True), Str(last.span, " y", last.span, exact=True))
    assert isinstance(reference, EnvRef)
    assert isinstance(reference.default, EnvRef)
    assert (reference.name, reference.default.name) == ("B", "C")
    assert isinstance(bare, EnvRef)
    assert bare.name == "D_1"
    assert isinstance(e, Str)
    assert isinstance(f, Join)
    assert isinstance(g, Str)
    assert isinstance(h, Str)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# OPENROUTER_API_KEY=sk-or-v1-...", "OPENROUTER_API_KEY"),
        ("#export OPENROUTER_API_KEY='x'", "OPENROUTER_API_KEY"),
        ("## OPENROUTER_API_KEY = your key here  # get one", "OPENROUTER_API_KEY"),
        ("# see https://example.org/?a=b", None),
        ("# note=this", None),
        ("# NOTE = this is how it works", None),
        ("# set OPENROUTER_API_KEY=x first", None),
    ],
)
def test_assignments_that_are_switched_off(line: str, name: str | None) -> None:
    module = lower(source(f"{line}\r\nX=1\r\n", ".env.example"))
    assert_spans(module, f"{line}\r\nX=1\r\n")
    switched_off = [entry.name for entry in definitions(module) if entry.commented]
    assert switched_off == ([name] if name else [])
    assert len(module.regions) == 2


def test_lines_that_are_no_assignments_are_noted_and_the_rest_goes_on() -> None:
    secret = "sk-" + "q" * 40
    module = lower(source(f"A=1\r\n\r\nKEY: {secret}\r\nA=2\r\n", ".env"))
    assert [line for line, _ in module.errors] == [3]
    assert secret not in repr(module.errors)
    assert [name for name, _, _ in defined(module)] == ["A", "A"]


def test_bom_and_crlf_do_not_move_anything() -> None:
    given_source = decode(".env", b'\xef\xbb\xbfA=1\r\nB="2"\r\n')
    module = lower(given_source)
    assert_spans(module, given_source.text)
    assert [given_source.text[slice(*entry.span)] for entry in definitions(module)] == ["A=1", 'B="2"']


def test_an_encrypted_value_is_sealed() -> None:
    assert defined(lower(source('A_KEY="encrypted:BDqDBibm4wsYqMpCjTQ6BsDHmMadg"\nB=1\n', ".env"))) == [
        ("A_KEY", "dotenv", "sealed:dotenvx"),
        ("B", "dotenv", ""),
    ]


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(Unreadable, match="too large"):
        lower(source("A=1\n" * 1_300_000, ".env"))


_names = st.sampled_from(["OPENROUTER_API_KEY", "A", "B_C", "x_1"])
_values = st.sampled_from(
    ["", "1", "a b", "'q # r'", '"d\\n\\"e"', '"two\nlines"', "${A}", "v # note", "ü🙂", "'it\\'s'", '"\\\\"', "a#b"]
)
_lines = st.one_of(
    st.tuples(st.sampled_from(["", "export ", "  "]), _names, st.sampled_from(["=", " = "]), _values).map("".join),
    st.sampled_from(["", "# comment", "# OPENROUTER_API_KEY=off", "broken line here", "\t"]),
)


@given(st.lists(_lines, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_renaming_changes_names_only(lines: list[str], end: str, final: bool) -> None:
    text = end.join(lines) + (end if final else "")
    module = lower(source(text, ".env"))
    assert_spans(module, text)
    assert [e.name for e in definitions(module) if not e.commented] == _keys(text)
    new = {"OPENROUTER_API_KEY": "MG_KEY"}
    after = renamed(module, text, new)
    before = {
        new.get(key, key): value for key, value in dotenv_values(stream=StringIO(text, newline=""), interpolate=False).items()
    }
    assert dict(dotenv_values(stream=StringIO(after, newline=""), interpolate=False)) == before
    assert after.replace("MG_KEY", "OPENROUTER_API_KEY") == text


def _keys(text: str) -> list[str]:
    from dotenv.parser import parse_stream

    return [binding.key for binding in parse_stream(StringIO(text, newline="")) if binding.key is not None and not binding.error]

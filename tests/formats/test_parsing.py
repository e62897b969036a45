"""A grammar that never leaves the recovery from an error costs its file, not the run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_typescript

from migrator.__main__ import main
from migrator.formats import lower
from migrator.formats.ecma import grammar
from migrator.formats.parsing import parse_bounded
from migrator.formats.tree import Unreadable
from migrator.text.source import decode

ENDLESS = ("-7 : {t: {ve/5k:ve&>g]", "<a {{b:>c:d(e f)\n")
"""Each keeps the TSX grammar busy for ever, at growing memory."""


@pytest.fixture
def parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_tsx()))


@pytest.mark.parametrize("text", ENDLESS)
def test_a_text_that_the_grammar_never_gets_past_is_a_complaint_with_its_line(text: str, parser: tree_sitter.Parser) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_bounded(parser, b"let a = 1;\n" * 3 + text.encode())
    assert caught.value.line >= 4
    assert "the parser does not get past the syntax here" in caught.value.message


def test_a_parser_that_was_stopped_reads_the_next_text_from_its_start(parser: tree_sitter.Parser) -> None:
    with pytest.raises(Unreadable):
        parse_bounded(parser, ENDLESS[0].encode())
    root = parse_bounded(parser, b"let a = 1;\n")
    assert not root.has_error
    assert [child.type for child in root.children] == ["lexical_declaration"]


def test_a_long_text_is_read_in_pieces_as_it_would_be_at_once(parser: tree_sitter.Parser) -> None:
    data = ('const name = "\N{LATIN SMALL LETTER E WITH ACUTE}\U0001f600";\n' * 3_000).encode()
    root = parse_bounded(parser, data)
    assert not root.has_error
    assert str(root) == str(parser.parse(data).root_node)


def test_a_file_of_a_megabyte_is_read_whole(parser: tree_sitter.Parser) -> None:
    line = b'const c = new OpenAI({ baseURL: "https://openrouter.ai/api/v1", apiKey: process.env.OPENROUTER_API_KEY });\n'
    root = parse_bounded(parser, line * 12_000)
    assert not root.has_error
    assert root.child_count == 12_000


def test_a_script_whose_first_grammar_does_not_end_is_read_by_another() -> None:
    text = f"const base = 'https://openrouter.ai/api/v1';\n{ENDLESS[0]}\n"
    with pytest.raises(Unreadable):
        lower(decode("a.tsx", text.encode()))
    assert lower(decode("a.js", text.encode())).body


def test_the_run_goes_on_without_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    tree = tmp_path / "tree"
    tree.mkdir()
    code = 'import OpenAI from "openai";\nnew OpenAI({ baseURL: "https://openrouter.ai/api/v1", apiKey: process.env.OPENROUTER_API_KEY });\n'
    (tree / "good.ts").write_text(code.replace("OPENROUTER_API_KEY", "OPENROUTER_KEY_OF_GOOD"), "utf-8")
    (tree / "bad.tsx").write_text(code + ENDLESS[0] + "\n", "utf-8")
    assert main([str(tree), "-q"]) == 3
    assert "bad.tsx:3" in capsys.readouterr().err
    assert "synapse" in (tree / "good.ts").read_text("utf-8")


def test_mistakes_deep_inside_are_found_in_less_time_than_the_text_was_parsed() -> None:
    data = ("f(" * 4_000 + '")' * 4_000).encode()
    began = time.process_time()
    _, root = grammar.parse("js", data)
    parsed = time.process_time()
    places = grammar.mistakes(root, data)
    assert len(places) > 3_000
    assert time.process_time() - parsed < parsed - began

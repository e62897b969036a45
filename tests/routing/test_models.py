"""The inventory of ids, and the check against a saved list."""

from __future__ import annotations

import json

import pytest

from migrator.facts.model import Fact, FactKind
from migrator.model import Location, MigratorError, Span
from migrator.routing.inventory import check, inventory, note, status
from tests.routing.trees import world_of

LIST = [{"id": "openai/gpt-5"}, {"id": "meta/llama-3.3-70b"}, {"id": "spacexai/grok-4"}]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("openai/gpt-5", "same"),
        ("openai/gpt-5:nitro", "variant"),
        ("openai/o3-mini-high", "variant"),
        (":free", "variant"),
        ("openrouter/auto", "router-only"),
        ("~openai/gpt-latest", "router-only"),
        ("@preset/x", "router-only"),
        ("openrouter/openai/gpt-5", "prefixed"),
        ("gpt-4o", "unknown"),
    ],
)
def test_the_class_of_an_id(model: str, expected: str) -> None:
    assert status(model) == expected


def test_candidates_are_notes_with_a_date() -> None:
    assert "meta/llama-3.3-70b" in note("meta-llama/llama-3.3-70b-instruct")
    assert "2026-11" in note("meta-llama/llama-3.3-70b-instruct")
    assert "billed" in note("deepseek/deepseek-r1:free")
    assert "not this model" in note("openai/gpt-5.1")
    assert "xai/grok-4 or spacexai/grok-4" in note("x-ai/grok-4")


@pytest.mark.parametrize("document", [LIST, {"object": "list", "data": LIST}, {"models": LIST}], ids=["list", "data", "models"])
def test_the_three_shapes_of_a_list(document: object) -> None:
    found = check(["openai/gpt-5", "openai/gpt-5:nitro", "x-ai/grok-4", "openrouter/auto"], json.dumps(document).encode())
    assert [(one.id, one.asked, one.near[0]) for one in found] == [("x-ai/grok-4", "x-ai/grok-4", "spacexai/grok-4")]


@pytest.mark.parametrize("answer", [b"<html>", b'{"error": 1}', b"[1]"])
def test_an_answer_that_is_no_list_says_so(answer: bytes) -> None:
    with pytest.raises(MigratorError, match="--models-from"):
        check(["openai/gpt-5"], answer)


def test_one_row_for_an_id_with_every_place() -> None:
    tree = {"a.py": 'M = "openai/gpt-5"\n', "b.py": '\nM = "openai/gpt-5"\nN = "x-ai/grok-4"\n'}
    repository = world_of(tree)
    marks = [
        Fact(kind=FactKind.MODEL, path=path, span=Span(at, at + len(text)), text=text)
        for path, code in tree.items()
        for text in ("openai/gpt-5", "x-ai/grok-4")
        if (at := code.find(text)) >= 0
    ]
    first, second = inventory(marks, repository.files)
    assert first.locations == (Location(path="a.py", line=1), Location(path="b.py", line=2))
    assert "not checked" in first.note
    checked = inventory(marks, repository.files, check(["openai/gpt-5", "x-ai/grok-4"], json.dumps(LIST).encode()))
    assert checked[0].note == "in the target's model list"
    assert checked[1].note.startswith("not in the target's model list; similar: spacexai/grok-4")
    assert second.status == "same"

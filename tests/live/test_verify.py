"""The same prompts to two gateways: what is compared, what is judged, and how many requests it takes."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.live import render, verify
from migrator.live.gateway import Record
from migrator.live.rehearse import running
from migrator.live.result import Request, Verdict
from migrator.live.verify import Comparison, Measure, Row
from migrator.model import Location, MigratorError, ModelRow
from tests.live.servers import Answer, scripted

KEYS = {"MG_KEY": "mg_live_" + "a1b2" * 10, "OPENROUTER_API_KEY": "sk-or-v1-" + "0" * 64}
MINI = ModelRow(id="openai/gpt-4o-mini", locations=(Location(path="a.py", line=1),), status="same", note="")
LIST = json.dumps({"data": [{"id": "openai/gpt-4o-mini", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]}).encode()


def ask(old_url: str, new_url: str, *models: ModelRow, **more: object) -> verify.Ask:
    plain = verify.Ask(
        old=verify.Side(target=targets.with_host(targets.gateway("openrouter"), f"{old_url}/api/v1")),
        new=verify.Side(target=targets.with_host(targets.load(), f"{new_url}/api/v1")),
        models=models,
        prompts=verify.PROMPTS[:2],
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def run(question: verify.Ask, *, agree: bool = True, keys: dict[str, str] = KEYS) -> Comparison:
    return verify.run(question, keys, lambda _check: None, lambda _question: agree, lambda _row: None)


def test_two_rehearsals_agree_and_every_request_is_accounted_for() -> None:
    with ExitStack() as stack:
        old, new = Record(), Record()
        old_port = stack.enter_context(running(targets.gateway("openrouter"), old))
        new_port = stack.enter_context(running(targets.load(), new))
        comparison = run(ask(f"http://127.0.0.1:{old_port}", f"http://127.0.0.1:{new_port}", MINI))
    assert comparison.passed()
    assert [row.because for row in comparison.rows] == ["prompt tokens are equal"] * 2
    assert len(old.arrivals) == len(new.arrivals) == 3, "one list and one request for each prompt"
    assert {arrival.variable for arrival in old.arrivals} == {"OPENROUTER_API_KEY"}
    assert {arrival.variable for arrival in new.arrivals} == {"MG_KEY"}
    assert not any(arrival.stream for arrival in (*old.arrivals, *new.arrivals))
    first = comparison.rows[0]
    assert first.old.cost_from == "answer"
    assert first.new.cost_from == "list price"
    assert first.old.served_by == "Rehearsal"
    assert "list price" in render.table(comparison, 1000)
    assert "6 requests" in render.totals(comparison, 1000)
    document = json.loads(render.comparison_json(comparison))
    assert document["passed"] is True
    shown = render.comparison_json(comparison)
    assert all(key not in shown for key in KEYS.values())
    assert verify.PROMPTS[0][1] not in shown, "a record names its prompts without holding them"


def measure(prompt: int | None = 100, **more: object) -> Measure:
    plain = Measure(
        gateway="g", request=Request(method="POST", url="u", status=200, seconds=0.1), prompt_tokens=prompt, completion_tokens=5
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "verdict", "says"),
    [
        (measure(100), measure(100), Verdict.PASS, "equal"),
        (measure(100), measure(105), Verdict.PASS, "5 apart, within 5"),
        (measure(100), measure(106), Verdict.FAIL, "6 apart, more than 5; a hidden addition"),
        (measure(1000), measure(1020), Verdict.PASS, "20 apart, within 20"),
        (measure(1000), measure(1021), Verdict.FAIL, "21 apart, more than 20"),
        (measure(1000), measure(979), Verdict.FAIL, "21 apart, more than 20"),
        (measure(None), measure(100), Verdict.NOTE, "no usage"),
        (measure(100), measure(100, answered_by="x/z"), Verdict.PASS, "answered with x/z"),
        (measure(100, served_by="A"), measure(120, served_by="B"), Verdict.FAIL, "other provider"),
        (measure(100, served_by="a"), measure(120, served_by="A"), Verdict.FAIL, "hidden addition"),
        (measure(100, cached_tokens=50), measure(120), Verdict.FAIL, "cached prompt tokens"),
        (measure(100, reasoning_tokens=9), measure(100), Verdict.PASS, "reasoning tokens"),
        (measure(100), measure(100, failure="no"), Verdict.FAIL, "g: no"),
    ],
)
def test_only_prompt_tokens_are_judged(old: Measure, new: Measure, verdict: Verdict, says: str) -> None:
    found, because = verify.judge(old, new, ("x/y", "x/y"))
    assert found is verdict
    assert says in because


def test_a_failure_on_one_side_ends_that_side_only() -> None:
    with ExitStack() as stack:
        old, new = Record(), Record()
        old_port = stack.enter_context(running(targets.gateway("openrouter"), old, fail=(402,)))
        new_port = stack.enter_context(running(targets.load(), new))
        comparison = run(ask(f"http://127.0.0.1:{old_port}", f"http://127.0.0.1:{new_port}", MINI))
    assert not comparison.passed()
    assert len(old.arrivals) == 2
    assert len(new.arrivals) == 3
    assert "credits" in (comparison.rows[0].old.failure or "")
    assert "not sent" in (comparison.rows[1].old.failure or "")


def test_a_missing_key_on_either_side_sends_nothing() -> None:
    with scripted({}) as server:
        for name in KEYS:
            comparison = run(ask(server.url, server.url, MINI), keys={name: KEYS[name]})
            assert not comparison.passed()
        assert server.seen == []


def test_models_that_are_not_on_both_lists_are_told_and_not_sent() -> None:
    with scripted({"/api/v1/models": Answer(body=LIST)}) as server:
        rows = (replace(MINI, id="x/unknown"), replace(MINI, id="openai/text-embedding-3-small"))
        comparison = run(ask(server.url, server.url, *rows))
        assert not comparison.passed()
        assert len(server.seen) == 2
        says = [check.says for check in comparison.checks]
        assert "x/unknown is not compared: not on the list of OpenRouter and Synapse Garden" in says
        assert "openai/text-embedding-3-small is not compared: it is no chat model" in says


def test_the_cap_and_the_question_stand_before_the_first_request() -> None:
    with scripted({"/api/v1/models": Answer(body=LIST)}) as server:
        over = run(ask(server.url, server.url, MINI, max_cost=Decimal("0.0000001")))
        assert any(check.failure == "max-cost" for check in over.checks)
        refused = run(ask(server.url, server.url, MINI), agree=False)
        assert any("not confirmed" in check.says for check in refused.checks)
        assert not refused.passed(), "nothing compared is nothing shown"
        assert {seen.method for seen in server.seen} == {"GET"}


def test_prompts_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "p"
    file.write_text("one\n\n  two  \n")
    assert [text for _, text in verify.read_prompts(file)] == ["one", "two"]
    file.write_text('["a\\nb", "c"]')
    assert [text for _, text in verify.read_prompts(file)] == ["a\nb", "c"]
    for bad in ("", '["", 1]', "[oops"):
        file.write_text(bad)
        with pytest.raises(MigratorError, match="--prompts"):
            verify.read_prompts(file)


def test_a_row_is_one_line() -> None:
    row = Row(
        model="a/b", prompt="p", digest="0", old=measure(), new=measure(), verdict=Verdict.PASS, because="prompt tokens are equal"
    )
    assert render.row(row, 80) == "ok    a/b, p: prompt tokens are equal"

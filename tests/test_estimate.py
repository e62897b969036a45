"""An activity export, summed and set beside the plans."""

from __future__ import annotations

import io
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.lifecycle import activity as exports
from migrator.lifecycle import estimate
from migrator.model import MigratorError

HEAD = "date,model_permaslug,usage,requests,prompt_tokens,completion_tokens,reasoning_tokens\n"


def read(text: str) -> exports.Activity:
    return exports.sums(io.StringIO(text), "a.csv")


def test_sums_by_month_and_model() -> None:
    activity = read(
        HEAD
        + "2026-01-02 00:00:00,a/x,0.5,3,1000,200,50\n"
        + "2026-01-31T23:59:59Z,a/y,0.25,1,10,20,0\n"
        + "2026-02-01,a/x,1e-3,1,1,1,0\n"
    )
    assert list(activity.by_month) == ["2026-01", "2026-02"]
    january = activity.by_month["2026-01"]
    assert (january.requests, january.prompt, january.completion, january.reasoning) == (4, 1010, 220, 50)
    assert january.cost == Decimal("0.75")
    assert january.tokens() == 1230, "reasoning tokens are inside the completion tokens"
    assert activity.by_model["a/x"].cost == Decimal("0.501")
    assert activity.rows == 3
    assert activity.bad == 0


@pytest.mark.parametrize(
    "text",
    [
        "Created_At;Model;Tokens_Prompt;Tokens_Completion;Cost_Total\n2026-01-02;a/x;1;2;0.1\n",
        "\ufeffcreated at\tmodel slug\tTokens Prompt\tTokens Completion\tTotal Cost\r\n2026-01-02\ta/x\t1\t2\t$0.1\r\n",
        'generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug\n1,"2026-01-02 10:00",0.1,1,2,a/x\n',
        "native_tokens_prompt,native_tokens_completion,cost,model,timestamp\n1.0,2,0.1,a/x,2026-01-02\n",
    ],
)
def test_columns_are_found_by_name(text: str, tmp_path: Path) -> None:
    file = tmp_path / "activity.csv"
    file.write_text(text, "utf-8", newline="")
    activity = exports.read(file)
    only = activity.by_month["2026-01"]
    assert (only.prompt, only.completion, only.cost, only.requests) == (1, 2, Decimal("0.1"), 1)
    assert list(activity.by_model) == ["a/x"]


def test_a_bad_row_is_named_and_the_others_count() -> None:
    bad = ["yesterday,m,1,1,1,1,0", "2026-01-01,m,1,1,x,1,0", "2026-01-01,m,nan,1,1,1,0", "2026-13-01,m,1,1,1,1,0", "2026-01-01,m"]
    bad += ["2026-01-01,m,1,1,-5,1,0", "2026-01-01,m,1,1,inf,1,0"]
    activity = read(HEAD + "2026-01-01,m,1,1,1,1,0\n" + "\n".join(bad) + "\n\n2026-01-01,m,1,1,1,1,0\n")
    assert activity.rows == 2
    assert activity.bad == len(bad)
    assert activity.complaints[0].startswith("a.csv:3: the date 'yesterday'")
    assert len(activity.complaints) == 5
    assert "7 rows could not be read" in estimate.render(activity)


def test_empty_cells_are_nothing() -> None:
    assert read(HEAD + "2026-01-01,m,,,,,\n").by_month["2026-01"].tokens() == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a.csv:1: the file is empty"),
        ("date,model\n", r"no column for prompt \(prompt_tokens"),
        ("a,b\x1b[2J\n", "no column for date"),
    ],
)
def test_a_file_that_is_no_export(text: str, says: str) -> None:
    with pytest.raises(MigratorError, match=says) as error:
        read(text)
    assert "\x1b" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="cannot be read"):
        exports.read(tmp_path / "none.csv")


def month(tokens: int, cost: str) -> exports.Sum:
    return exports.Sum(prompt=tokens, cost=Decimal(cost))


def test_bills_follow_the_plans_as_data() -> None:
    free, pro, agency = estimate.plans().plans
    margin = estimate.plans().margin
    assert (free.tokens, pro.tokens, agency.tokens) == (1_000_000, 100_000_000, 500_000_000)
    assert (pro.price, agency.price) == (Decimal(50), Decimal(200))
    assert estimate.bill(free, month(1_000_000, "3"), margin) == 0
    assert estimate.bill(free, month(1_000_001, "3"), margin) is None, "not covered is not free"
    assert estimate.bill(pro, month(100_000_000, "90"), margin) == 50
    # half of the tokens are over, at the month's average price with the margin on top
    assert estimate.bill(pro, month(200_000_000, "100"), margin) == 50 + Decimal(50) * margin
    assert estimate.bill(agency, month(0, "0"), margin) == 200


def test_the_report_says_what_it_rests_on() -> None:
    activity = read(HEAD + "2026-01-01,a/x:free,0,1,2000000,1,0\n2026-01-01,a/\x1b[31my,9,1,1,1,0\n")
    text = " ".join(estimate.render(activity).split())
    for part in ("plans as of 2026-11-22", "margin of 10 %", "unverified", "not covered", "free variants", "date from 'date'"):
        assert part in text
    assert "\x1b" not in text + estimate.chart(activity)
    document = json.loads(estimate.document(activity))
    assert document["months"]["2026-01"]["cost"] == "9"
    assert document["plans"]["by_month"]["2026-01"]["Free"] is None
    # one day of 31
    assert document["plans"]["by_month"]["2026-01"]["Pro"] == "1.6129"
    assert (document["months"]["2026-01"]["days"], document["months"]["2026-01"]["days_in_month"]) == (1, 31)


def test_the_verdict_stands_first_and_last_and_counts_the_fee() -> None:
    rows = "".join(f"2026-{month}-{day},a/x,90,1,60000000,1000000,0\n" for month, day in (("01", "16"), ("02", "01"), ("02", "28")))
    activity = read(HEAD + rows)
    assert activity.days("2026-01") == (16, 31)
    assert activity.days("2026-02") == (28, 28)
    judged = estimate.verdict(activity)
    # January: half of Pro; 61 million tokens of 51.6 million. February: Pro, 122 million tokens of 100 million
    january = Decimal(50) * 16 / 31 + Decimal(90) * Decimal("1.10") * (61_000_000 - Decimal(100_000_000) * 16 / 31) / 61_000_000
    february = 50 + Decimal(180) * Decimal("1.10") * 22_000_000 / 122_000_000
    assert judged.plan == "Pro"
    assert round(judged.amount, 6) == round(january + february, 6)
    assert judged.openrouter == 270
    assert round(judged.fee, 2) == Decimal("15.71"), "5.5 % of what was paid for credits"
    text = estimate.render(activity)
    assert text.startswith("Less: 2026-01-16 to 2026-02-28 would have cost")
    assert "2026-01 (16/31)" in text
    assert max(map(len, text.splitlines())) <= 80
    first = text.split("\n\n")[0]
    assert text.endswith(first)
    dear = estimate.render(read(HEAD + "2026-01-31,a/x,0.5,1,1000,10,0\n2026-01-01,a/x,0.5,1,2000000,10,0\n"))
    assert dear.startswith("Not less: 2026-01-01 to 2026-01-31 would have cost 50.00 USD on the Pro plan,\n48.94 more")


def test_the_activity_as_json_gives_the_same_sums(tmp_path: Path) -> None:
    row = {"date": "2026-01-02", "model": "a/x", "model_permaslug": "a/x-2025", "usage": 0.015, "byok_usage_inference": 0.012}
    row |= {"requests": 5, "prompt_tokens": 50, "completion_tokens": 125, "reasoning_tokens": 25}
    spelled = {
        "modelPermaslug"
        if key == "model_permaslug"
        else key.title().replace("_", "")[0].lower() + key.title().replace("_", "")[1:]: value
        for key, value in row.items()
    }
    for document in ({"data": [row, row]}, [row, row], {"data": [spelled, spelled]}):
        (tmp_path / "a.json").write_text(json.dumps(document))
        activity = exports.read(tmp_path / "a.json")
        only = activity.by_month["2026-01"]
        assert (only.requests, only.prompt, only.completion, only.reasoning) == (10, 100, 250, 50)
        assert (only.cost, only.byok) == (Decimal("0.030"), Decimal("0.024"))
    (tmp_path / "a.json").write_text(json.dumps({"data": [row, {**row, "usage": "much"}]}))
    activity = exports.read(tmp_path / "a.json")
    assert (activity.rows, activity.bad) == (1, 1)
    for text, says in (
        ("{", "not JSON"),
        ('{"error": 1}', "no list of activity"),
        ("[]", "is empty"),
        ('{"data": [1]}', "no list"),
    ):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(MigratorError, match=says):
            exports.read(tmp_path / "a.json")


def test_the_export_with_a_line_for_each_generation_names_variants_and_keys() -> None:
    head = "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,variant,api_key_name\n"
    activity = read(
        head
        + "gen-1,2026-06-28 03:46:57.713,0.01,10,2,0,0,a/x,free,prod\n"
        + "gen-2,2026-06-30 03:46:57.713,0.02,10,2,0,0,a/x,standard,prod\n"
        + "gen-3,2026-06-29 03:46:57.713,0.03,10,2,0,0,a/y,,\n"
    )
    assert sorted(activity.by_model) == ["a/x", "a/x:free", "a/y"]
    assert activity.keys["prod"] == exports.KeyUse(requests=2, first="2026-06-28", last="2026-06-30")
    assert activity.keys["(no name)"].last == "2026-06-29"
    assert (activity.first, activity.last) == ("2026-06-28", "2026-06-30")


def test_the_chart_is_drawn_to_scale() -> None:
    activity = read(HEAD + "2026-01-01,a,1,1,100,0,0\n2026-02-01,b,2,1,50,0,0\n")
    bars = {line.split()[0]: line.count("█") for line in estimate.chart(activity, width=40).splitlines() if "█" in line}
    assert bars == {"2026-01": 40, "2026-02": 20, "b": 40, "a": 20}


ROW = st.tuples(
    st.sampled_from(["2026-01", "2026-02", "2025-12"]),
    st.sampled_from(["a/b", "c,d", 'e"f', "g\nh"]),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.decimals(0, 1000, places=6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=30))
def test_nothing_is_lost_in_the_sums(rows: list[tuple[str, str, int, int, Decimal]]) -> None:
    import csv

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["date", "model", "prompt_tokens", "completion_tokens", "cost"])
    for month_, model, prompt, completion, cost in rows:
        writer.writerow([f"{month_}-05", model, prompt, completion, cost])
    activity = read(out.getvalue())
    assert activity.rows == len(rows)
    assert sum(one.cost for one in activity.by_model.values()) == sum(row[4] for row in rows)
    assert sum(one.tokens() for one in activity.by_month.values()) == sum(row[2] + row[3] for row in rows)
    assert Counter(row[1] for row in rows) == {model: one.requests for model, one in activity.by_model.items()}

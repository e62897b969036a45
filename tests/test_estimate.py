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

from migrator.lifecycle import estimate
from migrator.model import MigratorError

HEAD = "date,model_permaslug,usage,requests,prompt_tokens,completion_tokens,reasoning_tokens\n"


def read(text: str) -> estimate.Activity:
    return estimate.sums(io.StringIO(text), "a.csv")


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
    activity = estimate.read(file)
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
        estimate.read(tmp_path / "none.csv")


def month(tokens: int, cost: str) -> estimate.Sum:
    return estimate.Sum(prompt=tokens, cost=Decimal(cost))


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
    text = estimate.render(activity)
    for part in ("plans as of 2026-11-22", "margin of 10 %", "unverified", "not covered", "free variants", "date from 'date'"):
        assert part in text
    assert "\x1b" not in text + estimate.chart(activity)
    document = json.loads(estimate.document(activity))
    assert document["months"]["2026-01"]["cost"] == "9"
    assert document["plans"]["by_month"]["2026-01"]["Free"] is None
    assert document["plans"]["by_month"]["2026-01"]["Pro"] == "50.0000"


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

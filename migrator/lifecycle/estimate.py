"""OpenRouter's activity export, summed by model and month, beside the target's plans.

The file is streamed: a million rows take the memory of one. A row that cannot be read is counted and named, and the others go on.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from io import StringIO
from pathlib import Path
from typing import IO, Any

from migrator.model import MigratorError
from migrator.reports import columns
from migrator.text.regular import read_given

_CATALOG = Path(__file__).parent.parent / "catalog"
_ISO = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?!\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_NEEDED = ("date", "model", "prompt", "completion", "cost")
_NAMED = 5
_LONGEST_FIELD = 1 << 20
_LARGEST = 256 << 20


@dataclass(slots=True, kw_only=True)
class Sum:
    """Tokens, requests and US dollars."""

    requests: int = 0
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    """Inside `completion`, as OpenRouter counts them."""
    cost: Decimal = Decimal(0)
    byok: Decimal = Decimal(0)
    """Inference on the account's own provider keys, billed by the provider."""

    def tokens(self) -> int:
        """What counts against a plan."""
        return self.prompt + self.completion

    def add(self, other: Sum) -> None:
        """Count another sum in."""
        self.requests += other.requests
        self.prompt += other.prompt
        self.completion += other.completion
        self.reasoning += other.reasoning
        self.cost += other.cost
        self.byok += other.byok


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An export, read."""

    by_month: Mapping[str, Sum]
    by_model: Mapping[str, Sum]
    cells: Mapping[tuple[str, str], Sum]
    """By month and model."""
    rows: int
    bad: int
    complaints: tuple[str, ...]
    """The first rows that could not be read, with their line."""
    columns: Mapping[str, str]
    """Which column was taken for what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingPlan:
    """A plan of the target, as data with a date."""

    name: str
    price: Decimal
    tokens: int
    overage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """`catalog/plans.toml`."""

    plans: tuple[PricingPlan, ...]
    margin: Decimal
    credit_fee: Decimal
    read: str
    unverified: tuple[str, ...]


@cache
def plans() -> Plans:
    """The plans that are shipped."""
    data = tomllib.loads((_CATALOG / "plans.toml").read_text("utf-8"))
    return Plans(
        plans=tuple(
            PricingPlan(name=row["name"], price=Decimal(row["price"]), tokens=row["tokens"], overage=row["overage"])
            for row in data["plan"]
        ),
        margin=Decimal(data["margin"]),
        credit_fee=Decimal(data["openrouter_credit_fee"]),
        read=str(data["read"]),
        unverified=tuple(data["unverified"]),
    )


def read(path: Path) -> Activity:
    """An export from a file. Raises `MigratorError` where it cannot be opened or lacks a column."""
    try:
        text = read_given(path, _LARGEST).decode("utf-8-sig", "replace")
    except OSError as error:
        raise MigratorError(f"{path}: cannot be read: {error.strerror}.") from None
    return sums(StringIO(text, newline=""), str(path))


def sums(file: IO[str], name: str) -> Activity:
    """Sums of an open export. `name` is what complaints call it."""
    csv.field_size_limit(_LONGEST_FIELD)
    start = file.tell()
    first = file.readline(_LONGEST_FIELD)
    file.seek(start)
    if not first.strip():
        raise MigratorError(f"{name}:1: the file is empty; an activity export begins with a line of column names.")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(file, delimiter=delimiter)
    taken = _columns(next(reader), name)
    read = _row_reader({what: column for what, (column, _) in taken.items()})
    cells: dict[tuple[str, str], Sum] = {}
    rows = bad = 0
    complaints: list[str] = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            bad += 1
            complaints += [f"{name}:{reader.line_num}: {error}"] if len(complaints) < _NAMED else []
            continue
        if not row:
            continue
        try:
            cell, counted = read(row)
        except ValueError as error:
            bad += 1
            complaints += [f"{name}:{reader.line_num}: {error}"] if len(complaints) < _NAMED else []
            continue
        rows += 1
        if cell not in cells:
            cells[cell] = counted
        else:
            cells[cell].add(counted)
    return Activity(
        by_month=_grouped(cells, 0),
        by_model=_grouped(cells, 1),
        cells=dict(sorted(cells.items())),
        rows=rows,
        bad=bad,
        complaints=tuple(_CONTROL.sub(" ", text) for text in complaints),
        columns={what: named for what, (_, named) in taken.items()},
    )


def _row_reader(at: Mapping[str, int]) -> Callable[[Sequence[str]], tuple[tuple[str, str], Sum]]:
    """What reads the fields of one row: its month and model, and what it counts. The reader raises `ValueError`."""
    date, model, prompt, completion, cost = (at[what] for what in _NEEDED)
    reasoning, byok, requests = at.get("reasoning"), at.get("byok"), at.get("requests")
    longest = max(at.values())
    months: dict[str, str] = {}

    def read(row: Sequence[str]) -> tuple[tuple[str, str], Sum]:
        if len(row) <= longest:
            raise ValueError(f"{len(row)} fields, {longest + 1} are needed")
        day = row[date]
        month = months.get(day[:10])
        if month is None:
            month = months[day[:10]] = _month(day)
        return (month, row[model]), Sum(
            requests=_int(row[requests]) if requests is not None else 1,
            prompt=_int(row[prompt]),
            completion=_int(row[completion]),
            reasoning=_int(row[reasoning]) if reasoning is not None else 0,
            cost=_money(row[cost]),
            byok=_money(row[byok]) if byok is not None else Decimal(0),
        )

    return read


def _columns(head: Sequence[str], name: str) -> dict[str, tuple[int, str]]:
    known: dict[str, list[str]] = tomllib.loads((_CATALOG / "activity.toml").read_text("utf-8"))
    there = {text.strip().lower().replace(" ", "_"): (index, text.strip()) for index, text in reversed(list(enumerate(head)))}
    taken = {what: there[word] for what, words in known.items() for word in words[::-1] if word in there}
    missing = [what for what in _NEEDED if what not in taken]
    if missing:
        wanted = "; ".join(f"{what} ({', '.join(known[what])})" for what in missing)
        shown = _CONTROL.sub(" ", ", ".join(head))[:200]
        raise MigratorError(
            f"{name}:1: no column for {wanted}. The file has: {shown}. Export it at https://openrouter.ai/activity."
        )
    return taken


def _month(day: str) -> str:
    match = _ISO.match(day.strip())
    if match is None:
        raise ValueError(f"the date {day[:30]!r} does not begin like 2026-01-31")
    return match[0]


def _int(text: str) -> int:
    if not text:
        return 0
    try:
        value = int(text)
    except ValueError:
        try:
            value = int(float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"{text[:30]!r} is no count") from None
    if value < 0:
        raise ValueError(f"{text[:30]!r} is a negative count")
    return value


def _money(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        value = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise ValueError(f"{text[:30]!r} is no amount") from None
    if not value.is_finite():
        raise ValueError(f"{text[:30]!r} is no amount")
    return value


def _grouped(cells: Mapping[tuple[str, str], Sum], part: int) -> dict[str, Sum]:
    grouped: dict[str, Sum] = {}
    for key, cell in sorted(cells.items()):
        grouped.setdefault(key[part], Sum()).add(cell)
    return grouped


def bill(plan: PricingPlan, month: Sum, margin: Decimal) -> Decimal | None:
    """What a month would cost on a plan; None where the plan does not cover it.

    Tokens over the included ones are billed at the month's own average price of a token, times the margin: which models fall
    into the included part cannot be known.
    """
    over = month.tokens() - plan.tokens
    if over <= 0:
        return plan.price
    if not plan.overage:
        return None
    return plan.price + month.cost * margin * over / month.tokens()


def document(activity: Activity) -> str:
    """The sums and the bills as JSON; amounts are decimal strings in US dollars."""
    shelf = plans()

    def plain(one: Sum) -> dict[str, Any]:
        return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in asdict(one).items()}

    bills = {
        month: {plan.name: None if (amount := bill(plan, one, shelf.margin)) is None else f"{amount:.4f}" for plan in shelf.plans}
        for month, one in activity.by_month.items()
    }
    whole = {
        "schema": "migrate-openrouter/estimate/1",
        "rows": activity.rows,
        "bad_rows": activity.bad,
        "complaints": activity.complaints,
        "columns": activity.columns,
        "months": {month: plain(one) for month, one in activity.by_month.items()},
        "models": {model: plain(one) for model, one in activity.by_model.items()},
        "cells": [{"month": month, "model": model, **plain(one)} for (month, model), one in activity.cells.items()],
        "plans": {"read": shelf.read, "margin": str(shelf.margin), "unverified": shelf.unverified, "by_month": bills},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def render(activity: Activity, top: int = 15) -> str:
    """Two tables and what they rest on. The `top` most expensive models are listed one by one."""
    shelf = plans()
    ranked = sorted(activity.by_model.items(), key=lambda pair: (-pair[1].cost, -pair[1].tokens(), pair[0]))
    head = ("model", "requests", "prompt tokens", "completion tokens", "cost USD")
    rows = [_model_row(_CONTROL.sub(" ", name), usage) for name, usage in ranked[:top]]
    if len(ranked) > top:
        rest = _total(usage for _, usage in ranked[top:])
        rows.append(_model_row(f"and {len(ranked) - top} more", rest))
    rows.append(_model_row("all", _total(usage for _, usage in ranked)))
    parts = [columns.align(head, rows, right=(1, 2, 3, 4)), ""]
    heading = ("month", "tokens", "OpenRouter USD", *(plan.name for plan in shelf.plans), "least")
    lines: list[tuple[str, ...]] = []
    for month, usage in activity.by_month.items():
        bills = {plan.name: bill(plan, usage, shelf.margin) for plan in shelf.plans}
        known = {name: amount for name, amount in bills.items() if amount is not None}
        least = min(known, key=lambda name: known[name]) if known else "-"
        shown = ("not covered" if amount is None else f"{amount:,.2f}" for amount in bills.values())
        lines.append((month, f"{usage.tokens():,}", f"{usage.cost:,.2f}", *shown, least))
    parts += [columns.align(heading, lines, right=tuple(range(1, 3 + len(shelf.plans)))), ""]
    parts += [f"note: {line}" for line in _notes(activity, shelf)]
    return "\n".join(parts)


def chart(activity: Activity, width: int = 40) -> str:
    """Tokens by month and cost by model as bars."""
    from io import StringIO

    from rich.bar import Bar
    from rich.console import Console
    from rich.table import Table

    out = StringIO()
    console = Console(file=out, width=width + 60, color_system=None, force_terminal=False)
    ranked = sorted(activity.by_model.items(), key=lambda pair: (-pair[1].cost, pair[0]))[:10]
    for title, pairs, unit in (
        ("tokens by month", [(month, Decimal(one.tokens())) for month, one in activity.by_month.items()], "tokens"),
        ("cost by model", [(model, one.cost) for model, one in ranked], "USD"),
    ):
        most = max((amount for _, amount in pairs), default=Decimal(0))
        if most <= 0:
            continue
        from rich.text import Text

        table = Table(title=title, box=None, show_header=False, title_justify="left", pad_edge=False)
        table.add_column(max_width=32, no_wrap=True, overflow="ellipsis")
        table.add_column(width=width)
        table.add_column(justify="right", no_wrap=True)
        for name, amount in pairs:
            shown = f"{amount:,.2f}" if unit == "USD" else f"{amount:,}"
            table.add_row(
                Text(_CONTROL.sub(" ", name)), Bar(float(most), 0, float(max(amount, Decimal(0))), width=width), Text(shown)
            )
        console.print(table)
    return out.getvalue().rstrip()


def _notes(activity: Activity, shelf: Plans) -> list[str]:
    used = ", ".join(f"{what} from {_CONTROL.sub(' ', named)!r}" for what, named in activity.columns.items())
    notes = [
        f"{activity.rows:,} rows read; {used}. Reasoning tokens are taken to be inside the completion tokens.",
        f"plans as of {shelf.read}; tokens over the included ones at the month's own average price times {shelf.margin}:"
        " Synapse Garden's list price includes its margin of 10 % on the provider's.",
        f"OpenRouter's fee on buying credits (about {shelf.credit_fee * 100:.1f} %, unverified) is not in the export;"
        " it is not in the OpenRouter column.",
        *(f"unverified: {line}." for line in shelf.unverified),
    ]
    byok = _total(activity.by_model.values()).byok
    if byok:
        notes.append(f"{byok:,.2f} USD went over your own provider keys and are billed there; the plans' columns leave them out.")
    free = [model for model in activity.by_model if model.endswith(":free")]
    if free:
        notes.append(f"{len(free)} models are free variants: without them the same tokens cost something.")
    if activity.bad:
        notes.append(f"{activity.bad} rows could not be read and are left out: {'; '.join(activity.complaints)}")
    return notes


def _model_row(name: str, total: Sum) -> tuple[str, ...]:
    return name, f"{total.requests:,}", f"{total.prompt:,}", f"{total.completion:,}", f"{total.cost:,.4f}"


def _total(many: Iterable[Sum]) -> Sum:
    whole = Sum()
    for one in many:
        whole.add(one)
    return whole

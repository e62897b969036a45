"""OpenRouter's activity beside the target's plans: what the same use would have cost, and whether that is less.

A month that the export covers in part counts in part: a plan's price and its included tokens are taken for the same share of the month.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from migrator.lifecycle.activity import Activity, Sum, shown, total
from migrator.records import asdict, dataclass
from migrator.reports import columns
from migrator.reports.text import wrap

_CATALOG = Path(__file__).parent.parent / "catalog"
WIDTH = 80
"""Columns that sentences are wrapped to."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the whole export would have cost on the plan that costs least over all its months."""

    plan: str | None
    """None: no plan covers every month."""
    amount: Decimal
    openrouter: Decimal
    """The export's own cost."""
    fee: Decimal
    """About what OpenRouter took when the credits for it were bought; unverified."""


def share(activity: Activity, month: str) -> Decimal:
    """The part of a month that the export covers, from 0 to 1."""
    covered, whole = activity.days(month)
    return Decimal(covered) / whole


def bill(plan: PricingPlan, month: Sum, margin: Decimal, part: Decimal = Decimal(1)) -> Decimal | None:
    """What a month, or a part of one, would cost on a plan; None where the plan does not cover it.

    Tokens over the included ones are billed at the month's own average price of a token, times the margin: which models fall
    into the included part cannot be known.
    """
    over = month.tokens() - plan.tokens * part
    if over <= 0:
        return plan.price * part
    if not plan.overage:
        return None
    return plan.price * part + month.cost * margin * over / month.tokens()


def verdict(activity: Activity) -> Verdict:
    """The plan that costs least for all months together."""
    shelf = plans()
    sums: dict[str, Decimal] = {}
    for plan in shelf.plans:
        bills = [bill(plan, used, shelf.margin, share(activity, month)) for month, used in activity.by_month.items()]
        known = [amount for amount in bills if amount is not None]
        if bills and len(known) == len(bills):
            sums[plan.name] = sum(known, Decimal(0))
    best = min(sums, key=lambda name: sums[name]) if sums else None
    cost = total(activity.by_month.values()).cost
    return Verdict(
        plan=best, amount=sums[best] if best else Decimal(0), openrouter=cost, fee=cost * shelf.credit_fee / (1 - shelf.credit_fee)
    )


def _in_words(activity: Activity) -> str:
    judged = verdict(activity)
    if not activity.rows:
        return "Nothing to compare: the export has no row that could be read."
    when = activity.first if activity.first == activity.last else f"{activity.first} to {activity.last}"
    if judged.plan is None:
        return f"No plan covers {when}: OpenRouter cost {judged.openrouter:,.2f} USD."
    difference = judged.openrouter + judged.fee - judged.amount
    what = "less" if difference > 0 else "more"
    return (
        f"{'Less' if difference > 0 else 'Not less'}: {when} would have cost {judged.amount:,.2f} USD on the {judged.plan} plan,"
        f" {abs(difference):,.2f} {what} than the {judged.openrouter:,.2f} USD at OpenRouter and about {judged.fee:,.2f} for its credits."
    )


def document(activity: Activity) -> str:
    """The sums and the bills as JSON; amounts are decimal strings in US dollars."""
    shelf = plans()

    def plain(used: Sum | Verdict) -> dict[str, Any]:
        return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in asdict(used).items()}

    bills = {
        month: {
            plan.name: None if (amount := bill(plan, used, shelf.margin, share(activity, month))) is None else f"{amount:.4f}"
            for plan in shelf.plans
        }
        for month, used in activity.by_month.items()
    }
    whole = {
        "schema": "migrate-openrouter/estimate/1",
        "rows": activity.rows,
        "bad_rows": activity.bad,
        "complaints": activity.complaints,
        "columns": activity.columns,
        "verdict": plain(verdict(activity)),
        "first": activity.first,
        "last": activity.last,
        "keys": {name: asdict(use) for name, use in sorted(activity.keys.items())},
        "months": {
            month: {**plain(used), "days": activity.days(month)[0], "days_in_month": activity.days(month)[1]}
            for month, used in activity.by_month.items()
        },
        "models": {model: plain(used) for model, used in activity.by_model.items()},
        "cells": [{"month": month, "model": model, **plain(used)} for (month, model), used in activity.cells.items()],
        "plans": {"read": shelf.read, "margin": str(shelf.margin), "unverified": shelf.unverified, "by_month": bills},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def render(activity: Activity, top: int = 15) -> str:
    """The verdict, two tables, what they rest on, the verdict again. The `top` most expensive models are listed one by one."""
    shelf = plans()
    ranked = sorted(activity.by_model.items(), key=lambda pair: (-pair[1].cost, -pair[1].tokens(), pair[0]))
    head = ("model", "requests", "prompt tokens", "completion tokens", "cost USD")
    rows = [_model_row(shown(name), usage) for name, usage in ranked[:top]]
    if len(ranked) > top:
        rest = total(usage for _, usage in ranked[top:])
        rows.append(_model_row(f"and {len(ranked) - top} more", rest))
    rows.append(_model_row("all", total(usage for _, usage in ranked)))
    parts = [*wrap(_in_words(activity), WIDTH), "", columns.fit(head, rows, WIDTH, right=(1, 2, 3, 4)), ""]
    heading = (
        "month (days)" if any(part < whole for part, whole in map(activity.days, activity.by_month)) else "month",
        "tokens",
        "OpenRouter USD",
        *(plan.name for plan in shelf.plans),
        "least",
    )
    lines: list[tuple[str, ...]] = []
    for month, usage in activity.by_month.items():
        bills = {plan.name: bill(plan, usage, shelf.margin, share(activity, month)) for plan in shelf.plans}
        known = {name: amount for name, amount in bills.items() if amount is not None}
        least = min(known, key=lambda name: known[name]) if known else "-"
        amounts = ("not covered" if amount is None else f"{amount:,.2f}" for amount in bills.values())
        covered, whole = activity.days(month)
        when = month if covered == whole else f"{month} ({covered}/{whole})"
        lines.append((when, f"{usage.tokens():,}", f"{usage.cost:,.2f}", *amounts, least))
    parts += [columns.fit(heading, lines, WIDTH, right=tuple(range(1, 3 + len(shelf.plans)))), ""]
    for note in _notes(activity, shelf):
        parts += wrap(note, WIDTH, first="note: ", rest="      ")
    parts += ["", *wrap(_in_words(activity), WIDTH)]
    return "\n".join(parts)


def chart(activity: Activity, width: int = 40) -> str:
    """Tokens by month and cost by model as bars."""
    from rich.bar import Bar
    from rich.console import Console
    from rich.table import Table

    out = StringIO()
    console = Console(file=out, width=width + 60, color_system=None, force_terminal=False)
    ranked = sorted(activity.by_model.items(), key=lambda pair: (-pair[1].cost, pair[0]))[:10]
    for title, pairs, unit in (
        ("tokens by month", [(month, Decimal(used.tokens())) for month, used in activity.by_month.items()], "tokens"),
        ("cost by model", [(model, used.cost) for model, used in ranked], "USD"),
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
            label = f"{amount:,.2f}" if unit == "USD" else f"{amount:,}"
            table.add_row(Text(shown(name)), Bar(float(most), 0, float(max(amount, Decimal(0))), width=width), Text(label))
        console.print(table)
    return out.getvalue().rstrip()


def _notes(activity: Activity, shelf: Plans) -> Iterator[str]:
    used = ", ".join(f"{what} from {shown(named)!r}" for what, named in activity.columns.items())
    yield f"{activity.rows:,} rows read; {used}. Reasoning tokens are taken to be inside the completion tokens."
    if any(covered < whole for covered, whole in map(activity.days, activity.by_month)):
        yield "a month that the export covers in part: price and included tokens of the plans are taken for the same share of it."
    yield (
        f"plans as of {shelf.read}; tokens over the included ones at the month's own average price times {shelf.margin}:"
        " Synapse Garden's list price includes its margin of 10 % on the provider's."
    )
    yield (
        f"OpenRouter's fee on buying credits (about {shelf.credit_fee * 100:.1f} %, unverified) is not in the export;"
        " it is in the first line and not in the OpenRouter column."
    )
    yield from (f"unverified: {line}." for line in shelf.unverified)
    if byok := total(activity.by_model.values()).byok:
        yield f"{byok:,.2f} USD went over your own provider keys and are billed there; the plans' columns leave them out."
    if free := [model for model in activity.by_model if model.endswith(":free")]:
        yield f"{len(free)} models are free variants: without them the same tokens cost something."
    if activity.bad:
        yield f"{activity.bad} rows could not be read and are left out: {'; '.join(activity.complaints)}"


def _model_row(name: str, used: Sum) -> tuple[str, ...]:
    return name, f"{used.requests:,}", f"{used.prompt:,}", f"{used.completion:,}", f"{used.cost:,.4f}"

"""A gateway's own list of models: three published shapes of `GET /models`, and what a request may cost by it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from migrator.catalog import model_variants
from migrator.records import dataclass

ROUTING_VARIANTS = frozenset(name for name, about in model_variants().items() if about["kind"] == "routing")
"""Variants that OpenRouter accepts on any id and never lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars a token, as the gateway lists them; `request` is a flat amount a call."""

    prompt: Decimal
    completion: Decimal
    request: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Model ids a gateway named, with prices where it named them."""

    prices: Mapping[str, Price | None]

    def __contains__(self, model: str) -> bool:
        return model in self.prices

    def __len__(self) -> int:
        return len(self.prices)


def parse(document: Any) -> tuple[Listing | None, str | None]:
    """The models of one answer and the address of the next page. None where the answer has none of the known shapes.

    A list at the top, under `data` or under `models`; entries are objects with an `id`, or plain ids.
    """
    rows = document
    following = None
    if isinstance(document, dict):
        rows = document.get("data", document.get("models"))
        links = document.get("links")
        if isinstance(links, dict) and isinstance(links.get("next"), str):
            following = links["next"]
    if not isinstance(rows, list):
        return None, None
    prices: dict[str, Price | None] = {}
    for row in rows:
        if isinstance(row, str):
            prices[row] = None
        elif isinstance(row, dict) and isinstance(row.get("id"), str):
            prices[row["id"]] = _price(row.get("pricing"))
    if rows and not prices:
        return None, None
    return Listing(prices=prices), following


def merge(left: Listing, right: Listing) -> Listing:
    """Two pages as one."""
    return Listing(prices={**left.prices, **right.prices})


def near(model: str, listing: Listing, count: int = 3) -> tuple[str, ...]:
    """Ids of the list that look like this one, best first: same name under another creator, then by likeness."""
    slug = model.rpartition("/")[2].partition(":")[0]
    same = [other for other in listing.prices if other != model and other.rpartition("/")[2] == slug]
    alike = get_close_matches(model, list(listing.prices), n=count, cutoff=0.6)
    return tuple(dict.fromkeys([*same, *alike]))[:count]


def cost(price: Price | None, prompt: int, completion: int) -> Decimal | None:
    """What so many tokens cost at most; None where the price is not known."""
    return None if price is None else price.prompt * prompt + price.completion * completion + price.request


def dollars(amount: Decimal | None) -> str:
    """An amount for a sentence; small ones keep two significant digits."""
    if amount is None:
        return "unknown (the gateway lists no price)"
    if amount == 0:
        return "$0"
    places = 2 if amount >= 1 else max(2, 1 - amount.adjusted())
    return f"${amount:.{places}f}"


def _price(row: Any) -> Price | None:
    if not isinstance(row, dict):
        return None
    prompt = _amount(row.get("prompt", row.get("input")))
    completion = _amount(row.get("completion", row.get("output")))
    request = _amount(row.get("request")) or Decimal(0)
    if prompt is None and completion is None:
        return None
    return Price(prompt=prompt or Decimal(0), completion=completion or Decimal(0), request=request)


def _amount(value: Any) -> Decimal | None:
    """A price; negative ones mean "depends" (routers), which is not a price."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None

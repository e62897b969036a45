"""Names of inference providers: what OpenRouter accepts, and what the gateway dialect calls the same provider."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from migrator.catalog import table
from migrator.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slug:
    """One entry of `order`, `only` or `ignore`, taken apart."""

    written: str
    base: str
    """OpenRouter's slug without what follows a slash; lower case."""
    suffix: str
    """What follows the slash: a region, a tier or a variant of the provider; "" where there is none."""
    gateway: str | None
    """The gateway's slug for the whole provider; None where it has none."""
    known: bool
    """False: OpenRouter's own lists do not name it, so nothing can be said about it."""
    probable: bool
    """True: the counterpart is likely, not documented."""

    @property
    def tier(self) -> str | None:
        """The service tier that the suffix asks for."""
        return _table()["suffixes"]["tiers"].get(self.suffix)  # type: ignore[no-any-return]

    @property
    def region(self) -> bool:
        """Does the suffix pin a region of processing?"""
        return bool(re.search(_table()["suffixes"]["region"], self.suffix))


def parse(written: str) -> Slug:
    """A slug or display name, in any letter case, as OpenRouter accepts it."""
    data = _table()
    head, _, suffix = written.strip().lower().partition("/")
    base = _by_squash().get(_squash(head), head)
    gateway = data["renamed"].get(base) or data["probable"].get(base) or (base if base in data["same"] else None)
    if f"{base}/{suffix}" in data["whole_absent"]:
        gateway = None
    known = gateway is not None or base in data["absent"] or base in data["retired"]
    return Slug(written=written, base=base, suffix=suffix, gateway=gateway, known=known, probable=base in data["probable"])


def covers(wide: Slug, narrow: Slug) -> bool:
    """Does naming `wide` also name `narrow`? A bare slug stands for all its regions and variants."""
    return wide.base == narrow.base and wide.suffix in ("", narrow.suffix)


def _squash(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@cache
def _by_squash() -> dict[str, str]:
    data = _table()
    slugs = [*data["same"], *data["renamed"], *data["probable"], *data["absent"], *data["retired"]]
    squashed = {_squash(slug): slug for slug in slugs}
    squashed["xai"] = "xai"  # "xAI" and "x-ai" squash alike; the provider's slug has no dash
    return squashed | dict(data["display"])


@cache
def _table() -> dict[str, Any]:
    return table("provider_slugs")

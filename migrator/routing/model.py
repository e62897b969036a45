"""The nouns of routing: what a request asks for, and what becomes of each wish. Nothing here knows a syntax tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from migrator.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not written as a literal: `text` is the expression, or in words where it comes from."""

    text: str


Value = None | bool | int | float | str | Unknown | list["Value"] | dict[str, "Value"]


class Status(StrEnum):
    """What becomes of an option; the words of the report contract."""

    UNCHANGED = "unchanged"
    TRANSLATED = "translated"
    CAVEAT = "caveat"
    NO_EQUIVALENT = "no-equivalent"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """What would be lost, the weightiest first."""

    PRIVACY = "privacy"
    COST = "cost"
    RELIABILITY = "reliability"
    BEHAVIOUR = "behaviour"
    OBSERVABILITY = "observability"


WEIGHT = {risk: len(Risk) - at for at, risk in enumerate(Risk)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one request says. `options` holds body keys as OpenRouter spells them on the wire, in the order in which they stand."""

    model: str | Unknown | None = None
    """The request's model id; `Unknown` where it is given elsewhere or not as a literal; None: the request certainly names none."""
    options: Mapping[str, Value] = field(default_factory=dict)
    uses: frozenset[str] = frozenset()
    """What the request visibly uses: `tools`, `json_schema`, `reasoning`, `images` (for `require_parameters`)."""
    parameters: frozenset[str] = frozenset()
    """Other sampling parameters of the request (`seed`, `top_k`, …)."""
    several: bool = False
    """Does the gateway's object beside the options name models to fall back to already?"""
    complete: bool = False
    """True: the whole request is in view, so that what it does not use is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One option and what becomes of it."""

    field: str
    """`provider.order`, `transforms`, `plugins[web]`, `model`."""
    value: str
    status: Status
    becomes: str | None
    """The new form in one line; None where there is none."""
    risk: Risk | None
    """What is lost or may be; None where nothing is."""
    note: str
    emits: tuple[str, ...] = ()
    """Fields of the gateway object that carry it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """All rows of a request with the gateway object that they add up to."""

    rows: tuple[Row, ...] = ()
    gateway: Mapping[str, Value] = field(default_factory=dict)
    """`providerOptions.gateway`, keys in the order in which they are written; never an empty list."""
    body: Mapping[str, Value] = field(default_factory=dict)
    """Other body keys to set."""
    removed: frozenset[str] = frozenset()
    """Body keys that may go, once the gateway object stands."""
    cut: frozenset[str] = frozenset()
    """Fields of `provider` that may go while the rest of the object stays: `order`, `sort`."""
    model: str | None = None
    """The new model id; None: it stays."""

    @property
    def worst_loss(self) -> Risk | None:
        """The weightiest thing that is lost, may be lost, or cannot be told."""
        open_ = [row.risk for row in self.rows if row.risk is not None and row.status not in (Status.UNCHANGED, Status.TRANSLATED)]
        return max(open_, key=WEIGHT.__getitem__, default=None)

    @property
    def changes(self) -> bool:
        """Is there anything to write?"""
        return bool(self.gateway or self.body or self.removed or self.cut or self.model)

    def carries(self, row: Row) -> bool:
        """Is there an edit that gives this row its new form, or does it stand in the new form already?"""
        head, _, tail = row.field.partition("[")[0].partition(".")
        if row.status is Status.UNCHANGED:
            return True
        if row.status not in (Status.TRANSLATED, Status.CAVEAT) or row.becomes is None:
            return False
        if head == "model":
            return self.model is not None
        return head in self.removed or tail in self.cut or head in self.body or self.stays(row)

    def stays(self, row: Row) -> bool:
        """Is the new form of this row the old one, so that nothing has to be written?"""
        return row.status is Status.UNCHANGED or (row.becomes == row.value and not row.emits)


def text(value: Value) -> str:
    """A value in one line, as JSON; expressions as they are written."""
    match value:
        case Unknown(text=words):
            shown = words
        case list():
            shown = "[" + ", ".join(text(part) for part in value) + "]"
        case dict():
            shown = "{" + ", ".join(f"{json.dumps(key)}: {text(part)}" for key, part in value.items()) + "}"
        case _:
            shown = json.dumps(value, ensure_ascii=False)
    shown = " ".join(shown.split())
    return shown if len(shown) <= 160 else f"{shown[:157]}..."


def known(value: Value) -> bool:
    """Is every part of it a literal?"""
    match value:
        case Unknown():
            return False
        case list():
            return all(known(part) for part in value)
        case dict():
            return all(known(part) for part in value.values())
        case _:
            return True

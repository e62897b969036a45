"""What a request loses by moving: the one question by which every caller weighs routing options."""

from __future__ import annotations

from migrator.model import Applicability, Span
from migrator.records import dataclass
from migrator.routing.find.site import RoutingSite
from migrator.routing.model import Risk, Row, Status
from migrator.routing.translate.draft import REMOVED, risk_of
from migrator.routing.write import Written

_PRICE = frozenset(("provider", "preset", "models", "route", "service_tier", "model"))
"""Options that say what a request may cost. Others cost something too, but as a feature that is lost, not as a rule that is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One option of a request that the target will not, or may not, do as OpenRouter did."""

    path: str
    span: Span
    field: str
    """`provider.only`, `transforms`."""
    risk: Risk
    note: str
    applicability: Applicability
    """UNSAFE: a rule about privacy, region or price that somebody must accept; SAFE: it is enough to tell it."""

    @property
    def reason(self) -> str:
        """Why a change that brings this loss needs a word."""
        return f"{self.field} is a {self.risk.value} rule that the target is not known to keep: {self.note}"


def losses(site: RoutingSite, written: Written) -> tuple[Loss, ...]:
    """What one request loses when it goes to the target with the edits of `written`; what never reached the wire is not lost."""
    if site.dialect != "openrouter" or site.reaches_wire is False:
        return ()
    return tuple(
        Loss(
            path=site.path, span=site.at(row.field), field=row.field, risk=risk, note=note, applicability=_applicability(row, risk)
        )
        for row in written.translation.rows
        for risk, note in _lost(row, written)
    )


def _lost(row: Row, written: Written) -> list[tuple[Risk, str]]:
    """The loss of one row: none where it is exact and stands in the file, or asks for nothing."""
    if row.status is Status.UNCHANGED or (row.status is Status.TRANSLATED and (row.becomes == REMOVED or written.carries(row))):
        return []
    if row.status is Status.TRANSLATED:
        return [(row.risk or risk_of(row.field), _not_written(written))]
    told = [(row.risk or risk_of(row.field), row.note)]
    if (
        row.status is Status.CAVEAT and row.emits and not written.carries(row)
    ):  # what it would become stands nowhere: all of it is lost
        told.append((risk_of(row.field), _not_written(written)))
    return told


def _not_written(written: Written) -> str:
    return f"it is not written{f': {written.refusal}' if written.refusal else ''}"


def _applicability(row: Row, risk: Risk) -> Applicability:
    rule = risk is Risk.PRIVACY or (risk is Risk.COST and row.field.split(".")[0].split("[")[0] in _PRICE)
    if risk is Risk.COST and row.field == "model" and row.status is Status.NO_EQUIVALENT:
        rule = False  # the id stays as it is and is flagged, with options beside it or without: no other model is billed
    return Applicability.UNSAFE if rule else Applicability.SAFE

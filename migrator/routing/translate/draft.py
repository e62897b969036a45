"""A translation while it grows: its rows, and what the gateway block and the body become."""

from __future__ import annotations

from migrator.catalog import table
from migrator.model import Target
from migrator.records import dataclass, field, replace
from migrator.routing.model import Risk, Row, Settings, Status, Value, text

REMOVED = "removed"
"""`becomes` of a row whose option asked for nothing."""


def risk_of(name: str) -> Risk:
    """What would be lost if the option of a row (`provider.only`, `plugins[web]`) were dropped."""
    head, _, tail = name.partition(".")
    head = head.split("[")[0]
    data = table("routing")
    entry = data["provider"].get(tail) if head == "provider" else data["body"].get(head)
    return Risk(entry["risk"]) if entry else Risk.PRIVACY if head == "provider" else Risk.BEHAVIOUR


@dataclass(slots=True, kw_only=True)
class Draft:
    """A translation while it grows. `translate` runs the steps in order; later ones read what earlier ones decided."""

    settings: Settings
    target: Target
    rows: list[Row] = field(default_factory=list)
    gateway: dict[str, Value] = field(default_factory=dict)
    body: dict[str, Value] = field(default_factory=dict)
    has: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Body keys that must stay."""
    model: str | None = None
    suffix_sort: str | None = None

    def row(
        self,
        name: str,
        value: Value,
        status: Status,
        note: str,
        *,
        becomes: str | None = None,
        risk: Risk | None = None,
        emits: tuple[str, ...] = (),
    ) -> None:
        """Add a row: what is removed says so, and what is lost says what it would cost."""
        if status is Status.TRANSLATED and becomes is None:
            becomes = REMOVED
        if status not in (Status.TRANSLATED, Status.UNCHANGED) and risk is None:
            risk = risk_of(name)
        self.rows.append(Row(field=name, value=text(value), status=status, becomes=becomes, risk=risk, note=note, emits=emits))

    def documented(self, row: Row) -> Row:
        """A row whose gateway fields the target does not document is at best a caveat."""
        missing = [name for name in row.emits if name not in self.target.routing_fields]
        if not missing or row.status not in (Status.TRANSLATED, Status.CAVEAT):
            return row
        note = f"{self.target.title} does not document {', '.join(missing)}: confirm that it enforces it"
        return replace(
            row, status=Status.CAVEAT, risk=row.risk or risk_of(row.field), note=f"{row.note}; {note}" if row.note else note
        )

    def unknown(self, name: str, value: Value, rule: str) -> None:
        """Add a row for a value that cannot be read, with the rule for whoever can."""
        self.row(name, value, Status.UNKNOWN, f"the value is not visible here: map it by hand; {rule}")

    def unseen(self, name: str, value: Value, rule: str, *, becomes: str | None = None) -> None:
        """Add a row for a value that cannot be read and that nobody could map."""
        self.row(name, value, Status.UNKNOWN, f"the value is not visible here; {rule}", becomes=becomes)

"""Settings to rows and a gateway object: pure, deterministic, one field at a time.

Three promises, each held by a test over generated settings (`tests/routing/test_proof.py`): what is `translated` selects the same
providers in the same order; a `caveat` says so before it widens a privacy, region or price boundary; every option that was given has
a row. What the target does not document is at best a caveat: a field that is sent and ignored harms as much as one that is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.catalog import table
from migrator.model import Target
from migrator.records import replace
from migrator.routing.model import Risk, Row, Settings, Status, Translation, Value, text
from migrator.routing.translate.body import BODY, stays
from migrator.routing.translate.draft import Draft, risk_of
from migrator.routing.translate.model import model_id
from migrator.routing.translate.provider import provider_object, whole_provider


def translate(settings: Settings, target: Target) -> Translation:
    """What becomes of every option at the target. Never raises; what it does not know it says."""
    match target.dialect:
        case "openrouter":
            return _identity(settings)
        case "gateway":
            return _run(Draft(settings=settings, target=target))
        case _:
            return _nothing(Draft(settings=settings, target=target))


def dialect(gateway: Mapping[str, Value], target: Target, reaches_wire: bool | None) -> Translation:
    """Rows of a block that is written in the gateway dialect already. Nothing is ever changed there."""
    return Translation(rows=tuple(_already(name, value, target, reaches_wire) for name, value in gateway.items()))


_GATEWAY_RISK = {
    "only": Risk.PRIVACY,
    "zeroDataRetention": Risk.PRIVACY,
    "disallowPromptTraining": Risk.PRIVACY,
    "headquarters": Risk.PRIVACY,
    "byok": Risk.PRIVACY,
    "sort": Risk.COST,
    "serviceTier": Risk.COST,
    "caching": Risk.COST,
    "quotaEntityId": Risk.COST,
    "order": Risk.RELIABILITY,
    "models": Risk.RELIABILITY,
    "has": Risk.BEHAVIOUR,
    "user": Risk.OBSERVABILITY,
    "tags": Risk.OBSERVABILITY,
}


def _already(name: str, value: Value, target: Target, reaches_wire: bool | None) -> Row:
    risk = _GATEWAY_RISK.get(name, Risk.BEHAVIOUR)
    status, note = Status.UNCHANGED, "already the gateway dialect"
    if target.dialect != "gateway":
        status, note = Status.NO_EQUIVALENT, f"{target.title} does not read providerOptions.gateway"
    elif reaches_wire is False:
        status, note = Status.CAVEAT, "written in the gateway dialect, but this client drops it: it never reaches the gateway"
    elif name not in target.routing_fields:
        status, note = Status.CAVEAT, f"{target.title} does not document this field: confirm that it enforces it"
    return Row(
        field=f"gateway.{name}",
        value=text(value),
        status=status,
        becomes=text(value) if status is Status.UNCHANGED else None,
        risk=None if status is Status.UNCHANGED else risk,
        note=note,
    )


def _identity(settings: Settings) -> Translation:
    rows: list[Row] = []
    for name, value in settings.options.items():
        parts = (
            {f"{name}.{key}": part for key, part in value.items()}
            if name == "provider" and isinstance(value, dict)
            else {name: value}
        )
        rows += [
            Row(
                field=key,
                value=text(part),
                status=Status.UNCHANGED,
                becomes=text(part),
                risk=None,
                note="the target speaks this dialect",
            )
            for key, part in (parts or {name: value}).items()
        ]
    return Translation(rows=tuple(rows))


def _nothing(draft: Draft) -> Translation:
    """No dialect at all: only what asked for nothing may go, everything else is lost."""
    drafted, target = _run(draft), draft.target
    rows = tuple(
        row
        if row.status is Status.UNCHANGED or (row.status is Status.TRANSLATED and not row.emits)
        else replace(
            row,
            status=Status.UNKNOWN if row.status is Status.UNKNOWN else Status.NO_EQUIVALENT,
            becomes=None,
            risk=row.risk or risk_of(row.field),
            note=row.note if row.status is Status.UNKNOWN else f"{target.title} has no routing options in a request",
            emits=(),
        )
        for row in drafted.rows
    )
    lost = frozenset(row.field.partition("[")[0] for row in rows if row.status is not Status.TRANSLATED)
    heads = {name.partition(".")[0] for name in lost}
    return Translation(rows=rows, removed=frozenset(drafted.removed - heads), cut=_cut(draft.settings, lost))


def _run(draft: Draft) -> Translation:
    """All steps, then the fixed order of keys and the look at what the target documents."""
    model_id(draft)
    value = draft.settings.options.get("provider", {})
    if isinstance(value, dict):
        provider_object(draft, value)
    else:
        whole_provider(draft, value)
    for name, step in BODY.items():
        if name in draft.settings.options:
            step(draft, draft.settings.options[name])
    for name, value in draft.settings.options.items():
        if name != "provider" and name not in BODY:
            stays(draft, name, value)
    if draft.has:
        draft.gateway["has"] = list(dict.fromkeys(draft.has))
    order: list[str] = table("routing")["gateway_order"]
    gateway = {name: draft.gateway[name] for name in order if name in draft.gateway}
    rows = tuple(draft.documented(row) for row in draft.rows)
    open_ = frozenset(row.field.partition("[")[0] for row in rows if row.status in (Status.NO_EQUIVALENT, Status.UNKNOWN))
    heads = {name.partition(".")[0] for name in open_}
    removed = frozenset(name for name in draft.settings.options if name not in draft.kept and name not in heads)
    return Translation(
        rows=rows, gateway=gateway, body=draft.body, removed=removed, cut=_cut(draft.settings, open_), model=draft.model
    )


def _cut(settings: Settings, open_: frozenset[str]) -> frozenset[str]:
    """Fields of a provider object that can go although others of it have to stay (`open_`)."""
    provider = settings.options.get("provider")
    if not isinstance(provider, dict) or not any(name.startswith("provider.") for name in open_):
        return frozenset()
    return frozenset(name for name in provider if f"provider.{name}" not in open_)

"""What is set in the OpenRouter account rather than in the code, for the record of a run and before the key is revoked.

Told only where there is a trace: a routing option, a model id, an endpoint or a field of a reply in the code, or a column of an export.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from migrator.lifecycle.activity import Activity, total
from migrator.model import Category, OpenItem, Plan
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.text.source import Lines

_FILE = Path(__file__).parent.parent / "catalog" / "account.toml"
_ENDPOINT = regex(r"^/([\w./-]+) exists only at OpenRouter$")
_FIELD = regex(r"^([\w.]+) is a reply field of OpenRouter$")
_SHOWN = 3
_TRACES = ("fields", "models", "endpoints", "replies", "export")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A row of `catalog/account.toml`."""

    id: str
    title: str
    page: str
    fields: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    export: tuple[str, ...] = ()


@cache
def settings() -> tuple[Setting, ...]:
    """All rows, in the order of the file."""
    rows: list[dict[str, Any]] = tomllib.loads(_FILE.read_text("utf-8"))["setting"]
    return tuple(
        Setting(id=row["id"], title=row["title"], page=row["page"], **{name: tuple(row.get(name, ())) for name in _TRACES})
        for row in rows
    )


def checklist(plan: Plan, activity: Activity | None = None) -> tuple[OpenItem, ...]:
    """An item for each setting of which the plan or the export shows a trace."""
    items: list[OpenItem] = []
    for setting in settings():
        traces = list(dict.fromkeys([*_in_code(setting, plan), *(_in_export(setting, activity) if activity else ())]))
        if traces:
            more = f" and {len(traces) - _SHOWN} more" if len(traces) > _SHOWN else ""
            items.append(
                OpenItem(
                    id=hashlib.sha256(f"account:{setting.id}".encode()).hexdigest()[:20],
                    title=setting.title,
                    detail=f"See {setting.page}. Traces: {', '.join(traces[:_SHOWN])}{more}.",
                    place="",
                    command=None,
                    rule=None,
                )
            )
    return tuple(items)


def _in_code(setting: Setting, plan: Plan) -> Iterator[str]:
    for row in plan.routing:
        if row.dialect == "openrouter" and any(row.field == name or row.field.startswith(f"{name}.") for name in setting.fields):
            yield f"{row.field} ({row.path}:{row.line})"
    for model in plan.models:
        if any(word in model.id for word in setting.models) and model.locations:
            yield f"{model.id} ({model.locations[0].path}:{model.locations[0].line})"
    for finding in plan.findings:
        pattern, names = {
            Category.ENDPOINT: (_ENDPOINT, setting.endpoints),
            Category.RESPONSE_FIELD: (_FIELD, setting.replies),
        }.get(finding.category, (None, ()))
        match = pattern.match(finding.message) if pattern is not None else None
        if match is not None and any(match[1] == name or match[1].startswith(f"{name}/") for name in names):
            source = plan.sources.get(finding.path)
            line = Lines(source.text).line(finding.span.start) if source is not None and finding.span is not None else 0
            yield f"{match[1]} ({finding.path}{f':{line}' if line else ''})"


def _in_export(setting: Setting, activity: Activity) -> Iterator[str]:
    if "byok" in setting.export and total(activity.by_model.values()).byok:
        yield "the export has requests over keys of your own"
    if "key" in setting.export and activity.keys:
        yield f"the export names {len(activity.keys)} keys"
    if "requests" in setting.export and activity.rows:
        yield f"the export has {activity.rows:,} rows"

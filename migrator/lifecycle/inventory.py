"""What a repository uses of OpenRouter, service by service: models, connections, variables, routing.

Taken from a plan, so that the inventory and the migration can never disagree. A service is the nearest folder upwards that holds a
manifest; the target's projects, keys and model allow-lists are proposed along these lines.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from migrator.catalog import targets
from migrator.model import ConnectionRow, EnvRow, Location, ModelRow, Plan, RoutingRow
from migrator.patterns import regex
from migrator.records import asdict, dataclass, replace
from migrator.reports import columns
from migrator.reports.masking import masker
from migrator.reports.text import escape, wrap
from migrator.text.secrets import mask

MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "deno.json",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
    "Dockerfile",
    "wrangler.toml",
    "serverless.yml",
)
"""Files that mark the folder of a service."""

_WORD = regex(r"[^a-z0-9]+")
CALLABLE = ("same", "unchecked", "prefixed", "unknown")
"""Statuses of ids that can be called as they stand, as far as this can be told without asking: `unknown` is unchecked, not wrong."""
_ADDRESS = regex(r"(?:URL|URI|HOST|BASE|ENDPOINT)$")
"""How the names of variables end that hold addresses."""
_OPTION = regex(r"(\w+): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of a repository, with what of the plan stands in it."""

    path: str
    """Its folder, relative to the root, POSIX; `.` for the root itself."""
    name: str
    models: tuple[ModelRow, ...]
    connections: tuple[ConnectionRow, ...]
    env: tuple[EnvRow, ...]
    routing: tuple[RoutingRow, ...]


def services(plan: Plan, root: Path | None) -> tuple[Service, ...]:
    """The plan's rows by service, in path order, secrets masked. Without a root on disk everything is one service."""
    masked = masker(plan)
    plan = replace(
        plan,
        models=tuple(replace(row, id=masked(row.id), note=masked(row.note)) for row in plan.models),
        connections=tuple(replace(row, url_from=masked(row.url_from), key_from=masked(row.key_from)) for row in plan.connections),
        env=tuple(replace(row, because=masked(row.because)) for row in plan.env),
        routing=tuple(
            replace(row, field=masked(row.field), value=masked(row.value), becomes=row.becomes and masked(row.becomes))
            for row in plan.routing
        ),
    )
    folders: dict[str, str] = {}

    def folder(path: str) -> str:
        parent = path.rpartition("/")[0]
        if parent not in folders:
            folders[parent] = _folder(parent, root)
        return folders[parent]

    paths = {
        *(place.path for row in plan.models for place in row.locations),
        *(row.path for row in plan.connections),
        *(row.path for row in plan.routing),
        *(place.path for row in plan.env for place in (*row.readers, *row.definers)),
    }
    services: list[Service] = []
    for home in sorted({folder(path) for path in paths}):

        def inside(places: Iterable[Location], home: str = home) -> tuple[Location, ...]:
            return tuple(place for place in places if folder(place.path) == home)

        services.append(
            Service(
                path=home,
                name=_name(home, root),
                models=tuple(_model(row, kept) for row in plan.models if (kept := inside(row.locations))),
                connections=tuple(row for row in plan.connections if folder(row.path) == home),
                env=tuple(
                    _env(row, inside(row.readers), inside(row.definers))
                    for row in plan.env
                    if inside(row.readers) or inside(row.definers)
                ),
                routing=tuple(row for row in plan.routing if folder(row.path) == home),
            )
        )
    return tuple(services)


def unchecked(plan: Plan) -> Plan:
    """The plan with the status `unchecked` for ids that look right and that no list of the target was asked for."""
    models = tuple(replace(row, status="unchecked") if row.status == "same" else row for row in plan.models)
    return replace(plan, models=models)


def table(services: Iterable[Service], most: int = 80) -> str:
    """For people: four tables a service, empty ones left out, in `most` columns."""
    parts: list[str] = []
    for service in services:
        parts.append(f"{_safe(service.path)}  (project {service.name})")
        if service.models:
            rows = [(row.id, row.status, _where(row.locations), row.note) for row in service.models]
            parts.append(_block(("model", "status", "where", "note"), rows, most))
        if service.connections:
            lines = [
                (f"{row.path}:{row.line}", row.client, row.url_from, row.key_from, row.decision) for row in service.connections
            ]
            parts.append(_block(("connection", "client", "URL from", "key from", "decision"), lines, most))
        if service.env:
            names = [
                (row.name, row.new_name or "-", row.decision, _where(row.readers), _where(row.definers)) for row in service.env
            ]
            parts.append(_block(("variable", "new name", "decision", "read", "defined"), names, most))
        if service.routing:
            options = [
                (f"{row.path}:{row.line}", row.field, row.value, row.status, row.becomes or "-", row.risk or "-")
                for row in service.routing
            ]
            parts.append(_block(("routing", "field", "value", "status", "becomes", "risk"), options, most))
    return "\n\n".join(parts) if parts else "Nothing here talks to OpenRouter."


def as_csv(services: Iterable[Service]) -> str:
    """One line a model, connection, variable and routing option, for spreadsheets."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("service", "kind", "name", "path", "line", "status", "detail"))
    for service in services:
        for model in service.models:
            for place in model.locations:
                writer.writerow(_cells(service.path, "model", model.id, place.path, place.line, model.status, model.note))
        for row in service.connections:
            detail = f"URL from {row.url_from}; key from {row.key_from}"
            writer.writerow(_cells(service.path, "connection", row.client, row.path, row.line, row.decision, detail))
        for variable in service.env:
            for kind, places in (("variable read", variable.readers), ("variable defined", variable.definers)):
                for place in places:
                    detail = f"becomes {variable.new_name}" if variable.new_name else variable.because
                    writer.writerow(_cells(service.path, kind, variable.name, place.path, place.line, variable.decision, detail))
        for option in service.routing:
            detail = f"{option.value} -> {option.becomes or 'nothing'}{f' (risk: {option.risk})' if option.risk else ''}"
            writer.writerow(_cells(service.path, "routing", option.field, option.path, option.line, option.status, detail))
    return out.getvalue()


def as_json(services: Iterable[Service]) -> str:
    """The same as a document."""
    return json.dumps(
        {"schema": "migrate-openrouter/inventory/1", "services": _masked([asdict(service) for service in services])}, indent=2
    )


def wanted(row: ModelRow) -> str:
    """The id without the prefix that only LiteLLM and its like read."""
    return row.id.removeprefix("openrouter/") if row.status == "prefixed" else row.id


def allowlist(rows: Iterable[ModelRow]) -> str:
    """Model ids, one a line, for a project's allow-list. What cannot be called as it is stands behind a `#` with the reason.

    The ids are the code's own; `preflight` checks them against the gateway's list.
    """
    rows = list(rows)
    good = sorted({wanted(row) for row in rows if row.status in CALLABLE})
    doubtful = sorted(
        {f"# {row.id}: {row.status}{f', {row.note}' if row.note else ''}" for row in rows if row.status not in CALLABLE}
    )
    return "\n".join(_safe(line) for line in (*good, *doubtful))


def projects(
    services: Iterable[Service], plan: Plan, users: Mapping[str, frozenset[str]] | None = None, root: Path | None = None
) -> tuple[Mapping[str, Any], ...]:
    """A proposal: one project and key for each service that connects, with the variables it reads and the models it may call.

    `users`: for each folder of a package the folders that use it, as `migrator.lifecycle.workspaces` gives them. What a package uses is then
    proposed for the programs that use the package. Services that only define variables (a shared compose file) get none: a key nobody uses is
    one more to lose.
    """
    proposal: list[Mapping[str, Any]] = []
    taken: set[str] = set()
    for name, path, parts in _programs(list(services), users or {}, root):
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}-{number}", number + 1
        taken.add(unique)
        env = [row for part in parts for row in part.env if row.readers]
        models = [row for part in parts for row in part.models]
        keys = {
            row.new_name or row.name
            for row in env
            if row.decision in ("rename", "additive") and not _ADDRESS.search(row.new_name or row.name)
        }
        proposal.append(
            {
                "project": unique,
                "service": path,
                "through": sorted(part.path for part in parts if part.path != path),
                "key_variables": sorted(keys) or [plan.target.key_env],
                "reads": sorted({row.name for row in env}),
                "allow": sorted({wanted(row) for row in models if row.status in CALLABLE}),
                "undecided": sorted({row.id for row in models if row.status not in CALLABLE}),
                "routing": sorted({option for part in parts for row in part.routing if (option := _option(row, plan)) is not None}),
            }
        )
    return tuple(proposal)


def _programs(
    services: Sequence[Service], users: Mapping[str, frozenset[str]], root: Path | None
) -> Iterator[tuple[str, str, Sequence[Service]]]:
    """Name and folder of what gets a key, with the services that it uses OpenRouter through."""
    active = [part for part in services if part.connections or part.models or any(row.readers for row in part.env)]
    known = {part.path: part for part in services}
    final: dict[str, list[Service]] = {}
    for part in active:
        above = users.get(part.path, frozenset())
        # a package that others use is no program; those that use it and are used by nobody are
        tops = sorted(user for user in above if not users.get(user)) or [part.path]
        for top in tops:
            final.setdefault(top, []).append(part)
    for path, parts in sorted(final.items()):
        yield (known[path].name if path in known else _name(path, root)), path, parts


def _option(row: RoutingRow, plan: Plan) -> str | None:
    """The option of the target that a row of routing comes to; None where it is none: removed, a field of the request, a model id."""
    known = {*plan.target.routing_fields, *targets.gateway("vercel").routing_fields}
    if row.status == "unchanged" and row.dialect == "gateway" and row.field in known:
        return f"{row.field}: {row.value}"
    match = _OPTION.match(row.becomes or "")
    return row.becomes if match is not None and match[1] in known and row.status in ("translated", "caveat") else None


def projects_text(proposal: Iterable[Mapping[str, Any]], plan: Plan, most: int = 80) -> str:
    """The proposal for people, in `most` columns."""
    parts: list[str] = []
    for row in proposal:
        lines = [f"project {row['project']}  ({row['service']})"]
        if row["through"]:
            lines.append(f"  through    {', '.join(row['through'])}")
        lines.append(f"  key in     {', '.join(row['key_variables'])}")
        lines.append(f"  reads now  {', '.join(row['reads']) or 'no variable of its own'}")
        lines.append(f"  may call   {', '.join(row['allow']) or 'decide: no model id stands in the code'}")
        if row["undecided"]:
            lines.append(f"  undecided  {', '.join(row['undecided'])}")
        if row["routing"]:
            lines.append(f"  routing    {'; '.join(row['routing'])}")
        parts.append("\n".join(_wrapped(_safe(line), most) for line in lines))
    if not parts:
        return "No service talks to OpenRouter: nothing to propose."
    where = f" at {plan.target.console}" if plan.target.console else ""
    end = f"One project and one key each{where}; a spend cap for each is yours to set. Nothing was created."
    return "\n\n".join((*parts, "\n".join(wrap(end, most))))


def _wrapped(line: str, most: int) -> str:
    """A line `  key in     value` whose value goes on below itself."""
    if len(line) <= most:
        return line
    return "\n".join(wrap(line[13:], most, first=line[:13], rest=" " * 13))


def projects_json(proposal: Iterable[Mapping[str, Any]]) -> str:
    """The proposal as a document."""
    return json.dumps({"schema": "migrate-openrouter/projects/1", "projects": _masked(list(proposal))}, indent=2)


def _folder(parent: str, root: Path | None) -> str:
    while root is not None and parent:
        if any((root / parent / name).is_file() for name in MANIFESTS):
            return parent
        parent = parent.rpartition("/")[0]
    return "."


def _name(home: str, root: Path | None) -> str:
    last = home.rpartition("/")[2] if home != "." else (root.resolve().name if root is not None else "")
    return _WORD.sub("-", last.lower()).strip("-") or "main"


def _model(row: ModelRow, kept: tuple[Location, ...]) -> ModelRow:
    return ModelRow(id=row.id, locations=kept, status=row.status, note=row.note)


def _env(row: EnvRow, readers: tuple[Location, ...], definers: tuple[Location, ...]) -> EnvRow:
    return EnvRow(
        name=row.name, new_name=row.new_name, decision=row.decision, because=row.because, readers=readers, definers=definers
    )


def _where(places: tuple[Location, ...]) -> str:
    if not places:
        return "-"
    more = f" +{len(places) - 1}" if len(places) > 1 else ""
    return f"{places[0].path}:{places[0].line}{more}"


def _block(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], most: int) -> str:
    text = columns.fit(head, [tuple(_safe(cell) for cell in row) for row in rows], most - 2)
    return "\n".join(f"  {line}" for line in text.splitlines())


def _cells(*values: object) -> tuple[str, ...]:
    """Cells of a CSV line. A leading `=` or the like, which a spreadsheet would run, is kept from running by an apostrophe."""
    cells = (_safe(str(value)) for value in values)
    return tuple(f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells)


def _masked(value: Any) -> Any:
    """The strings of a document masked one by one: a mask over the whole text could take quotes with it."""
    match value:
        case str():
            return mask(value)
        case dict():
            return {name: _masked(part) for name, part in value.items()}
        case list() | tuple():
            return [_masked(part) for part in value]
        case _:
            return value


def _safe(text: str) -> str:
    return escape(mask(text))

"""What becomes of routing options and model ids when a unit moves: findings and rows from what `routing` finds and translates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from migrator.analysis.analysis import Analysis
from migrator.analysis.routing_losses import at_target, broken_rule, move_of, talks
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flag
from migrator.findings.moving import keys_of
from migrator.model import Action, Applicability, Category, Edit, Finding, MigratorError, RoutingRow, Span
from migrator.routing import inventory, write
from migrator.routing.find.site import RoutingSite, report_row
from migrator.routing.model import Row, Status


def _written(s: Analysis, site: RoutingSite) -> write.Written:
    return write.compose(site, s.target, s.repository.files[site.path])


def pronounce_routing(s: Analysis, blocks: list[RoutingSite]) -> None:
    """One finding for each block, one row for each option."""
    for site in blocks:
        move = move_of(s, site)
        written = _written(s, site)
        stays = move is None and talks(s) and not at_target(s, site)
        edits = () if stays else written.edits
        unsafe = broken_rule(site, written) is not None if move is None else move.unsafe
        moving = not stays and (not unsafe or s.options.unsafe)
        applied = moving and bool(edits)
        _rows(s, site, written, edits if applied else ())
        told = _told(written)
        if not told and not edits:
            continue
        applicability = Applicability.MANUAL
        if edits:
            applicability = Applicability.UNSAFE if unsafe else Applicability.SAFE
        s.out.findings.append(
            Finding(
                rule=RuleId.ROUTING,
                path=site.path,
                span=site.span,
                category=Category.ROUTING,
                message=told or "routing options are carried over",
                because=_because(written, site),
                action=Action.REWRITE if applied else Action.FLAG if _asks(written, site) or edits else Action.KEEP,
                applicability=applicability,
                edits=edits,
                keys=(keys_of(move) if move is not None else frozenset({f"routing:{site.path}"})) if edits else frozenset(),
            )
        )
        if applied and _open(written):
            because = "carried over as far as the target documents it; confirm the rest"
            flag(s, RuleId.ROUTING, site.path, site.span, Category.ROUTING, told, because)


def _rows(s: Analysis, site: RoutingSite, written: write.Written, edits: tuple[Edit, ...]) -> None:
    """The rows of a block; those that need edits remember which."""
    file = s.repository.files[site.path]
    for row in written.translation.rows:
        stays = written.translation.stays(row) and site.reaches_wire is not False
        line = report_row(site, row, file, written=stays or (bool(edits) and written.carries(row)))
        s.out.routing.append(line)
        if line.written and not stays:
            s.out.routing_edits.setdefault(line, set()).update(edits)


def standing(s: Analysis, applied: Mapping[str, tuple[Edit, ...]]) -> tuple[RoutingRow, ...]:
    """The rows as they are once it is known which edits this run makes (`applied`, by path)."""
    made = {edit for edits in applied.values() for edit in edits}
    return tuple(replace(row, written=row.written and s.out.routing_edits.get(row, set()) <= made) for row in s.out.routing)


def _open(written: write.Written) -> list[Row]:
    return [row for row in written.translation.rows if row.status not in (Status.UNCHANGED, Status.TRANSLATED)]


def _asks(written: write.Written, site: RoutingSite) -> bool:
    """Is there anything for a person to decide?"""
    if site.reaches_wire is False or _open(written):
        return True
    return site.dialect == "openrouter" and written.translation.changes


def _told(written: write.Written) -> str:
    said = []
    for row in written.translation.rows:
        becomes = f" becomes {row.becomes}" if row.becomes else ""
        status = row.status.value if row.status is not Status.TRANSLATED or written.carries(row) else "not written"
        said.append(f"{row.field}: {status}{becomes if status != 'not written' else f', would become {row.becomes}'}")
    return "; ".join(said[:6]) + (f"; and {len(said) - 6} more" if len(said) > 6 else "")


def _because(written: write.Written, site: RoutingSite) -> str:
    if site.reaches_wire is False:
        return "this client drops the option before the request is sent"
    worst = next((row for row in _open(written) if row.risk is not None), None)
    if worst is not None:
        return f"{worst.note}{f' ({worst.risk.value})' if worst.risk else ''}"
    return written.refusal or "each option has an exact counterpart"


def missing_models(s: Analysis) -> list[inventory.Missing] | None:
    """Ids that a saved model list of the target does not have; None without a list. Raises MigratorError for a bad file."""
    if s.options.models_from is None:
        return None
    try:
        answer = Path(s.options.models_from).read_bytes()
    except OSError as error:
        raise MigratorError(
            f"--models-from {s.options.models_from}: {error.strerror}. Save the answer of the target's GET /models there."
        ) from None
    marks = [mark for path, one in s.facts.items() if s.code(path) for mark in one.marks if mark.kind in inventory.KINDS]
    return list(inventory.check(sorted({mark.text for mark in marks}), answer))


def pronounce_models(s: Analysis) -> None:
    """The inventory of ids, checked against a list where there is one."""
    marks = [mark for path, one in sorted(s.facts.items()) if s.code(path) for mark in one.marks if not mark.text.startswith(":")]
    missing = missing_models(s)
    s.out.models += inventory.inventory(marks, s.repository.files, missing)
    absent = {one.id: one for one in missing or ()}
    for mark in marks:
        one = absent.get(mark.text) if mark.kind in inventory.KINDS else None
        if one is not None:
            near = f"; similar there: {', '.join(one.near)}" if one.near else ""
            message = f"{mark.text} is not in the target's model list{near}"
            flag(
                s,
                RuleId.MODEL_MISSING,
                mark.path,
                Span(*mark.span),
                Category.MODEL_ID,
                message,
                "nothing is substituted: choose one",
            )

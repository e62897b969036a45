"""routing: what becomes of routing options; the finding and the rows of each place that has some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import parties, path_of
from migrator.analysis.model import Move
from migrator.analysis.routing_losses import at_target, broken_rule, move_of
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.findings.terms import keys_of
from migrator.model import Action, Applicability, Category, Edit, Finding, RoutingRow
from migrator.records import dataclass, replace
from migrator.routing import write
from migrator.routing.find.site import RoutingSite, report_row
from migrator.routing.model import Row, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Routing options at one place, with what this run makes of them."""

    site: RoutingSite
    written: write.Written
    move: Move | None
    """What the options move with; None where they stay, or go to the target already."""
    edits: tuple[Edit, ...]
    unsafe: bool
    stays: bool
    """Do the options stay with a request that this run does not move?"""
    applied: bool
    """Does this run make the edits?"""
    near: bool
    """Does its file, or one that it imports or is called from, talk to OpenRouter?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A row of the report with the edits without which it is not written."""

    row: RoutingRow
    edits: frozenset[Edit]


def routing_blocks(analysis: Analysis) -> Iterator[Block]:
    """Each place with routing options, translated for the target."""
    talking = {path_of(party) for party in parties(analysis)} | {addition.path for addition in analysis.explicits.additions}
    for site in analysis.routing_sites:
        move = move_of(analysis, site)
        written = write.compose(site, analysis.target, analysis.repository.files)
        stays = move is None and not at_target(analysis, site)
        edits = () if stays else written.edits
        unsafe = broken_rule(site, written) is not None if move is None else move.unsafe
        applied = not stays and (not unsafe or analysis.options.unsafe) and bool(edits)
        near = not talking.isdisjoint({site.path, *site.callers, *analysis.imported(site.path)})
        yield Block(site=site, written=written, move=move, edits=edits, unsafe=unsafe, stays=stays, applied=applied, near=near)


def routing(blocks: Iterable[Block]) -> Iterator[Finding]:
    """One finding for each block, and a flag for what is left open in one that is written."""
    for block in blocks:
        site, written, move, edits = block.site, block.written, block.move, block.edits
        message = _told(written)
        if not message:
            continue  # without a row there is no edit either
        applicability = Applicability.MANUAL
        if edits:
            applicability = Applicability.UNSAFE if block.unsafe else Applicability.SAFE
        yield Finding(
            rule=RuleId.ROUTING,
            path=site.path,
            span=site.span,
            category=Category.ROUTING,
            message=message,
            because=_because(written, site, stays=block.stays),
            action=Action.REWRITE
            if block.applied
            else Action.FLAG
            if _asks(written, site, near=block.near) or edits
            else Action.KEEP,
            applicability=applicability,
            edits=edits,
            keys=(keys_of(move) if move is not None else frozenset({f"routing:{site.path}"})) if edits else frozenset(),
        )
        if block.applied and _open(written):
            because = "carried over as far as the target documents it; confirm the rest"
            yield flagged(RuleId.ROUTING, site.path, site.span, Category.ROUTING, message, because)


def routing_rows(analysis: Analysis, blocks: Iterable[Block]) -> Iterator[PlannedRow]:
    """One row for each option."""
    needed: dict[RoutingRow, set[Edit]] = {}
    rows: list[RoutingRow] = []
    for block in blocks:
        edits = block.edits if block.applied else ()
        for row in block.written.translation.rows:
            stays = block.written.translation.stays(row) and block.site.reaches_wire is not False
            written = stays or (bool(edits) and block.written.carries(row))
            line = report_row(block.site, row, analysis.repository.files[block.site.path], written=written)
            rows.append(line)
            if line.written and not stays:
                needed.setdefault(line, set()).update(edits)
    return (PlannedRow(row=row, edits=frozenset(needed.get(row, ()))) for row in rows)


def written_rows(rows: Iterable[PlannedRow], applied: Mapping[str, tuple[Edit, ...]]) -> tuple[RoutingRow, ...]:
    """The rows as they are once it is known which edits this run makes (`applied`, by path)."""
    made = {edit for edits in applied.values() for edit in edits}
    return tuple(replace(planned.row, written=planned.row.written and planned.edits <= made) for planned in rows)


def _open(written: write.Written) -> list[Row]:
    return [row for row in written.translation.rows if row.status not in (Status.UNCHANGED, Status.TRANSLATED)]


def _asks(written: write.Written, site: RoutingSite, *, near: bool) -> bool:
    """Is there anything for a person to decide? `near`: its file talks to OpenRouter, or a file that it imports does."""
    if site.reaches_wire is False:
        return site.dialect == "openrouter" or near
    if _open(written):
        return True
    return site.dialect == "openrouter" and written.translation.changes


_WITHOUT_NEW_FORM = {
    Status.NO_EQUIVALENT: "has no equivalent",
    Status.UNKNOWN: "is yours to map",
    Status.CAVEAT: "stays, and may mean something else",
    Status.TRANSLATED: "goes",
    Status.UNCHANGED: "stays",
}


def _told(written: write.Written) -> str:
    said = []
    for row in written.translation.rows:
        if row.status in (Status.TRANSLATED, Status.CAVEAT) and row.becomes and not written.carries(row):
            said.append(
                f"{row.field} is not written, it would become {row.becomes}"
                if row.becomes != "removed"
                else f"{row.field} is not removed"
            )
        elif row.becomes:
            difference = ", which is not quite the same" if row.status is Status.CAVEAT else ""
            said.append(f"{row.field} {'is removed' if row.becomes == 'removed' else f'becomes {row.becomes}'}{difference}")
        else:
            said.append(f"{row.field} {_WITHOUT_NEW_FORM[row.status]}")
    return "; ".join(said[:6]) + (f"; and {len(said) - 6} more" if len(said) > 6 else "")


def _because(written: write.Written, site: RoutingSite, *, stays: bool) -> str:
    if site.reaches_wire is False:
        return "this client drops the option before the request is sent"
    worst = next((row for row in _open(written) if row.risk is not None), None)
    if worst is not None:
        return f"{worst.note}{f' ({worst.risk.value})' if worst.risk else ''}"
    if written.refusal is None and stays:
        return "no request that this run moves carries it; it is translated together with the one that does"
    return written.refusal or "each option has an exact counterpart"

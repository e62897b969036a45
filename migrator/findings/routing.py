"""What becomes of routing options and model ids when a unit moves: findings and rows from what `routing` finds and translates."""

from __future__ import annotations

from pathlib import Path

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.facts.model import FactKind
from migrator.findings.flags import flag
from migrator.model import Action, Applicability, Category, Finding, MigratorError, Span
from migrator.routing import find, inventory, write
from migrator.routing.find.site import RoutingSite, rows
from migrator.routing.model import Risk, Status, Translation

_PRICE = ("provider", "preset", "models", "route", "service_tier", "model")
"""Options that say what a request may cost. Others cost something too, but as a feature that is lost, not as a rule that is broken."""


def sites(s: Settlement) -> list[RoutingSite]:
    """Routing blocks in files that talk to OpenRouter."""
    connected = {*s.talking, *(fact.path for unit in s.units for fact in unit.facts)}
    connected |= {mark.path for one in s.facts.values() for mark in one.marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT)}
    connected |= {path for path in s.facts if "openrouter" in path.lower()}
    # builders of requests often stand beside the client
    connected |= {path for path in s.facts if not connected.isdisjoint(s.imported(path))}
    return [site for site in find.find_all(s.repository, s.facts, sorted(filter(s.code, connected))) if s.code(site.path)]


def unit_of(s: Settlement, site: RoutingSite) -> Unit | None:
    """The unit whose requests carry this block."""
    beside = [unit for unit in s.units if site.path in s.files_of(unit)] or s.units
    return beside[0] if beside else None


def weigh(s: Settlement, found: list[RoutingSite]) -> None:
    """Losing a privacy or price rule makes the whole change one that needs a word."""
    for site in found:
        unit = unit_of(s, site)
        file = s.repository.files[site.path]
        translation = site.translation(s.target)
        if unit is None or site.dialect != "openrouter" or site.reaches_wire is False:
            continue
        written = write.refusal(site, translation, file) is None
        for row in translation.rows:
            open_ = row.status not in (Status.UNCHANGED, Status.TRANSLATED) or (not written and row.status is Status.TRANSLATED)
            rule = row.risk is Risk.PRIVACY or (row.risk is Risk.COST and row.field.split(".")[0].split("[")[0] in _PRICE)
            if open_ and rule and row.risk is not None:
                reason = f"{row.field} is a {row.risk.value} rule that the target is not known to keep: {row.note}"
                unit.holds.append(Hold(reason=reason, path=site.path, offset=site.at(row.field).start, unsafe=True))
                break


def pronounce_routing(s: Settlement, found: list[RoutingSite]) -> None:
    """One finding for each block, one row for each option."""
    for site in found:
        file = s.repository.files[site.path]
        translation = site.translation(s.target)
        s.out.routing += rows(site, translation, file)
        unit = unit_of(s, site)
        moving = unit is not None and not unit.held and (not unit.unsafe or s.options.unsafe)
        edits = write.emit(site, translation, file) if unit is not None and not unit.held else ()
        applied = moving and bool(edits) and (translation.applicability is Applicability.SAFE or s.options.unsafe)
        told = _told(translation)
        if not told and not edits:
            continue
        keys = frozenset() if unit is None else frozenset({f"unit:{min((fact.path for fact in unit.facts), default='')}"})
        s.out.findings.append(
            Finding(
                rule="routing",
                path=site.path,
                span=site.span,
                category=Category.ROUTING,
                message=told or "routing options are carried over",
                because=_because(translation, site, file_refusal=write.refusal(site, translation, file)),
                action=Action.REWRITE if applied else Action.FLAG if _asks(translation, site) or edits else Action.KEEP,
                applicability=translation.applicability if edits else Applicability.MANUAL,
                edits=edits,
                keys=keys if edits else frozenset(),
                required=False,
            )
        )
        if applied and _asks(translation, site):
            because = "carried over as far as the target documents it; confirm the rest"
            flag(s, "routing", site.path, site.span, Category.ROUTING, told, because)


def _asks(translation: Translation, site: RoutingSite) -> bool:
    """Is there anything for a person to decide?"""
    if site.reaches_wire is False:
        return True
    return any(row.status not in (Status.UNCHANGED, Status.TRANSLATED) for row in translation.rows) or (
        site.dialect == "openrouter" and translation.changes
    )


def _told(translation: Translation) -> str:
    said = []
    for row in translation.rows:
        becomes = f" becomes {row.becomes}" if row.becomes else ""
        said.append(f"{row.field}: {row.status.value}{becomes}")
    return "; ".join(said[:6]) + (f"; and {len(said) - 6} more" if len(said) > 6 else "")


def _because(translation: Translation, site: RoutingSite, file_refusal: str | None) -> str:
    if site.reaches_wire is False:
        return "this client drops the option before the request is sent"
    worst = [row for row in translation.rows if row.risk is not None and row.status not in (Status.UNCHANGED, Status.TRANSLATED)]
    if worst:
        risk = worst[0].risk
        return f"{worst[0].note}{f' ({risk.value})' if risk else ''}"
    return file_refusal or "each option has an exact counterpart"


def missing_models(s: Settlement) -> list[inventory.Missing] | None:
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


def pronounce_models(s: Settlement) -> None:
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
            flag(s, "model-missing", mark.path, Span(*mark.span), Category.MODEL_ID, message, "nothing is substituted: choose one")

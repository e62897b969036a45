"""model-missing: model ids that a saved model list of the target does not have, and the inventory of all ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from migrator.analysis.analysis import Analysis
from migrator.catalog.rules import RuleId
from migrator.facts.model import Fact
from migrator.findings.flags import flagged
from migrator.model import Category, Finding, MigratorError, ModelRow, Span
from migrator.routing import inventory


def missing_models(analysis: Analysis) -> list[inventory.Missing] | None:
    """Ids that a saved model list of the target does not have; None without a list. Raises MigratorError for a bad file."""
    if analysis.options.models_from is None:
        return None
    try:
        answer = Path(analysis.options.models_from).read_bytes()
    except OSError as error:
        raise MigratorError(
            f"--models-from {analysis.options.models_from}: {error.strerror}. Save the answer of the target's GET /models there."
        ) from None
    marks = [
        mark
        for path, facts in analysis.facts.items()
        if analysis.code(path)
        for mark in facts.marks
        if mark.kind in inventory.KINDS
    ]
    return list(inventory.check(sorted({mark.text for mark in marks}), answer))


def model_rows(analysis: Analysis, missing: list[inventory.Missing] | None) -> tuple[ModelRow, ...]:
    """The inventory of ids, checked against a list where there is one."""
    return inventory.inventory(_marks(analysis), analysis.repository.files, missing)


def models_missing(analysis: Analysis, missing: Iterable[inventory.Missing]) -> Iterator[Finding]:
    """A flag at each place of an id that the list does not have."""
    absent = {model.id: model for model in missing}
    for mark in _marks(analysis):
        model = absent.get(mark.text) if mark.kind in inventory.KINDS else None
        if model is not None:
            near = f"; similar there: {', '.join(model.near)}" if model.near else ""
            message = f"{mark.text} is not in the target's model list{near}"
            because = "nothing is substituted: choose one"
            yield flagged(RuleId.MODEL_MISSING, mark.path, Span(*mark.span), Category.MODEL_ID, message, because)


def _marks(analysis: Analysis) -> list[Fact]:
    return [
        mark
        for path, facts in sorted(analysis.facts.items())
        if analysis.code(path)
        for mark in facts.marks
        if not mark.text.startswith(":")
    ]

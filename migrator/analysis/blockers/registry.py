"""Trees that are about OpenRouter, or about many providers: there is nothing to move, or a design to decide."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit


def hold_registry(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """The tree is a product for OpenRouter, or has it as one provider of several."""
    if s.product is not None:
        path, name = s.product
        yield Hold(reason=f"{name} is made for OpenRouter: there is nothing to move", path=path)
        return
    evidence = s.evidence_for(unit)
    if evidence.several:
        where = evidence.files or tuple(evidence.siblings)
        reason = (
            f"OpenRouter is one of several providers here ({', '.join(where[:3])}): adding the new gateway is a design decision"
        )
        yield Hold(reason=reason, path=where[0], registry=True)

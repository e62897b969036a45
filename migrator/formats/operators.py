"""What an operator with its operands is lowered to, the same for each language with such operators."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.formats.tree import Alt, Compare, Join, Node, Other
from migrator.model import Span

COMPARISONS = frozenset(("==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "=~", "!~", "<=>", "instanceof", "is"))


def operation(span: Span, group: str, parts: Sequence[Node]) -> Node:
    """Operands joined by an operator. `group`: `join`, `alt`, a comparison, or anything else by its own name."""
    match group:
        case "join":
            return Join(span, tuple(parts))
        case "alt":
            return Alt(span, tuple(parts))
        case _ if group in COMPARISONS:
            return Compare(span, group, tuple(parts))
        case _:
            return Other(span, group, tuple(parts))

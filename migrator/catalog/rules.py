"""What is known about each library and each kind of place; the folder is the registry."""

from __future__ import annotations

from migrator.catalog.rule import Rule

RULES: tuple[Rule, ...]


def __getattr__(name: str) -> tuple[Rule, ...]:
    """`RULES`, read when first asked for: a run that explains nothing does not pay for it."""
    if name != "RULES":
        raise AttributeError(name)
    from migrator.catalog import table

    rules = tuple(Rule(**row) for row in table("rules")["rule"])
    globals()["RULES"] = rules
    return rules

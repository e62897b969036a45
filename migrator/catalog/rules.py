"""The kinds of findings: what a rule is, and the table of all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding. `migrate-openrouter explain ID` prints it; a finding's `rule` is its id."""

    id: str
    """Lower case words with dashes: `env-rename`, `hidden-client`."""
    title: str
    about: str
    """What it looks for, what it does and why; plain text, paragraphs separated by blank lines."""
    source: str = ""
    """The upstream page or package that justifies it."""


RULES: tuple[Rule, ...]


def __getattr__(name: str) -> tuple[Rule, ...]:
    """`RULES`, read when first asked for: a run that explains nothing does not pay for it."""
    if name != "RULES":
        raise AttributeError(name)
    from migrator.catalog import table

    rules = tuple(Rule(**row) for row in table("rules")["rule"])
    globals()["RULES"] = rules
    return rules

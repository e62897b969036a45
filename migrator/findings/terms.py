"""What all findings of a move have in common: whether this run makes it, on which condition, and what it is tied to."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move
from migrator.analysis.sources.connections import Connection
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all changes of a move have in common."""

    applicability: Applicability
    applied: bool
    """Does this run make them, or do they wait for `--unsafe`?"""
    because: str
    keys: frozenset[str]


def terms_of(analysis: Analysis, move: Move) -> Terms:
    """The terms of a move in this run."""
    return Terms(
        applicability=Applicability.UNSAFE if move.unsafe else Applicability.SAFE,
        applied=not move.unsafe or analysis.options.unsafe,
        because=move.because or "address and key move together",
        keys=keys_of(move),
    )


def keys_of(move: Move) -> frozenset[str]:
    """What ties the changes of a move together: they are made all or none."""
    names = (f"env:{variable.name}{f'@{variable.folder}' if variable.folder else ''}" for variable in move.variables)
    path, offset = move.start
    # the address of a client with OpenRouter built in, and what else it is given: one without the other sends a key to a stranger
    calls = [(addition.path, addition.call) for addition in move.additions if addition.call is not None]
    calls += [
        (party.fact.path, party.fact.call)
        for party in move.connections
        if isinstance(party, Connection) and party.fact.integration is not None and party.fact.integration.built_in
    ]
    tied = (f"call:{where}:{call.span.start}" for where, call in calls)
    return frozenset({*names, *tied, f"move:{path}:{offset}"})


def move_of_connection(analysis: Analysis, connection: Connection) -> Move | None:
    """The move that takes a connection along; None where it stays."""
    return next((analysis.moves[number] for number in analysis.moves_of.get(connection.identity, ())), None)


def changed(
    terms: Terms,
    rule: RuleId,
    path: str,
    span: Span,
    category: Category,
    message: str,
    edits: tuple[Edit, ...],
    *,
    required: bool = True,
    because: str = "",
) -> Finding:
    """A finding whose edits belong to a move; `because` is the move's reason where none is given."""
    # a change that waits for a word is shown where it matters; tests and messages follow it later
    quiet = not terms.applied and (not required or path_kinds.is_test(path))
    return Finding(
        rule=rule, path=path, span=span, category=category, message=message, because=because or terms.because,
        action=Action.KEEP if quiet else Action.REWRITE if terms.applied else Action.FLAG,
        applicability=terms.applicability, edits=edits, keys=terms.keys, required=required,
    )  # fmt: skip

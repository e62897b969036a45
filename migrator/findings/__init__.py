"""Findings: what is told about each place, once it is decided what moves. One function for each kind of finding, gathered here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migrator.analysis.analysis import Analysis
from migrator.findings.dependencies import dependencies
from migrator.findings.documents.setup_text import setup_text
from migrator.findings.endpoints import own_endpoints
from migrator.findings.exposure import responses
from migrator.findings.hard_coded_keys import keys_in_the_open
from migrator.findings.held_back import held_back
from migrator.findings.marks import marks
from migrator.findings.missing_models import missing_models, model_rows, models_missing
from migrator.findings.moving import moving
from migrator.findings.precedence import told_once
from migrator.findings.routing import PlannedRow, routing, routing_blocks, routing_rows
from migrator.findings.rows import connection_rows, variable_rows
from migrator.findings.streamed_usage import streamed_usage
from migrator.findings.surroundings import allow_lists, openrouter_product, quieted, recordings, secret_scanners
from migrator.findings.todos.all import todos
from migrator.findings.todos.outside_addresses import outside_addresses
from migrator.findings.unparsed_languages import unread
from migrator.model import ConnectionRow, EnvRow, Finding, ModelRow, Todo

Producer = Callable[[Analysis], Iterable[Finding | Todo]]

PRODUCERS: tuple[Producer, ...] = (
    moving, held_back, outside_addresses, marks, streamed_usage, responses, keys_in_the_open, own_endpoints, setup_text, allow_lists,
    secret_scanners, openrouter_product, recordings, todos, dependencies, unread,
)  # fmt: skip
"""Each reads the analysis alone. Their order is that of the to-do list, and decides between two findings of one rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a plan needs but its changes."""

    findings: tuple[Finding, ...]
    todo: tuple[Todo, ...]
    env: tuple[EnvRow, ...]
    connections: tuple[ConnectionRow, ...]
    routing: tuple[PlannedRow, ...]
    models: tuple[ModelRow, ...]


def report(analysis: Analysis) -> Report:
    """All findings and rows; raises MigratorError where `--models-from` names a file that is no list of models."""
    told = [statement for producer in PRODUCERS for statement in producer(analysis)]
    blocks = tuple(routing_blocks(analysis))
    missing = missing_models(analysis)
    findings = [statement for statement in told if isinstance(statement, Finding)]
    findings += [*routing(blocks), *models_missing(analysis, missing or ())]
    line_of = {path: file.lines.line for path, file in analysis.repository.files.items()}
    return Report(
        findings=tuple(quieted(analysis, told_once(findings, line_of))),
        todo=tuple(statement for statement in told if isinstance(statement, Todo)),
        env=tuple(variable_rows(analysis)),
        connections=tuple(connection_rows(analysis)),
        routing=tuple(routing_rows(analysis, blocks)),
        models=model_rows(analysis, missing),
    )

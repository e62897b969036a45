"""Findings: what is told about each place, once it is decided what moves. A file is named for the rules that it raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from migrator.analysis.analysis import Analysis
from migrator.findings.connections.base_url import base_urls
from migrator.findings.connections.base_url_held import base_urls_held, hosts_of_configuration
from migrator.findings.connections.explicit_client import explicit_clients, own_addresses
from migrator.findings.connections.hidden_client import hidden_clients, unlisted_clients
from migrator.findings.connections.key_check import key_checks, url_checks
from migrator.findings.connections.own_endpoint import own_endpoints
from migrator.findings.connections.request_header import request_headers
from migrator.findings.connections.response_field import response_fields
from migrator.findings.connections.responses_default import responses
from migrator.findings.connections.several_providers import several_providers
from migrator.findings.connections.streamed_usage import streamed_usage
from migrator.findings.connections.test_stub import test_stubs
from migrator.findings.connections.unparsed_languages import unread_addresses
from migrator.findings.dependencies import dependencies
from migrator.findings.documents.setup_text import setup_text
from migrator.findings.models.model_missing import missing_models, model_rows, models_missing
from migrator.findings.models.model_variant import model_ids
from migrator.findings.models.routing import PlannedRow, routing, routing_blocks, routing_rows
from migrator.findings.precedence import told_once
from migrator.findings.rows import connection_rows, variable_rows
from migrator.findings.todos.all import todos
from migrator.findings.todos.own_provider import own_provider
from migrator.findings.todos.recordings import recordings
from migrator.findings.tree.allow_list import allow_lists
from migrator.findings.tree.openrouter_product import openrouter_product, quieted
from migrator.findings.tree.secret_scanner import secret_scanners
from migrator.findings.variables.address_outside import outside_addresses
from migrator.findings.variables.env_held import variables_held
from migrator.findings.variables.env_rename import patterns_moved, schemas_moved, variables_moved
from migrator.findings.variables.hard_coded_key import hard_coded_keys
from migrator.model import ConnectionRow, EnvRow, Finding, ModelRow, Todo
from migrator.records import dataclass

Producer = Callable[[Analysis], Iterable[Finding | Todo]]

PRODUCERS: tuple[Producer, ...] = (
    # what moves
    base_urls, explicit_clients, own_addresses, variables_moved, patterns_moved, schemas_moved, test_stubs,
    # what stays
    several_providers, base_urls_held, hosts_of_configuration, variables_held, outside_addresses, unread_addresses,
    # what else a person has to know
    model_ids, hard_coded_keys, key_checks, url_checks, response_fields, request_headers, hidden_clients, unlisted_clients,
        streamed_usage, responses, own_endpoints, setup_text, allow_lists, secret_scanners, openrouter_product,
    # what is left to do
    recordings, todos, dependencies, own_provider,
)  # fmt: skip
"""Each reads the analysis alone. Their order is that of the to-do list, and decides between two findings of one rule and place."""


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

    def line_of(path: str, offset: int) -> int:
        return analysis.repository.files[path].lines.line(offset)

    return Report(
        findings=tuple(quieted(analysis, told_once(findings, line_of))),
        todo=tuple(statement for statement in told if isinstance(statement, Todo)),
        env=tuple(variable_rows(analysis)),
        connections=tuple(connection_rows(analysis)),
        routing=tuple(routing_rows(analysis, blocks)),
        models=model_rows(analysis, missing),
    )

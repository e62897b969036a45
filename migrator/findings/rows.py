"""The tables of a plan: what becomes of each variable and of each connection."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from migrator.analysis.analysis import Analysis, location
from migrator.analysis.coupling import Party, parties, path_of
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.model import Variable
from migrator.analysis.sources.connections import Connection, LooseAddress, describe
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, FactKind, UrlFact
from migrator.findings.connections.test_stub import asked_by_tests, stubs_that_follow, with_own_key
from migrator.formats.tree import Call, EnvDef
from migrator.model import ConnectionRow, EnvRow, Location
from migrator.patterns import regex
from migrator.resolve.context import Identity, last_name
from migrator.resolve.environment import DEFINING, VariableRole

_VARIABLE = regex(r"[A-Z][A-Z0-9_]*_[A-Z0-9_]+\Z")


def variable_rows(analysis: Analysis) -> Iterator[EnvRow]:
    """What becomes of each variable."""
    return (_variable(analysis, variable) for variable in analysis.variables)


def connection_rows(analysis: Analysis) -> list[ConnectionRow]:
    """What becomes of each connection, sorted by place."""
    rows: list[ConnectionRow] = []
    seen: set[tuple[str, int]] = set()
    for party in parties(analysis):
        row = _connection(analysis, party)
        if not isinstance(party, LooseAddress) or (row.path, row.line) not in seen:
            rows.append(row)
            seen.add((row.path, row.line))
    rows += _built_in(analysis, seen)
    moves = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    following = {site.identity for move in moves for site in move.urls}
    keyed, asked = with_own_key(analysis), asked_by_tests(analysis)
    following |= {site.identity for move in moves for site, _ in stubs_that_follow(analysis, move, keyed, asked)}
    rows += [
        _test(analysis, connection, following) for connection in analysis.connections if not analysis.code(connection.fact.path)
    ]
    return sorted(rows, key=lambda row: (row.path, row.line, row.client))


def _variable(analysis: Analysis, variable: Variable) -> EnvRow:
    facts = [fact for fact in analysis.mentions(variable.name, variable.folder) if fact.role is not VariableRole.MESSAGE]
    return EnvRow(
        name=variable.name,
        new_name=variable.new_name if variable.moves else None,
        decision=variable.decision,
        because=variable.because,
        readers=_places(analysis, (fact for fact in facts if fact.role not in DEFINING)),
        definers=_places(analysis, (fact for fact in facts if fact.role in DEFINING)),
    )


def _places(analysis: Analysis, facts: Iterable[EnvFact]) -> tuple[Location, ...]:
    return tuple(sorted({location(analysis, fact.path, fact.span) for fact in facts}, key=lambda p: (p.path, p.line)))


def _connection(analysis: Analysis, party: Party) -> ConnectionRow:
    path = path_of(party)
    decision = analysis.decision(party)
    applies = decision.applies(analysis.options)
    line = analysis.repository.files[path].lines.line(party.offset)
    if isinstance(party, LooseAddress):
        client, url_from, keyed = _client(analysis, party.site), f"literal {path}:{line}", bool(party.keys)
        key_from = (
            describe(party.keys, analysis.repository)
            if keyed
            else "typed in beside it"
            if party.typed is not None and party.typed.value
            else "not given here"
        )
    else:
        client, url_from = party.fact.client, describe(party.urls, analysis.repository)
        url_from = f"env {party.outside}" if party.outside else url_from
        key_from = describe(party.keys, analysis.repository) if party.keyed else "no key"
    because = decision.because + (f" ({decision.way_out})" if decision.way_out and not applies else "")
    return ConnectionRow(
        path=path, line=line, client=client, url_from=url_from, key_from=key_from,
        decision="rewrite" if applies else "flag" if decision.may_move else decision.verdict.value, because=because,
    )  # fmt: skip


def _built_in(analysis: Analysis, seen: set[tuple[str, int]]) -> Iterator[ConnectionRow]:
    """Calls of libraries that have OpenRouter's address built in and are given none by the program."""
    additions = {mark.identity: addition for addition in analysis.explicits.additions for mark in addition.marks}
    for path in sorted(analysis.facts):
        for mark in analysis.facts[path].marked(FactKind.HIDDEN_CLIENT) if analysis.code(path) else ():
            line = analysis.repository.files[path].lines.line(mark.span.start)
            addition, refused = additions.get(mark.identity), analysis.explicits.refused.get(mark.identity)
            if not isinstance(mark.node, Call) or (path, line) in seen or (addition is None and refused is None):
                continue
            seen.add((path, line))
            applies = addition is not None and analysis.adds(addition)
            names = sorted(addition.names) if addition is not None else []
            yield ConnectionRow(
                path=path, line=line, client=mark.text, url_from="built into the library",
                key_from=" or ".join(f"env {name}" for name in names) or "not given here",
                decision="rewrite" if applies else "flag", because=_why(addition, refused),
            )  # fmt: skip


def _why(addition: Addition | None, refused: str | None) -> str:
    """Why a client with OpenRouter built in moves or stays."""
    if addition is None:
        return refused or ""
    return f"{addition.unsure} (make sure of it, then run with --unsafe)" if addition.unsure else addition.message


def _client(analysis: Analysis, site: UrlFact) -> str:
    if analysis.language(site.path) in PROGRAMS:
        return "address"
    for step in site.node_path.ancestors():
        if isinstance(step.node, Call):
            return last_name(step.node.func) or "command"
        if isinstance(step.node, EnvDef):
            return "environment"
    return "environment" if _VARIABLE.match(site.key) else "config"


def _test(analysis: Analysis, connection: Connection, following: Container[Identity]) -> ConnectionRow:
    """`following`: the addresses that are rewritten, those of tests among them."""
    fact = connection.fact
    follows = any(site.identity in following for site in connection.sites)
    kept = "a test" if path_kinds.is_test(fact.path) else "a document or a recording"
    return ConnectionRow(
        path=fact.path, line=analysis.repository.files[fact.path].lines.line(connection.offset), client=fact.client,
        url_from=describe(connection.urls, analysis.repository), key_from=describe(connection.keys, analysis.repository) if connection.keyed else "no key",
        decision="rewrite" if follows else "keep", because="a test that follows the code it tests" if follows else kept,
    )  # fmt: skip

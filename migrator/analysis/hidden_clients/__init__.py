"""Clients with OpenRouter built in that get the target's address and key: the edits, or the reason why that is not exact.

What each library is given is data (`[client.give]` in `integrations/*.toml`). `createOpenRouter({ apiKey })` gets a `baseURL`,
`litellm.completion(model="openrouter/…")` gets `api_base` and `api_key`, the ready-made `openrouter` becomes one that is made in the file.
Address and key come in one change, so that the new key is never sent to the old host.
"""

from __future__ import annotations

from collections.abc import Set

from migrator.analysis.hidden_clients.configuration import entry
from migrator.analysis.hidden_clients.model import Addition, Analysed, Explicits, Outcomes
from migrator.analysis.hidden_clients.models import chosen_by_prefix, open_model
from migrator.facts.model import ClientFact, Fact, FactKind
from migrator.formats.tree import Call, Import, Str
from migrator.integrations import lookup
from migrator.integrations.schema import Client
from migrator.model import Span
from migrator.resolve.context import Identity

__all__ = ["Addition", "Analysed", "Explicits", "explicits", "package_of", "settled"]


def package_of(analysis: Analysed, mark: Fact) -> str:
    """What the library of a client or an import with OpenRouter built in is installed as."""
    return lookup.shipped().installed_as(mark.text, lookup.language(analysis.language(mark.path)))


def settled(analysis: Analysed, mark: Fact, moving: Set[Identity]) -> bool:
    """Is this mention of a library with OpenRouter built in answered by clients that have, or get, their own address?

    `moving` are the marks, by identity, that the additions of this run speak for.
    """
    row = lookup.shipped().named(mark.text)
    if row is None:
        return False
    if mark.identity in moving:
        return True
    if mark.kind is FactKind.HIDDEN_CLIENT:
        return row.give is not None and analysis.explicit(mark)
    if row.give is None or not isinstance(mark.node, Import) or not (mark.node.type_only or _imports_client(row, mark.node)):
        return False
    calls = [other for other in analysis.facts[mark.path].marked(FactKind.HIDDEN_CLIENT) if other.text == mark.text]
    if mark.node.name == row.give.instance and not calls:
        return False
    return all(other.identity in moving or analysis.explicit(other) for other in calls)


def _imports_client(row: Client, node: Import) -> bool:
    """Does an import bring what can be given an address: the maker, the ready-made client, a constructor, or the whole module?"""
    assert row.give is not None
    if row.give.maker:
        return node.name in (row.give.name, row.give.instance)
    words = {callee.rpartition(".")[2] for callees in row.callees.values() for callee in callees} - {"*"}
    return node.name is None or node.name in words


def explicits(analysis: Analysed) -> Explicits:
    """The additions that are exact, and the reasons why others are not."""
    result = Outcomes()
    for path in sorted(analysis.facts):
        if analysis.code(path) and lookup.language(analysis.language(path)) in ("python", "ecma"):
            _file(analysis, result, path)
        elif analysis.code(path) and analysis.language(path) == "yaml":
            additions = (
                entry(analysis, row, client) for client in analysis.facts[path].clients if (row := client.integration) is not None
            )
            result.additions += [addition for addition in additions if addition is not None]
    for path in sorted(analysis.facts):
        if analysis.code(path):
            for client in analysis.facts[path].clients:
                _prefixes(analysis, result, client)
    return result.beside(Explicits())


def _file(analysis: Analysed, result: Outcomes, path: str) -> None:
    facts = analysis.facts[path]
    if not facts.marked(FactKind.HIDDEN_CLIENT, FactKind.SDK_IMPORT):
        return
    # most programs have no such client
    from migrator.analysis.hidden_clients.calls import made_explicit
    from migrator.analysis.hidden_clients.ready_made import ready_made

    clients = {client.call_identity: client for client in facts.clients}
    used: dict[str, list[Fact]] = {}
    for mark in facts.marked(FactKind.HIDDEN_CLIENT):
        client = clients.get(mark.node_identity) if mark.node_identity is not None else None
        row = _row(mark, client)
        if row is None or row.give is None or not isinstance(mark.node, Call):
            continue
        if client is None:
            used.setdefault(mark.text, []).append(mark)
        else:
            # an address that the library reads by itself is no address of the call: an exported old one would win
            explicit = analysis.explicit(mark) and client.url is not None
            _add(result, (mark,), made_explicit(analysis, row, mark, client, explicit=explicit))
    for name, marks in used.items():
        row = lookup.shipped().named(name)
        if row is not None:
            _add(result, tuple(marks), ready_made(analysis, row, marks))
    for mark in facts.marked(FactKind.SDK_IMPORT):
        row, node = lookup.shipped().named(mark.text), mark.node
        if row is None or row.give is None or row.give.instance is None or mark.text in used or not isinstance(node, Import):
            continue
        if node.name == row.give.instance:  # imported and handed on without a call here
            _add(result, (mark,), ready_made(analysis, row, [mark]))


def _row(mark: Fact, client: ClientFact | None) -> Client | None:
    """What is known of the library: of the very callee where its arguments are known, else of the library as a whole."""
    if client is not None and client.integration is not None and client.integration.built_in:
        return client.integration
    return lookup.shipped().named(mark.text)


def _add(result: Outcomes, marks: tuple[Fact, ...], outcome: Addition | str | None) -> None:
    if isinstance(outcome, str):
        result.refused |= {mark.identity: outcome for mark in marks}
    elif outcome is not None:
        result.additions.append(outcome)


def _prefixes(analysis: Analysed, result: Outcomes, client: ClientFact) -> None:
    """Note for each name of a model with a prefix whether the calls that it reaches have an address; and calls with an unknown model."""
    row = client.integration
    if row is None or row.model is None:
        return
    answered = any(addition.call is client.call for addition in result.additions) or _explicit(analysis, client)
    for literal in chosen_by_prefix(analysis.repository, row, client):
        key = (literal.path, literal.span)
        result.prefixes[key] = result.prefixes.get(key, True) and answered
        if isinstance(client.model, Str) and literal.span == Span(*client.model.inner):
            result.direct.add(key)
    if (
        client.url is None
        and not answered
        and not (row.give is not None and row.give.model)
        and open_model(analysis.repository, client)
    ):
        result.open.append(client)


def _explicit(analysis: Analysed, client: ClientFact) -> bool:
    return any(c.answers(client.call) and (c.fact.key is not None or c.through) for c in analysis.connections)

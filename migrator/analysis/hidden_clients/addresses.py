"""The address of a client with OpenRouter built in, where a variable may leave it out.

Such a client takes OpenRouter's host when its address is empty: `baseURL: process.env.MG_BASE_URL` sends the new key to the old host where
that variable is not set. So the target's address stands behind the read.
"""

from __future__ import annotations

from migrator.analysis.hidden_clients import ecma, python
from migrator.analysis.hidden_clients.keys import is_open, of_the_process, optional_field
from migrator.analysis.hidden_clients.model import Analysed
from migrator.catalog.urls import find_urls
from migrator.facts.model import ClientFact
from migrator.formats.tree import Alt, Item, Node, Obj, Str
from migrator.integrations.schema import Client
from migrator.model import Edit, Span
from migrator.resolve.origins import From, Origin, origins

_SURE = ("!", " as string")
"""Words that only tell the type checker that a value is there."""


def closed_address(analysis: Analysed, client: ClientFact, row: Client, language: str) -> tuple[Edit, ...]:
    """The target's address behind a read that may give none."""
    if client.url is None or row.built_in != "openrouter" or row.mapping or not _may_be_missing(analysis, client, language):
        return ()
    text = analysis.repository.files[client.path].source.text
    start, end = client.url.span
    if language == "python":
        notebook = analysis.repository.files[client.path].module.language == "notebook"
        quote = python.quote(text, notebook=notebook)
        # the last character is written again: an argument that is added after this one is inserted at the end too
        last = Span(end - 1, end)
        tail = f" or {quote}{analysis.target.openai_base}{quote}"
        return (Edit(path=client.path, span=last, old=text[slice(*last)], new=f"{text[slice(*last)]}{tail}"),)
    quote = ecma.quote(text)
    tail = f" || {quote}{analysis.target.openai_base}{quote}"
    item = _item(client, client.url)
    if item is None:
        return ()
    rest = text[end : item.span.end]
    if item.shorthand:
        return (Edit(path=client.path, span=Span(end, end), old="", new=f": {text[start:end]}{tail}"),)
    if isinstance(client.url, Alt):
        around = Edit(path=client.path, span=Span(start, start), old="", new="(")
        return (around, Edit(path=client.path, span=Span(end, end), old="", new=f"){tail}")) if not rest else ()
    if rest in _SURE:
        return (Edit(path=client.path, span=Span(end, item.span.end), old=rest, new=tail),)
    return (Edit(path=client.path, span=Span(end, end), old="", new=tail),) if not rest else ()


def _item(client: ClientFact, value: Node) -> Item | None:
    objects = [arg.value for arg in client.call.args if isinstance(arg.value, Obj)]
    return next((item for obj in objects for item in obj.items if item.value is value), None)


def _may_be_missing(analysis: Analysed, client: ClientFact, language: str) -> bool:
    """Does the address come from variables alone, at least one of which may be unset?"""
    ways = list(origins(analysis.repository, client.url, client.url_scope or client.node_path.scope))
    ways += [
        url for each in analysis.connections if any(fact.call is client.call for fact in each.through) for url in each.urls
    ]  # what callers give it
    literals = [
        origin for origin in ways if origin.kind is From.LITERAL and isinstance(origin.node, Str) and find_urls(origin.node.value)
    ]
    variables = [origin for origin in ways if origin.kind is From.ENV]
    return bool(variables) and not literals and all(_gives_nothing(analysis, origin, language) for origin in variables)


def _gives_nothing(analysis: Analysed, origin: Origin, language: str) -> bool:
    """Is this a read that goes on without the variable?"""
    if optional_field(analysis, origin.name) is not None:
        return True
    return origin.node is not None and (is_open(origin.node) if language == "python" else of_the_process(origin.node))

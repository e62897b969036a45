"""The import of the class that goes, the calls that make its clients, and every other place that names it."""

from __future__ import annotations

import re

from migrator.analysis.exchange.model import Part
from migrator.analysis.hidden_clients import ecma
from migrator.analysis.hidden_clients.addresses import closed_address
from migrator.analysis.hidden_clients.keys import Key, given_key
from migrator.analysis.hidden_clients.model import Analysed
from migrator.analysis.hidden_clients.python import at_load
from migrator.catalog import openrouter
from migrator.facts.model import ClientFact
from migrator.formats.tree import Alt, Func, Import, Item, Name, Obj, RegionKind, Str
from migrator.integrations.exchange import Exchange
from migrator.integrations.schema import Client
from migrator.patterns import regex
from migrator.resolve.repository import ParsedFile

_NAMING = regex(r"(?:\bnew\s+|\binstanceof\s+|[:|&<]\s*|\b(?:as|satisfies|implements|extends)\s+)$")
"""What stands before the name of a class where it makes a client, or says that something is one."""


def imports(file: ParsedFile, exchange: Exchange) -> tuple[Part, list[Import]]:
    """The imports of the package in a file, for the new class; every mention of the old class's name follows."""
    package, _, name = exchange.old.rpartition(".")
    module, _, new = exchange.new.rpartition(".")
    text = file.source.text
    nodes = [node for node in _imports(file) if node.module == package or node.module.startswith(f"{package}/")]
    place = Part(path=file.path, span=nodes[0].span if nodes else file.module.body[0].span)
    for node in nodes:
        if node.module != package or node.name != name or node.name_span is None or node.reexport:
            told = node.name or node.local
            place.refuse(f"`{told}` of {node.module} has no counterpart that is proved")
            return place, nodes
    taken = [node for node in _imports(file) if node.module == module and node.name in (new, "default") and not node.type_only]
    if taken and (len(nodes) > 1 or not _is_statement(text, nodes[0])):
        place.refuse(f"{module} is imported here already in another way")
        return place, nodes
    if not taken and nodes and not nodes[0].local_span and file.scopes.root.names.get(new):
        place.refuse(f"the name {new} is taken in this file")
        return place, nodes
    for node in nodes:
        local = taken[0].local if taken else new
        if taken:
            end = _line_end(text, node.span.end)
            place.edit(node.span.start, end, text, "")
        else:
            assert node.name_span is not None
            place.edit(node.name_span.start, node.name_span.end, text, new)
            inner = text[slice(*node.module_span)]
            start = node.module_span.start + (inner[:1] in "\"'`")
            place.edit(start, start + len(package), text, module)
        if node.local_span is None or taken:
            _mentions(file, place, node, local)
    return place, nodes


def _imports(file: ParsedFile) -> list[Import]:
    from migrator.analysis.exchange.paths import node_paths

    return [path.node for path in node_paths(file) if isinstance(path.node, Import)]


def _is_statement(text: str, node: Import) -> bool:
    """Does an import stand on lines of its own, with nothing but this name?"""
    statement = text[slice(*node.span)]
    return (
        statement.startswith("import")
        and "," not in statement
        and not text[text.rfind("\n", 0, node.span.start) + 1 : node.span.start]
    )


def _line_end(text: str, offset: int) -> int:
    at = text.find("\n", offset)
    return len(text) if at < 0 else at + 1


def _mentions(file: ParsedFile, place: Part, node: Import, new: str) -> None:
    """The name of the class wherever code or a type says it."""
    text = file.source.text
    values = _values(file, node.local)
    for match in re.finditer(rf"(?<![\w$.]){re.escape(node.local)}(?![\w$])", text):
        if node.span.start <= match.start() < node.span.end or new == node.local:
            continue
        kind = file.module.region_at(match.start())
        if kind not in (None, RegionKind.TYPE):
            continue
        if kind is None and (match.start() in values or not _NAMING.search(text[: match.start()])):
            line = file.lines.line(match.start())
            place.refuse(f"line {line} uses `{node.local}` in a way that is not followed")
            return
        place.edit(match.start(), match.end(), text, new)


def _values(file: ParsedFile, name: str) -> set[int]:
    """Where the class itself is put into a table or chosen: what makes a client of it there is not seen, and would give it no address."""
    from migrator.analysis.exchange.paths import node_paths

    return {
        path.node.span.start
        for path in node_paths(file)
        if isinstance(path.node, Name) and path.node.id == name and path.up is not None and isinstance(path.up.node, Item | Alt)
    }


def constructor(analysis: Analysed, row: Client, exchange: Exchange, client: ClientFact) -> tuple[Part, Key]:
    """The options of a call that makes a client: the target's address, a key that cannot be missing, the rest under its new names."""
    file = analysis.repository.files[client.path]
    text, call = file.source.text, client.call
    place = Part(path=client.path, span=call.span)
    objects = [arg.value for arg in call.args if isinstance(arg.value, Obj) and not arg.star]
    if (
        len(objects) != len(call.args)
        or len(objects) > 1
        or any(not isinstance(item.key, Str) for obj in objects for item in obj.items)
    ):
        place.refuse("its options are not written out where it is made")
        return place, Key()
    items = list(objects[0].items) if objects else []
    for item in items:
        name = item.key.value if isinstance(item.key, Str) else ""
        if name not in _plain(exchange) and name not in _headers(exchange):
            place.refuse(f"`{name}` is an option of the client that is not proved to mean the same")
        elif isinstance(item.value, Func):
            place.refuse(f"`{name}` is a function")
    key = given_key(analysis, client, row, "ecma") if client.key is not None else Key()
    if key.refused:
        place.refuse(key.refused)
    if place.refused:
        return place, key
    quote = ecma.quote(text)
    pairs = [(row.url.names["ecma"][0], f"{quote}{analysis.target.openai_base}{quote}")] if client.url is None else []
    place.edits += closed_address(analysis, client, row, "ecma")
    if client.key is None:
        read = ecma.reader(analysis, file, row, at_load=at_load(client.node_path))
        if isinstance(read, tuple):
            place.refuse(read[0])
            return place, key
        pairs += [(row.key.names["ecma"][0], read)] if read else []
    if _in_browser(client.path, key):
        pairs += exchange.browser.items()
    place.edits += ecma.insert(client.path, text, call, pairs) if pairs else ()
    place.edits += key.edits
    if key.unsure:
        place.doubt(key.unsure)
    _options(place, text, exchange, items)
    return place, key


def _in_browser(path: str, key: Key) -> bool:
    """May a browser run it: a page or component, or a key that a framework builds into what browsers load?"""
    prefixes = tuple(openrouter()["keys"]["public_prefixes"])
    return path.endswith((".tsx", ".jsx", ".vue", ".svelte", ".html", ".htm")) or any(
        name.startswith(prefixes) for name in key.names
    )


def _plain(exchange: Exchange) -> dict[str, str]:
    """Options with their new names."""
    return {name: way for name, way in exchange.arguments.items() if " " not in way}


def _headers(exchange: Exchange) -> dict[str, str]:
    """Options that are sent as headers, with the names of these."""
    return {name: way.removeprefix("header ") for name, way in exchange.arguments.items() if way.startswith("header ")}


def _options(place: Part, text: str, exchange: Exchange, items: list[Item]) -> None:
    quote = ecma.quote(text)
    plain, headers = _plain(exchange), _headers(exchange)
    sent = [item for item in items if isinstance(item.key, Str) and item.key.value in headers]
    for item in items:
        assert isinstance(item.key, Str)
        new = plain.get(item.key.value, item.key.value)
        if new != item.key.value:
            if item.shorthand:
                place.edit(item.span.start, item.span.start, text, f"{new}: ")
            else:
                place.edit(item.key.span.start, item.key.span.end, text, new)
    if not sent:
        return
    entries = [
        f"{quote}{headers[item.key.value]}{quote}: {text[item.value.span.start : item.span.end]}"
        for item in sent
        if isinstance(item.key, Str)
    ]
    place.edit(sent[0].span.start, sent[0].span.end, text, f"defaultHeaders: {{ {', '.join(entries)} }}")
    for item in sent[1:]:
        lead = re.search(r",?\s*$", text[: item.span.start])
        start = lead.start() if lead is not None else item.span.start
        place.edit(start, item.span.end, text, "")

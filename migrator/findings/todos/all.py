"""What is left for a person: where the new key has to be set, and where it must not be missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from migrator.analysis.analysis import Analysis
from migrator.analysis.credentials import entries_of, entry_name, stored_entries
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.sources.loose_addresses import KeyEntries, typed_key
from migrator.analysis.sources.stored_entries import renamed_entry
from migrator.analysis.variables.closed_reads import closing_edits
from migrator.analysis.variables.guards import is_guarded
from migrator.analysis.variables.typed_reads import typed_reads
from migrator.catalog.variables import says_openrouter
from migrator.facts.model import ClientFact
from migrator.findings.todos.browser_keys import browser_keys
from migrator.findings.todos.environment_settings import environment_setting_todos
from migrator.findings.todos.given_addresses import given_address_todos
from migrator.findings.todos.library_pairs import library_addresses, other_keys
from migrator.findings.todos.platforms import platform_todos
from migrator.findings.todos.snippets import snippets
from migrator.findings.todos.started_by import started_by
from migrator.formats.tree import Attr, Call, Const, Func, Index, Name, Node, Obj, Str
from migrator.model import Todo
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.settings_files import entries_of_net, gives_settings_of_net


def todos(analysis: Analysis) -> Iterator[Todo]:
    """Chores of the platforms first, then what to look out for."""
    yield from library_addresses(analysis)
    yield from environment_setting_todos(analysis)
    yield from platform_todos(analysis)
    yield from _read_anew(analysis)
    yield from started_by(analysis)
    yield from _placeholders(analysis)
    yield from _credentials(analysis)
    yield from given_address_todos(analysis)
    yield from _stored(analysis)
    yield from _settings(analysis)
    yield from browser_keys(analysis)
    yield from other_keys(analysis)
    yield from snippets(analysis)
    yield from _unset(analysis)
    yield from _beside_token(analysis)


def _read_anew(analysis: Analysis) -> Iterator[Todo]:
    """The variable that takes the place of a typed key, where no variable of the program does already."""
    moved = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    name = analysis.target.key_env
    if any(variable.new_name == name for move in moved for variable in move.variables):
        return
    paths = {read.path for move in moved for party in move.connections for read in typed_reads(analysis, party)}
    if paths:
        yield Todo(
            title=f"Create a key and set {name} where the program runs",
            detail=f"A key of {analysis.target.title} looks like {analysis.target.key_example}"
            + (f"; make one at {analysis.target.console}." if analysis.target.console else "."),
            command=None, because="the key that stood in the code is OpenRouter's", kind="set", variable=name,
            where=tuple(sorted(paths)), secret=True,
        )  # fmt: skip


def _placeholders(analysis: Analysis) -> Iterator[Todo]:
    """Files in which each user types a key in, beside an address that moves; not `appsettings.json`, whose entry nobody reads any more."""
    sites = [
        site
        for move in analysis.moves
        if not move.unsafe or analysis.options.unsafe
        for site in move.urls
        if analysis.code(site.path) and not (move.names and gives_settings_of_net(site.path))
    ]
    entries = KeyEntries()
    places = {(site.path, typed.span.start) for site in sites if (typed := typed_key(site, entries)) is not None}
    places |= {
        place for connection in analysis.connections if analysis.applies(connection) for place in _typed_in(analysis, connection)
    }
    anew = {
        (source.path, source.node.span.start)
        for move in analysis.moves
        for party in move.connections
        for source in analysis.sources_of(party)
        if source.kind is SourceKind.TYPED and source.node is not None
    }
    for path, start in sorted(places - anew):
        line = analysis.repository.files[path].lines.line(start)
        yield Todo(
            title=f"Put a key of {analysis.target.title} in {path}",
            detail=f"Line {line} is where the key for this address is typed in. In a copy of the file, change the address together with it.",
            command=None,
            because="a key of OpenRouter would be sent to the new host",
        )


def _typed_in(analysis: Analysis, connection: Connection) -> Iterator[tuple[str, int]]:
    """The words in place of a key that a connection sends where it has no other source."""
    sources = analysis.sources_of(connection) if analysis.code(connection.fact.path) else ()
    if all(source.kind is SourceKind.PLACEHOLDER for source in sources):
        yield from ((source.path, source.node.span.start) for source in sources if source.node is not None)


def _credentials(analysis: Analysis) -> Iterator[Todo]:
    """The entry of Rails' credentials that the moved reads ask for."""
    moved = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    places = {
        f"{source.path}:{analysis.repository.files[source.path].lines.line(source.node.span.start)}"
        for move in moved
        for party in move.connections
        for source in entries_of(analysis, party)
        if source.node is not None
    }
    if places:
        yield Todo(
            title=f"Put a key of {analysis.target.title} into Rails' credentials as {entry_name(analysis)}",
            detail=f"{', '.join(sorted(places))} reads it from there, in every environment that has credentials of its own.",
            command="bin/rails credentials:edit",
            because="the encrypted file is not edited, and its old entry holds OpenRouter's key",
            kind="create",
            where=("config/credentials.yml.enc",),
            secret=True,
        )


def _stored(analysis: Analysis) -> Iterator[Todo]:
    """Entries on people's devices whose names change."""
    moved = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    names = {entry.name for move in moved for party in move.connections for entry in stored_entries(analysis, party)}
    for name in sorted(names):
        yield Todo(
            title=f"Tell people who typed a key of their own that they enter a key of {analysis.target.title}",
            detail=f"It is kept as {renamed_entry(name, analysis.target.key_env)} from now on; what stands under {name} is not read.",
            command=None,
            because="a key of OpenRouter that was stored would be sent to the new host",
        )


def _settings(analysis: Analysis) -> Iterator[Todo]:
    """Settings of .NET that the program does not ask for any more, where files and user secrets give them."""
    moved = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    renamed = {variable.name: variable.new_name for move in moved for variable in move.variables if variable.decision == "rename"}
    for name, new in sorted(renamed.items()):
        if ":" in name and new is not None:
            entries = [
                f"{path}:{analysis.repository.files[path].lines.line(node.span.start)}"
                for path, node in entries_of_net(analysis.repository, name)
                if path in analysis.repository.files
            ]
            shown = f" any more: take it out of {', '.join(entries)}." if entries else " any more."
            yield Todo(
                title=f"Give {new} where {name} was given, in files of settings and user secrets",
                detail=f"{new} stands outside of every section. {name} is not read{shown}",
                command=None,
                because="a file that is not in the repository may hold the old key under the old name",
                kind="remove",
                variable=name,
                where=tuple(sorted({entry.rpartition(":")[0] for entry in entries})),
            )


def _unset(analysis: Analysis) -> Iterator[Todo]:
    """Another vendor's key that goes to the new host where the new one is not set: taken by an SDK by itself, or read as a fall-back."""
    where: dict[str, set[str]] = {}
    closed = closing_edits(analysis)
    renamed = {name for move in analysis.moves for name in move.names}
    for connection in analysis.connections:
        fact = connection.fact
        if not analysis.code(fact.path) or not analysis.applies(connection):
            continue
        line = analysis.repository.files[fact.path].lines.line(fact.call.span.start)
        sources = [source for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE]
        if any(source.name in renamed for source in sources):
            for source in sources:
                if source.name not in renamed and not says_openrouter(source.name) and source.name != analysis.target.key_env:
                    where.setdefault(source.name, set()).add(f"{fact.path}:{line}")
        if fact.key is None or fact.implicit_key is None or is_guarded(analysis, connection):
            continue
        if any(fact.identity in closed for source in sources for fact in analysis.readings(source.name, source.path, source.node)):
            continue
        ends = [source for source in analysis.sources_of(connection) if source.kind is not SourceKind.PARAMETER]  # may be left out
        if sources and all(_may_be_unset(analysis, source) for source in ends):
            where.setdefault(fact.implicit_key, set()).add(f"{fact.path}:{line}")
    for loose in analysis.loose:
        for name, line in _given_apart(analysis, loose):
            where.setdefault(name, set()).add(f"{loose.path}:{line}")
    for name, places in sorted(where.items()):
        yield Todo(
            title=f"Do not run without the new key where {name} is set",
            detail=f"Without one the client takes {name} and sends it to {analysis.target.title}: {', '.join(sorted(places))}.",
            command=None,
            because="the key is read in a way that gives nothing, not an error, where the variable is unset",
        )


def _beside_token(analysis: Analysis) -> Iterator[Todo]:
    """`Anthropic(auth_token=…)`: the library sends the key that it reads by itself in a second header, whatever token it is given."""
    where: dict[str, set[str]] = {}
    for connection in analysis.connections:
        facts = (connection.fact, *connection.through) if analysis.applies(connection) else ()
        for fact in facts:
            if fact.implicit_key is not None and fact.key is not None and _given_as(fact) in _TOKENS and analysis.code(fact.path):
                line = analysis.repository.files[fact.path].lines.line(fact.call.span.start)
                where.setdefault(fact.implicit_key, set()).add(f"{fact.path}:{line}")
    for name, places in sorted(where.items()):
        yield Todo(
            title=f"Leave {name} unset where these programs run, or give the client no key beside its token",
            detail=f"The client sends {name} to {analysis.target.title} in a header of its own, as it did to OpenRouter: {', '.join(sorted(places))}.",
            command=None,
            because="it is given a token, and the library reads that variable by itself as well",
        )


_TOKENS = ("auth_token", "authToken")
"""Arguments of Anthropic's clients that leave the header of its key to the environment."""


def _given_as(fact: ClientFact) -> str:
    """The name of the argument, or of the option, that a client is given its key under; "" where it is given both a token and a key."""
    named = [(arg.name or "", arg.value) for arg in fact.call.args]
    for arg in fact.call.args:
        items = arg.value.items if isinstance(arg.value, Obj) else ()
        named += [(item.key.value, item.value) for item in items if isinstance(item.key, Str)]
    if any(name in ("api_key", "apiKey") for name, _ in named):
        return ""
    return next((name for name, value in named if value is fact.key), "")


def _given_apart(analysis: Analysis, loose: LooseAddress) -> Iterator[tuple[str, int]]:
    """The variables that clients of a file read by themselves, where address and key reach them in a way that is not followed."""
    if not analysis.code(loose.path) or not analysis.applies(loose) or loose.path not in analysis.facts:
        return
    sources = analysis.sources_of(loose)
    if not sources or not all(_may_be_unset(analysis, source) for source in sources):
        return
    followed = {connection.fact.identity for connection in analysis.connections}
    for client in analysis.facts[loose.path].clients:
        options = any(arg.star or (arg.name is None and not isinstance(arg.value, (Obj, Str))) for arg in client.call.args)
        given = client.url is not None or options
        if client.implicit_key is not None and given and client.identity not in followed:
            yield client.implicit_key, analysis.repository.files[loose.path].lines.line(client.call.span.start)


def _may_be_unset(analysis: Analysis, source: KeySource) -> bool:
    """Does this read of the environment give nothing where the variable is unset? A default, even an empty one, is no nothing."""
    if source.kind is not SourceKind.VARIABLE or source.path not in analysis.repository.files:
        return False
    match source.node:
        case Call(func=func, args=args) if last_name(func) in ("getenv", "get"):
            return len(args) == 1 or _is_none(args[1].value)
        case Call(func=func, args=args) if last_name(func) in ("secret_from_env", "from_env"):  # these raise without a default
            return any(arg.name == "default" and _is_none(arg.value) for arg in args)
        case Call(func=Name(id=name), args=(_,)):
            return _reads_plainly(analysis, source.path, name)
        case None:
            return _is_optional(analysis, source) or _is_optional_field(analysis, source)
        case Attr() | Index():
            return analysis.language(source.path) == "ecma"
        case _:
            return False


def _is_none(node: Node) -> bool:
    return isinstance(node, Const) and node.text == "None"


@lru_cache(64)
def _says_optional(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b[\"']?\s*:[^\n]*\.(?:optional|nullish)\(", text) is not None


def _is_optional(analysis: Analysis, source: KeySource) -> bool:
    """May a schema that checks the environment leave the variable out: `X: z.string().optional()`?"""
    return any(
        _says_optional(file.source.text, source.name)
        for path, file in analysis.repository.files.items()
        if analysis.language(path) == "ecma"
    )


_OPTIONAL_FIELD = regex(r"[ \t]*\w+\s*:\s*[^=\n]*\b(?:Optional|None)\b[^=\n]*=\s*(?:None\b|Field\(\s*(?:default\s*=\s*)?None\b)")


def _is_optional_field(analysis: Analysis, source: KeySource) -> bool:
    """Is it a field of a class of settings that is None where the variable is unset: `openrouter_api_key: str | None = None`?"""
    text = analysis.repository.files[source.path].source.text
    facts = analysis.facts.get(source.path)
    return facts is not None and any(
        fact.name == source.name and _OPTIONAL_FIELD.match(text, text.rfind("\n", 0, fact.span.start) + 1) for fact in facts.envs
    )


_STOPS = regex(r"\braise\b|\bthrow\b|\bassert\b|\b(?:exit|abort|fail|die)\b|\benviron\[")


def _reads_plainly(analysis: Analysis, path: str, name: str) -> bool:
    """Is it a function of the file that reads a variable by the name it is given, and goes on where that is unset?"""
    file = analysis.repository.files[path]
    for node in file.module.body:
        if isinstance(node, Func) and node.name == name:
            text = file.source.text[node.span.start : node.span.end]
            default = any(isinstance(param.default, Str) for param in node.params)
            return not default and _STOPS.search(text) is None
    return False

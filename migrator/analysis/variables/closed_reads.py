"""Reads of a key that a client's library would otherwise replace by the very variable that held OpenRouter's key.

`OpenAI(api_key=os.getenv("OPENAI_API_KEY"))` with OpenRouter's address: while only the old variable is set, `os.getenv("MG_KEY")` is
None, and the client takes OPENAI_API_KEY by itself and sends it to the new host. An empty text is sent as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.variables.guards import is_guarded
from migrator.formats.tree import Attr, Call, Index, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.context import Identity, last_name

_SEND_EMPTY = ("openai", "ai-sdk", "langchain")
_TOLD = regex(r"!(?!=)|[ \t]+as[ \t]+string\b")
"""What tells a type checker that a value is there."""
_ENDS = regex(r"[ \t]*(?:[,;)}\]]|\r?\n|\Z|//)")
_BEGINS = regex(r"(?:[(\[{,:=]|=>|\breturn|\Z)[ \t\r\n]*\Z")


def falls_back_to(connection: Connection, sources: tuple[KeySource, ...]) -> str:
    """The variable that holds the key today and that the library reads by itself where it is given none; "" for others.

    Only for libraries that were seen to send an empty text as it is.
    """
    fact = connection.fact
    if fact.client not in _SEND_EMPTY or (fact.integration is not None and fact.integration.built_in):
        return ""
    named = any(source.kind is SourceKind.VARIABLE and source.name == fact.implicit_key for source in sources)
    return fact.implicit_key or "" if fact.key is not None and named else ""


def closing_edits(analysis: Analysis) -> Mapping[Identity, tuple[Edit, ...]]:
    """By the mention of a variable that is renamed: the edits that give its read an empty text where the variable is unset."""
    closed: dict[Identity, tuple[Edit, ...]] = {}
    for connection in analysis.connections:
        sources = analysis.sources_of(connection)
        name = falls_back_to(connection, sources)
        if not name or not analysis.applies(connection) or is_guarded(analysis, connection):
            continue
        for source in sources:
            if source.kind is SourceKind.VARIABLE and (edits := _closed(analysis, source)):
                for fact in analysis.readings(source.name, source.path, source.node):
                    closed[fact.identity] = edits
    return closed


def _closed(analysis: Analysis, source: KeySource) -> tuple[Edit, ...]:
    file = analysis.repository.files.get(source.path)
    if file is None:
        return ()
    text, path = file.source.text, source.path
    match source.node:
        case Call(func=func, args=(only,)) if last_name(func) in ("getenv", "get") and file.module.language == "python":
            quote = "'" if isinstance(only.value, Str) and text[only.value.span.start] == "'" else '"'
            return (_insert(path, only.span.end, f", {quote}{quote}"),)
        case Attr() | Index() as node if file.module.language == "ecma":
            told = _TOLD.match(text, node.span.end)
            end = told.end() if told is not None else node.span.end
            if _ENDS.match(text, end) is None or _BEGINS.search(text[: node.span.start]) is None:
                return ()
            quote = "'" if text.count("'") > text.count('"') else '"'
            old = text[node.span.end : end]
            return (Edit(path=path, span=Span(node.span.end, end), old=old, new=f" ?? {quote}{quote}"),)
        case _:
            return ()


def _insert(path: str, at: int, new: str) -> Edit:
    return Edit(path=path, span=Span(at, at), old="", new=new)

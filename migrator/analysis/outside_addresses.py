"""The target's address written into clients that take theirs from the environment they run in.

`OpenAI(api_key=KEY)` reads OPENAI_BASE_URL by itself. Where no file of the tree sets that variable it still holds OpenRouter's address
wherever the program runs, and the new key would be sent there. With the address in the call, a stale value is not read any more.
"""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients import ecma, python
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection
from migrator.catalog.rules import RuleId
from migrator.formats.tree import Obj, Str
from migrator.integrations import lookup
from migrator.integrations.schema import Client
from migrator.model import Edit, Span
from migrator.resolve.context import last_name


def address_given(analysis: Analysis, connection: Connection) -> Detachment | None:
    """The edit that gives such a client the target's address; None where it cannot be written into the call."""
    fact, row = connection.fact, connection.fact.integration
    language = lookup.language(analysis.language(fact.path))
    base = _base(analysis, row) if row is not None else None
    names = row.url.names.get(language, ()) if row is not None else ()
    if row is None or base is None or not names or "." in names[0] or last_name(fact.call.func) == "partial":
        return None
    edits = (_python if language == "python" else _ecma)(analysis, connection, names[0], base)
    if not edits:
        return None
    message = f"{last_name(fact.call.func)} gets an address of its own; until now it took the one in {connection.outside}"
    return Detachment(
        path=fact.path,
        span=Span(*fact.call.span),
        message=message,
        edits=edits,
        because=f"no file here sets {connection.outside}, and where the program runs it may still hold OpenRouter's address",
        rule=RuleId.EXPLICIT_CLIENT,
    )


def _base(analysis: Analysis, row: Client) -> str | None:
    """The address that the library's requests go to; None where the target has none for its protocol."""
    anthropic = row.url.env is not None and row.url.env.startswith("ANTHROPIC_")
    return analysis.target.anthropic_base if anthropic else analysis.target.openai_base


def _python(analysis: Analysis, connection: Connection, name: str, base: str) -> tuple[Edit, ...]:
    fact = connection.fact
    if python.arguments(analysis.repository, fact.call, fact.node_path) is None:
        return ()
    file = analysis.repository.files[fact.path]
    text, notebook = file.source.text, file.module.language == "notebook"
    quote = python.quote(text, notebook=notebook)
    return python.insert(fact.path, text, fact.call, [f"{name}={quote}{base}{quote}"], notebook=notebook)


def _ecma(analysis: Analysis, connection: Connection, name: str, base: str) -> tuple[Edit, ...]:
    fact = connection.fact
    options = fact.call.args[0].value if len(fact.call.args) == 1 and not fact.call.args[0].star else None
    if not isinstance(options, Obj) or any(not isinstance(item.key, Str) for item in options.items):
        return ()
    text = analysis.repository.files[fact.path].source.text
    quote = ecma.quote(text)
    return ecma.insert(fact.path, text, fact.call, [(name, f"{quote}{base}{quote}")])

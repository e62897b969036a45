"""What is left for a person: where the new key has to be set, and where it must not be missing."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.loose_addresses import typed_in
from migrator.findings.exposure import shipped
from migrator.findings.todos.guards import is_guarded
from migrator.findings.todos.platforms import chores
from migrator.formats.tree import Attr, Call, Index
from migrator.model import Todo
from migrator.resolve.context import last_name
from migrator.resolve.origins import From, Origin


def todos(s: Analysis) -> Iterator[Todo]:
    """Chores of the platforms first, then what to look out for."""
    yield from chores(s)
    yield from _placeholders(s)
    yield from shipped(s)
    yield from _unset(s)


def _placeholders(s: Analysis) -> Iterator[Todo]:
    """Files in which each user types a key in, beside an address that moves."""
    sites = [site for move in s.moves if not move.unsafe or s.options.unsafe for site in move.urls if s.code(site.path)]
    for path, start in sorted({(site.path, typed.span.start) for site in sites if (typed := typed_in(site)) is not None}):
        line = s.repository.files[path].lines.line(start)
        yield Todo(
            title=f"Put a key of {s.target.title} in {path}",
            detail=f"Line {line} is where the key for this address is typed in, here and in every copy of the file.",
            command=None,
            because="a key of OpenRouter would be sent to the new host",
        )


def _unset(s: Analysis) -> Iterator[Todo]:
    """An SDK that gets no key takes its own vendor's from the environment, and would send that to the new host: once per variable."""
    where: dict[str, set[str]] = {}
    for connection in s.connections:
        fact = connection.fact
        if not s.code(fact.path) or not s.applies(connection) or fact.key is None or fact.implicit_key is None:
            continue
        if is_guarded(s, connection):
            continue
        if connection.key_variables and all(_may_be_unset(s, origin) for origin in connection.keys):
            line = s.repository.files[fact.path].lines.line(fact.call.span.start)
            where.setdefault(fact.implicit_key, set()).add(f"{fact.path}:{line}")
    for name, places in sorted(where.items()):
        yield Todo(
            title=f"Do not run without the new key where {name} is set",
            detail=f"Without one the client takes {name} and sends it to {s.target.title}: {', '.join(sorted(places))}.",
            command=None,
            because="the key is read in a way that gives nothing, not an error, where the variable is unset",
        )


def _may_be_unset(s: Analysis, origin: Origin) -> bool:
    """Does this read of the environment give nothing where the variable is unset? A default, even an empty one, is no nothing."""
    if origin.kind is not From.ENV or origin.path not in s.repository.files:
        return False
    match origin.node:
        case Call(func=func, args=args):
            return last_name(func) in ("getenv", "get") and len(args) == 1
        case Attr() | Index():
            return s.language(origin.path) == "ecma"
        case _:
            return False

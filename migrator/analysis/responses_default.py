"""Bare calls of the provider of `@ai-sdk/openai`: they post to /responses, which the target does not serve."""

from __future__ import annotations

import posixpath
import re

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks
from migrator.analysis.sources.connections import Connection
from migrator.facts.model import Fact, FactKind
from migrator.formats.tree import Call
from migrator.patterns import regex
from migrator.resolve.context import Identity, identity_of, last_name
from migrator.resolve.env_schemas import values

_OLD = regex(r'"@ai-sdk/openai"\s*:\s*"\s*[\^~=]?\s*[01](?:\.[\dx*]+){0,2}\s*"')
"""A range of versions that cannot reach the second."""
_LOCKS = {
    "package-lock.json": regex(r'"(?:node_modules/)?@ai-sdk/openai"\s*:\s*\{\s*"version"\s*:\s*"(\d+)\.'),
    "npm-shrinkwrap.json": regex(r'"(?:node_modules/)?@ai-sdk/openai"\s*:\s*\{\s*"version"\s*:\s*"(\d+)\.'),
    "pnpm-lock.yaml": regex(r"@ai-sdk/openai[@/](\d+)\.\d+\.\d+[^:\n]*:\s*$", re.MULTILINE),
    "yarn.lock": regex(r'^"?@ai-sdk/openai@[^\n]*:\s*\n\s+version:?\s+"?(\d+)\.', re.MULTILINE),
    "bun.lock": regex(r'"@ai-sdk/openai"\s*:\s*\[\s*"@ai-sdk/openai@(\d+)\.'),
}
"""How each kind of lock file names the version that is installed."""


def weigh_bare_calls(analysis: Analysis) -> Analysis:
    """Written with `.chat` such a call sends another body: somebody must accept that."""
    held: dict[Identity, Decision] = {}
    for mark, connection in bare_calls(analysis):
        if connection.identity not in held and analysis.decision(connection).verdict == "rewrite":
            way_out = f"write `{mark.text}.chat(…)`, or run with --unsafe"
            held[connection.identity] = asks(reason(mark), mark.path, mark.span.start, way_out, unsafe=True)
    return analysis.with_decisions(held)


def reason(mark: Fact) -> str:
    """Why such a call needs a word."""
    return f"the target serves /chat/completions: `{mark.text}.chat(…)` sends `messages` there where the bare call sends `input` to /responses"


def makers(analysis: Analysis) -> dict[Identity, Connection]:
    """Connections that `createOpenAI` makes, by the identity of the call."""
    return {
        connection.fact.call_identity: connection
        for connection in analysis.connections
        if connection.sites and last_name(connection.fact.call.func) == "createOpenAI"
    }


def bare_calls(analysis: Analysis) -> list[tuple[Fact, Connection]]:
    """Every bare call with the connection that it asks."""
    clients = makers(analysis)
    return [
        (mark, connection)
        for path, facts in sorted(analysis.facts.items())
        for mark in (facts.marked(FactKind.RESPONSES) if clients and analysis.code(path) else ())
        if (connection := _made_by(analysis, mark, clients)) is not None and not is_old(analysis, path)
    ]


def _made_by(analysis: Analysis, mark: Fact, clients: dict[Identity, Connection]) -> Connection | None:
    assert isinstance(mark.node, Call)
    assert mark.node_path is not None
    made = values(analysis.repository, mark.node.func, mark.node_path.scope)
    return next((clients[maker] for value, scope in made if (maker := identity_of(scope.path, value)) in clients), None)


def is_old(analysis: Analysis, path: str) -> bool:
    """Is the version that is installed one whose bare call posts to /chat/completions?

    The lock file says it; where none does, the nearest manifest, if its range cannot reach a later version.
    """
    folder = posixpath.dirname(path)
    asked: bool | None = None
    while True:
        if installed := _installed(analysis, folder):
            return installed <= {"0", "1"}
        file = analysis.repository.file(posixpath.join(folder, "package.json"))
        if asked is None and file is not None and '"@ai-sdk/openai"' in file.source.text:
            asked = bool(_OLD.search(file.source.text))
        if not folder:
            return bool(asked)
        folder = posixpath.dirname(folder)


def _installed(analysis: Analysis, folder: str) -> set[str]:
    """The major versions of `@ai-sdk/openai` in the lock files of a folder."""
    versions: set[str] = set()
    for name, pattern in _LOCKS.items():
        file = analysis.repository.file(posixpath.join(folder, name))
        versions |= set(pattern.findall(file.source.text)) if file is not None else set()
    return versions

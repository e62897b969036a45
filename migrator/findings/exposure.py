"""What a person must know about AI SDK calls and about keys that reach browsers; nothing here is edited."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog import openrouter
from migrator.facts.model import Fact, FactKind
from migrator.findings.flags import flagged
from migrator.formats.tree import Assign, Call
from migrator.model import Category, Finding, Span, Todo
from migrator.resolve.context import NodePath, last_name
from migrator.resolve.env_schemas import values

_OLD = re.compile(r'"@ai-sdk/openai"\s*:\s*"[\^~>=\s]*[01]\.')


def responses(s: Analysis) -> Iterator[Finding]:
    """The first model that is made by calling the provider of `@ai-sdk/openai` bare: since 2.0 that posts to /responses."""
    clients = {
        id(connection.fact.call)
        for connection in s.connections
        if connection.sites and last_name(connection.fact.call.func) == "createOpenAI"
    }
    for path, one in sorted(s.facts.items()):
        for mark in one.marked(FactKind.RESPONSES) if clients and s.code(path) else ():
            if _made_by(s, mark, clients) and not _old(s, path):
                message = f"`{mark.text}(…)` posts to /responses"
                because = f"the target serves /chat/completions: write `{mark.text}.chat(…)`, here and wherever else the provider is called bare"
                yield flagged("responses-default", path, Span(*mark.span), Category.ENDPOINT, message, because)
                return
    for connection in s.connections:
        call, path = connection.fact.call, connection.fact.path
        if id(call) in clients and s.code(path) and _handed_on(connection.fact.node_path) and not _old(s, path):
            span = Span(call.span.start, call.func.span.end)
            message = "a bare call of this provider posts to /responses"
            because = "the target serves /chat/completions: where the provider is called, name the chat form, `provider.chat(…)`"
            yield flagged("responses-default", path, span, Category.ENDPOINT, message, because)
            return


def _handed_on(node_path: NodePath) -> bool:
    """Is the provider offered to other modules, so that its calls cannot all be seen?"""
    return any(isinstance(step.node, Assign) and step.node.exported for step in node_path.ancestors())


def _made_by(s: Analysis, mark: Fact, clients: set[int]) -> bool:
    assert isinstance(mark.node, Call)
    assert mark.node_path is not None
    return any(id(value) in clients for value, _ in values(s.repository, mark.node.func, mark.node_path.scope))


def _old(s: Analysis, path: str) -> bool:
    """Does the nearest manifest ask for a version whose bare call posts to /chat/completions?"""
    folder = posixpath.dirname(path)
    while True:
        file = s.repository.file(posixpath.join(folder, "package.json"))
        if file is not None and '"@ai-sdk/openai"' in file.source.text:
            return bool(_OLD.search(file.source.text))
        if not folder:
            return False
        folder = posixpath.dirname(folder)


def shipped(s: Analysis) -> Iterator[Todo]:
    """Keys that a framework builds into what browsers load."""
    prefixes = tuple(openrouter()["keys"]["public_prefixes"])
    for variable in s.variables:
        name = variable.name
        if (
            not variable.is_address
            and name.startswith(prefixes)
            and (not name.startswith("NUXT_") or name.startswith("NUXT_PUBLIC_"))
        ):
            new = variable.new_name if variable.moves else name
            yield Todo(
                title=f"{new} is readable by everybody who opens the page",
                detail="Its prefix makes the build copy the value into the script that browsers load.",
                command=None,
                because="a key in a browser is a public key: call the gateway from a server, or give this one a tight limit",
            )
    for path, file in sorted(s.repository.files.items()):
        if file.module.language == "ecma" and s.code(path) and path in s.facts and "dangerouslyAllowBrowser" in file.source.text:
            yield Todo(
                title=f"{path} makes a client in the browser",
                detail="dangerouslyAllowBrowser sends the key from the page itself; the target must allow requests from browsers (CORS).",
                command=None,
                because="a key in a browser is a public key, and not every gateway answers browsers",
            )

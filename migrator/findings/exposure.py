"""What a person must know about AI SDK calls and about keys that reach browsers; nothing here is edited."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.responses_default import bare_calls, is_old, makers, reason
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.findings.moving import keys_of, move_of_connection
from migrator.formats.tree import Assign, Call
from migrator.model import Action, Applicability, Category, Edit, Finding, Span, Todo
from migrator.resolve.context import NodePath


def responses(s: Analysis) -> Iterator[Finding]:
    """Models that are made by calling the provider of `@ai-sdk/openai` bare: since 2.0 that posts to /responses."""
    calls = bare_calls(s)
    for mark, connection in calls:
        move = move_of_connection(s, connection)
        assert isinstance(mark.node, Call)
        end = mark.node.func.span.end
        yield Finding(
            rule=RuleId.RESPONSES_DEFAULT,
            path=mark.path,
            span=Span(*mark.span),
            category=Category.ENDPOINT,
            message=f"`{mark.text}(…)` posts to /responses",
            because=reason(mark),
            action=Action.REWRITE if move is not None and s.options.unsafe else Action.FLAG,
            applicability=Applicability.UNSAFE if move is not None else Applicability.MANUAL,
            edits=(Edit(path=mark.path, span=Span(end, end), old="", new=".chat"),) if move is not None else (),
            keys=keys_of(move) if move is not None else frozenset(),
        )
    clients = makers(s)
    for connection in s.connections if not calls else ():
        call, path = connection.fact.call, connection.fact.path
        if id(call) in clients and s.code(path) and _handed_on(connection.fact.node_path) and not is_old(s, path):
            span = Span(call.span.start, call.func.span.end)
            message = "a bare call of this provider posts to /responses"
            because = "the target serves /chat/completions: where the provider is called, name the chat form, `provider.chat(…)`"
            yield flagged(RuleId.RESPONSES_DEFAULT, path, span, Category.ENDPOINT, message, because)
            return


def _handed_on(node_path: NodePath) -> bool:
    """Is the provider offered to other modules, so that its calls cannot all be seen?"""
    return any(isinstance(step.node, Assign) and step.node.exported for step in node_path.ancestors())


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

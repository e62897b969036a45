"""responses-default: calls of the AI SDK's provider that post to /responses."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.responses_default import bare_calls, is_old, makers, reason
from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.findings.terms import keys_of, move_of_connection
from migrator.formats.tree import Assign, Call
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.resolve.context import NodePath


def responses(analysis: Analysis) -> Iterator[Finding]:
    """Models that are made by calling the provider of `@ai-sdk/openai` bare: since 2.0 that posts to /responses."""
    calls = bare_calls(analysis)
    for mark, connection in calls:
        move = move_of_connection(analysis, connection)
        assert isinstance(mark.node, Call)
        end = mark.node.func.span.end
        yield Finding(
            rule=RuleId.RESPONSES_DEFAULT,
            path=mark.path,
            span=Span(*mark.span),
            category=Category.ENDPOINT,
            message=f"`{mark.text}(…)` posts to /responses",
            because=reason(mark),
            action=Action.REWRITE if move is not None and analysis.options.unsafe else Action.FLAG,
            applicability=Applicability.UNSAFE if move is not None else Applicability.MANUAL,
            edits=(Edit(path=mark.path, span=Span(end, end), old="", new=".chat"),) if move is not None else (),
            keys=keys_of(move) if move is not None else frozenset(),
        )
    clients = makers(analysis)
    for connection in analysis.connections if not calls else ():
        call, path = connection.fact.call, connection.fact.path
        if (
            connection.fact.call_identity in clients
            and analysis.code(path)
            and _handed_on(connection.fact.node_path)
            and not is_old(analysis, path)
        ):
            span = Span(call.span.start, call.func.span.end)
            message = "a bare call of this provider posts to /responses"
            because = "the target serves /chat/completions: where the provider is called, name the chat form, `provider.chat(…)`"
            yield flagged(RuleId.RESPONSES_DEFAULT, path, span, Category.ENDPOINT, message, because)
            return


def _handed_on(node_path: NodePath) -> bool:
    """Is the provider offered to other modules, so that its calls cannot all be seen?"""
    return any(isinstance(step.node, Assign) and step.node.exported for step in node_path.ancestors())

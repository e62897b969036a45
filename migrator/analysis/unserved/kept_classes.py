"""What a class is given that cannot be repointed: `OpenRouterModel(id, provider=OpenRouterProvider(…))` stays whole, or moves whole.

A provider with the target's address inside a class that checks replies for OpenRouter's own fields would send the request and refuse the
reply. So what is given to such a class waits for its exchange.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks
from migrator.analysis.hidden_clients.model import unbroken
from migrator.analysis.sources.connections import LooseAddress
from migrator.analysis.sources.url_context import env_owner
from migrator.analysis.unserved.methods import makers
from migrator.facts.model import Fact, FactKind
from migrator.formats.tree import Attr, Call, Name
from migrator.integrations import lookup
from migrator.records import replace
from migrator.resolve.context import Identity, identity_of, last_name
from migrator.resolve.environment import DEFINING


def wait_for_classes(analysis: Analysis) -> Analysis:
    """Clients that are made for a class which is left, or only exchanged with `--unsafe`, are left like it."""
    kept = [(mark, call) for mark, call in _classes(analysis)]
    if not kept:
        return analysis
    refused = dict(analysis.explicits.refused)
    unsure: dict[Identity, str] = {}
    for mark, call in kept:
        reason = refused.get(mark.identity)
        doubt = next((addition.unsure for addition in analysis.explicits.additions if mark in addition.marks), "")
        for maker in _given(analysis, mark, call) if reason or doubt else ():
            word = last_name(call.func)
            unsure[maker] = doubt if not reason else f"it is given to {word}, which is left: {reason}"
            if reason:
                refused |= {
                    other.identity: unsure[maker]
                    for other in analysis.facts[maker[0]].marked(FactKind.HIDDEN_CLIENT)
                    if other.node_identity == maker
                }
    additions = []
    for addition in analysis.explicits.additions:
        made = identity_of(addition.path, addition.call) if addition.call is not None else None
        if any(mark.identity in refused for mark in addition.marks):
            continue
        doubt = unsure.get(made, "") if made is not None else ""
        additions.append(replace(addition, unsure=addition.unsure or doubt) if doubt else addition)
    explicits = replace(analysis.explicits, additions=unbroken(analysis.explicits.additions, additions), refused=refused)
    return replace(analysis, explicits=explicits)


def weigh_classes(analysis: Analysis) -> Analysis:
    """The same for clients that have an address of their own: `OpenRouterProvider(openai_client=client)`."""
    held: dict[Identity, Decision] = {}
    clients = {connection.fact.call_identity: connection for connection in analysis.connections}
    for mark, call in _classes(analysis):
        reason = analysis.explicits.refused.get(mark.identity)
        for maker in _given(analysis, mark, call) if reason else ():
            connection = clients.get(maker)
            if connection is not None and analysis.decision(connection).may_move:
                because = f"it is given to {last_name(call.func)}, which is left: {reason}"
                held[connection.identity] = asks(because, mark.path, mark.span.start, _WAY_OUT)
        if reason and any(arg.star for arg in call.args):
            near = {mark.path, *analysis.imported(mark.path)}
            because = f"{last_name(call.func)} is given arguments from elsewhere, and is left: {reason}"
            held |= {
                loose.identity: asks(because, mark.path, mark.span.start, _WAY_OUT)
                for loose in analysis.loose
                if analysis.decision(loose).may_move and _read_in(analysis, loose, near)
            }
    return analysis.with_decisions(held)


_WAY_OUT = "exchange that class first; then this moves"


def _read_in(analysis: Analysis, loose: LooseAddress, paths: Set[str]) -> bool:
    """Is the variable that an address is the value of read in one of these files?"""
    name = env_owner(loose.site)
    return name is not None and any(
        fact.role not in DEFINING and fact.path in paths for fact in analysis.mentions(name, analysis.folder_of(name, loose.path))
    )


def _classes(analysis: Analysis) -> Iterator[tuple[Fact, Call]]:
    """The calls of classes that have to be exchanged."""
    for path, facts in sorted(analysis.facts.items()):
        for mark in facts.marked(FactKind.HIDDEN_CLIENT) if analysis.code(path) else ():
            row = lookup.shipped().named(mark.text)
            if row is not None and row.exchange is not None and isinstance(mark.node, Call):
                yield mark, mark.node


def _given(analysis: Analysis, mark: Fact, call: Call) -> Iterator[Identity]:
    """The clients that such a class is given, also inside of another one."""
    if mark.node_path is None:
        return
    for arg in call.args:
        if isinstance(arg.value, Name | Attr | Call):
            for maker in makers(analysis, arg.value, mark.node_path.scope, 0):
                yield maker
                yield from _inside(analysis, maker)


def _inside(analysis: Analysis, maker: Identity) -> Iterator[Identity]:
    """The client that a provider is given: `OpenRouterProvider(openai_client=AsyncOpenAI(…))`."""
    made = next((fact for fact in analysis.facts[maker[0]].clients if fact.call_identity == maker), None)
    for arg in made.call.args if made is not None else ():
        if isinstance(arg.value, Name | Attr | Call) and made is not None:
            yield from makers(analysis, arg.value, made.node_path.scope, 0)

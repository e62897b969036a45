"""The answer that an address gives: what is asked for at it, who gives it, and what it says by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.decide.surroundings import ENTRY
from migrator.analysis.decisions import Decision, asks, stays
from migrator.analysis.framework_settings.spring import renamed_setting
from migrator.analysis.outside_addresses import address_given
from migrator.analysis.sources.asked_paths import asked_paths, behind_variable
from migrator.analysis.sources.connections import Connection, LooseAddress, passed_on
from migrator.analysis.sources.key_sources import SourceKind
from migrator.catalog import openrouter
from migrator.catalog.urls import UrlKind, endpoint_kind, own_reason
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.formats.tree import Attr, Call, EnvDef, EnvRef, Index, Name, Node, Obj, Str
from migrator.model import Span
from migrator.resolve.origins import From, Origin
from migrator.resolve.settings_files import shadowed_by


def by_address(analysis: Analysis, connection: Connection) -> Decision | None:
    """The first obstacle among what a connection calls, who gives its address, and what each address says."""
    path, offset = connection.fact.path, connection.offset
    if connection.outside and address_given(analysis, connection) is None:
        reason = f"it is given no address: its library takes the one in {connection.outside}, which no file here sets"
        return stays(reason, path, offset, f"give it {analysis.target.openai_base} where it is made; then this moves")
    if connection.endpoint in (UrlKind.OWN, UrlKind.PAGE):
        return stays(f"/{connection.path} exists only at OpenRouter: {own_reason(connection.path)}", path, offset)
    if (decision := _asked_for(analysis, connection)) is not None:
        return decision
    vendors = openrouter()["vendors"]["hosts"]
    literals = [origin.node.value.lower() for origin in connection.urls if isinstance(origin.node, Str) and not origin.default_of]
    if other := next((host for host in vendors for value in literals if host in value), None):
        return stays(f"the program chooses between OpenRouter and {other} for this client", path, offset, ENTRY, registry=True)
    for site in connection.sites:
        if (decision := written(analysis, site)) is not None:
            return decision
    if (decision := _given(analysis, connection) or asked_through_parameter(analysis, connection.sites)) is not None:
        return decision
    if connection.unplaced and not connection.sites:
        reason = f"its address comes from {_called(connection.urls[0])}, and what that holds is not known here"
        return asks(reason, path, offset, f"set the address to {analysis.target.openai_base} together with the new key")
    return None


def _called(origin: Origin) -> str:
    """What an address is taken from, where the expression starts with a name: `(first or second).url` has none."""
    named = origin.node is None or isinstance(origin.node, Name | Attr | Index | Call)
    return origin.name if named and origin.name[:1] not in ("", "…") else "something that is not followed"


def _asked_for(analysis: Analysis, connection: Connection) -> Decision | None:
    """Is something asked for through it, by its callers, that exists only at OpenRouter?"""
    asked = list(asked_paths(analysis.callers, connection))
    if connection.also is not None:
        fact, endpoint = connection.also
        return _given_to(analysis, endpoint, fact.path, fact.call.span.start)
    only_openrouter = [(text, path, at) for text, path, at in asked if endpoint_kind(text) is UrlKind.OWN and analysis.code(path)]
    if not only_openrouter:
        return None
    text, path, at = only_openrouter[0]
    if len(only_openrouter) == len([path for _, path, _ in asked if analysis.code(path)]):
        return stays(f"/{text} exists only at OpenRouter: {own_reason(text)}", path, at)
    line = analysis.repository.files[path].lines.line(at)
    reason = f"/{text} is asked for through this request too, and exists only at OpenRouter"
    return asks(reason, path, at, f"give {path}:{line} a request of its own; then this moves")


def asked_through_parameter(analysis: Analysis, sites: Iterable[UrlFact]) -> Decision | None:
    """Is something that exists only at OpenRouter asked for by a request which is given one of these addresses by its callers?"""
    for site in sites:
        asked = analysis.asked_through_parameters.get((site.path, site.literal.span), [])
        if asked and all(each.own for each in asked):
            first = asked[0]
            return stays(f"/{first.endpoint} exists only at OpenRouter: {own_reason(first.endpoint)}", first.path, first.offset)
        for each in asked:
            if each.own:
                return _given_to(analysis, each.endpoint, each.path, each.offset)
    return None


def _given_to(analysis: Analysis, endpoint: str, path: str, offset: int) -> Decision:
    line = analysis.repository.files[path].lines.line(offset)
    reason = f"it is given to a request for /{endpoint}, which exists only at OpenRouter"
    return asks(reason, path, offset, f"give {path}:{line} an address and a key of its own; then this moves")


def prefixed_beside(analysis: Analysis, loose: LooseAddress) -> Decision | None:
    """`X_MODEL=openrouter/… X_BASE=https://… tool`: is a command given a model whose name may make it choose OpenRouter, whatever address it has?"""
    marks = analysis.facts[loose.path].marked(FactKind.MODEL_PREFIX)
    around = _assignments(analysis, loose) if marks else None
    for mark in marks:
        if around is not None and around.start <= mark.span.start < around.end:
            reason = f"the prefix in {mark.text} may make the command choose OpenRouter's host, whatever address it is given"
            way_out = "make sure that it goes to the address it is given, then run with --unsafe"
            return asks(reason, loose.path, mark.span.start, way_out, unsafe=True)
    return None


def _assignments(analysis: Analysis, loose: LooseAddress) -> Span | None:
    """The variables that are set in front of the same command; None where an address is not one of them."""
    body = analysis.repository.files[loose.path].module.body
    start = end = None
    for node in body:
        if isinstance(node, EnvDef) and node.how == "shell-prefix":
            start, end = (node.span.start if start is None else start), node.span.end
        elif start is not None and end is not None:
            if start <= loose.offset < end:
                return Span(start, end)
            start = None
    return None


def asked_by_functions(analysis: Analysis, loose: LooseAddress) -> Decision | None:
    """Does a script give `"$BASE/credits"` to a function of its own, or a makefile `credits` to a variable, which sends the key with it?"""
    if analysis.language(loose.path) not in ("shell", "make") or not loose.site.key:
        return None
    for text, path, at in behind_variable(analysis.repository, loose.site.key):
        calls = analysis.by_call.get(path)
        inside = calls is not None and calls.first(at, at + 1) is not None
        if endpoint_kind(text) is UrlKind.OWN and not inside and analysis.code(path):
            line = analysis.repository.files[path].lines.line(at)
            reason = f"/{text} is asked for through {loose.site.key} too, and exists only at OpenRouter"
            return asks(reason, path, at, f"give {path}:{line} an address and a key of its own; then this moves")
    return None


def _given(analysis: Analysis, connection: Connection) -> Decision | None:
    """Do callers give it an address that cannot be seen, or OpenRouter's key with the address of another vendor?"""
    given = connection.given
    if given.unseen is not None:
        path, at = given.unseen
        way_out = f"give it {analysis.target.openai_base} there, or leave the address out; then this moves"
        return asks("its address is given by a call where it cannot be seen", path, at, way_out)
    shared = given.shared
    if shared is None and given.foreign_keys & {source.name for source in analysis.sources_of(connection)}:
        shared = (connection.fact.path, connection.offset)
    shared = shared or _same_key_elsewhere(analysis, connection)
    if shared is not None:
        path, at = shared
        way_out = "give the other address a key variable of its own; then this moves"
        return asks("the same key is given to this client with another vendor's address", path, at, way_out)
    return None


def _same_key_elsewhere(analysis: Analysis, connection: Connection) -> tuple[str, int] | None:
    """Path and offset of a call that gives another service's address and no key, so that the one of the function goes there too."""
    if not connection.given.elsewhere or all(source.kind is not SourceKind.VARIABLE for source in analysis.sources_of(connection)):
        return None
    params = [origin.param for origin in connection.keys if origin.kind is From.PARAM and origin.param is not None]
    keyed = {id(call.node) for param in params for call, argument in analysis.callers.calls(param) if argument is not None}
    return next(((path, at) for call, path, at in connection.given.elsewhere if id(call) not in keyed), None)


def written(analysis: Analysis, site: UrlFact) -> Decision | None:
    """What an address says by itself, whoever uses it."""
    if site.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
        reason = "a regional host or a relay promises something that no other address keeps"
        return asks(
            reason, site.path, site.span.start, "decide whether the promise is still needed, then write the new address by hand"
        )
    if site.url.kind in (UrlKind.OWN, UrlKind.PAGE):
        return stays(f"/{site.url.path} exists only at OpenRouter: {own_reason(site.url.path)}", site.path, site.span.start)
    if site.url.kind is UrlKind.ANTHROPIC_BASE and analysis.target.anthropic_base is None:
        return stays(f"{analysis.target.title} has no address for Anthropic's clients", site.path, site.span.start)
    if site.url.kind is UrlKind.HOST and site.identity not in analysis.hosts:
        return asks(
            "only the host stands here, and the path is put behind it where it cannot be seen", site.path, site.span.start,
            f"write the whole address here ({analysis.target.openai_base} after the move)",
        )  # fmt: skip
    return None


def requests_passed_on(analysis: Analysis, loose: LooseAddress) -> Decision | None:
    """Does the file pass requests on with the headers that they came with, so that the keys in them are the callers'?"""
    path = loose.path
    if loose.keys or analysis.language(path) not in PROGRAMS:
        return None
    match = passed_on(analysis.repository.files[path].source.text)
    if match is None:
        return None
    return asks(
        "requests are passed on with the headers that they came with, and the key in them is OpenRouter's", path, match.start(),
        "let the callers send the new gateway's key first, then run with --unsafe", unsafe=True,
    )  # fmt: skip


def variables_around(loose: LooseAddress) -> Iterator[tuple[str, Node | None]]:
    """The variable that an address stands in for, and those of its key."""
    for step in loose.site.node_path.ancestors():
        if isinstance(step.node, EnvRef):
            yield loose.path, step.node
    yield from ((origin.path, origin.node) for origin in loose.keys)


def shadowed(analysis: Analysis, variables: Iterable[tuple[str, Node | None]]) -> Decision | None:
    """Would the old variable still win over the new one, because a framework reads it by itself?"""
    for path, node in variables:
        setting = shadowed_by(analysis.repository, path, node) if isinstance(node, EnvRef) else ""
        if setting and renamed_setting(analysis.repository, setting, analysis.target.key_env) is None:
            assert isinstance(node, EnvRef)
            return asks(
                f"Spring reads {node.name} by itself for {setting}, before this file", path, node.span.start,
                "give the setting another name, or unset the variable in the same step; then run with --unsafe", unsafe=True,
            )  # fmt: skip
    return None


def wants_responses(site: UrlFact) -> bool:
    """`wire_api = "responses"` beside the address; https://github.com/openai/codex/blob/main/docs/config.md"""
    table = next((step.node for step in site.node_path.ancestors() if isinstance(step.node, Obj)), None)
    return isinstance(table, Obj) and any(
        isinstance(item.key, Str)
        and item.key.value == "wire_api"
        and isinstance(item.value, Str)
        and item.value.value == "responses"
        for item in table.items
    )

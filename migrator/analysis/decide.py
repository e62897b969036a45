"""One connection, decided by its own sources: what it calls, where its address comes from, where every one of its keys comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks, moves, stays
from migrator.analysis.hidden_clients.configuration import falls_back
from migrator.analysis.outside_addresses import address_given
from migrator.analysis.registries import by_shape_of_key, in_branch, in_table
from migrator.analysis.sources.asked_paths import asked_paths, behind_variable
from migrator.analysis.sources.connections import Connection, LooseAddress, passed_on
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.sources.shadowed_settings import renamed_setting
from migrator.analysis.variables.typed_reads import typed_read
from migrator.catalog import openrouter, renamed
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, endpoint_kind, own_reason
from migrator.catalog.variables import says_openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.facts.request_headers import headers
from migrator.formats.tree import Attr, EnvRef, Index, Node, Obj, Str
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.origins import From, origins
from migrator.resolve.settings_files import is_overridden, shadowed_by
from migrator.text.secrets import is_placeholder

_ENTRY = "add the new gateway as one more entry, with its own address and key variable"


def decide(analysis: Analysis, connection: Connection) -> Decision:
    """The answer for a client or a raw call."""
    path, offset = connection.fact.path, connection.offset
    return (
        _whole_tree(analysis, path)
        or _suppressed(analysis, path, connection)
        or _chosen(analysis, path, connection.fact.node_path, connection.sites)
        or _library(analysis, connection)
        or _address(analysis, connection)
        or _passengers(analysis, path)
        or _shadowed(analysis, ((origin.path, origin.node) for origin in (*connection.urls, *connection.keys)))
        or by_keys(
            analysis, _sources(analysis, connection), path, offset, keyed=connection.keyed, paired=bool(connection.variables)
        )
    )


def _sources(analysis: Analysis, connection: Connection) -> tuple[KeySource, ...]:
    """Every end of its key; a variable that its library reads by itself is one that the call reads, where this run gives it the read."""
    sources = analysis.sources_of(connection)
    if any(addition.call is connection.fact.call for addition in analysis.explicits.additions):
        return tuple(replace(source, implicit=False) for source in sources)
    return sources


def decide_loose(analysis: Analysis, loose: LooseAddress) -> Decision:
    """The answer for an address without a known client."""
    site = loose.site
    first = (
        _whole_tree(analysis, site.path)
        or _silenced(analysis, RuleId.BASE_URL, site)
        or _chosen(analysis, site.path, site.node_path, [site])
        or _in_library(analysis, site)
        or (
            stays("this table's tool calls /responses, which the target does not serve yet", site.path, loose.offset)
            if _wants_responses(site)
            else None
        )
        or _written(analysis, site)
        or _passengers(analysis, site.path)
        or _shadowed(analysis, _variables_around(loose))
        or _passed_on(analysis, loose)
        or _asked_by_functions(analysis, loose)
    )
    if first is not None:
        return first
    if loose.typed is not None:
        if loose.typed.value and not is_placeholder(loose.typed.value):
            return asks(
                "a key stands beside this address", site.path, loose.typed.span.start,
                f"revoke it and read the new one from {analysis.target.key_env}; then the address moves",
            )  # fmt: skip
        if is_overridden(site.path):
            return asks(
                "the key for this address is set outside of this file, which only shows where it goes", site.path, loose.typed.span.start,
                "set the new key there first, then run again with --unsafe", unsafe=True,
            )  # fmt: skip
        return moves()
    return by_keys(analysis, analysis.sources_of(loose), site.path, loose.offset, keyed=True, paired=True)


def _passed_on(analysis: Analysis, loose: LooseAddress) -> Decision | None:
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


def _variables_around(loose: LooseAddress) -> Iterator[tuple[str, Node | None]]:
    """The variable that an address stands in for, and those of its key."""
    for step in loose.site.node_path.ancestors():
        if isinstance(step.node, EnvRef):
            yield loose.path, step.node
    yield from ((origin.path, origin.node) for origin in loose.keys)


def _shadowed(analysis: Analysis, variables: Iterable[tuple[str, Node | None]]) -> Decision | None:
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


def _whole_tree(analysis: Analysis, path: str) -> Decision | None:
    if analysis.published_for_openrouter is not None:
        manifest, name = analysis.published_for_openrouter
        return stays(f"{name} is made for OpenRouter: there is nothing to move", manifest)
    if analysis.has_several_providers(path):
        places = analysis.evidence.files
        reason = f"OpenRouter is one of several providers here ({', '.join(places[:3])})"
        return stays(reason, places[0], None, _ENTRY, registry=True)
    return None


def _suppressed(analysis: Analysis, path: str, connection: Connection) -> Decision | None:
    for site in connection.sites:
        if (decision := _silenced(analysis, RuleId.BASE_URL, site)) is not None:
            return decision
    told = analysis.suppression_for(RuleId.BASE_URL, path, connection.fact.call.span)
    return stays(told, path, connection.offset) if told else None


def _silenced(analysis: Analysis, rule: str, site: UrlFact) -> Decision | None:
    told = analysis.suppression_for(rule, site.path, site.span) if analysis.code(site.path) else None
    return stays(f"{site.path} stays: {told}", site.path, site.span.start) if told else None


def _chosen(analysis: Analysis, path: str, node_path: NodePath, sites: Sequence[UrlFact]) -> Decision | None:
    """Is it one of several vendors that the program chooses from when it runs?"""
    makers = analysis.chosen_makers
    for step in (node_path, *node_path.ancestors()):
        if step.identity in makers:
            return stays("a table of constructors chooses between OpenRouter and other vendors", path, None, _ENTRY, registry=True)
    if path in analysis.vendor_siblings:
        beside = analysis.vendor_siblings[path]
        return stays(f"{beside[0]} stands beside it: one file for each vendor", path, None, _ENTRY, registry=True)
    for site in sites:
        if analysis.language(site.path) in PROGRAMS and in_table(analysis, site):
            reason = "its address is one entry of a table of several vendors"
            return stays(reason, site.path, site.span.start, _ENTRY, registry=True)
    if by_shape_of_key(analysis, path, node_path):
        reason = "the shape of the key decides whether this runs, and a key of the target has another one"
        return asks(reason, path, node_path.node.span.start, "change the check first; then this moves")
    if in_branch(analysis, path, node_path):
        offset = node_path.node.span.start
        return stays("the program chooses between OpenRouter and other vendors here", path, offset, _ENTRY, registry=True)
    return None


def _library(analysis: Analysis, connection: Connection) -> Decision | None:
    """Is it a client of a library that cannot be pointed elsewhere, whatever address it is given?"""
    path = connection.fact.path
    for mark in analysis.facts[path].marked(FactKind.HIDDEN_CLIENT) if path in analysis.facts else ():
        if mark.node is connection.fact.call and (why := analysis.explicits.refused.get(mark.identity)):
            return stays(f"{mark.text} has OpenRouter built in: {why}", path, connection.offset, mark.note)
    if (decision := _falls_back(analysis, connection)) is not None:
        return decision
    for addition in analysis.explicits.additions:
        if addition.call is connection.fact.call and addition.unsure:
            return asks(
                addition.unsure, path, connection.offset,
                "make sure of it, then run with --unsafe", unsafe=True,
            )  # fmt: skip
    return None


def _falls_back(analysis: Analysis, connection: Connection) -> Decision | None:
    """An entry of configuration has no way to fail without its key: the library would take the old variable by itself."""
    fact, row = connection.fact, connection.fact.integration
    if row is None or not row.built_in or row.key.env is None or analysis.language(fact.path) in PROGRAMS:
        return None
    prefixed = isinstance(fact.model, Str) and row.model is not None and fact.model.value.startswith(row.model.prefix)
    names = [source.name for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE]
    new = next((renamed(name, analysis.target.key_env) for name in names if not analysis.kept(name)), None)
    why = falls_back(row.key.env, new) if prefixed and new is not None else ""
    return asks(why, fact.path, connection.offset, f"set {new} there first, then run with --unsafe", unsafe=True) if why else None


def _in_library(analysis: Analysis, site: UrlFact) -> Decision | None:
    """Is an address given to a client of a library that cannot be pointed elsewhere?"""
    marks = {mark.node_identity: mark for mark in analysis.facts[site.path].marked(FactKind.HIDDEN_CLIENT)}
    covered = {mark.node_identity for addition in analysis.explicits.additions for mark in addition.marks}
    for step in site.node_path.ancestors():
        mark = marks.get(step.identity)
        if mark is not None and step.identity not in covered:
            return stays(f"{mark.text} has OpenRouter built in", site.path, site.span.start, mark.note)
    return None


def _address(analysis: Analysis, connection: Connection) -> Decision | None:
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
        return stays(f"the program chooses between OpenRouter and {other} for this client", path, offset, _ENTRY, registry=True)
    for site in connection.sites:
        if (decision := _written(analysis, site)) is not None:
            return decision
    if (decision := _given(analysis, connection)) is not None:
        return decision
    if connection.unplaced and not connection.sites:
        origin = connection.urls[0]
        reason = f"its address comes from {origin.name or 'somewhere'} and cannot be seen from here"
        return asks(reason, path, offset, f"set it to {analysis.target.openai_base} together with the new key")
    return None


def _asked_for(analysis: Analysis, connection: Connection) -> Decision | None:
    """Is something asked for through it, by its callers, that exists only at OpenRouter?"""
    asked = list(asked_paths(analysis.callers, connection))
    only_openrouter = [(text, path, at) for text, path, at in asked if endpoint_kind(text) is UrlKind.OWN and analysis.code(path)]
    if not only_openrouter:
        return None
    text, path, at = only_openrouter[0]
    if len(only_openrouter) == len([path for _, path, _ in asked if analysis.code(path)]):
        return stays(f"/{text} exists only at OpenRouter: {own_reason(text)}", path, at)
    line = analysis.repository.files[path].lines.line(at)
    reason = f"/{text} is asked for through this request too, and exists only at OpenRouter"
    return asks(reason, path, at, f"give {path}:{line} a request of its own; then this moves")


def _asked_by_functions(analysis: Analysis, loose: LooseAddress) -> Decision | None:
    """Does a script give `"$BASE/credits"` to a function of its own, which sends the key with it?"""
    if analysis.language(loose.path) != "shell" or not loose.site.key:
        return None
    for text, path, at in behind_variable(analysis.repository, loose.site.key):
        inside = any(
            other.fact.path == path and other.fact.call.span.start <= at < other.fact.call.span.end
            for other in analysis.connections
        )
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
    if shared is not None:
        path, at = shared
        way_out = "give the other address a key variable of its own; then this moves"
        return asks("the same key is given to this client with another vendor's address", path, at, way_out)
    return None


def _written(analysis: Analysis, site: UrlFact) -> Decision | None:
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
        return asks("only the host stands here, and the path is put behind it where it cannot be seen", site.path, site.span.start)
    return None


def _passengers(analysis: Analysis, path: str) -> Decision | None:
    """Requests that carry the keys of other vendors: OpenRouter is meant to have them, the target is not."""
    for mark in analysis.facts[path].marked(FactKind.REQUEST_HEADER) if path in analysis.facts else ():
        if mark.text in headers()["secret"]:
            return asks(
                f"{mark.text} would hand other vendors' keys to the target",
                path,
                mark.span.start,
                "take the header out; then it moves",
            )
    return None


def _unread_definer(analysis: Analysis, source: KeySource) -> str | None:
    """The build script that writes a field of `BuildConfig`, where it cannot be changed together with the reads."""
    if not isinstance(source.node, Attr) or source_name(source.node.base).rpartition(".")[2] != "BuildConfig":
        return None
    scripts = {
        path for path, file in analysis.repository.files.items() if path.endswith(".gradle") and source.name in file.source.text
    }
    return min(scripts, default=None)


def _passed_through(analysis: Analysis, source: KeySource) -> bool:
    """`OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}`: a library's own name on both sides."""
    facts = analysis.facts[source.path].envs if source.path in analysis.facts else []
    assert source.node is not None
    start = source.node.span.start
    return any(
        fact.name == source.name and fact.entry is not None and fact.entry.start <= start < fact.entry.end and fact.how != "dotenv"
        for fact in facts
    )


def _wants_responses(site: UrlFact) -> bool:
    """`wire_api = "responses"` beside the address; https://github.com/openai/codex/blob/main/docs/config.md"""
    table = next((step.node for step in site.node_path.ancestors() if isinstance(step.node, Obj)), None)
    return isinstance(table, Obj) and any(
        isinstance(item.key, Str)
        and item.key.value == "wire_api"
        and isinstance(item.value, Str)
        and item.value.value == "responses"
        for item in table.items
    )


def _entry_of(analysis: Analysis, node: Node, names: set[str]) -> bool:
    """`Constants.expoConfig.extra.key` where the tree has objects with an entry of that name, each of which is one of the variables."""
    if not isinstance(node, (Attr, Index)):
        return False
    values = [
        (item.value, node_path.scope)
        for path, facts in analysis.facts.items()
        for node_path in (facts.objects if analysis.code(path) else ())
        if isinstance(node_path.node, Obj)
        for item in node_path.node.items
        if isinstance(item.key, Str) and item.key.value == last_name(node)
    ]
    ends = [origins(analysis.repository, value, scope) for value, scope in values]
    return bool(ends) and all(
        origins_of_end and all(end.kind is From.ENV and end.name in names for end in origins_of_end) for origins_of_end in ends
    )


def by_keys(analysis: Analysis, sources: tuple[KeySource, ...], path: str, offset: int, *, keyed: bool, paired: bool) -> Decision:
    """Every source of the key has to move with the address, or the old key would reach the new host through it.

    `paired`: the address comes from the environment too, so that a variable which a library reads by itself changes together with it.
    """
    if not keyed:
        return moves("it sends no key")
    new = analysis.target.key_env
    by_kind: dict[SourceKind, list[KeySource]] = {}
    for source in sources:
        by_kind.setdefault(source.kind, []).append(source)
    variables = by_kind.get(SourceKind.VARIABLE, [])
    typed = [source for source in by_kind.get(SourceKind.TYPED, ()) if typed_read(analysis, source) is None]
    for source in typed:
        at = source.node.span.start if source.node is not None else offset
        return asks("a key stands in the code", source.path, at, f"revoke it and read the new one from {new}; then this moves")
    stores = sorted(by_kind.get(SourceKind.STORE, ()), key=lambda source: not says_openrouter(source.name.upper()))
    for source in (*stores, *(() if variables else by_kind.get(SourceKind.ENTRY, ()))):
        at = source.node.span.start if source.node is not None else offset
        also = "may also come" if variables else "comes"
        return asks(
            f"the key {also} from {source.name}, which holds OpenRouter's key today", source.path, at,
            f"put the new key there first, then run again with --unsafe; or read {new} alone", unsafe=True,
        )  # fmt: skip
    for source in variables:
        if (unread := _unread_definer(analysis, source)) is not None:
            return asks(
                f"BuildConfig.{source.name} is written by {unread}, which is not read as code", source.path,
                source.node.span.start if source.node is not None else offset, f"give {new} there first; then read it here",
            )  # fmt: skip
    for source in variables:
        if ".prefixed(" in analysis.repository.files[source.path].source.text and not says_openrouter(source.name):
            at = source.node.span.start if source.node is not None else offset
            return asks(
                f"a prefix is put before {source.name} where it is read", source.path, at, f"read {new} without it; then this moves"
            )
    for source in variables:
        if paired and isinstance(source.node, EnvRef) and not says_openrouter(source.name) and _passed_through(analysis, source):
            return asks(
                f"the key is set outside this repository under {source.name}, and holds OpenRouter's key today", source.path, offset,
                "change both values together, or let this entry take the key from a new secret; then run with --unsafe", unsafe=True,
            )  # fmt: skip
    if implicit := next((source for source in variables if source.implicit and not paired), None):
        return asks(
            f"the library reads {implicit.name} by itself, and that holds OpenRouter's key today", path, offset,
            f"give the client its key: read {new} where it is made; then this moves", unsafe=True,
        )  # fmt: skip
    for source in by_kind.get(SourceKind.OUT_OF_SIGHT, ()) if variables or SourceKind.CREDENTIAL in by_kind else ():
        if source.node is not None and not _entry_of(analysis, source.node, {variable.name for variable in variables}):
            return asks(
                f"the key may also come from {source.name or 'something'}, which cannot be followed", source.path,
                source.node.span.start, f"read {new} alone, or see to it that the new key comes from there; then run with --unsafe",
                unsafe=True,
            )  # fmt: skip
    unseen = SourceKind.OUT_OF_SIGHT in by_kind or SourceKind.PARAMETER in by_kind  # a placeholder beside them may be a test's
    if (
        variables
        or by_kind.keys() & {SourceKind.CREDENTIAL, SourceKind.TYPED}
        or (SourceKind.PLACEHOLDER in by_kind and not unseen)
    ):
        return moves()
    if parameters := by_kind.get(SourceKind.PARAMETER):
        return asks(
            f"the key comes in as a parameter ({parameters[0].name}), and where callers take it from cannot be seen", path, offset,
            "what they give, and what users have stored, must be the new gateway's key from then on: see to it, then run with --unsafe",
            unsafe=True,
        )  # fmt: skip
    return asks(
        "where its key comes from cannot be seen here", path, offset,
        "make sure that it will be the new gateway's, then run with --unsafe", unsafe=True,
    )  # fmt: skip

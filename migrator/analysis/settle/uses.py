"""Which variables a connection, or a client with OpenRouter built in, reads: for its key and for its address."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, path_of
from migrator.analysis.decisions import asks
from migrator.analysis.hidden_clients.model import Addition
from migrator.analysis.settle.round import Round
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.url_context import default_of, env_owner
from migrator.analysis.variables.decide import Uses
from migrator.catalog import openrouter
from migrator.catalog.variables import says_openrouter
from migrator.facts.model import EnvFact
from migrator.formats.tree import Class, Func
from migrator.model import Span
from migrator.resolve.context import NodePath
from migrator.resolve.environment import DEFINING, VariableRole
from migrator.resolve.origins import From


def use(attempt: Round, party: Party) -> None:
    """Which variables a connection reads, for its key and for its address."""
    analysis = attempt.analysis
    moving = analysis.applies(party)
    path = path_of(party)
    sources = analysis.sources_of(party)
    named = any(source.kind is SourceKind.VARIABLE and says_openrouter(source.name) for source in sources)
    vendors = openrouter()["vendors"]["key_variables"]
    told = isinstance(party, Connection) and _is_told(attempt, party)
    for source in sources:
        if told and source.implicit:
            continue
        if source.kind is SourceKind.VARIABLE and not (named and moving and source.name in vendors):
            _record(
                attempt,
                party,
                moving,
                source.name,
                source.path or path,
                source.node,
                is_address=False,
                implicit=source.implicit,
            )
    if isinstance(party, LooseAddress):
        if owner := env_owner(party.site):
            _record_definition(attempt, party, moving, owner)
            if moving and any(source.implicit for source in sources) and not says_openrouter(owner):
                _record(attempt, party, moving, owner, path, None, is_address=True, implicit=True)
        for name, node in default_of(party.site, analysis.facts):
            _record(attempt, party, moving, name, path, node, is_address=True, implicit=False)
    if isinstance(party, Connection) and (moving or party.identity not in attempt.addresses):
        for origin in party.urls:
            if origin.kind is From.ENV and origin.name in party.variables:
                implicit = origin.node is None and origin.name == party.fact.implicit_url
                if told and implicit:
                    continue
                for name, where, read in analysis.made_from(origin.name, origin.path, origin.node):
                    _record(attempt, party, moving, name, where, read, is_address=True, implicit=implicit)


def _is_told(attempt: Round, party: Connection) -> bool:
    """Is its call given address and key by this run, so that its library reads no variable by itself any more?"""
    analysis = attempt.analysis
    return any(addition.call is party.fact.call and analysis.adds(addition) for addition in analysis.explicits.additions)


def _record_definition(attempt: Round, party: LooseAddress, moving: bool, name: str) -> None:
    """An address that a variable is given: whoever reads the variable by its name reads the new one from then on."""
    analysis = attempt.analysis
    readers = [fact for fact in analysis.mentions(name, analysis.folder_of(name, party.path)) if fact.role not in DEFINING]
    if readers:
        _record(attempt, party, moving, name, party.path, None, is_address=True, implicit=False, readers=readers)
        uses = attempt.uses[name, analysis.folder_of(name, party.path)]
        ids = {fact.identity for fact in readers if fact.role in (VariableRole.READ, VariableRole.FIELD)}
        if moving:
            uses.moving |= ids
            uses.moving_files |= {fact.path for fact in readers}


def _record(
    attempt: Round,
    party: Party,
    moving: bool,
    name: str,
    path: str,
    node: object,
    *,
    is_address: bool,
    implicit: bool,
    readers: Sequence[EnvFact] = (),
) -> None:
    """A connection depends on a variable. `readers`: the mentions it is read through, where they do not follow from `node`."""
    analysis = attempt.analysis
    space = (name, analysis.folder_of(name, path))
    uses = attempt.uses.setdefault(space, Uses())
    uses.is_address = uses.is_address or is_address
    facts = analysis.readings(name, path, node) or readers
    ids = {fact.identity for fact in facts}
    files = {path_of(party), *(fact.path for fact in facts)}
    if moving and not facts and not implicit and not analysis.kept(name):
        reason = f"{name} is read where it cannot be renamed"
        at = getattr(getattr(node, "span", None), "start", None)
        way_out = f"read {analysis.target.key_env} there by its name; then this moves"
        attempt.decide(party, asks(reason, path, at, way_out))
        moving = False
    if moving:
        uses.implicit = uses.implicit or implicit
        uses.moving |= ids
        uses.moving_files |= files
        attempt.readers.setdefault(party.identity, set()).add(space)
    else:
        decision = attempt.analysis.decision(party)
        where = path_of(party)
        line = analysis.repository.files[where].lines.line(party.offset)
        uses.staying |= ids
        uses.staying_files |= files
        # an address variable is given up by what stays: it gets its own literal address
        if not is_address or not ids & uses.moving:
            uses.reasons.append((f"{where}:{line} stays on OpenRouter with it: {decision.because}", where, party.offset))


def use_addition(attempt: Round, addition: Addition) -> None:
    """Which variables a client with OpenRouter built in reads."""
    analysis = attempt.analysis
    moving = analysis.adds(addition)
    for name in sorted(addition.names):
        space = (name, analysis.folder_of(name, addition.path))
        uses = attempt.uses.setdefault(space, Uses())
        readings = readings_of(analysis, addition, name)
        ids, files = {fact.identity for fact in readings}, {addition.path, *(fact.path for fact in readings)}
        if moving:
            uses.moving |= ids
            uses.moving_files |= files
            attempt.readers.setdefault(addition.identity, set()).add(space)
        else:
            uses.staying |= ids
            uses.staying_files |= files
            why = analysis.adds_not(addition)
            uses.reasons.append((f"{addition.path} goes on reading it: {why}", addition.path, addition.span.start))


def readings_of(analysis: Analysis, addition: Addition, name: str) -> list[EnvFact]:
    """The mentions of a variable that a client with OpenRouter built in takes its key through."""
    places = [*((source.name, source.path, source.node) for source in addition.sources), *addition.reads]
    readings = [
        fact for other, path, node in places if other == name and node is not None for fact in analysis.readings(name, path, node)
    ]
    inside = analysis.mentioned_within(addition.path, name, addition.span)
    return [*readings, *(fact for fact in inside if fact not in readings)]


def read_beside(attempt: Round, party: Party) -> None:
    """A key that is read where an address stays, by a client that was not recognised: that read keeps the old name."""
    analysis = attempt.analysis
    path = path_of(party)
    node_path = party.site.node_path if isinstance(party, LooseAddress) else party.fact.node_path
    around = _statement(node_path)
    for (name, folder), uses in attempt.uses.items():
        if uses.is_address or not uses.moving or folder != analysis.folder_of(name, path):
            continue
        reads = [
            fact
            for fact in analysis.mentioned_within(path, name, around)
            if fact.role is VariableRole.READ and fact.identity not in uses.moving
        ]
        if reads and not {fact.identity for fact in reads} <= uses.staying:
            line = analysis.repository.files[path].lines.line(party.offset)
            uses.staying |= {fact.identity for fact in reads}
            uses.staying_files.add(path)
            uses.reasons.append((f"{path}:{line} stays on OpenRouter beside it", path, party.offset))


def _statement(node_path: NodePath) -> Span:
    """The function around a place; outside of one, the member of a class or the statement."""
    step = node_path
    while step.up is not None and not isinstance(step.node, Func) and not isinstance(step.up.node, Class):
        step = step.up
    return step.node.span

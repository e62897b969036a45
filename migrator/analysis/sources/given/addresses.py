"""Addresses that callers give a client of this tree: `LLM(key, os.environ.get("OPENROUTER_BASE_URL"))` of `def __init__(self, key, base=…)`.

Each call is looked at with its key. One that gives another vendor's address has that vendor's key, which is none of OpenRouter's; one that
gives a variable makes it a source of the address; and an address that cannot be seen holds the client back.
"""

from __future__ import annotations

from migrator.analysis.sources.callers import Callers, entries_of, picked_by
from migrator.analysis.sources.key_sources import of_parameter
from migrator.catalog import is_key_variable
from migrator.catalog.urls import find_urls, foreign_host
from migrator.catalog.variables import says_openrouter
from migrator.discover import path_kinds
from migrator.formats.tree import Call, Node, Obj, Param, Str
from migrator.records import dataclass, field
from migrator.resolve.context import NodePath
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

DEEPEST = 3
"""Functions that hand an address on before it is used."""
_KEY_ENDINGS = ("KEY", "KEYS", "TOKEN", "SECRET")


@dataclass(slots=True)
class GivenAddresses:
    """What the callers of one client give it."""

    sources: list[Origin] = field(default_factory=list)
    """Literals and variables that are OpenRouter's."""
    foreign: set[int] = field(default_factory=set)
    """Calls (by `id`) that give another vendor's address and key."""
    foreign_keys: set[str] = field(default_factory=set)
    """The variables of those keys."""
    unseen: tuple[str, int] | None = None
    """Path and offset of an address that cannot be followed."""
    shared: tuple[str, int] | None = None
    """Path and offset of a call that gives OpenRouter's key another vendor's address."""
    elsewhere: list[tuple[Call, str, int]] = field(default_factory=list)
    """Calls that give another service's whole address, with path and offset, whatever key goes there."""

    def leave(self, call: Call, keys: set[str]) -> None:
        """A call is another vendor's, with its keys."""
        self.foreign.add(id(call))
        self.foreign_keys |= keys


def given_addresses(repository: Repository, callers: Callers, urls: tuple[Origin, ...], defined: frozenset[str]) -> GivenAddresses:
    """What is given for the parameters among the sources of an address. `defined`: variables that some file gives OpenRouter's address."""
    given = GivenAddresses()
    for origin in urls:
        if origin.kind is From.PARAM and origin.param is not None:
            _read(repository, callers, origin.param, picked_by(origin.param, origin.name), given, defined, frozenset())
        elif origin.kind is From.UNKNOWN and origin.node is not None and origin.scope is not None:
            for param, key in of_parameter(repository, origin.node, origin.scope):
                _read(repository, callers, param, key, given, defined, frozenset())
    return given


def _read(
    repository: Repository,
    callers: Callers,
    param: Param,
    key: str,
    given: GivenAddresses,
    defined: frozenset[str],
    busy: frozenset[int],
) -> None:
    """What each call gives a parameter, or the entry `key` of it."""
    # by `id`, as in `Callers`: the very parameter is met again
    if id(param) in busy or len(busy) >= DEEPEST:
        return
    for call, argument in callers.calls(param):
        if argument is None or path_kinds.is_test(call.scope.path) or call.in_test_module:
            continue
        parts = entries_of(repository, argument, call.scope, key)
        if parts is None:
            _sort(repository, call, argument, None, given, defined)
        for part, scope in parts or ():
            for way in origins(repository, part, scope):
                if way.kind is From.PARAM and way.param is not None and callers.given(way.param).calls:
                    _read(repository, callers, way.param, picked_by(way.param, way.name), given, defined, busy | {id(param)})
                else:
                    _sort(repository, call, part, way, given, defined)


def _sort(
    repository: Repository, call: NodePath, argument: Node, way: Origin | None, given: GivenAddresses, defined: frozenset[str]
) -> None:
    """An address that a call gives, by what it is and by the keys beside it. `way`: None where it cannot be seen."""
    node = call.node
    assert isinstance(node, Call)
    at = (call.scope.path, argument.span.start)
    keys = _keys(repository, node, argument, call.scope)
    foreign = bool(keys) and not any(says_openrouter(name) for name in keys)
    match way:
        case Origin(kind=From.LITERAL, node=literal):
            text = literal.value if isinstance(literal, Str) else ""
            if find_urls(text):
                given.sources.append(way)
            elif text and keys and all(says_openrouter(name) for name in keys):
                given.shared = given.shared or at
            elif text:
                given.leave(node, keys)
            if foreign_host(text):
                given.elsewhere.append((node, *at))
        case Origin(kind=From.ENV, name=name) if is_key_variable(name):
            pass
        case Origin(kind=From.ENV, name=name) if name in defined or says_openrouter(name) or not foreign:
            given.sources.append(way)
        case _ if foreign:
            given.leave(node, keys)
        case _:
            given.unseen = given.unseen or at


def _keys(repository: Repository, call: Call, argument: Node, scope: Scope) -> set[str]:
    """Key variables among the other arguments of a call, and among the entries of its options."""
    names: set[str] = set()
    for arg in call.args:
        known = [(arg.value, scope)] if isinstance(arg.value, Obj) else list(objects(repository, arg.value, scope))
        parts = [(item.value, where) for obj, inner in known for item, where in entries(repository, obj, inner)]
        for part, where in parts or [(arg.value, scope)]:
            if part is not argument:
                names |= {origin.name for origin in origins(repository, part, where) if origin.kind is From.ENV}
    return {name for name in names if name.upper().endswith(_KEY_ENDINGS)}

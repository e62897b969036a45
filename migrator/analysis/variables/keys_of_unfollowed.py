"""The keys that go with an address that stays and that no request was followed to: `postBytes(TTS_URL, body, headers)`.

No client is seen there, so whatever key may be sent with it has to stay OpenRouter's too.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import StayingReader
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.loose_addresses import KeyEntries, with_key
from migrator.analysis.sources.unfollowed import Unfollowed, calls_given, unfollowed
from migrator.analysis.variables.handed_keys import readers_of
from migrator.catalog import is_key_variable
from migrator.facts.collector import FOLLOWED
from migrator.facts.model import EnvFact
from migrator.formats.tree import Arg, Attr, Call, EnvRef, Func, Index, Item, Name, Node, Param, Str, children
from migrator.resolve.context import NodePath, last_name


def keys_of_unfollowed(analysis: Analysis) -> Iterator[StayingReader]:
    """The key variables that go with each such address: those that its call is given, else those beside it, else those in sight.

    In the other languages what moves is held back instead, where a key is handed on (`settle.handed_on`).
    """
    for address in unfollowed(analysis):
        if not address.takes_key or analysis.language(address.path) not in FOLLOWED:
            continue
        steps = list(calls_given(analysis, address))
        for step in steps:
            yield from _keys_of_call(analysis, address, step)
        if not steps:
            for name, readings in sorted(_keys_beside(analysis, address).items()):
                yield StayingReader(
                    name=name, path=address.path, offset=address.offset, because=address.because, readings=tuple(readings)
                )


def _keys_of_call(analysis: Analysis, address: Unfollowed, step: NodePath) -> Iterator[StayingReader]:
    call, path = step.node, step.scope.path
    assert isinstance(call, Call)
    because = f"/{address.endpoint} exists only at OpenRouter, and {last_name(call.func) or 'a function'}() asks for it"
    found = False
    for arg in call.args:
        for part in _values(arg.value):
            for reader in readers_of(analysis, path, call, part, step.scope, because):
                if is_key_variable(reader.name):
                    found = True
                    yield reader
    if not found:
        for name, readings in analysis.keys_in_sight(path).items():
            yield StayingReader(name=name, path=path, offset=call.span.start, because=because, readings=tuple(readings))


def _keys_beside(analysis: Analysis, address: Unfollowed) -> dict[str, list[EnvFact]]:
    """The variables of the keys in the same options as an address, with the mentions they are read through; else those of its file."""
    names: dict[str, list[EnvFact]] = {}
    for source in analysis.sources_of(with_key(analysis, address.site, KeyEntries())) if address.site is not None else ():
        if source.kind is SourceKind.VARIABLE:
            names.setdefault(source.name, []).extend(analysis.readings(source.name, source.path, source.node))
    return names or analysis.keys_in_sight(address.path, far=False)


def _values(node: Node | Arg | Item | Param) -> Iterator[Node]:
    """The names and reads inside an argument whose values the call is given."""
    if isinstance(node, Name | Attr | Index | EnvRef):
        yield node
        return
    if isinstance(node, Func | Str):
        return
    for child in children(node):
        yield from _values(child)

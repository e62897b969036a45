"""Addresses of what only OpenRouter has that are given to functions of the program itself: `postBytes(TTS_URL, body, headers)`.

No client is seen there, and the address stays. So the key that goes with it has to stay OpenRouter's too.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import StayingReader
from migrator.analysis.variables.handed_keys import readers_of
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind
from migrator.facts.model import Facts, UrlFact
from migrator.formats.tree import Arg, Attr, Call, EnvRef, Func, Index, Item, Name, Node, Param, Str, children
from migrator.resolve.context import LiteralRole, NodePath, is_message_call, last_name
from migrator.resolve.origins import origins

_NO_REQUESTS = frozenset(
    {"URL", "Request", "urlparse", "urljoin", "urlsplit", "replace", "format", "append", "push", "getenv", "get"}
)
"""Callees that only make something else of an address."""


def own_addresses(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """The key variables that go with such addresses of one file, with where they are read for them."""
    if analysis.language(facts.path) not in (
        "python",
        "notebook",
        "ecma",
    ):  # the others are held back where their key is out of sight
        return
    attached = {site.identity for connection in analysis.connections for site in connection.sites}
    for site in facts.urls:
        if site.url.kind is UrlKind.OWN and site.place is not LiteralRole.MESSAGE and site.identity not in attached:
            for step in _given_to(analysis, site):
                yield from _keys(analysis, site, step)


def _given_to(analysis: Analysis, site: UrlFact) -> Iterator[NodePath]:
    """The calls that are given the address: where it stands, or wherever its constant goes."""
    known = {id(connection.fact.call) for connection in analysis.connections}
    for path, facts in sorted(analysis.facts.items()):
        if path != site.path and site.path not in analysis.imported(path):
            continue
        for step in facts.calls if analysis.code(path) else ():
            call = step.node
            if not isinstance(call, Call) or id(call) in known or is_message_call(call) or last_name(call.func) in _NO_REQUESTS:
                continue
            if any(_is_address(analysis, site, arg.value, step) for arg in call.args):
                yield step


def _is_address(analysis: Analysis, site: UrlFact, node: Node, step: NodePath) -> bool:
    if node is site.literal:
        return True
    if not isinstance(node, Name | Attr | Index) or (site.key and last_name(node) not in (site.key, "")):
        return False
    return any(
        origin.path == site.path and origin.node is not None and origin.node.span == site.literal.span
        for origin in origins(analysis.repository, node, step.scope)
    )


def _keys(analysis: Analysis, site: UrlFact, step: NodePath) -> Iterator[StayingReader]:
    call = step.node
    assert isinstance(call, Call)
    because = f"/{site.url.path.strip('/')} exists only at OpenRouter, and {last_name(call.func) or 'a function'}() asks for it"
    found = False
    for arg in call.args:
        for part in _values(arg.value):
            for reader in readers_of(analysis, step.scope.path, call, part, step.scope, because):
                if is_key_variable(reader.name):
                    found = True
                    yield reader
    if not found:
        for name, reads in analysis.keys_in_sight(step.scope.path).items():
            yield StayingReader(name=name, path=step.scope.path, offset=call.span.start, because=because, readings=tuple(reads))


def _values(node: Node | Arg | Item | Param) -> Iterator[Node]:
    """The names and reads inside an argument whose values the call is given."""
    if isinstance(node, Name | Attr | Index | EnvRef):
        yield node
        return
    if isinstance(node, Func | Str):
        return
    for child in children(node):
        yield from _values(child)

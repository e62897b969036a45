"""Addresses of what only OpenRouter has that no request was followed to: each stays, and with it every key that may be sent there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog.urls import UrlKind, own_reason
from migrator.catalog.variables import is_address_variable, says_openrouter
from migrator.facts.collector import FOLLOWED, PROGRAMS
from migrator.facts.model import Fact, FactKind, UrlFact
from migrator.formats.tree import Attr, Call, Index, Name, Node, Seq
from migrator.records import dataclass
from migrator.resolve.context import LiteralRole, NodePath, last_name, sends_nothing
from migrator.resolve.origins import From, origins

_USED = (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST)
_WITHOUT_KEY = frozenset(("auth/keys", "auth/keys/code"))
"""The exchange of a sign-in: it hands out a key and takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed:
    """One such address: written out, `"https://openrouter.ai/api/v1/credits"`, or put behind a base, `f"{BASE}/credits"`."""

    path: str
    node: Node
    node_path: NodePath
    endpoint: str
    """Below the API's prefix."""
    site: UrlFact | None = None
    """The address where it is written out; None where its base stands elsewhere."""
    bases: frozenset[object] = frozenset()
    """What it shares with everything that starts from the same base, as `coupling.address_marks` says it."""

    @property
    def offset(self) -> int:
        """Where it stands in its file."""
        return self.node.span.start

    @property
    def because(self) -> str:
        """Why it stays."""
        return f"/{self.endpoint} exists only at OpenRouter: {own_reason(self.endpoint)}"

    @property
    def takes_key(self) -> bool:
        """Is a key sent there?"""
        return self.endpoint not in _WITHOUT_KEY


def unfollowed(analysis: Analysis) -> Iterator[Unfollowed]:
    """All of them in programs, in the order of the files."""
    attached = {site.identity for connection in analysis.connections for site in connection.sites}
    for path, facts in sorted(analysis.facts.items()):
        if not analysis.code(path) or analysis.language(path) not in PROGRAMS:
            continue
        for site in facts.urls:
            if (
                site.url.kind is UrlKind.OWN
                and site.place in _USED
                and site.identity not in attached
                and not _is_unused(analysis, site)
            ):
                endpoint = site.url.path.strip("/")
                yield Unfollowed(path=path, node=site.literal, node_path=site.node_path, endpoint=endpoint, site=site)
        for mark in facts.marked(FactKind.JOINED_ENDPOINT):
            shared = frozenset(_bases(analysis, mark))
            if shared and mark.node is not None and mark.node_path is not None:
                joined = Unfollowed(path=path, node=mark.node, node_path=mark.node_path, endpoint=mark.text, bases=shared)
                if not _is_followed(analysis, joined):
                    yield joined


def _is_followed(analysis: Analysis, joined: Unfollowed) -> bool:
    """Is it the address of a connection: in its call, or under a name in a file that sees this one?"""
    for connection in analysis.connections:
        if connection.endpoint is not UrlKind.OWN or connection.fact.url is None:
            continue
        where = connection.fact.path
        around = connection.fact.call.span
        if where == joined.path and around.start <= joined.offset < around.end:
            return True
        named = re.split(r"[?#]", connection.path)[0].strip("/") == joined.endpoint and isinstance(
            connection.fact.url, Name | Attr | Index
        )
        if named and (where == joined.path or joined.path in analysis.imported(where)):
            return True
    return False


def calls_given(analysis: Analysis, address: Unfollowed) -> Iterator[NodePath]:
    """The calls that are given the address and may send something there: where it stands, or wherever its constant goes."""
    known = {connection.fact.call_identity for connection in analysis.connections}
    for path, facts in sorted(analysis.facts.items()):
        if analysis.language(path) not in FOLLOWED or not analysis.code(path):
            continue
        if path != address.path and address.path not in analysis.imported(path):
            continue
        for step in facts.calls:
            call = step.node
            if isinstance(call, Call) and step.identity not in known and not sends_nothing(call):
                values = [item for arg in call.args for item in (arg.value.items if isinstance(arg.value, Seq) else (arg.value,))]
                if any(_is_address(analysis, address, value, step) for value in values):
                    yield step


def _is_address(analysis: Analysis, address: Unfollowed, node: Node, step: NodePath) -> bool:
    if node is address.node:
        return True
    site = address.site
    if isinstance(node, Name) and site is None:
        return any(binding.value is address.node for binding in step.scope.lookup(node.id))
    if site is None or not isinstance(node, Name | Attr | Index) or (site.key and last_name(node) not in (site.key, "")):
        return False
    return any(
        origin.path == site.path and origin.node is not None and origin.node.span == site.literal.span
        for origin in origins(analysis.repository, node, step.scope)
    )


def _bases(analysis: Analysis, mark: Fact) -> Iterator[object]:
    """OpenRouter's addresses, and the variables that may hold one, that such an address is put together from."""
    if mark.node is None or mark.node_path is None:
        return
    for origin in origins(analysis.repository, mark.node, mark.node_path.scope):
        if origin.kind is From.ENV and (origin.name in analysis.defined or is_address_variable(origin.name)):
            yield "address", origin.name
        elif origin.kind is From.LITERAL and origin.node is not None and origin.path in analysis.facts:
            for site in analysis.facts[origin.path].urls:
                if site.literal.span == origin.node.span:
                    yield "site", site.identity


def _is_unused(analysis: Analysis, site: UrlFact) -> bool:
    """A constant that nothing uses: its name stands once in its file, and in no other. Only a name that says OpenRouter is seen wherever it stands."""
    if not says_openrouter(site.key) or analysis.language(site.path) not in FOLLOWED:
        return False
    word = re.compile(rf"(?<!\w){re.escape(site.key)}(?!\w)")
    counts = {path: len(word.findall(file.source.text)) for path, file in analysis.repository.files.items()}
    return counts.pop(site.path) == 1 and not any(counts.values())

"""What exists only at OpenRouter and is asked for in a way that is not followed: it goes on with the keys that it may be sent with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import StayingReader
from migrator.analysis.sources.key_sources import SourceKind
from migrator.analysis.sources.loose_addresses import with_key
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind, own_reason
from migrator.catalog.variables import says_openrouter
from migrator.facts.model import EnvFact, Facts, UrlFact
from migrator.formats.tree import Call, Node, Seq
from migrator.resolve.context import LiteralRole
from migrator.resolve.origins import From, origins

_USED = (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST)
_WITHOUT_KEY = frozenset(("auth/keys", "auth/keys/code"))
"""The exchange of a sign-in: it hands out a key and takes none."""


def unfollowed_requests(analysis: Analysis, facts: Facts) -> Iterator[StayingReader]:
    """`fetch_json("https://openrouter.ai/api/v1/credits", HEADERS)`: the address stays, so the key that is sent there must be the old one."""
    if analysis.language(facts.path) not in ("python", "ecma") or not any(site.url.kind is UrlKind.OWN for site in facts.urls):
        return
    attached = {site.identity for connection in analysis.connections for site in connection.sites}
    for site in facts.urls:
        if site.identity in attached or not _is_request(site) or is_unused(analysis, site):
            continue
        because = f"/{site.url.path} exists only at OpenRouter: {own_reason(site.url.path)}"
        for name, readings in sorted(_keys(analysis, site).items()):
            yield StayingReader(name=name, path=facts.path, offset=site.span.start, because=because, readings=tuple(readings))


def _is_request(site: UrlFact) -> bool:
    whole = site.literal.value.strip().startswith(("https://", "http://"))
    return site.url.kind is UrlKind.OWN and site.place in _USED and whole and site.url.path.strip("/") not in _WITHOUT_KEY


def _keys(analysis: Analysis, site: UrlFact) -> dict[str, list[EnvFact]]:
    """The variables of the keys that may be sent to an address, with the mentions they are read through."""
    names: dict[str, list[EnvFact]] = {}
    sources = list(_beside(analysis, site)) or [
        (source.name, source.path, source.node)
        for source in analysis.sources_of(with_key(analysis, site))
        if source.kind is SourceKind.VARIABLE
    ]
    for name, path, node in sources:
        names.setdefault(name, []).extend(analysis.readings(name, path, node))
    return names or analysis.keys_in_sight(site.path, far=False)


def _beside(analysis: Analysis, site: UrlFact) -> Iterator[tuple[str, str, Node | None]]:
    """The key variables in the other arguments of a call, or in the list that is one: `run(["curl", ADDRESS, "-H", KEY])`."""
    for step in site.node_path.ancestors():
        for arg in step.node.args if isinstance(step.node, Call) else ():
            for value in arg.value.items if isinstance(arg.value, Seq) else (arg.value,):
                for origin in origins(analysis.repository, value, step.scope):
                    if origin.kind is From.ENV and is_key_variable(origin.name):
                        yield origin.name, origin.path, origin.node


def is_unused(analysis: Analysis, site: UrlFact) -> bool:
    """A constant that nothing uses: its name stands once in its file, and in no other. Only a name that says OpenRouter is seen wherever it stands."""
    if not says_openrouter(site.key) or analysis.language(site.path) not in ("python", "ecma"):
        return False
    word = re.compile(rf"(?<!\w){re.escape(site.key)}(?!\w)")
    counts = {path: len(word.findall(file.source.text)) for path, file in analysis.repository.files.items()}
    return counts.pop(site.path) == 1 and not any(counts.values())

"""Keys that an edit cannot move: those in the open, those from elsewhere, and clients that serve several vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.connections import Connection
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Hold, Unit
from migrator.catalog import is_key_variable, openrouter
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.facts.request_headers import headers
from migrator.formats.tree import Item, Obj, Str
from migrator.resolve.origins import From
from migrator.text.secrets import is_placeholder

_KEY = re.compile(r"(\w*_)?(api[_-]?key|apikey|token|key|secret)", re.IGNORECASE)


def hold_keys(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Keys in the code of a unit; and where no variable is known, what is known of the key beside each address."""
    for path in sorted(s.files_of(unit)):
        for mark in s.facts[path].marked(FactKind.KEY_LITERAL) if path in s.facts else ():
            if not is_placeholder(mark.text) and mark.note != "message" and not s.defines_env(mark):
                reason = "a key stands in the code: revoke it and read the new one from the environment"
                yield Hold(reason=reason, path=path, offset=mark.span.start)
    for site in () if unit.names else unit.urls:
        verdict = _beside(s, site)
        if verdict is not None:
            yield Hold(reason=verdict[0], path=site.path, offset=site.span.start, unsafe=verdict[1])


def hold_passengers(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Requests that carry the keys of other vendors: OpenRouter is meant to have them, the target is not."""
    for path in sorted(s.files_of(unit)):
        for mark in s.facts[path].marked(FactKind.REQUEST_HEADER) if path in s.facts and s.code(path) else ():
            if mark.text in headers()["secret"]:
                reason = f"{mark.text} would hand other vendors' keys to the target: take it out first"
                yield Hold(reason=reason, path=path, offset=mark.span.start)


def _beside(s: Settlement, site: UrlFact) -> tuple[str, bool] | None:
    """Why an address without a known key variable stays: the reason and whether `--unsafe` may move it; None: it may move."""
    users = [connection for connection in s.connections if any(one is site for one in connection.sites)]
    origins = [origin for user in users for origin in user.keys]
    typed = typed_in(site)
    if typed is not None:
        if typed.value and not is_placeholder(typed.value):
            return "a key stands beside this address: revoke it and read the new one from the environment", False
        return None
    names = list(dict.fromkeys(origin.name for origin in origins if origin.kind is From.ENV))
    if names:
        return f"the key comes from {names[0]}, whose name does not say whose it is: put the new gateway's key there first", True
    if users and all(not user.keyed for user in users):
        return None
    if s.language(site.path) not in PROGRAMS and not users:
        return "the key for this address is kept elsewhere: change both together", True
    return "the key is given at run time: whoever supplies it must supply the new gateway's key from now on", True


def typed_in(site: UrlFact) -> Str | None:
    """The key that is written beside an address, in the mapping that both are entries of; often a placeholder."""
    up = site.node_path.up
    around = up.up.node if up is not None and isinstance(up.node, Item) and up.up is not None else None
    for item in around.items if isinstance(around, Obj) else ():
        if isinstance(item.key, Str) and _KEY.fullmatch(item.key.value) and isinstance(item.value, Str):
            return item.value
    return None


def hold_mixed(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """One client, several vendors: which address or key it gets is decided when the program runs, and an edit cannot keep them together."""
    for connection in s.connections:
        if s.code(connection.fact.path) and any(site in unit.urls for site in connection.sites):
            yield from _vendors(s, connection)


def _vendors(s: Settlement, connection: Connection) -> Iterator[Hold]:
    vendors = openrouter()["vendors"]
    path, offset = connection.fact.path, connection.fact.call.span.start
    literals = [origin.node.value.lower() for origin in connection.urls if isinstance(origin.node, Str) and not origin.default_of]
    if other := next((host for host in vendors["hosts"] for value in literals if host in value), None):
        reason = f"the program chooses between OpenRouter and {other} for this client: the new gateway is one more choice"
        yield Hold(reason=reason, path=path, offset=offset)
    if not any(is_key_variable(name) for name in connection.key_variables):
        return
    for name in connection.key_variables:
        if not is_key_variable(name) and name != s.target.key_env:
            reason = f"the key may also come from {name}: what that holds would be sent to the new host"
            yield Hold(reason=reason, path=path, offset=offset, unsafe=name not in vendors["key_variables"])

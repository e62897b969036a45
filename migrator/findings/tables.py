"""Connections that stand in configuration: a mapping, a block of variables or a command with an address and what is sent along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.settle import Settlement
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Item, Node, Obj, Param, Str, children
from migrator.model import ConnectionRow
from migrator.resolve.context import last_name

_KEY = re.compile(
    r"(\w*[_-])?(api[_-]?keys?|apikeys?|key|token|auth[_-]?token|secret|env[_-]?key|key[_-]?env|api[_-]?key[_-]?(env(ar|[_-]?var)?|name)|authorization)$",
    re.IGNORECASE,
)
_KEY_NAME = re.compile(r"(_API_KEYS?|_KEYS?|_TOKEN|_SECRET|_APIKEY)$")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_[A-Z0-9_]+\Z")


def rows(s: Settlement) -> list[ConnectionRow]:
    """A row for each address in configuration that requests go to."""
    found = []
    used = {id(site) for connection in s.connections for site in connection.sites}  # a program's row speaks for these
    for path, one in sorted(s.facts.items()):
        if path not in s.repository.files or s.language(path) in PROGRAMS or not s.code(path):
            continue
        seen: set[tuple[int, int]] = set()
        for fact in one.urls:
            unit = s.unit_of.get(id(fact))
            if unit is None or fact.span in seen or id(fact) in used:
                continue
            seen.add(fact.span)
            moves = not unit.held and (not unit.unsafe or s.options.unsafe)
            line = s.repository.files[path].lines.line(fact.span.start)
            found.append(
                ConnectionRow(
                    path=path,
                    line=line,
                    client=_client(fact),
                    url_from=f"literal {path}:{line}",
                    key_from=" or ".join(dict.fromkeys(_keys(s, fact))) or "not given here",
                    decision="rewrite" if moves else "flag",
                    because=unit.because or "address and key move together",
                )
            )
    return found


def _client(fact: UrlFact) -> str:
    for step in fact.node_path.ancestors():
        if isinstance(step.node, Call):
            return last_name(step.node.func) or "command"
        if isinstance(step.node, EnvDef):
            return "environment"
    return "environment" if _VARIABLE.match(fact.key) else "config"


def _keys(s: Settlement, fact: UrlFact) -> Iterator[str]:
    """Where the key comes from that goes to this address, in words."""
    for step in fact.node_path.ancestors():
        match step.node:
            case Call(args=args):
                yield from (f"env {ref.name}" for arg in args for ref in references(arg))
                return
            case EnvDef(name=name):
                yield from _beside(s, fact, name)
                return
            case Obj(items=items):
                entries = [item for item in items if isinstance(item.key, Str) and _KEY.fullmatch(item.key.value)]
                for item in entries:
                    yield from _value(s, fact, item)
                if entries:
                    return
            case _:
                pass


def _value(s: Settlement, fact: UrlFact, item: Item) -> Iterator[str]:
    names = [ref.name for ref in references(item.value)]
    if names:
        yield from (f"env {name}" for name in names)
    elif isinstance(item.value, Str) and _VARIABLE.match(item.value.value):
        yield f"env {item.value.value}"
    elif isinstance(item.value, Str) and item.value.value:
        yield f"literal {fact.path}:{s.repository.files[fact.path].lines.line(item.value.span.start)}"


def _beside(s: Settlement, fact: UrlFact, name: str) -> Iterator[str]:
    """Variables of the same family: `OPENAI_API_KEY` beside `OPENAI_BASE_URL`."""
    stem = name.split("_")[0]
    for node in s.repository.files[fact.path].module.body:
        if isinstance(node, EnvDef) and not node.commented and node.name.split("_")[0] == stem and _KEY_NAME.search(node.name):
            names = [ref.name for ref in references(node.value)] if node.value is not None else []
            yield from (f"env {one}" for one in names or [node.name])


def references(node: Node | Arg | Item | Param) -> Iterator[EnvRef]:
    """The variables that a value is made of."""
    if isinstance(node, EnvRef):
        yield node
    for child in children(node):
        yield from references(child)

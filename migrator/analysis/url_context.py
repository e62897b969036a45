"""What an address stands in: the definition of a variable, a command that fetches it, an entry whose key belongs to other people."""

from __future__ import annotations

from migrator.facts.model import UrlFact
from migrator.formats.tree import Assign, Call, EnvDef, Item, Obj, Str
from migrator.resolve.context import last_name

_FETCHERS = frozenset({"curl", "wget", "http", "https", "xh", "httpie", "aria2c", "hurl"})


def env_owner(fact: UrlFact) -> str | None:
    """The variable that is given this address, where it is one."""
    for step in fact.node_path.ancestors():
        match step.node:
            case EnvDef(name=name):
                return name
            case Call() | Obj() | Assign():
                return None
            case _:
                continue
    return None


def fetched(fact: UrlFact) -> bool:
    """An argument of curl and its like."""
    return any(isinstance(step.node, Call) and last_name(step.node.func) in _FETCHERS for step in fact.node_path.ancestors())


def key_of_users(fact: UrlFact) -> bool:
    """`apiKey: "user_provided"` beside the address: stored keys of people would go to the new host."""
    for step in fact.node_path.ancestors():
        match step.node:
            case Obj(items=items):
                return any(isinstance(item.value, Str) and item.value.value == "user_provided" for item in items)
            case Item():
                continue
            case _:
                return False
    return False

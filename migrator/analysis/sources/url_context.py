"""What an address stands in: the definition of a variable, a command that fetches it, an entry whose key belongs to other people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from migrator.analysis.sources.references import references
from migrator.catalog import is_key_variable
from migrator.facts.model import Facts, UrlFact
from migrator.formats.tree import Alt, Arg, Assign, Call, EnvDef, Item, Join, Node, Obj, Str
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.environment import VariableRole, access

_FETCHERS = frozenset({"curl", "wget", "http", "https", "xh", "httpie", "aria2c", "hurl"})
_ADDRESS_OPTION = regex(r"--?[\w-]*(?:base|url|uri|endpoint|host)[\w-]*(?:=|\Z)", re.IGNORECASE)
"""`--api-base`, `--openai-api-base=`: what a command calls its address."""
_OTHER_OPTION = regex(r"allow|referr?er|site|proxy|docs?", re.IGNORECASE)


def env_owner(fact: UrlFact) -> str | None:
    """The variable that is given this address, where it is one."""
    if fact.owner:
        return fact.owner
    for step in fact.node_path.ancestors():
        match step.node:
            case EnvDef(name=name):
                return name
            case Assign(targets=targets):
                given = [variable for target in targets if (variable := access(target, step.scope)) is not None]
                return given[0].name if given else None
            case Call() as call:
                variable = access(call, step.scope)
                return variable.name if variable is not None and variable.role is VariableRole.DEFINE else None
            case Obj():
                return None
            case _:
                continue
    return None


def fetched(fact: UrlFact) -> bool:
    """An argument of curl and its like."""
    return any(isinstance(step.node, Call) and last_name(step.node.func) in _FETCHERS for step in fact.node_path.ancestors())


def told_to_command(fact: UrlFact) -> bool:
    """`mytool --api-base https://… --api-key "$KEY"`: a command is given the address, by an option or beside a key."""
    call = next((step.node for step in fact.node_path.ancestors() if isinstance(step.node, Call)), None)
    if call is None or (call.args and call.args[0].name is not None):
        return False
    options = [arg.value.value if isinstance(arg.value, Str) else "" for arg in call.args]
    befores = ["", *options]
    for before, arg in zip(befores, call.args, strict=False):
        if not (arg.span.start <= fact.span.start < arg.span.end):
            continue
        head = arg.value.parts[0] if isinstance(arg.value, Join) and arg.value.parts else arg.value
        for option in (before, head.value.partition("=")[0] + "=" if isinstance(head, Str) and "=" in head.value else ""):
            if option.startswith("-") and (match := _ADDRESS_OPTION.match(option)):
                return _OTHER_OPTION.search(match[0]) is None
        return any(is_key_variable(ref.name) for other in call.args for ref in references(other))
    return False


_OF_USERS = "user_provided"


@lru_cache(64)
def _says_of_users(text: str) -> bool:
    return _OF_USERS in text


def key_of_users(fact: UrlFact, text: str) -> bool:
    """`apiKey: "user_provided"` beside the address: stored keys of people would go to the new host. `text`: that of the file.

    One object may hold thousands of addresses, each of which asks: it is looked through only where the file has the word.
    """
    if not _says_of_users(text):
        return False
    for step in fact.node_path.ancestors():
        match step.node:
            case Obj(items=items):
                return any(isinstance(item.value, Str) and item.value.value == _OF_USERS for item in items)
            case Item():
                continue
            case _:
                return False
    return False


def default_of(fact: UrlFact, facts: Mapping[str, Facts]) -> list[tuple[str, Node]]:
    """The variables whose default an address is: `os.getenv("X", "https://…")`, `process.env.X || "https://…"`.

    `facts` are those of all files: a function of the program reads the variable that it is given the name of, `env("X", "https://…")`.
    """
    names: list[tuple[str, Node]] = []
    child: object = fact.node_path.node
    for step in fact.node_path.ancestors():
        match step.node:
            case Call() as call:
                variable = access(call, step.scope)
                if variable is not None and variable.default is not None:
                    names.append((variable.name, call))
                elif variable is None and fact.path in facts:
                    names += [(name, call) for name in _named_in(call, facts[fact.path])]
            case Alt(parts=parts):
                for part in parts:
                    variable = access(part, step.scope) if part is not child else None
                    if variable is not None:
                        names.append((variable.name, part))
            case Arg() | Join():
                pass
            case _:
                break
        child = step.node
    return names


def _named_in(call: Call, facts: Facts) -> Iterator[str]:
    """The variables that a call is given the name of, to read them."""
    for arg in call.args:
        if isinstance(arg.value, Str):
            yield from facts.read_by_name(arg.value.inner)

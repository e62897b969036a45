"""What a variable's name is there for that stands as a mere text: as a value of a call, as a key of an object, as a subscript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.tree import Arg, Attr, Call, Class, Func, Index, Item, Node, Obj, Seq, Str
from migrator.resolve.context import Trail, last_name, source_name
from migrator.resolve.environment import Role, env_helper, env_mapping

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_LIKE = re.compile(r"env|secret", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"envs?|environ(ment)?s?|env_?vars|environment_?variables|extra_env|container_?env", re.IGNORECASE)
"""Names of what another program is given as its environment."""
_SPAWNING = frozenset(
    {"run", "Popen", "spawn", "exec", "execa", "spawnSync", "execSync", "call", "check_call", "check_output", "fork", "execFile"}
)
_SCHEMAS = frozenset(
    {
        "object",
        "createEnv",
        "cleanEnv",
        "parseEnv",
        "defineEnv",
        "validateEnv",
        "envsafe",
        "looseObject",
        "strictObject",
        "defineConfig",
    }
)
# calls that keep a value under a name of the program's own
_STORING = frozenset(
    {
        "getItem", "setItem", "removeItem", "getItemAsync", "setItemAsync", "deleteItemAsync", "getCookie", "setCookie", "useLocalStorage", "useStorage",
        "getattr", "setattr", "hasattr", "getValueAsync", "setValueAsync", "get_password", "set_password", "store", "getSetting", "setSetting",
        "useState", "createContext", "Symbol",
    }
)  # fmt: skip


def literal_role(walk: Walk, trail: Trail) -> Role | None:
    """A variable's name as a value: handed to the program's own reader of variables, or unknown; None: a name of another kind."""
    match trail.up:
        case Trail(node=Arg(name="envvar" | "env" | "env_var" | "envVar" | "key_env" | "api_key_env")):
            return Role.READ
        case Trail(node=Seq(), up=Trail(node=Arg(name="envvar" | "envVar"))):
            return Role.READ
        case Trail(node=Arg() as given, up=Trail(node=Call() as call)):
            word = last_name(call.func)
            if word in ("append", "push", "add", "extend", "insert", "unshift"):
                return Role.LIST
            if word in _STORING or (word == "get" and not environment_like(call.func)):
                return None
            for func, inner in walk.world.functions(call.func, trail.scope):
                index = env_helper(func, inner)
                if index is not None and index < len(call.args) and call.args[index] is given:
                    return Role.READ
        case _:
            pass
    return Role.UNKNOWN


def object_role(walk: Walk, trail: Trail) -> Role | None:
    """What an object with a variable's name among its keys is for; None: only this program gives its keys a meaning."""
    if walk.test:
        return Role.DEFINE
    for step in trail.ancestors():
        match step.node:
            case Obj(items=items) if any(item.key is None and env_mapping(item.value, step.scope) for item in items):
                return Role.FORWARD
            case Arg(name=str(name)) | Item(key=Str(value=name)) if _ENVIRONMENT.fullmatch(name):
                return Role.FORWARD
            case Call() as call:
                word = last_name(call.func)
                if word in _SPAWNING:
                    return Role.FORWARD
                if word == "from_dict" and isinstance(call.func, Attr) and last_name(call.func.base) == "Secret":
                    return Role.DEFINE
                if word in ("update", "assign") and isinstance(call.func, Attr) and env_mapping(call.func.base, step.scope):
                    return Role.DEFINE
                if word in _SCHEMAS:
                    return Role.SCHEMA
            case Func() | Class():
                return None
            case _:
                pass
    return None


def subscripts_environment(walk: Walk, trail: Trail) -> bool:
    """`env_vars["X"]`: a subscript of something that is called like an environment."""
    step = trail.up
    return step is not None and isinstance(step.node, Index) and (walk.test or environment_like(step.node.base))


def environment_like(node: Node) -> bool:
    """Is something called like an environment?"""
    return _LIKE.search(source_name(node)) is not None

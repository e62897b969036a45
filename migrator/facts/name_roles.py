"""What a variable's name is there for that stands as a mere text: as a value of a call, as a key of an object, as a subscript."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from migrator.formats.tree import Arg, Attr, Call, Class, Func, Index, Item, Name, Node, Obj, Seq, Str
from migrator.patterns import regex
from migrator.resolve.context import NodePath, last_name, source_name
from migrator.resolve.definitions import functions
from migrator.resolve.environment import VariableRole, env_helper, env_mapping

if TYPE_CHECKING:
    from migrator.facts.collector import Walk
    from migrator.resolve.scopes import Scope

_LIKE = regex(r"env|secret", re.IGNORECASE)
_ENVIRONMENT = regex(r"envs?|environ(ment)?s?|env_?vars|environment_?variables|extra_env|container_?env", re.IGNORECASE)
"""Names of what another program is given as its environment."""
SPAWNING = frozenset(
    {"run", "Popen", "spawn", "exec", "execa", "spawnSync", "execSync", "call", "check_call", "check_output", "fork", "execFile"}
)
"""Functions that start another program."""
_SENDING = regex(
    r"^[^#\n]*\b(docker|podman|kubectl|ssh|heroku|fly(ctl)?|vercel|wrangler|supabase|gh|aws|gcloud|az)\b", re.MULTILINE
)
"""Commands through which a script may give variables to other programs."""
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
_SECRETS_OF_CHAIN = "lc_secrets"
"""The property by which a model of LangChain tells its variables; what loads a saved chain reads them by these names."""
# calls that keep a value under a name of the program's own
_STORING = frozenset(
    {
        "getItem", "setItem", "removeItem", "getItemAsync", "setItemAsync", "deleteItemAsync", "getCookie", "setCookie", "useLocalStorage", "useStorage",
        "getattr", "setattr", "hasattr", "getValueAsync", "setValueAsync", "get_password", "set_password", "store", "getSetting", "setSetting",
        "useState", "createContext", "Symbol",
    }
)  # fmt: skip


def literal_role(walk: Walk, node_path: NodePath) -> VariableRole | None:
    """A variable's name as a value: handed to the program's own reader of variables, or unknown; None: a name of another kind."""
    match node_path.up:
        case NodePath(node=Arg(name="envvar" | "env" | "env_var" | "envVar" | "key_env" | "api_key_env")):
            return VariableRole.READ
        case NodePath(node=Seq(), up=NodePath(node=Arg(name="envvar" | "envVar"))):
            return VariableRole.READ
        case NodePath(node=Arg(), up=NodePath(node=Call(func=Name(id="for")))) if not _SENDING.search(walk.text):
            return VariableRole.ASK  # for name in X Y; do … "${!name}"
        case NodePath(node=Arg() as given, up=NodePath(node=Call() as call)):
            word = last_name(call.func)
            if word in ("append", "push", "add", "extend", "insert", "unshift"):
                return VariableRole.LIST
            if word in _STORING or (word == "get" and not environment_like(call.func)):
                return None
            for func, inner in functions(walk.repository, call.func, node_path.scope):
                index = env_helper(func, inner)
                if index is not None and index < len(call.args) and call.args[index] is given:
                    return VariableRole.READ
        case NodePath(node=Item(key=Str())) as item if _is_listed_secret(item):
            return VariableRole.ASK
        case _:
            pass
    return VariableRole.UNKNOWN


def _is_listed_secret(item: NodePath) -> bool:
    """Does LangChain's `lc_secrets` say which variable an argument comes from: `return {"openai_api_key": "X"}`?"""
    function = next((step.node for step in item.ancestors() if isinstance(step.node, Func | Class)), None)
    return isinstance(function, Func) and function.name == _SECRETS_OF_CHAIN


def asked_of_bindings(node_path: NodePath) -> bool:
    """Is a name given to a function together with a Worker's bindings: `read(env, "X")`?"""
    up = node_path.up.up if node_path.up is not None and isinstance(node_path.up.node, Arg) else None
    return (
        up is not None
        and isinstance(up.node, Call)
        and any(not isinstance(arg.value, Str) and env_mapping(arg.value, up.scope) == "worker" for arg in up.node.args)
    )


def asked_of_database(node_path: NodePath) -> bool:
    """`where: { key: "X" }`: the name of a row, which goes on having it, whatever a variable of that name is called."""
    steps = (step.node for step in node_path.ancestors())
    around = itertools.takewhile(lambda node: not isinstance(node, Call | Func | Class), steps)
    return any(isinstance(node, Item) and isinstance(node.key, Str) and node.key.value == "where" for node in around)


def entry_of_loaded_data(node_path: NodePath) -> bool:
    """`CONFIG.get("X")` of something that a call has loaded: the file it comes from has the name, not the environment."""
    match node_path.up:
        case NodePath(node=Arg(), up=NodePath(node=Call(func=Attr(name="get", base=Name(id=name) as base)))):
            return not environment_like(base) and any(
                isinstance(binding.value, Call) for binding in node_path.scope.lookup(name) if binding.param is None
            )
        case _:
            return False


def object_role(walk: Walk, node_path: NodePath) -> VariableRole | None:
    """What an object with a variable's name among its keys is for; None: only this program gives its keys a meaning."""
    if walk.test:
        return VariableRole.DEFINE
    for step in node_path.ancestors():
        match step.node:
            case Obj(items=items) if any(item.key is None and env_mapping(item.value, step.scope) for item in items):
                return VariableRole.FORWARD
            case Arg(name=str(name)) | Item(key=Str(value=name)) if _ENVIRONMENT.fullmatch(name):
                return VariableRole.FORWARD
            case Call() as call:
                word = last_name(call.func)
                if word in SPAWNING:
                    return VariableRole.FORWARD
                if word == "from_dict" and isinstance(call.func, Attr) and last_name(call.func.base) == "Secret":
                    return VariableRole.DEFINE
                if word in ("update", "assign") and isinstance(call.func, Attr) and env_mapping(call.func.base, step.scope):
                    return VariableRole.DEFINE
                if word in _SCHEMAS:
                    return VariableRole.SCHEMA
            case Func() | Class():
                return None
            case _:
                pass
    return None


def environment_arguments(walk: Walk, call: Call, scope: Scope) -> VariableRole | None:
    """What a call does with variables that are given to it by their names; None where they are no variables."""
    if walk.test and isinstance(call.func, Name) and call.func.id == "dict":
        return VariableRole.DEFINE
    word = last_name(call.func)
    if word == "update" and isinstance(call.func, Attr) and env_mapping(call.func.base, scope):
        return VariableRole.DEFINE
    given = [arg.value for arg in call.args if arg.name is None]
    if word != "dict" or not any(_is_environ(value, scope) for value in given):
        return None
    return VariableRole.DEFINE if isinstance(call.func, Attr) else VariableRole.FORWARD


def _is_environ(node: Node, scope: Scope) -> bool:
    """The environment, or its path in words as `mock.patch` takes it."""
    if isinstance(node, Str):
        return node.value == "os.environ" or node.value.endswith(".os.environ")
    return env_mapping(node, scope) is not None


def subscripts_environment(walk: Walk, node_path: NodePath) -> bool:
    """`env_vars["X"]`: a subscript of something that is called like an environment."""
    step = node_path.up
    return step is not None and isinstance(step.node, Index) and (walk.test or environment_like(step.node.base))


def environment_like(node: Node) -> bool:
    """Is something called like an environment?"""
    return _LIKE.search(source_name(node)) is not None

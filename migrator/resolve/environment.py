"""How programs reach their environment: which expressions read, set or ask for a variable, and by which name.

What languages and run times bring stands here, what libraries bring stands in `integrations/*.toml` under `[[environment]]`. A callee is
spelled as `scope.dotted` spells it: `os.getenv`, `decouple.config`, `process.env`. `_METHODS` are last words of a callee whose owner is not
known, accepted only where the argument is spelled like a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Alt, Arg, Attr, Call, Func, Index, Item, Name, Node, Obj, Param, Str, children
from migrator.integrations import lookup
from migrator.integrations.schema import Environment
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.context import last_name, source_name
from migrator.resolve.passing import result_of
from migrator.resolve.scopes import Scope, dotted


class VariableRole(StrEnum):
    """What a place does with a variable."""

    READ = "read"
    DEFINE = "define"
    FORWARD = "forward"
    """Hands the variable on under its name or another."""
    ASK = "ask"
    """Asks only whether it is there."""
    LIST = "list"
    """Names it in a list of variables."""
    FIELD = "field"
    """A settings class field that reads it by its own name."""
    SCHEMA = "schema"
    """A key of an environment schema."""
    TYPE = "type"
    """Declares its type."""
    MESSAGE = "message"
    """Names it to people."""
    UNKNOWN = "unknown"
    """Spelled out where it cannot be said what for."""


DEFINING = (VariableRole.DEFINE, VariableRole.FORWARD)
"""Roles of places that give a variable its value."""
READING = (VariableRole.READ, VariableRole.FIELD)
"""Roles of places that take its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access to the environment in a program."""

    name: str
    name_span: Span
    role: VariableRole
    how: str
    default: Node | None = None


# subscripted or asked with `in`
_MAPPINGS = {
    "os.environ": "os.environ",
    "environ": "os.environ",
    "process.env": "process.env",
    "import.meta.env": "import.meta.env",
    "Bun.env": "Bun.env",
    "process.default.env": "process.env",
    "node:process.default.env": "process.env",
    "process.env.default": "process.env",
    "node:process.env": "process.env",
    "Deno.env.toObject()": "Deno.env",
}
# callee: (role, index of the name, index of the default or None)
_CALLS: dict[str, tuple[VariableRole, int, int | None]] = {
    "os.getenv": (VariableRole.READ, 0, 1),
    "os.environ.get": (VariableRole.READ, 0, 1),
    "os.environ.pop": (VariableRole.READ, 0, 1),
    "os.environ.setdefault": (VariableRole.DEFINE, 0, 1),
    "os.putenv": (VariableRole.DEFINE, 0, 1),
    "os.unsetenv": (VariableRole.DEFINE, 0, None),
    "Deno.env.get": (VariableRole.READ, 0, None),
    "Deno.env.set": (VariableRole.DEFINE, 0, 1),
    "Deno.env.has": (VariableRole.ASK, 0, None),
    "Bun.env.get": (VariableRole.READ, 0, None),
    "os.environ.__contains__": (VariableRole.ASK, 0, None),
}
# a method of something unknown: accepted when the argument is spelled like a variable
_METHODS: dict[str, tuple[VariableRole, int, int | None]] = {
    "setenv": (VariableRole.DEFINE, 0, 1),
    "delenv": (VariableRole.DEFINE, 0, None),
    "stubEnv": (VariableRole.DEFINE, 0, 1),
    "getenv": (VariableRole.READ, 0, 1),
    "getEnv": (VariableRole.READ, 0, 1),
    "get_env": (VariableRole.READ, 0, 1),
    "getOrThrow": (VariableRole.READ, 0, None),
    "requireEnv": (VariableRole.READ, 0, None),
    "require_env": (VariableRole.READ, 0, None),
    "from_env_var": (VariableRole.READ, 0, None),
    "secret_from_env": (VariableRole.READ, 0, None),
    "from_env": (VariableRole.READ, 0, None),
}
_CONFIG_SERVICES = (
    "configService",
    "config_service",
    "this.configService",
    "this.config",
    "config",
    "self.config_service",
    "userdata",
    "env",
    "environ",
)
_NAME = regex(r"\w+")
_VARIABLE = regex(r"^[A-Z][A-Z0-9_]*[A-Z0-9]$")


def is_variable(name: str) -> bool:
    """Is this spelled like an environment variable?"""
    return bool(_VARIABLE.match(name)) and "_" in name


def maybe_variable(name: str) -> bool:
    """Could a property of this name be a variable? The cheapest question, asked first."""
    return "_" in name or name.isupper()


def env_mapping(node: Node, scope: Scope) -> str | None:
    """The kind of environment mapping an expression is (`os.environ`, `process.env`, a Worker's `env`), or None."""
    return _mapping(node, scope) or _made_of_mappings(node, scope)


def _made_of_mappings(node: Node, scope: Scope) -> str | None:
    """`{**dotenv_values(".env"), **os.environ}` and `dotenv.config().parsed ?? {}`, or a name for one of them."""
    if isinstance(node, Name):
        bindings = scope.lookup(node.id)
        values = [binding.value for binding in bindings]
        if len(bindings) != 1 or not isinstance(values[0], Obj | Alt) or bindings[0].key is not None:
            return None
        node, scope = values[0], bindings[0].scope
    match node:
        case Obj(items=items) if items and all(item.key is None for item in items):
            kinds = [_mapping(item.value, scope) for item in items]
        case Alt(parts=(first, Obj(items=()))):
            kinds = [_mapping(first, scope)]
        case _:
            return None
    return kinds[-1] if all(kinds) else None


def _mapping(node: Node, scope: Scope) -> str | None:
    name = dotted(node, scope)
    if name is not None:
        if name in _MAPPINGS:
            return _MAPPINGS[name]
        if (reader := _reader(name, scope)) is not None and reader.mapping:
            return reader.mapping
        if name.endswith((".dotenv_values()", "dotenv.config().parsed", "dotenv.default.config().parsed")):
            return "dotenv"
        head, _, tail = name.rpartition(".")
        if tail == "env" and not head.startswith((".", "/", "@/", "~", "$")) and ":" not in head and "()" not in head:
            # c.env, context.env, platform.env, globalThis.process.env
            return "process.env" if head.endswith("process") else "worker" if "." not in head else None
        return None
    # a parameter called env, or env of a parameter: a Worker's bindings
    written = source_name(node)
    if written == "env" or written.endswith(".env"):
        return "worker"
    return None


def _text(args: tuple[Arg, ...], index: int) -> Str | None:
    if index < len(args) and not args[index].star and isinstance(args[index].value, Str):
        value = args[index].value
        assert isinstance(value, Str)
        return value
    return None


def _default(args: tuple[Arg, ...], index: int | None) -> Node | None:
    for arg in args:
        if arg.name in ("default", "fallback", "defaultValue", "default_value"):
            return arg.value
    if index is not None and index < len(args) and args[index].name is None:
        return result_of(args[index].value)
    return None


def access(node: Node, scope: Scope) -> Access | None:
    """What this expression does with the environment; None where it does nothing with it, or with a name known only at run time."""
    nested = _in_table(node, scope) or _of_section(node, scope)
    if nested is not None:
        return nested
    match node:
        case Index(base=base, key=Str() as key):
            kind = env_mapping(base, scope)
            if kind:
                return Access(name=key.value, name_span=key.inner, role=VariableRole.READ, how=kind)
            if is_net_key(key.value) and is_net_configuration(base) and scope.module().language == "csharp":
                return Access(name=key.value, name_span=key.inner, role=VariableRole.READ, how="configuration")
        case Attr(base=base, name=name, name_span=span):
            if maybe_variable(name):
                kind = env_mapping(base, scope)
                if kind and kind != "os.environ":
                    return Access(name=name, name_span=span, role=VariableRole.READ, how=kind)
        case Call(func=func, args=args):
            return _setting(func, args, scope) or _call(func, args, scope)
        case _:
            pass
    return None


_PLACEHOLDER = regex(r"\$\{(\w+)\}")
_NET_KEY = regex(r"(?i)(?:\w+:)*\w*open_?router\w*(?::\w+)*:\w*(?:key|token|secret)")
"""`OpenRouter:ApiKey`: a setting that .NET looks for in the environment (`OpenRouter__ApiKey`), in user secrets and in files."""


def is_net_configuration(node: Node) -> bool:
    """Is an expression .NET's configuration, by what it is called: `_configuration`, `builder.Configuration`, `cfg`?"""
    name = source_name(node)
    return "onfig" in name or name.rpartition(".")[2] in ("cfg", "_cfg")


def setting_of(name: str) -> str:
    """The setting of .NET that a variable gives OpenRouter's key to: `OpenRouter:ApiKey` for `OpenRouter__ApiKey`; else the name itself.

    https://learn.microsoft.com/en-us/dotnet/core/extensions/configuration-providers#environment-variable-configuration-provider
    """
    setting = name.replace("__", ":")
    return setting if ":" in setting and _NET_KEY.fullmatch(setting) else name


def _of_section(node: Node, scope: Scope) -> Access | None:
    """An entry of a section of .NET's configuration. The new variable stands in no section, so the section goes with the name.

    `configuration.GetSection("OpenRouter")["ApiKey"]`, `.GetValue<string>("ApiKey")`, `configuration.GetSection("OpenRouter:ApiKey").Value`
    """
    match node:
        case Index(base=Call() as section, key=Str(value=last)):
            pass
        case Call(func=Attr(base=Call() as section, name="GetValue"), args=(Arg(value=Str(value=last)),)):
            pass
        case Attr(base=Call() as section, name="Value"):
            last = ""
        case Attr(base=Call(func=Attr(base=Call() as section, name="Get"), args=()), name=last):
            pass  # `configuration.GetSection("OpenRouter").Get<ChatOptions>()!.ApiKey`
        case _:
            return None
    match section:
        case Call(func=Attr(base=configuration, name="GetSection" | "GetRequiredSection"), args=(Arg(value=Str(value=first)),)):
            name = f"{first}:{last}".rstrip(":")
        case _:
            return None
    if scope.module().language != "csharp" or not _NET_KEY.fullmatch(name) or not is_net_configuration(configuration):
        return None
    span = Span(configuration.span.end, node.span.end)
    return Access(name=name, name_span=span, role=VariableRole.READ, how="configuration-section")


def settings_named_in(text: str) -> Iterator[re.Match[str]]:
    """The settings of .NET for OpenRouter's key that a sentence names: `OpenRouter:ApiKey is not configured`."""
    return (match for match in _NET_NAMED.finditer(text) if match[0] != text.strip())


_NET_NAMED = regex(rf"(?<![\w:]){_NET_KEY.pattern.removeprefix('(?i)')}(?![\w:])", re.IGNORECASE)


def is_net_key(name: str) -> bool:
    """Is an entry of .NET's configuration a variable, or OpenRouter's key, which can be read under another name?"""
    return is_variable(name) or _NET_KEY.fullmatch(name) is not None


def _setting(func: Node, args: tuple[Arg, ...], scope: Scope) -> Access | None:
    """A setting that is called like a variable: `@Value("${X}")`, Spring's `getProperty("X")`, .NET's `GetValue<string>("X")`."""
    first = args[0].value if args and scope.module().language in ("java", "kotlin", "csharp") else None
    if not isinstance(first, Str):
        return None
    match func:
        case Name(id="Value") if (placeholder := _PLACEHOLDER.fullmatch(first.value)) is not None and is_variable(placeholder[1]):
            return Access(
                name=placeholder[1], name_span=first.inner, role=VariableRole.READ, how="spring-value", default=_default(args, 1)
            )
        case Attr(name="getProperty" | "getRequiredProperty", base=base) if is_variable(first.value):
            if source_name(base) == "System":
                return None
        case Attr(name="GetValue", base=base) if is_net_key(first.value) and is_net_configuration(base):
            pass
        case _:
            return None
    return Access(name=first.value, name_span=first.inner, role=VariableRole.READ, how="configuration", default=_default(args, 1))


_TABLES_OF_SECRETS = ("streamlit",)
"""Stores whose entries may stand in tables: `st.secrets["openrouter"]["api_key"]`."""


def _in_table(node: Node, scope: Scope) -> Access | None:
    """An entry of a table in a store of secrets. Its name is both words with a point between; a new one stands in no table."""
    match node:
        case Index(base=Index(base=store, key=Str() as table), key=Str() as key):
            name, span = f"{table.value}.{key.value}", Span(table.inner.start, key.inner.end)
        case Attr(base=Attr(base=store, name=table_name, name_span=table_span), name=key_name, name_span=key_span):
            name, span = f"{table_name}.{key_name}", Span(table_span.start, key_span.end)
        case _:
            return None
    kind = env_mapping(store, scope)
    if kind not in _TABLES_OF_SECRETS:
        return None
    return Access(name=name, name_span=span, role=VariableRole.READ, how=str(kind))


def is_table(node: Node, around: object, scope: Scope) -> bool:
    """Is this a table of such a store, whose entry is taken by what stands around it?"""
    match node:
        case Index(base=store) | Attr(base=store):
            inside = isinstance(around, Index | Attr) and around.base is node
            return inside and env_mapping(store, scope) in _TABLES_OF_SECRETS
        case _:
            return False


def _call(func: Node, args: tuple[Arg, ...], scope: Scope) -> Access | None:
    if not args:
        return None
    first = _text(args, 0) or _text(args, 1)
    if first is None:
        return None
    known: tuple[VariableRole, int, int | None] | None = None
    how = ""
    word = last_name(func)
    name = dotted(func, scope)
    if name is not None:
        known, how = _call_of(name, scope), name
        if known is None and ".dotenv_values()" in f".{name}" and word == "get":
            known = (VariableRole.READ, 0, 1)
    if known is None and isinstance(func, Attr) and word == "get" and env_mapping(func.base, scope):
        known, how = (VariableRole.READ, 0, 1), "env.get"
    if known is None and word in _METHODS and is_variable(first.value):
        known, how = _METHODS[word], word
    if known is None and isinstance(func, Attr) and is_variable(first.value) and word in ("get", "getOrThrow", "str", "getString"):
        owner = source_name(func.base)
        if owner in _CONFIG_SERVICES or owner.endswith(("configService", "config_service", "userdata")):
            known, how = (VariableRole.READ, 0, 1), "config-service"
    if known is None:
        return None
    role, index, default = known
    key = _text(args, index)
    if key is None or not _NAME.fullmatch(key.value):  # a path in a file of settings: `openrouter.key`
        return None
    # viper's own keys are the same in small and in capital letters, and it looks for them in capitals
    spelled = key.value.upper() if _VIPER.search(how) and not how.endswith("BindEnv") else key.value
    return Access(name=spelled, name_span=key.inner, role=role, how=how, default=_default(args, default))


_VIPER = regex(r"\bspf13/viper\.")


def _reader(name: str, scope: Scope) -> Environment | None:
    """What integrations know of a name; what is a name of another language only means nothing here."""
    reader = lookup.shipped().reader(name)
    if reader is None and scope.module().language in ("java", "kotlin"):
        reader = lookup.shipped().reader(_PACKAGE.sub("", name))  # `import com.acme.BuildConfig`
    if reader is None or not reader.callees.keys() <= _TABLES:
        return reader
    return reader if scope.module().language in reader.callees else None


_PACKAGE = regex(r"^(?:[a-z_]\w*\.)+(?=[A-Z])")
_TABLES = frozenset(LANGUAGES)


def _call_of(name: str, scope: Scope) -> tuple[VariableRole, int, int | None] | None:
    """Role, position of the variable's name and of the default of a call that reads, sets or asks for a variable."""
    if name in _CALLS:
        return _CALLS[name]
    reader = _reader(name, scope)
    return (VariableRole(reader.role), reader.variable, reader.default) if reader is not None and reader.role else None


def env_helper(func: Func, scope: Scope) -> int | None:
    """Index of the parameter whose value names the variable that this function reads; None for other functions."""
    names = tuple(param.name for param in func.params)
    if names[:1] == ("self",):
        names = names[1:]
    if not names:
        return None
    stack: list[Node | Arg | Item | Param] = list(func.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Index | Call) and (parameter := _helper_parameter(names, node, scope)) is not None:
            return parameter
        stack += [child for child in children(node) if not isinstance(child, (Str, Name))]
    return None


def _helper_parameter(func_params: tuple[str, ...], node: Node, scope: Scope) -> int | None:
    """Index of the parameter by whose value `node` (inside a function) reads the environment: a program's own `get_env(name)`."""
    match node:
        case Index(base=base, key=Name(id=name)) if name in func_params and env_mapping(base, scope):
            return func_params.index(name)
        case Call(func=func, args=args) if args and isinstance(args[0].value, Name):
            callee = dotted(func, scope)
            name = args[0].value.id
            known = (callee is not None and _call_of(callee, scope) is not None) or (
                isinstance(func, Attr) and func.name == "get" and env_mapping(func.base, scope) is not None
            )
            if known and name in func_params:
                return func_params.index(name)
        case _:
            pass
    return None

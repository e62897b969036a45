"""Names of variables where a file speaks of them: accesses, definitions, references, keys, settings, and texts that hold a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from migrator.catalog import is_key_variable, openrouter
from migrator.discover import path_kinds
from migrator.facts import ecma
from migrator.facts.model import FactKind, tokens
from migrator.facts.name_roles import (
    asked_of_bindings,
    asked_of_database,
    entry_of_loaded_data,
    environment_arguments,
    literal_role,
    object_role,
    subscripts_environment,
)
from migrator.formats.tree import (
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    EnvDef,
    EnvRef,
    Index,
    Item,
    Join,
    Module,
    Node,
    Other,
    Param,
    RegionKind,
    Str,
    children,
)
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import LiteralRole, NodePath
from migrator.resolve.definitions import class_of, reads_environment
from migrator.resolve.environment import VariableRole, access, is_table, setting_of, settings_named_in
from migrator.resolve.net_options import TYPE, keys_read, registrations
from migrator.resolve.settings_classes import aliases_of, default_of_field, fields
from migrator.text.covering import Covering

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

_NAMES_IT = regex(r"open[_-]?router", re.IGNORECASE)
_LET_THROUGH = regex(r"--allow-env=[^\s\"']*$")
"""Deno's list of variables that a program may read."""
_REST_OF_LINE = regex(r"[^\r\n]*")
_NUMBERED = regex(r"OPEN_?ROUTER\w*_?(KEY|TOKEN)S?_?\{\}$")
"""`OPENROUTER_KEY_{}`: one of several keys."""
_BUILT = regex(r"(\{\}|[A-Z_])+")
_OTHER_VARIABLES = frozenset(openrouter()["base_urls"]["variables"]) | {"OR_API_KEY"}
# how a language without a reader names a variable that it reads, and how it gives one a value; prose does neither
_ACCESS = regex(r"(?:[$%{(\[\"'@]|env[.:]|ENV[.:]|export |-e |--env[ =]|\b(?:name|key|env|var):)\s*[\"']?$")
_GUARD = regex(r"\$\{\w+:?\?[^}]*$")
"""Inside the message of `${X:?X is required}`."""
_NAMES_VARIABLE = regex(r"_(ENV|VAR|NAME|VARIABLE|FROM)$", re.IGNORECASE)
"""Endings of variables that hold the name of another one."""
_GIVES = regex(r"\s*(?:=|:\s*[\"'$\w])")


def read_access(walk: Walk, node: Node, node_path: NodePath) -> None:
    """An access to the environment; where it is a target, it defines."""
    if walk.language == "csharp" and isinstance(node, Call) and any(arg.name == TYPE for arg in _arguments(node)):
        _read_options(walk, node, node_path)
    if not _may_name_wanted(walk, node):
        return
    variable = access(node, node_path.scope)
    if variable is None or not _is_wanted(walk, variable.name):
        return
    if node_path.up is not None and is_table(node, node_path.up.node, node_path.scope):
        return
    if variable.how == "worker" and ecma.own_property(walk, node, node_path):
        return
    role, value = variable.role, variable.default
    up = node_path.up
    if role is VariableRole.READ and up is not None and _is_set(node, up.node):
        role = VariableRole.DEFINE
        value = up.node.value if isinstance(up.node, Assign) else value
    walk.env(variable.name, variable.name_span, role, variable.how, node_path, value=value)


def _arguments(node: Call) -> tuple[Arg, ...]:
    """The arguments of a call and of the one that it is chained to: `AddOptions<T>().Bind(…)`."""
    before = node.func.base if isinstance(node.func, Attr) else None
    return (*node.args, *(before.args if isinstance(before, Call) else ()))


def _read_options(walk: Walk, node: Call, node_path: NodePath) -> None:
    """A section of .NET's settings that fills a class with a property for OpenRouter's key is read where the class is registered."""
    for registration in registrations(walk.repository):
        for name in keys_read(walk.repository, registration) if registration.call is node else ():
            walk.env(name, Span(node.span.end, node.span.end), VariableRole.READ, "options-class", node_path)


def read_definition(walk: Walk, node: EnvDef, node_path: NodePath) -> None:
    """An entry of configuration that gives a variable a value, or hands it on."""
    role = VariableRole.FORWARD if node.value is None else VariableRole.DEFINE
    if any(isinstance(part, EnvRef) and part.name == node.name for part in _refs(node.value)):
        role = VariableRole.FORWARD
    if _is_wanted(walk, node.name):
        walk.env(
            setting_of(node.name),
            node.name_span,
            role,
            form_of(walk.path, node, walk.text),
            node_path,
            owner=node.owner,
            value=node.value,
            entry=node.span,
            commented=node.commented,
        )


def read_reference(walk: Walk, node: EnvRef, node_path: NodePath) -> None:
    """A reference to a variable in configuration."""
    if _is_wanted(walk, node.name):
        walk.env(node.name, node.name_span, VariableRole.READ, node.how, node_path, owner=node.owner, value=node.default)


def read_tokens(walk: Walk, raw: str, start: int, place: LiteralRole, node_path: NodePath) -> None:
    """Names of variables inside a text: in a sentence, in a list, as a value."""
    for setting in settings_named_in(raw) if walk.language == "csharp" else ():
        walk.env(setting[0], Span(start + setting.start(), start + setting.end()), VariableRole.MESSAGE, "text", node_path)
    for token in tokens(raw, walk.names):
        span = Span(start + token.start(), start + token.end())
        whole = token[0] == raw.strip()
        role: VariableRole | None
        if _LET_THROUGH.search(raw[: token.start()]):
            role, how = VariableRole.LIST, "allow-env"
        elif asked_of_database(node_path):
            continue
        elif not whole or place is LiteralRole.MESSAGE or _stands_for_value(node_path):
            role, how = VariableRole.MESSAGE, "text"  # in a script a text of several words is said, not used
        elif place is LiteralRole.LIST:
            role, how = VariableRole.LIST, "list"
        elif place is LiteralRole.COMPARE:
            role, how = VariableRole.ASK, "compared"
        elif place is LiteralRole.KEY and not subscripts_environment(walk, node_path):
            continue
        elif walk.test:
            role, how = (None, "") if entry_of_loaded_data(node_path) else (VariableRole.DEFINE, "test")
        else:
            role = literal_role(walk, node_path)
            how = "worker" if role is VariableRole.READ and asked_of_bindings(node_path) else "literal"
        if role is not None:
            walk.env(token[0], span, role, how, node_path)


def _stands_for_value(node_path: NodePath) -> bool:
    """`OPENROUTER_API_KEY=YOUR_OPENROUTER_API_KEY` in an env file: a word in place of a key. `KEY_ENV=OPENROUTER_API_KEY` names a variable."""
    definition = next((step.node for step in node_path.ancestors() if isinstance(step.node, EnvDef)), None)
    return isinstance(definition, EnvDef) and definition.how == "dotenv" and _NAMES_VARIABLE.search(definition.name) is None


def read_object_key(walk: Walk, node: Item, key: str, node_path: NodePath) -> None:
    """A variable's name as the key of an object: an environment handed on, a schema, a stub, or a name of the program's own."""
    assert isinstance(node.key, Str), "only a text can be a variable's name"
    if walk.ecma and ecma.read_key(walk, node, key, node_path):
        return
    role = object_role(walk, node_path)
    if role is None:
        walk.seen_names.add((node.key.inner.start, node.key.inner.end))
    else:
        walk.env(key, node.key.inner, role, "object-key", node_path, value=node.value)


def read_settings(walk: Walk, node: Class, node_path: NodePath) -> None:
    """The fields of a settings class, each of which reads a variable by its own name or by its alias."""
    if not node.bases or not reads_environment(walk.repository, node, node_path.scope):
        return
    for part, target, name, literal in fields(node, aliases_of(walk.repository, walk.path), walk.repository):
        if _is_wanted(walk, name):
            step = NodePath(part, node_path, node_path.scope)
            if literal is not None:
                walk.env(name, literal.inner, VariableRole.READ, "settings-alias", step, value=default_of_field(part.value))
            else:
                walk.env(name, target.span, VariableRole.FIELD, "settings-field", step, value=part.value)


def read_settings_keywords(walk: Walk, node: Call, node_path: NodePath) -> None:
    """`Settings(OPENROUTER_API_KEY="x")`: a settings class is given a field by the variable that the field reads."""
    named = [arg for arg in node.args if arg.name and arg.name_span and _is_wanted(walk, arg.name) and arg.name.isupper()]
    made = class_of(walk.repository, node.func, node_path.scope) if named else None
    if made is None or not isinstance(made.node, Class) or not reads_environment(walk.repository, made.node, made):
        return
    aliases = {name for _, _, name, literal in fields(made.node, aliases_of(walk.repository, made.path)) if literal is not None}
    for arg in named:
        if arg.name and arg.name_span and arg.name in aliases:  # else the field itself is called so, and keeps its name
            walk.env(arg.name, arg.name_span, VariableRole.ASK, "settings-keyword", NodePath(arg, node_path, node_path.scope))


def read_built_name(walk: Walk, node: Join, node_path: NodePath) -> None:
    """A name that the program puts together: `f"{vendor}_API_KEY"`."""
    if not node.parts:
        return
    tail = "".join(part.value if isinstance(part, Str) else "{}" for part in node.parts)
    of_a_vendor = re.search(r"_API_?KEY\b|_KEY\b", tail) and re.search(r"\{\}_?(API_)?KEY|\{\}_API", tail)
    if walk.program and _BUILT.fullmatch(tail) and (of_a_vendor or _NUMBERED.search(tail)):
        walk.mark(FactKind.DYNAMIC_NAME, node.span, tail, node_path=node_path)


_QUIET = (RegionKind.COMMENT, RegionKind.MARKUP, RegionKind.FENCE, RegionKind.OUTPUT, RegionKind.DOCSTRING)


def read_leftovers(walk: Walk, module: Module) -> None:
    """Names of key variables in files that are no programs, where no node speaks of them: a reader that cannot be read."""
    if walk.ecma:
        ecma.unseen(walk)
    if walk.program and module.language != "notebook":  # prose between the cells of a notebook is a document
        for region in module.regions_of(RegionKind.MARKUP):  # what a page says to people follows like any other message
            for token in tokens(walk.text[region.span.start : region.span.end], walk.names):
                span = Span(region.span.start + token.start(), region.span.start + token.end())
                walk.env(token[0], span, VariableRole.MESSAGE, "text", None)
    if walk.program or path_kinds.is_document(walk.path) or path_kinds.is_recorded(walk.path):
        return
    quiet = Covering((region.span, True) for region in module.regions if region.kind in _QUIET)
    for token in tokens(walk.text, walk.names):
        span = Span(*token.span())
        if not (is_key_variable(token[0]) or token[0] in walk.names) or (span.start, span.end) in walk.seen_names:
            continue
        if quiet.first(span.start, span.start + 1):
            continue
        if (
            module.language != "text"
            or _ACCESS.search(walk.text[max(0, span.start - 12) : span.start])
            or _GIVES.match(walk.text, span.end)
        ):
            line = walk.text[walk.text.rfind("\n", 0, span.start) + 1 : span.start]
            if _GUARD.search(line):
                walk.env(token[0], span, VariableRole.MESSAGE, "text", None)
            else:
                walk.env(token[0], span, VariableRole.UNKNOWN, "unread", None)


def read_keywords(walk: Walk, node: Call, node_path: NodePath) -> None:
    """Variables as the names of arguments: `patch.dict(os.environ, X="…")`, `os.environ.update(X="…")`, `dict(os.environ, X="…")`."""
    named = [arg for arg in node.args if arg.name is not None and arg.name_span is not None and _is_wanted(walk, arg.name)]
    if not named:
        return
    step: NodePath | None = node_path
    while step is not None and isinstance(step.node, Call | Arg):
        if isinstance(step.node, Call) and (role := environment_arguments(walk, step.node, step.scope)) is not None:
            for arg in named:
                assert arg.name is not None
                assert arg.name_span is not None
                walk.env(arg.name, arg.name_span, role, "keyword", node_path, value=arg.value)
            return
        step = step.up


def read_scheme(walk: Walk, node: Call, node_path: NodePath) -> None:
    """`environ.Env(X=(str, ""))`: the keywords are variables with their types and defaults."""
    for arg in node.args:
        if arg.name and arg.name_span and _is_wanted(walk, arg.name):
            walk.env(arg.name, arg.name_span, VariableRole.LIST, "env-scheme", node_path)


def _may_name_wanted(walk: Walk, node: Node) -> bool:
    """Could an access name a variable that matters? Asked of every one, before it is found out what is accessed."""
    match node:
        case Index(base=Call(args=args)) | Attr(base=Call(args=args)) | Call(func=Attr(base=Call(args=args))) if (
            walk.language == "csharp" and any(isinstance(arg.value, Str) and speaks_of(arg.value.value) for arg in args)
        ):
            return True  # an entry of a section: `configuration.GetSection("OpenRouter")["ApiKey"]`
        case Attr(base=Call(func=Attr(base=Call() as section, name="Get"))) if walk.language == "csharp":
            return _may_name_wanted(walk, section)
        case Index(key=Str(value=key), base=base):
            names = (key, f"{base.key.value}.{key}") if isinstance(base, Index) and isinstance(base.key, Str) else (key,)
        case Attr(name=name, base=base):
            names = (name, f"{base.name}.{name}") if isinstance(base, Attr) else (name,)
        case Call(args=args):
            return any(isinstance(arg.value, Str) and _may_hold_wanted(walk, arg.value.value) for arg in args)
        case _:
            return True
    return any(_is_wanted(walk, name) for name in names)


def _may_hold_wanted(walk: Walk, text: str) -> bool:
    if speaks_of(text) or (walk.names and any(name in text for name in walk.names)):
        return True
    return "_" in text and any(name in text for name in _OTHER_VARIABLES)


def _is_wanted(walk: Walk, name: str) -> bool:
    return speaks_of(name) or name in walk.names


@lru_cache(1 << 14)
def speaks_of(name: str) -> bool:
    """Is a variable of this name OpenRouter's, or one that gives libraries their base URL?"""
    return ("router" in name.lower() and _NAMES_IT.search(name) is not None) or name in _OTHER_VARIABLES


def _is_set(node: Node, around: Node | Arg | Item | Param) -> bool:
    return (isinstance(around, Assign) and any(target is node for target in around.targets)) or (
        isinstance(around, Other) and around.kind == "del"
    )


def _refs(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield node
        for child in children(node):
            if not isinstance(child, (Arg, Item, Param)):
                yield from _refs(child)


def form_of(path: str, node: EnvDef, text: str) -> str:
    """`node.how`, or `envrc` where a line of `.envrc` holds this definition and nothing else, so that it can be switched off."""
    if node.how not in ("shell-export", "shell-assign") or not path.rpartition("/")[2].startswith(".envrc"):
        return node.how
    begin = max(text.rfind("\n", 0, node.span.start), text.rfind("\r", 0, node.span.start)) + 1
    before, after = text[begin : node.span.start], _REST_OF_LINE.match(text, node.span.end)
    alone = re.fullmatch(r"[ \t]*(?:export[ \t]+)?", before) and (after is None or re.fullmatch(r"[ \t]*(?:#.*)?", after[0]))
    return "envrc" if alone else node.how

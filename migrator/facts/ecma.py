"""What only JavaScript and TypeScript say: destructured environments, schemas, type declarations, injected globals, SDK dialects.

Each function takes the walk of `reading` at one node; what it finds becomes facts of the same kinds as everywhere else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog.variables import says_openrouter
from migrator.facts.model import FactKind, tokens
from migrator.facts.name_roles import object_role
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Import,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Other,
    Param,
    RegionKind,
    Str,
    nodes,
)
from migrator.integrations import lookup
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath, key_of, last_name
from migrator.resolve.definitions import functions, qualified
from migrator.resolve.env_schemas import Meaning, is_checked, key_meaning, mocked_module, pattern_source, use_meaning
from migrator.resolve.environment import VariableRole, access, env_helper, env_mapping
from migrator.resolve.modules import local_module
from migrator.resolve.origins import From, origins

if TYPE_CHECKING:
    from migrator.facts.collector import Walk
    from migrator.resolve.scopes import Scope

_CONFIG = regex(r"(^|/)(next|vitest|vite|jest|playwright|ecosystem|nuxt|cypress|wdio|webpack|pm2)[\w.-]*\.(config\.)?[cm]?[jt]s$")
_KEEPING = ("freeze", "seal", "assign", "entries", "keys", "values", "stringify", "useState", "ref", "reactive", "defineConfig")
_BAKED = ("publicRuntimeConfig", "serverRuntimeConfig", "runtimeConfig")
_ENVIRONMENT = regex(r"env|bindings|secrets|vars", re.IGNORECASE)
_DECLARED = regex(r"^(@env|\$env/static/.*|astro:env/.*|react-native-dotenv|cloudflare:.*)$")
_VENDOR_OPTIONS = regex(r"provider_?(options|metadata)$", re.IGNORECASE)
_PLAIN_READ = regex(r"""(?:process\.env|import\.meta\.env|Bun\.env)(?:\?\.|!?\.|\[["'`])$""")
_MARKUP_READ = regex(r"""(?:\benv|\bconfig|\benv\(\))(?:\?\.|!?\.|\[["'`])$""")


def read_key(walk: Walk, item: Item, key: str, node_path: NodePath) -> bool:
    """A variable's name as a key; False where nothing can be said that holds for JavaScript only."""
    assert isinstance(item.key, Str)
    span = item.key.inner
    taken = pattern_source(node_path)
    if taken is not None:
        return _taken(walk, item, key, node_path, *taken)
    if _CONFIG.search(walk.path) and not walk.test:
        names = [
            step.node.key.value for step in node_path.ancestors() if isinstance(step.node, Item) and isinstance(step.node.key, Str)
        ]
        if "env" in names:
            walk.env(key, span, VariableRole.DEFINE, "config-env", node_path, value=item.value)
            return True
        if any(name in _BAKED for name in names):
            return _own(walk, key, span, node_path)
    meaning = key_meaning(walk.repository, walk.file.module, key, node_path)
    if meaning is Meaning.VARIABLE:
        walk.env(key, span, VariableRole.READ, "schema-key", node_path)
        return True
    if meaning is Meaning.OWN:
        walk.mark(FactKind.SCHEMA_NAME, span, key, _part_of_schema(item, key, node_path.scope))
        return _own(walk, key, span, node_path)
    if (mocked := mocked_module(walk.repository, walk.path, node_path)) is not None:
        walk.mark(FactKind.SCHEMA_NAME, span, key, f"mock:{mocked}")
    if walk.test:
        if _is_environment(node_path):
            walk.env(key, span, VariableRole.DEFINE, "env-object", node_path, value=item.value)
            return True
        return False
    if _is_environment(node_path, spreads=False):
        walk.env(key, span, VariableRole.DEFINE, "env-object", node_path, value=item.value)
        return True
    if object_role(walk, node_path) is not None:
        return False
    if _handed_over(walk, node_path):
        walk.env(key, span, VariableRole.SCHEMA, "object-key", node_path, value=item.value)
        return True
    return _own(walk, key, span, node_path)


def _part_of_schema(item: Item, key: str, scope: Scope) -> str:
    """Which place of a schema a key is: `read` where the variable of its own name fills it, `shape` where a check describes it, else `other`."""
    parts = (part for part in nodes(item.value) if not isinstance(part, Arg | Item | Param))
    reads = {read.name for part in parts if (read := access(part, scope)) is not None}
    if reads:
        return "read" if reads == {key} else "other"
    return "shape" if isinstance(item.value, Call) else "other"


def _handed_over(walk: Walk, node_path: NodePath) -> bool:
    """Does the object go to a call of somebody else's, which may read its keys as an environment?"""
    for step in node_path.ancestors():
        match step.node:
            case Call(func=func):
                return last_name(func) not in _KEEPING and not functions(walk.repository, func, step.scope)
            case Item() | Arg() | Obj() | Alt():
                pass
            case _:
                return False
    return False


def _own(walk: Walk, key: str, span: Span, node_path: NodePath) -> bool:
    walk.seen_names.add((span.start, span.end))
    walk.mark(FactKind.OWN_KEY, span, key, node_path=node_path)
    return True


def _taken(walk: Walk, item: Item, key: str, node_path: NodePath, value: Node | None, annotation: Node | None) -> bool:
    """A variable that is taken out of something: `const { X } = process.env`."""
    assert isinstance(item.key, Str)
    how = "destructured" if item.shorthand else "destructured-key"
    environment = value is not None and env_mapping(value, node_path.scope) is not None
    if annotation is not None:
        named = [part.id for part in _parts(annotation) if isinstance(part, Name)] or [walk.text[slice(*annotation.span)]]
        environment = any(_ENVIRONMENT.search(name) for name in named)
    if environment:
        default = item.value.parts[-1] if isinstance(item.value, Alt) and len(item.value.parts) > 1 else None
        walk.env(key, item.key.inner, VariableRole.READ, how, node_path, value=default)
        return True
    meaning = use_meaning(walk.repository, value, node_path.scope, key) if value is not None else None
    if meaning is Meaning.VARIABLE:
        walk.env(key, item.key.inner, VariableRole.READ, how, node_path)
    elif meaning is Meaning.OWN:
        walk.seen_names.add((item.key.inner.start, item.key.inner.end))
    else:
        walk.seen_names.add((item.key.inner.start, item.key.inner.end))
        walk.mark(FactKind.LOOSE, item.key.inner, key, "destructured", node_path)
    return True


def _parts(node: Node) -> tuple[Node, ...]:
    return (node, *node.children) if isinstance(node, Other) else (node,)


def _is_environment(node_path: NodePath, *, spreads: bool = True) -> bool:
    """Is the object at the end of the node_path put in the place of the environment, or merged into it? `spreads`: or made from it."""
    for step in node_path.ancestors():
        match step.node:
            case Obj(items=items):
                if spreads and any(part.key is None and env_mapping(part.value, step.scope) for part in items):
                    return True
            case Assign(targets=targets):
                return any(isinstance(target, Attr) and env_mapping(target, step.scope) is not None for target in targets)
            case Call(args=args):
                return any(env_mapping(arg.value, step.scope) is not None for arg in args)
            case _:
                pass
    return False


def read_attr(walk: Walk, node: Attr | Index, name: str, span: Span, node_path: NodePath) -> None:
    """A property spelled like a key variable, or one word that says OpenRouter, of something that is not the environment itself."""
    is_key = walk.is_key(name)
    if not (is_key or (name.isupper() and says_openrouter(name))) or (span.start, span.end) in walk.seen_names:
        return
    meaning = use_meaning(walk.repository, node.base, node_path.scope, name)
    if meaning is Meaning.VARIABLE:
        walk.env(name, span, VariableRole.READ, "schema-use", node_path)
    elif meaning is Meaning.OWN:
        walk.seen_names.add((span.start, span.end))
        if is_checked(walk.repository, node.base, node_path.scope):
            walk.mark(FactKind.SCHEMA_NAME, span, name, "use")
    elif is_key and isinstance(node, Attr):
        walk.mark(FactKind.LOOSE, span, name, node_path=node_path)


def own_property(walk: Walk, node: Node, node_path: NodePath) -> bool:
    """Is this property one of the program's own checked environment, whose keys are its own names?"""
    if not isinstance(node, Attr | Index):
        return False
    name = node.name if isinstance(node, Attr) else node.key.value if isinstance(node.key, Str) else ""
    return use_meaning(walk.repository, node.base, node_path.scope, name) is not None or _imported_here(walk, node.base, node_path)


def _imported_here(walk: Walk, base: Node, node_path: NodePath) -> bool:
    """`import { env } from "@acme/env"`: an object of this repository's, whatever it is called."""
    if not isinstance(base, Name):
        return False
    imported = next((binding.imported for binding in node_path.scope.lookup(base.id) if binding.imported is not None), None)
    return imported is not None and local_module(walk.repository, walk.path, imported.module) is not None


def read_index(walk: Walk, node: Index, node_path: NodePath) -> None:
    """`process.env[NAME]` where the name is a constant: the literal of the constant names the variable."""
    if isinstance(node.key, Str) or env_mapping(node.base, node_path.scope) is None:
        return
    _named(walk, node.key, node_path)


def _named(walk: Walk, key: Node, node_path: NodePath) -> None:
    for origin in origins(walk.repository, key, node_path.scope):
        if origin.kind is From.LITERAL and isinstance(origin.node, Str):
            walk.facts.named.append((origin.path, origin.node.inner))


def read_call(walk: Walk, node: Call, node_path: NodePath) -> None:
    """Dialects, registries and helpers that are recognised by how they are called."""
    word = last_name(node.func)
    known = lookup.shipped()
    if (separator := known.prefixes.get(word)) is not None and _names_openrouter(node):
        walk.mark(FactKind.OWN_PREFIX, node.span, separator, node_path=node_path)
    first = node.args[0].value if node.args else None
    model = isinstance(first, (Name, Attr, Index, Alt, Join)) or (isinstance(first, Str) and "/" in first.value)
    name = (qualified(walk.repository, node.func, node_path.scope) or "") if model or word == "webSearch" else ""
    maker = known.client(walk.language, name[:-2]) if name.endswith("()") else None
    if maker is not None and maker.called == "responses":
        walk.mark(FactKind.RESPONSES, node.span, last_name(node.func), node_path=node_path, node=node)
    elif name and (client := known.built_in(walk.language, name)) is not None:
        dialect = known.dialects.get(client.name)
        if dialect is not None and dialect.tools and f".{dialect.tools}." in name:
            walk.mark(FactKind.DIALECT, node.span, "a tool that runs at OpenRouter", client.name, node_path, node)
        if dialect is not None and (endpoint := dialect.endpoints.get(word)) is not None and name.endswith(f"().{word}"):
            walk.mark(FactKind.DIALECT, node.span, f"/{endpoint}", client.name, node_path, node)
    for func, inner in (
        functions(walk.repository, node.func, node_path.scope) if any(isinstance(arg.value, Name) for arg in node.args) else ()
    ):
        index = env_helper(func, inner)
        if index is not None and index < len(node.args) and isinstance(node.args[index].value, Name):
            _named(walk, node.args[index].value, node_path)


def _names_openrouter(node: Call) -> bool:
    for arg in node.args:
        if isinstance(arg.value, Obj):
            for item in arg.value.items:
                if isinstance(item.key, Str) and item.key.value == "openrouter":
                    return True
                if (
                    isinstance(item.key, Str)
                    and item.key.value == "name"
                    and isinstance(item.value, Str)
                    and item.value.value == "openrouter"
                ):
                    return True
    return False


def read_const(walk: Walk, node: Const, node_path: NodePath) -> None:
    """A regular expression for the old key's shape or for OpenRouter's host."""
    if not node.text.startswith("/"):
        return
    start = node.span.start
    if (at := node.text.find("sk-or")) >= 0:
        walk.mark(FactKind.KEY_CHECK, Span(start + at, start + at + 5), "sk-or", node_path=node_path)
    elif (host := re.search(r"openrouter\\?\.ai", node.text)) is not None:
        walk.mark(FactKind.URL_CHECK, Span(start + host.start(), start + host.end()), host[0], node_path=node_path)


def read_vendor_options(walk: Walk, item: Item, node_path: NodePath) -> None:
    """`providerOptions: { openrouter: … }` whose options are not written out here; those that are, the search for routing reads."""
    if not (isinstance(item.key, Str) and item.key.value == "openrouter" and node_path.up is not None):
        return
    if _VENDOR_OPTIONS.search(key_of(node_path.up)) and not isinstance(item.value, Call | Str | Obj):
        walk.mark(FactKind.DIALECT, item.span, "`providerOptions.openrouter`", "ai-sdk-openrouter", node_path, item.value)


def read_class(walk: Walk, node: Class, node_path: NodePath) -> None:
    """Type declarations of an environment: `interface Env { X: string }`, `declare module "@env" { export const X: string }`."""
    if node.kind in ("class", "enum"):
        for part in node.body:
            if isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name) and walk.is_key(part.targets[0].id):
                walk.mark(FactKind.OWN_KEY, part.targets[0].span, part.targets[0].id, node_path=node_path)
        return
    if node.kind == "namespace" and not _DECLARED.match(node.name):
        return
    named = node.name or key_of(node_path)
    how = "interface" if node.kind == "namespace" or named in ("ProcessEnv", "ImportMetaEnv") else "interface-own"
    for part in node.body:
        if isinstance(part, Assign) and part.targets:
            target = part.targets[0]
            name = target.id if isinstance(target, Name) else target.value if isinstance(target, Str) else ""
            if walk.is_key(name):
                span = target.inner if isinstance(target, Str) else target.span
                walk.env(name, span, VariableRole.TYPE, how, node_path)


def read_import(walk: Walk, node: Import, node_path: NodePath) -> bool:
    """Variables that are imported by name; False where the import is none of these."""
    if node.name is None or not (
        node.module.startswith(("$env/static/", "astro:env/")) or node.module in ("@env", "react-native-dotenv")
    ):
        return False
    if node.name_span is not None and walk.is_key(node.name):
        walk.env(
            node.name, node.name_span, VariableRole.READ, "static-import" if node.local_span is None else "imported-key", node_path
        )
    return True


_IN_PATTERN = regex(r"(?:[(=,:!&|?\[{;]|\breturn)\s*/(?![/*])[^/\n]*\Z")
_END_OF_PATTERN = regex(r"[^/\n]*/[dgimsuvy]*\s*[.,;)\]}]")
"""A regular expression that a message with the name is compared with: `/X/.test(error.message)`."""


def unseen(walk: Walk) -> None:
    """Variables named where no node speaks of them: in templates, in code that could not be parsed, as injected globals."""
    bound: set[str] | None = None
    for token in tokens(walk.text, walk.names):
        span = Span(*token.span())
        if not walk.is_key(token[0]) or (span.start, span.end) in walk.seen_names:
            continue
        kind = walk.file.module.region_at(span.start + max(0, token[0].find("OPEN")))  # known there
        before = walk.text[max(0, span.start - 40) : span.start]
        if (kind is RegionKind.MARKUP and _MARKUP_READ.search(before)) or (kind is None and _PLAIN_READ.search(before)):
            walk.env(token[0], span, VariableRole.UNKNOWN, "unread", None)
        elif kind is None and not re.search(r"[.\w$]\s*$", before) and walk.file.module.errors == ():
            if bound is None:
                scopes = walk.file.scopes
                bound = {name for scope in (scopes.root, *scopes.opened.values()) for name in scope.names}
            after = walk.text[span.end : span.end + 2].lstrip()
            if _IN_PATTERN.search(before) and _END_OF_PATTERN.match(walk.text, span.end):
                walk.env(token[0], span, VariableRole.MESSAGE, "text", None)
            elif token[0] not in bound and not after.startswith(":") and not walk.test:
                walk.env(token[0], span, VariableRole.UNKNOWN, "global", None)

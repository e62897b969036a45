"""Libraries that no file of `integrations/` describes and whose names say OpenRouter: they may have its host built in.

What is not listed is not harmless: `lamplight.OpenRouterModel` given the new key would send it to OpenRouter. Such a place keeps its
variable until somebody says what the library does. A call that is given an address is an ordinary client, whatever it is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.catalog.urls import find_urls
from migrator.facts.model import FactKind
from migrator.formats.tree import Attr, Call, Import, Name, Node, Str
from migrator.integrations import lookup
from migrator.patterns import regex
from migrator.resolve.context import NodePath, is_message_call, last_name
from migrator.resolve.modules import is_local, local_module
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import origins
from migrator.resolve.scopes import Scope, package

if TYPE_CHECKING:
    from migrator.facts.collector import Walk

NOTE = (
    "It may have OpenRouter's host built in, so it keeps its variable. Give it an address and a key where it takes them, or report the"
    " library, so that it can be described."
)
_NAMED = regex(r"open[_-]?router", re.IGNORECASE)
_MAKER = regex(r"[A-Z]|(create|make|build|get|new|with)[A-Z_]|open_?[rR]outer$")
"""Words that can make a client: a class, a function that says so, a ready-made client."""
_LOCAL = (".", "/", "~", "#", "@/", "$", "@env", "src/", "app/", "lib/")
"""Beginnings of modules of the program's own, also where no file of the tree answers to them."""
_NOT_A_CLIENT = regex(
    r"(Error|Exception|Warning|Response|Request|Settings|Config|Options|Params|Schema|Type|Props|Icon|Logo)$|^(is|has|use[A-Z])"
)


def read_unlisted_call(walk: Walk, node: Call, name: str, node_path: NodePath) -> None:
    """A call into a library from outside the tree whose name says OpenRouter and that nobody described."""
    if "()" in name or "." not in name or ":" in name.split(".")[0].replace("npm:", "") or not _NAMED.search(name):
        return
    word = last_name(node.func)
    if (
        not _MAKER.match(word)
        or _NOT_A_CLIENT.search(word)
        or is_message_call(node)
        or _described(walk, name)
        or not _imported(node.func, node_path.scope)
    ):
        return
    if is_local(walk.repository, name, walk.path) or _in_this_tree(walk, name):
        return
    if not _given_an_address(walk, node, node_path):
        walk.mark(FactKind.UNLISTED_CLIENT, node.span, name, NOTE, node_path, node)


def read_unlisted_import(walk: Walk, node: Import, node_path: NodePath) -> None:
    """An import of such a library; it speaks for what is handed on without a call in this file (`unlisted` drops the others)."""
    if node.type_only or node.name is None or node.name == "*":
        return
    name = f"{package(node.module)}.{node.name}"
    if not _NAMED.search(name) or _NOT_A_CLIENT.search(node.name) or _described(walk, name) or node.module.startswith(_LOCAL):
        return
    if (
        local_module(walk.repository, walk.path, node.module)
        or is_local(walk.repository, name, walk.path)
        or _in_this_tree(walk, name)
    ):
        return
    # a class that is imported and not called may be no more than a type in TypeScript
    if _NAMED.search(node.name) and _MAKER.match(node.name) and not (walk.ecma and node.name[:1].isupper()):
        walk.mark(FactKind.UNLISTED_CLIENT, node.span, name, NOTE, node_path, node)


def drop_imports_of_calls(walk: Walk) -> None:
    """An import whose name is called in the same file is spoken for by the calls, whether these are marked or given an address."""
    called = {last_name(path.node.func) for path in walk.facts.calls if isinstance(path.node, Call)}
    walk.facts.marks = [
        mark
        for mark in walk.facts.marks
        if not (mark.kind is FactKind.UNLISTED_CLIENT and isinstance(mark.node, Import) and mark.node.local in called)
    ]


def _described(walk: Walk, name: str) -> bool:
    known = lookup.shipped()
    return known.client(walk.language, name) is not None or known.built_in(walk.language, name) is not None


def _imported(func: Node, scope: Scope) -> bool:
    """Does a callee begin with a name that is imported?"""
    while isinstance(func, Attr):
        func = func.base
    return isinstance(func, Name) and any(binding.imported is not None for binding in scope.lookup(func.id))


def _in_this_tree(walk: Walk, name: str) -> bool:
    """Is the package one of this tree's folders or files, which an import could mean in a way that is not known here?"""
    if name.startswith(_LOCAL):
        return True
    head = re.split(r"[./]", name)[1 if name.startswith("@") else 0]
    return any(head in re.split(r"[./]", path)[:-1] for path in walk.repository.paths)


def _given_an_address(walk: Walk, node: Call, node_path: NodePath) -> bool:
    """Does any argument, or option in an object, hold an address?"""
    values = [arg.value for arg in node.args]
    for value in tuple(values):
        for obj, scope in objects(walk.repository, value, node_path.scope):
            values += [item.value for item, _ in entries(walk.repository, obj, scope)]
    return any(
        isinstance(origin.node, Str) and (find_urls(origin.node.value) or origin.node.value.startswith(("http://", "https://")))
        for value in values
        for origin in origins(walk.repository, value, node_path.scope)
    )

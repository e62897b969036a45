"""Files that name OpenRouter nowhere and send requests to an address that they are given: `Assistant(base_url=BASE, api_key=KEY)` of a class elsewhere.

Only the call names the address. What the class sends there, and with which key, is found where the class stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migrator.catalog.urls import find_urls
from migrator.catalog.variables import says_openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import FOLLOWED
from migrator.facts.model import Facts
from migrator.facts.read import read
from migrator.formats.tree import Attr, Call, Index, Join, Name, Node, Obj, Str
from migrator.resolve.context import NodePath
from migrator.resolve.definitions import class_of, functions
from migrator.resolve.modules import is_local
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope, dotted

MOST_FILES = 100
"""Files that may be read in this way."""
MOST_ROUNDS = 3
"""Classes that hand an address on to one in another file."""


def receivers(repository: Repository, facts: Collection[Facts], names: frozenset[str] = frozenset()) -> list[Facts]:
    """Facts of the files whose classes and functions are given an address. `names`: further variables that are of interest."""
    known = {each.path for each in facts}
    fresh, handing_on = list(facts), False
    found: list[Facts] = []
    for _ in range(MOST_ROUNDS):
        paths = {path for each in fresh for path in _given_one(repository, each, known, handing_on=handing_on)}
        fresh = [read(repository.files[path], repository, names) for path in sorted(paths)[: MOST_FILES - len(found)]]
        known |= paths
        found += fresh
        handing_on = True
        if not fresh:
            break
    return found


def _given_one(repository: Repository, facts: Facts, known: set[str], *, handing_on: bool) -> Iterator[str]:
    """The files, without those of `known`, whose functions the calls of one file give an address. `handing_on`: or a parameter."""
    file = repository.files.get(facts.path)
    if file is None or file.module.language not in FOLLOWED or path_kinds.is_test(facts.path):
        return
    for step in facts.calls:
        values = list(_values(step.node)) if isinstance(step.node, Call) else []
        if not values or not isinstance(step.node, Call) or not _is_imported(repository, step.node.func, step):
            continue
        paths = {path for path in _defined_in(repository, step.node.func, step.scope) if path not in known}
        if paths and any(
            _is_address(origin, handing_on=handing_on) for value in values for origin in origins(repository, value, step.scope)
        ):
            yield from paths


def _values(call: Call) -> Iterator[Node]:
    """What a call is given, and the entries of an object that it is given."""
    for arg in call.args:
        for node in (item.value for item in arg.value.items) if isinstance(arg.value, Obj) else (arg.value,):
            if isinstance(node, Name | Attr | Index | Call | Join | Str):
                yield node


def _is_imported(repository: Repository, func: Node, step: NodePath) -> bool:
    """Does a callee come from another file of the tree, as far as its name says?"""
    if not isinstance(func, Name | Attr):
        return False
    root: Node = func
    while isinstance(root, Attr):
        root = root.base
    if not isinstance(root, Name) or not any(binding.imported is not None for binding in step.scope.lookup(root.id)):
        return False
    name = dotted(func, step.scope)
    return (
        name is not None and "()" not in name and (name.startswith((".", "@/", "~")) or is_local(repository, name, step.scope.path))
    )


def _defined_in(repository: Repository, func: Node, scope: Scope) -> Iterator[str]:
    made = class_of(repository, func, scope)
    if made is not None:
        yield made.path
    yield from (inner.path for _, inner in functions(repository, func, scope))


def _is_address(origin: Origin, *, handing_on: bool) -> bool:
    """Is a value an address of OpenRouter's, or a variable of that name?"""
    match origin.kind:
        case From.LITERAL:
            return isinstance(origin.node, Str) and bool(find_urls(origin.node.value))
        case From.ENV:
            return says_openrouter(origin.name.upper())
        case From.PARAM:
            return handing_on
        case _:
            return False

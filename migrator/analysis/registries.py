"""Registries: tables, branches and folders of several vendors from which a program chooses at run time.

What is chosen from one stays, because the new gateway is one more choice to be added. What does not read it decides by itself, and names
alone (a type union, icons, a price list) are no registry: it takes addresses, key variables or constructors of other vendors.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache

from migrator.analysis.analysis import Analysis
from migrator.catalog import openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import FactKind, UrlFact
from migrator.formats.tree import (
    Alt,
    Arg,
    Attr,
    Call,
    Class,
    Compare,
    Func,
    If,
    Import,
    Item,
    Name,
    Node,
    Obj,
    Param,
    Seq,
    Str,
    children,
    descendants,
)
from migrator.patterns import regex
from migrator.resolve.context import Identity, NodePath, identity_of
from migrator.resolve.definitions import class_of, functions
from migrator.resolve.modules import local_module
from migrator.resolve.repository import Repository

_ENDINGS = ("py", "ts", "tsx", "js", "mjs")
MOST_BESIDE = 60
"""Files in a vendor's folder whose imports are looked at."""
_SUFFIX = regex(r"(provider|client|adapter|service|llm|model|models|backend|engine|api)$")
_VENDOR_FOLDER = regex(r"(llm|ai|model)?[_-]?(providers?|vendors?|adapters?|backends?|engines?|drivers?)", re.IGNORECASE)
_OF_EVERY_CLIENT = frozenset(
    {"main", "constructor", "getapikey", "getapitoken", "apikey", "close", "init", "isconfigured", "isavailable"}
)
_AMBIGUOUS = frozenset({"local", "custom", "google", "together", "meta"})
"""Names of vendors that name other things at least as often."""


@cache
def vendor_traces() -> re.Pattern[str]:
    """Addresses and key variables of other vendors, as they are spelled in programs."""
    vendors = openrouter()["vendors"]
    return re.compile("|".join(re.escape(word) for word in (*vendors["hosts"], *vendors["key_variables"])))


@cache
def vendor_names() -> frozenset[str]:
    """Names of other vendors, squashed."""
    return frozenset(squashed(name) for name in openrouter()["vendors"]["names"]) - {"openrouter"}


def squashed(text: str) -> str:
    """A name without what separates its words, in small letters."""
    return re.sub(r"[\s_.-]", "", text).lower()


def in_table(analysis: Analysis, site: UrlFact) -> bool:
    """Is an address one entry of a table with addresses or keys of other vendors beside it?"""
    child: object = site.node_path.node
    text = analysis.repository.files[site.path].source.text
    if _LARAVEL.search(site.path) and not _asked_by_part(analysis, site):
        return False
    for step in site.node_path.ancestors():
        node = step.node
        if isinstance(node, (Func, Class)):
            return False
        if isinstance(node, (Obj, Seq)) and not _is_setting(child):
            others = [part for part in node.items if part is not child and not _is_facet(part)]
            if any(vendor_traces().search(text, *part.span) for part in others):
                return True
        child = node
    return False


_LARAVEL = regex(r"(?:^|/)config/\w+\.php$")
_SETTING_OF_LARAVEL = regex(
    r"\bconfig(?:\(|::get\()\s*(?P<quote>['\"])(?P<path>[\w.\-${}\[\]>]*)(?P=quote)\s*(?P<next>.)", re.IGNORECASE
)


def _asked_by_part(analysis: Analysis, site: UrlFact) -> bool:
    """Does a program ask for one of Laravel's settings by a name that is put together, or for the whole table that the address is in?

    `config('services.openrouter.url')` chooses nothing; `config("services.$vendor.url")` and `config('ai.providers')` may.
    """
    stem = site.path.rpartition("/")[2].removesuffix(".php")
    keys = [
        step.node.key.value for step in site.node_path.ancestors() if isinstance(step.node, Item) and isinstance(step.node.key, Str)
    ]
    whole = ".".join([stem, *reversed(keys)])
    by_name = False
    for file in analysis.repository.files.values():
        for asked in _SETTING_OF_LARAVEL.finditer(file.source.text) if file.module.language == "php" else ():
            path = asked["path"]
            if not f"{path}.".startswith(f"{stem}."):
                continue
            above = path != whole and f"{whole}.".startswith(f"{path.rstrip('.')}.") and "openrouter" not in path.lower()
            if "$" in path or asked["next"] == "." or above:
                return True
            by_name = by_name or "openrouter" in path.lower()
    return not by_name


_FACET = regex(
    r"(?:api)?[_-]?(?:key|token|secret)|(?:default|extra)?[_-]?headers|auth(?:orization)?|bearer|credentials", re.IGNORECASE
)


def _is_facet(entry: object) -> bool:
    """`apiKey: …`, `headers: …` beside `baseURL: …`: what one client is given, however its variable is called; no choice of a vendor."""
    key = entry.key if isinstance(entry, Item) else None
    return isinstance(key, Str) and _FACET.fullmatch(key.value) is not None


def _is_setting(entry: object) -> bool:
    """`openrouterBaseUrl: …`: an entry that says which setting of which vendor it is, and is read by that name; no choice of a vendor."""
    key = entry.key if isinstance(entry, Item) else None
    name = squashed(key.value) if isinstance(key, Str) else ""
    return "openrouter" in name and name not in ("openrouter", "openrouterai")


def in_branch(analysis: Analysis, path: str, node_path: NodePath) -> bool:
    """Does a place run only where `provider == "openrouter"`, with other vendors in the other branches?"""
    text = analysis.repository.files[path].source.text
    outermost: Node | None = None
    named = False
    for step in node_path.ancestors():
        node = step.node
        if isinstance(node, (Func, Class)):
            break
        if isinstance(node, If) or (isinstance(node, Alt) and node.test is not None):
            outermost = node
            named = named or (node.test is not None and any(squashed(name) == "openrouter" for name in _compared(node.test)))
    if outermost is None or not named:
        return False
    if vendor_traces().search(text, *outermost.span) or any(squashed(name) in vendor_names() for name in _compared(outermost)):
        return True
    # `if provider is X: return …` one below the other
    owner = next((step.node for step in node_path.ancestors() if isinstance(step.node, Func)), None)
    return isinstance(owner, Func) and any(
        squashed(name) in vendor_names() for part in owner.body if isinstance(part, If) for name in _compared(part.test)
    )


def is_chosen(analysis: Analysis, path: str, node_path: NodePath) -> bool:
    """Is a place reached only through a choice among vendors: a table of constructors, a folder of vendors, a branch?"""
    if path in analysis.vendor_siblings or in_branch(analysis, path, node_path):
        return True
    return any(step.identity in analysis.chosen_makers for step in (node_path, *node_path.ancestors())) or _among_vendors(node_path)


def _among_vendors(node_path: NodePath) -> bool:
    """`{ openai: createOpenAI(…), openrouter: createOpenRouter(…) }`: a call that stands in the table itself."""
    for step in node_path.ancestors():
        if isinstance(step.node, (Func, Class)):
            return False
        if isinstance(step.node, Obj):
            names = {squashed(item.key.value) for item in step.node.items if isinstance(item.key, Str)}
            if "openrouter" in names and len(names & vendor_names()) >= 1:
                return True
    return False


def by_shape_of_key(analysis: Analysis, path: str, node_path: NodePath) -> bool:
    """Does a place run only where a key has OpenRouter's shape, so that a key of the target takes the other branch?"""
    text = analysis.repository.files[path].source.text
    prefix = openrouter()["keys"]["prefix"]
    for step in node_path.ancestors():
        node = step.node
        if isinstance(node, (Func, Class)):
            return False
        if isinstance(node, (If, Alt)) and node.test is not None and prefix in text[node.test.span.start : node.test.span.end]:
            return True
    return False


def _compared(node: Node | Arg | Item | Param) -> Iterator[str]:
    """Texts that something is compared with."""
    if isinstance(node, Compare):
        for part in node.parts:
            if isinstance(part, Str):
                yield part.value
            elif isinstance(part, Attr):
                yield part.name
    for child in children(node):
        if not isinstance(child, (Str, Name)):
            yield from _compared(child)


def chosen_makers(analysis: Analysis) -> frozenset[Identity]:
    """The functions and classes that a table of constructors has under OpenRouter's name, beside those of other vendors."""
    makers: set[Identity] = set()
    for path, facts in analysis.facts.items():
        for mark in facts.marked(FactKind.REGISTRY):
            node = mark.node_path.node if mark.node_path is not None else None
            if not isinstance(node, Obj) or mark.node_path is None or not analysis.code(path):
                continue
            for item in node.items:
                name = item.key.value if isinstance(item.key, Str) else item.key.name if isinstance(item.key, Attr) else ""
                if squashed(name) == "openrouter":
                    makers |= _made_by(analysis, item.value, mark.node_path)
    return frozenset(makers)


def constructor_tables(analysis: Analysis) -> list[str]:
    """The files with such a table, also where it makes the client itself: `{ openrouter: createOpenRouter(…), openai: … }`."""
    tables: set[str] = set()
    for path, facts in analysis.facts.items():
        for mark in facts.marked(FactKind.REGISTRY) if analysis.code(path) else ():
            node = mark.node_path.node if mark.node_path is not None else None
            for item in node.items if isinstance(node, Obj) else ():
                named = isinstance(item.key, Str) and squashed(item.key.value) == "openrouter"
                if named and isinstance(item.value, (Name, Attr, Call, Func)):
                    tables.add(path)
    return sorted(tables)


def _made_by(analysis: Analysis, value: Node, node_path: NodePath) -> set[Identity]:
    if isinstance(value, Func):
        return {identity_of(node_path.scope.path, value)}
    func = value.func if isinstance(value, Call) else value
    if not isinstance(func, (Name, Attr)):
        return set()
    made = {identity_of(scope.path, func) for func, scope in functions(analysis.repository, func, node_path.scope)}
    owner = class_of(analysis.repository, func, node_path.scope)
    return made | ({identity_of(owner.path, owner.node)} if owner is not None and owner.node is not None else set())


def sibling_folders(repository: Repository) -> dict[str, list[str]]:
    """Files of OpenRouter's (`providers/openrouter.py`) with the files of other vendors beside them (`providers/anthropic.py`).

    Files that merely stand beside each other are no choice: a program that makes pictures with one vendor and texts with another needs
    both. They are one where the folder is called so, or where both files offer something of the same name and some file uses it from both,
    or from neither by name.
    """
    of_openrouter: dict[tuple[str, str], list[str]] = {}
    others: dict[tuple[str, str], list[str]] = {}
    for path in sorted(repository.paths):
        folder, name = posixpath.split(path)
        vendor, purpose = _vendor_of(name)
        if not vendor or path_kinds.is_test(path):
            continue
        files = of_openrouter if vendor == _OPENROUTER else others
        files.setdefault((folder, purpose), []).append(path)
    siblings: dict[str, list[str]] = {}
    for (folder, purpose), paths in of_openrouter.items():
        for path in paths:
            beside = others.get((folder, purpose), [])
            if not _VENDOR_FOLDER.fullmatch(posixpath.basename(folder)):
                offered = _offered(repository, path)
                beside = [
                    other for other in beside if offered & _offered(repository, other) and _is_chosen(repository, path, other)
                ]
            if beside:
                siblings[path] = beside
    return siblings


def _is_chosen(repository: Repository, path: str, other: str) -> bool:
    """May a program choose between two files: does one use both, or their folder, or nobody either of them by its name?"""
    folder = posixpath.dirname(path)
    users = 0
    for user in _near(repository, folder):
        imported, used = _modules(repository, user)
        if path in imported or other in imported:
            users += 1
            if path in used and other in used:
                return True
        elif any(posixpath.dirname(module) == folder and posixpath.basename(module).startswith(_FRONT) for module in used):
            return True
    return users == 0


def _near(repository: Repository, folder: str) -> list[str]:
    """The files that were read, and programs beside the vendors' files, which need not name OpenRouter."""
    beside = [path for path in sorted(repository.paths) if posixpath.dirname(path) == folder and path.endswith(_PROGRAMS)]
    return [*repository.files, *(path for path in beside[:MOST_BESIDE] if path not in repository.files)]


_PROGRAMS = tuple(f".{ending}" for ending in _ENDINGS)
_FRONT = ("__init__.", "index.")
"""Files that stand for their folder."""


def _modules(repository: Repository, path: str) -> tuple[set[str], set[str]]:
    """Files of this tree that a file imports something from, and those of which it uses it or passes it on."""
    file = repository.file(path)
    nodes = list(descendants(file.module)) if file is not None else []
    names = {node.id for node in nodes if isinstance(node, Name)}
    imported: set[str] = set()
    used: set[str] = set()
    for node in nodes:
        if isinstance(node, Import) and (module := local_module(repository, path, node.module)) is not None:
            imported.add(module)
            if node.reexport or node.local in names or node.local in ("", "*"):
                used.add(module)
    return imported, used


_OPENROUTER = "openrouter"


def _vendor_of(name: str) -> tuple[str, str]:
    """The vendor that a program's file is named after, and what it is for: `openai-speech.ts` is OpenAI's for speech; "" for other files."""
    stem, _, end = name.partition(".")
    if not end.endswith(_ENDINGS) or "test" in end:
        return "", ""
    word = re.sub(r"[^a-z]", "", stem.lower())
    vendors = (vendor_names() - _AMBIGUOUS) | {_OPENROUTER}
    if (whole := _SUFFIX.sub("", word)) in vendors:
        return whole, ""
    first = _FIRST_WORDS.match(stem)
    vendor = re.sub(r"[^a-z]", "", first[0].lower()) if first is not None else ""
    return (vendor, _SUFFIX.sub("", word.removeprefix(vendor))) if vendor in vendors else ("", "")


_FIRST_WORDS = regex(r"(?i:open[-_]?router)(?=[-_A-Z])|[A-Z]?[a-z]+(?:(?i:ai)|AI)?(?=[-_A-Z])")
"""What a file that is for one purpose of a vendor begins with: `openRouterSpeech`, `mistral_embeddings`."""


def _offered(repository: Repository, path: str) -> set[str]:
    """The functions of a file and the methods of its classes, without the vendor's name in theirs."""
    file = repository.file(path)
    if file is None or file.module.language not in PROGRAMS:
        return set()
    vendor, _ = _vendor_of(posixpath.basename(path))
    names: set[str] = set()
    for name, bindings in file.scopes.root.names.items():
        for binding in bindings if not name.startswith("_") else ():
            if binding.func is not None or isinstance(binding.value, Func):
                names.add(squashed(name).replace(vendor, ""))
            elif binding.cls is not None and binding.imported is None:
                methods = [part for part in binding.cls.body if isinstance(part, Func) and not part.name.startswith(("_", "#"))]
                names |= {squashed(method.name).replace(vendor, "") for method in methods}
    return names - _OF_EVERY_CLIENT

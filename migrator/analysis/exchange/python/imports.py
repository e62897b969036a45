"""The imports of a package that goes, and the names that they brought: what takes their place, or why that is not known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from migrator.analysis.exchange.model import Place
from migrator.analysis.exchange.paths import node_paths
from migrator.analysis.exchange.python.clients import where
from migrator.analysis.exchange.python.mentions import Mention, imports_of, names_of
from migrator.analysis.exchange.python.model import FileDraft
from migrator.analysis.hidden_clients import python
from migrator.analysis.hidden_clients.model import Analysed
from migrator.formats.tree import Arg, Call, Class, Import, Str
from migrator.model import Edit, Span
from migrator.resolve.modules import local_module


def imports(analysis: Analysed, draft: FileDraft, path: str, places: Sequence[Place]) -> tuple[Span, ...]:
    """Edits for the imports of the package and for the names they brought; the spans of the statements."""
    file = analysis.repository.files[path]
    package = places[0].exchange.module
    nodes = [node for node in imports_of(file, package) if local_module(analysis.repository, path, node.module) is None]
    known = _known(places)
    mentions = names_of(file, package, frozenset(known))
    # by `id`: the names of one statement share its span
    chosen: dict[int, list[tuple[Mention, str]]] = {}
    for mention in mentions:
        new = _counterpart(draft, places, mention, known)
        if new is None:
            draft.refuse(f"`{mention.qualified}` ({where(analysis, path, mention.node_path)}) has no counterpart that was tried")
            continue
        if _is_base(mention):
            draft.refuse(f"a class is derived from `{mention.qualified}` ({where(analysis, path, mention.node_path)})")
        chosen.setdefault(id(mention.imported), []).append((mention, new))
    for node in nodes:
        if node.name == "*" or node.reexport:
            draft.refuse(f"everything of {package} is imported at {path}:{file.lines.line(node.span.start)}")
    _named_elsewhere(analysis, draft, path, [node.local for node in nodes if id(node) in chosen])
    rows: list[tuple[Span, dict[str, dict[str, None]]]] = []
    for statement in dict.fromkeys(node.span for node in nodes):
        of_statement = [node for node in nodes if node.span == statement]
        rows.append((Span(*statement), _wanted(draft, path, file.source.text, of_statement, chosen)))
    _gather(file.source.text, rows)
    for span, wanted in rows:
        _statement(analysis, draft, path, package, span, wanted)
    return tuple(dict.fromkeys(Span(*node.span) for node in nodes))


def _known(places: Sequence[Place]) -> dict[str, str]:
    """What the names of the package become: classes under each of their names, errors, types."""
    known: dict[str, str] = {}
    for place in places:
        known |= {callee: place.exchange.new for callee in place.row.callees["python"] if not callee.endswith(".*")}
        known |= place.exchange.names
    return known


def _counterpart(draft: FileDraft, places: Sequence[Place], mention: Mention, known: dict[str, str]) -> str | None:
    """What a name becomes; a class whose calls are awaited has another counterpart than one whose calls are not."""
    new = known.get(mention.qualified)
    exchange = next((place.exchange for place in places if place.exchange.new == new), None)
    if new is None or exchange is None or not exchange.awaited:
        return new
    up = mention.node_path.up
    if up is not None and isinstance(up.node, Call) and up.identity in draft.awaited:
        return exchange.awaited if draft.awaited[up.identity] else exchange.new
    ways = set(draft.awaited.values())
    return {frozenset((True,)): exchange.awaited, frozenset((False,)): exchange.new}.get(frozenset(ways))


def _is_base(mention: Mention) -> bool:
    up = mention.node_path.up
    return up is not None and isinstance(up.node, Arg) and up.up is not None and isinstance(up.up.node, Class)


def _named_elsewhere(analysis: Analysed, draft: FileDraft, path: str, names: list[str]) -> None:
    """Other files that import the class from here, and texts that name it (`patch("app.llm.ChatOpenRouter")`)."""
    if not names:
        return
    ending = re.compile(rf"(?:^|\.)(?:{'|'.join(map(re.escape, sorted(set(names))))})$")
    for other, file in sorted(analysis.repository.files.items()):
        if file.module.language != "python":
            continue
        for step in node_paths(file):
            node = step.node
            if isinstance(node, Str) and ending.search(node.value):
                draft.refuse(f"{where(analysis, other, step)} names it in a text: {node.value}")
            elif isinstance(node, Import) and node.name in names and other != path and _means(analysis, other, node.module, path):
                draft.refuse(f"{where(analysis, other, step)} imports it from here")


def _means(analysis: Analysed, importer: str, module: str, path: str) -> bool:
    return local_module(analysis.repository, importer, module) == path


def _wanted(
    draft: FileDraft, path: str, text: str, nodes: list[Import], chosen: dict[int, list[tuple[Mention, str]]]
) -> dict[str, dict[str, None]]:
    """What one statement has to import instead, by module (`""` for whole modules); the names that change are edited."""
    wanted: dict[str, dict[str, None]] = {}
    for node in nodes:
        for mention, new in chosen.get(id(node), ()):
            module, _, name = new.rpartition(".")
            written = text[slice(*mention.node_path.node.span)]
            if node.name is None or mention.qualified != f"{node.module}.{node.name}":  # a module was imported
                wanted.setdefault("", {})[f"import {module}"] = None
                draft.edits.append(_renamed(path, mention, written, new))
            elif node.local_span is not None:
                wanted.setdefault(module, {})[f"{name} as {node.local}"] = None
            else:
                wanted.setdefault(module, {})[name] = None
                if written != name:
                    draft.edits.append(_renamed(path, mention, written, name))
    return wanted


def _gather(text: str, rows: list[tuple[Span, dict[str, dict[str, None]]]]) -> None:
    """Names of one module stand in the first statement of the module's top that imports from it."""
    first: dict[str, dict[str, None]] = {}
    for span, wanted in rows:
        if span.start and text[span.start - 1] != "\n":
            continue
        for module in list(wanted):
            if module and module in first:
                first[module] |= wanted.pop(module)
            elif module:
                first[module] = wanted[module]


def _statement(
    analysis: Analysed, draft: FileDraft, path: str, package: str, span: Span, wanted: dict[str, dict[str, None]]
) -> None:
    """One import statement: the imports that take its place, or nothing where the file has them already."""
    file = analysis.repository.files[path]
    text = file.source.text
    statements = [
        *wanted.get("", {}),
        *(f"from {module} import {', '.join(sorted(names))}" for module, names in wanted.items() if module),
    ]
    start = text.rfind("\n", 0, span.start) + 1
    indent = text[start : span.start]
    lacking = [statement for statement in statements if not _there(analysis, draft, path, package, statement)]
    if indent and not indent.strip():  # it may be all that a block has: a second import of the same name does no harm there
        lacking = statements or ["pass"]
    end = "\r\n" if "\r\n" in text else "\n"
    if lacking:
        new = f"{end}{indent}".join(lacking)
        draft.edits.append(Edit(path=path, span=span, old=text[slice(*span)], new=new))
    elif not indent:
        stop = text.find("\n", span.end)
        whole_line = Span(start, len(text) if stop < 0 else stop + 1)
        if text[span.end : whole_line.end].strip():
            whole_line = span
        draft.edits.append(Edit(path=path, span=whole_line, old=text[slice(*whole_line)], new=""))
    else:
        draft.refuse(f"{path}:{file.lines.line(span.start)} imports it behind another statement of the same line")


def _renamed(path: str, mention: Mention, written: str, new: str) -> Edit:
    return Edit(path=path, span=Span(*mention.node_path.node.span), old=written, new=new)


def _there(analysis: Analysed, draft: FileDraft, path: str, package: str, statement: str) -> bool:
    """Does the file import this already? A name that means something else there stops the exchange."""
    scope = analysis.repository.files[path].scopes.root
    match = re.fullmatch(r"(?:from (?P<module>[\w.]+) )?import (?P<names>.+)", statement)
    assert match is not None
    there = []
    for part in match["names"].split(", "):
        name, _, alias = part.partition(" as ")
        local = alias or name.split(".")[0]
        bindings = scope.names.get(local, [])
        others = [binding for binding in bindings if binding.imported is None or not _goes(package, binding.imported)]
        same = [
            binding
            for binding in others
            if binding.imported is not None
            and (binding.imported.module, binding.imported.name) == ((match["module"], name) if match["module"] else (name, None))
        ]
        if others and not same:
            draft.refuse(f"the name {local} is taken in {path}")
        there.append(bool(same))
    return all(there)


def _goes(package: str, node: Import) -> bool:
    """Is this an import that the exchange takes away?"""
    return node.module == package or node.module.startswith(f"{package}.")


def add_imports(analysis: Analysed, draft: FileDraft, path: str, places: Sequence[Place]) -> None:
    """The imports that reads of the key and new arguments need."""
    maker = next((place.client for place in places if place.client is not None), None)
    if maker is None or not draft.statements:
        return
    lacking = python.missing(maker.node_path, list(dict.fromkeys(draft.statements)))
    if isinstance(lacking, str):
        draft.refuse(lacking)
        return
    draft.edits += python.import_edits(analysis.repository.files[path], lacking)

"""Entries of Secrets and ConfigMaps of a cluster from which a renamed variable takes its value: `key: openrouter-api-key`.

The old entry holds OpenRouter's key, and it may be set in every cluster that runs the program. A renamed variable therefore asks for an
entry of another name, which is made where the object stands in this tree and which a to-do names in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Variable
from migrator.analysis.variables.decide import cluster_entry
from migrator.facts.model import EnvFact
from migrator.findings.edits import address_edits, edit
from migrator.formats.tree import EnvRef, Item, Node, Obj, Str
from migrator.model import Edit, Span
from migrator.text.secrets import is_placeholder


def new_entry(old: str, new: str) -> str:
    """The name of the new entry, spelled like the old one: `mg-key`, `mg_key`, `mgKey`, `MG_KEY`."""
    if old.isupper():
        return new
    if "_" in old or "-" in old or "." in old or old.islower():
        return re.sub("_", "_" if "_" in old else "." if "." in old and "-" not in old else "-", new.lower())
    head, *rest = new.lower().split("_")
    return head + "".join(word.capitalize() for word in rest)


def entry_edits(analysis: Analysis, variable: Variable, fact: EnvFact) -> tuple[Edit, ...]:
    """The reference to the entry under its new name; nothing where the value comes from elsewhere, or the entry is called as the variable."""
    ref = cluster_entry(fact)
    if ref is None or variable.new_name is None:
        return ()
    return (edit(fact.path, analysis.repository.files[fact.path].source, ref.name_span, new_entry(ref.name, variable.new_name)),)


def object_edits(analysis: Analysis, variable: Variable, fact: EnvFact) -> Iterator[tuple[str, Span, tuple[Edit, ...]]]:
    """Path, span and edits of the entry in the objects of this tree: renamed where it holds no secret, else an empty one below it."""
    ref = cluster_entry(fact)
    if ref is None or variable.new_name is None:
        return
    entry = new_entry(ref.name, variable.new_name)
    for path, item in _entries(analysis, ref):
        source = analysis.repository.files[path].source
        assert isinstance(item.key, Str)
        value = item.value
        if isinstance(value, Str) and (not value.value.strip() or is_placeholder(value.value) or variable.is_address):
            moved = address_edits(path, source, value.span, analysis.target) if variable.is_address else ()
            yield path, item.key.span, (edit(path, source, item.key.inner, entry), *moved)
        else:
            start = max(source.text.rfind("\n", 0, item.span.start), -1) + 1
            indent = source.text[start : item.key.span.start]
            if not indent.strip():
                ending = "\r\n" if "\r\n" in source.text else "\n"
                line = Edit(path=path, span=Span(start, start), old="", new=f'{indent}{entry}: ""{ending}')
                yield path, item.key.span, (line,)


def _entries(analysis: Analysis, ref: EnvRef) -> Iterator[tuple[str, Item]]:
    """The entries of the objects that a reference means, wherever they stand in the tree."""
    kind, _, store = ref.owner.removeprefix("store:k8s-").partition(":")
    wanted = "Secret" if kind == "secret" else "ConfigMap"
    for path, file in sorted(analysis.repository.files.items()):
        for document in file.module.body if file.module.language == "yaml" else ():
            if _text(_value(document, "kind")) != wanted or _text(_value(_value(document, "metadata"), "name")) != store:
                continue
            for part in ("stringData", "data"):
                holder = _value(document, part)
                for item in holder.items if isinstance(holder, Obj) else ():
                    if isinstance(item.key, Str) and item.key.value == ref.name:
                        yield path, item


def _value(node: Node | None, key: str) -> Node | None:
    items = node.items if isinstance(node, Obj) else ()
    return next((item.value for item in items if isinstance(item.key, Str) and item.key.value == key), None)


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Str) else ""

"""A ready-made client that a module exports becomes one that is made in the file, with its own address and key."""

from __future__ import annotations

import re

from migrator.analysis.hidden_clients import ecma
from migrator.analysis.hidden_clients.calls import dialect
from migrator.analysis.hidden_clients.model import Addition, Analysed
from migrator.facts.model import Fact
from migrator.formats.tree import Import
from migrator.integrations.schema import Client
from migrator.model import Edit, Span


def ready_made(analysis: Analysed, row: Client, marks: list[Fact]) -> Addition | str:
    """`import { openrouter }` becomes `import { createOpenRouter }` and a client of that name made below the imports."""
    give = row.give
    assert give is not None
    assert row.key.env is not None
    path = marks[0].path
    if give.instance is None:
        return row.advice
    file = analysis.repository.files[path]
    if said := dialect(analysis, row):
        return said
    imports = [node for node in file.module.body if isinstance(node, Import)]
    instances = [node for node in imports if node.module == give.module and node.name == give.instance]
    if len(instances) != 1 or instances[0].name_span is None or instances[0].type_only or instances[0].reexport:
        return f"the ready-made `{give.instance}` is not imported by name in this file"
    text = file.source.text
    node = instances[0]
    assert node.name_span is not None
    if not text.startswith("import", node.span.start) or path.endswith((".vue", ".svelte", ".astro", ".html", ".htm")):
        return f"the ready-made `{give.instance}` is not imported by a plain import statement"
    read = ecma.reader(analysis, file, row, at_load=True)
    if isinstance(read, tuple):
        return read[0]
    makers = [other for other in imports if other.module == give.module and other.name == give.name]
    if not makers and file.scopes.root.names.get(give.name):
        return f"the name {give.name} is taken in this file"
    specifier = Span(node.name_span.start, node.local_span.end if node.local_span is not None else node.name_span.end)
    if makers:
        maker, specifier = makers[0].local, _with_comma(text, specifier)
        first = Edit(path=path, span=specifier, old=text[specifier.start : specifier.end], new="")
    else:
        maker = give.name
        first = Edit(path=path, span=specifier, old=text[specifier.start : specifier.end], new=maker)
    quote = ecma.quote(text)
    pairs = [
        (row.url.names["ecma"][0], f"{quote}{analysis.target.openai_base}{quote}"),
        *([(row.key.names["ecma"][0], read)] if read else []),
    ]
    pairs += [(name, ecma.quoted(text, value)) for name, value in give.extra.items()]
    at = max(node.span.end for node in imports if text.startswith("import", node.span.start) and not _dynamic(text, node))
    if text[at : at + 1] == ";":
        at += 1
    stop = ";" if text[at - 1 : at] == ";" else ""
    end = "\r\n" if "\r\n" in text else "\n"
    made = f"{end}{end}const {node.local} = {maker}({ecma.written(pairs)}){stop}"
    return Addition(
        path=path,
        span=Span(*node.span),
        message=f"the ready-made `{give.instance}` becomes a client with its own address and key",
        edits=(first, Edit(path=path, span=Span(at, at), old="", new=made)),
        names=frozenset({row.key.env}),
        marks=tuple(marks),
    )


def _dynamic(text: str, node: Import) -> bool:
    return bool(re.match(r"import\s*\(", text[node.span.start : node.span.start + 20]))


def _with_comma(text: str, span: Span) -> Span:
    """A specifier with the comma and space that go with it."""
    if after := re.compile(r"\s*,\s*").match(text, span.end):
        return Span(span.start, after.end())
    before = re.search(r"\s*,\s*$", text[: span.start])
    return Span(before.start(), span.end) if before else span

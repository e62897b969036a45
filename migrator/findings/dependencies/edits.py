"""Entries of manifests put beside others, in place of others, or taken out, the way the file is laid out."""

from __future__ import annotations

import re
from string import Template

from migrator.facts.manifests.model import Ecosystem, Form, Listed, split
from migrator.model import Edit, Span


def replaced(ecosystem: Ecosystem, entry: Listed, requirement: str, text: str) -> Edit:
    """The new requirement where the old one stood; a marker (`; python_version < "3.12"`) and a comment stay."""
    old = text[entry.span.start : entry.span.end]
    new = _written(ecosystem, entry, requirement, old)
    if entry.form is Form.LINE:
        new += _rest_of_line(old)
    return Edit(path=entry.path, span=entry.span, old=old, new=new)


def beside(ecosystem: Ecosystem, entry: Listed, requirement: str, text: str) -> Edit:
    """The new requirement behind an entry that stays."""
    old = text[entry.span.start : entry.span.end]
    new = _written(ecosystem, entry, requirement, old)
    end = "\r\n" if "\r\n" in text else "\n"
    line = text.rfind("\n", 0, entry.span.start) + 1
    indent = text[line : entry.span.start]
    at = Span(entry.span.end, entry.span.end)
    comma = "," if "[" in text[:line] and entry.form in (Form.ELEMENT, Form.NAME) and old[:1] in "\"'" else ""
    if entry.form is Form.ENTRY and old.startswith('"'):
        comma = ","
    if entry.form is Form.TABLE:
        return Edit(path=entry.path, span=at, old="", new=f"{end}{end}{new}")
    rest = re.match(r",[ \t]*#[^\r\n]*", text[entry.span.end :])
    if comma and rest is not None and not indent.strip():  # the comment speaks of the entry that stays
        at = Span(entry.span.end + rest.end(), entry.span.end + rest.end())
        return Edit(path=entry.path, span=at, old="", new=f"{end}{indent}{new},")
    if entry.form is Form.LINE or not indent.strip(" \t-"):
        return Edit(path=entry.path, span=at, old="", new=f"{comma}{end}{indent}{new}")
    return Edit(path=entry.path, span=at, old="", new=f", {new}")


def removed(entry: Listed, text: str) -> Edit:
    """Nothing where an entry stood: its line with it where it stands alone, else the comma that parted it from its neighbour."""
    start, end = entry.span
    line = text.rfind("\n", 0, start) + 1
    rest = re.match(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)", text[end:])
    if not text[line:start].strip(" \t-") and rest is not None:
        if entry.form is Form.ENTRY and text[start] == '"' and "," not in rest[0]:  # the last entry of a JSON object
            before = re.search(r",\s*$", text[:line])
            if before is not None:
                return _edit(entry.path, Span(before.start(), end), text)
        return _edit(entry.path, Span(line, end + rest.end()), text)
    after = re.match(r"[ \t]*,[ \t]*", text[end:])
    if after is not None:
        return _edit(entry.path, Span(start, end + after.end()), text)
    before = re.search(r"[ \t]*,[ \t]*$", text[:start])
    return _edit(entry.path, Span(before.start() if before else start, end), text)


def _edit(path: str, span: Span, text: str) -> Edit:
    return Edit(path=path, span=span, old=text[span.start : span.end], new="")


def _written(ecosystem: Ecosystem, entry: Listed, requirement: str, beside_text: str) -> str:
    name, bound = split(requirement)
    if entry.form is Form.TABLE:
        head = beside_text.partition("]")[0].rpartition(".")[0]
        end = "\r\n" if "\r\n" in beside_text else "\n"
        return end.join((f"{head}.{name}]", f'version = "{bound}"', *entry.options))
    if entry.form is Form.ENTRY and entry.options:
        return f'{name} = {{ version = "{bound}", {", ".join(entry.options)} }}'
    plain = Template(ecosystem.bounds[entry.form]).substitute(name=name, bound=bound or "*")
    if entry.form not in (Form.ELEMENT, Form.NAME):
        return plain
    quote = beside_text[0] if beside_text[:1] in ('"', "'") else ""
    marker = re.search(r"[ \t]*;[^\r\n]*", beside_text[: len(beside_text) - len(quote)])
    return f"{quote}{plain}{marker[0] if marker else ''}{quote}"


def _rest_of_line(old: str) -> str:
    """A marker and a comment behind a requirement; hashes and a continuation go with the version that they belong to."""
    marker = re.search(r"[ \t]*;[^#\\\r\n]*", old)
    comment = re.search(r"[ \t]+#[^\r\n]*", old)
    return (marker[0].rstrip() if marker else "") + (comment[0] if comment else "")

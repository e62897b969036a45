"""Keys typed into a program: the line is switched off, and one below it reads the new variable.

A comment sign is all that is put before the old line, so that no edit spans the key: not a journal, a patch or a report holds it. Only a
key that one place uses can be read anew for that place: a constant that more uses might serve what stays.
"""

from __future__ import annotations

import re

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients.python import import_edits
from migrator.analysis.model import Detachment
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.catalog.rules import RuleId
from migrator.formats.tree import Import, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile

_CONSTANT = regex(r"(?:const |let |var )?(?P<name>[A-Za-z_]\w*)(?:\s*:\s*(?:str|string))?\s*=\s*\Z")
_GIVEN = regex(r"[A-Za-z_]\w*\s*[=:]\s*\Z")
_READS = {"python": ("# ", 'os.environ["{name}"]'), "ecma": ("// ", 'process.env.{name} ?? ""')}
"""Comment sign and read of each language; an empty text keeps a library from taking its own variable instead."""
_ON_A_SERVER = regex(r"process\.env\b|\brequire\(")
"""What a script of a browser does not say."""
_TAIL = regex(r"[,;]?[ \t]*(?:(?:#|//).*)?\Z")


@dataclass(frozen=True, slots=True)
class _Line:
    """The line of a file that a key stands in, and nothing else."""

    start: int
    end: int
    lead: str
    head: str
    tail: str


def typed_reads(analysis: Analysis, party: Connection | LooseAddress) -> list[Detachment]:
    """The reads that take the place of the typed keys of a connection."""
    reads = [typed_read(analysis, source) for source in analysis.sources_of(party) if source.kind is SourceKind.TYPED]
    return [read for read in reads if read is not None]


def typed_read(analysis: Analysis, source: KeySource) -> Detachment | None:
    """The read in place of one typed key; None where it cannot be written."""
    file = analysis.repository.files.get(source.path)
    if file is None or not isinstance(source.node, Str) or not analysis.code(source.path):
        return None
    text, language = file.source.text, file.module.language
    if language not in _READS or (language == "ecma" and _ON_A_SERVER.search(text) is None):
        return None
    line = _line(text, source.node)
    if line is None or not text[slice(*source.node.inner)].startswith("sk-"):
        return None
    constant = _CONSTANT.fullmatch(line.head)
    if constant is not None and line.lead == "":
        if not _used_once(analysis, source.path, text, constant["name"]):
            return None
    elif _GIVEN.fullmatch(line.head) is None or not line.tail.startswith(",") or not _in_call(analysis, source.path, source.node):
        return None
    name = analysis.target.key_env
    sign, read = _READS[language]
    closing = line.tail[:1] if line.tail[:1] in (",", ";") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    new = f"{end}{line.lead}{line.head}{read.format(name=name)}{closing}"
    edits = [
        Edit(path=source.path, span=Span(line.start, line.start), old="", new=sign),
        Edit(path=source.path, span=Span(line.end, line.end), old="", new=new),
        *(import_edits(file, ["import os"]) if language == "python" and not _has_os(file) else ()),
    ]
    return Detachment(
        path=source.path, span=Span(line.start, line.start), message=f"{name} is read in place of the key that stands here",
        edits=tuple(edits), because="the typed key is OpenRouter's: revoke it, and take the line out", rule=RuleId.ENV_RENAME,
    )  # fmt: skip


def _line(text: str, node: Str) -> _Line | None:
    start = text.rfind("\n", 0, node.span.start) + 1
    rest = re.compile(r"[^\r\n]*").match(text, node.span.end)
    assert rest is not None
    before = text[start : node.span.start]
    head = before.lstrip(" \t")
    lead = before[: len(before) - len(head)]
    if "\n" in text[slice(*node.span)] or _TAIL.fullmatch(rest[0]) is None:
        return None
    return _Line(start + len(lead), rest.end(), lead, head, rest[0])


def _in_call(analysis: Analysis, path: str, node: Str) -> bool:
    """Is the key given to a client or a request itself, and to nothing else?"""
    return any(
        client.call.span.start <= node.span.start and node.span.end <= client.call.span.end
        for client in analysis.facts[path].clients
    )


def _used_once(analysis: Analysis, path: str, text: str, name: str) -> bool:
    """Is a constant used at one place, in its own file? Its name in a comment or a text counts as a use."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return len(word.findall(text)) == 2 and not any(
        other != path and word.search(file.source.text) and path in analysis.imported(other)
        for other, file in analysis.repository.files.items()
    )


def _has_os(file: ParsedFile) -> bool:
    return any(isinstance(node, Import) and node.module == "os" and not node.name for node in file.module.body)

"""The plan as one JSON document: the contract with every program that reads it (`schema.json`, version 1).

Within version 1 fields may be added, never removed, renamed or given another meaning. The same plan gives the same bytes. Every
string passes the masker on its way out, whatever field it stands in: a list of the fields that may hold a secret would be one
field short some day.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from migrator.model import Action, Category, Finding, Location, OpenItem, Plan, Todo
from migrator.patterns import regex
from migrator.reports.masking import masker
from migrator.reports.text import escape
from migrator.text.secrets import holds_env_values
from migrator.text.source import Lines

SCHEMA = "migrate-openrouter/report/1"

_LONGEST_SITE = 400
"""Characters of an unedited site that are shown; a whole class that is one finding would double the document."""


class Mode(StrEnum):
    """What the run was for."""

    DRY_RUN = "dry-run"
    CHECK = "check"
    APPLY = "apply"


def render(plan: Plan, *, mode: Mode, applied: int = 0, earlier: Sequence[OpenItem] = ()) -> str:
    """The document, ending in a line end. `applied`: how many rewrite findings were written; `earlier`: what runs before left open."""
    return _visible(_written(document(plan, mode=mode, applied=applied, earlier=earlier), "\n")) + "\n"


def _written(value: Any, line: str) -> str:
    """What `json.dumps` writes with an indent of two, in a third of the time: with an indent its loop is not the one in C."""
    match value:
        case str():
            return _quoted(value)
        case dict() if value:
            inner = line + "  "
            return (
                f"{{{inner}{f',{inner}'.join([f'{_quoted(key)}: {_written(part, inner)}' for key, part in value.items()])}{line}}}"
            )
        case list() if value:
            inner = line + "  "
            return f"[{inner}{f',{inner}'.join([_written(part, inner) for part in value])}{line}]"
        case _:
            return json.dumps(value)


_quoted = json.encoder.encode_basestring


_NOT_PLAIN = regex(r"[^\x20-\x7e\n]")


def _visible(document: str) -> str:
    """The document with what hides itself or turns the reading direction written as `\\u202e`, which means the same to a program."""
    return _NOT_PLAIN.sub(lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1], document)


def schema() -> str:
    """The JSON Schema (2020-12) of the document, as it is shipped."""
    return Path(__file__).with_name("schema.json").read_text("utf-8")


def document(plan: Plan, *, mode: Mode, applied: int = 0, earlier: Sequence[OpenItem] = ()) -> dict[str, Any]:
    """The document as data, masked."""
    masked = masker(plan)
    lines = lines_of(plan)
    ids = fingerprints(plan, lines, masked)
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": {"name": "migrate-openrouter", "version": plan.tool},
        "target": {
            "name": plan.target.name,
            "title": plan.target.title,
            "base_url": plan.target.openai_base,
            "anthropic_base_url": plan.target.anthropic_base,
            "key_env": plan.target.key_env,
        },
        "root": ".",
        "mode": mode.value,
        "summary": _summary(plan, applied),
        "findings": _findings(plan, ids, lines, masked),
        "changes": [
            {
                **_fields(change, "id", "title"),
                "applicability": change.applicability.name.lower(),
                **_fields(change, "because", "selected"),
                "files": sorted({path for index in change.findings for path in _files(plan.findings[index])}),
                "findings": [ids[index] for index in change.findings],
            }
            for change in plan.changes
        ],
        "env": [
            {
                **_fields(row, "name", "new_name", "decision", "because"),
                "readers": _places(row.readers),
                "definers": _places(row.definers),
            }
            for row in plan.env
        ],
        "connections": [
            _fields(row, "path", "line", "client", "url_from", "key_from", "decision", "because") for row in plan.connections
        ],
        "routing": [_fields(row, *_ROUTING) for row in plan.routing],
        "models": [
            {"id": row.id, "locations": _places(row.locations), "status": row.status, "note": row.note} for row in plan.models
        ],
        "open": [_fields(item, "id", "title", "detail", "place", "command", "rule", "run") for item in earlier],
        "todo": [
            {
                "id": todo_id(row),
                **_fields(row, "title", "detail", "command", "because", "kind", "variable"),
                "where": list(row.where),
                **_fields(row, "secret", "value"),
            }
            for row in plan.todo
        ],
        "skipped": [_fields(row, "path", "reason", "matters") for row in plan.skipped],
        "problems": [_fields(row, "path", "line", "message", "remedy") for row in plan.problems],
    }
    clean = _clean(whole, masked)
    assert isinstance(clean, dict)
    return clean


_ROUTING = ("path", "line", "dialect", "field", "value", "status", "becomes", "risk", "note", "reaches_wire", "written")


def _fields(row: object, *names: str) -> dict[str, Any]:
    """Fields of a record under their own names."""
    return {name: getattr(row, name) for name in names}


def _summary(plan: Plan, applied: int) -> dict[str, int]:
    actions = Counter(finding.action for finding in plan.findings)
    return {
        "files_scanned": plan.scanned,
        "files_matched": plan.matched,
        "rewrite": actions[Action.REWRITE],
        "flag": actions[Action.FLAG],
        "keep": actions[Action.KEEP],
        "secrets": sum(finding.category is Category.API_KEY_LITERAL for finding in plan.findings),
        "problems": len(plan.problems),
        "applied": applied,
    }


def _findings(
    plan: Plan, ids: Sequence[str], lines: Mapping[str, Lines], masked: Callable[[str], str]
) -> list[dict[str, str | int | None]]:
    change_of = {index: change.id for change in plan.changes for index in change.findings}
    return [
        {
            "id": ids[index],
            "rule": finding.rule,
            "path": finding.path,
            **_where(finding, lines.get(finding.path)),
            "action": finding.action.value,
            "applicability": finding.applicability.name.lower(),
            "category": finding.category.value,
            "message": finding.message,
            "because": finding.because,
            "change": change_of.get(index),
            **_texts(finding, lines.get(finding.path), masked),
        }
        for index, finding in enumerate(plan.findings)
    ]


def lines_of(plan: Plan) -> dict[str, Lines]:
    """The line index of each file that the plan speaks of."""
    return {path: Lines(source.text) for path, source in plan.sources.items()}


_LONG, _AROUND = 4_000, 400
"""Characters of a line that is taken whole for an id, and of what stands around a finding in a longer one."""


def fingerprints(plan: Plan, lines: Mapping[str, Lines], masked: Callable[[str], str]) -> tuple[str, ...]:
    """An id for each finding, in order: of its rule, its path and the words of its lines, so that it survives lines that move.

    Findings that agree in all of these are told apart by their order. Masked before it is hashed: a short password could be
    found again from its digest: `masked` is the plan's masker.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    ids: list[str] = []
    for finding in plan.findings:
        key = (finding.rule, finding.path, masked(_words(finding, lines.get(finding.path))))
        seen[key] += 1
        parts = (*key, str(seen[key]))
        ids.append(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20])
    return tuple(ids)


def todo_id(todo: Todo) -> str:
    """An id for a to-do: of its title, its variable and its places."""
    words = "\0".join((todo.title, todo.variable or "", *sorted(todo.where)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _words(finding: Finding, lines: Lines | None) -> str:
    text = "\n".join(edit.old for edit in finding.edits) if finding.span is None or lines is None else _whole_lines(finding, lines)
    return " ".join(text.split())


def _whole_lines(finding: Finding, lines: Lines) -> str:
    assert finding.span is not None
    start, _ = lines.span(lines.line(finding.span.start))
    _, end = lines.span(lines.line(_last(lines.text, finding)))
    if end - start > _LONG:
        # a line with thousands of findings: each is told by what stands around it
        start, end = max(start, finding.span.start - _AROUND), min(end, finding.span.end + _AROUND)
    return lines.text[start:end]


def _last(text: str, finding: Finding) -> int:
    """Offset of the last character of the site that is not a line end: a span that takes its line's end is still one line."""
    assert finding.span is not None
    start, end = finding.span
    while end > start and text[end - 1 : end] in ("\n", "\r"):
        end -= 1
    return max(start, end - 1)


def _where(finding: Finding, lines: Lines | None) -> dict[str, int]:
    if finding.span is None or lines is None:
        return {"line": 0, "column": 0, "end_line": 0, "end_column": 0}
    line, column = lines.at(finding.span.start)
    last = _last(lines.text, finding)
    end_line, end_column = lines.at(last)
    # one past the last character, as editors and SARIF have it; an empty span ends where it starts
    end_column += finding.span.end > finding.span.start
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _texts(finding: Finding, lines: Lines | None, masked: Callable[[str], str]) -> dict[str, str | None]:
    """What stands there and what would: of the edits where there are any, of the site where it cannot hold a variable's value."""
    if finding.edits:
        return {"before": "\n".join(edit.old for edit in finding.edits), "after": "\n".join(edit.new for edit in finding.edits)}
    if finding.span is None or lines is None or finding.category in _VALUES or holds_env_values(finding.path):
        return {"before": None, "after": None}
    whole = _whole_lines(finding, lines)
    if masked(whole) != whole:
        # not the masked site: half of a key no longer looks like one
        return {"before": None, "after": None}
    start, end = finding.span
    return {"before": lines.text[start : min(end, start + _LONGEST_SITE)], "after": None}


_VALUES = frozenset({Category.API_KEY_LITERAL, Category.ENV_ASSIGN})


def _files(finding: Finding) -> set[str]:
    return {finding.path, *(edit.path for edit in finding.edits)}


def _places(places: Sequence[Location]) -> list[dict[str, str | int]]:
    return [{"path": place.path, "line": place.line} for place in places]


def _clean(value: Any, masked: Callable[[str], str]) -> Any:
    """Masked, and free of lone surrogates: bytes of a file or a name that are not UTF-8 are written `\\xff`."""
    match value:
        case str():
            text = masked(value)
            if text.isascii():
                return text
            return "".join(escape(letter) if "\ud800" <= letter <= "\udfff" else letter for letter in text)
        case Mapping():
            return {key: _clean(part, masked) for key, part in value.items()}
        case list():
            return [_clean(part, masked) for part in value]
        case _:
            return value

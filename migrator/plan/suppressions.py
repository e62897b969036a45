"""Comments that say what the user does not want to hear of, or does not want changed.

`# migrate-openrouter: ignore[env-rename] because the vendor owns it` speaks for its own line, or, on a line of its own, for the next;
`ignore-file` speaks for the whole file. Any comment syntax will do; JSON has none, so there `"//": "migrate-openrouter: ignore"` does.
Rules are ids or the beginnings of ids; none means all. A comment that silences nothing is a finding: it hides what is to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.model import Action, Category, Finding, Span
from migrator.patterns import regex
from migrator.records import dataclass, replace
from migrator.resolve.repository import ParsedFile

MARKER = regex(
    r"(?P<lead>\#|//|/\*|<!--|--|;|\{\#|\{\{!|%|'|\*|\bREM\b|\.\.|\"//\"\s*:\s*\")[ \t]*migrate-openrouter:[ \t]*(?P<what>ignore-file|ignore)\b"
    r"(?:\[(?P<rules>[^\]\n]*)\])?[ \t]*(?P<reason>[^\n]*)",
    re.IGNORECASE,
)
"""A comment of this tool: its lead, `what` (`ignore`, `ignore-file`), `rules`, `reason`."""
_HELD: dict[str, tuple[RuleId, ...]] = {
    RuleId.BASE_URL_HELD: (RuleId.BASE_URL,),
    RuleId.ENV_HELD: (RuleId.ENV_RENAME, RuleId.ENV_FILE, RuleId.SETTINGS_FIELD),
    RuleId.HOLDS_BACK: (RuleId.BASE_URL, RuleId.ENV_RENAME),
}
"""What a rule says of a place when the change that it belongs to is held back."""
_CLOSING = regex(r"\s*(\*/|-->|#\}|--\}\}|\}\}|\",?|\*/\})\s*$")
_LINKING = regex(r"^(?:because|since|as|:|-|—|–)[ \t]*", re.IGNORECASE)


@dataclass(slots=True, eq=False, kw_only=True)
class Marker:
    """One comment that silences rules."""

    path: str
    span: Span
    line: int
    """1-based line it speaks for; 0: the whole file."""
    rules: tuple[str, ...]
    reason: str
    used: bool = False

    def names(self, rule: str) -> bool:
        """Does it speak of this rule?"""
        return not self.rules or rule.startswith(self.rules) or any(known.startswith(self.rules) for known in _HELD.get(rule, ()))


class Suppressions:
    """All such comments of a tree."""

    def __init__(self, files: Iterable[ParsedFile]) -> None:
        self.files = {file.path: file for file in files}
        self.markers: dict[str, list[Marker]] = {}
        for path, file in self.files.items():
            if "migrate-openrouter:" in file.source.text.lower() and (markers := _read(file)):
                self.markers[path] = markers

    def why(self, rule: str, path: str, span: Span | None) -> str | None:
        """The reason why a rule is silent at a place; None where it is not. A comment that gives one counts as used."""
        for marker in self.markers.get(path, ()):
            if marker.names(rule) and self._speaks_for(marker, span):
                marker.used = True
                return f"a comment says to ignore this{': ' if marker.reason else ''}{marker.reason}"
        return None

    def _speaks_for(self, marker: Marker, span: Span | None) -> bool:
        if marker.line == 0:
            return True
        if span is None:
            return False
        lines = self.files[marker.path].lines
        return lines.line(span.start) <= marker.line <= lines.line(max(span.start, span.end - 1))

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings as they are told: what is silenced is kept, with the reason, and the change that needs it falls with it."""
        told = []
        for finding in findings:
            if finding.action is not Action.KEEP:
                why = self.why(finding.rule, finding.path, finding.span)
                if why is not None:
                    finding = replace(finding, action=Action.KEEP, because=why)
            told.append(finding)
        return told

    def unused(self) -> list[Finding]:
        """A finding for each comment that silenced nothing."""
        return [
            Finding(
                rule=RuleId.UNUSED_IGNORE,
                path=marker.path,
                span=marker.span,
                category=Category.OTHER,
                message="this comment silences nothing",
                because="take it out: it would hide what comes to stand here later",
                action=Action.FLAG,
            )
            for markers in self.markers.values()
            for marker in markers
            if not marker.used
        ]


def _read(file: ParsedFile) -> list[Marker]:
    text, lines = file.source.text, file.lines
    spans = [match.span() for match in MARKER.finditer(text)]
    own_lines = {lines.line(start) for start, _ in spans}
    markers = []
    for match in MARKER.finditer(text):
        if path_kinds.is_document(file.path) and match["lead"] != "<!--":
            continue  # a document that shows the comment to its readers
        line = lines.line(match.start())
        target = 0
        if match["what"].lower() == "ignore":
            before = text[lines.span(line)[0] : match.start()]
            target = line
            if not before.strip(" \t\r\n{/*<!-#"):
                while target in own_lines:
                    target += 1
        rules = tuple(word for part in (match["rules"] or "").split(",") if (word := part.strip()))
        reason = _LINKING.sub("", _CLOSING.sub("", match["reason"].strip())).strip()
        markers.append(Marker(path=file.path, span=Span(match.start(), match.end()), line=target, rules=rules, reason=reason[:200]))
    return markers
